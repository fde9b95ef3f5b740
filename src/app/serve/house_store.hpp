#pragma once

// What the house reads out of the store for others (alerts, and who signed out), and tells of it.

#include <filesystem>
#include <optional>

#include "adapters/sqlite/data_folder.hpp"
#include "app/config/settings.hpp"
#include "core/watch/alert_book.hpp"
#include "domain/lost_commits.hpp"
#include "ports/event_log.hpp"
#include "ports/fleet.hpp"
#include "ports/metrics.hpp"
#include "ports/store.hpp"
#include "service/alerts/alert_watch.hpp"
#include "service/ledger/ledger_report.hpp"

namespace wrapup {

LedgerView ledger_view(const Settings& settings);
// Nothing where the file system cannot tell.
std::optional<DiskSpace> disk_space(const std::filesystem::path& folder);
// Sessions of the dashboard that were ended; empty where the store cannot tell.
std::string ended_sessions(ReconciliationStore& store);

// The ledger's, and commits that were found to be gone within the last day.
// `why_lost`: of domain/lost_commits.hpp.
std::vector<AlertCondition> store_alerts(Store& store, const LedgerView& view, UtcTime now,
                                         std::string_view why_lost);
// The same of commits, at the start.
void tell_lost_commits(ReconciliationStore& store, EventLog& log, UtcTime now,
                       std::string_view why);
// Calls began before their events came.
UtcTime begin_of(const LostCommits& lost);
void tell_lost(EventLog& log, const LostCommits& lost, std::string_view why);
// That the data folder is gone, where the state is elsewhere, so that nothing else notices.
void add_lost_folder(std::vector<AlertCondition>& alerts, const DataFolderLock& lock,
                     const std::string& folder);
// For good, until somebody acts.
void tell_store_failed(EventLog& log, Metrics& metrics, const Error& error);
// Null: it is back.
void tell_database_away(EventLog& log, const Error* error);
// And what it did not see the end of, because the store did not take it.
void tell_stopped(EventLog& log, const NodeHolds& left);
// `trouble`: with the file of the newest timeline; empty: none.
void tell_timeline_trouble(EventLog& log, const std::string& trouble);
// That records lie in the data folder's SQLite, while the state is in PostgreSQL.
void tell_left_behind(EventLog& log, const Settings& settings);

}  // namespace wrapup
