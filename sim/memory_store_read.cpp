// Claims and reads of the memory store.

#include <algorithm>

#include "base/text.hpp"
#include "domain/phone_number.hpp"
#include "sim/memory_store.hpp"

namespace wrapup {
namespace {

// The rows that wake at `now` or earlier, in the order in which they woke.
template <class Row>
std::vector<Row*> awake(std::deque<Row>& rows, UtcTime now) {
    std::vector<Row*> found;
    for (Row& row : rows) {
        if (const auto at = row.wakes_at(); at && *at <= now) found.push_back(&row);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Row* a, const Row* b) { return *a->wakes_at() < *b->wakes_at(); });
    return found;
}

std::optional<UtcTime> sooner(std::optional<UtcTime> a, std::optional<UtcTime> b) {
    if (a && b) return std::min(*a, *b);
    return a ? a : b;
}

template <class Value>
std::vector<Value> page_after(const std::map<std::string, Value, std::less<>>& all,
                              std::string_view after, int limit) {
    std::vector<Value> page;
    for (auto at = all.upper_bound(after); at != all.end() && std::ssize(page) < limit; ++at) {
        page.push_back(at->second);
    }
    return page;
}

}  // namespace

// ---- Claims ----

ClaimedCall MemoryStore::claim(CallRow& row, UtcTime lease_until) {
    row.lease.fence += 1;
    row.lease.until = lease_until;
    row.is_touched = false;
    return {row.call, row.lease.fence, row.events};
}

ClaimedDelivery MemoryStore::claim(DeliveryRow& row, UtcTime now, UtcTime lease_until) {
    row.lease.fence += 1;
    row.lease.until = lease_until;
    if (!row.unresolved_since) row.unresolved_since = row.attempt_started_at;
    row.attempt_started_at = now;
    return {row.delivery, row.lease.fence, row.unresolved_since};
}

Result<std::vector<ClaimedCall>> MemoryStore::claim_calls(UtcTime now, UtcTime lease_until,
                                                          int limit) {
    const std::lock_guard lock{mutex_};
    std::vector<ClaimedCall> claimed;
    for (CallRow* row : awake(calls_, now)) {
        if (std::ssize(claimed) >= limit) break;
        claimed.push_back(claim(*row, lease_until));
    }
    return claimed;
}

Result<ClaimedCall> MemoryStore::claim_call(std::string_view call_id, UtcTime now,
                                            UtcTime lease_until) {
    const std::lock_guard lock{mutex_};
    CallRow* const row = find_exactly(call_id);
    if (row == nullptr) return Error{Errc::not_found, "no such call"};
    if (row->call.state == CallState::merged) {
        return Error{Errc::conflict, "the call was merged into another"};
    }
    if (row->lease.is_held_at(now)) return Error{Errc::conflict, "somebody else holds the call"};
    return claim(*row, lease_until);
}

Result<std::vector<ClaimedDelivery>> MemoryStore::claim_deliveries(std::string_view destination,
                                                                   UtcTime now, UtcTime lease_until,
                                                                   int limit) {
    const std::lock_guard lock{mutex_};
    std::vector<ClaimedDelivery> claimed;
    if (destination_state(destination) != DestinationState::active) return claimed;
    for (DeliveryRow* row : awake(deliveries_, now)) {
        if (std::ssize(claimed) >= limit) break;
        if (row->delivery.destination != destination) continue;
        claimed.push_back(claim(*row, now, lease_until));
    }
    return claimed;
}

Result<ClaimedDelivery> MemoryStore::claim_delivery(std::int64_t delivery_id, UtcTime now,
                                                    UtcTime lease_until) {
    const std::lock_guard lock{mutex_};
    if (delivery_id < 1 || delivery_id > std::ssize(deliveries_)) {
        return Error{Errc::not_found, "no such delivery"};
    }
    DeliveryRow& row = deliveries_[static_cast<std::size_t>(delivery_id - 1)];
    if (row.lease.is_held_at(now)) return Error{Errc::conflict, "somebody else holds the delivery"};
    return claim(row, now, lease_until);
}

