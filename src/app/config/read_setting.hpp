#pragma once

// How a row of the table of settings reads its text into a field, and what that text means, in one
// spelling for all that means the same.

#include <algorithm>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "app/config/setting_table.hpp"

namespace wrapup {

template <class Value>
std::string meaning_of(const Value& value) {
    if constexpr (std::is_enum_v<Value>) {
        return std::to_string(static_cast<int>(value));
    } else if constexpr (std::is_arithmetic_v<Value>) {
        return std::to_string(value);
    } else {
        return std::string(value);
    }
}
template <class Rep, class Period>
std::string meaning_of(const std::chrono::duration<Rep, Period>& value) {
    return std::to_string(std::chrono::duration_cast<milliseconds>(value).count());
}
inline std::string meaning_of(const UtcTime& value) { return meaning_of(value.time_since_epoch()); }
inline std::string meaning_of(const TimeZone& value) { return value.name(); }
inline std::string meaning_of(const ListenAddress& value) { return to_string(value); }
inline std::string meaning_of(const MongoSettings& value) { return value.uri; }
inline std::string meaning_of(const RateLimit& value) {
    return meaning_of(value.count) + "/" + meaning_of(value.per);
}
inline std::string meaning_of(const CallingHours::Window& value) {
    return meaning_of(value.from) + "+" + meaning_of(value.length);
}
template <class First, class Second>
std::string meaning_of(const std::pair<First, Second>& value) {
    return meaning_of(value.first) + ":" + meaning_of(value.second);
}

// What comes behind the first `in_order` is the same in any order.
template <class Value>
std::string meaning_of_list(const std::vector<Value>& list, std::size_t in_order) {
    std::vector<std::string> all;
    for (const Value& one : list) all.push_back(meaning_of(one));
    const std::size_t first = std::min(in_order, all.size());
    std::sort(all.begin() + static_cast<std::ptrdiff_t>(first), all.end());
    std::string meaning;
    for (const std::string& one : all) meaning += one + "\n";
    return meaning;
}
template <class Value>
std::string meaning_of(const std::vector<Value>& list) {
    return meaning_of_list(list, 0);
}
template <class Rep, class Period>
std::string meaning_of(const std::vector<std::chrono::duration<Rep, Period>>& waits) {
    return meaning_of_list(waits, waits.size());
}
inline std::string meaning_of(const CallingHours& value) { return meaning_of(value.windows); }
inline std::string meaning_of(const RecordFilter& value) {
    return meaning_of(value.outcomes) + "\n" + meaning_of(value.campaigns);
}

template <class Parse, class Meaning>
ReadSetting reading(ReadSetting::Read read, Parse parse, Meaning meaning) {
    return {std::move(read), [=](std::string_view text) {
                const auto parsed = parse(text);
                return parsed ? meaning(*parsed) : std::string(text);
            }};
}
constexpr auto usual_meaning = [](const auto& value) { return meaning_of(value); };

template <class Field, class Parse, class Meaning = decltype(usual_meaning)>
ReadSetting into(Field Settings::*field, Parse parse, Meaning meaning = usual_meaning) {
    const auto read = [=](std::string_view text, Settings& settings,
                          std::string_view) -> Result<void> {
        WRAPUP_TRY(settings.*field, parse(text));
        return {};
    };
    return reading(read, parse, meaning);
}

template <class Field, class Parse>
ReadSetting of_destination(Field DestinationConfig::*field, Parse parse) {
    const auto read = [=](std::string_view text, Settings& settings,
                          std::string_view name) -> Result<void> {
        WRAPUP_TRY(settings.destination(name).*field, parse(text));
        return {};
    };
    return reading(read, parse, usual_meaning);
}

template <class Field, class Parse>
ReadSetting of_policy(Field DeliveryPolicy::*field, Parse parse) {
    const auto read = [=](std::string_view text, Settings& settings,
                          std::string_view name) -> Result<void> {
        WRAPUP_TRY(settings.destination(name).policy.*field, parse(text));
        return {};
    };
    return reading(read, parse, usual_meaning);
}

}  // namespace wrapup
