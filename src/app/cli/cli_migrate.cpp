#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <memory>
#include <ostream>

#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/pace.hpp"
#include "app/migrate/migration.hpp"
#include "import/import_meter.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

using migrate::MigrationReport;
using migrate::Role;
using migrate::StateSide;

constexpr const char* notes =
    R"(Copies the whole state from SQLite into PostgreSQL, or back: calls, records,
attempts, ledger, closed days, lists, all of it. What was copied is read back
and compared, table by table. Stop every server first: a state that is in use
is refused, and so is a target that holds another one.

Ctrl-C, a crash or a server that went away cost nothing: the same command goes
on where it was. No server starts on a target that has half of a state.

PATH is a data folder, or the wrapup.db in it. A password is better kept in
PGPASSWORD or ~/.pgpass than in the URL, where `ps` shows it.

Examples:
  wrapup migrate --from sqlite:data --to postgres://wrapup@db1:5432/wrapup
  wrapup migrate --from postgres://wrapup@db1/wrapup --to sqlite:back)";

struct MigrateOptions {
    std::string from;
    std::string to;
    bool restarts = false;
};

// Redrawn so often at most: slices are short.
constexpr std::chrono::milliseconds redraw_every{100};

Result<MigrationReport> run_shown(Console& console, StateSide& source, StateSide& target,
                                  bool restarts) {
    using Clock = std::chrono::steady_clock;
    ImportMeter copying(console.err, "copying", ::isatty(STDERR_FILENO) == 1);
    ImportMeter comparing(console.err, "comparing", ::isatty(STDERR_FILENO) == 1);
    bool was_comparing = false;
    std::int64_t done_before = -1;
    auto begun_at = Clock::now();
    Clock::time_point drawn_at{};
    migrate::MigrationOptions options;
    options.restarts = restarts;
    options.is_interrupted = InterruptNoted::was_interrupted;
    options.tell = [&](const migrate::Progress& now) {
        const bool is_new = done_before < 0 || now.is_comparing != was_comparing;
        if (is_new) {
            done_before = now.rows_done;
            begun_at = Clock::now();
        }
        was_comparing = now.is_comparing;
        const bool is_last = now.rows_done >= now.rows_count;
        if (!is_last && Clock::now() - drawn_at < redraw_every) return;
        drawn_at = Clock::now();
        ImportMeter& meter = now.is_comparing ? comparing : copying;
        const auto done = now.rows_done - done_before;
        const auto todo = std::max<std::int64_t>(now.rows_count - done_before, 1);
        const double share = static_cast<double>(done) / static_cast<double>(todo);
        const std::string pace = pace_text({done, share, drawn_at - begun_at});
        meter.say((now.is_comparing ? "comparing " : "copying ") + std::string(now.table) +
                  (pace.empty() ? "" : ", " + pace));
        meter.show(static_cast<std::size_t>(now.rows_done),
                   static_cast<std::size_t>(now.rows_count));
    };
    const InterruptNoted interrupt;
    auto report = migrate::run_migration(source, target, options);
    copying.clear();
    comparing.clear();
    return report;
}

json::object json_of(const MigrationReport& report, const StateSide& source,
                     const StateSide& target) {
    json::array tables;
    for (const auto& table : report.tables) {
        tables.push_back(json::object{
            {"name", table.name}, {"rows", table.rows_count}, {"checksum", table.checksum}});
    }
    return {{"ok", !report.is_interrupted},  {"from", source.name()},
            {"to", target.name()},           {"rows", report.rows_count},
            {"copied", report.copied_count}, {"copied_before", report.found_count},
            {"tables", std::move(tables)}};
}

int tell(Console& console, const CommandLine& line, const MigrationReport& report,
         const StateSide& source, const StateSide& target) {
    if (line.is_json) {
        console.out << json::serialize(json_of(report, source, target)) << "\n";
    }
    const std::string copied =
        std::to_string(report.copied_count) + " of " + std::to_string(report.rows_count) + " rows";
    if (report.is_interrupted) {
        console.err << "Interrupted: " << copied << " are in " << target.name()
                    << ", and the same command goes on from there.\n"
                    << std::flush;
        return exit_failed;
    }
    if (line.is_json) return exit_ok;
    console.out << copied << ", in " << report.tables.size() << " tables, are in " << target.name()
                << " and read back the same";
    if (report.found_count > 0) {
        console.out << "; " << report.found_count << " were there from before";
    }
    console.out << ".\n";
    console.err << "Start the servers there now, and none on " << source.name()
                << " any more: it would deliver what is due a second time.\n"
                << std::flush;
    return exit_ok;
}

int migrate_state(Console& console, const CommandLine& line, const MigrateOptions& options) {
    if (migrate::is_sqlite(options.from) == migrate::is_sqlite(options.to)) {
        return unusable(console, "one of --from and --to is sqlite:PATH, the other a postgres://…");
    }
    for (const auto& [option, where] :
         {std::pair("--from ", &options.from), std::pair("--to ", &options.to)}) {
        const auto checked = migrate::check_side(*where);
        if (!checked) return unusable(console, option + checked.error().detail);
    }
    const auto source = migrate::open_side(options.from, Role::source);
    if (!source) return failed(console, source.error().detail);
    const auto target = migrate::open_side(options.to, Role::target);
    if (!target) return failed(console, target.error().detail);
    const auto report = run_shown(console, **source, **target, options.restarts);
    if (report) return tell(console, line, *report, **source, **target);
    const bool is_worth_another_try = report.error().code == Errc::unavailable;
    return failed(console, report.error().detail + (is_worth_another_try
                                                        ? "; the same command goes on from there"
                                                        : std::string()));
}

}  // namespace

CommandSpec migrate_command() {
    const auto options = std::make_shared<MigrateOptions>();
    CommandSpec command{"migrate", "Move the state to PostgreSQL, or back", notes, {}, {}, {}};
    command.options = {
        {"--from", "WHERE", "sqlite:PATH or postgres://…", &options->from, true, ""},
        {"--to", "WHERE", "The other one", &options->to, true, ""},
        {"--restart", "", "Take back what was copied, begin anew", &options->restarts, false, ""},
    };
    command.run = [options](Console& console, const CommandLine& line) {
        return migrate_state(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
