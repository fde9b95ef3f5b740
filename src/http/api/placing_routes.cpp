#include "http/api/placing_routes.hpp"

#include <boost/json.hpp>

#include "codec/bytes/digest.hpp"
#include "codec/json/json_value.hpp"
#include "http/api/api_answers.hpp"
#include "http/api/placing_input.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t body_bytes_max = 64 * 1024;
constexpr std::size_t key_size_max = 255;

json::object json_of(const Intent& intent) {
    json::object out{{"intent", intent.id},
                     {"state", text_or_null(to_string(intent.state))},
                     {"to", intent.to},
                     {"from", intent.from}};
    out["call_sid"] = text_or_null(intent.call_sid);
    out["status"] = text_or_null(intent.call_status);
    out["name"] = text_or_null(intent.name);
    out["campaign_id"] = text_or_null(intent.campaign_id);
    out["campaign_name"] = text_or_null(intent.campaign_name);
    out["agent_id"] = text_or_null(intent.agent_id);
    out["conversation_id"] = text_or_null(intent.conversation_id);
    out["answered_by"] = text_or_null(intent.answered_by);
    out["reason"] = text_or_null(intent.reason);
    out["advice"] = text_or_null(intent.advice);
    out["twilio_code"] = intent.twilio_code == 0 ? json::value(nullptr) : intent.twilio_code;
    out["abandoned"] = intent.is_abandoned;
    out["no_agent"] = text_or_null(intent.no_agent);
    out["cancel_wanted"] = intent.is_cancel_wanted;
    out["asks"] = intent.asks_count;
    out["timeout_s"] = intent.timeout_s;
    out["list"] = text_or_null(intent.list_id);
    out["attempt"] = intent.attempt_number;
    out["not_before"] = time_or_null(intent.not_before);
    out["not_after"] = time_or_null(intent.not_after);
    out["created_at"] = time_or_null(intent.created_at);
    out["due_at"] = time_or_null(intent.due_at);
    out["asked_at"] = time_or_null(intent.asked_at);
    out["answered_at"] = time_or_null(intent.answered_at);
    out["ended_at"] = time_or_null(intent.ended_at);
    return out;
}

std::string_view words_of(std::string_view code) {
    if (code == "already_open") return "another call to this number has not ended";
    if (code == "do_not_call") return "the number is on the do-not-call list";
    if (code == "too_many_attempts") return "the number was called often enough in 24 hours";
    return "the Idempotency-Key was used for another request";
}

// Nothing of it can be known of a number without hours.
std::string why_outside(const PlaceAnswer& answer, const Intent& wish) {
    if (!answer.opens_at) {
        return "time_zone is wanted, as in Europe/Berlin: where this number is there is no calling "
               "hour, or nobody knows where it is";
    }
    const std::string opens = format_rfc3339(*answer.opens_at);
    if (wish.not_after) {
        return "no calling hour there lies before not_after, " + format_rfc3339(*wish.not_after) +
               ": the next begins at " + opens;
    }
    return "it is outside of the calling hours there, which begin at " + opens +
           "; with not_before or not_after it may wait";
}

Response render_conflict(const PlaceAnswer& answer, const Intent& wish) {
    const bool is_key = answer.code == to_string(IntentRefusal::key_reused);
    const bool is_outside = answer.code == to_string(IntentRefusal::outside_hours);
    std::string detail(is_outside ? why_outside(answer, wish) : words_of(answer.code));
    json::object more{{"code", answer.code}};
    if (answer.code == to_string(IntentRefusal::already_open) && !answer.intent.id.empty()) {
        const std::string state(to_string(answer.intent.state));
        detail += ": intent " + answer.intent.id + " is " + state;
        more["open_intent"] = answer.intent.id;
        more["open_state"] = state;
        more["open_due_at"] = time_or_null(answer.intent.due_at);
        more["open_not_after"] = time_or_null(answer.intent.not_after);
        if (answer.intent.state == IntentState::waiting && answer.intent.due_at) {
            detail += ", due at " + format_rfc3339(*answer.intent.due_at);
            if (answer.intent.not_after) {
                detail += " and given up at " + format_rfc3339(*answer.intent.not_after);
            }
        }
    }
    if (answer.code == to_string(IntentRefusal::too_many_attempts)) {
        detail += ": " + std::to_string(answer.attempts_max) + " times (WRAPUP_CALLS_PER_NUMBER)";
    }
    if (is_outside && answer.opens_at) more["opens_at"] = format_rfc3339(*answer.opens_at);
    if (is_outside && !answer.opens_at) more["field"] = "time_zone";
    return problem_with(is_key ? 422 : 409, detail, std::move(more));
}

