#include "http/api/api_answers.hpp"

#include <boost/json/serialize.hpp>

#include "base/text.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {

namespace json = boost::json;

Response bad_input(const BadInput& bad) {
    if (bad.field.empty()) return problem(400, bad.detail);
    return problem(400, bad.field + ": " + bad.detail, bad.field);
}

Response error_response(const Error& error) {
    switch (error.code) {
        case Errc::invalid_input: return problem(400, error.detail);
        case Errc::not_found: return problem(404, error.detail);
        case Errc::conflict: return problem(409, error.detail);
        case Errc::unauthorized: return problem(502, error.detail);
        case Errc::timeout: return problem(504, error.detail);
        case Errc::rate_limited:
        case Errc::unavailable:
        case Errc::corrupt: break;
    }
    return unavailable(error.detail);
}

Response problem_with(int status, std::string_view detail, json::object more) {
    Response response = problem(status, detail);
    auto document = parse_json_object(response.body);
    if (!document) return response;
    for (auto& [name, value] : more) (*document)[name] = value;
    response.body = json::serialize(*document);
    return response;
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

json::value status_or_null(int http_status) {
    if (http_status == 0) return nullptr;
    return http_status;
}

}  // namespace wrapup
