// Reads of the memory store.

#include <algorithm>

#include "base/text.hpp"
#include "core/store/claim_rules.hpp"
#include "core/store/ledger.hpp"
#include "domain/phone_number.hpp"
#include "domain/sample_call.hpp"
#include "sim/memory_store.hpp"

namespace wrapup {
namespace {

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

CallRow* MemoryStore::find_exactly(std::string_view id) {
    const auto found = numbers_by_id_.find(id);
    return found == numbers_by_id_.end() ? nullptr : &call_at(found->second);
}

CallRow* MemoryStore::find(std::string_view any_id) {
    CallRow* row = find_exactly(any_id);
    if (row == nullptr) {
        const auto found = links_.find(any_id);
        if (found == links_.end()) return nullptr;
        row = &call_at(found->second);
    }
    while (row->call.state == CallState::merged) row = find_exactly(row->call.merged_into);
    return row;
}

MemoryStore::KeptDelivery* MemoryStore::find_delivery(std::int64_t id) {
    if (id < 1 || id > std::ssize(deliveries_)) return nullptr;
    return &deliveries_[static_cast<std::size_t>(id - 1)];
}

bool MemoryStore::is_active(std::string_view destination) const {
    const auto found = destinations_.find(destination);
    return found == destinations_.end() || found->second.row.state == DestinationState::active;
}

std::vector<StoredEvent> MemoryStore::events_of(std::int64_t call_no) const {
    std::vector<StoredEvent> events;
    for (auto at = events_.lower_bound({call_no, 0});
         at != events_.end() && at->first.first == call_no; ++at) {
        events.push_back(at->second.event);
    }
    return events;
}

std::map<MemoryStore::Wait, UtcTime> MemoryStore::waits() {
    const std::lock_guard lock{mutex_};
    std::map<Wait, UtcTime> all;
    const auto add = [&all](Wait::Kind kind, std::string of, std::optional<UtcTime> at) {
        if (at) all.emplace(Wait{kind, std::move(of)}, *at);
    };
    using Kind = Wait::Kind;
    for (const CallRow& row : calls_) {
        add(Kind::call, row.call.id, row.call.due_at);
        add(Kind::call_lease, row.call.id, row.lease.until);
    }
    for (const auto& [row, attempts] : deliveries_) {
        const std::string name = std::to_string(row.delivery.id);
        add(Kind::delivery, name, row.delivery.due_at);
        add(Kind::delivery_lease, name, row.lease.until);
    }
    for (const auto& [place, kept] : events_) {
        if (!call_at(place.first).is_settling_on()) continue;
        const std::string name = std::to_string(place.first) + "/" + std::to_string(place.second);
        add(Kind::event, name, kept.event.received_at);
    }
    for (const Intent& intent : intents_) {
        add(Kind::plan, intent.id, intent.due_at);
        if (!intent.holds_number()) continue;
        add(Kind::question, intent.id, intent.asked_at);
        add(Kind::question, intent.id + " agent", intent.agent_asked_at);
    }
    for (const ListRow& row : list_rows_) {
        add(Kind::row, row.list_id + " " + row.to, row.due_at);
    }
    for (const auto& [name, kept] : destinations_) {
        add(Kind::breaker, name, kept.row.breaker.retry_at);
    }
    return all;
}

// ---- Reads ----

Result<std::optional<UtcTime>> MemoryStore::next_call_due() {
    const std::lock_guard lock{mutex_};
    std::optional<UtcTime> next;
    for (const CallRow& row : calls_) next = sooner(next, wakes_at(row));
    return next;
}

Result<std::optional<UtcTime>> MemoryStore::next_delivery_due(std::string_view destination) {
    const std::lock_guard lock{mutex_};
    std::optional<UtcTime> next;
    if (!is_active(destination)) return next;
    for (const KeptDelivery& kept : deliveries_) {
        if (kept.row.delivery.destination == destination) next = sooner(next, wakes_at(kept.row));
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
    CallStory story{row->call, events_of(row->no), {}};
    for (const KeptDelivery& kept : deliveries_) {
        if (kept.row.call_no != row->no) continue;
        story.deliveries.push_back(
            {kept.row.delivery, kept.row.lease.until.has_value(), kept.attempts});
        for (Attempt& attempt : story.deliveries.back().attempts) {
            if (!attempt.destination.empty()) continue;
            attempt.destination = kept.row.delivery.destination;
        }
    }
    return story;
}

bool MemoryStore::holds_of_all(const std::function<bool(const Call&)>& condition) {
    const std::lock_guard lock{mutex_};
    return std::ranges::all_of(calls_, [&](const CallRow& row) { return condition(row.call); });
}

std::optional<CallState> MemoryStore::find_state(std::string_view any_id) {
    const std::lock_guard lock{mutex_};
    const CallRow* const row = find(any_id);
    if (row == nullptr) return std::nullopt;
    return row->call.state;
}

bool MemoryStore::matches(const CallRow& row, const CallFilter& filter) {
    const Call& call = row.call;
    if (filter.state ? call.state != *filter.state : call.state == CallState::merged) return false;
    if (filter.outcome && call.outcome != filter.outcome) return false;
    if (!filter.campaign.empty() && call.campaign != filter.campaign) return false;
    if (filter.has_no_campaign && !(row.has_record() && call.campaign.empty())) return false;
    if (filter.parked && call.parked != filter.parked) return false;
    const std::string number = normalize_phone_number(call.to);
    if (!filter.phone.empty() ? number != filter.phone : !number.ends_with(filter.phone_end)) {
        return false;
    }
    if (to_lower(call.name).find(to_lower(filter.name)) == std::string::npos) return false;
    if (filter.after && call.first_event_at < *filter.after) return false;
    if (filter.before && call.first_event_at >= *filter.before) return false;
    return !filter.counted_in ||
           filter.counted_in->contains(start_of_quarter(quarter_of(ledger_time_of(call))));
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
        return std::pair(a->call.first_event_at, a->no) > std::pair(b->call.first_event_at, b->no);
    };
    std::sort(rows.begin(), rows.end(), is_newer);
    const CallRow* last = cursor ? &calls_[static_cast<std::size_t>(*cursor - 1)] : nullptr;
    const CallRow* only = filter.id.empty() ? nullptr : find(filter.id);
    const bool is_begun = only == nullptr && begins_call_sid(filter.id);
    const bool has_number =
        std::ranges::any_of(rows, [&](const CallRow* row) { return matches(*row, filter); });
    CallFilter wanted = filter;
    if (!has_number && !filter.phone_end.empty()) wanted.phone.clear();
    CallPage page;
    for (const CallRow* row : rows) {
        if ((last != nullptr && !is_newer(last, row)) || !matches(*row, wanted)) continue;
        if (is_begun && !row->call.id.starts_with(filter.id)) continue;
        if (!filter.id.empty() && !is_begun && row != only && row->call.id != filter.id) continue;
        if (std::ssize(page.calls) == std::max(1, filter.limit)) {
            page.next_cursor = std::to_string(last->no);
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
        if (is_sample_call(row.call.call_sid)) continue;
        by_state[row.call.state] += 1;
        if (row.call.parked) by_reason[*row.call.parked] += 1;
        if (row.call.is_late_conflict) counts.late_conflicts += 1;
    }
    for (const KeptDelivery& kept : deliveries_) {
        const Delivery& delivery = kept.row.delivery;
        if (is_sample_call(delivery.call_id)) continue;
        if (delivery.state == DeliveryState::pending) {
            counts.destinations[delivery.destination].pending += 1;
        } else if (delivery.state == DeliveryState::parked && delivery.is_owed()) {
            counts.destinations[delivery.destination].parked += 1;
        }
        counts.unknown_outcomes += kept.row.delivery.unknown_count;
    }
    counts.calls.assign(by_state.begin(), by_state.end());
    counts.parked.assign(by_reason.begin(), by_reason.end());
    return counts;
}

Result<std::vector<DestinationRow>> MemoryStore::destinations() {
    const std::lock_guard lock{mutex_};
    std::vector<DestinationRow> rows;
    for (const auto& [name, kept] : destinations_) {
        rows.push_back(kept.row);
        rows.back().is_sweeping = kept.sweep.has_value();
    }
    return rows;
}

Result<std::vector<Campaign>> MemoryStore::list_campaigns(std::string_view after, int limit) {
    const std::lock_guard lock{mutex_};
    return page_after(campaigns_, after, limit);
}

Result<std::vector<Contact>> MemoryStore::list_contacts(std::string_view after, int limit) {
    const std::lock_guard lock{mutex_};
    return page_after(contacts_, after, limit);
}

Result<bool> MemoryStore::is_do_not_call(std::string_view phone) {
    const std::lock_guard lock{mutex_};
    return do_not_call_.contains(normalize_phone_number(phone));
}

Result<std::vector<DoNotCall>> MemoryStore::list_do_not_call(std::string_view after, int limit) {
    const std::lock_guard lock{mutex_};
    return page_after(do_not_call_, after, limit);
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
        if (call.events_count != std::ssize(events_of(row.no))) {
            findings.push_back(call.id + " counts its events wrongly");
        }
    }
    check_failures(findings);
    if (ledger_ != recount_ledger()) findings.emplace_back("the ledger counts wrongly");
    for (const KeptDelivery& kept : deliveries_) {
        const Delivery& delivery = kept.row.delivery;
        const bool is_pending = delivery.state == DeliveryState::pending;
        const bool is_again = delivery.state == DeliveryState::accepted && kept.row.replay_id != 0;
        if ((is_pending || is_again) == delivery.due_at.has_value()) continue;
        // An attempt by hand that a dead process left behind is to be written down.
        if (delivery.due_at && (kept.row.attempt_started_at || kept.row.unresolved_since)) continue;
        findings.push_back(delivery.call_id + " has a delivery that is due and has ended, or not");
    }
    return findings;
}

}  // namespace wrapup