// Why an intent cannot be cancelled any more.
Response render_too_late(const Intent& intent) {
    const std::string state(to_string(intent.state));
    std::string detail = "it cannot be cancelled any more: it is " + state;
    if (intent.state == IntentState::answered) {
        detail = "somebody is talking; call " + intent.owner_sid + " can be ended at Twilio";
    } else if (!intent.call_status.empty()) {
        detail += ", its call " + intent.call_status;
    } else if (!intent.reason.empty()) {
        detail += " (" + intent.reason + ")";
    }
    return problem_with(
        409, detail,
        {{"code", state}, {"intent", intent.id}, {"call_sid", text_or_null(intent.call_sid)}});
}

Response render(const PlaceAnswer& answer, const Intent& wish) {
    using Kind = PlaceAnswer::Kind;
    const Intent& intent = answer.intent;
    if (answer.kind == Kind::invalid) return problem(400, answer.detail, answer.field);
    if (answer.kind == Kind::conflict) return render_conflict(answer, wish);
    if (answer.kind == Kind::refused) {
        if (intent.reason != "twilio") {
            return problem_with(409, words_of(intent.reason),
                                {{"code", intent.reason}, {"intent", intent.id}});
        }
        const std::string code = std::to_string(intent.twilio_code);
        return problem_with(502, "Twilio refused the call (" + code + "): " + intent.advice,
                            {{"code", "twilio"},
                             {"twilio_code", intent.twilio_code},
                             {"advice", intent.advice},
                             {"intent", intent.id}});
    }
    json::object body{{"intent", intent.id}};
    if (answer.kind == Kind::placed) {
        body["call_sid"] = intent.call_sid;
        body["status"] = intent.call_status.empty() ? "queued" : intent.call_status;
    } else {
        body["status"] = text_or_null(to_string(intent.state));
    }
    body["to"] = intent.to;
    body["from"] = intent.from;
    return json_response(answer.kind == Kind::placed ? 201 : 202, json::serialize(body));
}

}  // namespace

Response PlacingRoutes::not_there() const {
    return problem(501, "calls cannot be placed: set " + missing_);
}

void PlacingRoutes::add_to(RouteSet& routes) {
    routes.add(
        Method::post, "/api/calls", body_bytes_max, [this](const Request& r) { return place(r); },
        refuse_other_than_json);
    routes.add(Method::get, "/api/intents", 0, [this](const Request& r) { return list(r); });
    routes.add(Method::get, "/api/intents/{}", 0, [this](const Request& r) { return show(r); });
    routes.add(Method::del, "/api/intents/{}", 0, [this](const Request& r) { return cancel(r); });
}

Task<Response> PlacingRoutes::place(const Request& request) {
    if (placer_ == nullptr) co_return not_there();
    auto parsed = parse_place_request(request.body(), clock_.now(), read_phone_);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    Intent wish = std::get<Intent>(std::move(parsed));
    const std::string_view key = request.header("Idempotency-Key");
    if (key.size() > key_size_max) co_return problem(400, "the Idempotency-Key is too long");
    wish.idempotency_key = key;
    if (!key.empty()) wish.request_hash = sha256_hex(request.body());
    Intent asked = wish;
    const auto answer = co_await placer_->place(std::move(asked));
    if (!answer) co_return error_response(answer.error());
    co_return render(*answer, wish);
}

Task<Response> PlacingRoutes::list(const Request& request) {
    auto parsed = parse_intent_filter(request.query(), read_phone_);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const IntentFilter& filter = std::get<IntentFilter>(parsed);
    auto read = [&] { return store_.list_intents(filter); };
    const auto page = co_await pool_.run(read);
    if (!page) co_return error_response(page.error());
    json::array intents;
    for (const Intent& intent : page->intents) intents.push_back(json_of(intent));
    const json::object body{{"intents", std::move(intents)},
                            {"next_cursor", text_or_null(page->next_cursor)}};
    co_return json_response(200, json::serialize(body));
}

Task<Response> PlacingRoutes::show(const Request& request) {
    auto read = [&] { return store_.find_intent(request.parameter()); };
    const auto intent = co_await pool_.run(read);
    if (!intent) co_return error_response(intent.error());
    co_return json_response(200, json::serialize(json_of(*intent)));
}

Task<Response> PlacingRoutes::cancel(const Request& request) {
    if (placer_ == nullptr) co_return not_there();
    std::string id = request.parameter();
    const auto cancelled = co_await placer_->cancel(std::move(id));
    if (cancelled) co_return json_response(200, json::serialize(json_of(*cancelled)));
    if (cancelled.error().code != Errc::conflict) co_return error_response(cancelled.error());
    auto read = [&] { return store_.find_intent(request.parameter()); };
    const auto intent = co_await pool_.run(read);
    if (!intent) co_return error_response(intent.error());
    co_return render_too_late(*intent);
}

}  // namespace wrapup
