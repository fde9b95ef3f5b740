#include "sandbox/twilio/twilio_peer.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.hpp"
#include "codec/bytes/digest.hpp"
#include "codec/bytes/form.hpp"
#include "codec/bytes/percent.hpp"
#include "sandbox/calls/vendor_json.hpp"
#include "sandbox/twilio/twiml.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t body_bytes_max = 64U << 10U;
constexpr std::chrono::hours queue_time_max{24};
constexpr std::int64_t page_size_max = 1000;
constexpr std::int64_t page_size_default = 50;

Response twilio_error(int status, int code, std::string_view message) {
    const json::object body{
        {"code", code},
        {"message", message},
        {"more_info", "https://www.twilio.com/docs/errors/" + std::to_string(code)},
        {"status", status}};
    return json_response(status, json::serialize(body));
}

int code_of(int status) {
    if (status == 401 || status == 403) return 20003;
    if (status == 404) return 20404;
    return status == 429 ? 20429 : 20500;
}

// A day, or a point in time.
std::optional<UtcTime> parse_moment(std::string_view text) {
    if (text.size() == 10) return parse_rfc3339(std::string(text) + "T00:00:00Z");
    return parse_rfc3339(text);
}

// `name` is a day, `name>` from here on, `name<` before. A call without that time passes no filter.
bool fits_time(const Form& query, const std::string& name, const std::optional<UtcTime>& time) {
    const auto day = parse_moment(form_value(query, name));
    const auto from = parse_moment(form_value(query, name + ">"));
    const auto until = parse_moment(form_value(query, name + "<"));
    if (!day && !from && !until) return true;
    if (!time) return false;
    if (day && (*time < *day || *time >= *day + std::chrono::hours{24})) return false;
    if (from && *time < *from) return false;
    return !until || *time < *until;
}

bool fits_text(const Form& query, std::string_view name, std::string_view value) {
    const std::string_view wanted = form_value(query, name);
    return wanted.empty() || wanted == value;
}

bool fits(const Form& query, const PlayedCall& call) {
    return fits_text(query, "To", call.plan.to) && fits_text(query, "From", call.plan.from) &&
           fits_text(query, "ParentCallSid", "") &&
           fits_text(query, "Status", to_string(call.status)) &&
           fits_time(query, "StartTime", call.dialled_at) &&
           fits_time(query, "EndTime", call.ended_at);
}

// The query again without its page.
std::string without_page(const Form& query) {
    Form kept;
    for (const auto& field : query) {
        if (field.first != "Page" && field.first != "PageToken") kept.push_back(field);
    }
    return render_form(kept);
}

}  // namespace

TwilioPeer::TwilioPeer(TwilioAccount account, CallBook& book, const Clock& clock, Place place)
    : account_(std::move(account)), book_(book), clock_(clock), place_(std::move(place)) {}

void TwilioPeer::add_to(RouteSet& routes) {
    const std::string base = "/2010-04-01/Accounts/" + account_.sid;
    routes.guard_below("/2010-04-01/", [this](const Request& r) { return refuse(r); });
    routes.add_instant(Method::get, base + ".json", [this](const Request&) {
        json::object account;
        account["sid"] = account_.sid;
        account["friendly_name"] = "Sandbox";
        account["status"] = "active";
        account["type"] = "Full";
        return json_response(200, json::serialize(account));
    });
    routes.add_instant(Method::get, base + "/Calls.json",
                       [this](const Request& r) { return list(r); });
    routes.add_instant(Method::get, base + "/Calls/{}.json",
                       [this](const Request& r) { return fetch(r); });
    routes.add_instant(Method::get, base + "/IncomingPhoneNumbers.json", [this](const Request& r) {
        return list_numbers(r, "incoming_phone_numbers");
    });
    routes.add_instant(Method::get, base + "/OutgoingCallerIds.json",
                       [this](const Request& r) { return list_numbers(r, "outgoing_caller_ids"); });
    // On voice.twilio.com.
    routes.guard_below("/v1/DialingPermissions/", [this](const Request& r) { return refuse(r); });
    routes.add_instant(Method::get, "/v1/DialingPermissions/Countries/{}", [](const Request& r) {
        const json::object country{{"iso_code", r.parameter()},
                                   {"low_risk_numbers_enabled", true},
                                   {"high_risk_special_numbers_enabled", false},
                                   {"high_risk_tollfraud_numbers_enabled", false}};
        return json_response(200, json::serialize(country));
    });
    routes.add(Method::post, base + "/Calls.json", body_bytes_max,
               [this](const Request& r) -> Task<Response> { co_return create(r); });
    routes.add(Method::post, base + "/Calls/{}.json", body_bytes_max,
               [this](const Request& r) -> Task<Response> { co_return update(r); });
}

