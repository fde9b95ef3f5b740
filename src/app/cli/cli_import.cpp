#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <csignal>
#include <iostream>
#include <memory>
#include <optional>

#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/given_phones.hpp"
#include "app/cli/import_targets.hpp"
#include "app/cli/interrupt.hpp"
#include "app/cli/pace.hpp"
#include "base/console_text.hpp"
#include "import/import_file.hpp"
#include "import/import_meter.hpp"
#include "import/import_mongodb.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr const char* notes =
    R"(Tells wrapup who was called and for which campaign, before or after the
calls. Takes CSV (commas, semicolons or tabs; the first line names the columns)
and JSON lines. What the columns mean is guessed from their names and shown,
with three lines of the file, before anything is written; --map COLUMN=FIELD
says it instead, and COLUMN= leaves a column out. Fields:
  calls      call_sid, conversation_id, name, first_name, last_name, phone,
             campaign_id, campaign_name, campaign_description, agent_id,
             answered_by
  campaigns  campaign_id, campaign_name, campaign_description
  contacts   phone, name, first_name, last_name, campaign_id, campaign_name,
             time_zone, as in Europe/Berlin (a contact's campaign counts for
             calls that have none of their own)

Numbers become E.164. One without + is read as a number of --country (or
WRAPUP_COUNTRY); what is no number makes a bad line.

A bad line is named and the rest goes on (exit code 1 then). An empty cell
leaves what is known as it is. What is known already is not written again:
importing a file twice changes nothing. While a server is running it takes the
lines; without one they go straight into the store, and an import that was
interrupted goes on where it was.

--from mongodb copies what MONGODB_URI and [metadata.mongodb] lead to instead:
campaigns, contacts and calls. Nothing is written there.

Examples:
  wrapup import calls.csv
  wrapup import --kind contacts --map Mobil=phone --map Kunde=name kunden.csv
  wrapup import --dry-run calls.jsonl
  wrapup import --yes campaigns.csv calls.csv
  wrapup import --kind do-not-call spared.csv
  wrapup import --from mongodb)";

constexpr std::size_t bad_lines_shown_max = 20;
constexpr std::size_t bad_lines_kept_max = 1000;

struct ImportOptions {
    std::vector<std::string> files;
    std::string from;
    std::string kind;
    std::vector<std::string> maps;
    std::string country;
    bool is_dry_run = false;
    bool is_confirmed = false;
    bool restarts = false;
};

struct BadLine {
    std::size_t line = 0;
    std::string reason;
};

struct FileReport {
    std::string name;
    ImportKind kind = ImportKind::calls;
    std::size_t resumed_at_line = 0;  // 0: it began at the beginning.
    ImportProgress progress;
    std::vector<BadLine> bad_lines;  // The first ones.
};

Result<ImportPlanning> plan_of(const ImportOptions& options) {
    ImportPlanning planning;
    if (!options.kind.empty()) {
        planning.kind = parse_import_kind(options.kind);
        if (!planning.kind) {
            return Error{Errc::invalid_input,
                         "--kind is calls, campaigns, contacts or do-not-call"};
        }
    }
    for (const auto& text : options.maps) {
        WRAPUP_TRY(ColumnRule rule, parse_column_rule(text));
        planning.rules.push_back(std::move(rule));
    }
    return planning;
}

Result<std::vector<ImportFile>> open_files(const ImportOptions& options) {
    WRAPUP_TRY(const ImportPlanning planning, plan_of(options));
    std::vector<ImportFile> files;
    for (const auto& path : options.files) {
        WRAPUP_TRY(ImportFile file, ImportFile::open(path, planning));
        files.push_back(std::move(file));
    }
    return files;
}

// Only the data folder and, for a running server, its address and token matter; and MongoDB where
// that is read.
Result<Settings> read_import_settings(const Console& console, const ImportOptions& options) {
    const bool is_from_mongodb = !options.from.empty();
    WRAPUP_TRY(const SettingsInput input, console.read_settings());
    const InspectedSettings inspected = inspect_settings(input);
    for (const auto& problem : inspected.problems) {
        const bool matters = problem.name == "WRAPUP_DATA_DIR" || problem.name == "WRAPUP_URL" ||
                             (options.country.empty() && problem.name == "WRAPUP_COUNTRY") ||
                             (is_from_mongodb && (problem.name == "MONGODB_URI" ||
                                                  problem.name.starts_with("metadata.mongodb")));
        if (matters) return Error{Errc::invalid_input, problem.text};
    }
    Settings settings = inspected.settings;
    if (options.country.empty()) return settings;
    WRAPUP_TRY(settings.country, read_country(options.country));
    return settings;
}

