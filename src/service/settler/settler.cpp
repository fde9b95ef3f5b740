#include "service/settler/settler.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>

#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

constexpr seconds store_retry{1};
constexpr milliseconds claim_retry{50};
constexpr seconds claim_patience{20};
constexpr int claim_max = 256;
constexpr int claim_in_flood = 32;  // Somebody waits for an acknowledgement behind it.
// Steps for one call in one claim, and for how long; what is left waits for the next one.
constexpr int steps_max = 40;
constexpr seconds work_time{60};
constexpr seconds turned_away_again{30};
// One more question may be out when it is over.
static_assert(Settler::lease >= 2 * work_time);

}  // namespace

Settler::Settler(Ports ports, SettlerSettings settings)
    : ports_(ports),
      settings_(std::move(settings)),
      able_since_(settings_.policy.process_started_at),
      loop_({ports.clock, ports.reads, ports.commits},
            {settings_.in_progress_max, claim_max, claim_in_flood, settings_.idle_max}, *this) {}

void Settler::stop() {
    loop_.stop();
    polls_alarm_.ring();
    for (const auto& [id, c] : active_) c->disturb();
}

void Settler::nudge(const std::vector<std::string>& call_ids) {
    loop_.wake();
    for (const std::string& id : call_ids) {
        const auto found = active_.find(id);
        if (found != active_.end()) found->second->disturb();
    }
}

void Settler::take_over(Settlements settlements) {
    for (const std::string& id : settlements.settled_calls) {
        turns_.remove(id);
        polls_.remove(id);
    }
    if (settlements.wake_at) loop_.wake_at(*settlements.wake_at);
    for (KnownCall& known : settlements.to_ask) {
        CasePtr c = std::make_shared<SettleCase>(std::move(known));
        spawn_root(executor_, settle(std::move(c)));
    }
    for (int i = 0; i < settlements.unused_count; ++i) loop_.leave();
    ports_.couriers.carry(std::move(settlements.claimed), std::move(settlements.places), executor_);
}

void Settler::clock_was_set(milliseconds by) {
    UtcTime& since = settings_.policy.process_started_at;
    // Set forward, every deadline seems to be past: what waits gets the time that it gets after a
    // start.
    since = by > milliseconds{0} ? ports_.clock.now() : since + by;
    able_since_ = since;
    loop_.wake();
    // Each of these is looked at afresh.
    for (const std::string& id : polls_.take_all()) turns_.add(id, ports_.clock.now());
    polls_alarm_.ring();
    // What they know of times is from before. An answer that is on its way still counts.
    for (const auto& [id, c] : active_) {
        if (c->twilio) c->twilio->shift(by);
        if (c->conversation) c->conversation->shift(by);
        c->clock_was_set(by, ports_.clock.now());
        c->disturb();
    }
}

Task<void> Settler::run() {
    executor_ = co_await asio::this_coro::executor;
    if (ports_.finder != nullptr) {
        // Posted: a slot is given back at the end of somebody's frame.
        ports_.finder->slots().on_free(
            [this] { asio::post(executor_, [this] { serve_turns(); }); });
        spawn_root(executor_, run_polls());
    }
    co_await loop_.run();
}

Task<Result<std::size_t>> Settler::claim_due(UtcTime now, int count_max) {
    auto take = [&] { return ports_.store.claim_calls(now, lease, count_max); };
    auto claims = co_await ports_.commits.run_between(take);
    if (!claims) co_return std::move(claims).error();
    // Each goes its own way at once: sources that profit from it share lookups themselves.
    for (ClaimedCall& claimed : *claims) {
        loop_.enter();
        CasePtr c = std::make_shared<SettleCase>(std::move(claimed), now);
        spawn_root(executor_, settle(std::move(c)));
    }
    co_return claims->size();
}

Result<std::optional<UtcTime>> Settler::next_due() { return ports_.store.next_call_due(); }

void Settler::store_failed(std::string_view doing, const Error& error) {
    tell_store_error(doing, error, "");
}