std::optional<Response> TwilioPeer::refuse(const Request& request) {
    requests_count_ += 1;
    if (const auto fault = faults_.take()) {
        if (fault->kind == RestFault::Kind::nonsense) return nonsense_response();
        Response response = twilio_error(fault->status, code_of(fault->status), "sandbox fault");
        response.headers = retry_after_line(fault->retry_after);
        return response;
    }
    const std::string wanted = "Basic " + to_base64(account_.sid + ":" + account_.auth_token);
    if (request.header("Authorization") == wanted) return std::nullopt;
    return twilio_error(401, 20003, "Authenticate");
}

Response TwilioPeer::fetch(const Request& request) const {
    const PlayedCall* const call = book_.find(request.parameter());
    if (call == nullptr) return twilio_error(404, 20404, "The requested resource was not found");
    return json_response(200, json::serialize(render_call(*call, account_.sid)));
}

Response TwilioPeer::list(const Request& request) {
    const auto query = parse_form(request.query());
    if (!query) return twilio_error(400, 20001, "the query cannot be read");
    const auto size =
        std::clamp(parse_int(form_value(*query, "PageSize")).value_or(page_size_default),
                   std::int64_t{1}, page_size_max);
    const auto& calls = book_.calls();
    // A page's token is the place of its first call from the beginning: new calls do not move it.
    const std::string_view token = form_value(*query, "PageToken");
    auto next = static_cast<std::int64_t>(calls.size()) - 1;
    if (token.starts_with("PA")) {
        next = std::min(next, parse_int(token.substr(2)).value_or(next));
    }
    json::array page;
    for (; next >= 0 && std::ssize(page) < size; --next) {
        const PlayedCall& call = calls[static_cast<std::size_t>(next)];
        const bool is_listed = clock_.now() >= call.placed_at + placing_.list_lag;
        if (is_listed && fits(*query, call)) page.push_back(render_call(call, account_.sid));
    }
    const auto number = parse_int(form_value(*query, "Page")).value_or(0);
    json::object body{{"page", number}, {"page_size", size}};
    body["next_page_uri"] = nullptr;
    if (next >= 0) {
        const std::string rest = without_page(*query);
        body["next_page_uri"] = "/2010-04-01/Accounts/" + account_.sid + "/Calls.json?" + rest +
                                (rest.empty() ? "" : "&") + "Page=" + std::to_string(number + 1) +
                                "&PageToken=PA" + std::to_string(next);
    }
    body["calls"] = std::move(page);
    const auto fault = faults_.take_of_list();
    if (fault && fault->kind == RestFault::Kind::same_page) {
        body["next_page_uri"] = request.target();
    } else if (fault && fault->kind == RestFault::Kind::other_host) {
        body["next_page_uri"] = "https://twilio.example/2010-04-01/Calls.json?Page=1";
    }
    return json_response(200, spoilt_page(fault, json::serialize(body)));
}

// ---- Placing ----