ReadPhone read_with(const PhoneReader& phones) {
    return [&phones](std::string_view text) { return phones.read(text); };
}

enum class Consent { given, refused, impossible };

Consent ask_consent(Console& console, const ImportOptions& options, const std::string& target) {
    if (options.is_dry_run || options.is_confirmed) return Consent::given;
    if (::isatty(STDIN_FILENO) != 1) return Consent::impossible;
    console.err << "Import into " << target << "? [y/N] " << std::flush;
    std::string answer;
    std::getline(std::cin, answer);
    return answer == "y" || answer == "Y" || answer == "yes" ? Consent::given : Consent::refused;
}

// How to end where nobody agreed.
std::optional<int> code_without_consent(Console& console, const ImportOptions& options,
                                        const std::string& target) {
    switch (ask_consent(console, options, target)) {
        case Consent::given: break;
        case Consent::refused:
            console.err << "Nothing was written." << std::endl;
            return exit_failed;
        case Consent::impossible:
            return unusable(console, "nobody can be asked here: say --yes to import, or --dry-run");
    }
    return {};
}

void tell_target(std::ostream& out, const ImportOptions& options, const ImportTarget& target) {
    out << (options.is_dry_run ? "Nothing is written: a dry run against " : "Goes into ")
        << target.name() << "." << std::endl;
}

// Where the lines go, and how their numbers are read.
struct Destination {
    ImportTarget& target;
    const PhoneReader& phones;
};

// Ctrl-C, once what was read so far is written and where to go on is kept.
void end_here(Console& console, ImportMeter& meter, const ImportProgress& progress,
              const ImportOptions& options) {
    meter.clear();
    console.err << "Interrupted after " << progress.lines_count << " lines, "
                << progress.changed_count << (options.is_dry_run ? " to write" : " written")
                << (options.is_dry_run ? ".\n" : ". The same command goes on.\n") << std::flush;
    std::signal(SIGINT, SIG_DFL);
    (void)std::raise(SIGINT);
}

Result<FileReport> import_one(Console& console, const ImportOptions& options, ImportFile& file,
                              const Destination& to) {
    const std::string key = file.progress_key(to.target.name());
    FileReport report;
    report.name = file.name();
    report.kind = file.kind();
    if (!options.is_dry_run && !options.restarts) {
        WRAPUP_TRY(const auto found, to.target.find_progress(key));
        if (found && file.reaches(found->at)) report.progress = *found;
    }
    if (report.progress.at.offset > 0) {
        report.resumed_at_line = report.progress.at.line;
        console.err << file.name() << ": goes on at line " << report.resumed_at_line
                    << ", where it was interrupted (--restart begins anew)" << std::endl;
    }
    ImportMeter meter(console.err, file.name(), ::isatty(STDERR_FILENO) == 1);
    ImportListener listener;
    listener.on_bad_line = [&](std::size_t line, const std::string& reason) {
        if (report.bad_lines.size() < bad_lines_kept_max)
            report.bad_lines.push_back({line, reason});
        if (report.bad_lines.size() > bad_lines_shown_max) return;
        meter.clear();
        console.err << file.name() << " line " << line << ": " << terminal_text(reason)
                    << std::endl;
    };
    const auto begun_at = std::chrono::steady_clock::now();
    const std::size_t lines_before = report.progress.lines_count;
    std::size_t lines_done = 0;
    listener.on_progress = [&](std::size_t done, std::size_t count) {
        const double share = static_cast<double>(done) / static_cast<double>(count + 1);
        const std::string pace = pace_text({static_cast<std::int64_t>(lines_done), share,
                                            std::chrono::steady_clock::now() - begun_at});
        meter.say(file.name() + (pace.empty() ? "" : "  " + pace));
        meter.show(done, count);
    };
    ImportRun run(file, to.target, read_with(to.phones), listener);
    const InterruptNoted interrupt;
    const auto keep = [&](const ImportProgress& progress) {
        if (!options.is_dry_run) to.target.keep_progress(key, progress);
        lines_done = progress.lines_count - lines_before;
        if (InterruptNoted::was_interrupted()) end_here(console, meter, progress, options);
    };
    auto done = run.run(report.progress, options.is_dry_run, keep);
    meter.clear();
    if (!done) {
        return Error{done.error().code,
                     file.name() + ": " + done.error().detail + "; run it again to go on"};
    }
    report.progress = *done;
    if (!options.is_dry_run) to.target.forget_progress();
    return report;
}

