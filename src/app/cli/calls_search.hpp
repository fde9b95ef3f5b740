#pragma once

// Looking for calls as people remember them: the end of a number, part of a name, a campaign in any
// case. The API knows them exactly alone.

#include <boost/json.hpp>
#include <string>
#include <string_view>

namespace wrapup {

// What is empty is not asked for.
struct CallSearch {
    std::string digits;    // The number ends with them.
    std::string name;      // Lower case; part of the name.
    std::string campaign;  // Lower case; all of it.

    bool is_empty() const { return digits.empty() && name.empty() && campaign.empty(); }
};

// A number as people write it: digits, and what stands between them. No id looks like one.
bool is_written_number(std::string_view text);

// A number without '+', without its trunk prefix: "0413 052 898" is the end of +61413052898.
std::string last_digits(std::string_view number);

boost::json::array found_in(const boost::json::array& calls, const CallSearch& search);

}  // namespace wrapup
