#include "sandbox/elevenlabs/elevenlabs_peer.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.hpp"
#include "codec/json/json_value.hpp"
#include "sandbox/calls/vendor_json.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::int64_t page_size_max = 100;
constexpr std::int64_t page_size_default = 30;

Response detail_response(int status, std::string_view word, std::string_view message) {
    const json::object body{{"detail", {{"status", word}, {"message", message}}}};
    return json_response(status, json::serialize(body));
}

// `name:eq:value`, of the variables that the conversation began with.
bool has_variable(const PlayedCall& call, std::string_view filter) {
    constexpr std::string_view equals = ":eq:";
    const std::size_t at = filter.find(equals);
    if (at == std::string_view::npos) return false;
    const std::string_view name = filter.substr(0, at);
    const std::string_view value = filter.substr(at + equals.size());
    if (call.registration == nullptr) return name == "twilio_call_sid" && value == call.plan.sid;
    const auto variables = parse_json_object(call.registration->variables);
    return variables && json_string(&*variables, name) == value;
}

std::string_view word_of(int status) {
    if (status == 401) return "invalid_api_key";
    if (status == 404) return "conversation_not_found";
    return status == 429 ? "too_many_concurrent_requests" : "internal_error";
}

}  // namespace

ElevenLabsPeer::ElevenLabsPeer(ElevenLabsWorkspace workspace, CallBook& book, Clock& clock)
    : workspace_(std::move(workspace)),
      book_(book),
      clock_(clock),
      desk_(workspace_.agent_id, book, clock) {}

void ElevenLabsPeer::add_to(RouteSet& routes) {
    routes.guard_below("/v1/", [this](const Request& r) { return refuse(r); });
    desk_.add_to(routes);
    routes.add_instant(Method::get, "/v1/convai/agents/{}",
                       [this](const Request& r) { return agent(r); });
    routes.add_instant(Method::get, "/v1/workspace/webhooks",
                       [this](const Request&) { return webhooks(); });
    routes.add_instant(Method::get, "/v1/convai/conversations",
                       [this](const Request& r) { return list(r); });
    routes.add_instant(Method::get, "/v1/convai/conversations/{}",
                       [this](const Request& r) { return fetch(r); });
    routes.add_instant(Method::get, "/v1/convai/conversations/{}/summary",
                       [this](const Request& r) { return summary(r); });
}

std::optional<Response> ElevenLabsPeer::refuse(const Request& request) {
    requests_count_ += 1;
    if (const auto fault = faults_.take()) {
        if (fault->kind == RestFault::Kind::nonsense) return nonsense_response();
        Response response = detail_response(fault->status, word_of(fault->status), "sandbox fault");
        response.headers = retry_after_line(fault->retry_after);
        return response;
    }
    if (request.header("xi-api-key") == workspace_.api_key) return std::nullopt;
    return detail_response(401, "invalid_api_key", "Invalid API key");
}

const PlayedCall* ElevenLabsPeer::find(const std::string& conversation_id) const {
    const PlayedCall* const call = book_.find_conversation(conversation_id);
    return call != nullptr && conversation_status(*call, clock_.now()) ? call : nullptr;
}

Response ElevenLabsPeer::fetch(const Request& request) const {
    const PlayedCall* const call = find(request.parameter());
    if (call == nullptr) return detail_response(404, word_of(404), "no such conversation");
    const json::object body = render_conversation(*call, workspace_.agent_id, clock_.now());
    return json_response(200, json::serialize(body));
}

Response ElevenLabsPeer::summary(const Request& request) const {
    const PlayedCall* const call = find(request.parameter());
    if (call == nullptr) return detail_response(404, word_of(404), "no such conversation");
    json::object body = render_conversation_item(*call, workspace_.agent_id, clock_.now(), true);
    body["messages"] = nullptr;
    body["messages_omitted"] = 2;
    return json_response(200, json::serialize(body));
}

