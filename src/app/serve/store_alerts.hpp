#pragma once

// What the store itself gives reason to tell.

#include "core/watch/alert_book.hpp"
#include "ports/event_log.hpp"
#include "ports/store.hpp"
#include "service/ledger/ledger_report.hpp"

namespace wrapup {

// The ledger's, and commits that were found to be gone within the last day.
std::vector<AlertCondition> store_alerts(Store& store, const LedgerView& view, UtcTime now);
// The same of commits, at the start.
void tell_lost_commits(ReconciliationStore& store, EventLog& log, UtcTime now);

}  // namespace wrapup
