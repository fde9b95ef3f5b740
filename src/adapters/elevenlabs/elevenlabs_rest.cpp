#include "adapters/elevenlabs/elevenlabs_rest.hpp"

#include "adapters/elevenlabs/conversation_list.hpp"
#include "base/retry_after.hpp"
#include "base/text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/elevenlabs/agent_twiml.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/elevenlabs/registered_agent.hpp"
#include "codec/elevenlabs/webhook_list.hpp"

namespace wrapup {
namespace {

constexpr milliseconds timeout{10'000};
// An hour of transcript with tool calls and their results.
constexpr std::size_t answer_bytes_max = 16U << 20U;
constexpr std::size_t page_size = 100;  // The most that is allowed.
constexpr std::size_t error_text_bytes_max = 200;
constexpr std::size_t twiml_bytes_max = 64U << 10U;

std::string without_slash(std::string url) {
    while (url.ends_with('/')) url.pop_back();
    return url;
}

// "." and ".." would be another path, and no encoding protects them.
bool fits_path(std::string_view id) {
    return id.find_first_not_of('.') != std::string_view::npos && id.size() <= 256;
}

std::string render_query(const ConversationQuery& query) {
    std::string text = "?page_size=" + std::to_string(page_size);
    const auto add = [&text](std::string_view name, std::string_view value) {
        if (value.empty()) return;
        text.append("&").append(name).append("=").append(percent_encode(value));
    };
    if (query.started_after) {
        add("call_start_after_unix", std::to_string(to_unix_s(*query.started_after)));
    }
    if (query.started_before) {
        add("call_start_before_unix", std::to_string(to_unix_s(*query.started_before)));
    }
    add("agent_id", query.agent_id);
    if (!query.variable_call_sid.empty()) {
        add("dynamic_variable_params", "twilio_call_sid:eq:" + query.variable_call_sid);
    }
    add("cursor", query.cursor);
    return text;
}

Errc code_of(const HttpAnswer& answer) {
    switch (answer.kind) {
        case HttpAnswer::Kind::unknown: return Errc::timeout;
        case HttpAnswer::Kind::too_large: return Errc::invalid_input;
        case HttpAnswer::Kind::not_sent:
        case HttpAnswer::Kind::blocked: return Errc::unavailable;
        case HttpAnswer::Kind::answered: break;
    }
    switch (answer.status) {
        case 401:
        case 403: return Errc::unauthorized;
        case 404: return Errc::not_found;
        case 429: return Errc::rate_limited;
        case 400:
        case 405:
        case 422: return Errc::invalid_input;
        default: return Errc::unavailable;
    }
}

template <class T>
ElevenLabsAnswer<T> to_answer(Result<T> result) {
    ElevenLabsAnswer<T> answer;
    if (result) {
        answer.value = *std::move(result);
    } else {
        answer.error = ElevenLabsError{std::move(result).error(), std::nullopt};
    }
    return answer;
}

template <class T>
ElevenLabsAnswer<T> to_answer(ElevenLabsError error) {
    ElevenLabsAnswer<T> answer;
    answer.error = std::move(error);
    return answer;
}

bool is_success(const HttpAnswer& answer) {
    return answer.kind == HttpAnswer::Kind::answered && answer.status == 200;
}

}  // namespace

ElevenLabsRest::ElevenLabsRest(HttpTransport& transport, const Clock& clock, std::string base_url,
                               std::string api_key, ConversationReading reading)
    : transport_(transport),
      clock_(clock),
      base_url_(without_slash(std::move(base_url))),
      conversations_url_(base_url_ + "/v1/convai/conversations"),
      api_key_(std::move(api_key)),
      reading_(std::move(reading)) {}

HttpRequest ElevenLabsRest::request_for(std::string url) const {
    HttpRequest request;
    request.url = std::move(url);
    request.headers = {{"xi-api-key", api_key_}, {"Accept", "application/json"}};
    request.total_timeout = timeout;
    request.answer_bytes_max = answer_bytes_max;
    return request;
}

ElevenLabsError ElevenLabsRest::to_error(const HttpAnswer& answer) const {
    ElevenLabsError error{{code_of(answer), answer.error}, std::nullopt};
    if (answer.kind != HttpAnswer::Kind::answered) return error;
    error.error.detail = "HTTP " + std::to_string(answer.status);
    const std::string text = elevenlabs_error_text(answer.body);
    if (!text.empty()) error.error.detail += ": " + truncate_utf8(text, error_text_bytes_max);
    const bool may_be_told =
        error.error.code == Errc::rate_limited || error.error.code == Errc::unavailable;
    if (may_be_told) error.retry_after = parse_retry_after(answer.retry_after, clock_.now());
    return error;
}

Task<ElevenLabsAnswer<FetchedConversation>> ElevenLabsRest::fetch_conversation(std::string id) {
    if (!fits_path(id)) {
        co_return to_answer<FetchedConversation>(Error{Errc::not_found, "not a conversation id"});
    }
    HttpRequest request = request_for(conversations_url_ + "/" + percent_encode(id));
    const HttpAnswer answer = co_await transport_.send(std::move(request));
    if (!is_success(answer)) co_return to_answer<FetchedConversation>(to_error(answer));

    auto document = parse_conversation(answer.body, reading_);
    if (!document) co_return to_answer<FetchedConversation>(std::move(document).error());
    if (document->conversation.conversation_id != id) {
        co_return to_answer<FetchedConversation>(
            Error{Errc::invalid_input, "the answer is about another conversation"});
    }
    FetchedConversation fetched;
    fetched.conversation = std::move(document->conversation);
    fetched.payload = std::move(document->payload);
    co_return to_answer<FetchedConversation>(std::move(fetched));
}

Task<ElevenLabsAnswer<ConversationList>> ElevenLabsRest::list_conversations(
    ConversationQuery query) {
    HttpRequest request = request_for(conversations_url_ + render_query(query));
    const HttpAnswer answer = co_await transport_.send(std::move(request));
    if (!is_success(answer)) co_return to_answer<ConversationList>(to_error(answer));
    co_return to_answer(parse_conversation_list(answer.body));
}

Task<ElevenLabsAnswer<std::vector<WebhookHealth>>> ElevenLabsRest::list_webhooks() {
    HttpRequest request = request_for(base_url_ + "/v1/workspace/webhooks");
    const HttpAnswer answer = co_await transport_.send(std::move(request));
    if (!is_success(answer)) co_return to_answer<std::vector<WebhookHealth>>(to_error(answer));
    co_return to_answer(parse_webhook_list(answer.body));
}

Task<Result<RegisteredAgent>> ElevenLabsRest::register_call(AgentOrder order) {
    HttpRequest request = request_for(base_url_ + "/v1/convai/twilio/register-call");
    request.method = "POST";
    request.headers = {{"xi-api-key", api_key_}, {"Content-Type", "application/json"}};
    request.body = render_agent_order({order.agent_id, order.from, order.to, order.variables});
    request.connect_timeout = order.patience;
    request.total_timeout = order.patience;
    request.answer_bytes_max = twiml_bytes_max;
    HttpAnswer answer = co_await transport_.send(std::move(request));
    if (!is_success(answer)) co_return to_error(answer).error;
    if (!leads_to_agent(answer.body)) {
        co_return Error{Errc::invalid_input, "the answer is no TwiML that leads to an agent"};
    }
    RegisteredAgent agent;
    agent.conversation_id = conversation_in_twiml(answer.body);
    agent.twiml = std::move(answer.body);
    co_return agent;
}

}  // namespace wrapup
