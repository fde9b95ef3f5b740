// `wrapup doctor` looks at the database of DATABASE_URL.

#include "adapters/postgres/survey.hpp"
#include "app/doctor/doctor.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

Finding judge_failure(const Error& error) {
    const std::string text = "DATABASE_URL: " + error.detail;
    if (error.code == Errc::conflict) return {Level::broken, text, "mend that at the server"};
    return {Level::broken, text,
            "see that the server runs, that this machine may connect to it, and that DATABASE_URL "
            "holds the right user, password and database"};
}

Finding judge_schema(const postgres::Survey& seen) {
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
    return findings;
}

std::vector<Finding> examine_database(const InspectedSettings& inspected) {
    const Settings& settings = inspected.settings;
    if (!inspected.problems.empty() || settings.database_url.empty()) return {};
    return judge_database(postgres::survey(settings.database_url));
}

}  // namespace wrapup
