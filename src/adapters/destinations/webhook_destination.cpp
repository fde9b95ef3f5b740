#include "adapters/destinations/webhook_destination.hpp"

#include <algorithm>
#include <array>

#include "base/retry_after.hpp"
#include "base/text.hpp"
#include "codec/standard_webhooks.hpp"

namespace wrapup {
namespace {

constexpr milliseconds connect_timeout{5'000};
// Enough to tell a person what the CRM did not like.
constexpr std::size_t answer_bytes_max = 1U << 10U;

constexpr std::array<std::string_view, 19> reserved_headers = {
    "connection",
    "content-length",
    "content-type",
    "expect",
    "host",
    "http2-settings",
    "idempotency-key",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "webhook-id",
    "webhook-signature",
    "webhook-timestamp",
    "x-wrapup-call",
    "x-wrapup-ended-at",
};

CrmAnswer::Kind kind_of(HttpAnswer::Kind kind) {
    switch (kind) {
        case HttpAnswer::Kind::answered: return CrmAnswer::Kind::answered;
        case HttpAnswer::Kind::not_sent: return CrmAnswer::Kind::not_sent;
        case HttpAnswer::Kind::blocked: return CrmAnswer::Kind::blocked;
        // It was sent, and what came back cannot be judged.
        case HttpAnswer::Kind::too_large:
        case HttpAnswer::Kind::unknown: break;
    }
    return CrmAnswer::Kind::unknown;
}

}  // namespace

bool is_reserved_header(std::string_view name) {
    const std::string lower = to_lower(trim(name));
    return std::find(reserved_headers.begin(), reserved_headers.end(), lower) !=
           reserved_headers.end();
}

WebhookDestination::WebhookDestination(HttpTransport& transport, const Clock& clock,
                                       std::vector<DestinationSettings> destinations,
                                       std::string_view version)
    : transport_(transport), clock_(clock), user_agent_("wrapup/" + std::string(version)) {
    for (DestinationSettings& destination : destinations) {
        std::string name = destination.name;
        destinations_.insert_or_assign(std::move(name), std::move(destination));
    }
}

HttpRequest WebhookDestination::render(CrmRequest& record,
                                       const DestinationSettings& destination) const {
    const UtcTime now = clock_.now();
    HttpRequest request;
    request.method = "POST";
    request.url = destination.url;
    request.headers = {{"Content-Type", "application/json"},
                       {"User-Agent", user_agent_},
                       {"Idempotency-Key", record.call_id},
                       {"X-Wrapup-Call", record.call_id}};
    if (record.ended_at) {
        request.headers.emplace_back("X-Wrapup-Ended-At", format_rfc3339(*record.ended_at));
    }
    request.headers.emplace_back("webhook-id", record.webhook_id);
    request.headers.emplace_back("webhook-timestamp", std::to_string(to_unix_s(now)));
    if (!destination.signing_key.empty()) {
        request.headers.emplace_back(
            "webhook-signature",
            sign_webhook(destination.signing_key, record.webhook_id, now, record.body));
    }
    for (const auto& header : destination.headers) {
        if (!is_reserved_header(header.first)) request.headers.push_back(header);
    }
    request.body = std::move(record.body);
    request.connect_timeout = std::min(connect_timeout, destination.timeout);
    request.total_timeout = destination.timeout;
    request.answer_bytes_max = answer_bytes_max;
    request.truncates_answer = true;
    request.refuses_private_targets = !destination.allows_private_targets;
    return request;
}

CrmAnswer WebhookDestination::read(HttpAnswer& answer) const {
    CrmAnswer result;
    result.kind = kind_of(answer.kind);
    result.elapsed = answer.elapsed;
    if (result.kind != CrmAnswer::Kind::answered) {
        result.error = std::move(answer.error);
        return result;
    }
    result.http_status = answer.status;
    result.retry_after = parse_retry_after(answer.retry_after, clock_.now());
    result.body = truncate_utf8(to_valid_utf8(answer.body), answer_bytes_max);
    return result;
}

Task<CrmAnswer> WebhookDestination::deliver(CrmRequest request) {
    const auto destination = destinations_.find(request.destination);
    if (destination == destinations_.end()) {
        CrmAnswer unknown;
        unknown.error = "no such destination is configured";
        co_return unknown;
    }
    HttpRequest post = render(request, destination->second);
    HttpAnswer answer = co_await transport_.send(std::move(post));
    co_return read(answer);
}

}  // namespace wrapup
