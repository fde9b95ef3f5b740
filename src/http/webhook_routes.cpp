#include "http/webhook_routes.hpp"

#include <utility>

#include "base/text.hpp"
#include "codec/twilio_events.hpp"
#include "codec/twilio_signature.hpp"
#include "http/json_check.hpp"

namespace wrapup {

namespace {

constexpr std::string_view status_path = "/call-status-callback";
constexpr std::string_view machine_path = "/amd-status-callback";
constexpr std::string_view elevenlabs_path = "/webhooks/elevenlabs";

bool is_form(std::string_view content_type) {
    const std::string_view media = trim(content_type.substr(0, content_type.find(';')));
    return equals_ignoring_case(media, "application/x-www-form-urlencoded");
}

// Which of our causes an unverified Twilio request falls under.
std::string_view cause_of(const Request& request, const TwilioVerdict& verdict) {
    if (request.header("X-Twilio-Signature").empty()) return "no_signature";
    if (verdict.explanation.starts_with("it would match")) return "wrong_server_url";
    return "bad_signature";
}

std::string_view cause_of(ElevenLabsVerifier::Verdict verdict) {
    using Verdict = ElevenLabsVerifier::Verdict;
    switch (verdict) {
        case Verdict::no_header: return "no_signature";
        case Verdict::malformed: return "malformed_signature";
        case Verdict::stale: return "stale";
        case Verdict::mismatch:
        case Verdict::genuine: break;
    }
    return "bad_signature";
}

Response acknowledge(int status) {
    Response response;
    response.status = status;
    return response;
}

}  // namespace

WebhookRoutes::WebhookRoutes(WebhookOptions options, EventSink& sink, const Clock& clock,
                             EventLog& log, Metrics& metrics)
    : options_(std::move(options)), sink_(sink), clock_(clock), rejections_(clock, log, metrics) {}

void WebhookRoutes::add_to(RouteSet& routes) {
    if (options_.is_twilio_open()) {
        routes.add(
            Method::post, std::string(status_path), options_.twilio_bytes_max,
            [this](const Request& r) { return receive_twilio(r, TwilioEndpoint::status); },
            [this](const Request& r) { return check_twilio_head(r, status_path); });
        routes.add(
            Method::post, std::string(machine_path), options_.twilio_bytes_max,
            [this](const Request& r) { return receive_twilio(r, TwilioEndpoint::machine); },
            [this](const Request& r) { return check_twilio_head(r, machine_path); });
    }
    if (options_.is_elevenlabs_open()) {
        routes.add_stream(
            Method::post, std::string(elevenlabs_path), options_.elevenlabs_bytes_max,
            [this](const Request& r, BodyStream& b) { return receive_elevenlabs(r, b); });
    }
}

// ---- Twilio ----

std::optional<Response> WebhookRoutes::check_twilio_head(const Request& request,
                                                         std::string_view path) {
    if (is_form(request.header("Content-Type"))) return std::nullopt;
    rejections_.note({LogTag::twilio, path, "media_type", "the body is not a form"});
    return problem(415, "callbacks are application/x-www-form-urlencoded");
}

Task<Response> WebhookRoutes::receive_twilio(const Request& request, TwilioEndpoint endpoint) {
    const bool is_status = endpoint == TwilioEndpoint::status;
    const std::string_view path = is_status ? status_path : machine_path;
    const Result<Form> form = parse_form(request.body());
    if (!form) {
        rejections_.note({LogTag::twilio, path, "malformed", form.error().detail});
        co_return problem(400, "the body is not a well-formed form");
    }
    if (auto refusal = refuse_twilio(request, *form, path)) co_return *std::move(refusal);
    const UtcTime now = clock_.now();
    Result<NewEvent> event =
        is_status ? status_callback_event(*form, now) : amd_callback_event(*form, now);
    if (!event) {
        rejections_.note({LogTag::twilio, path, "malformed", event.error().detail});
        co_return problem(400, event.error().detail);
    }
    co_return co_await store(*std::move(event), 204);
}

std::optional<Response> WebhookRoutes::refuse_twilio(const Request& request, const Form& form,
                                                     std::string_view path) {
    if (options_.allows_unsigned_twilio) return std::nullopt;
    TwilioRequest signed_request;
    signed_request.target = request.target();
    signed_request.signature = request.header("X-Twilio-Signature");
    signed_request.content_type = request.header("Content-Type");
    signed_request.body = request.body();
    signed_request.form = &form;
    signed_request.host = request.header("Host");
    signed_request.forwarded_proto = request.header("X-Forwarded-Proto");
    signed_request.forwarded_host = request.header("X-Forwarded-Host");
    TwilioVerdict verdict =
        verify_twilio(signed_request, options_.server_url, options_.twilio_auth_tokens);
    if (verdict.is_genuine) return std::nullopt;
    const std::string_view cause = cause_of(request, verdict);
    rejections_.note({LogTag::twilio, path, cause, std::move(verdict.explanation)});
    return problem(403, "the signature does not match");
}

// ---- ElevenLabs ----

Task<Response> WebhookRoutes::receive_elevenlabs(const Request& request, BodyStream& body) {
    using Verdict = ElevenLabsVerifier::Verdict;
    const bool is_unsigned = options_.allows_unsigned_elevenlabs;
    ElevenLabsVerifier verifier(request.header("ElevenLabs-Signature"), options_.elevenlabs_secrets,
                                clock_.now(), options_.elevenlabs_tolerance);
    if (!is_unsigned && verifier.early() != Verdict::genuine) {
        Response refusal = refuse_elevenlabs(cause_of(verifier.early()),
                                             std::string(to_string(verifier.early())), 401);
        refusal.closes = true;  // What follows is not worth reading.
        co_return refusal;
    }
    WebhookCollector collector(options_.elevenlabs_kept_bytes_max);
    auto refusal = co_await collect(body, verifier, collector);
    if (refusal) co_return *std::move(refusal);
    if (const Verdict verdict = is_unsigned ? Verdict::genuine : verifier.finish();
        verdict != Verdict::genuine) {
        co_return refuse_elevenlabs(cause_of(verdict), std::string(to_string(verdict)), 401);
    }
    if (collector.is_ignored()) co_return acknowledge(200);
    if (collector.is_oversize()) {
        co_return refuse_elevenlabs("too_large", "a webhook larger than we take", 413);
    }
    if (!collector.has_type()) {
        if (is_json(collector.body())) co_return acknowledge(200);
        co_return refuse_elevenlabs("malformed", "the body is not JSON", 400);
    }
    Result<NewEvent> event = webhook_event(collector.body(), options_.scope, clock_.now());
    if (!event) co_return refuse_elevenlabs("malformed", event.error().detail, 400);
    co_return co_await store(*std::move(event), 200);
}

Task<std::optional<Response>> WebhookRoutes::collect(BodyStream& body, ElevenLabsVerifier& verifier,
                                                     WebhookCollector& collector) {
    using Need = WebhookCollector::Need;
    for (;;) {
        const std::optional<std::string_view> piece = co_await body.next();
        if (!piece) co_return Response();  // The server knows why, and answers itself.
        if (piece->empty()) co_return std::nullopt;
        verifier.update(*piece);
        const Need need = collector.look_at(*piece);
        if (need == Need::too_much) {
            co_return refuse_elevenlabs("too_large", "a webhook larger than we take", 413);
        }
        if (need == Need::nothing) {
            body.drop_kept();
        } else if (body.keep(piece->size())) {
            collector.keep(*piece);
        } else {
            rejections_.note({LogTag::elevenlabs, elevenlabs_path, "overloaded", "no room for it"});
            co_return unavailable("too many requests are being received");
        }
    }
}

Response WebhookRoutes::refuse_elevenlabs(std::string_view cause, std::string explanation,
                                          int status) {
    Response response = problem(status, explanation);
    rejections_.note({LogTag::elevenlabs, elevenlabs_path, cause, std::move(explanation)});
    return response;
}

Task<Response> WebhookRoutes::store(NewEvent event, int status) {
    const Result<Appended> appended = co_await sink_.append(std::move(event));
    // Whatever the reason, it is ours: the sender has to come again (P1).
    if (!appended) co_return unavailable("the event could not be stored; send it again");
    co_return acknowledge(status);
}

}  // namespace wrapup
