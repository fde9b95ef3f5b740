// What Twilio tells and asks about placed calls, and what people ask.

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "codec/place_token.hpp"
#include "codec/placing_text.hpp"
#include "core/placing/intent_machine.hpp"
#include "service/placer/placer.hpp"
#include "service/tasks/root_task.hpp"
#include "service/tasks/run_on.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

// The person hears nothing until then.
constexpr milliseconds answer_patience{3'000};
constexpr milliseconds agent_patience_least{300};
// For the store: Twilio stops reading after 2.5 s, and must have its TwiML by then.
constexpr milliseconds claim_patience{2'000};
constexpr milliseconds agent_look_every{100};
constexpr seconds turn_patience{2};
constexpr seconds machine_patience{10};
constexpr seconds twilio_patience{12};
// Whoever says no end: after a week nobody expects the call any more.
constexpr std::chrono::hours window_default{24 * 7};

constexpr std::string_view store_unavailable = "store_unavailable";

std::string_view why_no_agent(const Error& error) {
    switch (error.code) {
        case Errc::timeout: return "agent_timeout";
        case Errc::rate_limited: return "agent_busy";
        case Errc::unavailable:
        case Errc::corrupt: return "agent_unavailable";
        case Errc::invalid_input:
        case Errc::not_found:
        case Errc::conflict:
        case Errc::unauthorized: return "agent_refused";
    }
    return "agent_refused";
}

bool is_undecided(const Intent& intent) {
    return intent.state == IntentState::waiting || intent.state == IntentState::asking;
}

PlaceAnswer answer_of(Intent intent) {
    PlaceAnswer answer;
    if (intent.state == IntentState::refused) {
        answer.kind = PlaceAnswer::Kind::refused;
    } else if (!intent.call_sid.empty()) {
        answer.kind = PlaceAnswer::Kind::placed;
    }
    answer.intent = std::move(intent);
    return answer;
}

PlaceAnswer invalid(std::string field, const std::string& why) {
    PlaceAnswer answer;
    answer.kind = PlaceAnswer::Kind::invalid;
    answer.detail = field + ": " + why;
    answer.field = std::move(field);
    return answer;
}

PlaceAnswer conflict(std::string code) {
    PlaceAnswer answer;
    answer.kind = PlaceAnswer::Kind::conflict;
    answer.code = std::move(code);
    return answer;
}

}  // namespace

// ---- People ----

void Placer::ring(const Intent& intent) {
    const auto [begin, end] = waiters_.equal_range(intent.id);
    for (auto at = begin; at != end; ++at) {
        at->second->intent = intent;
        at->second->alarm.ring();
    }
}

Task<Result<PlaceAnswer>> Placer::place(Intent wish) {
    return run_on(workers_, place_on_workers(std::move(wish)));
}

Task<Result<PlaceAnswer>> Placer::place_on_workers(Intent wish) {
    const UtcTime now = ports_.clock.now();
    const bool is_for_now = !wish.not_before && !wish.not_after && wish.list_id.empty();
    wish.id = ports_.make_id();
    if (wish.from.empty()) wish.from = settings_.from;
    if (wish.from.empty()) {
        co_return invalid("from", "say which number calls, or set TWILIO_PHONE_NUMBER");
    }
    if (const auto fit = check_numbers(wish.to, wish.from); !fit) {
        co_return invalid("to", fit.error().detail);
    }
    if (wish.agent_id.empty()) wish.agent_id = settings_.agent_id;
    if (wish.timeout_s == 0) wish.timeout_s = settings_.timeout_s;
    if (!wish.not_after) wish.not_after = wish.not_before.value_or(now) + window_default;
    if (wish.time_zone.empty()) {
        std::vector<std::string> numbers{wish.to};
        const auto zones = co_await find_time_zones(std::move(numbers));
        wish.time_zone = zones.front();
    }
    PutIntent put{wish, settings_.attempts_per_day_max, now - std::chrono::hours{24}};
    const UtcTime soonest = std::max(now, wish.not_before.value_or(now));
    auto look_up = [&] { return find_hours(wish, soonest); };
    const auto looked_up = co_await ports_.reads.run(look_up);
    if (!looked_up && looked_up.error().code == Errc::invalid_input) {
        co_return invalid("time_zone", looked_up.error().detail);
    }
    if (!looked_up) co_return looked_up.error();
    const HoursNow hours = *looked_up;
    const auto chance = first_chance(wish, hours, now);
    put.is_outside_hours = !chance || (is_for_now && !hours.is_inside);
    StoreOp op = std::move(put);
    auto outcome = co_await ports_.commits.submit(op, GroupCommit::Patience::of_senders);
    if (!outcome) co_return std::move(outcome).error();
    IntentOutcome made = std::get<IntentOutcome>(*std::move(outcome));
    if (made.refusal != IntentRefusal::none) {
        PlaceAnswer refused = conflict(std::string(to_string(made.refusal)));
        refused.intent = std::move(made.intent);
        refused.opens_at = hours.opens_at;
        refused.attempts_max = settings_.attempts_per_day_max;
        co_return refused;
    }
    alarm_.ring();
    if (chance && *chance > now + turn_patience) co_return answer_of(std::move(made.intent));
    PlaceAnswer answer = co_await wait_for_word(std::move(made.intent));
    co_return answer;
}

// Until Twilio's word is there, or it shows that it will take longer.
Task<PlaceAnswer> Placer::wait_for_word(Intent intent) {
    Waiter waiter;
    waiter.intent = std::move(intent);
    const auto place = waiters_.emplace(waiter.intent.id, &waiter);
    const UtcTime begin = ports_.clock.now();
    const std::string id = waiter.intent.id;
    while (is_undecided(waiter.intent) && !is_stopping_) {
        const bool is_asked = in_progress_.contains({id, false});
        if (waiter.intent.state == IntentState::asking && !is_asked) break;  // Its answer was lost.
        const UtcTime until = is_asked ? begin + twilio_patience : begin + turn_patience;
        const UtcTime now = ports_.clock.now();
        if (now >= until) break;
        const UtcTime look_at = std::min(until, now + milliseconds{250});
        co_await ports_.clock.sleep_until(look_at, &waiter.alarm);
    }
    waiters_.erase(place);
    co_return answer_of(std::move(waiter.intent));
}

Task<Result<Intent>> Placer::cancel(std::string id) {
    return run_on(workers_, cancel_on_workers(std::move(id)));
}

Task<Result<Intent>> Placer::cancel_on_workers(std::string id) {
    StoreOp op = AdvanceIntent{std::move(id), CancelWanted{}, 0};
    auto outcome = co_await ports_.commits.submit(op, GroupCommit::Patience::of_senders);
    if (!outcome) co_return std::move(outcome).error();
    IntentOutcome done = std::get<IntentOutcome>(*std::move(outcome));
    ring(done.intent);
    alarm_.ring();
    co_return done.intent;
}

// ---- Twilio ----

Task<Result<void>> Placer::hear(std::string token, Word word) {
    auto id = read_place_token(settings_.secret, token);
    if (!id) co_return Error{Errc::not_found, "the token is not ours"};
    const bool is_machine_call = settings_.hangs_up_on_machine && is_machine(word.answered_by);
    const std::string call_sid = word.call_sid;
    StoreOp op = AdvanceIntent{
        *std::move(id), CallHeard{std::move(word.call_sid), word.status, word.answered_by}, 0};
    auto outcome = co_await ports_.commits.submit(op, GroupCommit::Patience::of_senders);
    if (!outcome) co_return std::move(outcome).error();
    const Intent intent = std::get<IntentOutcome>(*outcome).intent;
    asio::post(workers_, [this, intent, call_sid, is_machine_call] {
        ring(intent);
        alarm_.ring();
        if (is_machine_call) spawn_root(workers_, end_machine_call(call_sid));
    });
    co_return Result<void>();
}

Task<void> Placer::end_machine_call(std::string call_sid) {
    const UtcTime give_up_at = ports_.clock.now() + machine_patience;
    for (seconds wait{1};; wait *= 2) {
        const Result<void> ended =
            co_await ports_.placing.end_call(call_sid, CallStatus::completed);
        const UtcTime again_at = ports_.clock.now() + wait;
        const bool may_pass = !ended && ended.error().code != Errc::conflict;
        const bool is_tried_again = may_pass && again_at < give_up_at && !is_stopping_;
        LogLine line{LogLevel::info, LogTag::twilio, "hung up on a machine", call_sid, {}};
        if (!ended) {
            line.level = LogLevel::warning;
            line.message = is_tried_again ? "could not hang up on a machine: it is tried again"
                                          : "could not hang up on a machine";
            line.fields.emplace_back("error", ended.error().detail);
            const bool is_refused = ended.error().code == Errc::unauthorized;
            if (is_refused) ports_.metrics.count(Counter::alerts, "twilio");
        }
        ports_.log.write(line);
        if (!is_tried_again) co_return;
        co_await ports_.clock.sleep_until(again_at);
    }
}

Task<std::string> Placer::answer(std::string token, std::string call_sid) {
    const UtcTime answer_by = ports_.clock.now() + answer_patience;
    auto id = read_place_token(settings_.secret, token);
    LogLine line{LogLevel::warning, LogTag::twilio, "hung up on an answered call", call_sid, {}};
    if (!id) {
        line.fields.emplace_back("reason", "unknown_token");
        ports_.log.write(line);
        ports_.metrics.count(Counter::answered_calls, "hung_up");
        co_return twiml_hang_up();
    }
    const auto executor = co_await asio::this_coro::executor;
    const auto claim = std::make_shared<Claim>();
    spawn_root(executor, claim_call(claim, *id, call_sid));
    const UtcTime claim_by = ports_.clock.now() + claim_patience;
    while (!claim->outcome && ports_.clock.now() < claim_by) {
        co_await ports_.clock.sleep_until(claim_by, &claim->alarm);
    }
    claim->is_given_up = !claim->outcome.has_value();
    if (claim->is_given_up || !*claim->outcome) {
        const bool is_late = claim->is_given_up;
        line.fields.emplace_back("intent", *id);
        line.fields.emplace_back(
            "reason", is_late ? "the store does not answer" : claim->outcome->error().detail);
        ports_.log.write(line);
        ports_.metrics.count(Counter::answered_calls, "abandoned");
        // Where the claim is under way, it tells when it is back.
        if (!is_late) tell_later(*id, AgentMissing{call_sid, std::string(store_unavailable)});
        co_return twiml_sorry(settings_.sorry);
    }
    IntentOutcome done = std::get<IntentOutcome>(**std::move(claim->outcome));
    wake();
    if (done.step.kind == IntentStep::Kind::hung_up) {
        // Asked again, the same is said again.
        if (done.step.why == "no_agent") co_return twiml_sorry(settings_.sorry);
        line.fields.emplace_back("intent", *id);
        line.fields.emplace_back("reason", done.step.why);
        ports_.log.write(line);
        const bool is_abandoned = done.intent.is_abandoned && done.intent.call_sid == call_sid;
        ports_.metrics.count(Counter::answered_calls, is_abandoned ? "abandoned" : "hung_up");
        co_return twiml_hang_up();
    }
    if (done.step.asks_agent) co_return co_await give_agent(std::move(done.intent), answer_by);
    co_return co_await wait_for_agent(std::move(done.intent), answer_by);
}

// Nobody may wait for it any more when it comes back: then the person has been sent away.
Task<void> Placer::claim_call(std::shared_ptr<Claim> claim, std::string id, std::string call_sid) {
    auto look = [&]() -> Result<bool> {
        const auto known = ports_.store.find_intent(id);
        if (!known) return known.error();
        return hours_of(*known, ports_.clock.now()).is_inside;
    };
    const Result<bool> is_in_hours = co_await ports_.reads.run(look);
    if (!is_in_hours) {
        AgentMissing missing{call_sid, std::string(store_unavailable)};
        if (claim->is_given_up) tell_later(std::move(id), std::move(missing));
        claim->outcome = is_in_hours.error();
        claim->alarm.ring();
        co_return;
    }
    StoreOp op = AdvanceIntent{id, CallAnswered{call_sid, *is_in_hours}, 0};
    StoreOutcome outcome = co_await ports_.commits.submit(op);
    const auto* const done = outcome ? &std::get<IntentOutcome>(*outcome) : nullptr;
    if (claim->is_given_up && (done == nullptr || done->step.asks_agent)) {
        AgentMissing missing{std::move(call_sid), std::string(store_unavailable)};
        if (done != nullptr) missing.ask = done->intent.agent_asks_count;
        tell_later(std::move(id), std::move(missing));
    }
    claim->outcome = std::move(outcome);
    claim->alarm.ring();
}

// Another request, here or on another node, has asked for the agent. Should it have died, its lease
// runs out.
Task<std::string> Placer::wait_for_agent(Intent intent, UtcTime answer_by) {
    const std::string id = intent.id;
    const std::string call_sid = intent.owner_sid;
    for (;;) {
        if (intent.owner_sid == call_sid && !intent.twiml.empty()) {
            co_return std::move(intent.twiml);
        }
        const UtcTime now = ports_.clock.now();
        const bool is_over = !intent.is_open() || intent.is_abandoned;
        if (is_over || now >= answer_by) co_return twiml_sorry(settings_.sorry);
        if (intent.agent_asked_at && now >= *intent.agent_asked_at + agent_lease) {
            StoreOp op = AdvanceIntent{id, CallAnswered{call_sid}, 0};
            auto outcome = co_await ports_.commits.submit(op);
            if (!outcome) co_return twiml_sorry(settings_.sorry);
            IntentOutcome done = std::get<IntentOutcome>(*std::move(outcome));
            if (done.step.asks_agent) {
                co_return co_await give_agent(std::move(done.intent), answer_by);
            }
            intent = std::move(done.intent);
            continue;
        }
        const UtcTime look_at = std::min(answer_by, now + agent_look_every);
        co_await ports_.clock.sleep_until(look_at);
        auto look = [&] { return ports_.store.find_intent(id); };
        auto known = co_await ports_.reads.run(look);
        if (known) intent = *std::move(known);
    }
}

Task<std::string> Placer::give_agent(Intent intent, UtcTime answer_by) {
    AgentOrder order;
    order.agent_id = intent.agent_id;
    order.from = intent.from;
    order.to = intent.to;
    order.variables = agent_variables(intent);
    const milliseconds left = answer_by - ports_.clock.now();
    order.patience = std::max(left, agent_patience_least);
    auto agent = co_await ports_.agents.register_call(std::move(order));
    if (!agent) {
        ports_.metrics.count(Counter::answered_calls, "abandoned");
        ports_.log.write({LogLevel::error,
                          LogTag::elevenlabs,
                          "there was no agent for an answered call",
                          intent.owner_sid,
                          {{"intent", intent.id}, {"error", agent.error().detail}}});
        const std::string_view why = why_no_agent(agent.error());
        AgentMissing missing{intent.owner_sid, std::string(why), intent.agent_asks_count};
        tell_later(intent.id, std::move(missing));
        co_return twiml_sorry(settings_.sorry);
    }
    ports_.metrics.count(Counter::answered_calls, "connected");
    AgentGiven given{std::move(agent->conversation_id), ports_.clock.now(), agent->twiml,
                     intent.agent_asks_count};
    tell_later(intent.id, std::move(given));
    co_return std::move(agent->twiml);
}

// The person must not wait for it.
void Placer::tell_later(std::string intent_id, IntentNews news) {
    asio::post(workers_, [this, id = std::move(intent_id), what = std::move(news)]() mutable {
        spawn_root(workers_, tell_one(std::move(id), std::move(what)));
    });
}

Task<void> Placer::tell_one(std::string intent_id, IntentNews news) {
    (void)co_await tell(std::move(intent_id), std::move(news), 0);
}

}  // namespace wrapup
