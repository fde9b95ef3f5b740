#include "service/settler.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "codec/observation.hpp"
#include "service/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

// Longer than anything one claim does: a few questions of at most 10 s each.
constexpr seconds lease{120};
constexpr seconds idle_max{5};
constexpr seconds store_retry{1};
constexpr milliseconds claim_retry{50};
constexpr seconds claim_patience{20};
constexpr int claim_max = 256;
constexpr int claim_in_flood = 32;  // Somebody waits for an acknowledgement behind it.
// Questions for one call in one claim; what is left waits for the next one.
constexpr int steps_max = 12;

}  // namespace

Settler::Settler(Ports ports, SettlerSettings settings)
    : ports_(ports), settings_(std::move(settings)) {}

void Settler::stop() {
    is_stopping_ = true;
    alarm_.ring();
    for (const auto& [id, c] : asking_) c->disturb();
}

void Settler::nudge(const std::vector<std::string>& call_ids) {
    alarm_.ring();
    for (const std::string& id : call_ids) {
        const auto waiting = asking_.find(id);
        if (waiting != asking_.end()) waiting->second->disturb();
    }
}

Task<void> Settler::run() {
    const auto executor = co_await asio::this_coro::executor;
    while (!is_stopping_) {
        if (in_progress_ >= settings_.in_progress_max) {
            const UtcTime until = ports_.clock.now() + idle_max;
            co_await ports_.clock.sleep_until(until, &alarm_);
            continue;
        }
        co_await ports_.commits.let_senders_first(ports_.clock);
        const int claim = ports_.commits.is_under_pressure() ? claim_in_flood : claim_max;
        const int room = std::min(claim, settings_.in_progress_max - in_progress_);
        const UtcTime now = ports_.clock.now();
        const UtcTime until = now + lease;
        auto take = [&] { return ports_.store.claim_calls(now, until, room); };
        auto claims = co_await ports_.commits.run_between(take);
        if (!claims) {
            ports_.metrics.count(Counter::store_errors, "claim");
            const UtcTime retry_at = now + store_retry;
            co_await ports_.clock.sleep_until(retry_at);
            continue;
        }
        const bool is_all = claims->size() < static_cast<std::size_t>(room);
        in_progress_ += static_cast<int>(claims->size());
        if (!claims->empty()) spawn_root(executor, work_on(*std::move(claims)));
        if (is_all) co_await wait_for_work();
    }
    while (in_progress_ > 0) {
        const UtcTime until = ports_.clock.now() + idle_max;
        co_await ports_.clock.sleep_until(until, &alarm_);
    }
}

Task<void> Settler::wait_for_work() {
    // Whatever is scheduled while we look must ring, for we may not see it.
    sleeping_until_ = UtcTime::max();
    auto read = [&] { return ports_.store.next_call_due(); };
    const auto due = co_await ports_.reads.run(read);
    const UtcTime now = ports_.clock.now();
    UtcTime until = now + (due ? milliseconds{idle_max} : milliseconds{store_retry});
    if (due && due->has_value()) until = std::min(until, **due);
    until = std::max(until, now + milliseconds{1});
    sleeping_until_ = until;
    co_await ports_.clock.sleep_until(until, &alarm_);
    sleeping_until_ = UtcTime{};
}

// Calls that fell due together have their metadata looked up together; then each goes its own way.
Task<void> Settler::work_on(std::vector<ClaimedCall> claims) {
    const auto executor = co_await asio::this_coro::executor;
    std::vector<CasePtr> cases;
    std::vector<CasePtr> curious;
    for (ClaimedCall& claim : claims) {
        cases.push_back(std::make_shared<SettleCase>(std::move(claim)));
        refold(*cases.back());
        const bool asks = cases.back()->claim.call.record.empty() &&
                          std::holds_alternative<AskMetadata>(plan(*cases.back()));
        if (asks) curious.push_back(cases.back());
    }
    if (!curious.empty()) co_await ask_metadata(std::move(curious));
    for (CasePtr& c : cases) spawn_root(executor, settle(std::move(c)));
}

Task<void> Settler::settle(CasePtr c) {
    co_await carry_on(c);
    in_progress_ -= 1;
    // Only a settler that is full or stopping waits for this.
    if (is_stopping_ || in_progress_ + 1 >= settings_.in_progress_max) alarm_.ring();
}

Task<void> Settler::carry_on(CasePtr c) {
    if (!c->claim.call.record.empty()) {
        co_await finish_late(c);
        co_return;
    }
    for (int step_count = 0; step_count < steps_max && !c->is_disturbed; ++step_count) {
        SettleStep step = plan(*c);
        if (is_stopping_ && !std::holds_alternative<FixRecord>(step)) break;
        if (std::holds_alternative<AskMetadata>(step)) {
            std::vector<CasePtr> alone{c};
            co_await ask_metadata(std::move(alone));
        } else if (std::holds_alternative<FixRecord>(step) && c->may_have_stale_metadata()) {
            co_await refresh_metadata(c);
        } else if (std::holds_alternative<AskTwilio>(step)) {
            co_await ask_twilio(c);
        } else if (auto* ask = std::get_if<AskConversation>(&step)) {
            std::string conversation_id = std::move(ask->conversation_id);
            co_await ask_conversation(c, std::move(conversation_id));
        } else {
            co_await finish(c, std::move(step));
            co_return;
        }
    }
    SettleStep again = WaitUntil{ports_.clock.now()};
    co_await finish(c, std::move(again));
}

void Settler::refold(SettleCase& c) const {
    c.facts = fold(c.observed);
    if (c.facts.call_sid.empty()) c.facts.call_sid = c.claim.call.call_sid;
    if (c.facts.conversation_id.empty()) c.facts.conversation_id = c.claim.call.conversation_id;
}

SettleStep Settler::plan(const SettleCase& c) const {
    const SettleQuestion question{c.facts, c.progress, c.metadata, c.is_forced};
    return plan_settle(question, settings_.policy, ports_.clock.now());
}

void Settler::take_event(SettleCase& c, NewEvent event) const {
    auto said = decode_observation(event.kind, event.payload);
    if (said) c.observed.push_back({event.kind, event.received_at, *std::move(said)});
    c.events.push_back(std::move(event));
    refold(c);
}

Task<Result<std::optional<ClaimedDelivery>>> Settler::settle_now(std::string call_id) {
    const UtcTime give_up_at = ports_.clock.now() + claim_patience;
    for (;;) {
        if (is_stopping_) co_return Error{Errc::unavailable, "wrapup is stopping"};
        const UtcTime now = ports_.clock.now();
        const UtcTime until = now + lease;
        auto claim = [&] { return ports_.store.claim_call(call_id, now, until); };
        auto claimed = co_await ports_.commits.run_between(claim);
        if (claimed) {
            CasePtr c = std::make_shared<SettleCase>(*std::move(claimed));
            refold(*c);
            const bool was_fixed = !c->claim.call.record.empty();
            const bool can_fix = !was_fixed && is_over(c->facts);
            if (can_fix && !c->progress.metadata_resolved_at) {
                std::vector<CasePtr> alone{c};
                co_await ask_metadata(std::move(alone));
            }
            c->is_forced = can_fix;
            in_progress_ += 1;
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