void print_report(Console& console, const FileReport& report, bool is_dry_run) {
    const ImportProgress& progress = report.progress;
    if (progress.bad_count > bad_lines_shown_max) {
        console.err << report.name << ": and " << progress.bad_count - bad_lines_shown_max
                    << " more bad lines" << std::endl;
    }
    console.out << report.name << ": " << progress.lines_count
                << (progress.lines_count == 1 ? " line: " : " lines: ") << progress.changed_count
                << (is_dry_run ? " to write, " : " written, ") << progress.unchanged_count
                << " known already, " << progress.bad_count << " bad\n";
    if (progress.changed_count == 0 && progress.bad_count == 0) {
        console.out << "Nothing " << (is_dry_run ? "would change" : "changed")
                    << ": all of it was known.\n";
    }
}

json::object report_json(const FileReport& report) {
    json::array bad;
    for (const auto& one : report.bad_lines) {
        bad.push_back(json::object{{"line", one.line}, {"reason", one.reason}});
    }
    json::object file;
    file["file"] = report.name;
    file["kind"] = to_string(report.kind);
    file["lines"] = report.progress.lines_count;
    file["changed"] = report.progress.changed_count;
    file["unchanged"] = report.progress.unchanged_count;
    file["bad"] = report.progress.bad_count;
    file["bad_lines"] = std::move(bad);
    if (report.resumed_at_line > 0) file["resumed_at_line"] = report.resumed_at_line;
    return file;
}

int import_all(Console& console, const CommandLine& line, const ImportOptions& options,
               std::vector<ImportFile>& files, const Destination& to) {
    bool is_clean = true;
    json::array reports;
    for (auto& file : files) {
        const auto report = import_one(console, options, file, to);
        if (!report) return failed(console, report.error().detail);
        is_clean = is_clean && report->progress.bad_count == 0;
        if (line.is_json) {
            reports.push_back(report_json(*report));
        } else {
            print_report(console, *report, options.is_dry_run);
        }
    }
    if (line.is_json) {
        const json::object whole{{"ok", is_clean},
                                 {"dry_run", options.is_dry_run},
                                 {"target", to.target.name()},
                                 {"files", std::move(reports)}};
        console.out << json::serialize(whole) << "\n";
    }
    return is_clean ? exit_ok : exit_failed;
}

struct MongoSource {
    MongoWalk walk;
    std::size_t count = 0;  // About as many documents.
    std::string key;
};

Result<ImportProgress> copy_mongodb(Console& console, const ImportOptions& options,
                                    MongoSource& source, MongoImport& run, ImportTarget& target) {
    ImportProgress from;
    if (!options.is_dry_run && !options.restarts) {
        WRAPUP_TRY(const auto found, target.find_progress(source.key));
        if (found) from = *found;
    }
    if (!from.token.empty()) {
        console.err << "MongoDB: goes on after " << from.lines_count
                    << " documents, where it was interrupted (--restart begins anew)" << std::endl;
    }
    ImportMeter meter(console.err, "MongoDB", ::isatty(STDERR_FILENO) == 1);
    const InterruptNoted interrupt;
    const auto keep = [&](const ImportProgress& progress) {
        if (!options.is_dry_run) target.keep_progress(source.key, progress);
        if (InterruptNoted::was_interrupted()) end_here(console, meter, progress, options);
        meter.show(std::min(progress.lines_count, source.count), source.count);
    };
    auto done = run.run(from, options.is_dry_run, keep);
    meter.clear();
    if (done && !options.is_dry_run) target.forget_progress();
    return done;
}

void print_mongodb(Console& console, const CommandLine& line, const ImportOptions& options,
                   const ImportProgress& done, const MongoImport& run, const ImportTarget& target) {
    json::array reasons;
    for (const auto& [reason, count] : run.reasons()) {
        if (line.is_json) {
            reasons.push_back(json::object{{"reason", reason}, {"count", count}});
        } else {
            console.err << "MongoDB: left out: " << terminal_text(reason) << " (" << count << ")"
                        << std::endl;
        }
    }
    const std::size_t zones_count = run.dropped_zones_count();
    if (!line.is_json) {
        if (zones_count > 0) {
            console.err << "MongoDB: taken without time_zone, which is none: " << zones_count
                        << (zones_count == 1 ? " contact" : " contacts") << std::endl;
        }
        console.out << "MongoDB: " << done.lines_count << " documents: " << done.changed_count
                    << (options.is_dry_run ? " to write, " : " written, ") << done.unchanged_count
                    << " known already, " << done.bad_count << " left out\n";
        return;
    }
    const json::object whole{{"ok", true},
                             {"dry_run", options.is_dry_run},
                             {"target", target.name()},
                             {"documents", done.lines_count},
                             {"changed", done.changed_count},
                             {"unchanged", done.unchanged_count},
                             {"left_out", done.bad_count},
                             {"dropped_time_zones", zones_count},
                             {"reasons", std::move(reasons)}};
    console.out << json::serialize(whole) << "\n";
}

