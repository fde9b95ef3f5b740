// `wrapup doctor` looks at the dialler's MongoDB: whether it answers, and whether the mapping leads
// from its calls to campaigns and names.

#include "app/doctor/doctor.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

std::string setting_of(const std::string& key) { return "[metadata.mongodb] " + key; }

std::string joined(const std::vector<std::string>& words) {
    std::string text;
    for (const auto& word : words) text += (text.empty() ? "" : ", ") + word;
    return text;
}

Finding judge_away(const MongoDiagnosis& seen) {
    const std::string why = seen.detail.empty() ? "no answer" : seen.detail;
    return {
        Level::broken, "MongoDB does not answer: " + why,
        "see that it runs, that this machine may connect to it (on Atlas: its access list), and "
        "that MONGODB_URI holds the right user and password. wrapup starts all the same; calls "
        "wait for it up to WRAPUP_METADATA_WAIT",
        true};
}

void judge_collections(const MongoDiagnosis& seen, std::vector<Finding>& findings) {
    for (const auto& collection : seen.collections) {
        if (collection.exists) continue;
        // Without calls nothing is found at all; the other two have stand-ins.
        const bool is_vital = collection.setting == "calls.collection";
        findings.push_back({is_vital ? Level::broken : Level::note,
                            "MongoDB has no collection " + collection.name + " in this database",
                            "see that MONGODB_URI names the dialler's database, or set " +
                                setting_of(collection.setting),
                            true});
    }
}

bool has_collection(const MongoDiagnosis& seen, const std::string& name) {
    for (const auto& collection : seen.collections) {
        if (collection.name == name) return collection.exists;
    }
    return false;
}

void judge_indexes(const MongoDiagnosis& seen, std::vector<Finding>& findings) {
    for (const auto& index : seen.indexes) {
        if (!has_collection(seen, index.collection)) continue;
        const std::string what = index.collection + "." + index.field;
        if (index.exists) {
            findings.push_back({Level::good, "MongoDB has an index on " + what, ""});
        } else {
            findings.push_back(
                {Level::note,
                 "MongoDB has no index on " + what + ": each lookup reads the whole collection",
                 "db.getCollection(\"" + index.collection + "\").createIndex({ \"" + index.field +
                     "\": 1 })"});
        }
    }
}

// Some calls without are a gap in the data; all without are a wrong name.
Level level_of(int count, int calls_count) {
    if (count == calls_count) return Level::good;
    return count == 0 ? Level::broken : Level::note;
}

Finding judge_rate(const MongoDiagnosis& seen, int count, const std::string& what) {
    return {level_of(count, seen.calls_count),
            std::to_string(count) + " of the latest " + std::to_string(seen.calls_count) +
                " calls in MongoDB have " + what,
            ""};
}

// The one line that shows a wrong name: what we look for beside what is there.
Finding worst_miss(const MongoDiagnosis& seen) {
    const MongoDiagnosis::Miss& miss = seen.misses.front();
    const bool is_of_calls = miss.setting.starts_with("calls.");
    std::string text = "most often missing: " + setting_of(miss.setting) + " = \"" + miss.field +
                       "\", for " + std::to_string(miss.calls_count) + " of " +
                       std::to_string(seen.calls_count) + " calls";
    if (is_of_calls && !seen.call_fields.empty()) {
        text += ". The calls have the fields " + joined(seen.call_fields);
    }
    return {Level::note, text,
            is_of_calls
                ? "if one of these is meant, name it in wrapup.toml; dotted paths lead into "
                  "documents"
                : "see that it is that collection's field, and that its values are what "
                  "the calls hold"};
}

void judge_calls(const MongoDiagnosis& seen, std::vector<Finding>& findings) {
    if (seen.calls_count == 0) {
        if (has_collection(seen, seen.collections.empty() ? "" : seen.collections.front().name)) {
            findings.push_back({Level::note,
                                "MongoDB holds no calls yet, so the mapping is untried",
                                "run doctor again after the dialler's first call"});
        }
        return;
    }
    findings.push_back(judge_rate(seen, seen.calls_with_campaign, "a campaign"));
    findings.push_back(judge_rate(seen, seen.calls_with_name, "a name"));
    if (!seen.misses.empty()) findings.push_back(worst_miss(seen));
}

}  // namespace

std::vector<Finding> judge_mongodb(const MongoDiagnosis& seen) {
    if (!seen.is_answering) return {judge_away(seen)};
    std::vector<Finding> findings = {
        {Level::good, "MongoDB answers",
         "nothing is ever written there: give wrapup a user with the role read and no more"}};
    judge_collections(seen, findings);
    judge_indexes(seen, findings);
    if (!seen.detail.empty()) {
        findings.push_back({Level::broken, "MongoDB answers, but not everything: " + seen.detail,
                            "see that the user may read these collections (role read)"});
        return findings;
    }
    judge_calls(seen, findings);
    return findings;
}

std::vector<Finding> examine_mongodb(const InspectedSettings& inspected) {
    const Settings& settings = inspected.settings;
    if (!inspected.problems.empty() || !settings.mongodb) return {};
    return judge_mongodb(diagnose(*settings.mongodb, settings.mongodb_mapping));
}

}  // namespace wrapup
