#pragma once

// The same operations, drawn from a seed, on the memory store and on another one: the same outcomes
// and the same stories. Both run the same rules, so this proves the adapters: that a database
// loads, saves, claims and lists what plain containers do, column by column, and that its counters
// are right.

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "core/store/ledger.hpp"
#include "sim/memory_store.hpp"
#include "test/store/operations.hpp"

namespace wrapup {

// Answers by what it is shown, and puts all of that into the record.
class CapriciousSettler final : public DueCallSettler {
public:
    std::optional<SettleCall> settle(ClaimedCall due,
                                     const std::function<CallMetadata(MetadataKey)>& own,
                                     UtcTime now) override {
        std::string shown = due.call.id + due.call.conversation_id + due.call.note +
                            std::to_string(due.call.progress.twilio_asks_count) +
                            (due.call.metadata ? due.call.metadata->name : "") +
                            own({due.call.id, due.call.conversation_id, due.call.to}).contact_name;
        for (const StoredEvent& event : due.events) {
            shown += std::to_string(event.seq) + event.payload + (event.is_late ? "late" : "");
        }
        SettleCall answer = answer_to(due);
        answer.is_over = true;
        if (due.call.settled_at) {
            answer.then = SettleCall::NoteLate{shown.size() % 2 == 0};
            return answer;
        }
        switch (shown.size() % 5) {
            case 0: keeps_ = shown.size() % 2 == 0; return std::nullopt;
            case 1: answer.then = SettleCall::Reschedule{now + seconds{7}}; return answer;
            case 2: answer.then = SettleCall::Park{ParkReason::silent}; return answer;
            default: break;
        }
        SettleCall::Fix fix = fix_of();
        fix.body = shown;
        fix.deliveries.front().lease = lease;
        answer.then = std::move(fix);
        return answer;
    }
    std::optional<milliseconds> keep_claim() override {
        if (!keeps_) return std::nullopt;
        return seconds{9};
    }

private:
    bool keeps_ = false;  // What it just had no answer for.
};

// Draws operations over few calls, so that they meet. Claims that were won are kept and answered
// later, some of them twice or too late.
class Draw {
public:
    explicit Draw(std::uint64_t seed) : prng_(seed) {}

    UtcTime now{t0};
    std::vector<ClaimedCall> calls;
    std::vector<ClaimedDelivery> deliveries;

    void pass_time() { now += seconds{below(40)}; }
    std::int64_t below(std::uint64_t bound) {
        return static_cast<std::int64_t>(prng_.below(bound));
    }
    std::string sid() { return "CA" + std::to_string(below(5)); }
    std::string conversation() { return "conv_" + std::to_string(below(5)); }
    std::string any_id() { return below(2) == 0 ? sid() : conversation(); }
    std::string destination() { return below(3) == 0 ? "lake" : "crm"; }

