#include "app/serve/house.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/thread_pool.hpp>
#include <iterator>
#include <optional>
#include <random>
#include <thread>

#include "adapters/clock/asio_clock.hpp"
#include "adapters/curl/curl_transport.hpp"
#include "adapters/curl/guarded_transport.hpp"
#include "adapters/destinations/webhook_destination.hpp"
#include "adapters/elevenlabs/elevenlabs_rest.hpp"
#include "adapters/files/time_zone_file.hpp"
#include "adapters/log/written_event_log.hpp"
#include "adapters/metrics/prometheus_metrics.hpp"
#include "adapters/mongo/metadata.hpp"
#include "adapters/phone/phone_reader.hpp"
#include "adapters/postgres/store.hpp"
#include "adapters/sqlite/data_folder.hpp"
#include "adapters/twilio/twilio_rest.hpp"
#include "app/config/exposure.hpp"
#include "app/config/setting_values.hpp"
#include "app/program/version.hpp"
#include "app/serve/conversation_reading.hpp"
#include "app/serve/file_limit.hpp"
#include "app/serve/gauges.hpp"
#include "app/serve/heartbeat.hpp"
#include "app/serve/house_destinations.hpp"
#include "app/serve/house_fleet.hpp"
#include "app/serve/house_front.hpp"
#include "app/serve/house_placing.hpp"
#include "app/serve/house_store.hpp"
#include "app/serve/house_workers.hpp"
#include "app/serve/opened_store.hpp"
#include "app/serve/start_pages.hpp"
#include "app/serve/stop_signals.hpp"
#include "http/http_front.hpp"
#include "service/alerts/alert_watch.hpp"
#include "service/alerts/traffic_ears.hpp"
#include "service/alerts/twilio_ear.hpp"
#include "service/call_service.hpp"
#include "service/commit/clock_watch.hpp"
#include "service/intake/intake.hpp"
#include "service/intake/own_metadata.hpp"
#include "service/ledger/ledger_sealer.hpp"
#include "service/reconciler/reconciler.hpp"
#include "service/replay/new_destinations.hpp"
#include "service/replay/replayer.hpp"
#include "service/tasks/event_loop.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

std::uint64_t random_seed() {
    std::random_device device;
    return (static_cast<std::uint64_t>(device()) << 32U) | device();
}

}  // namespace

