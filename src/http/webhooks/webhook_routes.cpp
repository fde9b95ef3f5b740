#include "http/webhooks/webhook_routes.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/assert.hpp"
#include "base/text.hpp"
#include "codec/bytes/url_path.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "codec/twilio/twilio_signature.hpp"
#include "domain/call_id.hpp"
#include "domain/phone_number.hpp"
#include "http/webhooks/json_check.hpp"

namespace wrapup {

namespace {

constexpr const char* not_stored_yet = "the event could not be stored; send it again";

constexpr std::string_view status_path = "/call-status-callback";
constexpr std::string_view machine_path = "/amd-status-callback";
constexpr std::string_view twiml_path = "/twiml";
constexpr std::string_view elevenlabs_path = "/webhooks/elevenlabs";

std::string last_piece(const std::string& path) { return path.substr(path.rfind('/') + 1); }

bool is_form(std::string_view content_type) {
    const std::string_view media = trim(content_type.substr(0, content_type.find(';')));
    return equals_ignoring_case(media, "application/x-www-form-urlencoded");
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

// What a refused sender is told, and the operator.
struct Told {
    std::string_view cause;
    int status;
    std::string_view detail;
    std::string_view advice;
};
constexpr Told tellings[] = {
    {"wrong_path", 404, "there is nothing here",
     "the path has something before this endpoint that SERVER_URL has not: the sender's URL is "
     "SERVER_URL followed by the endpoint"},
    {"wrong_address", 404, "there is nothing here",
     "this is WRAPUP_ADMIN_LISTEN: senders belong to the address of WRAPUP_LISTEN"},
    {"method", 405, "this path answers POST", "set the method of the sender's callback to POST"},
    {"closed", 404, "this endpoint is closed",
     "this sender has no secret in the settings: see TWILIO_AUTH_TOKEN, "
     "ELEVENLABS_WEBHOOK_SECRET"},
};

const Told& telling_of(std::string_view cause) {
    const auto is_it = [&](const Told& told) { return told.cause == cause; };
    const auto told = std::find_if(std::begin(tellings), std::end(tellings), is_it);
    WRAPUP_ASSERT(told != std::end(tellings));
    return *told;
}

// A refused callback's call, by its form or its query.
std::string masked_call_sid(const Request& request) {
    const auto form = parse_form(request.body().empty() ? request.query() : request.body());
    return form ? mask_call_sid(trim(form_value(*form, "CallSid"))) : std::string();
}

// A dialler may have the two URLs the wrong way round: what a callback says tells what it is.
Result<NewEvent> twilio_event(const Form& form, bool is_status_expected, UtcTime now) {
    const bool has_status = !trim(form_value(form, "CallStatus")).empty();
    const bool has_answer = !trim(form_value(form, "AnsweredBy")).empty();
    const bool is_status = has_status || (is_status_expected && !has_answer);
    return is_status ? status_callback_event(form, now) : amd_callback_event(form, now);
}

PlacedCalls::Word word_of(const Form& form) {
    PlacedCalls::Word word;
    word.call_sid = trim(form_value(form, "CallSid"));
    word.status = parse_call_status(trim(form_value(form, "CallStatus")));
    word.answered_by = trim(form_value(form, "AnsweredBy"));
    return word;
}

}  // namespace

WebhookRoutes::WebhookRoutes(WebhookOptions options, EventSink& sink, const Clock& clock,
                             EventLog& log, Metrics& metrics, PlacedCalls* placed)
    : options_(std::move(options)),
      prefix_(tidy_path(path_of_url(options_.server_url))),
      sink_(sink),
      clock_(clock),
      rejections_(clock, log, metrics),
      gate_({options_.server_url, options_.twilio_auth_tokens, options_.twilio_account_sid}),
      placed_(placed) {
    add_twilio(TwilioEndpoint::status);
    add_twilio(TwilioEndpoint::machine);
    if (placed_ != nullptr) add_twilio(TwilioEndpoint::twiml);
    add_elevenlabs();
}

void WebhookRoutes::add_to(RouteSet& routes) {
    routes.find_first_by([this](const Request& request) { return find(request); });
}

void WebhookRoutes::refuse_at(RouteSet& routes) {
    routes.find_first_by([this](const Request& request) { return find_misdirected(request); });
}

void WebhookRoutes::add_twilio(TwilioEndpoint endpoint) {
    const std::string_view path = path_of(endpoint);
    Endpoint& added = endpoints_.emplace_back(Endpoint{
        path, refuse_all(LogTag::twilio, path, "closed"),
        refuse_all(LogTag::twilio, path, "closed"), refuse_all(LogTag::twilio, path, "wrong_path"),
        refuse_all(LogTag::twilio, path, "method"),
        refuse_all(LogTag::twilio, path, "wrong_address")});
    if (!options_.is_twilio_open()) return;
    added.served.body_bytes_max = options_.twilio_bytes_max;
    added.served.guard = [this, path](const Request& r) { return check_twilio_head(r, path); };
    added.served.handler =
        Handler([this, endpoint](const Request& r) { return receive_twilio(r, endpoint, {}); });
    if (placed_ == nullptr) return;
    added.with_token = added.served;
    added.with_token.handler = Handler([this, endpoint](const Request& r) {
        return receive_twilio(r, endpoint, last_piece(tidy_path(r.path())));
    });
    if (endpoint == TwilioEndpoint::twiml) {
        added.served = refuse_all(LogTag::twilio, path, "wrong_path");
    }
}

void WebhookRoutes::add_elevenlabs() {
    const auto refuse = [this](std::string_view cause) {
        return refuse_all(LogTag::elevenlabs, elevenlabs_path, cause);
    };
    Endpoint& added = endpoints_.emplace_back(Endpoint{elevenlabs_path, refuse("closed"),
                                                       refuse("closed"), refuse("wrong_path"),
                                                       refuse("method"), refuse("wrong_address")});
    if (!options_.is_elevenlabs_open()) return;
    added.served.body_bytes_max = options_.elevenlabs_bytes_max;
    added.served.handler =
        StreamHandler([this](const Request& r, BodyStream& b) { return receive_elevenlabs(r, b); });
}

const Route* WebhookRoutes::find(const Request& request) const {
    const bool is_post = request.method() == Method::post;
    for (const Endpoint& endpoint : endpoints_) {
        if (request.path() == endpoint.path && is_post) return &endpoint.served;
    }
    const std::string path = tidy_path(request.path());
    for (const Endpoint& endpoint : endpoints_) {
        if (!path.ends_with(endpoint.path)) continue;
        const std::string_view before =
            std::string_view(path).substr(0, path.size() - endpoint.path.size());
        if (!before.empty() && before != prefix_) return &endpoint.wrong_path;
        return is_post ? &endpoint.served : &endpoint.wrong_method;
    }
    return find_with_token(request, path);
}

const Route* WebhookRoutes::find_with_token(const Request& request, std::string_view path) const {
    const std::string_view before = path.substr(0, path.rfind('/'));
    for (const Endpoint& endpoint : endpoints_) {
        if (!before.ends_with(endpoint.path) || endpoint.path == elevenlabs_path) continue;
        const std::string_view prefix = before.substr(0, before.size() - endpoint.path.size());
        if (!prefix.empty() && prefix != prefix_) return &endpoint.wrong_path;
        const bool is_post = request.method() == Method::post;
        return is_post ? &endpoint.with_token : &endpoint.wrong_method;
    }
    return nullptr;
}

const Route* WebhookRoutes::find_misdirected(const Request& request) const {
    const std::string path = tidy_path(request.path());
    for (const Endpoint& endpoint : endpoints_) {
        const bool is_twilio = endpoint.path != elevenlabs_path;
        const std::string_view before = std::string_view(path).substr(0, path.rfind('/'));
        if (path.ends_with(endpoint.path)) return &endpoint.wrong_address;
        if (is_twilio && before.ends_with(endpoint.path)) return &endpoint.wrong_address;
    }
    return nullptr;
}

Route WebhookRoutes::refuse_all(LogTag tag, std::string_view path, std::string_view cause) {
    Route route;
    route.method = Method::post;
    route.pattern = path;
    const auto refuse = [this, tag, path, cause](const Request& request) {
        const Told& told = telling_of(cause);
        std::string call_sid = rejections_.would_write(cause) ? masked_call_sid(request) : "";
        rejections_.note({tag, path, cause, std::string(told.advice), std::move(call_sid)});
        Response response = problem(told.status, told.detail);
        if (told.status == 405) response.headers = "Allow: POST\r\n";
        return response;
    };
    if (tag != LogTag::twilio) {
        route.handler = InstantHandler(refuse);
        return route;
    }
    // Read for its CallSid, by which the call can be fetched by hand.
    route.body_bytes_max = options_.twilio_bytes_max;
    route.handler = Handler([refuse](const Request& request) -> Task<Response> {
        Response response = refuse(request);
        co_return response;
    });
    return route;
}

// ---- Twilio ----

std::string_view WebhookRoutes::path_of(TwilioEndpoint endpoint) {
    switch (endpoint) {
        case TwilioEndpoint::status: return status_path;
        case TwilioEndpoint::machine: return machine_path;
        case TwilioEndpoint::twiml: break;
    }
    return twiml_path;
}

std::optional<Response> WebhookRoutes::check_twilio_head(const Request& request,
                                                         std::string_view path) {
    if (is_form(request.header("Content-Type"))) return std::nullopt;
    rejections_.note({LogTag::twilio, path, "media_type", "the body is not a form"});
    return problem(415, "callbacks are application/x-www-form-urlencoded");
}

Task<Response> WebhookRoutes::receive_twilio(const Request& request, TwilioEndpoint endpoint,
                                             std::string token) {
    const bool is_status = endpoint == TwilioEndpoint::status;
    const std::string_view path = path_of(endpoint);
    const Result<Form> form = parse_form(request.body());
    if (!form) {
        rejections_.note({LogTag::twilio, path, "malformed", form.error().detail});
        co_return problem(400, "the body is not a well-formed form");
    }
    if (auto refusal = refuse_twilio(request, *form, path)) co_return *std::move(refusal);
    if (endpoint == TwilioEndpoint::twiml) {
        co_return co_await answer_call(*form, std::move(token));
    }
    Result<NewEvent> event = twilio_event(*form, is_status, clock_.now());
    if (!event) {
        rejections_.note({LogTag::twilio, path, "malformed", event.error().detail,
                          mask_call_sid(trim(form_value(*form, "CallSid")))});
        co_return problem(400, event.error().detail);
    }
    const Receipt receipt{path, 204};
    if (token.empty()) co_return co_await store(*std::move(event), receipt);
    // Tied to its intent before anything else is kept of it; and over for it once its end is kept.
    PlacedCalls::Word word = word_of(*form);
    const bool is_end = word.status && is_terminal(*word.status);
    PlacedCalls::Word first = word;
    if (is_end) first = {word.call_sid, {}, {}};
    const auto tied = co_await tie(token, std::move(first), path);
    if (!tied) co_return unavailable(not_stored_yet);
    Response response = co_await store(*std::move(event), receipt);
    if (!is_end || !*tied || response.status != receipt.status) co_return response;
    const auto ended = co_await tie(std::move(token), std::move(word), path);
    if (!ended) co_return unavailable(not_stored_yet);
    co_return response;
}

Task<Result<bool>> WebhookRoutes::tie(std::string token, PlacedCalls::Word word,
                                      std::string_view path) {
    std::string call_sid = mask_call_sid(word.call_sid);
    const auto heard = co_await placed_->hear(std::move(token), std::move(word));
    if (heard) co_return true;
    if (heard.error().code == Errc::not_found) {
        // Twilio signed it: its call is kept, as any other.
        rejections_.note({LogTag::twilio, path, "unknown_token", "no call was placed with it",
                          std::move(call_sid)});
        co_return false;
    }
    rejections_.note(
        {LogTag::twilio, path, "not_stored", heard.error().detail, std::move(call_sid)});
    co_return heard.error();
}

Task<Response> WebhookRoutes::answer_call(const Form& form, std::string token) {
    std::string call_sid = read_call_sid(trim(form_value(form, "CallSid")));
    if (call_sid.empty()) {
        rejections_.note({LogTag::twilio, twiml_path, "malformed", "CallSid is missing"});
        co_return problem(400, "CallSid is missing");
    }
    Response response;
    response.body = co_await placed_->answer(std::move(token), std::move(call_sid));
    response.content_type = "text/xml";
    co_return response;
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
    auto refusal = gate_.check(signed_request, clock_.now());
    if (!refusal) return std::nullopt;
    const std::string_view detail = refusal->cause == "wrong_account"
                                        ? "AccountSid is not the account that is served here"
                                        : "the signature does not match";
    rejections_.note({LogTag::twilio, path, refusal->cause, std::move(refusal->explanation),
                      mask_call_sid(trim(form_value(form, "CallSid")))});
    return problem(403, detail);
}

// ---- ElevenLabs ----

// Fresh by either clock: one of the two may be set wrong, and a webhook that comes a second time is
// a repeat, which changes nothing.
ElevenLabsVerifier WebhookRoutes::verifier_of(const Request& request) const {
    const auto verifier_at = [&](UtcTime now) {
        return ElevenLabsVerifier(request.header("ElevenLabs-Signature"),
                                  options_.elevenlabs_secrets, now, options_.elevenlabs_tolerance);
    };
    ElevenLabsVerifier verifier = verifier_at(clock_.now());
    const bool is_stale = verifier.early() == ElevenLabsVerifier::Verdict::stale;
    if (is_stale && options_.machine_time) return verifier_at(options_.machine_time());
    return verifier;
}

Task<Response> WebhookRoutes::receive_elevenlabs(const Request& request, BodyStream& body) {
    using Verdict = ElevenLabsVerifier::Verdict;
    const bool is_unsigned = options_.allows_unsigned_elevenlabs;
    ElevenLabsVerifier verifier = verifier_of(request);
    if (!is_unsigned && verifier.early() != Verdict::genuine) {
        Response refusal = refuse_elevenlabs(cause_of(verifier.early()),
                                             std::string(to_string(verifier.early())), 401);
        refusal.closes = true;  // What follows is not worth reading.
        co_return refusal;
    }
    WebhookCollector collector(options_.elevenlabs_kept_bytes_max);
    auto refusal = co_await collect(body, verifier, collector);
    if (refusal) co_return *std::move(refusal);
    if (const Verdict verdict = is_unsigned ? Verdict::genuine : verifier.verdict();
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
    if (!is_plausible_call_id(event->conversation_id)) {
        co_return refuse_elevenlabs("malformed", "conversation_id is no conversation's id", 400);
    }
    const Receipt receipt{elevenlabs_path, 200};
    co_return co_await store(*std::move(event), receipt);
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

Task<Response> WebhookRoutes::store(NewEvent event, Receipt receipt) {
    std::string call_sid = mask_call_sid(event.call_sid);
    const LogTag tag = receipt.path == elevenlabs_path ? LogTag::elevenlabs : LogTag::twilio;
    const Result<Appended> appended = co_await sink_.append(std::move(event));
    if (appended) co_return acknowledge(receipt.status);
    // Whatever the reason, it is ours: the sender has to come again (P1).
    rejections_.note(
        {tag, receipt.path, "not_stored", appended.error().detail, std::move(call_sid)});
    co_return unavailable(not_stored_yet);
}

}  // namespace wrapup
