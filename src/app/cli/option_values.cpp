#include "app/cli/option_values.hpp"

#include <algorithm>

#include "base/nearest_word.hpp"
#include "base/text.hpp"
#include "domain/call.hpp"

namespace wrapup {
namespace {

std::string plain(std::string_view word) {
    std::string text = to_lower(trim(word));
    std::ranges::replace_if(
        text, [](char c) { return c == '-' || c == ' '; }, '_');
    return text;
}

}  // namespace

// Without `merged`: such a call is told of as the one that it became.
std::vector<std::string> call_states() {
    return {"open", "settling", "delivering", "delivered", "parked", "out_of_scope"};
}

std::vector<std::string> outcome_words() {
    return {"held", "no-answer", "no-connection", "voicemail"};
}

std::vector<std::string> park_reasons() {
    std::vector<std::string> words;
    constexpr auto last = static_cast<int>(ParkReason::given_up);
    for (int reason = 0; reason <= last; ++reason) {
        words.emplace_back(to_string(static_cast<ParkReason>(reason)));
    }
    return words;
}

Result<std::string> value_meant(const std::vector<std::string>& values, std::string_view text) {
    for (const std::string& value : values) {
        if (plain(value) == plain(text)) return value;
    }
    std::string why = std::string(text) + " is not " + joined_with_or(values);
    if (const auto near = nearest_word(to_lower(text), values)) {
        why += "; did you mean " + *near + "?";
    }
    return Error{Errc::invalid_input, std::move(why)};
}

std::string joined_with_or(const std::vector<std::string>& words) {
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " or " : ", ";
        text += words[i];
    }
    return text;
}

}  // namespace wrapup
