// How `wrapup doctor` says what it found.

#include <boost/json.hpp>

#include "app/doctor/doctor.hpp"
#include "base/console_text.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;
using Level = Finding::Level;

std::string_view name_of(Level level) {
    switch (level) {
        case Level::good: return "ok";
        case Level::note: return "note";
        case Level::broken: return "broken";
    }
    return "";
}

Paint paint_of(Level level) {
    switch (level) {
        case Level::good: return Paint::green;
        case Level::note: return Paint::yellow;
        case Level::broken: return Paint::red;
    }
    return Paint::dim;
}

std::string render_finding(const Finding& finding, bool has_colour) {
    const std::string level =
        painted(padded(name_of(finding.level), 6), paint_of(finding.level), has_colour);
    std::string lines = "  " + level + "  " + wrapped(terminal_text(finding.text), 68, 10) + "\n";
    if (!finding.advice.empty()) {
        lines += "          -> " + wrapped(terminal_text(finding.advice), 65, 13) + "\n";
    }
    return lines;
}

}  // namespace

std::string render_diagnosis(const Diagnosis& diagnosis, bool has_colour, bool shows_defaults,
                             std::size_t columns) {
    std::string text = diagnosis.is_running ? "wrapup runs" : "wrapup does not run here";
    if (!diagnosis.is_well()) {
        text += diagnosis.is_running ? ", and needs a person: see what is marked broken.\n"
                                     : ", and would not work: see what is marked broken.\n";
    } else {
        text += diagnosis.is_failing   ? ", and not all goes well: see the notes.\n"
                : diagnosis.is_running ? ", and nothing is wrong.\n"
                                       : ". Nothing is wrong: start it with `wrapup serve`.\n";
    }
    text += "\n" + painted("Findings", Paint::bold, has_colour) + "\n";
    // What is broken first.
    for (const Level level : {Level::broken, Level::note, Level::good}) {
        for (const auto& finding : diagnosis.findings) {
            if (finding.level == level) text += render_finding(finding, has_colour);
        }
    }
    std::vector<std::vector<std::string>> rows;
    for (const auto& setting : diagnosis.settings) {
        const bool is_set = !setting.shown.empty();
        const bool is_changed = is_set && setting.source != "default";
        if (!is_changed && !shows_defaults) continue;
        rows.push_back({"  " + setting.name, is_set ? terminal_text(setting.shown) : "-",
                        is_set ? terminal_text(setting.source) : ""});
    }
    text += "\n" + painted("Settings", Paint::bold, has_colour) +
            (shows_defaults ? "" : " that were made (--all: the defaults, too)") + "\n";
    return text + (rows.empty() ? "  none\n" : render_table(rows, columns));
}

std::string diagnosis_json(const Diagnosis& diagnosis) {
    json::array settings;
    for (const auto& setting : diagnosis.settings) {
        json::object row;
        row["name"] = setting.name;
        if (setting.shown.empty()) {
            row["value"] = nullptr;
        } else {
            row["value"] = setting.shown;
        }
        row["source"] = setting.source;
        row["is_secret"] = setting.is_secret;
        settings.push_back(std::move(row));
    }
    json::array findings;
    for (const auto& finding : diagnosis.findings) {
        json::object row;
        row["level"] = name_of(finding.level);
        row["text"] = finding.text;
        row["advice"] = finding.advice;
        findings.push_back(std::move(row));
    }
    json::object whole;
    whole["ok"] = diagnosis.is_well();
    whole["is_running"] = diagnosis.is_running;
    whole["findings"] = std::move(findings);
    whole["settings"] = std::move(settings);
    return json::serialize(whole);
}

}  // namespace wrapup
