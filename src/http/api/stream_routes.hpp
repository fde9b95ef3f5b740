#pragma once

// GET /api/stream: tells as server-sent events which calls changed, so that whoever shows them asks
// again. A client is told at most four times a second, of all that came meanwhile at once. It has
// no queue of its own: it reads on in the ring that all share (core/watch/change_ring.hpp) when it
// has taken what it was sent, and one that falls behind the ring is told to look at everything
// anew.

#include <boost/asio/any_io_executor.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "domain/call_change.hpp"
#include "http/api/token_guard.hpp"
#include "http/server/rejection_log.hpp"
#include "http/server/routes.hpp"

namespace wrapup {

struct StreamSettings {
    std::uint64_t epoch = 0;  // Of this process; another one has another.
    milliseconds pace{250};
    milliseconds heartbeat{15'000};  // Of silence.
    std::size_t calls_max = 64;      // In one event.
};

class CallStreams;

class StreamRoutes {
public:
    struct Ports {
        const Clock& clock;
        EventLog& log;
        Metrics& metrics;
    };
    // `executor` runs the server; `guard` outlives the streams.
    StreamRoutes(boost::asio::any_io_executor executor, const StreamSettings& settings,
                 std::size_t streams_max, const TokenGuard& guard, Ports ports);
    ~StreamRoutes();
    StreamRoutes(const StreamRoutes&) = delete;
    StreamRoutes& operator=(const StreamRoutes&) = delete;

    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);
    // From any thread.
    void calls_changed(std::vector<CallChange> changes);
    // Nothing more is told. On the executor's thread.
    void stop();

private:
    PushedResponse open(const Request& request);

    const TokenGuard& guard_;
    RejectionLog rejections_;
    const std::size_t streams_max_;
    std::shared_ptr<CallStreams> streams_;
};

}  // namespace wrapup
