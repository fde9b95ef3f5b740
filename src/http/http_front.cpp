#include "http/http_front.hpp"

#include <utility>

namespace wrapup {
namespace {

StoreCheck read_check(CallQueries& store, BlockingPool& pool) {
    return [&store, &pool]() -> Task<bool> {
        auto work = [&store] { return store.counts().has_value(); };
        return pool.run(work);
    };
}

// `port`, or why there is none, and by which settings there would be.
Result<std::uint16_t> named(std::string_view settings, Result<std::uint16_t> port) {
    if (port) return port;
    return Error{port.error().code, port.error().detail + " (" + std::string(settings) + ")"};
}

}  // namespace

HttpFront::HttpFront(boost::asio::any_io_executor executor, HttpFrontOptions options,
                     HttpFrontPorts ports)
    : options_(std::move(options)),
      webhooks_(options_.webhooks, ports.sink, ports.clock, ports.log, ports.metrics, ports.placed),
      api_(options_.api, ports.actions, ports.store, ports.pool, ports.clock, ports.log,
           ports.metrics),
      import_(ports.actions, ports.store, ports.pool, ports.clock, options_.api.read_phone,
              options_.api.check_time_zone),
      do_not_call_(ports.actions, ports.store, ports.pool, ports.clock, options_.api.read_phone),
      ledger_(options_.ledger, ports.store, ports.pool, ports.long_reads, ports.clock),
      stats_(options_.ledger.zone, ports.store, ports.pool, ports.clock),
      traffic_(options_.traffic,
               {options_.webhooks.is_twilio_open(), options_.webhooks.is_elevenlabs_open()},
               options_.version, ports.clock, options_.alerts,
               [this](std::string_view cause) { return webhooks_.paths_refused_for(cause); }),
      stream_(executor, options_.stream, options_.limits.streams_max, api_.guard(),
              {ports.clock, ports.log, ports.metrics}),
      settings_(
          options_.installation, [this] { return webhooks_.matching_server_url(); }, ports.pool),
      nodes_(options_.node, options_.version, ports.clock),
      reconciliation_(options_.ledger.zone, ports.reconciler, ports.clock, options_.metrics_text),
      replays_(options_.ledger.zone, ports.replays, ports.store, ports.pool),
      log_(ports.actions, ports.store, ports.pool, ports.clock, ports.log),
      deliveries_(options_.ledger.zone, ports.store, ports.pool),
      status_(options_.check_store ? options_.check_store : read_check(ports.store, ports.pool),
              ports.clock, options_.dependencies),
      web_(web_assets(), options_.version),
      server_(std::move(executor), options_.limits, ports.clock, ports.log, ports.metrics) {
    if (ports.intents == nullptr) return;
    placing_.emplace(ports.placer, options_.missing_for_placing, *ports.intents, ports.pool,
                     ports.clock, options_.api.read_phone);
    campaigns_.emplace(ports.placer, options_.missing_for_placing, *ports.intents, ports.store,
                       CampaignRoutes::Pools{ports.pool, ports.long_reads}, ports.clock,
                       options_.api.read_phone);
}

Result<void> HttpFront::listen() {
    RouteSet main;
    RouteSet admin;
    webhooks_.add_to(main);
    if (options_.admin_listen) webhooks_.refuse_at(admin);
    RouteSet& inner = options_.admin_listen ? admin : main;
    status_.add_health_to(main);
    if (options_.admin_listen) status_.add_health_to(admin);
    if (options_.metrics_text) status_.add_metrics_to(inner, options_.metrics_text);
    status_.add_openapi_to(inner);
    web_.add_to(inner);
    api_.add_to(inner);
    import_.add_to(inner);
    do_not_call_.add_to(inner);
    ledger_.add_to(inner);
    stats_.add_to(inner);
    traffic_.add_to(inner);
    stream_.add_to(inner);
    settings_.add_to(inner);
    nodes_.add_to(inner);
    if (placing_) placing_->add_to(inner);
    if (campaigns_) campaigns_->add_to(inner);
    reconciliation_.add_to(inner);
    replays_.add_to(inner);
    deliveries_.add_to(inner);
    log_.add_to(inner);
    log_.listen_to(inner);
    inner.mark_below("/api/", "Wrapup: " + options_.version + "\r\n");

    WRAPUP_TRY(port_,
               named("PORT or WRAPUP_LISTEN", server_.listen(options_.listen, std::move(main))));
    if (options_.admin_listen) {
        WRAPUP_TRY(admin_port_, named("WRAPUP_ADMIN_LISTEN",
                                      server_.listen(*options_.admin_listen, std::move(admin),
                                                     options_.limits.admin_connections_max)));
    }
    return {};
}

void HttpFront::start() { server_.start(); }

Task<void> HttpFront::stop(milliseconds patience) {
    status_.set_phase(StatusRoutes::Phase::stopping);
    stream_.stop();
    co_await server_.stop(patience);
}

}  // namespace wrapup
