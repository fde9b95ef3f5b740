#include "app/cli/running_findings.hpp"

#include <algorithm>

#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr std::string_view refused = "refused:";

// What is left to do for whoever has called the doctor already.
std::string beyond_doctor(std::string next) {
    for (const std::string_view first : {"wrapup doctor, then ", "wrapup doctor; then "}) {
        if (next.starts_with(first)) next.erase(0, first.size());
    }
    for (const std::string_view last : {", then wrapup doctor", "; wrapup doctor"}) {
        if (next.ends_with(last)) next.erase(next.size() - last.size());
    }
    return next == "wrapup doctor" ? "see the server's log" : next;
}

std::string advice_of(const StatusTrouble& trouble, const RefusalHints& hints) {
    if (trouble.about.starts_with(refused)) {
        const std::string advice = refusal_advice(trouble.about.substr(refused.size()), hints);
        if (!advice.empty()) return advice;
    }
    if (trouble.about == "store") {
        return hints.has_database ? "see that the server of DATABASE_URL runs and takes connections"
                                  : "see the server's log and the data folder's disk";
    }
    const bool is_of_vendor = trouble.about == "twilio" || trouble.about == "elevenlabs";
    if (is_of_vendor && trouble.next.starts_with("wrapup doctor")) {
        return "where its credentials are right by now, wrapup goes on by itself within "
               "WRAPUP_RECONCILE_INTERVAL; where it was started with others, restart it";
    }
    return beyond_doctor(trouble.next);
}

// One cause is one finding: the doctor has tried the vendor itself, or its key is not in use yet.
bool is_known(const StatusTrouble& trouble, const std::vector<Finding>& own) {
    const auto is_same = [&](const Finding& finding) { return finding.text + "." == trouble.what; };
    if (std::ranges::any_of(own, is_same)) return true;
    const auto is_of_disk = [](const Finding& finding) {
        return finding.text.starts_with(disk_is_full);
    };
    if (std::ranges::any_of(own, is_of_disk)) {
        return trouble.about == "store" || trouble.about == "disk" ||
               trouble.about == "refused:not_stored";
    }
    if (trouble.about != "twilio" && trouble.about != "elevenlabs") return false;
    return std::ranges::any_of(own, [&](const Finding& finding) {
        return finding.level == Finding::Level::broken &&
               to_lower(finding.text).find(trouble.about) != std::string::npos;
    });
}

}  // namespace

RefusalHints refusal_hints(const StatusAnswers& answers, bool has_database) {
    RefusalHints hints;
    hints.has_database = has_database;
    hints.matching = terminal_text(text_member(answers.settings, {"server_url_that_would_match"}));
    for (const StatusTrouble& trouble : findings_of(answers)) {
        if (trouble.about == "store") hints.told_causes.emplace_back("not_stored");
        if (!trouble.about.starts_with(refused)) continue;
        hints.told_causes.push_back(trouble.about.substr(refused.size()));
    }
    const bool is_store_well = text_member(answers.ready, {"dependencies.store"}) == "ok";
    for (const auto& row : list_member(answers.status, {"refused"})) {
        for (const auto& path : list_member(row, {"paths"})) {
            if (text_member(row, {"cause"}) != "bad_signature" || !path.is_string()) continue;
            hints.signature_paths.push_back(terminal_text(path.get_string()));
        }
        if (!is_store_well || text_member(row, {"cause"}) != "not_stored") continue;
        hints.not_stored_until = terminal_text(text_member(row, {"last_at"}));
    }
    return hints;
}

std::vector<Finding> running_findings(const StatusAnswers& answers, const RefusalHints& hints,
                                      const std::vector<Finding>& own) {
    std::vector<Finding> findings;
    std::vector<Finding> known = own;
    for (const StatusTrouble& trouble : findings_of(answers)) {
        if (is_known(trouble, known)) continue;
        std::string what = trouble.what;
        if (what.ends_with('.')) what.pop_back();
        findings.push_back({Finding::Level::broken, std::move(what), advice_of(trouble, hints)});
        known.push_back(findings.back());
    }
    for (const StatusTrouble& note : notes_of(answers)) {
        std::string what = note.what;
        if (what.ends_with('.')) what.pop_back();
        findings.push_back({Finding::Level::note, std::move(what),
                            note.next.empty()
                                ? "it goes on by itself; see to the other side if it lasts"
                                : note.next});
    }
    return findings;
}

}  // namespace wrapup
