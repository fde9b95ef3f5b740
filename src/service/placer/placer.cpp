#include "service/placer/placer.hpp"

#include <algorithm>
#include <bit>
#include <boost/asio/post.hpp>

#include "codec/place_token.hpp"
#include "codec/twilio/call_order.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "core/placing/intent_machine.hpp"
#include "domain/phone_number.hpp"
#include "service/commit/keep_submitting.hpp"
#include "service/tasks/root_task.hpp"
#include "service/tasks/run_on.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

constexpr int due_max = 64;
constexpr seconds idle_max{5};
constexpr seconds others_idle{1};  // Other nodes take calls to place, and do not ring.
constexpr seconds store_retry{1};
constexpr seconds hours_retry{60};
constexpr seconds store_patience{60};
// What was not sent, or refused for now, is tried again after so long.
constexpr seconds deferred{10};
// For the token of a call that may be ours.
constexpr seconds token_look_every{20};

}  // namespace

Placer::Placer(Ports ports, asio::any_io_executor workers, PlacerSettings settings)
    : ports_(std::move(ports)), workers_(std::move(workers)), settings_(std::move(settings)) {}

void Placer::stop() {
    is_stopping_ = true;
    alarm_.ring();
    for (auto& [id, waiter] : waiters_) waiter->alarm.ring();
}

void Placer::wake() {
    asio::post(workers_, [this] { alarm_.ring(); });
}

void Placer::clock_was_set(milliseconds by) {
    next_ask_at_ += by;
    alarm_.ring();
}

Result<HoursNow> Placer::find_hours(const Intent& intent, UtcTime now) const {
    return ports_.hours ? ports_.hours(intent, now) : HoursNow{};
}

HoursNow Placer::hours_of(const Intent& intent, UtcTime now) const {
    const Result<HoursNow> hours = find_hours(intent, now);
    if (hours) return *hours;
    ports_.log.write({LogLevel::error,
                      LogTag::none,
                      "the calling hours of a number are not known: it is not called",
                      "",
                      {{"intent", intent.id}, {"error", hours.error().detail}}});
    return {false, now + hours_retry, std::nullopt};
}

bool Placer::may_ask(UtcTime now) const {
    return under_way_ < settings_.calls_max && now >= next_ask_at_;
}

OutboundCall Placer::order_of(const Intent& intent) const {
    const std::string token = make_place_token(settings_.secret, intent.id);
    const auto url = [&](std::string_view path) {
        return settings_.server_url + std::string(path) + token + std::string(connection_overrides);
    };
    OutboundCall order;
    order.to = intent.to;
    order.from = intent.from;
    order.twiml_url = url("/twiml/");
    order.status_url = url("/call-status-callback/");
    order.machine_url = url("/amd-status-callback/");
    order.timeout_s = intent.timeout_s;
    order.time_limit_s = settings_.time_limit_s;
    return order;
}

// ---- The loop ----

Task<void> Placer::run() {
    while (!is_stopping_) {
        const UtcTime now = ports_.clock.now();
        if (ports_.duties != nullptr && !ports_.duties->has(duty::place)) {
            const UtcTime look_at = now + others_idle;
            co_await ports_.clock.sleep_until(look_at, &alarm_);
            continue;
        }
        std::int64_t under_way = 0;
        std::optional<UtcTime> next;
        auto read = [&]() -> Result<std::vector<Intent>> {
            WRAPUP_TRY(under_way, ports_.store.count_intents_under_way());
            WRAPUP_TRY(auto due, ports_.store.due_intents(now, due_max));
            WRAPUP_TRY(next, ports_.store.next_intent_due());
            return due;
        };
        auto due = co_await ports_.reads.run(read);
        if (!due) {
            ports_.metrics.count(Counter::store_errors, "next_due");
            const UtcTime retry_at = now + store_retry;
            co_await ports_.clock.sleep_until(retry_at, &alarm_);
            continue;
        }
        under_way_ = under_way;
        std::vector<Intent> all = *std::move(due);
        const std::int64_t room = room_for_lists(all, now);
        co_await work_through(std::move(all));
        const Fed fed = co_await feed_from_lists(room);
        if (fed.opened_count > 0) continue;
        UtcTime until = now + (ports_.duties == nullptr ? idle_max : others_idle);
        if (fed.next) until = std::min(until, *fed.next);
        if (next && *next > now) until = std::min(until, *next);
        if (next && *next <= now && next_ask_at_ > now) until = std::min(until, next_ask_at_);
        co_await ports_.clock.sleep_until(until, &alarm_);
    }
}

