#include "service/reconciler/only_here_check.hpp"

#include <algorithm>

#include "codec/observation.hpp"
#include "core/settle/fold.hpp"
#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

constexpr std::size_t generation_max = 100'000;
constexpr int calls_max = 1'000;  // In one go.
constexpr int page_size = 200;
constexpr int questions_max = 20;

}  // namespace

void OnlyHereCheck::saw(const std::string& call_sid) {
    if (seen_.size() >= generation_max) {
        seen_before_ = std::move(seen_);
        seen_.clear();
    }
    seen_.insert(call_sid);
}

Task<OnlyHereCheck::Found> OnlyHereCheck::run(UtcTime from, UtcTime until,
                                              const bool& is_stopping) {
    Found found;
    found.checked_until = from;
    auto calls = co_await list(from, until);
    if (!calls) co_return found;
    // A long time is checked from its beginning, a part at a time.
    const bool is_part = std::ssize(*calls) >= calls_max;
    int questions_count = 0;
    for (const Call& call : *calls) {
        found.checked_until = call.first_event_at;
        const bool is_seen = seen_.contains(call.call_sid) || seen_before_.contains(call.call_sid);
        if (call.call_sid.empty() || is_seen || is_sample_call(call.call_sid)) continue;
        if (is_stopping || questions_count++ == questions_max) co_return found;
        std::string call_sid = call.call_sid;
        const auto is_unknown = co_await is_unknown_to_twilio(std::move(call_sid));
        if (!is_unknown) co_return found;
        saw(call.call_sid);
        if (!*is_unknown) continue;
        found.only_here.push_back({call.call_sid, call.first_event_at, DifferenceKind::only_here,
                                   "wrapup was told of it; Twilio does not know the call",
                                   ports_.clock.now()});
    }
    if (!is_part) found.checked_until = until;
    co_return found;
}

// The oldest ones first, at most calls_max of them.
Task<std::optional<std::vector<Call>>> OnlyHereCheck::list(UtcTime from, UtcTime until) {
    std::vector<Call> calls;
    CallFilter filter;
    filter.after = from;
    filter.before = until;
    filter.limit = page_size;
    do {
        auto read = [&] { return ports_.store.list_calls(filter); };
        auto page = co_await ports_.reads.run(read);
        if (!page) co_return std::nullopt;
        for (Call& call : page->calls) {
            Call& kept = calls.emplace_back();
            kept.id = std::move(call.id);
            kept.call_sid = std::move(call.call_sid);
            kept.first_event_at = call.first_event_at;
        }
        filter.cursor = page->next_cursor;
    } while (!filter.cursor.empty());
    std::ranges::reverse(calls);
    if (std::ssize(calls) > calls_max) calls.resize(calls_max);
    co_return calls;
}

// A subaccount's call is asked for under its own account.
Task<std::optional<bool>> OnlyHereCheck::is_unknown_to_twilio(std::string call_sid) {
    auto read = [&]() -> Result<CallStory> {
        WRAPUP_TRY(const std::string call_id, ports_.store.resolve(call_sid));
        return ports_.store.find_story(call_id);
    };
    const auto story = co_await ports_.reads.run(read);
    if (!story) co_return std::nullopt;
    const std::vector<ObservedEvent> observed = decode_events(story->events);
    CallAddress address{call_sid, fold(observed).account_sid};
    const auto fetched = co_await ports_.twilio.fetch_call(std::move(address));
    if (fetched) co_return false;
    if (fetched.error().code == Errc::not_found) co_return true;
    co_return std::nullopt;
}

}  // namespace wrapup
