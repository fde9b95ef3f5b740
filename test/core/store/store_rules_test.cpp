// The rules on rows in memory: what they ask for, what they change, and what they leave alone. What
// they mean as a whole is in the conformance suite of the stores.

#include "core/store/store_rules.hpp"

#include <gtest/gtest.h>

#include "core/store/claim_rules.hpp"
#include "core/store/counters.hpp"
#include "test/core/store/row_table.hpp"

namespace wrapup {
namespace {

constexpr UtcTime t0 = from_unix_s(1'772'366'400);

class StoreRules : public testing::Test {
protected:
    static NewEvent event_of(const std::string& call_sid, const std::string& key,
                             const std::string& conversation_id = {}) {
        NewEvent event;
        event.call_sid = call_sid;
        event.conversation_id = conversation_id;
        event.dedup_key = key;
        event.received_at = t0;
        event.due_at = t0;
        return event;
    }
    std::vector<StoreOutcome> run(std::vector<StoreOp> batch) {
        ops.push_back(std::move(batch));
        return apply(rows, ops.back(), t0);
    }
    CallRow& add_claimed(const std::string& id) {
        CallRow& row = table.add_call(id);
        row.call.call_sid = id;
        row.call.due_at = t0;
        begin_claim(row, t0, seconds{60});
        return row;
    }
    static SettleCall fix_for(const CallRow& row, std::vector<NewDelivery> deliveries) {
        SettleCall op;
        op.call_id = row.call.id;
        op.fence = row.lease.fence;
        op.seen_events_count = row.call.events_count;
        SettleCall::Fix fix;
        fix.record.status = Outcome::held;
        fix.body = "{\"the\":\"record\"}";
        fix.deliveries = std::move(deliveries);
        op.then = std::move(fix);
        return op;
    }
    const WorkingCall& only_call() {
        EXPECT_EQ(rows.calls().size(), 1U);
        return rows.calls().front();
    }

    RowTable table;
    WorkingSet rows{table};
    std::deque<std::vector<StoreOp>> ops;  // A working set refers to them.
};

// ---- Appending ----

TEST_F(StoreRules, a_new_call_is_looked_up_once_and_its_events_never) {
    const auto outcomes = run({AppendEvent{event_of("CA1", "a")}, AppendEvent{event_of("CA1", "b")},
                               AppendEvent{event_of("CA1", "a")}});
    EXPECT_EQ(table.call_loads, 1);
    EXPECT_EQ(table.event_lookups, 0);
    ASSERT_EQ(outcomes.size(), 3U);
    EXPECT_TRUE(std::get<Appended>(*outcomes[0]).is_new_call);
    EXPECT_FALSE(std::get<Appended>(*outcomes[1]).is_new_call);
    EXPECT_TRUE(std::get<Appended>(*outcomes[2]).is_repeat);
    EXPECT_FALSE(only_call().stored);
    EXPECT_EQ(only_call().call.events_count, 2);
    ASSERT_EQ(only_call().arrived.size(), 2U);
    EXPECT_EQ(only_call().arrived[1].seq, 2);
    EXPECT_EQ(only_call().arrived[1].added, &std::get<AppendEvent>(ops[0][1]).event);
}

TEST_F(StoreRules, a_repeat_of_a_stored_event_changes_nothing) {
    CallRow& row = table.add_call("CA1");
    table.add_event(row, "a");
    const auto outcomes = run({AppendEvent{event_of("CA1", "a")}});
    EXPECT_TRUE(std::get<Appended>(*outcomes[0]).is_repeat);
    EXPECT_EQ(table.event_lookups, 1);
    EXPECT_EQ(only_call().call, only_call().stored->call);
    EXPECT_TRUE(only_call().arrived.empty());
}

TEST_F(StoreRules, a_call_with_all_the_events_it_can_have_refuses_more) {
    CallRow& row = table.add_call("CA1");
    table.add_event(row, "a");
    row.call.events_count = events_per_call_max - 1;
    const auto outcomes =
        run({AppendEvent{event_of("CA1", "b")}, AppendEvent{event_of("CA1", "a")}});
    ASSERT_FALSE(outcomes[0]);
    EXPECT_EQ(outcomes[0].error().code, Errc::unavailable);
    EXPECT_TRUE(std::get<Appended>(*outcomes[1]).is_repeat);
}

// ---- Merging ----

TEST_F(StoreRules, a_merge_moves_events_and_drops_repeats) {
    CallRow& of_sid = table.add_call("CA1");
    of_sid.call.call_sid = "CA1";
    table.add_event(of_sid, "same");
    CallRow& of_conversation = table.add_call("conv_1");
    table.add_event(of_conversation, "same");
    table.add_event(of_conversation, "other");
    of_conversation.call.due_at = t0;
    table.metadata[of_conversation.no].name = "Ada";

    const auto outcomes = run({AppendEvent{event_of("CA1", "link", "conv_1")}});
    EXPECT_EQ(std::get<Appended>(*outcomes[0]).call_id, "CA1");
    const WorkingCall& target = *rows.find("CA1");
    const WorkingCall& source = *rows.find_exactly("conv_1");
    EXPECT_EQ(source.call.state, CallState::merged);
    EXPECT_EQ(source.call.merged_into, "CA1");
    EXPECT_EQ(source.call.events_count, 0);
    EXPECT_EQ(rows.find("conv_1"), &target);
    ASSERT_EQ(rows.dropped_events().size(), 1U);
    EXPECT_EQ(rows.dropped_events()[0].call_no, source.no);
    EXPECT_EQ(rows.dropped_events()[0].seq, 1);
    ASSERT_EQ(target.arrived.size(), 2U);
    EXPECT_EQ(target.arrived[0].added, nullptr);
    EXPECT_EQ(target.arrived[0].moved_from.call_no, source.no);
    EXPECT_EQ(target.arrived[0].moved_from.seq, 2);
    EXPECT_EQ(target.arrived[0].seq, 2);
    EXPECT_EQ(target.arrived[1].seq, 3);
    EXPECT_EQ(target.call.events_count, 3);
    EXPECT_EQ(target.call.metadata->name, "Ada");
}

TEST_F(StoreRules, events_of_this_batch_move_before_they_were_ever_stored) {
    run({AppendEvent{event_of({}, "word", "conv_1")},
         AppendEvent{event_of("CA1", "status", "conv_1")}});
    const WorkingCall& target = *rows.find("conv_1");
    EXPECT_EQ(target.call.id, "CA1");
    EXPECT_TRUE(rows.dropped_events().empty());
    ASSERT_EQ(target.arrived.size(), 2U);
    EXPECT_EQ(target.arrived[0].added, &std::get<AppendEvent>(ops[0][0]).event);
    EXPECT_TRUE(rows.find_exactly("conv_1")->arrived.empty());
}

TEST_F(StoreRules, what_is_large_is_loaded_for_a_merge_only) {
    CallRow& row = add_claimed("CA1");
    table.add_event(row, "a");
    table.progress[row.no].twilio_said = "completed";
    SettleCall op = fix_for(row, {{"crm", "msg_1", {}, std::nullopt}});
    EXPECT_TRUE(run({op, AppendEvent{event_of("CA1", "b")}})[0]);
    EXPECT_EQ(table.large_loads, 0);
    EXPECT_EQ(only_call().call.progress, op.progress);
    EXPECT_TRUE(only_call().is_progress_known);
    EXPECT_FALSE(only_call().is_metadata_known);
}

TEST_F(StoreRules, a_call_merged_into_nothing_is_damage) {
    table.add_call("CA1", CallState::merged).call.merged_into = "CA9";
    const auto outcomes =
        run({AppendEvent{event_of("CA1", "a")}, AppendEvent{event_of("CA2", "a")}});
    EXPECT_NE(table.damage, "");
    EXPECT_EQ(outcomes.size(), 1U);
}

// ---- Settling ----

TEST_F(StoreRules, a_fix_makes_a_delivery_for_each_destination) {
    const CallRow row = add_claimed("CA1");
    const auto outcomes = run({fix_for(
        row, {{"crm", "msg_1", {}, seconds{30}}, {"lake", "msg_2", "<record/>", std::nullopt}})});
    ASSERT_TRUE(outcomes[0]);
    const auto& settled = std::get<Settled>(*outcomes[0]);
    EXPECT_EQ(settled.delivery_ids, (std::vector<std::int64_t>{1, 2}));
    ASSERT_EQ(rows.deliveries().size(), 2U);
    const auto& fix = std::get<SettleCall::Fix>(std::get<SettleCall>(ops[0][0]).then);
    EXPECT_EQ(rows.deliveries()[0].new_body.data(), fix.body.data());  // Not copied.
    EXPECT_EQ(rows.deliveries()[1].new_body, "<record/>");
    EXPECT_EQ(rows.deliveries()[1].delivery.webhook_id, "msg_2");
    ASSERT_EQ(settled.claimed.size(), 1U);
    EXPECT_EQ(settled.claimed[0].delivery.body, fix.body);
    EXPECT_EQ(settled.claimed[0].fence, 1);
    EXPECT_EQ(only_call().call.state, CallState::delivering);
    EXPECT_EQ(only_call().fixed_record, fix.body);
    EXPECT_EQ(table.delivery_loads, 0);
}

TEST_F(StoreRules, what_is_refused_leaves_no_trace) {
    CallRow& row = add_claimed("CA1");
    table.add_event(row, "a");
    DeliveryRow& delivery = table.add_delivery(row, "crm");
    SettleCall old_fence = fix_for(row, {{"crm", "msg_1", {}, std::nullopt}});
    old_fence.fence += 1;
    old_fence.events = {event_of("CA1", "found")};
    SettleCall unseen = fix_for(row, {{"crm", "msg_1", {}, std::nullopt}});
    unseen.seen_events_count = 0;
    unseen.events = {event_of("CA1", "found")};
    SettleCall twice = fix_for(row, {{"crm", "a", {}, std::nullopt}, {"crm", "b", {}, {}}});
    SettleCall bare = fix_for(row, {{"crm", "msg_1", {}, std::nullopt}});
    std::get<SettleCall::Fix>(bare.then).body.clear();
    SettleCall not_late = fix_for(row, {});
    not_late.then = SettleCall::NoteLate{};
    const std::vector<std::pair<StoreOp, Errc>> cases{
        {AppendEvent{event_of({}, "x")}, Errc::invalid_input},
        {old_fence, Errc::conflict},
        {unseen, Errc::conflict},
        {twice, Errc::invalid_input},
        {bare, Errc::invalid_input},
        {not_late, Errc::conflict},
        {ReleaseCall{"CA1", row.lease.fence + 1}, Errc::conflict},
        {ReleaseCall{"CA9", 1}, Errc::not_found},
        {FinishAttempt{delivery.delivery.id, 7, Attempt{}, FinishAttempt::Accept{}},
         Errc::conflict},
        {FinishAttempt{99, 1, Attempt{}, FinishAttempt::Accept{}}, Errc::not_found},
        {Unpark{delivery.delivery.id, t0}, Errc::conflict},
    };
    for (std::size_t i = 0; i < cases.size(); ++i) {
        const auto outcomes = run({cases[i].first});
        ASSERT_FALSE(outcomes[0]) << i;
        EXPECT_EQ(outcomes[0].error().code, cases[i].second) << i;
    }
    EXPECT_EQ(only_call().call, only_call().stored->call);
    EXPECT_EQ(only_call().lease.until, only_call().stored->lease.until);
    EXPECT_FALSE(only_call().is_progress_known);
    EXPECT_TRUE(only_call().arrived.empty());
    ASSERT_EQ(rows.deliveries().size(), 1U);
    EXPECT_EQ(rows.deliveries()[0].delivery, rows.deliveries()[0].stored->delivery);
    EXPECT_TRUE(rows.deliveries()[0].new_attempts.empty());
}

// ---- What an append makes due ----

// Fixes a record that says how many events there were, and whose name was handed to us.
class Fixer final : public DueCallSettler {
public:
    std::optional<SettleCall> settle(ClaimedCall due,
                                     const std::function<CallMetadata(MetadataKey)>& own,
                                     UtcTime now) override {
        seen.push_back(due);
        if (leaves) return std::nullopt;
        SettleCall answer;
        answer.call_id = due.call.id;
        answer.fence = due.fence;
        answer.seen_events_count = due.call.events_count;
        answer.name = own({due.call.id, {}, "+61412345678"}).contact_name;
        answer.is_over = true;
        if (now < puts_back_to) {
            answer.then = SettleCall::Reschedule{puts_back_to};
            return answer;
        }
        answer.then = SettleCall::Fix{{},
                                      "{\"events\":" + std::to_string(due.events.size()) + "}",
                                      {{"crm", "msg_1", {}, seconds{30}}}};
        return answer;
    }

    std::optional<milliseconds> keep_claim() override { return keeps_for; }

    bool leaves = false;
    std::optional<milliseconds> keeps_for;
    UtcTime puts_back_to{};
    std::vector<ClaimedCall> seen;
};

TEST_F(StoreRules, what_an_append_makes_due_is_answered_with_it) {
    CallRow& row = table.add_call("CA1");
    table.add_event(row, "a");
    table.events[1].push_back({1, EventKind::twilio_status, t0, false, "{}"});
    table.contacts["+61412345678"] = {"+61412345678", "Ann"};
    Fixer fixer;
    // The name comes with the same batch.
    const auto outcomes =
        run({PutContact{{"+61412345678", "Bob"}}, AppendEvent{event_of("CA1", "b"), &fixer}});
    const auto& appended = std::get<Appended>(*outcomes[1]);
    ASSERT_EQ(fixer.seen.size(), 1U);
    EXPECT_EQ(fixer.seen[0].events.size(), 2U);
    ASSERT_TRUE(appended.settled);
    EXPECT_FALSE(appended.is_due);
    ASSERT_EQ(appended.settled->claimed.size(), 1U);
    EXPECT_EQ(appended.settled->claimed[0].delivery.body, R"({"events":2})");
    const WorkingCall& call = only_call();
    EXPECT_EQ(call.call.state, CallState::delivering);
    EXPECT_EQ(call.call.name, "Bob");
    EXPECT_EQ(call.fixed_record, R"({"events":2})");
    EXPECT_EQ(call.call.due_at, std::nullopt);
    EXPECT_EQ(call.lease.until, std::nullopt);
    EXPECT_EQ(rows.deliveries().front().lease.until, t0 + seconds{30});
    EXPECT_EQ(rows.deliveries().front().attempt_started_at, t0);
}

TEST_F(StoreRules, a_call_can_be_put_back_by_the_append_that_made_it_due) {
    Fixer fixer;
    fixer.puts_back_to = t0 + seconds{5};
    const auto outcomes = run({AppendEvent{event_of("CA1", "a"), &fixer}});
    const auto& appended = std::get<Appended>(*outcomes[0]);
    EXPECT_TRUE(appended.settled);
    EXPECT_FALSE(appended.is_due);
    EXPECT_EQ(only_call().call.due_at, t0 + seconds{5});
    EXPECT_EQ(only_call().call.state, CallState::settling);
    EXPECT_EQ(only_call().lease.until, std::nullopt);
}

TEST_F(StoreRules, what_needs_more_than_is_here_is_due_as_before) {
    Fixer fixer;
    fixer.leaves = true;
    const auto outcomes = run({AppendEvent{event_of("CA1", "a"), &fixer}});
    const auto& appended = std::get<Appended>(*outcomes[0]);
    EXPECT_EQ(fixer.seen.size(), 1U);
    EXPECT_FALSE(appended.settled);
    EXPECT_TRUE(appended.is_due);
    EXPECT_EQ(only_call().lease.fence, 0);
    EXPECT_EQ(only_call().lease.until, std::nullopt);
    EXPECT_TRUE(rows.deliveries().empty());
}

TEST_F(StoreRules, what_needs_more_than_is_here_is_claimed_with_its_event) {
    Fixer fixer;
    fixer.leaves = true;
    fixer.keeps_for = seconds{120};
    const auto outcomes =
        run({AppendEvent{event_of("CA1", "a"), &fixer}, AppendEvent{event_of("CA1", "b"), &fixer}});
    const auto& appended = std::get<Appended>(*outcomes[0]);
    ASSERT_EQ(fixer.seen.size(), 1U);
    EXPECT_TRUE(appended.is_claimed);
    EXPECT_FALSE(appended.is_due);
    EXPECT_FALSE(appended.settled);
    EXPECT_EQ(only_call().lease.fence, fixer.seen[0].fence);
    EXPECT_EQ(only_call().lease.until, t0 + seconds{120});
    // The next one of the batch finds it held, and the holder is to be told.
    EXPECT_FALSE(std::get<Appended>(*outcomes[1]).is_claimed);
    EXPECT_TRUE(std::get<Appended>(*outcomes[1]).is_due);
    EXPECT_EQ(only_call().lease.fence, 1);
}

TEST_F(StoreRules, an_append_answers_for_nobody_who_holds_the_call) {
    add_claimed("CA1");
    Fixer fixer;
    const auto outcomes = run({AppendEvent{event_of("CA1", "a"), &fixer}});
    EXPECT_TRUE(fixer.seen.empty());
    EXPECT_TRUE(std::get<Appended>(*outcomes[0]).is_due);
    EXPECT_EQ(only_call().lease.fence, 1);
}

TEST_F(StoreRules, an_append_does_not_settle_before_its_time) {
    Fixer fixer;
    NewEvent event = event_of("CA1", "a");
    event.due_at = t0 + seconds{1};
    run({AppendEvent{event, &fixer}});
    EXPECT_TRUE(fixer.seen.empty());
    EXPECT_EQ(only_call().call.due_at, t0 + seconds{1});
}

// ---- Deliveries ----

TEST_F(StoreRules, a_calls_state_follows_all_its_deliveries) {
    CallRow& row = table.add_call("CA1", CallState::delivering);
    row.call.settled_at = t0;
    DeliveryRow& crm = table.add_delivery(row, "crm");
    begin_claim(crm, t0, seconds{30});
    DeliveryRow& lake = table.add_delivery(row, "lake");
    begin_claim(lake, t0, seconds{30});
    run({FinishAttempt{1, 1, Attempt{}, FinishAttempt::Accept{}}});
    EXPECT_EQ(only_call().call.state, CallState::delivering);
    run({FinishAttempt{2, 1, Attempt{}, FinishAttempt::Park{ParkReason::rejected}}});
    EXPECT_EQ(only_call().call.state, CallState::parked);
    EXPECT_EQ(only_call().call.parked, ParkReason::rejected);
    run({Unpark{2, t0}});
    EXPECT_EQ(only_call().call.state, CallState::delivering);
    EXPECT_EQ(table.delivery_loads, 1);
}

TEST_F(StoreRules, a_slice_of_a_sweep_sees_what_the_batch_changed_before) {
    for (const char* id : {"CA1", "CA2", "CA3"}) {
        CallRow& row = table.add_call(id, CallState::delivering);
        row.call.settled_at = t0;
        begin_claim(table.add_delivery(row, "crm"), t0, seconds{30});
    }
    const auto outcomes = run({FinishAttempt{1, 1, Attempt{}, FinishAttempt::Accept{}},
                               SetDestination{"crm", DestinationState::gone, t0, 1}});
    EXPECT_TRUE(std::get<Swept>(*outcomes[1]).has_more);
    EXPECT_EQ(rows.find("CA1")->call.state, CallState::delivered);
    EXPECT_EQ(rows.find("CA2")->call.parked, ParkReason::destination_gone);
    EXPECT_EQ(rows.find("CA3")->call.state, CallState::delivering);
    run({SweepDestination{"crm", 1}, SweepDestination{"crm", 1}});
    EXPECT_EQ(rows.find("CA3")->call.parked, ParkReason::destination_gone);
    EXPECT_FALSE(rows.destinations().find("crm")->second.sweep);
}

// ---- Claims and counters ----

TEST(ClaimRules, a_claim_moves_the_fence_and_remembers_an_attempt_without_an_end) {
    DeliveryRow row;
    row.delivery.due_at = t0;
    begin_claim(row, t0, seconds{30});
    EXPECT_EQ(row.lease.fence, 1);
    EXPECT_EQ(row.unresolved_since, std::nullopt);
    EXPECT_EQ(wakes_at(row), t0 + seconds{30});
    EXPECT_TRUE(refuse_claim(row, t0 + seconds{29}));
    EXPECT_FALSE(refuse_claim(row, t0 + seconds{30}));
    begin_claim(row, t0 + seconds{30}, seconds{30});
    begin_claim(row, t0 + seconds{60}, seconds{30});
    EXPECT_EQ(row.lease.fence, 3);
    EXPECT_EQ(row.unresolved_since, t0);
    EXPECT_EQ(row.attempt_started_at, t0 + seconds{60});
    EXPECT_FALSE(row.lease.is_held_by(2));
    EXPECT_TRUE(row.lease.is_held_by(3));
}

TEST(ClaimRules, a_void_lease_makes_due_what_was_due_at_any_time) {
    CallRow row;
    row.call.due_at = t0 + seconds{60};
    row.is_touched = true;
    begin_claim(row, t0, seconds{120});
    EXPECT_FALSE(row.is_touched);
    void_lease(row, t0);
    EXPECT_EQ(wakes_at(row), t0);
    row.call.due_at.reset();
    begin_claim(row, t0, seconds{120});
    EXPECT_EQ(wakes_at(row), std::nullopt);
    void_lease(row, t0);
    EXPECT_EQ(row.call.due_at, std::nullopt);
    row.call.state = CallState::merged;
    EXPECT_EQ(refuse_claim(row, t0)->code, Errc::conflict);
}

TEST_F(StoreRules, counters_change_by_what_the_batch_changed) {
    const CallRow row = add_claimed("CA1");
    Attempt unknown;
    unknown.outcome = AttemptOutcome::unknown;
    run({AppendEvent{event_of("CA2", "a")},
         fix_for(row, {{"crm", "msg_1", {}, seconds{30}}, {"lake", "msg_2", {}, {}}}),
         FinishAttempt{1, 1, unknown, FinishAttempt::Park{ParkReason::unknown_outcome}}});
    const CounterChanges changes = counter_changes(rows);
    EXPECT_EQ(changes.calls,
              (std::map<CallState, std::int64_t>{{CallState::open, 0}, {CallState::parked, 1}}));
    EXPECT_EQ(changes.parked,
              (std::map<ParkReason, std::int64_t>{{ParkReason::unknown_outcome, 1}}));
    using Of = std::pair<DeliveryState, std::string_view>;
    EXPECT_EQ(changes.deliveries,
              (std::map<Of, std::int64_t>{{Of{DeliveryState::pending, "lake"}, 1},
                                          {Of{DeliveryState::parked, "crm"}, 1}}));
    EXPECT_EQ(changes.unknown_outcomes, 1);
    EXPECT_EQ(changes.late_conflicts, 0);
}

}  // namespace
}  // namespace wrapup