// Rows become intents no faster than these are asked for: at most a second's worth waits.
std::int64_t Placer::room_for_lists(const std::vector<Intent>& due, UtcTime now) const {
    const bool is_anybody_waiting = std::ranges::any_of(due, [&](const Intent& one) {
        return one.state == IntentState::waiting && !in_progress_.contains({one.id, false});
    });
    if (is_anybody_waiting || !may_ask(now)) return 0;
    return std::min(settings_.calls_max - under_way_, settings_.calls_per_second);
}

Task<void> Placer::work_through(std::vector<Intent> due) {
    for (Intent& intent : due) {
        if (is_stopping_) co_return;
        const UtcTime now = ports_.clock.now();
        const InProgress key{intent.id, !intent.call_sid.empty()};
        if (in_progress_.contains(key)) continue;
        PlacingPlan plan = plan_placing(intent, hours_of(intent, now), now);
        if (plan.kind == PlacingPlan::Kind::ask) {
            const bool is_counted = intent.is_under_way();
            if (is_counted ? now < next_ask_at_ : !may_ask(now)) continue;
            next_ask_at_ = now + milliseconds{1'000 / settings_.calls_per_second};
            if (!is_counted) under_way_ += 1;
        }
        in_progress_.insert(key);
        spawn_root(workers_, carry_out(std::move(intent), std::move(plan)));
    }
}

Task<void> Placer::carry_out(Intent intent, PlacingPlan plan) {
    using Kind = PlacingPlan::Kind;
    const std::string id = intent.id;
    const InProgress key{id, !intent.call_sid.empty()};
    const std::int64_t version = intent.version;
    if (plan.kind == Kind::ask) {
        co_await ask(std::move(intent));
    } else if (plan.kind == Kind::look) {
        co_await look_for(std::move(intent));
    } else if (plan.kind == Kind::cancel) {
        co_await cancel_at_twilio(std::move(intent));
    } else if (plan.kind == Kind::ask_about) {
        co_await ask_about(std::move(intent));
    } else if (plan.kind == Kind::end_stray) {
        co_await end_stray(std::move(intent), std::move(plan.stray_sid));
    } else {
        IntentNews news = WindowClosed{};
        if (plan.kind == Kind::wait) news = LookAgain{plan.at};
        if (plan.kind == Kind::park) news = PlacingParked{};
        (void)co_await tell(id, std::move(news), version);
    }
    in_progress_.erase(key);
    alarm_.ring();
}

Task<Result<IntentOutcome>> Placer::tell(std::string id, IntentNews news,
                                         std::int64_t seen_version) {
    StoreOp op = AdvanceIntent{std::move(id), std::move(news), seen_version};
    const auto may_pass = [](const Error& error) {
        return error.code != Errc::conflict && error.code != Errc::not_found;
    };
    const UtcTime give_up_at = ports_.clock.now() + store_patience;
    StoreOutcome outcome =
        co_await keep_submitting(ports_.commits, ports_.clock, op, give_up_at, may_pass);
    if (!outcome) co_return std::move(outcome).error();
    IntentOutcome done = std::get<IntentOutcome>(*std::move(outcome));
    co_return done;
}

// ---- Asking Twilio ----

Task<void> Placer::ask(Intent intent) {
    IntentNews begin = BeginAsking{};
    const std::string id = intent.id;
    const auto begun = co_await tell(id, std::move(begin), intent.version);
    if (!begun) {
        // Somebody was first, or the store does not know: nothing was asked.
        co_return;
    }
    const bool is_begun = begun->intent.asks_count > intent.asks_count;
    if (begun->intent.state != IntentState::asking || !is_begun) {
        ring(begun->intent);
        co_return;
    }
    OutboundCall order = order_of(begun->intent);
    CreateAnswer answer = co_await ports_.placing.create_call(std::move(order));
    Intent asked = begun->intent;
    co_await tell_asked(std::move(asked), std::move(answer));
}

Task<void> Placer::tell_asked(Intent intent, CreateAnswer answer) {
    using Kind = CreateAnswer::Kind;
    const UtcTime now = ports_.clock.now();
    IntentNews news;
    std::string_view label = "unknown";
    LogLine line{LogLevel::info,
                 LogTag::twilio,
                 "call placed",
                 answer.call.sid,
                 {{"intent", intent.id}, {"to", mask_phone_number(intent.to)}}};
    if (answer.kind == Kind::created) {
        label = "created";
        const auto status = answer.call.status.value_or(CallStatus::queued);
        news = TwilioAccepted{answer.call.sid, std::string(to_string(status))};
    } else if (answer.kind == Kind::unknown) {
        news = AnswerLost{};
    } else {
        const RefusalVerdict verdict = judge_refusal(answer.http_status, answer.code);
        const bool may_pass = answer.kind == Kind::not_sent || verdict.may_pass;
        label = may_pass ? "deferred" : "refused";
        if (answer.http_status > 0) line.fields.emplace_back("advice", std::string(verdict.advice));
        if (may_pass) {
            news = TwilioDeferred{now + std::max(answer.retry_after.value_or(deferred), deferred)};
        } else {
            news = PlacingRefused{"twilio", std::string(verdict.advice), answer.code};
        }
    }
    ports_.metrics.count(Counter::placings, label);
    if (answer.kind != Kind::created) {
        line.level = LogLevel::warning;
        const bool is_lost = answer.kind == Kind::unknown;
        line.message =
            is_lost ? "Twilio's answer was lost: its call is looked for" : "Twilio made no call";
        line.fields.emplace_back("outcome", std::string(label));
        line.fields.emplace_back("code", std::to_string(answer.code));
        line.fields.emplace_back("error", answer.message);
    }
    ports_.log.write(line);
    const auto told = co_await tell(intent.id, std::move(news), 0);
    if (told) ring(told->intent);
}

Task<void> Placer::look_for(Intent intent) {
    const UtcTime asked_at = intent.asked_at.value_or(UtcTime{});
    auto listed = co_await ports_.placing.list_calls_between(intent.from, intent.to);
    const UtcTime now = ports_.clock.now();
    if (!listed) {
        IntentNews news = LookAgain{now + std::chrono::seconds{20}};
        if (now - asked_at >= list_patience(listed.error().code)) news = PlacingParked{};
        (void)co_await tell(intent.id, std::move(news), intent.version);
        co_return;
    }
    std::vector<TwilioCall> unbound;
    for (TwilioCall& call : *listed) {
        auto read = [&] { return ports_.store.find_intent_of_call(call.sid); };
        const auto owner = co_await ports_.reads.run(read);
        const bool is_others = owner && owner->has_value() && (*owner)->id != intent.id;
        if (!is_others) unbound.push_back(std::move(call));
    }
    const SearchVerdict found = judge_listed(unbound, asked_at, now);
    IntentNews news = NotFoundYet{};
    if (found.kind == SearchVerdict::Kind::maybe) news = LookAgain{now + token_look_every};
    if (found.kind == SearchVerdict::Kind::lost) news = PlacingParked{found.sid};
    const auto told = co_await tell(intent.id, std::move(news), intent.version);
    if (told) ring(told->intent);
}

// ---- Ending calls ----

Task<void> Placer::cancel_at_twilio(Intent intent) {
    if (!intent.is_cancel_wanted) {
        IntentNews wanted = CancelWanted{"window_closed"};
        const auto told = co_await tell(intent.id, std::move(wanted), intent.version);
        if (!told || told->intent.state != IntentState::placed) co_return;
    }
    Result<void> ended = co_await ports_.placing.end_call(intent.call_sid, CallStatus::canceled);
    const bool may_be_over =
        ended || ended.error().code == Errc::conflict || ended.error().code == Errc::not_found;
    if (may_be_over) {
        const Result<bool> is_over = co_await hear_end(intent);
        if (is_over && *is_over) co_return;
        if (ended) ended = Error{Errc::conflict, "Twilio took it, and the call goes on"};
        if (!is_over) ended = is_over.error();
    }
    const Error trouble = ended.error();
    co_await tell_not_cancelled(std::move(intent), trouble);
}

Task<void> Placer::tell_not_cancelled(Intent intent, Error trouble) {
    const bool is_refused = trouble.code == Errc::unauthorized;
    if (is_refused) ports_.metrics.count(Counter::alerts, "twilio");
    const std::string advice = is_refused ? std::string(judge_refusal(401, 0).advice)
                                          : "Twilio is asked again: " + trouble.detail;
    IntentNews news = CancelFailed{advice};
    const auto told = co_await tell(intent.id, std::move(news), 0);
    if (told) ring(told->intent);
    const auto count = static_cast<std::uint64_t>(told ? told->intent.looks_count : 1);
    if (!std::has_single_bit(count)) co_return;  // The 1st, 2nd, 4th, 8th … time.
    ports_.log.write(
        {LogLevel::warning,
         LogTag::twilio,
         "Twilio did not cancel a call that is to ring no longer: it is asked again",
         intent.call_sid,
         {{"intent", intent.id}, {"error", trouble.detail}, {"tries", std::to_string(count)}}});
}

// Twilio's word is kept as an event: where no callback comes, the call has its record nonetheless.
Task<Result<std::optional<TwilioCall>>> Placer::fetch_end(std::string call_sid) {
    CallAddress address{std::move(call_sid), {}};
    auto fetched = co_await ports_.twilio.fetch_call(std::move(address));
    if (!fetched) co_return std::move(fetched).error();
    const bool is_over = fetched->call.status && is_terminal(*fetched->call.status);
    if (!is_over) co_return std::optional<TwilioCall>();
    NewEvent event = twilio_rest_event(fetched->call, fetched->payload, ports_.clock.now());
    const auto kept = co_await ports_.sink.append(std::move(event));
    if (!kept) co_return Error{Errc::unavailable, kept.error().detail};
    co_return std::optional<TwilioCall>(std::move(fetched->call));
}

Task<Result<bool>> Placer::hear_end(Intent intent) {
    const auto end = co_await fetch_end(intent.call_sid);
    const UtcTime now = ports_.clock.now();
    const UtcTime asked_at = intent.asked_at.value_or(now);
    const bool is_gone =
        !end && end.error().code == Errc::not_found && now - asked_at > std::chrono::hours{24};
    if (!end && !is_gone) co_return end.error();
    if (end && !*end) co_return false;
    CallHeard heard{intent.call_sid, CallStatus::failed, {}};
    if (end) {
        heard.status = (*end)->status;
        heard.answered_by = (*end)->answered_by;
    }
    IntentNews news = std::move(heard);
    const auto told = co_await tell(intent.id, std::move(news), 0);
    if (told) ring(told->intent);
    co_return true;
}

// Its callbacks may be lost: Twilio knows where it is.
Task<void> Placer::ask_about(Intent intent) {
    const Result<bool> is_over = co_await hear_end(intent);
    if (is_over && *is_over) co_return;
    const UtcTime now = ports_.clock.now();
    UtcTime again_at = now + silent_placed;
    if (intent.state == IntentState::placed) {
        again_at = look_while_ringing(intent, hours_of(intent, now), again_at);
    }
    IntentNews news = LookAgain{again_at};
    (void)co_await tell(intent.id, std::move(news), 0);
}

Task<void> Placer::end_stray(Intent intent, std::string call_sid) {
    Result<void> ended = co_await ports_.placing.end_call(call_sid, CallStatus::canceled);
    if (!ended && ended.error().code == Errc::conflict) {
        ended = co_await ports_.placing.end_call(call_sid, CallStatus::completed);
    }
    bool is_over = !ended && ended.error().code == Errc::not_found;
    if (ended || ended.error().code == Errc::conflict) {
        const auto end = co_await fetch_end(call_sid);
        is_over = end && end->has_value();
    }
    IntentNews news = LookAgain{ports_.clock.now() + std::chrono::seconds{10}};
    if (is_over) news = StrayEnded{call_sid};
    LogLine line{LogLevel::warning,
                 LogTag::twilio,
                 "a second call of one intent was ended",
                 call_sid,
                 {{"intent", intent.id}}};
    if (is_over) ports_.log.write(line);
    (void)co_await tell(intent.id, std::move(news), 0);
}

}  // namespace wrapup