Task<void> Settler::settle(CasePtr c) {
    co_await carry_on(c);
    loop_.leave();
}

Task<void> Settler::carry_on(CasePtr c) {
    if (const PollPtr poll = polls_.remove(c->claim.call.id)) {
        keep_polls(c->progress, poll->progress);
    }
    if (!c->claim.call.record.empty()) {
        co_await note_late(c);
        co_return;
    }
    const std::string& id = c->claim.call.id;
    note_absence(c->progress, c->facts, c->claim.call.due_at, settings_.policy, ports_.clock.now());
    active_.insert_or_assign(id, c);
    std::optional<SettleStep> last = co_await take_steps(c);
    const bool is_decided = last.has_value();
    SettleStep end = WaitUntil{ports_.clock.now()};
    if (last) end = *std::move(last);
    auto* wait = std::get_if<WaitUntil>(&end);
    if (is_decided && (wait == nullptr || !c->is_queued)) turns_.remove(id);
    const bool is_turned_away = c->is_queued && !c->slot && !turns_.holds(id);
    if (wait != nullptr && is_turned_away) {
        const UtcTime again_at = ports_.clock.now() + turned_away_again;
        wait->due_at = std::min(wait->due_at, again_at);
    }
    const bool is_waiting = wait != nullptr;
    PollPtr poll;
    if (is_waiting && is_decided) poll = poll_of(*c);
    if (poll) wait->due_at = poll->look_at;
    const bool is_written = co_await end_claim(c, std::move(end));
    const auto mine = active_.find(id);
    if (mine != active_.end() && mine->second == c) active_.erase(mine);
    if (is_written && poll) remember(*c, std::move(poll));
    // Its turn came while it was being put back.
    if (is_waiting && c->is_queued && c->slot && !loop_.is_stopping()) {
        start_turn({ports_.clock.now(), id}, *std::move(c->slot));
    }
    c->slot.reset();
}

// Goes on until the call's claim has an end worth writing down. Nothing: it is to be looked at
// afresh.
Task<std::optional<SettleStep>> Settler::take_steps(CasePtr c) {
    const UtcTime work_until = ports_.clock.now() + work_time;
    for (int step_count = 0; step_count < steps_max && !c->is_disturbed; ++step_count) {
        if (ports_.clock.now() >= work_until) break;
        take_answers(*c);
        SettleStep step = plan(*c);
        if (loop_.is_stopping() && !std::holds_alternative<FixRecord>(step)) break;
        if (std::holds_alternative<AskMetadata>(step)) {
            co_await ask_metadata(c);
        } else if (c->wants_fresh_metadata(step)) {
            co_await refresh_metadata(c);
        } else if (std::holds_alternative<AskTwilio>(step)) {
            start_twilio(c);
        } else if (auto* ask = std::get_if<AskConversation>(&step)) {
            start_conversation(c, std::move(ask->conversation_id));
        } else if (const auto* wait = std::get_if<WaitUntil>(&step); wait && c->is_asking()) {
            const UtcTime due_at = wait->due_at;
            co_await wait_for_news(c, due_at);
        } else {
            abandon_questions(*c);
            co_return step;
        }
    }
    co_await give_twilio_a_moment(c);
    abandon_questions(*c);
    co_return std::nullopt;
}

// ---- Turns to ask ElevenLabs. Waiting for one costs nothing: the call is put back, due when it
// has to be looked at without an answer, and its id waits here. ----

void Settler::serve_turns() {
    while (!turns_.empty() && !loop_.is_stopping()) {
        std::optional<Slots::Slot> slot = ports_.finder->slots().try_take();
        if (!slot) return;
        Turns::Turn turn = turns_.take();
        const auto found = active_.find(turn.call_id);
        if (found != active_.end()) {
            found->second->slot.emplace(*std::move(slot));
            found->second->alarm.ring();
        } else {
            start_turn(std::move(turn), *std::move(slot));
        }
    }
}