// Declared so that whatever is used outlives its users: destruction runs from the bottom up.
struct House::Parts {
    Parts(const Settings& chosen, DataFolderLock folder_lock, OpenedStore chosen_store,
          std::string api_token, StopPatience stop_patience, Examine examine,
          ServiceManager manager)
        : settings(chosen),
          patience(stop_patience),
          lock(std::move(folder_lock)),
          opened(std::move(chosen_store)),
          clock(opened.clock_of(shared, held)),
          prometheus(names_of(settings.destinations)),
          traffic(prometheus, clock),
          metrics(traffic),
          log(clock, metrics, settings.log == LogFormat::json ? LogStyle::json : LogStyle::text,
              settings.log_level),
          commits(*store, clock, metrics, commit_thread.get_executor()),
          reads(read_thread.get_executor()),
          long_reads(long_read_thread.get_executor()),
          heartbeat(
              std::move(manager), clock,
              {workers.get_executor(), commit_thread.get_executor(), read_thread.get_executor()}),
          fleet(opened, clock, metrics, log, random_seed()),
          gauges(*store, clock, reads, names_of(settings.destinations),
                 [this](std::string_view name) { return places_of(name); }),
          intake(commits, clock, log, metrics),
          own_metadata(*store, reads),
          mongodb(settings.mongodb ? std::make_unique<MongoMetadata>(
                                         *settings.mongodb, settings.mongodb_mapping, clock)
                                   : nullptr),
          both_metadata(mongodb ? std::make_unique<MetadataChain>(*mongodb, own_metadata)
                                : nullptr),
          phones(settings.country),
          transport({.proxy = settings.http_proxy, .ca_file = {}}),
          guarded(transport),
          gateway(transport, clock, webhooks_of(settings), version()),
          twilio_ear(to_vendor(settings.twilio_base_url), metrics),
          twilio(twilio_ear, clock, settings.twilio_base_url, settings.twilio_account_sid,
                 settings.twilio_auth_tokens.empty() ? "" : settings.twilio_auth_tokens.front()),
          elevenlabs(to_vendor(settings.elevenlabs_base_url), clock, settings.elevenlabs_base_url,
                     settings.elevenlabs_api_key, conversation_reading(settings, phones, log)),
          finder({elevenlabs, clock, *store, reads, metrics}, settings.elevenlabs_concurrency),
          couriers({clock, *store, reads, commits, gateway, log, metrics},
                   courier_settings(settings, fleet.idle_max()), random_seed()),
          settler({clock, *store, reads, commits, metadata(), twilio_or_null(),
                   settings.elevenlabs_api_key.empty() ? nullptr : &finder, couriers, log, metrics,
                   mongodb ? &own_metadata : nullptr},
                  settler_settings(settings, clock.now(), fleet.idle_max())),
          append_settler({settler, couriers, log, metrics}, append_settings(settings, clock.now()),
                         [this](Settlements settlements) {
                             asio::post(workers, [this, s = std::move(settlements)]() mutable {
                                 settler.take_over(std::move(s));
                             });
                         }),
          clock_watch({held, *store, commits, log, metrics}),
          alert_watch(
              {clock, *store, reads, transport, metrics, log,
               [this] { return disk_space(settings.data_dir); }, [this] { return more_alerts(); },
               [this] { return reconciler.webhook_alerts(); }, store, &commits,
               [this] { return crm_answers(couriers); }, store},
              {settings.alert_url, settings.allows_private_targets, settings.data_dir.string()}),
          sealer({clock, *store, reads, commits, log, fleet.duties()}, ledger_view(settings)),
          reconciler({clock, *store, reads, commits, intake, twilio,
                      settings.elevenlabs_api_key.empty() ? nullptr : &elevenlabs, &finder.slots(),
                      log, metrics, fleet.duties()},
                     workers.get_executor(), reconciler_settings(settings, fleet.id())),
          replayer({clock, *store, reads, long_reads, commits, log, fleet.duties()},
                   workers.get_executor(), routes_of(settings)),
          new_destinations({clock, *store, *store, long_reads, commits, log, fleet.duties(),
                            [this] { return fleet.nodes(); }},
                           routes_of(settings)),
          calls({clock, *store, reads, commits, intake, settler, couriers, twilio_or_null(), log,
                 [this] { return fleet.is_replaced(); }},
                workers.get_executor(), names_of(settings.destinations)),
          missing_placing(missing_for_placing(settings)),
          placer({clock, *store, reads, commits, intake, twilio, twilio, elevenlabs, log, metrics,
                  random_intent_id, hours_in(this->settings.calling_hours, zones), &metadata(),
                  fleet.duties()},
                 workers.get_executor(), placer_settings(settings, *store, clock.now())),
          front(http.get_executor(), front_options(std::move(api_token), std::move(examine)),
                {intake, calls, *store, reads, long_reads, clock, log, metrics,
                 settings.has_twilio() ? &reconciler : nullptr, &replayer, store, placer_or_null(),
                 placer_or_null()}) {
        opened.count_with(&metrics);
        opened.on_calls_changed(
            [this](std::vector<CallChange> changes) { front.calls_changed(std::move(changes)); });
        commits.settle_with(append_settler);
        commits.on_calls_due([this](std::vector<std::string> ids) {
            asio::post(workers, [this, ids = std::move(ids)] { settler.nudge(ids); });
        });
        commits.on_delivery_due([this] { asio::post(workers, [this] { couriers.wake(); }); });
        commits.on_number_listed([this] { placer.wake(); });
        commits.on_append_refused([this] { reconciler.events_were_refused(); });
        clock_watch.on_step([this](milliseconds by) { clock_was_set(by); });
        opened.on_step(
            [this](milliseconds by) { asio::post(workers, [this, by] { clock_was_set(by); }); });
    }
    // On the workers' thread.
    void clock_was_set(milliseconds by) {
        settler.clock_was_set(by);
        reconciler.clock_was_set(by);
        couriers.clock_was_set(by);
        placer.clock_was_set(by);
    }

    ~Parts() {
        end();
        opened.tell_nobody();  // The log goes first.
    }

