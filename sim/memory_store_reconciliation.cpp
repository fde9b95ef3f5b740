// What the memory store tells of comparing with Twilio, and of what people did.

#include <algorithm>

#include "domain/call.hpp"
#include "sim/memory_store.hpp"

namespace wrapup {

Result<std::vector<KeptValue>> MemoryStore::kept_values(std::string_view prefix) {
    const std::lock_guard lock{mutex_};
    std::vector<KeptValue> values;
    for (const auto& [key, value] : kept_values_) {
        if (key.starts_with(prefix)) values.push_back({key, value});
    }
    return values;
}

Result<std::vector<TwilioSlot>> MemoryStore::twilio_slots(UtcTime from, UtcTime until) {
    const std::lock_guard lock{mutex_};
    std::vector<TwilioSlot> slots;
    for (const auto& [at, slot] : twilio_slots_) {
        if (at >= from && at < until) slots.push_back(slot);
    }
    return slots;
}

Result<std::vector<TwilioDifference>> MemoryStore::twilio_differences(UtcTime from, UtcTime until) {
    const std::lock_guard lock{mutex_};
    return read_differences({from, until});
}

std::vector<TwilioDifference> MemoryStore::read_differences(const TimeSpan& span) {
    std::vector<TwilioDifference> differences;
    for (const auto& [call_sid, one] : twilio_differences_) {
        const bool is_known = find_exactly(call_sid) != nullptr;
        if (!span.contains(one.at)) continue;
        if (one.kind == DifferenceKind::missing && is_known) continue;
        differences.push_back(one);
    }
    std::ranges::stable_sort(differences, {}, &TwilioDifference::at);
    return differences;
}

Result<std::vector<CallStanding>> MemoryStore::call_standings(
    std::span<const std::string> call_sids) {
    const std::lock_guard lock{mutex_};
    std::vector<CallStanding> standings;
    for (const std::string& call_sid : call_sids) {
        const CallRow* const row = find_exactly(call_sid);
        if (row == nullptr) {
            standings.push_back(CallStanding::unknown);
            continue;
        }
        const bool is_unwanted = row->call.state == CallState::out_of_scope && row->has_record();
        standings.push_back(is_unwanted ? CallStanding::over
                                        : standing_of(row->call.state, row->call.parked));
    }
    return standings;
}

Result<ActionPage> MemoryStore::list_actions(std::int64_t before_id, int limit) {
    const std::lock_guard lock{mutex_};
    ActionPage page;
    for (auto at = actions_.rbegin(); at != actions_.rend(); ++at) {
        if (before_id != 0 && at->id >= before_id) continue;
        page.has_more = std::ssize(page.actions) == limit;
        if (page.has_more) break;
        page.actions.push_back(*at);
    }
    return page;
}

}  // namespace wrapup
