// Deliveries and groups of failures in the memory store.

#include <algorithm>
#include <tuple>

#include "base/text.hpp"
#include "core/store/failures.hpp"
#include "sim/memory_store.hpp"

namespace wrapup {

void MemoryStore::save_failures(const WorkingSet& rows) {
    for (const auto& [fingerprint, change] : failure_changes(rows)) {
        if (change.seen) {
            const auto [at, is_new] = failures_.try_emplace(fingerprint, *change.seen);
            FailureGroup& group = at->second;
            group.first_at = std::min(group.first_at, change.seen->first_at);
            group.last_at = std::max(group.last_at, change.seen->last_at);
        }
        failures_.at(fingerprint).open += change.by;
    }
    std::erase_if(failures_, [](const auto& one) { return one.second.open == 0; });
}

Result<FailureList> MemoryStore::list_failures(int limit) {
    const std::lock_guard lock{mutex_};
    FailureList list;
    for (const auto& [fingerprint, group] : failures_) list.groups.push_back(group);
    std::ranges::stable_sort(list.groups, std::ranges::greater{}, &FailureGroup::open);
    list.has_more = std::ssize(list.groups) > limit;
    if (list.has_more) list.groups.resize(static_cast<std::size_t>(limit));
    for (FailureGroup& group : list.groups) {
        for (const KeptDelivery& kept : deliveries_) {
            if (kept.row.delivery.fingerprint != group.fingerprint) continue;
            group.sample = call_at(kept.row.call_no).call.id;
        }
    }
    return list;
}

Result<DeliveryPage> MemoryStore::list_deliveries(const DeliveryFilter& filter) {
    const std::lock_guard lock{mutex_};
    std::vector<std::pair<std::int64_t, ListedDelivery>> all;  // With their calls' numbers.
    for (const KeptDelivery& kept : deliveries_) {
        const Call& call = call_at(kept.row.call_no).call;
        ListedDelivery listed{kept.row.delivery, 0, call.outcome, call.campaign,
                              call.first_event_at};
        listed.delivery.body.clear();
        listed.delivery.webhook_id.clear();
        if (!kept.attempts.empty()) listed.http_status = kept.attempts.back().http_status;
        all.emplace_back(kept.row.call_no, std::move(listed));
    }
    std::ranges::sort(all, [few = is_of_few(filter)](const auto& a, const auto& b) {
        const auto place = [few](const auto& one) {
            const Delivery& delivery = one.second.delivery;
            const UtcTime at = few ? UtcTime{} : one.second.first_event_at;
            return std::tuple(at, few ? 0 : one.first, few ? delivery.id : -delivery.id);
        };
        return place(a) > place(b);
    });
    const auto cursor =
        filter.cursor.empty() ? std::optional<std::int64_t>(0) : parse_int(filter.cursor);
    if (!cursor) return Error{Errc::invalid_input, "cursor"};
    DeliveryPage page;
    bool is_behind = *cursor == 0;
    for (auto& [no, listed] : all) {
        const std::int64_t id = listed.delivery.id;
        if (is_behind && wrapup::matches(filter, listed)) {
            if (std::ssize(page.deliveries) == filter.limit) {
                page.next_cursor = std::to_string(page.deliveries.back().delivery.id);
                break;
            }
            page.deliveries.push_back(std::move(listed));
        }
        is_behind = is_behind || id == *cursor;
    }
    return page;
}

// From the attempts, whatever was counted.
void MemoryStore::check_failures(std::vector<std::string>& findings) const {
    std::map<std::string, std::int64_t> recounted;
    for (const KeptDelivery& kept : deliveries_) {
        const Delivery& delivery = kept.row.delivery;
        const Attempt* const last = kept.attempts.empty() ? nullptr : &kept.attempts.back();
        const bool has_failed = delivery.is_owed() && last != nullptr &&
                                last->outcome != AttemptOutcome::accepted &&
                                last->destination.empty();
        const std::string cause =
            has_failed ? fingerprint_of(delivery.destination, *last) : std::string();
        if (cause != delivery.fingerprint) {
            findings.push_back("delivery " + std::to_string(delivery.id) +
                               " is in the wrong group of failures");
        }
        if (!cause.empty()) recounted[cause] += 1;
    }
    std::map<std::string, std::int64_t> kept;
    for (const auto& [fingerprint, group] : failures_) kept[fingerprint] = group.open;
    if (kept != recounted) findings.emplace_back("failures are counted wrongly");
}

}  // namespace wrapup