Result<void> MemoryStore::void_leases(UtcTime now) {
    const std::lock_guard lock{mutex_};
    for (CallRow& row : calls_) {
        const bool was_at_work = row.lease.until || row.call.state == CallState::settling;
        if (was_at_work && row.call.due_at) row.move_due_forward(now);
        row.lease.until.reset();
    }
    for (DeliveryRow& row : deliveries_) {
        auto& due_at = row.delivery.due_at;
        if (row.lease.until && due_at) due_at = std::min(*due_at, now);
        row.lease.until.reset();
    }
    return {};
}

Result<void> MemoryStore::shift_times(milliseconds by, UtcTime now) {
    const std::lock_guard lock{mutex_};
    const auto shift = [by](std::optional<UtcTime>& at) {
        if (at) *at += by;
    };
    for (CallRow& row : calls_) {
        shift(row.call.due_at);
        shift(row.lease.until);
        const CallState state = row.call.state;
        if (state != CallState::open && state != CallState::settling) continue;
        for (StoredEvent& event : row.events) {
            if (event.received_at > now) event.received_at += std::min(by, milliseconds{0});
        }
    }
    for (DeliveryRow& row : deliveries_) {
        shift(row.delivery.due_at);
        shift(row.lease.until);
    }
    return {};
}

// ---- Reads ----

Result<std::optional<UtcTime>> MemoryStore::next_call_due() {
    const std::lock_guard lock{mutex_};
    std::optional<UtcTime> next;
    for (const CallRow& row : calls_) next = sooner(next, row.wakes_at());
    return next;
}

Result<std::optional<UtcTime>> MemoryStore::next_delivery_due(std::string_view destination) {
    const std::lock_guard lock{mutex_};
    std::optional<UtcTime> next;
    if (destination_state(destination) != DestinationState::active) return next;
    for (const DeliveryRow& row : deliveries_) {
        if (row.delivery.destination == destination) next = sooner(next, row.wakes_at());
    }
    return next;
}

Result<std::string> MemoryStore::resolve(std::string_view any_id) {
    const std::lock_guard lock{mutex_};
    const CallRow* const row = find(any_id);
    if (row == nullptr) return Error{Errc::not_found, "no such call"};
    return row->call.id;
}

Result<CallStory> MemoryStore::find_story(std::string_view call_id) {
    const std::lock_guard lock{mutex_};
    const CallRow* const row = find_exactly(call_id);
    if (row == nullptr) return Error{Errc::not_found, "no such call"};
    CallStory story{row->call, row->events, {}};
    for (const std::int64_t id : row->deliveries) {
        const DeliveryRow& found = deliveries_[static_cast<std::size_t>(id - 1)];
        story.deliveries.push_back({found.delivery, found.lease.until.has_value(), found.attempts});
    }
    return story;
}

bool MemoryStore::matches(const CallRow& row, const CallFilter& filter) {
    const Call& call = row.call;
    if (filter.state ? call.state != *filter.state : call.state == CallState::merged) return false;
    if (filter.outcome && call.outcome != filter.outcome) return false;
    if (!filter.campaign.empty() && call.campaign != filter.campaign) return false;
    if (!filter.phone.empty() && normalize_phone_number(call.to) != filter.phone) return false;
    if (filter.after && call.first_event_at < *filter.after) return false;
    return !filter.before || call.first_event_at < *filter.before;
}

Result<CallPage> MemoryStore::list_calls(const CallFilter& filter) {
    const std::lock_guard lock{mutex_};
    // The cursor is the number of the page's last call.
    const auto cursor = parse_int(filter.cursor);
    if (!filter.cursor.empty() && (!cursor || *cursor < 1 || *cursor > std::ssize(calls_))) {
        return Error{Errc::invalid_input, "cursor"};
    }
    std::vector<const CallRow*> rows;
    for (const CallRow& row : calls_) rows.push_back(&row);
    const auto is_newer = [](const CallRow* a, const CallRow* b) {
        return std::pair(a->call.first_event_at, a->number) >
               std::pair(b->call.first_event_at, b->number);
    };
    std::sort(rows.begin(), rows.end(), is_newer);
    const CallRow* last = cursor ? &calls_[static_cast<std::size_t>(*cursor - 1)] : nullptr;
    const CallRow* only = filter.id.empty() ? nullptr : find(filter.id);
    CallPage page;
    for (const CallRow* row : rows) {
        if ((last != nullptr && !is_newer(last, row)) || !matches(*row, filter)) continue;
        if (!filter.id.empty() && row != only && row->call.id != filter.id) continue;
        if (std::ssize(page.calls) == std::max(1, filter.limit)) {
            page.next_cursor = std::to_string(last->number);
            break;
        }
        page.calls.push_back(row->call);
        last = row;
    }
    return page;
}

