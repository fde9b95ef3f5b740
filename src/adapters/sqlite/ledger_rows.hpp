#pragma once

// The ledger's tables.

#include "adapters/sqlite/handle.hpp"
#include "core/store/working_set.hpp"
#include "domain/ledger.hpp"

namespace wrapup::sqlite {

LedgerCells read_ledger_cells(Connection& connection, const TimeSpan& span);
// By a recount of the calls.
LedgerCells recount_ledger_cells(Connection& connection);
LedgerRows read_ledger(Connection& connection, const TimeSpan& span, std::int64_t corrections_max);
// As ReconciliationStore::twilio_differences.
std::vector<TwilioDifference> read_twilio_differences(Connection& connection, UtcTime from,
                                                      UtcTime until);
std::vector<LedgerCorrection> read_corrections_after(Connection& connection, std::int64_t number);

std::optional<SealedDay> read_last_sealed(Connection& connection);
std::optional<TimeSpan> read_sealed_span(Connection& connection);

// What the batch changes of it.
void save_ledger(Connection& connection, const WorkingSet& rows, UtcTime now);

}  // namespace wrapup::sqlite
