// What Twilio knows of a day, and days that are closed.

#include "core/store/call_rules.hpp"
#include "core/store/ledger.hpp"
#include "core/store/store_rules.hpp"

namespace wrapup {
namespace {

bool follows(const SealedDay& day, const std::optional<SealedDay>& last) {
    if (!last) return day.previous_hash.empty();
    return day.previous_hash == last->hash && day.span.from == last->span.until;
}

}  // namespace

StoreOutcome apply(WorkingSet& rows, const NoteCallCreated& op, UtcTime now) {
    if (WorkingCall* const row = rows.find_by_identity(op.call_sid)) {
        note_created(*row, op.created_at, now);
    }
    return Done{};
}

StoreOutcome apply(WorkingSet& rows, const PutTwilioDay& op, UtcTime) {
    const auto sealed = rows.sealed_span();
    const UtcTime end = op.day.span.until;
    const bool is_closed = sealed && end > sealed->from && end <= sealed->until;
    if (!is_closed) rows.put(op.day);
    return Done{};
}

// What this batch changes of the day is not in the stored sums: it becomes a correction.
StoreOutcome apply(WorkingSet& rows, const SealDay& op, UtcTime) {
    const SealedDay& day = op.day;
    if (!follows(day, rows.last_sealed())) {
        return Error{Errc::conflict, "another day was closed meanwhile"};
    }
    if (day.corrections_count != rows.last_correction_number()) {
        return Error{Errc::conflict, "a correction was made meanwhile"};
    }
    if (ledger_sums(rows.stored_ledger(day.span), day.span) != op.seen) {
        return Error{Errc::conflict, "a call of the day has moved on meanwhile"};
    }
    rows.put(day);
    return Done{};
}

}  // namespace wrapup
