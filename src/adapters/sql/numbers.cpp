#include "adapters/sql/numbers.hpp"

#include <algorithm>

namespace wrapup::sql {
namespace {

// More than couriers carry at a time; what is beyond is read from the tables.
constexpr std::size_t calls_max = 1024;

// As they would be read: without what is large.
CallRow bare(const CallRow& row) {
    CallRow copy = row;
    copy.call.progress = {};
    copy.call.metadata.reset();
    copy.is_progress_known = false;
    copy.is_metadata_known = false;
    copy.fixed_record = {};
    return copy;
}

DeliveryRow bare(const DeliveryRow& row) {
    DeliveryRow copy = row;
    copy.delivery.webhook_id.clear();
    copy.new_body = {};
    return copy;
}

}  // namespace

std::optional<CallsOnTheWay::Rows> CallsOnTheWay::take(std::int64_t delivery_id) {
    const auto of = call_of_.find(delivery_id);
    if (of == call_of_.end()) return std::nullopt;
    const std::int64_t call_no = of->second;
    Rows rows = std::move(calls_.at(call_no));
    for (const DeliveryRow& row : rows.deliveries) call_of_.erase(row.delivery.id);
    calls_.erase(call_no);
    return rows;
}

void CallsOnTheWay::forget(std::int64_t call_no) {
    const auto found = calls_.find(call_no);
    if (found == calls_.end()) return;
    for (const DeliveryRow& row : found->second.deliveries) call_of_.erase(row.delivery.id);
    calls_.erase(found);
}

void CallsOnTheWay::keep(const WorkingSet& batch) {
    for (const WorkingCall& call : batch.calls()) {
        forget(call.no);
        const bool is_claimed = std::ranges::any_of(
            call.deliveries, [](const auto* row) { return row->lease.until.has_value(); });
        if (!is_claimed || calls_.size() >= calls_max) continue;
        Rows& rows = calls_[call.no];
        rows.call = bare(call);
        for (const WorkingDelivery* row : call.deliveries) {
            rows.deliveries.push_back(bare(*row));
            call_of_[row->delivery.id] = call.no;
        }
    }
}

void Numbers::note_saved(const WorkingSet& batch) {
    on_the_way.keep(batch);
    if (!batch.intents().empty()) has_intents.reset();
    if (!batch.handed_over().empty()) has_handed_over.reset();
    if (!batch.contacts().empty()) has_contacts.reset();
    if (!batch.sealed_days().empty()) sealed.reset();
}

}  // namespace wrapup::sql
