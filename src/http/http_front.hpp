#pragma once

// Everything that wrapup says over HTTP. One thread runs it:
//   boost::asio::io_context io(1);
//   HttpFront front(io.get_executor(), std::move(options), ports);
//   front.listen(), front.start(), front.set_serving() once start-up is over, and io.run().
// To end: co_await front.stop(patience) on that thread; then nothing of ours keeps io.run() busy.
// The io_context outlives the front.

#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "http/api/api_routes.hpp"
#include "http/api/campaign_routes.hpp"
#include "http/api/delivery_routes.hpp"
#include "http/api/do_not_call_routes.hpp"
#include "http/api/import_routes.hpp"
#include "http/api/ledger_routes.hpp"
#include "http/api/node_routes.hpp"
#include "http/api/operator_log.hpp"
#include "http/api/placing_routes.hpp"
#include "http/api/reconciliation_routes.hpp"
#include "http/api/replay_routes.hpp"
#include "http/api/settings_routes.hpp"
#include "http/api/stats_routes.hpp"
#include "http/api/status_routes.hpp"
#include "http/api/stream_routes.hpp"
#include "http/api/traffic_routes.hpp"
#include "http/server/server.hpp"
#include "http/web/web_routes.hpp"
#include "http/webhooks/webhook_routes.hpp"

namespace wrapup {

struct HttpFrontOptions {
    ListenPoint listen{"127.0.0.1", 8080};
    // Takes /api, / and /metrics away from `listen`, where the webhooks stay.
    std::optional<ListenPoint> admin_listen;
    ServerLimits limits;
    WebhookOptions webhooks;
    ApiOptions api;
    LedgerView ledger;
    const TrafficEars* traffic = nullptr;  // Null: nobody listens.
    TrafficRoutes::Alerts alerts;          // May be empty.
    StreamSettings stream;
    InstallationView installation;
    NodeView node;
    std::string version;
    std::string missing_for_placing;            // Settings, in words.
    std::function<std::string()> metrics_text;  // Prometheus' text form; called on our thread.
    Dependencies dependencies;                  // May be empty; the same.
    StoreCheck check_store;                     // Empty: whether the store can be read.
};

// What the front is built on; all of it outlives the front and the executor's last run.
struct HttpFrontPorts {
    EventSink& sink;
    CallActions& actions;
    StoreQueries& store;
    BlockingPool& pool;
    BlockingPool& long_reads;  // For what takes seconds, so that nothing waits behind it.
    const Clock& clock;
    EventLog& log;
    Metrics& metrics;
    ReconcileActions* reconciler = nullptr;  // Null: there is nothing to compare with.
    ReplayActions* replays = nullptr;        // Null: nothing is replayed here.
    IntentQueries* intents = nullptr;        // Null: there is nothing about placed calls.
    PlacingActions* placer = nullptr;        // Null: HttpFrontOptions::missing_for_placing.
    PlacedCalls* placed = nullptr;           // The same.
};

class HttpFront {
public:
    HttpFront(boost::asio::any_io_executor executor, HttpFrontOptions options,
              HttpFrontPorts ports);

    // Binds. unavailable: names the address and what is wrong. Before the executor runs.
    Result<void> listen();
    std::uint16_t port() const { return port_; }
    std::uint16_t admin_port() const { return admin_port_; }  // 0: there is none.

    void start();
    // /readyz says yes from now on. On the executor's thread, or before it runs.
    void set_serving() { status_.set_phase(StatusRoutes::Phase::serving); }
    // For GET /api/stream: these calls have changed. From any thread.
    void calls_changed(std::vector<CallChange> changes) {
        stream_.calls_changed(std::move(changes));
    }
    // These sessions ended elsewhere. On the executor's thread.
    void recall_ended(std::string_view ended) { api_.guard().recall_ended(ended); }
    // /readyz says no, requests in progress end, connections close; at most a second more than
    // `patience`. On the executor's thread.
    Task<void> stop(milliseconds patience);

    const Server& server() const { return server_; }

private:
    HttpFrontOptions options_;
    WebhookRoutes webhooks_;
    ApiRoutes api_;
    ImportRoutes import_;
    DoNotCallRoutes do_not_call_;
    LedgerRoutes ledger_;
    StatsRoutes stats_;
    TrafficRoutes traffic_;
    StreamRoutes stream_;
    SettingsRoutes settings_;
    NodeRoutes nodes_;
    std::optional<PlacingRoutes> placing_;
    std::optional<CampaignRoutes> campaigns_;
    ReconciliationRoutes reconciliation_;
    ReplayRoutes replays_;
    OperatorLog log_;
    DeliveryRoutes deliveries_;
    StatusRoutes status_;
    WebRoutes web_;
    Server server_;
    std::uint16_t port_ = 0;
    std::uint16_t admin_port_ = 0;
};

}  // namespace wrapup
