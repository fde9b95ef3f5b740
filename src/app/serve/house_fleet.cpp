#include "app/serve/house_fleet.hpp"

#include <utility>

#include "adapters/postgres/store.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace {

milliseconds idle_max_of(bool is_shared, std::uint64_t seed) {
    if (!is_shared) return milliseconds{5'000};
    return milliseconds{
        static_cast<std::int64_t>(800 + Prng(seed).below(400))};  // Not all nodes in step.
}

}  // namespace

HouseFleet::HouseFleet(OpenedStore& opened, Clock& clock, Metrics& metrics, EventLog& log,
                       std::uint64_t seed)
    : store_(opened.shared()),
      clock_(clock),
      metrics_(metrics),
      log_(log),
      seed_(seed),
      idle_max_(idle_max_of(store_ != nullptr, seed)) {}

HouseFleet::~HouseFleet() { thread_.join(); }

const Duties* HouseFleet::duties() const { return store_; }

Result<void> HouseFleet::begin(std::function<NodeHolds()> holds,
                               std::function<void(std::vector<CallChange>)> calls_changed,
                               std::function<void(const FleetNews&)> heard) {
    if (store_ == nullptr) return {};
    watch_.emplace(NodeWatch::Ports{clock_, *store_, pool_, metrics_, log_, std::move(holds),
                                    std::move(calls_changed), std::move(heard)},
                   seed_);
    return watch_->begin();
}

void HouseFleet::start(boost::asio::any_io_executor executor) {
    if (watch_) spawn_root(executor, watch_->run());
}

void HouseFleet::stop() {
    if (watch_) watch_->stop();
}

void HouseFleet::end() {
    thread_.join();
    if (watch_) store_->leave();
}

std::string HouseFleet::id() const { return store_ ? store_->node_id() : std::string(); }

std::vector<NodeRow> HouseFleet::nodes() const {
    return watch_ ? watch_->nodes() : std::vector<NodeRow>{};
}

std::vector<AlertCondition> HouseFleet::alerts() const {
    return watch_ ? watch_->alerts() : std::vector<AlertCondition>{};
}

bool HouseFleet::is_replaced() const { return store_ != nullptr && store_->is_replaced(); }

std::vector<std::pair<std::string, std::string>> HouseFleet::dependencies() const {
    if (store_ == nullptr) return {};
    return {{"node", is_replaced() ? "replaced" : "ok"}};
}

}  // namespace wrapup
