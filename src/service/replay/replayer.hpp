#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <map>

#include "core/settle/record_routes.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/fleet.hpp"
#include "ports/store_queries.hpp"
#include "service/commit/group_commit.hpp"
#include "service/replay/replay_actions.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

// Carries out replays (replay_actions.hpp): releases deliveries a slice at a time, between other
// writes, and as fast as the couriers bring those to an end that are released. A job that was
// running when the process ended goes on.
class Replayer final : public ReplayActions {
public:
    struct Ports {
        Clock& clock;
        StoreQueries& store;
        BlockingPool& reads;
        BlockingPool& long_reads;  // For counting, which may look at all that there is.
        GroupCommit& commits;
        EventLog& log;
        const Duties* duties = nullptr;  // Null: there is no other node.
    };
    // `routes`: the destinations of the settings. `workers` is where run() runs.
    Replayer(Ports ports, boost::asio::any_io_executor workers, RecordRoutes routes);

    // Until stop(), on the workers' executor.
    Task<void> run();
    void stop();

    Task<Result<ReplayPreview>> preview(ReplayOrder order) override;
    Task<Result<ReplayJob>> start(ReplayOrder order, std::string token,
                                  std::string reason) override;
    Task<Result<ReplayJob>> find(std::int64_t id) override;
    Task<Result<ReplayJob>> cancel(std::int64_t id) override;
    Task<Result<std::vector<ReplayJob>>> list() override;

private:
    struct Count {
        std::int64_t count = 0;
        std::int64_t last_id = 0;
        std::vector<std::string> call_ids;
        ReplayObstacles left_out;
    };

    const RecordRoute* find_route(std::string_view destination) const;
    Result<void> check(const ReplayOrder& order) const;
    Task<Result<void>> check_source(ReplayOrder order);
    Task<Result<Count>> count(ReplayOrder order, std::int64_t last_id);
    Task<milliseconds> advance(ReplayJob job);
    Task<bool> woken();
    Task<void> note_sent(std::string destination);

    Ports ports_;
    boost::asio::any_io_executor workers_;
    RecordRoutes routes_;
    Alarm alarm_;
    std::map<std::int64_t, milliseconds> waits_;  // Of jobs that are full, by id.
    bool is_stopping_ = false;
};

}  // namespace wrapup
