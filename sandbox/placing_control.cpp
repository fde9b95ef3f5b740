#include "sandbox/placing_control.hpp"

#include <array>
#include <boost/json.hpp>

#include "codec/json/json_value.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t body_bytes_max = 1U << 20U;
constexpr std::int64_t wait_ms_max = 86'400'000;

std::optional<milliseconds> read_ms(const json::object& body, std::string_view key) {
    const auto count = json_count(&body, key);
    if (!count || *count > wait_ms_max) return std::nullopt;
    return milliseconds{*count};
}

void set_count(int& target, const json::object& body, std::string_view key) {
    const auto count = json_count(&body, key);
    if (count && *count <= 1'000'000) target = static_cast<int>(*count);
}

json::array render_form_pairs(const Form& form) {
    json::array pairs;
    for (const auto& [name, value] : form) pairs.push_back(json::array{name, value});
    return pairs;
}

json::object render_form_of(const PlacedForm& placed) {
    json::object one{{"form", render_form_pairs(placed.form)},
                     {"answer_lost", placed.is_answer_lost}};
    one["call_sid"] = placed.call_sid.empty() ? json::value(nullptr) : json::value(placed.call_sid);
    one["code"] = placed.code == 0 ? json::value(nullptr) : json::value(placed.code);
    return one;
}

json::object render_placed(const PlayedCall& call) {
    json::object one{{"call_sid", call.plan.sid},
                     {"to", call.plan.to},
                     {"from", call.plan.from},
                     {"status", to_string(call.status)},
                     {"outcome", to_string(call.plan.outcome)},
                     {"twiml_requests", call.twiml_requests_count},
                     {"conversations", call.conversations_count},
                     {"conversation_id", call.plan.conversation_id},
                     {"trouble", call.trouble}};
    one["placed_at"] = format_rfc3339(call.placed_at);
    one["dialled_at"] = nullptr;
    if (call.dialled_at) one["dialled_at"] = format_rfc3339(*call.dialled_at);
    return one;
}

}  // namespace

std::optional<PlannedEnd> parse_planned_end(std::string_view word) {
    constexpr std::array all{Outcome::held, Outcome::no_answer, Outcome::no_connection,
                             Outcome::voicemail};
    for (const Outcome outcome : all) {
        if (to_string(outcome) == word) return PlannedEnd{outcome, {}};
    }
    const auto status = parse_call_status(word);
    if (!status || !is_terminal(*status)) return std::nullopt;
    if (*status == CallStatus::completed) return PlannedEnd{Outcome::held, status};
    const bool is_missed = *status == CallStatus::busy || *status == CallStatus::no_answer;
    return PlannedEnd{is_missed ? Outcome::no_answer : Outcome::no_connection, status};
}

PlacingControl::PlacingControl(Sandbox& sandbox, Traffic& traffic)
    : sandbox_(sandbox), traffic_(traffic) {
    sandbox_.on_order([this](const CallOrder& order) -> const PlayedCall& {
        return sandbox_.player().place(plan_for(order));
    });
}

void PlacingControl::add_to(RouteSet& routes) {
    routes.add(Method::post, "/sandbox/placing", body_bytes_max,
               [this](const Request& r) { return set(r); });
    routes.add_instant(Method::get, "/sandbox/placing",
                       [this](const Request&) { return account(); });
}

std::optional<PlannedEnd> PlacingControl::next_end() {
    if (ends_.empty()) return end_default_;
    const PlannedEnd end = ends_.front();
    ends_.pop_front();
    return end;
}

CallPlan PlacingControl::plan_for(const CallOrder& order) {
    const auto end = next_end();
    CallPlan plan = end ? traffic_.next(end->outcome) : traffic_.next();
    if (end && end->end) plan.end = *end->end;
    plan.collected = collected_;
    if (ring_) plan.ring = *ring_;
    if (talk_) plan.talk = *talk_;
    follow_order(plan, order);
    return plan;
}

Task<Response> PlacingControl::set(const Request& request) {
    const auto body = parse_json_object(request.body());
    if (!body) co_return problem(400, body.error().detail);
    std::deque<PlannedEnd> ends;
    if (const json::value* const words = json_member(&*body, "outcomes")) {
        if (!words->is_array()) co_return problem(400, "a list", "outcomes");
        for (const json::value& word : words->get_array()) {
            const auto end = word.is_string() ? parse_planned_end(word.get_string()) : std::nullopt;
            if (!end) co_return problem(400, "no such outcome", "outcomes");
            ends.push_back(*end);
        }
        ends_ = std::move(ends);
    }
    if (const std::string word = json_string(&*body, "outcome"); !word.empty()) {
        const auto end = parse_planned_end(word);
        if (!end) co_return problem(400, "no such outcome", "outcome");
        end_default_ = end;
    }
    if (const auto ring = read_ms(*body, "ring_ms")) ring_ = ring;
    if (const auto talk = read_ms(*body, "talk_ms")) talk_ = talk;
    if (const auto* const collected = json_object(&*body, "collected")) {
        collected_ = json::serialize(*collected);
    }
    PlacingKnobs& knobs = sandbox_.twilio().placing();
    set_count(knobs.calls_per_minute, *body, "calls_per_minute");
    set_count(knobs.lose_every, *body, "lose_every");
    set_count(knobs.lose_status, *body, "lose_status");
    knobs.list_lag = read_ms(*body, "list_lag_ms").value_or(knobs.list_lag);
    RegisterKnobs& desk = sandbox_.elevenlabs().desk().knobs();
    set_count(desk.conversations_max, *body, "conversations_max");
    set_count(desk.fail_status, *body, "register_status");
    set_count(desk.fail_count, *body, "register_count");
    desk.latency = read_ms(*body, "register_ms").value_or(desk.latency);
    const std::string format = json_string(&*body, "audio_format");
    if (!format.empty()) sandbox_.elevenlabs().set_audio_format(format);
    Response response;
    response.status = 204;
    co_return response;
}

Response PlacingControl::account() const {
    json::array forms;
    std::int64_t refused_count = 0;
    std::int64_t lost_count = 0;
    for (const PlacedForm& placed : sandbox_.twilio().forms()) {
        forms.push_back(render_form_of(placed));
        if (placed.code != 0) refused_count += 1;
        if (placed.is_answer_lost) lost_count += 1;
    }
    json::array calls;
    std::int64_t twiml_count = 0;
    std::int64_t conversations_count = 0;
    for (const PlacedForm& placed : sandbox_.twilio().forms()) {
        const PlayedCall* const call = sandbox_.book().find(placed.call_sid);
        if (call == nullptr) continue;
        twiml_count += call->twiml_requests_count;
        conversations_count += call->conversations_count;
        calls.push_back(render_placed(*call));
    }
    json::array registered;
    for (const std::string& body : sandbox_.elevenlabs().desk().bodies()) {
        registered.emplace_back(body);
    }
    json::object answer{{"created", calls.size()},
                        {"refused", refused_count},
                        {"answers_lost", lost_count},
                        {"twiml_requests", twiml_count},
                        {"conversations", conversations_count}};
    answer["forms"] = std::move(forms);
    answer["calls"] = std::move(calls);
    answer["register_calls"] = std::move(registered);
    return json_response(200, json::serialize(answer));
}

}  // namespace wrapup
