#pragma once

// Calls of GET /api/calls as rows.

#include <boost/json/fwd.hpp>
#include <chrono>
#include <cstddef>
#include <string>

#include "app/cli/cli.hpp"
#include "base/time_zone.hpp"

namespace wrapup {

struct CallsLook {
    std::size_t columns = 0;  // Of the terminal; 0: there is none, and nothing is shortened.
    bool has_colour = false;
    TimeZone zone{};  // Of the times on a terminal; elsewhere they are RFC 3339 in UTC.
    // In a pipe: as wide as anything they hold, for rows that come one after the other.
    bool has_steady_columns = false;
};

// Who hears of a call so long after its end is told when it ended.
inline constexpr std::chrono::minutes heard_late{5};

// On a terminal when, to whom, how far and which, and then as much as it has room for.
std::string render_calls(const boost::json::array& calls, const CallsLook& look);
// One of them as a line of fixed columns, for those that come one after the other.
std::string call_line(const boost::json::value& call, const TimeZone& zone);

std::string calls_csv_head();
// As it came, for a file or a program; what is shown on a terminal is fit for it. What a
// spreadsheet would take for a formula has a ' before it; a number with its sign stays.
std::string call_csv(const boost::json::value& call, bool is_for_terminal);

// `wrapup show NUMBER` is `wrapup calls --phone NUMBER`.
int list_calls_of(Console& console, const CommandLine& line, const std::string& number);

}  // namespace wrapup
