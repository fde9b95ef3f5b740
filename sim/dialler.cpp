#include "sim/dialler.hpp"

#include <algorithm>
#include <array>

#include "codec/bytes/form.hpp"
#include "codec/json/json_value.hpp"
#include "codec/place_token.hpp"

namespace wrapup {
namespace {

using Stage = DialledCall::Stage;
using std::chrono::minutes;

// Twilio repeats a request for so long; then the call ends with an error.
constexpr seconds twiml_patience{15};
// A request may wait a minute for the store, after its hours were looked at.
constexpr seconds order_patience{61};
// The store may be in trouble for a minute before it knows the call.
constexpr seconds cancel_patience{90};
constexpr std::string_view conversation_mark = R"(value="conv_)";

std::string hex_name(const char* prefix, Prng& prng, int digits) {
    constexpr char alphabet[] = "0123456789abcdef";
    std::string name = prefix;
    for (int i = 0; i < digits; ++i) name += alphabet[prng.below(16)];
    return name;
}

std::string conversation_in(const std::string& twiml) {
    const std::size_t at = twiml.find(conversation_mark);
    if (at == std::string::npos) return {};
    const std::size_t begin = at + conversation_mark.size() - 5;
    return twiml.substr(begin, twiml.find('"', begin) - begin);
}

TwilioCall shown(const DialledCall& call) {
    TwilioCall seen;
    seen.sid = call.truth->sid;
    seen.to = call.truth->to;
    seen.from = sim_own_number;
    seen.direction = Direction::outbound;
    seen.created_at = call.truth->started_at;
    switch (call.stage) {
        case Stage::queued: seen.status = CallStatus::queued; break;
        case Stage::ringing: seen.status = CallStatus::ringing; break;
        case Stage::asking:
        case Stage::talking: seen.status = CallStatus::in_progress; break;
        case Stage::over: seen.status = call.truth->status; break;
    }
    return seen;
}

}  // namespace

void SimDialler::fail(const std::string& intent_id, std::string_view what) {
    violations.push_back("placing: " + intent_id + ": " + std::string(what));
}

void SimDialler::begin(Life life) {
    life_ = std::move(life);
    for (DialledCall& call : calls_) {
        if (call.stage != Stage::over) life_.spawn(play(call));
    }
}

bool SimDialler::is_quiet() const {
    return in_flight_.empty() &&
           std::ranges::all_of(calls_, [](const auto& call) { return call.stage == Stage::over; });
}

Task<void> SimDialler::sleep_until_true(UtcTime at) {
    const UtcTime until = at + world_.clock->ahead();
    co_await world_.clock->sleep_until(until);
}

// ---- Twilio's REST API ----

// What is known when Twilio is asked: nobody is to be rung then.
void SimDialler::check_order(const OutboundCall& order) {
    const auto token = order.twiml_url.substr(order.twiml_url.rfind('/') + 1);
    const auto id = read_place_token(sim_place_secret, token.substr(0, token.find('#')));
    WRAPUP_ASSERT(id.has_value());
    const auto intent = store_.find_intent(*id);
    if (!intent || intent->asks_count == 0) {
        fail(*id, "Twilio is asked before the intent is durable");
        return;
    }
    const UtcTime now = world_.believed->now();
    if (now >= *intent->not_after) fail(*id, "placed after its window");
    if (intent->not_before && now < *intent->not_before) fail(*id, "placed before its window");
    const bool is_in_hours = sim_hours(intent->to, now).is_inside ||
                             sim_hours(intent->to, now - order_patience).is_inside;
    const bool was_set = !world_.truth.faults.clock_steps.empty() || world_.clock->ahead().count();
    if (!is_in_hours && !was_set) fail(*id, "placed outside the calling hours");
    for (const TrueOptOut& out : world_.truth.placing.opt_outs) {
        const bool is_known = out.known_at && *out.known_at < world_.now();
        if (out.phone == intent->to && is_known) fail(*id, "placed after an opt-out");
    }
}

