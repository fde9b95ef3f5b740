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

std::string render_diagnosis(const Diagnosis& diagnosis, bool has_colour) {
    std::vector<std::vector<std::string>> rows;
    for (const auto& setting : diagnosis.settings) {
        const bool is_set = !setting.shown.empty();
        rows.push_back({"  " + setting.name, is_set ? terminal_text(setting.shown) : "-",
                        is_set ? terminal_text(setting.source) : ""});
    }
    std::string text = painted("Settings", Paint::bold, has_colour) + "\n" + render_table(rows);
    text += "\n" + painted("Findings", Paint::bold, has_colour) + "\n";
    for (const auto& finding : diagnosis.findings) text += render_finding(finding, has_colour);
    if (!diagnosis.is_well()) {
        return text + (diagnosis.is_running
                           ? "\nIt runs, and needs a person: see what is marked broken.\n"
                           : "\nIt will not work like this: see what is marked broken.\n");
    }
    return text + (diagnosis.is_running ? "\nIt runs, and nothing is wrong.\n"
                                        : "\nReady: start it with `wrapup serve`.\n");
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
    whole["findings"] = std::move(findings);
    whole["settings"] = std::move(settings);
    return json::serialize(whole);
}

}  // namespace wrapup
