#include "service/replay/new_destinations.hpp"

#include <algorithm>
#include <limits>

#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr int page_size = 1'000;

}  // namespace

std::string earlier_key(std::string_view destination) {
    return "destination." + std::string(destination) + ".earlier";
}

std::int64_t earlier_count(ReconciliationStore& kept, std::string_view destination) {
    const std::string key = earlier_key(destination);
    const auto values = kept.kept_values(key);
    if (!values) return 0;
    const auto found = std::ranges::find(*values, key, &KeptValue::key);
    return found == values->end() ? 0 : parse_int(found->value).value_or(0);
}

Task<void> NewDestinations::run() {
    auto read = [&] { return ports_.kept.kept_values("destination."); };
    const auto kept = co_await ports_.long_reads.run(read);
    if (!kept) co_return;
    for (const RecordRoute& route : routes_) {
        if (is_stopping_ || !route.is_enabled) continue;
        const std::string key = earlier_key(route.destination);
        const auto known = std::ranges::find(*kept, key, &KeptValue::key);
        const bool is_back = known != kept->end() && known->value == was_away;
        if (known != kept->end() && !is_back) {
            tell(route.destination, parse_int(known->value).value_or(0));
            continue;
        }
        const auto earlier = co_await earlier_of(route, is_back);
        if (!earlier) co_return;
        tell(route.destination, *earlier);
        NoteReconciliation note;
        note.values.push_back({key, std::to_string(*earlier)});
        StoreOp op = std::move(note);
        (void)co_await ports_.commits.submit(op);
    }
}

// 0 when it ever got a record, and was not away since. Nothing: it could not be found out.
Task<std::optional<std::int64_t>> NewDestinations::earlier_of(const RecordRoute& route,
                                                              bool is_back) {
    ReplayOrder any;
    any.filter.destination = route.destination;
    any.is_again = true;
    if (!is_back) {
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
