#pragma once

#include <string>

#include "core/settle/record_routes.hpp"
#include "ports/event_log.hpp"
#include "ports/store.hpp"
#include "service/commit/group_commit.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// A destination that is new in the settings, or was away, gets the records of calls that settle
// from then on. Says at the start how many earlier ones do not go there, and what sends them, until
// that was done.
class NewDestinations {
public:
    struct Ports {
        StoreQueries& queries;
        ReconciliationStore& kept;
        BlockingPool& long_reads;
        GroupCommit& commits;
        EventLog& log;
    };
    NewDestinations(Ports ports, RecordRoutes routes) : ports_(ports), routes_(std::move(routes)) {}

    // Once, at the start. What cannot be read now is looked for at the next one.
    Task<void> run();
    // Ends run() at its next page.
    void stop() { is_stopping_ = true; }

private:
    Task<std::optional<std::int64_t>> earlier_of(const RecordRoute& route, bool is_back);
    Task<std::optional<std::int64_t>> count(const ReplayOrder& order, std::int64_t enough);
    void tell(const std::string& destination, std::int64_t calls_count);

    Ports ports_;
    const RecordRoutes routes_;
    bool is_stopping_ = false;
};

// Under this key the number is kept: 0 when there is nothing to say of it any more, `was_away` when
// it is to be counted.
std::string earlier_key(std::string_view destination);
inline constexpr std::string_view was_away = "away";
// As far as it is known; 0: nothing is to be said.
std::int64_t earlier_count(ReconciliationStore& kept, std::string_view destination);

}  // namespace wrapup
