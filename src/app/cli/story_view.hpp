#pragma once

// A call's story as a person reads it: what is known, why the record is where it is, and one line
// of time for events, settling and attempts.

#include <boost/json/fwd.hpp>
#include <string>

#include "app/cli/short_time.hpp"
#include "base/time.hpp"

namespace wrapup {

// `story`: the answer of GET /api/calls/{sid}.
std::string render_story(const boost::json::value& story, bool has_colour,
                         const ListTimes& times = {});

// "+0.125 s", "+2 m 05 s", "+3 h 07 m": since the first event.
std::string format_offset(milliseconds offset);

}  // namespace wrapup