    NewEvent event() {
        NewEvent event = event_of({}, "k" + std::to_string(below(12)), now + seconds{below(60)});
        event.received_at = now;
        const auto ids = below(4);
        if (ids != 0) event.call_sid = sid();
        if (ids != 1) event.conversation_id = conversation();
        if (below(3) == 0) event.to = "+6140000000" + std::to_string(below(3));
        event.is_ours = below(5) != 0;
        if (below(6) == 0) event.created_at = a_while_ago();
        return event;
    }
    UtcTime a_while_ago() { return now - std::chrono::minutes{below(2000)}; }
    TimeSpan span() {
        const std::chrono::hours half{12};
        return {t0 - half * below(4), t0 + half};
    }
    StoreOp of_the_ledger() {
        if (below(2) == 0) return NoteCallCreated{sid(), a_while_ago()};
        TwilioDay heard{span(), now, below(2) == 0, below(9), below(2), {}};
        heard.differences = {{LedgerDifference::Kind::missing, sid(), "missing"},
                             {LedgerDifference::Kind::only_here, "CA_here", "only here"}};
        return PutTwilioDay{heard};
    }
    StoreOp settle() {
        const ClaimedCall& claimed = calls[static_cast<std::size_t>(below(calls.size()))];
        SettleCall op = answer_to(claimed);
        op.progress.twilio_asks_count = below(4);
        op.is_over = below(2) == 0;
        if (below(3) == 0) op.events.push_back(event());
        if (below(4) == 0) op.conversation_id = conversation();
        if (below(4) == 0) op.campaign = below(2) == 0 ? "Spring" : "Autumn";
        if (below(4) == 0) op.ended_at = now;
        if (below(4) == 0) op.note = "note " + std::to_string(below(3));
        if (below(4) == 0) op.metadata.emplace().name = "Ada";
        op.then = decision();
        return op;
    }
    decltype(SettleCall::then) decision() {
        switch (below(8)) {
            case 0:
                return SettleCall::Park{below(2) == 0 ? ParkReason::silent : ParkReason::unlinked};
            case 1: return SettleCall::Ignore{};
            case 2: return SettleCall::NoteLate{below(2) == 0};
            case 3:
            case 4: return SettleCall::Reschedule{now + seconds{below(60)}};
            default: break;
        }
        SettleCall::Fix fix = fix_of();
        if (below(2) == 0) {
            fix.deliveries.push_back({"lake", "msg_2", below(2) == 0 ? "<record/>" : "", {}});
        }
        if (below(12) == 0) fix.deliveries.clear();
        for (NewDelivery& made : fix.deliveries) {
            if (below(6) == 0) made.parked = ParkReason::disabled;
            if (below(2) == 0) made.lease = seconds{30};
        }
        return fix;
    }
    StoreOp finish() {
        const auto& claimed = deliveries[static_cast<std::size_t>(below(deliveries.size()))];
        FinishAttempt op{claimed.delivery.id, claimed.fence, std::nullopt, {}};
        if (below(4) != 0) {
            op.attempt =
                attempt_of(below(3) == 0 ? AttemptOutcome::unknown : AttemptOutcome::failed, 500);
            op.attempt->answer = op.fence % 2 == 0 ? "no such row" : "the disk is full";
            op.attempt->started_at = now;
        }
        switch (below(5)) {
            case 0:
                op.then = FinishAttempt::RetryAt{now + seconds{below(60)}, below(2) == 0};
                break;
            case 1: op.then = FinishAttempt::Park{}; break;
            case 2: op.then = FinishAttempt::Keep{}; break;
            case 3: op.then = FinishAttempt::Release{}; break;
            default: break;
        }
        return op;
    }
    StoreOp reconciliation() {
        NoteReconciliation op;
        const UtcTime at = slot_of(t0) + twilio_slot * below(3);
        if (below(2) == 0) op.slots.push_back({at, below(9), below(2), below(2) == 0, now});
        if (below(2) == 0) {
            op.found.push_back({sid(), at, static_cast<DifferenceKind>(below(2)), "why", now});
        }
        if (below(3) == 0) op.resolved.push_back(sid());
        op.values = {{"k" + std::to_string(below(3)), std::string(below(3) == 0 ? "" : "v")}};
        return op;
    }
    std::optional<RateLimit> rate() {
        if (below(2) == 0) return std::nullopt;
        return RateLimit{1 + static_cast<int>(below(2)), seconds{below(2) == 0 ? 1 : 60}};
    }
    StoreOp breaker() {
        const auto row = [this] {
            BreakerRow drawn{static_cast<BreakerState>(below(3)), t0 + seconds{below(2)}, {}, 0};
            if (drawn.state != BreakerState::closed) drawn.retry_at = now + seconds{below(30)};
            drawn.failed_probes_count = below(3);
            return drawn;
        };
        return PutBreaker{destination(), row(), row()};
    }
    StoreOp op() {
        const auto kind = below(23);
        if (kind == 22) return breaker();
        if (kind >= 20) return of_the_ledger();
        if (kind < 7 && !calls.empty()) return settle();
        if (kind < 10 && !deliveries.empty()) return finish();
        if (kind == 10) return PutMetadata{any_id(), {}, now};
        if (kind == 11) {
            if (below(2) == 0) return SweepDestination{destination(), 1};
            return SetDestination{destination(), static_cast<DestinationState>(below(4)), now,
                                  below(2) == 0 ? 1 : sweep_slice};
        }
        if (kind == 12) return Unpark{below(6), now};
        if (kind == 13 && !calls.empty()) {
            const auto& claimed = calls[static_cast<std::size_t>(below(calls.size()))];
            return ReleaseCall{claimed.call.id, claimed.fence};
        }
        if (kind == 14) return reconciliation();
        return AppendEvent{event(), below(2) == 0 ? &settler : nullptr};
    }