bool ElevenLabsPeer::fits(const Form& query, const PlayedCall& call) const {
    if (!conversation_status(call, clock_.now())) return false;
    const std::string_view agent = form_value(query, "agent_id");
    if (!agent.empty() && agent != workspace_.agent_id) return false;
    const std::int64_t started_s = to_unix_s(call.answered_at.value_or(call.placed_at));
    const auto after = parse_int(form_value(query, "call_start_after_unix"));
    const auto before = parse_int(form_value(query, "call_start_before_unix"));
    if ((after && started_s < *after) || (before && started_s > *before)) return false;
    const std::string_view user = form_value(query, "user_id");
    const bool is_users = call.registration != nullptr && call.registration->user_id == user;
    if (!user.empty() && !is_users) return false;
    const std::string_view variable = form_value(query, "dynamic_variable_params");
    return variable.empty() || has_variable(call, variable);
}

Response ElevenLabsPeer::list(const Request& request) {
    const auto query = parse_form(request.query());
    if (!query) return detail_response(422, "invalid_query", "the query cannot be read");
    const std::string_view size_text = form_value(*query, "page_size");
    const auto size = size_text.empty() ? page_size_default : parse_int(size_text).value_or(0);
    if (size < 1 || size > page_size_max) {
        return detail_response(422, "invalid_page_size", "page_size is 1 to 100");
    }
    const auto& calls = book_.calls();
    const auto newest = static_cast<std::int64_t>(calls.size()) - 1;
    auto next = std::min(newest, parse_int(form_value(*query, "cursor")).value_or(newest));
    const bool has_summary = form_value(*query, "summary_mode") == "include";
    const UtcTime now = clock_.now();
    json::array page;
    for (; next >= 0 && std::ssize(page) < size; --next) {
        const PlayedCall& call = calls[static_cast<std::size_t>(next)];
        if (!fits(*query, call)) continue;
        page.push_back(render_conversation_item(call, workspace_.agent_id, now, has_summary));
    }
    json::object body{{"has_more", next >= 0}};
    body["next_cursor"] = nullptr;
    if (next >= 0) body["next_cursor"] = std::to_string(next);
    body["conversations"] = std::move(page);
    const auto fault = faults_.take_of_list();
    if (fault && fault->kind == RestFault::Kind::same_page) {
        body["has_more"] = true;
        body["next_cursor"] = form_value(*query, "cursor").empty() ? std::to_string(newest)
                                                                   : form_value(*query, "cursor");
    }
    return json_response(200, spoilt_page(fault, json::serialize(body)));
}

Response ElevenLabsPeer::agent(const Request& request) const {
    if (request.parameter() != workspace_.agent_id) {
        return detail_response(404, "agent_not_found", "there is no such agent");
    }
    const json::object body{{"agent_id", workspace_.agent_id},
                            {"name", "Sandbox"},
                            {"conversation_config",
                             {{"asr", {{"user_input_audio_format", audio_format_}}},
                              {"tts", {{"agent_output_audio_format", audio_format_}}},
                              {"agent", {{"first_message", "Hello"}, {"language", "en"}}}}}};
    return json_response(200, json::serialize(body));
}

Response ElevenLabsPeer::webhooks() const {
    json::object webhook{{"name", "post-call"},
                         {"webhook_id", "wh_sandbox"},
                         {"webhook_url", workspace_.webhook_url},
                         {"is_disabled", is_webhook_disabled_},
                         {"is_auto_disabled", is_webhook_disabled_},
                         {"created_at_unix", 1'700'000'000},
                         {"auth_type", "hmac"}};
    if (is_webhook_disabled_) {
        webhook["most_recent_failure_error_code"] = 503;
        webhook["most_recent_failure_timestamp"] = to_unix_s(clock_.now());
    }
    json::array listed;
    if (!workspace_.webhook_url.empty()) listed.push_back(std::move(webhook));
    return json_response(200, json::serialize(json::object{{"webhooks", std::move(listed)}}));
}

}  // namespace wrapup
