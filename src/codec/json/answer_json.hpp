#pragma once

// Reads the API's answers tolerantly: another version of the server may say more, less, or say it
// under a neighbouring name.

#include <boost/json/fwd.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"

namespace wrapup {

using Names = std::initializer_list<std::string_view>;

Result<boost::json::value> parse_answer_json(std::string_view text);

// The first of these members that is there and not null; null when none is. A name may be a path:
// "data.status".
const boost::json::value& member(const boost::json::value& object, Names names);
// The same as text: strings as they are, numbers and booleans written out, everything else empty.
std::string text_member(const boost::json::value& object, Names names);
bool flag_member(const boost::json::value& object, Names names);
// The same as a time: RFC 3339 text, or a number of milliseconds since 1970.
std::optional<UtcTime> time_member(const boost::json::value& object, Names names);
// The same as a list; an empty one when it is not there.
const boost::json::array& list_member(const boost::json::value& object, Names names);
const boost::json::array& list_member(boost::json::value&&, Names) = delete;  // It is in it.

// What an answer that is no success says, fit for a terminal: the detail of a problem document, or
// the status.
std::string problem_text(int status, std::string_view body);

}  // namespace wrapup