DialledCall& SimDialler::make(const OutboundCall& order, UtcTime now) {
    const PlacingFaults& faults = world_.truth.placing.faults;
    const bool is_hostile = now < world_.truth.faults.hostile_until;
    Prng& prng = world_.prng;
    TrueCall& truth = world_.truth.calls.emplace_back();
    truth.sid = hex_name("CA", prng, 32);
    truth.to = order.to;
    truth.status = CallStatus::in_progress;
    truth.started_at = now;
    truth.ended_at = UtcTime::max();
    truth.list_lag = faults.list_lag;
    DialledCall& call = calls_.emplace_back();
    call.truth = &truth;
    const auto token = order.twiml_url.substr(order.twiml_url.rfind('/') + 1);
    call.token = token.substr(0, token.find('#'));
    call.intent_id = *read_place_token(sim_place_secret, call.token);
    constexpr std::array<CallStatus, 6> fates{CallStatus::completed, CallStatus::completed,
                                              CallStatus::completed, CallStatus::busy,
                                              CallStatus::no_answer, CallStatus::failed};
    call.fate = fates.at(prng.below(faults.answers_often ? 4 : fates.size()));
    if (prng.chance({1, 3})) call.answered_by = prng.chance({1, 2}) ? "machine_start" : "human";
    call.dial_at = now + milliseconds{prng.below(1'500)};
    if (is_hostile && prng.chance(faults.queued)) call.dial_at += milliseconds{prng.below(300'000)};
    call.answer_at = call.dial_at + milliseconds{1'000 + prng.below(25'000)};
    call.talk = milliseconds{1'000 + prng.below(faults.answers_often ? 300'000 : 90'000)};
    call.is_silent = is_hostile && prng.chance(faults.silent);
    if (is_hostile && prng.chance(faults.late)) call.delay = minutes{1 + prng.below(6)};
    return call;
}

void SimDialler::make_foreign(const OutboundCall& order) {
    Prng& prng = world_.prng;
    ForeignCall& call = foreign_.emplace_back();
    call.seen.sid = hex_name("CA", prng, 32);
    call.seen.to = order.to;
    call.seen.from = sim_own_number;
    call.seen.direction = Direction::outbound;
    call.seen.created_at = world_.now() - seconds{5} + milliseconds{prng.below(15'000)};
    call.answered_at = *call.seen.created_at + milliseconds{prng.below(60'000)};
    const bool is_answered = prng.chance({1, 2});
    call.over_at = call.answered_at + milliseconds{is_answered ? prng.below(400'000) : 0};
}

TwilioCall shown(const ForeignCall& call, UtcTime now) {
    TwilioCall seen = call.seen;
    seen.status = now < call.answered_at ? CallStatus::ringing : CallStatus::in_progress;
    if (now < call.over_at) return seen;
    const milliseconds talked = call.over_at - call.answered_at;
    seen.status = talked.count() > 0 ? CallStatus::completed : CallStatus::no_answer;
    seen.duration_s = talked.count() / 1'000;
    return seen;
}

Task<CreateAnswer> SimDialler::create_call(OutboundCall order) {
    const PlacingFaults& faults = world_.truth.placing.faults;
    CreateAnswer answer;
    check_order(order);
    if (world_.strikes(faults.foreign)) make_foreign(order);
    if (world_.strikes(faults.not_sent)) {
        answer.kind = CreateAnswer::Kind::not_sent;
        co_return answer;
    }
    const int ticket = next_ticket_++;
    in_flight_.emplace(ticket, order);
    const auto error = co_await world_.twilio_trouble();
    in_flight_.erase(ticket);
    // An error of the server's, or none at all, may mean that it was made.
    const bool is_lost_before =
        error ? world_.prng.chance({1, 2}) : world_.strikes(faults.lost_before);
    if (is_lost_before) co_return answer;
    if (!error && world_.strikes(faults.refused)) {
        // The last one concerns every call: lists pause.
        constexpr std::array<std::pair<int, std::int64_t>, 5> refusals{
            {{400, 21215}, {400, 21211}, {429, 20429}, {400, 10004}, {401, 20003}}};
        const bool has_lists = !world_.truth.placing.lists.empty();
        const auto [status, code] = refusals.at(world_.prng.below(has_lists ? 5 : 4));
        answer.kind = CreateAnswer::Kind::refused;
        answer.http_status = status;
        answer.code = code;
        co_return answer;
    }
    DialledCall& call = make(order, world_.now());
    life_.spawn(play(call));
    if (error || world_.strikes(faults.lost_after)) co_return answer;
    call.is_told = true;
    answer.kind = CreateAnswer::Kind::created;
    answer.call = shown(call);
    co_return answer;
}

void SimDialler::settle_in_flight(UtcTime now) {
    for (const auto& [ticket, order] : in_flight_) {
        if (world_.prng.chance({1, 2})) make(order, now);
    }
    in_flight_.clear();
}

Task<Result<std::vector<TwilioCall>>> SimDialler::list_calls_between(std::string from,
                                                                     std::string to) {
    const auto error = co_await world_.twilio_trouble();
    if (error) co_return *error;
    std::vector<TwilioCall> listed;
    for (const DialledCall& call : calls_) {
        const UtcTime seen_at = call.truth->started_at + call.truth->list_lag;
        const bool is_between = call.truth->to == to && from == sim_own_number;
        if (is_between && seen_at <= world_.now()) listed.push_back(shown(call));
    }
    for (const ForeignCall& call : foreign_) {
        const bool is_there = call.seen.to == to && *call.seen.created_at <= world_.now();
        if (is_there) listed.push_back(shown(call, world_.now()));
    }
    std::ranges::reverse(listed);
    co_return listed;
}

Task<Result<void>> SimDialler::end_call(std::string call_sid, CallStatus status) {
    const auto found = std::ranges::find(calls_, call_sid,
                                         [](const DialledCall& call) { return call.truth->sid; });
    if (found != calls_.end()) found->is_cancel_asked = true;
    const auto error = co_await world_.twilio_trouble();
    if (error) co_return *error;
    const auto is_meant = [&](const ForeignCall& call) { return call.seen.sid == call_sid; };
    if (std::ranges::any_of(foreign_, is_meant)) fail(call_sid, "another program's call was ended");
    if (found == calls_.end()) co_return Error{Errc::not_found, "404"};
    const bool is_before = found->stage == Stage::queued || found->stage == Stage::ringing;
    const bool is_over = found->stage == Stage::over;
    if (is_over || (status == CallStatus::canceled && !is_before)) {
        co_return Error{Errc::conflict, "not in this state"};
    }
    end(*found, is_before ? CallStatus::canceled : CallStatus::completed);
    co_return Result<void>();
}

// ---- ElevenLabs ----

Task<Result<RegisteredAgent>> SimDialler::register_call(AgentOrder order) {
    const PlacingFaults& faults = world_.truth.placing.faults;
    const auto variables = parse_json_object(order.variables);
    WRAPUP_ASSERT(variables.has_value());
    const std::string sid = json_string(&*variables, "twilio_call_sid");
    const auto asked = agent_asked_.find(sid);
    const Faults& clocks = world_.truth.faults;
    const bool was_set = !clocks.clock_steps.empty() || clocks.was_set_forward_while_stopped;
    if (asked != agent_asked_.end() && !was_set && world_.now() < asked->second) {
        fail(sid, "two agents at once for one call");
    }
    agent_asked_[sid] = world_.now() + order.patience;
    if (world_.strikes(faults.agent_is_slow)) {
        co_await world_.sleep(order.patience);
        co_return Error{Errc::timeout, "no answer"};
    }
    co_await world_.pass_time(std::min(order.patience, milliseconds{2'500}));
    if (world_.truth.faults.elevenlabs_refuses_key) {
        co_return Error{Errc::unauthorized, "HTTP 401"};
    }
    if (world_.strikes(faults.agent_fails)) co_return Error{Errc::unavailable, "HTTP 503"};
    RegisteredAgent agent;
    agent.conversation_id = hex_name("conv_", world_.prng, 12);
    agent.twiml = R"(<Response><Connect><Stream url="wss://sim"><Parameter name="conversation_id")"
                  R"( value=")" +
                  agent.conversation_id + R"("/></Stream></Connect></Response>)";
    registered_[agent.conversation_id] = sid;
    if (json_string(&*variables, "intent").empty()) fail(sid, "an agent without its intent");
    co_return agent;
}

// ---- A call, from being queued to its end ----

Task<void> SimDialler::play(DialledCall& call) {
    if (call.stage == Stage::queued) {
        const UtcTime at = call.dial_at;
        co_await sleep_until_true(at);
        if (call.stage != Stage::queued) co_return;
        call.stage = Stage::ringing;
        check_ring(call);
        say(call, CallStatus::initiated);
        say(call, CallStatus::ringing);
    }
    if (call.stage == Stage::ringing) {
        const UtcTime at = call.answer_at;
        co_await sleep_until_true(at);
        if (call.stage != Stage::ringing) co_return;
        check_rung(call);
        if (call.fate != CallStatus::completed) {
            end(call, call.fate);
            co_return;
        }
        call.stage = Stage::asking;
        note_answer(call);
        say(call, CallStatus::in_progress);
    }
    while (call.stage == Stage::asking) co_await ask_what_to_say(call);
    if (call.stage != Stage::talking) co_return;
    const UtcTime over_at = *call.talks_since + call.talk;
    co_await sleep_until_true(over_at);
    if (call.stage == Stage::talking) end(call, CallStatus::completed);
}

// Nobody's phone rings while he is called already. Where nobody can know in time that a call is
// there, or when it is, another may be made: it gets no agent.
void SimDialler::check_ring(const DialledCall& call) {
    const Truth& truth = world_.truth;
    const bool can_know = truth.placing.faults.list_lag < seconds{120} &&
                          truth.faults.clock_steps.empty() && !world_.clock->ahead().count();
    if (!can_know) return;
    for (const DialledCall& other : calls_) {
        const bool is_other =
            other.truth->to == call.truth->to && other.intent_id != call.intent_id;
        const bool is_on = other.stage != Stage::queued && other.stage != Stage::over;
        if (is_other && is_on) fail(call.intent_id, "rings somebody who is called already");
    }
}

// It has rung to its end. Where an opt-out has been known long enough, its cancel was asked for:
// in the transaction that knew it, and then at Twilio.
void SimDialler::check_rung(const DialledCall& call) {
    const auto intent = store_.find_intent(call.intent_id);
    WRAPUP_ASSERT(intent.has_value());
    const Truth& truth = world_.truth;
    const bool can_act = call.is_told && truth.faults.crashes_count == 0 &&
                         !truth.faults.is_clock_set && !truth.placing.has_two_nodes;
    for (const TrueOptOut& out : truth.placing.opt_outs) {
        if (out.phone != call.truth->to || !out.known_at) continue;
        const bool is_answered = intent->state == IntentState::answered;  // Another call of it.
        if (intent->is_open() && !is_answered && !intent->is_cancel_wanted) {
            fail(call.intent_id, "rings on after an opt-out");
        }
        const bool is_known_long = *out.known_at + cancel_patience < world_.now();
        if (can_act && is_known_long && !call.is_cancel_asked) {
            fail(call.intent_id, "nobody cancelled it after an opt-out");
        }
    }
}

// Whether the call may get an agent, by what the process could know when it was answered.
void SimDialler::note_answer(DialledCall& call) {
    call.answered_at = world_.now();
    const auto forbid = [&](std::string_view why) {
        call.may_talk = false;
        call.why_not = why;
    };
    const auto intent = store_.find_intent(call.intent_id);
    WRAPUP_ASSERT(intent.has_value());
    const UtcTime now = world_.believed->now();
    if (now >= *intent->not_after) forbid("a conversation after its window");
    if (!sim_hours(intent->to, now).is_inside) forbid("a conversation outside the calling hours");
    for (const TrueOptOut& out : world_.truth.placing.opt_outs) {
        if (out.phone == intent->to && out.known_at) forbid("a conversation after an opt-out");
    }
    for (const TrueIntent& one : world_.truth.placing.intents) {
        if (one.id == call.intent_id && one.cancelled_at) forbid("a conversation though cancelled");
    }
}

Task<void> SimDialler::ask_what_to_say(DialledCall& call) {
    if (world_.now() - *call.answered_at > twiml_patience) {
        end(call, CallStatus::completed);
        co_return;
    }
    const milliseconds ahead = world_.believed->ahead();
    std::string token = call.token;
    std::string sid = call.truth->sid;
    const UtcTime begin = world_.now();
    const std::string twiml = co_await life_.target().answer(std::move(token), std::move(sid));
    // Who was sent away while the store refused everything may be known to nobody, if nobody lives
    // until it takes something again.
    const auto known = store_.find_intent_of_call(call.truth->sid);
    call.is_asked = !conversation_in(twiml).empty() || (known && known->has_value());
    if (world_.now() - begin > twiml_patience) fail(call.intent_id, "Twilio waited in vain");
    if (call.stage != Stage::asking) co_return;
    if (world_.strikes(world_.truth.placing.faults.twiml_lost)) {
        co_await world_.sleep(seconds{1});
        co_return;
    }
    // Somebody set the clock meanwhile: what was outside may be inside now.
    if (world_.believed->ahead() != ahead) call.may_talk = true;
    std::string conversation_id = conversation_in(twiml);
    if (conversation_id.empty()) {
        end(call, CallStatus::completed);
        co_return;
    }
    connect(call, std::move(conversation_id));
}

void SimDialler::connect(DialledCall& call, std::string conversation_id) {
    if (!call.may_talk) fail(call.intent_id, call.why_not);
    const auto registered = registered_.find(conversation_id);
    WRAPUP_ASSERT(registered != registered_.end());
    if (registered->second != call.truth->sid) fail(call.intent_id, "an agent of another call");
    conversations_[call.intent_id] += 1;
    if (conversations_[call.intent_id] > 1) fail(call.intent_id, "a second conversation");
    call.stage = Stage::talking;
    call.talks_since = world_.now();
    call.conversation_id = std::move(conversation_id);
    if (!call.answered_by.empty()) say_machine(call);
}

void SimDialler::end(DialledCall& call, CallStatus status) {
    TrueCall& truth = *call.truth;
    call.stage = Stage::over;
    truth.status = status;
    truth.ended_at = world_.now();
    if (call.answered_at) {
        // Somebody answered, so that Twilio bills a second at least.
        truth.duration_s = 1 + (truth.ended_at - *call.answered_at).count() / 1'000;
        truth.answered_by = call.answered_by;
    }
    say(call, status);
    if (call.talks_since) say_conversation(call);
}

void SimDialler::send(const DialledCall& call, Sending sending) {
    Prng& prng = world_.prng;
    const milliseconds soon{prng.below(500)};
    sending.at = world_.now() + call.delay + soon;
    int copies = 1;
    while (prng.chance({1, 6})) copies += 1;
    for (int i = 0; i < copies; ++i) {
        world_.truth.sendings.push_back(sending);
        life_.send(world_.truth.sendings.back());
        sending.at += milliseconds{prng.below(20'000)};
    }
}

void SimDialler::say(DialledCall& call, CallStatus status) {
    if (call.is_silent) return;
    TrueCall& truth = *call.truth;
    Form form{{"CallSid", truth.sid},
              {"To", truth.to},
              {"From", sim_own_number},
              {"CallStatus", std::string(to_string(status))},
              {"Direction", "outbound-api"}};
    if (is_terminal(status)) {
        form.emplace_back("Timestamp", format_rfc2822(truth.ended_at));
        form.emplace_back("CallDuration", std::to_string(truth.duration_s));
        truth.has_told_duration = call.delay == milliseconds::zero();
    }
    Sending sending;
    sending.body = render_form(form);
    sending.token = call.token;
    send(call, std::move(sending));
}

void SimDialler::say_machine(DialledCall& call) {
    if (call.is_silent) return;
    const Form form{{"CallSid", call.truth->sid}, {"AnsweredBy", call.answered_by}};
    Sending sending;
    sending.kind = Sending::Kind::amd;
    sending.body = render_form(form);
    sending.token = call.token;
    send(call, std::move(sending));
}

void SimDialler::say_conversation(DialledCall& call) {
    Prng& prng = world_.prng;
    TrueCall& truth = *call.truth;
    TrueConversation conversation;
    conversation.id = call.conversation_id;
    conversation.appears_at = *call.talks_since;
    conversation.done_at = truth.ended_at + milliseconds{prng.below(12'000)};
    conversation.document =
        conversation_document(truth, conversation.id, true, "They talked about " + truth.sid + ".");
    conversation.unfinished = conversation_document(truth, conversation.id, false, "");
    truth.conversation = conversation;
    if (prng.chance({1, 3})) return;
    Sending sending;
    sending.kind = Sending::Kind::webhook;
    sending.body = R"({"type":"post_call_transcription","event_timestamp":1,"data":)" +
                   conversation.document + "}";
    sending.tries_left = 40;
    sending.at = conversation.done_at;
    world_.truth.sendings.push_back(std::move(sending));
    life_.send(world_.truth.sendings.back());
}

}  // namespace wrapup