    CapriciousSettler settler;

private:
    Prng prng_;
};

class Differential {
public:
    explicit Differential(std::uint64_t seed, EmbeddedStore& other) : draw_(seed), other_(other) {}

    void run(int steps) {
        for (int step = 0; step < steps && !testing::Test::HasFailure(); ++step) {
            SCOPED_TRACE("step " + std::to_string(step));
            draw_.pass_time();
            take_step();
            if (step % 50 == 20) {
                seal(memory_);
                seal(other_);
            }
            compare_stories();
            compare_ledgers();
        }
        EXPECT_EQ(*memory_.check_integrity(), std::vector<std::string>{});
        EXPECT_EQ(*other_.check_integrity(), std::vector<std::string>{});
    }

private:
    void take_step() {
        const UtcTime now = draw_.now;
        const seconds held{draw_.below(60)};
        switch (draw_.below(12)) {
            case 0: {
                const int limit = static_cast<int>(draw_.below(3));
                const auto claimed = memory_.claim_calls(now, held, limit);
                expect_same(*claimed, *other_.claim_calls(now, held, limit));
                append(draw_.calls, *claimed);
                return;
            }
            case 1:
            case 2: {
                const std::string id = draw_.any_id();
                const auto claimed = memory_.claim_call(id, now, held);
                expect_same(claimed, other_.claim_call(id, now, held));
                if (claimed) draw_.calls.push_back(*claimed);
                return;
            }
            case 3: {
                const std::string name = draw_.destination();
                const std::optional<RateLimit> rate = draw_.rate();
                const auto all = *memory_.claim_deliveries(name, now, held, 2, rate);
                const auto others = *other_.claim_deliveries(name, now, held, 2, rate);
                expect_same(all.claimed, others.claimed);
                EXPECT_EQ(all.breaker, others.breaker);
                EXPECT_EQ(all.rate_at, others.rate_at);
                append(draw_.deliveries, all.claimed);
                return;
            }
            case 4: {
                const std::int64_t id = draw_.below(6);
                const auto claimed = memory_.claim_delivery(id, now, held);
                expect_same(claimed, other_.claim_delivery(id, now, held));
                if (claimed) draw_.deliveries.push_back(*claimed);
                return;
            }
            case 5:
                if (draw_.below(10) != 0) return;
                EXPECT_EQ(memory_.void_leases(now), other_.void_leases(now));
                return;
            case 6: {
                if (draw_.below(10) != 0) return;
                const seconds by{draw_.below(20) - 10};
                EXPECT_EQ(memory_.shift_times(by, now), other_.shift_times(by, now));
                return;
            }
            default: commit_batch(); return;
        }
    }
    void commit_batch() {
        std::vector<StoreOp> ops;
        for (std::int64_t i = draw_.below(4); i >= 0; --i) ops.push_back(draw_.op());
        const auto expected = memory_.commit(ops, draw_.now);
        const auto actual = other_.commit(ops, draw_.now);
        ASSERT_TRUE(actual) << actual.error().detail;
        ASSERT_EQ(expected->size(), actual->size());
        for (std::size_t i = 0; i < ops.size(); ++i) {
            expect_same((*expected)[i], (*actual)[i]);
            if (!(*expected)[i]) continue;
            const auto* settled = std::get_if<Settled>(&*(*expected)[i]);
            if (settled != nullptr) append(draw_.deliveries, settled->claimed);
            const auto* appended = std::get_if<Appended>(&*(*expected)[i]);
            if (appended != nullptr && appended->settled) {
                append(draw_.deliveries, appended->settled->claimed);
            }
        }
    }
    // Every now and then what was counted so far is closed, of longer and longer spans.
    void seal(Store& store) {
        const TimeSpan before{from_unix_s(0), draw_.now};
        const LedgerRows rows = *store.ledger(before);
        SealDay op;
        op.day.span = {rows.last_sealed ? rows.last_sealed->span.until : t0 - std::chrono::hours{9},
                       start_of_quarter(quarter_of(draw_.now))};
        op.day.date =
            rows.last_sealed ? next_date(rows.last_sealed->date) : *parse_date("2026-01-01");
        if (rows.last_sealed) op.day.previous_hash = rows.last_sealed->hash;
        op.day.hash = "hash of " + format_date(op.day.date);
        op.day.corrections_count = std::ssize(*store.corrections_after(0));
        op.seen = ledger_sums(rows.cells, op.day.span);
        const StoreOp one = op;
        EXPECT_TRUE(store.commit(std::span(&one, 1), draw_.now)->front());
    }
    void compare_ledgers() {
        const TimeSpan span = draw_.span();
        for (const TimeSpan& one : {span, TimeSpan{from_unix_s(0), draw_.now}}) {
            const LedgerRows a = *memory_.ledger(one);
            const LedgerRows b = *other_.ledger(one);
            EXPECT_EQ(ledger_sums(a.cells, one), ledger_sums(b.cells, one));
            EXPECT_EQ(a.twilio, b.twilio);
            EXPECT_EQ(a.sealed, b.sealed);
            EXPECT_EQ(a.corrections, b.corrections);
            EXPECT_EQ(a.last_sealed, b.last_sealed);
            EXPECT_EQ(a.first_at, b.first_at);
        }
    }
    void compare_stories() {
        for (int i = 0; i < 5; ++i) {
            for (const char* prefix : {"CA", "conv_"}) {
                const std::string id = prefix + std::to_string(i);
                EXPECT_EQ(memory_.resolve(id), other_.resolve(id)) << id;
                expect_same(memory_.find_story(id), other_.find_story(id));
            }
        }
        EXPECT_EQ(memory_.next_call_due(), other_.next_call_due());
        EXPECT_EQ(memory_.next_delivery_due("crm"), other_.next_delivery_due("crm"));
        // The memory store counts anew each time; the others keep counters.
        expect_same(*memory_.counts(), *other_.counts());
        compare_reconciliation();
        EXPECT_EQ(memory_.list_failures(3)->groups, other_.list_failures(3)->groups);
        const auto destinations = *other_.destinations();
        ASSERT_EQ(memory_.destinations()->size(), destinations.size());
        for (std::size_t i = 0; i < destinations.size(); ++i) {
            EXPECT_EQ((*memory_.destinations())[i].is_sweeping, destinations[i].is_sweeping);
        }
        CallFilter filter;
        filter.limit = 100;
        EXPECT_EQ(memory_.list_calls(filter)->calls, other_.list_calls(filter)->calls);
    }
    void compare_reconciliation() {
        const UtcTime from = slot_of(t0);
        const UtcTime until = from + 2 * twilio_slot;
        const std::vector<std::string> sids{"CA0", "CA1", "CA2", "CA3", "CA4"};
        EXPECT_EQ(memory_.call_standings(sids), other_.call_standings(sids));
        EXPECT_EQ(memory_.twilio_slots(from, until), other_.twilio_slots(from, until));
        EXPECT_EQ(memory_.twilio_differences(from, until), other_.twilio_differences(from, until));
        EXPECT_EQ(memory_.kept_values("k"), other_.kept_values("k"));
    }
    template <class Claims>
    static void append(Claims& all, const Claims& more) {
        all.insert(all.end(), more.begin(), more.end());
    }

    Draw draw_;
    MemoryStore memory_;
    EmbeddedStore& other_;
};

}  // namespace wrapup
