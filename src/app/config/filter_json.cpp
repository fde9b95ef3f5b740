#include "app/config/filter_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::array outcomes{Outcome::held, Outcome::no_answer, Outcome::no_connection,
                              Outcome::voicemail};

Error wrong(std::string why) { return Error{Errc::invalid_input, std::move(why)}; }

// A word, or a list of words.
Result<std::vector<std::string>> words_of(const json::value& value, const std::string& key) {
    std::vector<std::string> words;
    const auto add = [&](const json::value& one) {
        if (!one.is_string() || one.get_string().empty()) return false;
        words.emplace_back(one.get_string());
        return true;
    };
    bool is_good = true;
    if (value.is_array()) {
        for (const auto& one : value.get_array()) is_good = is_good && add(one);
    } else {
        is_good = add(value);
    }
    if (!is_good || words.empty()) return wrong("needs words as its " + key);
    return words;
}

Result<std::vector<Outcome>> outcomes_of(const std::vector<std::string>& words) {
    std::vector<Outcome> found;
    for (const std::string& word : words) {
        const auto named = std::find_if(outcomes.begin(), outcomes.end(),
                                        [&](Outcome one) { return to_string(one) == word; });
        if (named == outcomes.end()) {
            return wrong(
                "has an outcome that is none of held, no answer, no connection, voicemail");
        }
        found.push_back(*named);
    }
    return found;
}

}  // namespace

Result<RecordFilter> parse_record_filter(std::string_view text) {
    json::error_code error;
    const json::value parsed = json::parse({text.data(), text.size()}, error);
    if (error || !parsed.is_object()) {
        return wrong("is not a table such as { outcome = [\"held\"], campaign = [\"Spring\"] }");
    }
    RecordFilter filter;
    for (const auto& [key, value] : parsed.get_object()) {
        const std::string name(key);
        if (name != "outcome" && name != "campaign") {
            return wrong("knows outcome and campaign only");
        }
        WRAPUP_TRY(auto words, words_of(value, name));
        if (name == "campaign") {
            filter.campaigns = std::move(words);
        } else {
            WRAPUP_TRY(filter.outcomes, outcomes_of(words));
        }
    }
    return filter;
}

}  // namespace wrapup
