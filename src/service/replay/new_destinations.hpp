#pragma once

#include <functional>
#include <set>
#include <string>
#include <vector>

#include "core/settle/record_routes.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/fleet.hpp"
#include "ports/store.hpp"
#include "service/commit/group_commit.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// A destination that is new in the settings, or was away, gets the records of calls that settle
// from then on: at each node, from when that node's settings have it. Keeps how many calls settled
// without it, and says at the start what sends their records, until that was done.
class NewDestinations {
public:
    struct Ports {
        Clock& clock;
        StoreQueries& queries;
        ReconciliationStore& kept;
        BlockingPool& long_reads;
        GroupCommit& commits;
        EventLog& log;
        const Duties* duties = nullptr;                    // Null: there is no other node.
        std::function<std::vector<NodeRow>()> nodes = {};  // With it. From any thread.
    };
    NewDestinations(Ports ports, RecordRoutes routes) : ports_(ports), routes_(std::move(routes)) {}

    // Until stop(), both on the workers' executor.
    Task<void> run();
    // Also ends a count at its next page.
    void stop() {
        is_stopping_ = true;
        alarm_.ring();
    }

private:
    Task<void> mark_missing();
    Task<void> look(bool is_start);
    Task<void> look_at(RecordRoute route, std::vector<KeptValue> kept, bool is_start);
    Task<bool> is_settled(std::string destination);
    Task<void> keep(std::string destination, std::int64_t earlier, std::string seen);
    Task<std::optional<std::int64_t>> earlier_of(const RecordRoute& route, bool counts_all);
    Task<std::optional<std::int64_t>> count(const ReplayOrder& order, std::int64_t enough);
    void tell(const std::string& destination, std::int64_t calls_count);

    Ports ports_;
    const RecordRoutes routes_;
    std::set<std::string, std::less<>> missing_;  // Some node does not send there; marked.
    Alarm alarm_;
    bool is_stopping_ = false;
};

// Under this key the number is kept: 0 when there is nothing to say of it any more, `was_away` when
// it is to be counted.
std::string earlier_key(std::string_view destination);
inline constexpr std::string_view was_away = "away";
// As far as it is known; 0: nothing is to be said.
std::int64_t earlier_count(ReconciliationStore& kept, std::string_view destination);
// Beside the number: more calls may settle without the destination, or fewer may be left, so that
// it is counted anew once that is over.
KeptValue uncounted_mark(std::string_view destination, UtcTime now);

}  // namespace wrapup
