#include "service/courier/courier.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "base/text.hpp"
#include "domain/phone_number.hpp"
#include "domain/sample_call.hpp"
#include "service/commit/keep_submitting.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

// On top of the attempt itself: time to write down how it ended, a slow disk included.
constexpr seconds lease_margin{30};
constexpr milliseconds claim_retry{50};

AttemptEnd end_of(const CrmAnswer& answer) {
    AttemptEnd end;
    end.http_status = answer.http_status;
    end.retry_after = answer.retry_after;
    switch (answer.kind) {
        case CrmAnswer::Kind::answered: end.kind = AttemptEnd::Kind::answered; break;
        case CrmAnswer::Kind::not_sent: end.kind = AttemptEnd::Kind::not_sent; break;
        case CrmAnswer::Kind::unknown: end.kind = AttemptEnd::Kind::unknown; break;
        case CrmAnswer::Kind::blocked: end.kind = AttemptEnd::Kind::blocked; break;
    }
    return end;
}

// A call without a CallSid is known through ElevenLabs alone.
LogTag path_of(const Delivery& delivery) {
    return is_call_sid(delivery.call_id) ? LogTag::twilio : LogTag::elevenlabs;
}

FinishAttempt update_of(const ClaimedDelivery& claimed, const Verdict& verdict, Attempt attempt) {
    FinishAttempt update;
    update.delivery_id = claimed.delivery.id;
    update.fence = claimed.fence;
    const DeliveryState before = claimed.delivery.state;
    attempt.is_again = before == DeliveryState::accepted;
    update.attempt = std::move(attempt);
    if (before == DeliveryState::accepted) {
        update.then = FinishAttempt::Keep{};
        // Whoever asked for it again may want it tried until it is taken (FinishAttempt).
        if (const auto* retry = std::get_if<Verdict::RetryAt>(&verdict.then)) {
            update.then = FinishAttempt::RetryAt{retry->due_at, retry->uses_schedule};
        }
    } else if (std::holds_alternative<Verdict::Accept>(verdict.then)) {
        update.then = FinishAttempt::Accept{};
    } else if (const auto* park = std::get_if<Verdict::Park>(&verdict.then)) {
        update.then = FinishAttempt::Park{park->reason};
    } else if (before == DeliveryState::parked) {
        // A person tried a parked one: it stays parked, for it is the person who retries.
        update.then = FinishAttempt::Park{claimed.delivery.parked.value_or(ParkReason::dead)};
    } else {
        const auto& retry = std::get<Verdict::RetryAt>(verdict.then);
        update.then = FinishAttempt::RetryAt{retry.due_at, retry.uses_schedule};
    }
    return update;
}

// What the destination's answer says of its health.
Breaker::End end_of(const Verdict& verdict, int http_status) {
    if (http_status == 429 || http_status == 503) return Breaker::End::throttled;
    const bool is_final =
        verdict.outcome == AttemptOutcome::accepted || verdict.outcome == AttemptOutcome::refused;
    return is_final ? Breaker::End::answered : Breaker::End::failed;
}

}  // namespace

Courier::Courier(Ports ports, CourierSettings settings, std::uint64_t seed)
    : ports_(ports),
      settings_(std::move(settings)),
      prng_(seed),
      gate_(settings_.breaker, settings_.rate),
      loop_({ports.clock, ports.reads, ports.commits},
            {settings_.breaker.places_max, settings_.breaker.places_max,
             settings_.breaker.places_max, settings_.idle_max},
            *this) {}

milliseconds Courier::lease() const { return settings_.timeout + lease_margin; }

bool Courier::try_reserve() {
    if (!gate_.take_for_new(ports_.clock.now())) return false;
    if (loop_.try_enter()) return true;
    gate_.give_back(1);
    return false;
}

void Courier::give_back() {
    gate_.give_back(1);
    loop_.leave();
}

void Courier::carry(ClaimedDelivery claimed, asio::any_io_executor executor) {
    spawn_root(executor, attempt(std::move(claimed)));
}

Task<void> Courier::run() { return loop_.run(); }

Task<Result<std::size_t>> Courier::claim_due(UtcTime now, int count_max) {
    const auto executor = co_await asio::this_coro::executor;
    // Records that are handed over meanwhile need places too, so none is held back for the claim
    // but where it matters.
    const bool is_strict = gate_.is_strict();
    const int places = is_strict ? gate_.take(count_max, now) : count_max;
    auto claim = [&] {
        return ports_.store.claim_deliveries(settings_.destination, now, lease(), places,
                                             settings_.rate);
    };
    auto claim_made = co_await ports_.commits.run_between(claim);
    const int used = claim_made ? static_cast<int>(claim_made->claimed.size()) : 0;
    if (is_strict) {
        gate_.give_back(places - used);
    } else {
        gate_.enter(used);
    }
    if (!claim_made) co_return std::move(claim_made).error();
    gate_.hear(*claim_made, ports_.clock.now());
    for (ClaimedDelivery& delivery : claim_made->claimed) {
        loop_.enter();
        carry(std::move(delivery), executor);
    }
    co_return claim_made->claimed.size();
}

