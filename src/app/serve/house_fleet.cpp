#include "app/serve/house_fleet.hpp"

#include <algorithm>
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

// By all living nodes together. Nothing: one of them does not say.
std::optional<SentTo> sent_to(const std::vector<NodeRow>& nodes) {
    SentTo all;
    for (const NodeRow& node : nodes) {
        if (!lives(node, nodes.front())) continue;
        if (!node.sends_to) return std::nullopt;
        all.insert(node.sends_to->begin(), node.sends_to->end());
    }
    return all;
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
    auto hear = [this, heard = std::move(heard)](const FleetNews& news) {
        heard(news);
        keep_destinations(news);
    };
    watch_.emplace(NodeWatch::Ports{clock_, *store_, pool_, metrics_, log_, std::move(holds),
                                    std::move(calls_changed), std::move(hear)},
                   seed_);
    return watch_->begin();
}

void HouseFleet::start(boost::asio::any_io_executor executor, GroupCommit& commits) {
    executor_ = executor;
    commits_ = &commits;
    if (watch_) spawn_root(executor, watch_->run());
}

// Else what waits for a destination that only a stopped node had would wait until a restart (P4).
void HouseFleet::keep_destinations(const FleetNews& news) {
    const auto names = sent_to(news.nodes);
    if (!names || news.is_replaced || !store_->has(duty::keep)) return missed_.forget();
    const auto known = store_->destinations();
    if (!known) return;
    for (SetDestination& change : missed_.changes(*names, *known, clock_.now())) {
        boost::asio::post(executor_, [this, change = std::move(change)]() mutable {
            spawn_root(executor_, set(std::move(change)));
        });
    }
}

Task<void> HouseFleet::set(SetDestination change) {
    const bool is_removed = change.state == DestinationState::removed;
    LogLine line{is_removed ? LogLevel::warning : LogLevel::info,
                 LogTag::none,
                 is_removed ? "no living node sends to a destination any more: its records are "
                              "parked"
                            : "a living node sends to a destination again: its records go out",
                 "",
                 {{"destination", change.name}}};
    StoreOp op = std::move(change);
    const auto done = co_await commits_->submit(op);
    if (done) log_.write(line);
}

void HouseFleet::stop() {
    if (watch_) watch_->stop();
}

void HouseFleet::end() {
    thread_.join();
    if (watch_ && !std::exchange(has_left_, true)) store_->leave();
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
