#include "codec/elevenlabs/webhook_list.hpp"

#include "codec/json/json_value.hpp"
#include "domain/plain_text.hpp"

namespace wrapup {
namespace {

constexpr std::size_t webhooks_max = 100;

// What is shown of a URL: no credentials, and no token in a query.
std::string shown_url(std::string_view url) {
    std::string shown = plain_text(url.substr(0, url.find_first_of("?#")));
    const std::size_t host = shown.find("://");
    if (host == std::string::npos) return {};
    const std::size_t path = shown.find('/', host + 3);
    const std::size_t at = shown.rfind('@', path);
    if (at != std::string::npos && at > host) shown.erase(host + 3, at - host - 2);
    return shown;
}

WebhookHealth read_webhook(const boost::json::object& object) {
    WebhookHealth webhook;
    webhook.name = plain_text(json_string(&object, "name"));
    webhook.url = shown_url(json_string(&object, "webhook_url"));
    webhook.is_disabled = json_bool(&object, "is_disabled");
    webhook.is_auto_disabled = json_bool(&object, "is_auto_disabled");
    const auto code = json_int(&object, "most_recent_failure_error_code");
    if (code) webhook.last_error = std::to_string(*code);
    webhook.last_failed_at = json_unix_s(&object, "most_recent_failure_timestamp");
    return webhook;
}

}  // namespace

Result<std::vector<WebhookHealth>> parse_webhook_list(std::string_view json) {
    WRAPUP_TRY(const boost::json::object object, parse_json_object(json));
    const boost::json::value* const listed = json_member(&object, "webhooks");
    if (listed == nullptr || !listed->is_array()) {
        return Error{Errc::invalid_input, "the answer holds no webhooks"};
    }
    std::vector<WebhookHealth> webhooks;
    for (const boost::json::value& value : listed->get_array()) {
        if (webhooks.size() == webhooks_max) break;
        if (value.is_object()) webhooks.push_back(read_webhook(value.get_object()));
    }
    return webhooks;
}

}  // namespace wrapup