int Courier::room(UtcTime now) { return unwritten_count_ > 0 ? 0 : gate_.room(now); }

std::optional<UtcTime> Courier::room_at(UtcTime now) {
    if (unwritten_count_ > 0) return now + seconds{1};
    return gate_.room_at(now);
}

Result<std::optional<UtcTime>> Courier::next_due() {
    return ports_.store.next_delivery_due(settings_.destination);
}

void Courier::store_failed(std::string_view doing, const Error&) {
    ports_.metrics.count(Counter::store_errors, doing);
}

Task<void> Courier::attempt(ClaimedDelivery claimed) {
    const std::optional<Sent> sent = co_await carry_out(std::move(claimed), Asker::schedule);
    if (!sent) gate_.give_back(1);
    loop_.leave();
}

// What becomes of a claim, whoever made it: a person's goes the same way as the schedule's. Nothing
// when an earlier attempt had to be written down first; the claim is answered by that.
Task<std::optional<Courier::Sent>> Courier::carry_out(ClaimedDelivery claimed, Asker asker) {
    if (claimed.unresolved_since) {
        co_await close_unresolved(std::move(claimed), asker);
        co_return std::nullopt;
    }
    Sent sent = co_await send(std::move(claimed), asker);
    if (sent.verdict.parks_destination) co_await park_destination();
    co_return sent;
}

// An earlier attempt has no known end: its process died, or its result could not be stored. That is
// written down like any other end, and schedules or parks what follows.
Task<void> Courier::close_unresolved(ClaimedDelivery claimed, Asker asker) {
    const UtcTime now = ports_.clock.now();
    const AttemptEnd end{.kind = AttemptEnd::Kind::unknown, .http_status = 0, .retry_after = {}};
    const Verdict verdict =
        judge_attempt(end, claimed.delivery.retries_used, now, settings_.policy, prng_);
    Attempt attempt;
    attempt.started_at = *claimed.unresolved_since;
    attempt.outcome = AttemptOutcome::unknown;
    attempt.error = "interrupted: nobody knows whether the CRM has it";
    tell(claimed, attempt, verdict);
    FinishAttempt update = update_of(claimed, verdict, std::move(attempt));
    co_await write_end(claimed, std::move(update), asker);
}

Task<Courier::Sent> Courier::send(ClaimedDelivery claimed, Asker asker) {
    CrmRequest request;
    request.destination = claimed.delivery.destination;
    request.call_id = claimed.delivery.call_id;
    request.webhook_id = claimed.delivery.webhook_id;
    request.body = claimed.delivery.body;
    request.ended_at = claimed.delivery.ended_at;
    Attempt attempt;
    attempt.started_at = ports_.clock.now();
    CrmAnswer answer = co_await ports_.gateway.deliver(std::move(request));
    const UtcTime now = ports_.clock.now();
    Verdict verdict =
        judge_attempt(end_of(answer), claimed.delivery.retries_used, now, settings_.policy, prng_);
    if (asker == Asker::person && claimed.delivery.state == DeliveryState::pending) {
        verdict = keep_schedule(std::move(verdict), claimed.delivery.due_at,
                                answer.retry_after.has_value());
    }
    std::optional<Breaker::Change> breaker_change;
    if (asker == Asker::schedule && answer.kind == CrmAnswer::Kind::blocked) {
        breaker_change = gate_.end_unheard(claimed.is_probe, now);
    } else if (asker == Asker::schedule) {
        breaker_change = gate_.end(end_of(verdict, answer.http_status), claimed.is_probe,
                                   answer.retry_after, now);
    }
    attempt.elapsed = std::max(milliseconds{0}, now - attempt.started_at);  // A clock set back.
    attempt.outcome = verdict.outcome;
    attempt.http_status = answer.http_status;
    attempt.error = answer.error;
    attempt.answer = answer.body;
    hear(verdict, answer.http_status);
    tell(claimed, attempt, verdict);
    FinishAttempt update = update_of(claimed, verdict, std::move(attempt));
    co_await write_end(claimed, std::move(update), asker);
    if (breaker_change) co_await keep_breaker(*std::move(breaker_change));
    co_return Sent{std::move(claimed.delivery), std::move(answer), verdict};
}