    // What might still call back ends first, then the coroutines that wait for it go, while
    // everything that they refer to is still there. Nobody runs the loops any more.
    void end() {
        commits.stop_sweeps();
        opened.hurry(patience.all() + milliseconds{1'000});
        transport.stop();
        mongodb.reset();
        commit_thread.join();
        read_thread.join();
        long_read_thread.join();
        fleet.end();
        workers.drop_pending();
        http.drop_pending();
    }
    Parts(const Parts&) = delete;
    Parts& operator=(const Parts&) = delete;

    Metadata& metadata() {
        return both_metadata ? static_cast<Metadata&>(*both_metadata) : own_metadata;
    }
    // A vendor is in the public Internet, unless the settings say that it is this machine.
    HttpTransport& to_vendor(const std::string& base_url) {
        if (settings.allows_private_targets || is_loopback_url(base_url)) return transport;
        return guarded;
    }
    Placer* placer_or_null() { return missing_placing.empty() ? &placer : nullptr; }
    NodeHolds holds() const {
        NodeHolds all{settler.in_progress_count(), 0};
        for (const auto& one : couriers.all()) all.deliveries += one->in_progress_count();
        return all;
    }
    Result<void> begin_fleet() {
        return fleet.begin([this] { return holds(); },
                           [this](auto changes) { front.calls_changed(std::move(changes)); },
                           [this](const FleetNews&) { recall_ended(); });
    }
    void recall_ended() {
        asio::post(http, [this, ended = ended_sessions(*store)] { front.recall_ended(ended); });
    }
    TwilioApi* twilio_or_null() { return settings.has_twilio() ? &twilio : nullptr; }

    std::vector<AlertCondition> more_alerts() {
        auto all = store_alerts(*store, ledger_view(settings), clock.now(), opened.why_lost());
        std::ranges::move(fleet.alerts(), std::back_inserter(all));
        if (opened.shared() != nullptr) add_lost_folder(all, lock, settings.data_dir.string());
        return all;
    }

    int places_of(std::string_view name) { return couriers.places(name, clock.now()); }

    HttpFrontOptions front_options(std::string api_token, Examine examine) {
        HttpFrontOptions options;
        options.listen = listen_point(settings.listen);
        if (settings.admin_listen) options.admin_listen = listen_point(*settings.admin_listen);
        options.limits = server_limits_within(raise_file_limit());
        options.webhooks = webhook_options(settings, wall);
        options.webhooks.scope.reading = conversation_reading(settings, phones, log);
        options.api.token = std::move(api_token);
        options.api.ended_sessions = ended_sessions(*store);
        if (!fleet.id().empty()) options.api.ended_key += "." + fleet.id();
        options.api.destinations = names_of(settings.destinations);
        options.api.places = [this](std::string_view name) { return places_of(name); };
        options.api.rate_wait = [this](auto name) { return couriers.rate_wait(name, clock.now()); };
        options.api.earlier = [this](auto name) { return earlier_count(*store, name); };
        options.api.read_phone = [this](std::string_view text) { return phones.read(text); };
        options.api.check_time_zone = check_time_zone;
        options.ledger = ledger_view(settings);
        options.api.zone = options.ledger.zone;
        options.traffic = &traffic;
        options.alerts = asked_alerts(alert_watch, workers.get_executor());
        options.stream.epoch = random_seed();
        tell_broken(log, examine);
        options.installation = installation_view(settings, std::move(examine));
        options.node = this_node([this] { return holds(); }, [this] { return fleet.nodes(); });
        options.version = version();
        options.missing_for_placing = missing_placing;
        options.dependencies = [this] {
            auto all = fleet.dependencies();
            if (mongodb) all.emplace_back("metadata", mongodb->status().is_away ? "away" : "ok");
            return all;
        };
        options.check_store = [this] { return commits.can_write(); };
        options.metrics_text = [this] {
            std::vector<Gauge> shown = gauges.latest();
            std::ranges::move(opened.gauges(), std::back_inserter(shown));
            return prometheus.render(shown);
        };
        return options;
    }

    void tell_store_failed(const Error& error) {
        wrapup::tell_store_failed(log, metrics, error);
        heartbeat.tell("STATUS=the store has failed: " + error.detail);
    }
    void tell_lost(const LostCommits& lost) {
        wrapup::tell_lost(log, lost, opened.why_lost());
        if (settings.has_twilio()) reconciler.list_again(begin_of(lost), lost.until);
    }

    void say_started() {
        log.write({LogLevel::info,
                   LogTag::none,
                   "wrapup is ready",
                   "",
                   {{"version", std::string(version())},
                    {"port", std::to_string(front.port())},
                    {"twilio", settings.is_twilio_open() ? "open" : "closed"},
                    {"elevenlabs", settings.is_elevenlabs_open() ? "open" : "closed"},
                    {"delivery", couriers.all().empty() ? "off" : "on"}}});
        for (const Exposure& exposure : find_exposures(settings)) {
            log.write({LogLevel::warning,
                       LogTag::none,
                       "open to other users of this machine",
                       "",
                       {{"path", exposure.path.string()}, {"mode", exposure.mode}}});
        }
        const auto shout = [&](const char* sender) {
            log.write({LogLevel::warning,
                       LogTag::none,
                       "UNSIGNED EVENTS ARE BELIEVED",
                       "",
                       {{"sender", sender}}});
        };
        if (settings.allows_unsigned_twilio) shout("twilio");
        if (settings.allows_unsigned_elevenlabs) shout("elevenlabs");
    }

    Task<void> run_worker(auto& worker) {
        co_await worker.run();
        workers_left -= 1;
        if (workers_left == 0) workers_end.ring();
    }

    void start_workers() {
        const auto executor = workers.get_executor();
        workers_left = 1;
        spawn_root(executor, run_worker(settler));
        for (const auto& courier : couriers.all()) {
            workers_left += 1;
            spawn_root(executor, run_worker(*courier));
        }
        if (settings.has_twilio()) spawn_root(executor, reconciler.run());
        if (missing_placing.empty()) spawn_root(executor, placer.run());
        spawn_root(executor, gauges.run());
        if (fleet.duties() == nullptr) spawn_root(executor, clock_watch.run());
        fleet.start(executor, commits);
        spawn_root(executor, alert_watch.run());
        commits.resume_sweeps(*store);
        spawn_root(executor, sealer.run());
        spawn_root(executor, replayer.run());
        spawn_root(executor, new_destinations.run());
    }

    // On the workers' thread.
    Task<void> stop_workers() {
        settler.stop();
        couriers.stop();
        reconciler.stop();
        calls.stop();
        placer.stop();
        gauges.stop();
        clock_watch.stop();
        fleet.stop();
        alert_watch.stop();
        sealer.stop();
        replayer.stop();
        new_destinations.stop();
        const UtcTime cut_off_at = clock.now() + patience.attempts;
        while (workers_left > 0 && clock.now() < cut_off_at) {
            co_await clock.sleep_until(cut_off_at, &workers_end);
        }
        transport.stop();  // What is still out there ends as unknown, and is written down as that.
        RootTasks& tasks = RootTasks::of(workers.get_executor());
        const UtcTime give_up_at = clock.now() + patience.cut_off;
        co_await tasks.wait_until_left(1, clock, give_up_at);
        asio::post(http, [this] {
            are_workers_stopped = true;
            workers_stopped.ring();
        });
    }

    // On the HTTP thread. Requests that ask something of the workers are served until the end.
    Task<void> stop_all() {
        const UtcTime give_up_at = clock.now() + patience.all();
        asio::post(workers, [this] { spawn_root(workers.get_executor(), stop_workers()); });
        co_await front.stop(patience.requests);
        while (!are_workers_stopped && clock.now() < give_up_at) {
            co_await clock.sleep_until(give_up_at, &workers_stopped);
        }
        workers.stop();
        http.stop();
    }

    // Until a stop is over.
    void serve() {
        hold_stop_signals(signals.emplace(http));
        signals->async_wait([this](const boost::system::error_code& error, int) {
            if (!error) begin_stop();
        });
        start_workers();
        spawn_root(http.get_executor(), commits.answer_in_time(wall));
        std::thread workers_thread([this] { workers.run(); });
        front.start();
        front.set_serving();
        say_started();
        drop_start_pages();
        spawn_root(http.get_executor(),
                   heartbeat.run("takes events on port " + std::to_string(front.port())));
        http.run();
        workers_thread.join();
    }

    void begin_stop() {
        if (std::exchange(is_stopping, true)) return;
        log.write({LogLevel::info, LogTag::none, "wrapup stops", "", {}});
        heartbeat.tell("STOPPING=1\nSTATUS=finishes what is under way");
        opened.hurry(patience.all() + milliseconds{1'000});
        spawn_root(http.get_executor(), stop_all());
    }

    const Settings settings;
    const StopPatience patience;
    DataFolderLock lock;
    OpenedStore opened;
    EmbeddedStore* const store = opened.get();
    AsioClock wall;
    HeldClock held{wall};
    SharedClock shared{wall};
    Clock& clock;  // What everybody goes by.
    PrometheusMetrics prometheus;
    TrafficEars traffic;
    AlertEars metrics;  // What everybody counts with.
    WrittenEventLog log;

    EventLoop http;
    EventLoop workers;
    std::optional<asio::signal_set> signals;  // Until the end: a second one is ignored.
    asio::executor_work_guard<EventLoop::executor_type> http_guard{http.get_executor()};
    asio::executor_work_guard<EventLoop::executor_type> workers_guard{workers.get_executor()};
    asio::thread_pool commit_thread{1};
    asio::thread_pool read_thread{1};
    asio::thread_pool long_read_thread{1};

    GroupCommit commits;
    BlockingPool reads;
    BlockingPool long_reads;
    Heartbeat heartbeat;
    HouseFleet fleet;
    Gauges gauges;
    Intake intake;
    OwnMetadata own_metadata;
    std::unique_ptr<MongoMetadata> mongodb;        // Null: not configured.
    std::unique_ptr<MetadataChain> both_metadata;  // With it.
    PhoneReader phones;
    CallingZones zones{phones};
    CurlTransport transport;
    GuardedTransport guarded;
    WebhookDestination gateway;
    TwilioEar twilio_ear;
    TwilioRest twilio;
    ElevenLabsRest elevenlabs;
    ConversationFinder finder;
    Couriers couriers;
    Settler settler;
    AppendSettler append_settler;
    ClockWatch clock_watch;
    AlertWatch alert_watch;
    LedgerSealer sealer;
    Reconciler reconciler;
    Replayer replayer;
    NewDestinations new_destinations;
    CallService calls;
    const std::string missing_placing;  // Empty: calls can be placed.
    Placer placer;
    HttpFront front;

    int workers_left = 0;  // Workers' thread.
    Alarm workers_end;
    bool is_stopping = false;  // HTTP thread, as what follows.
    bool are_workers_stopped = false;
    Alarm workers_stopped;
};

House::House(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
House::~House() = default;
std::uint16_t House::port() const { return parts_->front.port(); }

Result<std::unique_ptr<House>> House::build(const Settings& settings, std::string api_token,
                                            StopPatience patience, Examine examine,
                                            ServiceManager manager) {
    auto lock = DataFolderLock::acquire(settings.data_dir.string());
    if (!lock) return Error{Errc::unavailable, lock.error().detail};  // It passes.
    const UtcTime now = ClockSource::system().wall();
    WRAPUP_TRY(OpenedStore store, OpenedStore::open(settings, now, OpenedStore::Role::node));
    auto parts =
        std::make_unique<Parts>(settings, *std::move(lock), std::move(store), std::move(api_token),
                                patience, std::move(examine), std::move(manager));
    parts->opened.on_failure([p = parts.get()](const Error& e) { p->tell_store_failed(e); });
    parts->opened.on_away([p = parts.get()](const Error* e) { tell_database_away(p->log, e); });
    if (const PostgresStore* const shared = parts->opened.shared()) {
        tell_timeline_trouble(parts->log, shared->timeline_trouble());
        tell_left_behind(parts->log, settings);
    }
    WRAPUP_CHECK(take_over_last_run(*parts->store, parts->log, parts->clock.now()));
    tell_lost_commits(*parts->store, parts->log, parts->clock.now(), parts->opened.why_lost());
    parts->opened.on_lost([p = parts.get()](const LostCommits& l) { p->tell_lost(l); });
    WRAPUP_CHECK(parts->begin_fleet());
    WRAPUP_CHECK(follow_settings(settings, *parts->store, parts->log, parts->clock.now(),
                                 parts->fleet.nodes()));
    WRAPUP_CHECK(parts->front.listen());
    return std::unique_ptr<House>(new House(std::move(parts)));
}

void House::run() {
    Parts& p = *parts_;
    p.serve();
    const NodeHolds left = p.holds();
    p.end();
    tell_stopped(p.log, left);
}

void House::stop() {
    asio::post(parts_->http, [p = parts_.get()] { p->begin_stop(); });
}

}  // namespace wrapup
