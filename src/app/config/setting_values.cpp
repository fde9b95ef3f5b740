#include "app/config/setting_values.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <set>

#include "app/config/setting_table.hpp"
#include "base/text.hpp"
#include "codec/standard_webhooks.hpp"
#include "domain/phone_number.hpp"
#include "domain/retry_waits.hpp"

namespace wrapup {
namespace {

Error wrong(std::string why) { return Error{Errc::invalid_input, std::move(why)}; }

bool is_printable_word(std::string_view text) {
    return !text.empty() &&
           std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < '\x7f'; });
}

bool is_hex(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    });
}

bool is_phone_number(std::string_view normalized) {
    return normalized.size() >= 8 && normalized.size() <= 16 && normalized.front() == '+' &&
           std::all_of(normalized.begin() + 1, normalized.end(),
                       [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

Result<bool> parse_flag(std::string_view text) {
    const std::string word = to_lower(text);
    if (word == "true" || word == "yes" || word == "on" || word == "1") return true;
    if (word == "false" || word == "no" || word == "off" || word == "0") return false;
    return wrong("is neither true nor false");
}

Result<bool> parse_on_machine(std::string_view text) {
    if (text == "leave" || text == "hang_up") return text == "hang_up";
    return Error{Errc::invalid_input, "must be leave or hang_up"};
}

Result<LogFormat> parse_log_format(std::string_view text) {
    if (text == "text") return LogFormat::text;
    if (text == "json") return LogFormat::json;
    return wrong("is neither text nor json");
}

Result<LogLevel> parse_log_level(std::string_view text) {
    if (text == "debug") return LogLevel::debug;
    if (text == "info") return LogLevel::info;
    if (text == "warning") return LogLevel::warning;
    return wrong("is neither info nor debug nor warning");
}

Result<UtcTime> parse_since(std::string_view text) {
    if (const auto time = parse_rfc3339(text)) return *time;
    if (const auto midnight = parse_rfc3339(std::string(text) + "T00:00:00Z")) return *midnight;
    return wrong("is neither a date such as 2026-03-01 nor a time such as 2026-03-01T12:00:00Z");
}

Result<milliseconds> parse_bounded_duration(std::string_view text, DurationBounds bounds) {
    const auto duration = parse_duration(text);
    if (!duration) return wrong("is not a duration such as 180s, 10m or 24h");
    if (*duration < bounds.least || *duration > bounds.most) {
        return wrong("is not between " + format_duration(bounds.least) + " and " +
                     format_duration(bounds.most));
    }
    return *duration;
}

Result<std::vector<milliseconds>> parse_retry_schedule(std::string_view text) {
    constexpr DurationBounds bounds{milliseconds{1}, std::chrono::hours{24 * 30}};
    constexpr std::size_t steps_max = 100;
    const auto steps = split_list(text);
    if (steps.empty()) return wrong("holds no duration");
    if (steps.size() > steps_max) return wrong("holds more than 100 waits");
    std::vector<milliseconds> schedule;
    for (const auto& step : steps) {
        const auto wait = parse_bounded_duration(step, bounds);
        if (!wait) {
            return wrong("is not a list of waits such as 5s,30s,2m (number " +
                         std::to_string(schedule.size() + 1) + " " + wait.error().detail + ")");
        }
        schedule.push_back(*wait);
    }
    return schedule;
}

Result<RetryWaits> parse_call_retry(std::string_view text) {
    auto waits = parse_retry_waits(split_list(text));
    if (!waits) return wrong("is not up to 10 waits from 1s to 30d, as in [\"15m\", \"1h\"]");
    return *std::move(waits);
}

Result<RateLimit> parse_rate(std::string_view text) {
    constexpr std::int64_t most = 1'000'000;
    const std::size_t slash = text.find('/');
    const auto count = parse_int(text.substr(0, slash));
    const std::string_view unit =
        slash == std::string_view::npos ? std::string_view{} : text.substr(slash + 1);
    RateLimit rate;
    if (unit == "m") rate.per = std::chrono::minutes{1};
    if (unit == "h") rate.per = std::chrono::hours{1};
    const bool is_unit = unit == "s" || unit == "m" || unit == "h";
    if (!count || *count < 1 || *count > most || !is_unit) {
        return wrong("is not a rate such as 50/s, 3000/m or 100/h");
    }
    rate.count = static_cast<int>(*count);
    return rate;
}

Result<int> parse_bounded_int(std::string_view text, IntBounds bounds) {
    const auto number = parse_int(text);
    if (!number || *number < bounds.least || *number > bounds.most) {
        return wrong("is not a number from " + std::to_string(bounds.least) + " to " +
                     std::to_string(bounds.most));
    }
    return static_cast<int>(*number);
}

Result<std::string> parse_secret(std::string_view text) {
    if (!is_printable_word(text)) return wrong("has a blank or an unprintable character");
    return std::string(text);
}

// What stood between two commas may have got lost: nothing is guessed.
Result<std::vector<std::string>> parse_list(std::string_view text) {
    auto entries = split_list(text);
    if (entries.empty()) return wrong("is a list without an entry");
    const auto commas = std::count(text.begin(), text.end(), ',');
    if (std::ssize(entries) <= commas) return wrong("has an empty entry: a comma too many");
    return entries;
}

Result<std::vector<std::string>> parse_secrets(std::string_view text) {
    WRAPUP_TRY(auto secrets, parse_list(text));
    if (!std::all_of(secrets.begin(), secrets.end(), is_printable_word)) {
        return wrong("has a blank or an unprintable character");
    }
    return secrets;
}

Result<std::string> parse_api_token(std::string_view text) {
    constexpr std::size_t size_min = 16;
    constexpr std::size_t different_min = 6;
    if (text.size() < size_min) return wrong("is shorter than 16 characters");
    const std::set<char> different(text.begin(), text.end());
    if (different.size() < different_min) {
        return wrong("is too easy to guess: `openssl rand -hex 32` makes a good one");
    }
    return parse_secret(text);
}

Result<std::string> parse_account_sid(std::string_view text) {
    if (text.size() == 34 && text.starts_with("AC") && is_hex(text.substr(2))) {
        return std::string(text);
    }
    return wrong("is not AC followed by 32 hex digits");
}

Result<std::vector<std::string>> parse_phone_numbers(std::string_view text) {
    WRAPUP_TRY(const auto pieces, parse_list(text));
    std::vector<std::string> numbers;
    for (const auto& piece : pieces) {
        std::string number = normalize_phone_number(piece);
        if (!is_phone_number(number)) {
            return wrong("is not a list of numbers such as +61255501234 (number " +
                         std::to_string(numbers.size() + 1) + ")");
        }
        numbers.push_back(std::move(number));
    }
    return numbers;
}

// ISO 3166-1, and Kosovo's XK, which numbering knows too.
constexpr std::string_view countries =
    "AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO "
    "BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ "
    "DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP "
    "GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG "
    "KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML "
    "MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE "
    "PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL "
    "SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM "
    "US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW ";

Result<std::string> parse_country(std::string_view text) {
    std::string country;
    for (const char c : to_lower(text)) {
        if (c < 'a' || c > 'z') return wrong("is not the two letters of a country, such as AU");
        country += static_cast<char>(c - 'a' + 'A');
    }
    const bool is_known =
        country.size() == 2 && countries.find(country + " ") != std::string_view::npos;
    if (!is_known) return wrong("is not the two letters of a country, such as AU");
    return country;
}

Result<std::string> parse_signing_secret(std::string_view text) {
    auto key = parse_webhook_secret(text);
    if (key) return key;
    return wrong("is not whsec_ and 24 to 64 bytes in base64");
}

Result<std::vector<int>> parse_statuses(std::string_view text) {
    constexpr IntBounds bounds{300, 599};
    std::vector<int> statuses;
    for (const auto& piece : split_list(text)) {
        const auto status = parse_bounded_int(piece, bounds);
        if (!status) return wrong("is not a list of HTTP statuses from 300 to 599");
        statuses.push_back(*status);
    }
    return statuses;
}

Result<OnUnknown> parse_on_unknown(std::string_view text) {
    if (text == "retry") return OnUnknown::retry;
    if (text == "park") return OnUnknown::park;
    return wrong("is neither retry nor park");
}

Result<UnsignedSenders> parse_unsigned_senders(std::string_view text) {
    UnsignedSenders senders;
    for (const auto& piece : split_list(text)) {
        const std::string name = to_lower(piece);
        if (name == "twilio") {
            senders.twilio = true;
        } else if (name == "elevenlabs") {
            senders.elevenlabs = true;
        } else {
            return wrong("knows the senders twilio and elevenlabs only");
        }
    }
    return senders;
}

Result<void> check_destination_kind(std::string_view text) {
    constexpr std::array unbuilt{"template", "salesforce", "hubspot", "zoho", "pipedrive", "close"};
    if (text == webhook_kind) return {};
    if (std::ranges::find(unbuilt, text) == unbuilt.end()) {
        return Error{Errc::invalid_input, "is no kind of destination; there is webhook"};
    }
    return Error{Errc::invalid_input, "asks for the kind " + std::string(text) +
                                          ", which this version does not have yet"};
}

}  // namespace wrapup