// Writes the end of an attempt down, and keeps at it while the store is in trouble: an outcome that
// is lost here would count as unknown. Until then nothing is claimed, lest this be claimed anew.
// Somebody who waits for it, a stop, and what the store refuses for good, get the time of a lease.
Task<void> Courier::write_end(const ClaimedDelivery& claimed, FinishAttempt update, Asker asker) {
    const UtcTime patience_ends_at = ports_.clock.now() + lease();
    bool is_held_back = false;
    const auto may_pass = [&](const Error& error) {
        if (error.code == Errc::conflict) return false;
        unwritten_count_ += is_held_back ? 0 : 1;
        is_held_back = true;
        const bool is_away = error.code == Errc::unavailable;
        const bool may_wait = is_away && asker == Asker::schedule && !loop_.is_stopping();
        return may_wait || ports_.clock.now() < patience_ends_at;
    };
    StoreOp op = std::move(update);
    const StoreOutcome outcome =
        co_await keep_submitting(ports_.commits, ports_.clock, op, UtcTime::max(), may_pass);
    unwritten_count_ -= is_held_back ? 1 : 0;
    if (!outcome) {
        ports_.log.write({LogLevel::warning,
                          path_of(claimed.delivery),
                          "attempt not written down",
                          claimed.delivery.call_id,
                          {{"error", outcome.error().detail}}});
        co_return;
    }
    const auto* retry = std::get_if<FinishAttempt::RetryAt>(&std::get<FinishAttempt>(op).then);
    if (retry != nullptr) loop_.wake_at(retry->due_at);
}

Task<void> Courier::park_destination() {
    ports_.log.write({LogLevel::error,
                      LogTag::none,
                      "destination is gone and was paused",
                      "",
                      {{"destination", settings_.destination}}});
    const SetDestination set{settings_.destination, DestinationState::gone, ports_.clock.now()};
    StoreOp op = set;
    const StoreOutcome outcome = co_await ports_.commits.submit(op);
    if (!outcome) ports_.metrics.count(Counter::store_errors, "destination");
}

// One that another node has changed meanwhile is as that node says, and so it tells it.
Task<void> Courier::keep_breaker(Breaker::Change change) {
    const std::string& name = settings_.destination;
    StoreOp op = PutBreaker{name, change.now, change.seen};
    const StoreOutcome outcome = co_await ports_.commits.submit(op);
    if (!outcome) {
        gate_.ask_again(ports_.clock.now());
        if (outcome.error().code != Errc::conflict) {
            ports_.metrics.count(Counter::store_errors, "destination");
        }
        co_return;
    }
    if (change.now.state == BreakerState::closed) {
        ports_.log.write({LogLevel::info,
                          LogTag::none,
                          "destination answers again",
                          "",
                          {{"destination", name}}});
    } else if (change.seen.state == BreakerState::closed) {
        ports_.metrics.count(Counter::alerts, "crm");
        ports_.log.write({LogLevel::error,
                          LogTag::none,
                          "destination is in trouble: records wait, one is tried as a probe",
                          "",
                          {{"destination", name},
                           {"retry_at", format_rfc3339(change.now.retry_at.value_or(UtcTime{}))}}});
    }
}

// Passing trouble says nothing, and one that is gone (410) is told as such.
void Courier::hear(const Verdict& verdict, int http_status) {
    const bool is_final =
        verdict.outcome == AttemptOutcome::accepted || verdict.outcome == AttemptOutcome::refused;
    if (is_final && http_status != 0) refusal_ = 0;
    if (!is_final && verdict.needs_person) refusal_ = http_status;
}

void Courier::tell(const ClaimedDelivery& claimed, const Attempt& attempt, const Verdict& verdict) {
    ports_.metrics.count_attempt(settings_.destination, to_string(attempt.outcome));
    ports_.metrics.observe(Histogram::delivery_seconds,
                           std::chrono::duration<double>(attempt.elapsed).count());
    LogLine line{LogLevel::info,
                 path_of(claimed.delivery),
                 "record accepted by the CRM",
                 claimed.delivery.call_id,
                 {{"destination", claimed.delivery.destination},
                  {"attempt", std::to_string(claimed.delivery.attempts_count + 1)},
                  {"elapsed_ms", std::to_string(attempt.elapsed.count())}}};
    if (attempt.http_status != 0) {
        line.fields.emplace_back("http_status", std::to_string(attempt.http_status));
    }
    if (claimed.delivery.state == DeliveryState::accepted)
        line.fields.emplace_back("again", "true");
    if (std::holds_alternative<Verdict::Accept>(verdict.then)) {
        if (claimed.delivery.ended_at && claimed.delivery.state == DeliveryState::pending &&
            !is_sample_call(claimed.delivery.call_id)) {
            const UtcTime done_at = attempt.started_at + attempt.elapsed;
            const std::chrono::duration<double> lag = done_at - *claimed.delivery.ended_at;
            ports_.metrics.observe(Histogram::end_to_crm_seconds, std::max(0.0, lag.count()));
        }
        ports_.log.write(line);
        return;
    }
    line.level = LogLevel::warning;
    line.fields.emplace_back("outcome", to_string(attempt.outcome));
    if (!attempt.error.empty()) line.fields.emplace_back("error", attempt.error);
    if (const auto* park = std::get_if<Verdict::Park>(&verdict.then)) {
        line.message = "record parked";
        line.fields.emplace_back("reason", to_string(park->reason));
        if (!is_sample_call(claimed.delivery.call_id)) {
            ports_.metrics.count(Counter::calls_parked, to_string(park->reason));
        }
    } else if (claimed.delivery.state == DeliveryState::pending) {
        line.message = "delivery failed, will retry";
        const auto& retry = std::get<Verdict::RetryAt>(verdict.then);
        line.fields.emplace_back("due_at", format_rfc3339(retry.due_at));
    } else {
        line.message = "delivery by hand failed";  // It stays parked, or accepted.
    }
    if (verdict.needs_person) {
        line.level = LogLevel::error;
        line.fields.emplace_back("needs", "a person");
        ports_.metrics.count(Counter::alerts, "crm");
    }
    ports_.log.write(line);
}