Result<StoreCounts> MemoryStore::counts() {
    const std::lock_guard lock{mutex_};
    std::map<CallState, std::int64_t> by_state;
    std::map<ParkReason, std::int64_t> by_reason;
    StoreCounts counts;
    for (const CallRow& row : calls_) {
        by_state[row.call.state] += 1;
        if (row.call.parked) by_reason[*row.call.parked] += 1;
        if (row.call.is_late_conflict) counts.late_conflicts += 1;
    }
    for (const DeliveryRow& row : deliveries_) {
        if (row.delivery.state == DeliveryState::pending) counts.deliveries_pending += 1;
        counts.unknown_outcomes += row.delivery.unknown_count;
    }
    counts.calls.assign(by_state.begin(), by_state.end());
    counts.parked.assign(by_reason.begin(), by_reason.end());
    return counts;
}

Result<std::vector<DestinationRow>> MemoryStore::destinations() {
    const std::lock_guard lock{mutex_};
    std::vector<DestinationRow> rows;
    for (const auto& [name, row] : destinations_) {
        rows.push_back(row);
        rows.back().is_sweeping = sweeps_.contains(name);
    }
    return rows;
}

Result<std::vector<CallMetadata>> MemoryStore::own_metadata(std::span<const MetadataKey> keys) {
    const std::lock_guard lock{mutex_};
    std::vector<CallMetadata> answers;
    for (const MetadataKey& key : keys) {
        CallMetadata answer;
        for (const std::string& id : {key.call_id, key.conversation_id}) {
            if (id.empty()) continue;
            if (const auto found = metadata_.find(id); found != metadata_.end()) {
                answer = merge(std::move(answer), found->second);
            }
        }
        const auto fill_campaign = [&] {
            const auto found = campaigns_.find(answer.campaign_id);
            if (answer.campaign_id.empty() || found == campaigns_.end()) return false;
            const auto& [id, name, description] = found->second;
            if (answer.campaign_name.empty()) answer.campaign_name = name;
            if (answer.campaign_description.empty()) answer.campaign_description = description;
            return true;
        };
        fill_campaign();
        const std::string phone = normalize_phone_number(key.contact_number(answer));
        const auto contact = contacts_.find(phone);
        if (key.has_contact && !phone.empty() && contact != contacts_.end()) {
            if (answer.contact_name.empty()) answer.contact_name = contact->second.name;
            if (take_contact_campaign(answer, contact->second.campaign) && !fill_campaign()) {
                name_campaign_of_contact(answer);
            }
        }
        answers.push_back(std::move(answer));
    }
    return answers;
}

Result<std::vector<Campaign>> MemoryStore::list_campaigns(std::string_view after, int limit) {
    const std::lock_guard lock{mutex_};
    return page_after(campaigns_, after, limit);
}

Result<std::vector<Contact>> MemoryStore::list_contacts(std::string_view after, int limit) {
    const std::lock_guard lock{mutex_};
    return page_after(contacts_, after, limit);
}

Result<std::vector<std::string>> MemoryStore::check_integrity() {
    const std::lock_guard lock{mutex_};
    std::vector<std::string> findings;
    for (const CallRow& row : calls_) {
        const Call& call = row.call;
        const bool is_waiting = call.state == CallState::open || call.state == CallState::settling;
        if (is_waiting && !call.due_at) findings.push_back(call.id + " is open and not due");
        if ((call.state == CallState::parked) != call.parked.has_value()) {
            findings.push_back(call.id + " is parked without a reason");
        }
        if (call.events_count != std::ssize(row.events)) {
            findings.push_back(call.id + " counts its events wrongly");
        }
    }
    for (const DeliveryRow& row : deliveries_) {
        const bool is_pending = row.delivery.state == DeliveryState::pending;
        if (is_pending == row.delivery.due_at.has_value()) continue;
        findings.push_back(row.delivery.call_id + " has a pending delivery that is not due");
    }
    return findings;
}

}  // namespace wrapup
