#include "app/serve/house_store.hpp"

#include <algorithm>

#include "adapters/sqlite/left_behind.hpp"
#include "http/api/session_routes.hpp"

namespace wrapup {
namespace {

constexpr std::chrono::hours told_for{24};

std::optional<LostCommits> lost_lately(ReconciliationStore& store, UtcTime now) {
    const auto kept = store.kept_values(lost_commits_key);
    if (!kept || kept->empty()) return std::nullopt;
    const auto lost = decode_lost_commits(kept->front().value);
    if (!lost || now - lost->found_at > told_for) return std::nullopt;
    return lost;
}

std::string advice_of(const LostCommits& lost) {
    return "wrapup reconcile --from " + format_rfc3339(begin_of(lost)) + " --to " +
           format_rfc3339(lost.until) + ", which also happens by itself where Twilio can be asked";
}

}  // namespace

void add_lost_folder(std::vector<AlertCondition>& alerts, const DataFolderLock& lock,
                     const std::string& folder) {
    if (lock.is_in_place()) return;
    alerts.push_back({"data_folder",
                      "the data folder " + folder +
                          " was removed, moved or replaced: wrapup goes on without, and its next "
                          "start makes a new node and, unless WRAPUP_API_TOKEN is set, a new token",
                      "put it back as it was, or restart wrapup"});
}

LedgerView ledger_view(const Settings& settings) {
    const bool is_twilio_asked =
        settings.has_twilio() && settings.reconcile_interval > milliseconds{0};
    return {settings.timezone, is_twilio_asked};
}

std::optional<DiskSpace> disk_space(const std::filesystem::path& folder) {
    std::error_code error;
    const auto space = std::filesystem::space(folder, error);
    if (error) return std::nullopt;
    return DiskSpace{space.available, space.capacity};
}

std::string ended_sessions(ReconciliationStore& store) {
    const auto kept = store.kept_values(SessionRoutes::kept_key);
    std::string all;
    for (const KeptValue& one : kept ? *kept : std::vector<KeptValue>{}) all += one.value + ",";
    return all;
}

std::vector<AlertCondition> store_alerts(Store& store, const LedgerView& view, UtcTime now,
                                         std::string_view why_lost) {
    auto alerts = ledger_alerts(store, view, now);
    if (const auto lost = lost_lately(store, now)) {
        alerts.push_back({"lost_commits", words_of(*lost, why_lost), advice_of(*lost)});
    }
    return alerts;
}

void tell_lost_commits(ReconciliationStore& store, EventLog& log, UtcTime now,
                       std::string_view why) {
    if (const auto lost = lost_lately(store, now)) tell_lost(log, *lost, why);
}

UtcTime begin_of(const LostCommits& lost) {
    return std::max(UtcTime{}, lost.from - std::chrono::hours{1});
}

void tell_lost(EventLog& log, const LostCommits& lost, std::string_view why) {
    log.write({LogLevel::error,
               LogTag::none,
               "acknowledged commits are gone from the store",
               "",
               {{"what", words_of(lost, why)}, {"advice", advice_of(lost)}}});
}

void tell_store_failed(EventLog& log, Metrics& metrics, const Error& error) {
    log.write({LogLevel::error,
               LogTag::none,
               "the store has failed: nothing is acknowledged until wrapup is started again",
               "",
               {{"error", error.detail},
                {"advice", "stop wrapup, put the files back or restore a backup, start it"}}});
    metrics.count(Counter::alerts, "store");
}

void tell_database_away(EventLog& log, const Error* error) {
    if (error == nullptr) {
        log.write({LogLevel::info, LogTag::none, "the database is back", "", {}});
        return;
    }
    log.write({LogLevel::error,
               LogTag::none,
               "the database is away: nothing is acknowledged until it is back",
               "",
               {{"error", error->detail}}});
}

void tell_stopped(EventLog& log, const NodeHolds& left) {
    if (left != NodeHolds{}) {
        log.write({LogLevel::warning,
                   LogTag::none,
                   "the store did not take in time what was under way",
                   "",
                   {{"calls", std::to_string(left.calls)},
                    {"attempts", std::to_string(left.deliveries)},
                    {"next", "goes on when its lease has run out; an attempt counts as unknown"}}});
    }
    log.write({LogLevel::info, LogTag::none, "wrapup has stopped", "", {}});
}

void tell_timeline_trouble(EventLog& log, const std::string& trouble) {
    if (trouble.empty()) return;
    log.write({LogLevel::warning,
               LogTag::none,
               "an old primary would not be known as one",
               "",
               {{"error", trouble},
                {"advice",
                 "it is written anew at each start: mend the data folder, and see that "
                 "DATABASE_URL leads to the primary of today"}}});
}

void tell_left_behind(EventLog& log, const Settings& settings) {
    const auto left = sqlite::find_left_behind(store_path(settings));
    if (!left) return;
    log.write({LogLevel::warning, LogTag::none, left->text, "", {{"advice", left->advice}}});
}

}  // namespace wrapup