void Settler::start_turn(Turns::Turn turn, Slots::Slot slot) {
    if (polls_.find(turn.call_id)) {
        spawn_root(executor_, ask_again(std::move(turn), std::move(slot)));
    } else {
        std::optional<Slots::Slot> mine(std::move(slot));
        std::optional<ConversationFound> nothing;
        spawn_root(executor_, take_turn(std::move(turn), std::move(mine), std::move(nothing)));
    }
}

// With what was `found` already, or to ask.
Task<void> Settler::take_turn(Turns::Turn turn, std::optional<Slots::Slot> slot,
                              std::optional<ConversationFound> found) {
    std::optional<Slots::Slot> mine = std::move(slot);
    loop_.enter();
    const UtcTime now = ports_.clock.now();
    auto claim = [&] { return ports_.store.claim_call(turn.call_id, now, lease); };
    auto claimed = co_await ports_.commits.run_between(claim);
    if (claimed) {
        CasePtr c = std::make_shared<SettleCase>(*std::move(claimed), now);
        if (found) {
            c->conversation = std::make_shared<Question<ConversationFound>>();
            c->conversation->asked_at = now;
            c->conversation->give_up_at = now;
            c->conversation->put(*std::move(found));
        } else {
            c->slot.emplace(*std::move(mine));
        }
        co_await settle(std::move(c));
        co_return;
    }
    // Whoever holds it, or what it was merged into, asks for a turn when it needs one.
    const Errc code = claimed.error().code;
    if (code == Errc::conflict || code == Errc::not_found) {
        polls_.remove(turn.call_id);
        loop_.leave();
        co_return;
    }
    tell_store_error("claim", claimed.error(), turn.call_id);
    const UtcTime retry_at = now + store_retry;
    if (const PollPtr poll = polls_.find(turn.call_id)) {
        schedule(*poll, retry_at);
    } else {
        turns_.add(turn.call_id, turn.due_at);
        co_await ports_.clock.sleep_until(retry_at);
    }
    loop_.leave();
}

SettleStep Settler::plan(const SettleCase& c) const {
    SettleQuestion question = c.question();
    question.is_forced = c.is_forced;
    if (c.twilio) question.twilio_asked_at = c.twilio->asked_at;
    question.is_conversation_asked = c.conversation || (c.is_queued && !c.slot);
    return plan_settle(question, settings_.policy, ports_.clock.now());
}

Task<Result<std::vector<ClaimedDelivery>>> Settler::settle_now(std::string call_id) {
    const UtcTime give_up_at = ports_.clock.now() + claim_patience;
    for (;;) {
        if (loop_.is_stopping()) co_return Error{Errc::unavailable, "wrapup is stopping"};
        const UtcTime now = ports_.clock.now();
        auto claim = [&] { return ports_.store.claim_call(call_id, now, lease); };
        auto claimed = co_await ports_.commits.run_between(claim);
        if (claimed) {
            executor_ = co_await asio::this_coro::executor;
            CasePtr c = std::make_shared<SettleCase>(*std::move(claimed), now);
            const bool was_fixed = !c->claim.call.record.empty();
            const bool can_fix = !was_fixed && is_over(c->facts);
            if (can_fix && !c->progress.metadata_resolved_at) {
                co_await ask_metadata(c);
            }
            c->is_forced = can_fix;
            loop_.enter();
            co_await settle(c);
            if (was_fixed || c->is_fixed) co_return std::move(c->claimed);
            if (!can_fix) co_return Error{Errc::conflict, "the call is not over"};
        } else if (claimed.error().code != Errc::conflict) {
            co_return std::move(claimed).error();
        }
        if (ports_.clock.now() >= give_up_at) {
            co_return Error{Errc::unavailable, "the call is being worked on"};
        }
        const UtcTime retry_at = ports_.clock.now() + claim_retry;
        co_await ports_.clock.sleep_until(retry_at);
    }
}

}  // namespace wrapup
