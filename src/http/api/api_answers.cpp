#include "http/api/api_answers.hpp"

#include "base/text.hpp"

namespace wrapup {

namespace json = boost::json;

Response bad_input(const BadInput& bad) {
    if (bad.field.empty()) return problem(400, bad.detail);
    return problem(400, bad.field + ": " + bad.detail, bad.field);
}

std::optional<Response> refuse_other_than_json(const Request& request) {
    if (is_json_content_type(request.header("Content-Type"))) return std::nullopt;
    return problem(415, "send JSON, with Content-Type: application/json");
}

json::string json_text(std::string_view value) {
    const std::string valid = to_valid_utf8(value);
    return json::string(valid.data(), valid.size());
}

json::value text_or_null(std::string_view value) {
    if (value.empty()) return nullptr;
    return json_text(value);
}

json::value time_or_null(const std::optional<UtcTime>& time) {
    if (!time) return nullptr;
    return json_text(format_rfc3339(*time));
}

}  // namespace wrapup
