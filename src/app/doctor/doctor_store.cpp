// `wrapup doctor` looks into the store.

#include <algorithm>

#include "adapters/clock/asio_clock.hpp"
#include "adapters/postgres/timeline.hpp"
#include "adapters/sqlite/data_folder.hpp"
#include "adapters/sqlite/left_behind.hpp"
#include "adapters/sqlite/store.hpp"
#include "app/doctor/doctor.hpp"
#include "base/text.hpp"
#include "domain/lost_commits.hpp"
#include "service/replay/new_destinations.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

Finding explain_failure(const Error& error) {
    const char* advice =
        "see that the file belongs to the user that runs wrapup and that the disk "
        "has room";
    if (error.code == Errc::corrupt) {
        advice = "the file was left as it is: put it aside and restore a backup";
    } else if (error.code == Errc::conflict) {
        advice = "run the version that wrote it, or a newer one";
    }
    return {Level::broken, "the store cannot be used: " + error.detail, advice};
}

constexpr const char* names_advice =
    "set MONGODB_URI, or hand over names and campaigns: `wrapup import`, POST /api/contacts, PUT "
    "/api/calls/{sid}/metadata";

bool has_metadata(const Call& call) {
    return call.metadata &&
           (!call.metadata->name.empty() || !call.metadata->contact_name.empty() ||
            !call.metadata->campaign_id.empty() || !call.metadata->campaign_name.empty());
}

// Records without a name or a campaign look well to us, and to the CRM like nobody's.
Finding examine_names(StoreQueries& store) {
    constexpr int calls_max = 100;
    CallFilter latest;
    latest.limit = calls_max;
    const auto contacts = store.list_contacts("", 1);
    const auto campaigns = store.list_campaigns("", 1);
    const auto calls = store.list_calls(latest);
    for (const auto* error :
         {contacts ? nullptr : &contacts.error(), campaigns ? nullptr : &campaigns.error(),
          calls ? nullptr : &calls.error()}) {
        if (error != nullptr) return explain_failure(*error);
    }
    const bool is_fed = !contacts->empty() || !campaigns->empty() ||
                        std::any_of(calls->calls.begin(), calls->calls.end(), has_metadata);
    if (is_fed) return {Level::good, "names and campaigns were handed over", ""};
    return {Level::note,
            "no names and no campaigns: no MongoDB is read and nothing was imported, so every "
            "record says Unknown and Outbound Call, unless the conversation knows the name",
            names_advice};
}

Finding without_names_yet(const char* why) {
    return {Level::note,
            std::string("no MongoDB is read") + why +
                ": without names and campaigns handed over, every record says Unknown and Outbound "
                "Call",
            names_advice};
}

// Of a destination that is new in the settings, until they were sent.
void add_earlier_records(const Settings& settings, EmbeddedStore& store,
                         std::vector<Finding>& findings) {
    for (const auto& destination : settings.destinations) {
        const std::int64_t count = earlier_count(store, destination.name);
        if (count == 0) continue;
        findings.push_back(
            {Level::note,
             "the records of " + std::to_string(count) +
                 " earlier calls do not go to destination " + destination.name +
                 ", which is new or was away",
             "to send them: wrapup replay --destination " + destination.name + " --earlier"});
    }
}

std::vector<Finding> examine_rows(EmbeddedStore& store, std::string_view why_lost) {
    const auto broken = store.check_integrity();
    if (!broken) return {explain_failure(broken.error())};
    std::vector<Finding> findings;
    for (const auto& what : *broken) {
        findings.push_back(
            {Level::broken, "the store is damaged: " + what, "put it aside and restore a backup"});
    }
    const auto kept = store.kept_values(lost_commits_key);
    if (kept && !kept->empty()) {
        if (const auto lost = decode_lost_commits(kept->front().value)) {
            findings.push_back(
                {Level::note,
                 words_of(*lost, why_lost) + "; found " + format_rfc3339(lost->found_at),
                 "wrapup reconcile over that time, then wrapup ledger"});
        }
    }
    if (broken->empty()) findings.push_back({Level::good, "the store is intact", ""});
    return findings;
}

std::vector<Finding> examine_beside_database(const Settings& settings) {
    std::vector<Finding> findings;
    const auto known =
        postgres::read_timeline((settings.data_dir / postgres::timeline_file_name).string());
    if (!known) {
        findings.push_back({Level::note,
                            known.error().detail + ": an old primary would not be known as one",
                            "see that DATABASE_URL leads to the primary of today, then start "
                            "wrapup, which writes the file anew"});
    }
    if (auto left = sqlite::find_left_behind(store_path(settings))) {
        findings.push_back({Level::note, std::move(left->text), std::move(left->advice)});
    }
    return findings;
}

}  // namespace

std::vector<Finding> examine_open_store(const Settings& settings, EmbeddedStore& store) {
    std::vector<Finding> findings =
        examine_rows(store, settings.database_url.empty() ? lost_with_file : lost_with_database);
    add_earlier_records(settings, store, findings);
    if (!settings.mongodb) findings.push_back(examine_names(store));
    return findings;
}

std::vector<Finding> examine_store(const Settings& settings) {
    if (!settings.database_url.empty()) return examine_beside_database(settings);
    const bool needs_names = !settings.mongodb;
    const auto path = store_path(settings);
    if (const auto here = sqlite::check_not_moved(path); !here) {
        return {{Level::broken, here.error().detail, "wrapup does not start before that"}};
    }
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        std::vector<Finding> findings = {
            {Level::good, "there is no store yet; `wrapup serve` makes it", ""}};
        if (needs_names) findings.push_back(without_names_yet(""));
        return findings;
    }
    const auto lock = DataFolderLock::acquire(settings.data_dir.string());
    if (!lock && lock.error().code == Errc::conflict) {
        std::vector<Finding> findings = {
            {Level::good, "the store is in use by a running wrapup, and was not opened", ""}};
        if (needs_names)
            findings.push_back(without_names_yet(", and the store was not looked into"));
        return findings;
    }
    if (!lock) return {explain_failure(lock.error())};
    const UtcTime now = ClockSource::system().wall();
    const auto store = SqliteStore::open({.path = path.string(), .now = now});
    if (!store) return {explain_failure(store.error())};
    return examine_open_store(settings, **store);
}

}  // namespace wrapup
