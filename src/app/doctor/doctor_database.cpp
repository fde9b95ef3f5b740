// `wrapup doctor` looks at the database of DATABASE_URL.

#include <algorithm>
#include <iterator>

#include "adapters/postgres/store.hpp"
#include "adapters/postgres/survey.hpp"
#include "app/config/api_token.hpp"
#include "app/doctor/doctor.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

Finding judge_failure(const Error& error) {
    const std::string text = "DATABASE_URL: " + error.detail;
    const auto says = [&](std::string_view words) {
        return error.detail.find(words) != std::string::npos;
    };
    if (says("was moved to")) return {Level::broken, text, "wrapup does not start before that"};
    if (error.code == Errc::conflict) return {Level::broken, text, "mend that at the server"};
    if (says("old primary")) {
        return {Level::broken, text,
                "lead DATABASE_URL to the primary of today: wrapup does not start before that"};
    }
    return {Level::broken, text,
            "see that the server runs, that this machine may connect to it, and that DATABASE_URL "
            "holds the right user, password and database"};
}

Finding judge_schema(const postgres::Survey& seen) {
    if (!seen.may_not_create.empty()) {
        return {Level::broken, "DATABASE_URL: " + seen.may_not_create,
                "wrapup does not start before that"};
    }
    if (seen.steps_made == 0) {
        return {Level::good, "the schema wrapup is not there yet; `wrapup serve` makes it", ""};
    }
    const std::string made = std::to_string(seen.steps_made);
    if (seen.steps_made < seen.steps_known) {
        return {Level::note,
                "the schema wrapup is at version " + made + ", this program makes it " +
                    std::to_string(seen.steps_known),
                "`wrapup serve` does that at its start"};
    }
    return {Level::good, "the schema wrapup is at version " + made, ""};
}

// Not while nodes live: it reads all rows.
std::vector<Finding> examine_rows(const Settings& settings, const postgres::Survey& seen) {
    if (!seen.nodes.empty()) {
        return {{Level::good,
                 std::to_string(seen.nodes.size()) +
                     (seen.nodes.size() == 1 ? " node uses" : " nodes use") +
                     " the database, which was not recounted",
                 ""}};
    }
    if (!seen.moved_away.empty()) return {};             // Told.
    if (seen.steps_made != seen.steps_known) return {};  // Opening it would change it.
    const auto store = PostgresStore::open(
        {.url = settings.database_url, .read_deadline = std::chrono::minutes{5}});
    if (!store) return {judge_failure(store.error())};
    return examine_open_store(settings, **store);
}

}  // namespace

std::vector<Finding> judge_database(const Result<postgres::Survey>& seen) {
    if (!seen) return {judge_failure(seen.error())};
    std::vector<Finding> findings = {{Level::good,
                                      "PostgreSQL " + seen->version + " answers: database " +
                                          seen->database + ", timeline " +
                                          std::to_string(seen->timeline),
                                      ""}};
    if (!seen->has_fsync) {
        findings.push_back({Level::broken,
                            "PostgreSQL has fsync off: what was acknowledged is lost when its "
                            "machine stops",
                            "set fsync = on"});
    }
    if (seen->standby_names.empty()) {
        findings.push_back({Level::note,
                            "commits wait for no standby: what was acknowledged is lost with the "
                            "disk of this one server",
                            "set synchronous_standby_names, such as ANY 1 (n2,n3)"});
    } else {
        findings.push_back({Level::good, "commits wait for " + seen->standby_names, ""});
    }
    findings.push_back(judge_schema(*seen));
    if (!seen->moved_away.empty()) {
        findings.push_back(judge_failure({Errc::conflict, seen->moved_away}));
    }
    return findings;
}

std::vector<Finding> judge_nodes(const postgres::Survey& seen, const SettingDigests& ours) {
    std::vector<Finding> findings;
    for (const auto& node : seen.nodes) {
        std::string names;
        for (const std::string& name : differing_settings(ours, node.settings)) {
            names += (names.empty() ? "" : ", ") + name;
        }
        if (names.empty()) continue;
        findings.push_back({Level::broken,
                            "node " + node.name +
                                " on the database was started with other "
                                "settings than these: " +
                                names,
                            "make them the same on all nodes, and restart those that change"});
    }
    return findings;
}

std::vector<Finding> examine_database(const InspectedSettings& inspected, bool is_running) {
    const Settings& settings = inspected.settings;
    if (!inspected.problems.empty() || settings.database_url.empty()) return {};
    // One that is damaged is told beside the data folder.
    const auto known =
        postgres::read_timeline((settings.data_dir / postgres::timeline_file_name).string());
    const auto seen =
        postgres::survey(settings.database_url, known ? *known : postgres::Timeline{});
    std::vector<Finding> findings = judge_database(seen);
    if (!seen) return findings;
    auto rows = examine_rows(settings, *seen);
    std::ranges::move(rows, std::back_inserter(findings));
    if (is_running) return findings;  // It compares them itself.
    const auto kept = read_api_token(settings.data_dir);
    const std::string token = settings.api_token.empty() && kept ? *kept : settings.api_token;
    auto others = judge_nodes(*seen, node_digests(settings, token));
    std::ranges::move(others, std::back_inserter(findings));
    return findings;
}

}  // namespace wrapup
