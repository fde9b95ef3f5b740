#pragma once

// Times in lists.

#include <boost/json.hpp>
#include <string>
#include <string_view>

#include "app/cli/cli.hpp"
#include "base/time_zone.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {

// The zone of people here: WRAPUP_TIMEZONE, else that of a server which is elsewhere. UTC where
// neither can be told.
TimeZone find_zone(const Console& console, const CommandLine& line);
// The same, found once for each command.
TimeZone zone_of(const Console& console);

// "11-26 09:05"
std::string short_time(UtcTime at, const TimeZone& zone);
// "2026-11-26 09:05:12 (Europe/Berlin)"
std::string long_time(UtcTime at, const TimeZone& zone);

// How a list shows a time: short and in people's zone on a terminal, as it came (RFC 3339, UTC) in
// a pipe, for programs.
class ListTimes {
public:
    ListTimes() = default;  // For programs.
    explicit ListTimes(const Console& console);

    std::string of(const boost::json::value& row, Names names) const;
    // One that stands by itself: with its year, its seconds and its zone.
    std::string whole(UtcTime at) const;
    // A sentence with the times that it has; those of options stay, which commands read.
    std::string sentence(std::string_view text) const;

private:
    bool is_short_ = false;
    TimeZone zone_;
};

}  // namespace wrapup
