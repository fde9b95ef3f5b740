#include "adapters/postgres/survey.hpp"

#include "adapters/postgres/migrations.hpp"
#include "ports/fleet.hpp"

namespace wrapup::postgres {

Result<Survey> survey(const std::string& url, const Timeline& newest) {
    WRAPUP_TRY(const auto connection,
               Connection::open({.url = url, .timeline_min = newest, .looks_at_all = true}));
    Survey seen;
    seen.timeline = connection->timeline().number;
    seen.steps_known = std::ssize(migrations());
    connection->run("BEGIN READ ONLY");
    auto facts = connection->query(
        "SELECT current_setting('server_version'), current_database(),"
        " current_setting('synchronous_standby_names'), current_setting('fsync') = 'on',"
        " to_regclass('wrapup.migrations') IS NOT NULL,"
        " to_regclass('wrapup.nodes') IS NOT NULL");
    if (facts.next()) {
        const std::string version = facts.text(0);
        seen.version = version.substr(0, version.find(' '));
        seen.database = facts.text(1);
        seen.standby_names = facts.text(2);
        seen.has_fsync = facts.integer(3) != 0;
        if (facts.integer(4) != 0) {
            auto made = connection->query("SELECT coalesce(max(number), 0) FROM migrations");
            if (made.next()) seen.steps_made = made.integer(0);
        }
        if (facts.integer(5) != 0) {
            // An older schema does not have the settings.
            auto living = connection->query(
                "SELECT host || ':' || pid, coalesce(to_jsonb(n) ->> 'settings', '') FROM nodes n"
                " WHERE has_stopped = 0"
                " AND seen_at_ms > extract(epoch FROM clock_timestamp()) * 1000 - ?1 ORDER BY id",
                duty_lease.count());
            while (living.next()) {
                seen.nodes.push_back({living.text(0), parse_setting_digests(living.view(1))});
            }
        }
    }
    WRAPUP_CHECK(connection->end());
    if (seen.steps_made < seen.steps_known) {
        auto may = check_may_create(*connection);
        if (!may && may.error().code != Errc::unauthorized) return std::move(may).error();
        if (!may) seen.may_not_create = std::move(may).error().detail;
    }
    auto here = check_not_moved(*connection);
    if (!here && here.error().code != Errc::conflict) return std::move(here).error();
    if (!here) seen.moved_away = std::move(here).error().detail;
    return seen;
}

}  // namespace wrapup::postgres
