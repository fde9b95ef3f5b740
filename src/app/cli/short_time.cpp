#include "app/cli/short_time.hpp"

#include <algorithm>
#include <utility>

#include "adapters/files/time_zone_file.hpp"
#include "app/cli/api_client.hpp"
#include "base/console_text.hpp"

namespace wrapup {

namespace {

TimeZone zone_of_server(const ApiClient& client) {
    const auto answer = client.get("/api/ledger");
    if (!answer || answer->status != 200) return {};
    const auto today = parse_answer_json(answer->body);
    const auto zone =
        load_time_zone(today ? text_member(*today, {"timezone"}) : std::string("UTC"));
    return zone ? *zone : TimeZone();
}

// "2026-11-26T09:05:12.345Z" there, as if that were UTC.
std::string shown_there(UtcTime at, const TimeZone& zone) {
    return format_rfc3339(at + zone.offset_at(at));
}

}  // namespace

TimeZone find_zone(const Console& console, const CommandLine& line) {
    const auto input = console.read_settings();
    if (!input) return {};
    const Settings settings = inspect_settings(*input).settings;
    const bool is_elsewhere = !line.url.empty() || !settings.client_url.empty();
    const bool is_said = std::ranges::any_of(settings.effective, [](const EffectiveSetting& one) {
        return one.name == "WRAPUP_TIMEZONE" && one.source != "default";
    });
    if (is_said || !is_elsewhere) return settings.timezone;
    const auto client = open_api(console, line);
    return client ? zone_of_server(*client) : TimeZone();
}

TimeZone zone_of(const Console& console) {
    return console.find_zone ? console.find_zone() : find_zone(console, CommandLine());
}

std::string short_time(UtcTime at, const TimeZone& zone) {
    const std::string text = shown_there(at, zone);
    return text.substr(5, 5) + " " + text.substr(11, 5);
}

std::string long_time(UtcTime at, const TimeZone& zone) {
    const std::string text = shown_there(at, zone);
    return text.substr(0, 10) + " " + text.substr(11, 8) + " (" + zone.name() + ")";
}

ListTimes::ListTimes(const Console& console) : is_short_(console.terminal_columns > 0) {
    if (is_short_) zone_ = zone_of(console);
}

std::string ListTimes::of(const boost::json::value& row, Names names) const {
    const auto at = is_short_ ? time_member(row, names) : std::nullopt;
    return at ? short_time(*at, zone_) : terminal_text(text_member(row, names));
}

std::string ListTimes::whole(UtcTime at) const {
    return is_short_ ? long_time(at, zone_) : format_rfc3339(at);
}

std::string ListTimes::sentence(std::string_view text) const {
    constexpr std::size_t size_min = std::string_view("2026-11-26T09:05:12Z").size();
    std::string out;
    std::size_t word = 0;  // Where this one and the one before begin.
    std::size_t before = 0;
    for (std::size_t i = 0; i < text.size();) {
        if (i > 0 && text[i - 1] == ' ') before = std::exchange(word, i);
        const bool is_digit = text[i] >= '0' && text[i] <= '9';
        const std::size_t end = is_digit ? text.find('Z', i) : text.npos;
        const bool may_be = end != text.npos && end + 1 - i >= size_min && end - i < size_min + 4;
        const auto at =
            is_short_ && may_be ? parse_rfc3339(text.substr(i, end + 1 - i)) : std::nullopt;
        const bool is_read = word > before && text.substr(before).starts_with("--");
        if (at && !is_read) {
            out += short_time(*at, zone_);
            i = end + 1;
        } else {
            out += text[i++];
        }
    }
    return out;
}

}  // namespace wrapup
