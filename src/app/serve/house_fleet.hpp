#pragma once

// What a house does where other nodes share its database; nothing where the store is its own.

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "app/serve/opened_store.hpp"
#include "core/store/destination_changes.hpp"
#include "http/api/node_routes.hpp"
#include "service/commit/group_commit.hpp"
#include "service/fleet/node_watch.hpp"

namespace wrapup {

class HouseFleet {
public:
    // `opened` outlives it.
    HouseFleet(OpenedStore& opened, Clock& clock, Metrics& metrics, EventLog& log,
               std::uint64_t seed);
    ~HouseFleet();

    // Null: there are no other nodes.
    const Duties* duties() const;
    // How long a worker sleeps at most when nothing wakes it: others make work, and do not.
    milliseconds idle_max() const { return idle_max_; }

    // Blocks.
    Result<void> begin(std::function<NodeHolds()> holds,
                       std::function<void(std::vector<CallChange>)> calls_changed,
                       std::function<void(const FleetNews&)> heard);
    // `commits` outlives what runs on `executor`.
    void start(boost::asio::any_io_executor executor, GroupCommit& commits);
    void stop();  // On that executor.
    // Gives what it had to others. Blocks; nothing runs any more.
    void end();

    std::vector<NodeRow> nodes() const;
    std::vector<AlertCondition> alerts() const;
    // Of its data folder; empty: there are no other nodes.
    std::string id() const;
    // Another process uses that id, and this one has no part. From any thread.
    bool is_replaced() const;
    // The same for /readyz.
    std::vector<std::pair<std::string, std::string>> dependencies() const;

private:
    void keep_destinations(const FleetNews& news);
    Task<void> set(SetDestination change);

    PostgresStore* const store_;
    Clock& clock_;
    Metrics& metrics_;
    EventLog& log_;
    const std::uint64_t seed_;
    const milliseconds idle_max_;
    boost::asio::thread_pool thread_{1};
    BlockingPool pool_{thread_.get_executor()};
    std::optional<NodeWatch> watch_;
    bool has_left_ = false;
    boost::asio::any_io_executor executor_;
    GroupCommit* commits_ = nullptr;  // Since start().
    MissedDestinations missed_;       // On the thread.
};

}  // namespace wrapup