int run_mongodb_import(Console& console, const CommandLine& line, const ImportOptions& options) {
    const auto misuse = [&](const char* what) { return unusable(console, what); };
    if (options.from != "mongodb") return misuse("--from takes mongodb, and nothing else");
    if (!options.files.empty() || !options.kind.empty() || !options.maps.empty()) {
        return misuse("--from mongodb takes no FILE, --kind or --map; see [metadata.mongodb]");
    }
    const auto settings = read_import_settings(console, options);
    if (!settings) return unusable(console, settings.error().detail);
    if (!settings->mongodb) return misuse("set MONGODB_URI to the database to copy from");
    const auto phones = open_phones(settings->country);
    if (!phones) return unusable(console, phones.error().detail);
    const auto target = open_import_target(console, line, *settings);
    if (!target) return unusable(console, target.error().detail);

    const auto fail = [&](const Error& error) {
        return failed(console, "MongoDB: " + error.detail + "; run it again to go on");
    };
    const MongoMapping& names = settings->mongodb_mapping;
    MongoSource source{{*settings->mongodb, names},
                       0,
                       mongodb_progress_key(*settings->mongodb, names, (*target)->name())};
    const auto count = source.walk.count();
    if (!count) return fail(count.error());
    source.count = *count;
    std::ostream& preview = line.is_json ? console.err : console.out;
    preview << "MongoDB: about " << source.count << " documents in " << names.campaigns.collection
            << ", " << names.contacts.collection << " and " << names.calls.collection << "\n";
    tell_target(preview, options, **target);
    if (const auto code = code_without_consent(console, options, (*target)->name())) return *code;
    MongoImport run(source.walk, **target, read_with(**phones));
    const auto done = copy_mongodb(console, options, source, run, **target);
    if (!done) return fail(done.error());
    print_mongodb(console, line, options, *done, run, **target);
    return exit_ok;
}

int run_import(Console& console, const CommandLine& line, const ImportOptions& options) {
    if (!options.from.empty()) return run_mongodb_import(console, line, options);
    if (options.files.empty()) {
        return unusable(console, "name a FILE, or say --from mongodb");
    }
    auto files = open_files(options);
    if (!files) return unusable(console, files.error().detail);
    const auto settings = read_import_settings(console, options);
    if (!settings) return unusable(console, settings.error().detail);
    const auto phones = open_phones(settings->country);
    if (!phones) return unusable(console, phones.error().detail);
    const auto target = open_import_target(console, line, *settings);
    if (!target) return unusable(console, target.error().detail);

    std::ostream& preview = line.is_json ? console.err : console.out;
    for (const auto& file : *files) {
        preview << file.render_preview(console.has_colour && !line.is_json) << "\n";
    }
    tell_target(preview, options, **target);
    if (const auto code = code_without_consent(console, options, (*target)->name())) return *code;
    return import_all(console, line, options, *files, {**target, **phones});
}

}  // namespace

CommandSpec import_command() {
    const auto options = std::make_shared<ImportOptions>();
    CommandSpec command{"import", "Load calls, campaigns, contacts from files", notes, {}, {}, {}};
    command.options = {
        {"FILE", "", "CSV or JSON lines", &options->files, false, ""},
        {"--from", "mongodb", "Copy the dialler's MongoDB instead", &options->from, false, ""},
        {"--kind", "KIND", "calls, campaigns, contacts (guessed), do-not-call", &options->kind,
         false, ""},
        {"--map", "COLUMN=FIELD", "What a column means; repeatable", &options->maps, false, ""},
        {"--country", "AU", "Of numbers without + (WRAPUP_COUNTRY)", &options->country, false, ""},
        {"--dry-run", "", "Check everything, write nothing", &options->is_dry_run, false, ""},
        {"--yes", "", "Do not ask", &options->is_confirmed, false, ""},
        {"--restart", "", "Begin anew after an interruption", &options->restarts, false, ""},
    };
    command.run = [options](Console& console, const CommandLine& line) {
        return run_import(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
