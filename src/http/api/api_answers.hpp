#pragma once

// What every endpoint of the API says alike.

#include <boost/json/object.hpp>
#include <boost/json/string.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <string_view>

#include "base/result.hpp"
#include "base/time.hpp"
#include "http/api/api_input.hpp"
#include "http/server/message.hpp"

namespace wrapup {

// 400, with the field's name where one is to blame.
Response bad_input(const BadInput& bad);

// What the store or the service says of a request that it did not carry out.
Response error_response(const Error& error);

// A problem document with further members.
Response problem_with(int status, std::string_view detail, boost::json::object more);

// A guard: 415 for a body of another type.
std::optional<Response> refuse_other_than_json(const Request& request);

// ---- Members of an answer; what is not known is null ----

boost::json::string json_text(std::string_view value);  // Broken UTF-8 becomes U+FFFD.
boost::json::value text_or_null(std::string_view value);
boost::json::value time_or_null(const std::optional<UtcTime>& time);
boost::json::value status_or_null(int http_status);

template <class Word>
boost::json::value word_or_null(const std::optional<Word>& word) {
    if (!word) return nullptr;
    return json_text(to_string(*word));
}

}  // namespace wrapup
