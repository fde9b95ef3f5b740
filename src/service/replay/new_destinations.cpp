#include "service/replay/new_destinations.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr int page_size = 1'000;
constexpr seconds look_every{2};
constexpr int replays_max = 100;

std::string mark_key(std::string_view destination) {
    return "destination." + std::string(destination) + ".uncounted";
}

std::string value_in(const std::vector<KeptValue>& kept, std::string_view key) {
    const auto found = std::ranges::find(kept, key, &KeptValue::key);
    return found == kept.end() ? std::string() : found->value;
}

// A node whose calls settle without the destination; one that fell silent may wake up, and an older
// program does not say. Null: there is none.
const NodeRow* lacks(const std::vector<NodeRow>& nodes, std::string_view destination) {
    const auto found = std::ranges::find_if(nodes, [&](const NodeRow& node) {
        return !node.has_stopped && !(node.sends_to && node.sends_to->contains(destination));
    });
    return found == nodes.end() ? nullptr : &*found;
}

}  // namespace

std::string earlier_key(std::string_view destination) {
    return "destination." + std::string(destination) + ".earlier";
}

std::int64_t earlier_count(ReconciliationStore& kept, std::string_view destination) {
    const std::string key = earlier_key(destination);
    const auto values = kept.kept_values(key);
    return values ? parse_int(value_in(*values, key)).value_or(0) : 0;
}

KeptValue uncounted_mark(std::string_view destination, UtcTime now) {
    return {mark_key(destination), std::to_string(to_unix_ms(now))};
}

Task<void> NewDestinations::run() {
    for (bool is_start = true; !is_stopping_; is_start = false) {
        co_await mark_missing();
        co_await look(is_start);
        const UtcTime until = ports_.clock.now() + look_every;
        co_await ports_.clock.sleep_until(until, &alarm_);
    }
}

// Before anything is counted here: what settles at the others meanwhile is counted later.
Task<void> NewDestinations::mark_missing() {
    if (!ports_.nodes) co_return;
    const std::vector<NodeRow> nodes = ports_.nodes();
    for (const RecordRoute& route : routes_) {
        const NodeRow* const other = lacks(nodes, route.destination);
        if (other == nullptr) missing_.erase(route.destination);
        const bool is_news = other != nullptr && !missing_.contains(route.destination);
        if (!is_news || !route.is_enabled) continue;
        NoteReconciliation note;
        note.values.push_back(uncounted_mark(route.destination, ports_.clock.now()));
        StoreOp op = std::move(note);
        const StoreOutcome outcome = co_await ports_.commits.submit(op);
        if (!outcome) continue;
        missing_.insert(route.destination);
        ports_.log.write({LogLevel::warning,
                          LogTag::none,
                          "a node does not send to a destination: the records of calls that settle "
                          "there do not go to it, and are counted when its settings have it",
                          "",
                          {{"destination", route.destination},
                           {"host", other->host},
                           {"process", std::to_string(other->pid)}}});
    }
}

Task<void> NewDestinations::look(bool is_start) {
    const bool is_ours = ports_.duties == nullptr || ports_.duties->has(duty::keep);
    if (!is_start && !is_ours) co_return;
    auto read = [&] { return ports_.kept.kept_values("destination."); };
    const auto kept = co_await ports_.long_reads.run(read);
    if (!kept) co_return;
    for (const RecordRoute& route : routes_) {
        if (is_stopping_ || !route.is_enabled) continue;
        RecordRoute copy = route;
        std::vector<KeptValue> values = *kept;
        co_await look_at(std::move(copy), std::move(values), is_start);
    }
}

Task<void> NewDestinations::look_at(RecordRoute route, std::vector<KeptValue> kept, bool is_start) {
    const std::string known = value_in(kept, earlier_key(route.destination));
    const std::string mark = value_in(kept, mark_key(route.destination));
    const bool is_known = !known.empty() && known != was_away;
    bool is_marked = !mark.empty();
    if (is_marked && is_known) is_marked = co_await is_settled(route.destination);
    if (is_known && !is_marked) {
        if (is_start) tell(route.destination, parse_int(known).value_or(0));
        co_return;
    }
    const bool counts_all = is_marked || known == was_away;
    const auto earlier = co_await earlier_of(route, counts_all);
    if (!earlier) co_return;
    tell(route.destination, *earlier);
    std::string seen = is_known ? mark : std::string();
    co_await keep(route.destination, *earlier, std::move(seen));
}

// All nodes send there, and no replay is about to make deliveries for calls that are counted.
Task<bool> NewDestinations::is_settled(std::string destination) {
    if (ports_.nodes) {
        const std::vector<NodeRow> nodes = ports_.nodes();
        if (lacks(nodes, destination) != nullptr) co_return false;
    }
    auto read = [&] { return ports_.queries.list_replays(ReplayState::running, replays_max); };
    const auto jobs = co_await ports_.long_reads.run(read);
    if (!jobs) co_return false;
    co_return std::ranges::none_of(*jobs, [&](const ReplayJob& job) {
        return job.order.is_earlier && !job.is_walked() &&
               job.order.filter.destination == destination;
    });
}

// The mark that was `seen` before the count goes with it, unless it was set anew meanwhile.
Task<void> NewDestinations::keep(std::string destination, std::int64_t earlier, std::string seen) {
    NoteReconciliation note;
    note.values.push_back({earlier_key(destination), std::to_string(earlier)});
    if (!seen.empty()) {
        const std::string key = mark_key(destination);
        auto read = [&] { return ports_.kept.kept_values(key); };
        const auto now = co_await ports_.long_reads.run(read);
        if (now && value_in(*now, key) == seen) note.values.push_back({key, ""});
    }
    StoreOp op = std::move(note);
    (void)co_await ports_.commits.submit(op);
}

// 0 when it ever got a record, unless all are to be counted. Nothing: it could not be found out.
Task<std::optional<std::int64_t>> NewDestinations::earlier_of(const RecordRoute& route,
                                                              bool counts_all) {
    ReplayOrder any;
    any.filter.destination = route.destination;
    any.is_again = true;
    if (!counts_all) {
        const auto sent = co_await count(any, 1);
        if (!sent) co_return std::nullopt;
        if (*sent > 0) co_return std::optional<std::int64_t>(0);
    }
    ReplayOrder earlier;
    earlier.filter.destination = route.destination;
    earlier.is_earlier = true;
    earlier.only = route.only;
    co_return co_await count(earlier, std::numeric_limits<std::int64_t>::max());
}

// As many as there are, or at least `enough`.
Task<std::optional<std::int64_t>> NewDestinations::count(const ReplayOrder& order,
                                                         std::int64_t enough) {
    std::int64_t found = 0;
    std::int64_t last = std::numeric_limits<std::int64_t>::max();
    for (std::int64_t reached = 0; reached < last && found < enough;) {
        auto read = [&] { return ports_.queries.walk_replay(order, reached, last, page_size); };
        const auto walk = co_await ports_.long_reads.run(read);
        if (!walk || is_stopping_) co_return std::nullopt;
        last = std::min(last, walk->last);
        reached = walk->reached;
        found += std::ssize(walk->found);
    }
    co_return found;
}

void NewDestinations::tell(const std::string& destination, std::int64_t calls_count) {
    if (calls_count == 0) return;
    ports_.log.write(
        {LogLevel::info,
         LogTag::none,
         "calls settled without a destination, which is new or was away: their records do not go "
         "there",
         "",
         {{"destination", destination},
          {"calls", std::to_string(calls_count)},
          {"to_send_them", "wrapup replay --destination " + destination + " --earlier"}}});
}

}  // namespace wrapup
