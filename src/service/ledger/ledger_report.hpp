#pragma once

// Days of the ledger as they are told, and whether all of it agrees with itself.

#include <string>
#include <vector>

#include "core/watch/alert_book.hpp"
#include "ports/store_queries.hpp"

namespace wrapup {

struct LedgerView {
    TimeZone zone;
    bool is_twilio_asked = false;  // The reconciler compares with Twilio.
};

// What a store has to be asked for these days: more than they are, because a day may begin
// elsewhere where the zone was changed.
TimeSpan ledger_reading_of(Date first, Date last, const TimeZone& zone);
// The day in its JSON form (docs/ledger.md): as it is, or as it was when it was closed.
std::string ledger_day_json(Date date, const LedgerRows& rows, const LedgerView& view);

// That something of the last thirty days is unexplained, of a closed one too, until it is
// explained. Reads the store; one that cannot be read says nothing.
std::vector<AlertCondition> ledger_alerts(LedgerQueries& store, const LedgerView& view,
                                          UtcTime now);

// What closes the next day, and what its columns must still be then; nothing while none may be.
// `rows` hold that day, `corrections` all that were made since the last one was closed.
std::optional<SealDay> next_seal(const LedgerRows& rows, const LedgerView& view,
                                 std::vector<LedgerCorrection> corrections, UtcTime now);

struct LedgerVerdict {
    std::int64_t calls_count = 0;
    std::int64_t sealed_days_count = 0;
    std::vector<std::string> findings;  // What does not agree, in words. Empty: all is well.
};
// Walks the chain of hashes, holds the counters against the recount, and what was sealed, with its
// corrections, against the counters.
LedgerVerdict verify_ledger(const LedgerAudit& audit);

}  // namespace wrapup
