#include "sandbox/elevenlabs/register_desk.hpp"

#include <boost/json.hpp>

#include "codec/bytes/digest.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t body_bytes_max = 256U << 10U;

Response refusal(int status, std::string_view word, std::string_view message) {
    const json::object body{{"detail", {{"status", word}, {"message", message}}}};
    return json_response(status, json::serialize(body));
}

// A member that is not as it must be, in the form of FastAPI's 422.
void complain(json::array& detail, std::initializer_list<std::string_view> path,
              std::string_view type, std::string_view message) {
    json::array loc{"body"};
    for (const std::string_view piece : path) loc.emplace_back(piece);
    json::object one{{"type", type}, {"msg", message}};
    one["loc"] = std::move(loc);
    detail.push_back(std::move(one));
}

void check_variables(json::array& detail, const json::object& data) {
    const json::value* const variables = json_member(&data, "dynamic_variables");
    if (variables == nullptr || variables->is_null()) return;
    constexpr std::string_view client = "conversation_initiation_client_data";
    if (!variables->is_object()) {
        complain(detail, {client, "dynamic_variables"}, "dict_type",
                 "Input should be a dictionary");
        return;
    }
    for (const auto& [name, value] : variables->get_object()) {
        if (value.is_object() || value.is_array()) {
            complain(detail, {client, "dynamic_variables", std::string_view(name)}, "value_error",
                     "Input should be a string, a number, a boolean or null");
        }
        if (std::string_view(name).starts_with("system__")) {
            complain(detail, {client, "dynamic_variables", std::string_view(name)}, "value_error",
                     "Names that begin with system__ are reserved");
        }
    }
}

json::array check(const json::object& body) {
    json::array detail;
    for (const std::string_view name : {"agent_id", "from_number", "to_number"}) {
        const json::value* const value = json_member(&body, name);
        if (value == nullptr) {
            complain(detail, {name}, "missing", "Field required");
        } else if (!value->is_string() || value->get_string().empty()) {
            complain(detail, {name}, "string_type", "Input should be a valid string");
        }
    }
    const std::string direction = json_string(&body, "direction");
    if (json_member(&body, "direction") != nullptr && direction != "inbound" &&
        direction != "outbound") {
        complain(detail, {"direction"}, "enum", "Input should be 'inbound' or 'outbound'");
    }
    const json::value* const data = json_member(&body, "conversation_initiation_client_data");
    if (data == nullptr || data->is_null()) return detail;
    if (data->is_object()) {
        check_variables(detail, data->get_object());
    } else {
        complain(detail, {"conversation_initiation_client_data"}, "model_type",
                 "Input should be an object");
    }
    return detail;
}

std::string twiml_of(const Registration& registration) {
    return R"(<?xml version="1.0" encoding="UTF-8"?><Response><Connect><Stream )"
           R"(url="wss://api.elevenlabs.io/v1/convai/conversation/twilio?agent_id=)" +
           registration.agent_id + R"("><Parameter name="conversation_id" value=")" +
           registration.conversation_id + R"(" /></Stream></Connect></Response>)";
}

}  // namespace

RegisterDesk::RegisterDesk(std::string agent_id, CallBook& book, Clock& clock)
    : agent_id_(std::move(agent_id)), book_(book), clock_(clock) {}

void RegisterDesk::add_to(RouteSet& routes) {
    routes.add(Method::post, "/v1/convai/twilio/register-call", body_bytes_max,
               [this](const Request& r) { return register_call(r); });
}

Task<Response> RegisterDesk::register_call(const Request& request) {
    const std::string body = request.body();
    bodies_.push_back(body);
    if (knobs_.latency > milliseconds::zero()) {
        const UtcTime answer_at = clock_.now() + knobs_.latency;
        co_await clock_.sleep_until(answer_at);
    }
    co_return answer(body);
}

Response RegisterDesk::answer(const std::string& body) {
    if (knobs_.fail_count > 0) {
        knobs_.fail_count -= 1;
        return refusal(knobs_.fail_status, "internal_error", "sandbox fault");
    }
    const auto parsed = parse_json_object(body);
    json::array detail;
    if (parsed) {
        detail = check(*parsed);
    } else {
        complain(detail, {}, "json_invalid", "JSON decode error");
    }
    if (!detail.empty()) {
        json::object complaint;
        complaint["detail"] = std::move(detail);
        return json_response(422, json::serialize(complaint));
    }
    if (json_string(&*parsed, "agent_id") != agent_id_) {
        return refusal(404, "agent_not_found", "there is no such agent");
    }
    const UtcTime now = clock_.now();
    const int max = knobs_.conversations_max;
    if (max > 0 && book_.talking_count(now) >= static_cast<std::size_t>(max)) {
        return refusal(429, "too_many_concurrent_requests", "the plan's concurrency is used up");
    }
    const json::object* const data = json_object(&*parsed, "conversation_initiation_client_data");
    const json::object* const variables = json_object(data, "dynamic_variables");
    Registration registration;
    const std::string seed = std::to_string(bodies_.size()) + body;
    registration.conversation_id = "conv_" + sha256_hex(seed).substr(0, 28);
    registration.agent_id = agent_id_;
    registration.from = json_string(&*parsed, "from_number");
    registration.to = json_string(&*parsed, "to_number");
    registration.direction = json_string(&*parsed, "direction");
    registration.user_id = json_string(data, "user_id");
    registration.variables = json::serialize(variables != nullptr ? *variables : json::object{});
    registration.registered_at = now;
    Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = twiml_of(book_.add(std::move(registration)));
    return response;
}

}  // namespace wrapup