Task<Result<Courier::Sent>> Courier::send_claimed(ClaimedDelivery claimed) {
    const std::int64_t delivery_id = claimed.delivery.id;
    const std::int64_t attempts_seen = claimed.delivery.attempts_count + 1;
    loop_.enter();
    std::optional<Sent> sent = co_await carry_out(std::move(claimed), Asker::forced);
    loop_.leave();
    if (sent) co_return *std::move(sent);
    co_return co_await send_now(delivery_id, attempts_seen);
}

// Claimed by a person, and not sent after all: as it was.
Task<void> Courier::put_back(const ClaimedDelivery& claimed) {
    const Delivery& delivery = claimed.delivery;
    FinishAttempt update;
    update.delivery_id = delivery.id;
    update.fence = claimed.fence;
    if (delivery.state == DeliveryState::pending) {
        update.then = FinishAttempt::RetryAt{delivery.due_at.value_or(ports_.clock.now()), false};
    } else if (delivery.state == DeliveryState::parked) {
        update.then = FinishAttempt::Park{delivery.parked.value_or(ParkReason::dead)};
    } else {
        update.then = FinishAttempt::Keep{};
    }
    co_await write_end(claimed, std::move(update), Asker::person);
}

Task<Result<void>> Courier::park(std::int64_t delivery_id) {
    const UtcTime now = ports_.clock.now();
    auto claim = [&] { return ports_.store.claim_delivery(delivery_id, now, lease()); };
    auto claimed = co_await ports_.commits.run_between(claim);
    if (!claimed && claimed.error().code == Errc::conflict) {
        co_return Error{Errc::conflict, "it is being sent right now"};
    }
    if (!claimed) co_return std::move(claimed).error();
    if (claimed->delivery.state != DeliveryState::pending) {
        co_await put_back(*claimed);
        co_return Error{Errc::conflict, "it is not on its way any more"};
    }
    FinishAttempt update;
    update.delivery_id = delivery_id;
    update.fence = claimed->fence;
    update.then = FinishAttempt::Park{ParkReason::given_up};
    StoreOp op = std::move(update);
    const StoreOutcome outcome = co_await ports_.commits.submit(op);
    if (!outcome) co_return outcome.error();
    co_return Result<void>{};
}

Task<Result<Courier::Sent>> Courier::send_now(std::int64_t delivery_id,
                                              std::int64_t attempts_seen) {
    const UtcTime give_up_at = ports_.clock.now() + lease();
    for (;;) {
        if (is_stopping()) co_return Error{Errc::unavailable, "wrapup is stopping"};
        const UtcTime now = ports_.clock.now();
        auto claim = [&] { return ports_.store.claim_delivery(delivery_id, now, lease()); };
        auto claimed = co_await ports_.commits.run_between(claim);
        if (claimed) {
            ClaimedDelivery mine = *std::move(claimed);
            if (mine.delivery.attempts_count != attempts_seen) {
                co_await put_back(mine);
                co_return Error{Errc::conflict, "somebody else sent it meanwhile"};
            }
            loop_.enter();
            std::optional<Sent> sent = co_await carry_out(std::move(mine), Asker::person);
            loop_.leave();
            if (sent) co_return *std::move(sent);
            attempts_seen += 1;  // What was unresolved is written down now.
            continue;
        }
        if (claimed.error().code != Errc::conflict || now >= give_up_at) {
            co_return std::move(claimed).error();
        }
        const UtcTime until = now + claim_retry;
        co_await ports_.clock.sleep_until(until);
    }
}

}  // namespace wrapup