std::optional<milliseconds> TwilioPeer::take_turn() {
    if (placing_.calls_per_minute <= 0) return milliseconds{0};
    const UtcTime now = clock_.now();
    const UtcTime turn_at = std::max(now, next_turn_at_);
    if (turn_at - now > queue_time_max) return std::nullopt;
    next_turn_at_ = turn_at + milliseconds{60'000 / placing_.calls_per_minute};
    return turn_at - now;
}

Response TwilioPeer::create(const Request& request) {
    const auto form = parse_form(request.body());
    if (!form) return twilio_error(400, 20001, "the form cannot be read");
    PlacedForm& kept = forms_.emplace_back(PlacedForm{*form, {}, 0, false});
    const auto refuse = [&](int code, std::string_view message) {
        kept.code = code;
        return twilio_error(400, code, message);
    };
    auto read = read_order(*form, account_.numbers);
    if (const auto* const refusal = std::get_if<OrderRefusal>(&read)) {
        return refuse(refusal->code, refusal->message);
    }
    const auto turn = take_turn();
    if (!turn) return refuse(22005, "Call queue full");
    CallOrder order = std::get<CallOrder>(std::move(read));
    order.queue_time = *turn;
    const PlayedCall& call = place_(order);
    kept.call_sid = call.plan.sid;
    created_count_ += 1;
    kept.is_answer_lost = placing_.lose_every > 0 && created_count_ % placing_.lose_every == 0;
    if (kept.is_answer_lost && placing_.lose_status == 0) return lost_response();
    if (kept.is_answer_lost) {
        return twilio_error(placing_.lose_status, code_of(placing_.lose_status), "sandbox fault");
    }
    json::object created = render_call(call, account_.sid);
    for (const char* const later : {"date_created", "date_updated"}) created[later] = nullptr;
    return json_response(201, json::serialize(created));
}

Response TwilioPeer::update(const Request& request) {
    const auto form = parse_form(request.body());
    if (!form) return twilio_error(400, 20001, "the form cannot be read");
    const PlayedCall* const call = book_.find(request.parameter());
    if (call == nullptr) return twilio_error(404, 20404, "The requested resource was not found");
    const std::string_view status = form_value(*form, "Status");
    if (!status.empty()) return end_call(*call, status);
    const std::string_view twiml = form_value(*form, "Twiml");
    if (twiml.empty()) return twilio_error(400, 20001, "neither Status nor Twiml");
    if (call->status != CallStatus::in_progress || call->stop) {
        return twilio_error(400, 21220, "Unable to update record: the call is not in-progress");
    }
    if (!read_twiml(twiml)) return twilio_error(400, 12100, "Twiml is not valid");
    book_.stop(*call, CallStatus::completed);  // It ends the stream, and is short.
    return json_response(200, json::serialize(render_call(*call, account_.sid)));
}

Response TwilioPeer::end_call(const PlayedCall& call, std::string_view status) {
    const bool cancels = status == "canceled";
    if (!cancels && status != "completed") {
        return twilio_error(400, 20001, "Status is canceled or completed");
    }
    const bool is_waiting = call.status == CallStatus::queued ||
                            call.status == CallStatus::initiated ||
                            call.status == CallStatus::ringing;
    const bool is_talking = call.status == CallStatus::in_progress;
    if (!is_waiting && (cancels || !is_talking)) {
        return twilio_error(400, 21220, "Unable to update record: the call is not in a state to");
    }
    book_.stop(call, is_talking ? CallStatus::completed : CallStatus::canceled);
    json::object ended = render_call(call, account_.sid);
    ended["status"] = to_string(*call.stop);
    return json_response(200, json::serialize(ended));
}

// All the account's numbers are bought ones; it has no verified caller id beside.
Response TwilioPeer::list_numbers(const Request& request, std::string_view key) const {
    const auto query = parse_form(request.query());
    if (!query) return twilio_error(400, 20001, "the query cannot be read");
    json::array listed;
    for (const std::string& number : account_.numbers) {
        if (key != "incoming_phone_numbers" || !fits_text(*query, "PhoneNumber", number)) continue;
        json::object one{{"sid", "PN" + std::string(32, '0')}, {"phone_number", number}};
        one["capabilities"] = {{"voice", true}, {"sms", false}};
        listed.push_back(std::move(one));
    }
    json::object body{{"page", 0}, {"page_size", page_size_default}, {"next_page_uri", nullptr}};
    body[key] = std::move(listed);
    return json_response(200, json::serialize(body));
}

}  // namespace wrapup
