#pragma once

// The arithmetic of the ledger: where a call is counted, what a batch changes, what a day adds up
// to, and when it is closed.

#include <span>

#include "core/store/working_set.hpp"
#include "domain/ledger.hpp"

namespace wrapup {

// Nothing: it is another call's story (merged).
std::optional<LedgerColumn> ledger_column_of(const Call& call);
// What decides to which day a call belongs: Twilio's date_created, else its first event.
UtcTime ledger_time_of(const Call& call);

// By how much the working set's batch changes each cell; those that it does not are absent.
LedgerCells ledger_changes(const WorkingSet& rows);
// Its changes of days that were closed, or that it closes.
std::vector<LedgerCorrection> ledger_corrections(const WorkingSet& rows, UtcTime now);

LedgerDifference ledger_difference_of(const TwilioDifference& found);
// What differs is told of a closed day as of any other, although its account and what Twilio listed
// of it stay as they are: `found`, all there is in the span, in place of what was noted before.
void put_differences_of_closed(LedgerRows& rows, const TimeSpan& span,
                               std::span<const TwilioDifference> found);

// Sums of the cells in the span.
LedgerSums ledger_sums(const LedgerCells& cells, const TimeSpan& span);

// The account of a day that is not sealed. `is_twilio_asked`: somebody compares with Twilio, so
// that a day that was not heard of is incomplete.
LedgerDay account_of(Date date, const TimeZone& zone, const TimeSpan& span, const LedgerRows& rows,
                     bool is_twilio_asked);

// The span of a date while `last_sealed` is the last day that was closed. Days follow each other
// without gap and overlap: the first one after it begins where it ended, even when the zone was
// changed meanwhile.
TimeSpan ledger_span_of(Date date, const TimeZone& zone,
                        const std::optional<SealedDay>& last_sealed);
// The next day to be closed; nothing while nothing was ever counted.
std::optional<Date> next_to_seal(const TimeZone& zone, const LedgerRows& rows);
// A day is closed when it has been over for a while, nothing of it is in flight, and Twilio, where
// it is asked, was listed to its end; at the latest five days after its end.
bool may_seal(const LedgerDay& day, UtcTime now);

}  // namespace wrapup
