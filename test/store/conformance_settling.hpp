#pragma once

// Claims of calls and what the settler answers.

namespace wrapup {

TEST_P(StoreConformance, a_claim_shows_the_call_and_hides_it) {
    append(event_of("CA1", "a"));
    append(event_of("CA2", "b", t0 + seconds{1}));
    const auto claimed = store->claim_calls(t0, lease, 10);
    ASSERT_EQ(claimed->size(), 1U);
    EXPECT_EQ(claimed->front().call.id, "CA1");
    EXPECT_EQ(claimed->front().call, story("CA1").call);
    EXPECT_EQ(claimed->front().events, story("CA1").events);
    EXPECT_TRUE(store->claim_calls(t0, lease, 10)->empty());
    const auto taken = store->claim_call("CA1", t0, lease);
    ASSERT_FALSE(taken);
    EXPECT_EQ(taken.error().code, Errc::conflict);
}

TEST_P(StoreConformance, what_is_due_longest_is_claimed_first) {
    append(event_of("CA1", "a", t0 - seconds{1}));
    append(event_of("CA2", "a", t0 - seconds{3}));
    append(event_of("CA3", "a", t0 - seconds{2}));
    const auto first = store->claim_calls(t0, lease, 2);
    ASSERT_EQ(first->size(), 2U);
    EXPECT_EQ((*first)[0].call.id, "CA2");
    EXPECT_EQ((*first)[1].call.id, "CA3");
    EXPECT_EQ(store->claim_calls(t0, lease, 2)->front().call.id, "CA1");
}

TEST_P(StoreConformance, a_call_can_be_claimed_before_it_is_due) {
    append(event_of("CA1", "a", t0 + lease));
    EXPECT_EQ(claim("CA1").call.id, "CA1");
    const auto nobody = store->claim_call("CA9", t0, lease);
    ASSERT_FALSE(nobody);
    EXPECT_EQ(nobody.error().code, Errc::not_found);
}

TEST_P(StoreConformance, whoever_lost_his_lease_cannot_answer) {
    append(event_of("CA1", "a"));
    const ClaimedCall slow = claim("CA1");
    const ClaimedCall fast = claim("CA1", t0 + lease);
    SettleCall op = answer_to(slow);
    op.then = fix_of();
    EXPECT_EQ(refusal(op, t0 + lease), Errc::conflict);
    EXPECT_EQ(refusal(ReleaseCall{"CA1", slow.fence}), Errc::conflict);
    op = answer_to(fast);
    op.then = fix_of();
    EXPECT_EQ(settle(op, t0 + lease).delivery_ids.size(), 1U);
}

TEST_P(StoreConformance, a_lease_that_ran_out_is_good_until_somebody_claims) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    op.then = fix_of();
    EXPECT_EQ(settle(op, t0 + lease + lease).delivery_ids.size(), 1U);
}

TEST_P(StoreConformance, a_claim_is_answered_once) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    op.then = SettleCall::Reschedule{t0 + seconds{5}};
    settle(op);
    EXPECT_EQ(refusal(op), Errc::conflict);
    op.call_id = "CA9";
    EXPECT_EQ(refusal(op), Errc::not_found);
}

TEST_P(StoreConformance, a_released_call_is_due_at_once_and_untouched) {
    append(event_of("CA1", "a", t0 - seconds{5}));
    const CallStory before = story("CA1");
    const ClaimedCall claimed = claim("CA1");
    EXPECT_TRUE(commit_one(ReleaseCall{"CA1", claimed.fence}));
    EXPECT_EQ(story("CA1").call, before.call);
    EXPECT_EQ(store->claim_calls(t0, lease, 10)->size(), 1U);
    EXPECT_EQ(refusal(ReleaseCall{"CA9", 1}), Errc::not_found);

    append(event_of("CA2", "a", t0 + lease));
    const ClaimedCall early = claim("CA2");
    EXPECT_TRUE(commit_one(ReleaseCall{"CA2", early.fence}));
    EXPECT_EQ(story("CA2").call.due_at, t0);
}

TEST_P(StoreConformance, rescheduling_keeps_what_was_found_out) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    op.progress.twilio_asked_at = t0;
    op.progress.conversation_asks_count = 2;
    op.progress.conversation_said = "processing";
    op.metadata = CallMetadata{};
    op.metadata->name = "Ada";
    op.conversation_id = "conv_1";
    op.to = "+61400000001";
    op.campaign = "Spring";
    op.name = "Ada";
    op.ended_at = t0 - seconds{2};
    op.is_over = true;
    op.note = "waiting for the summary";
    op.then = SettleCall::Reschedule{t0 + seconds{2}};
    EXPECT_FALSE(settle(op).is_due);

    const Call call = story("CA1").call;
    EXPECT_EQ(call.state, CallState::settling);
    EXPECT_EQ(call.due_at, t0 + seconds{2});
    EXPECT_EQ(call.progress, op.progress);
    EXPECT_EQ(call.metadata, op.metadata);
    EXPECT_EQ(call.conversation_id, "conv_1");
    EXPECT_EQ(call.to, "+61400000001");
    EXPECT_EQ(call.campaign, "Spring");
    EXPECT_EQ(call.name, "Ada");
    EXPECT_EQ(call.ended_at, t0 - seconds{2});
    EXPECT_EQ(call.note, "waiting for the summary");
    EXPECT_EQ(identity("conv_1"), "CA1");

    SettleCall empty = answer_to(claim("CA1", t0 + seconds{2}));
    empty.then = SettleCall::Reschedule{t0 + seconds{4}};
    settle(empty, t0 + seconds{2});
    const Call after = story("CA1").call;
    EXPECT_EQ(after.to, call.to);
    EXPECT_EQ(after.campaign, call.campaign);
    EXPECT_EQ(after.name, call.name);
    EXPECT_EQ(after.ended_at, call.ended_at);
    EXPECT_EQ(after.metadata, call.metadata);
    EXPECT_EQ(after.note, call.note);
    EXPECT_EQ(after.state, CallState::open);
}

TEST_P(StoreConformance, unseen_events_bring_a_rescheduled_call_back_at_once) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    append(event_of("CA1", "b", t0 + lease));
    op.then = SettleCall::Reschedule{t0 + seconds{30}};
    EXPECT_TRUE(settle(op, t0 + seconds{1}).is_due);
    EXPECT_EQ(story("CA1").call.due_at, t0 + seconds{1});
}

TEST_P(StoreConformance, events_found_by_the_settler_are_not_unseen) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    op.events = {word_of("conv_1", "b"), event_of("CA1", "a")};
    op.then = fix_of();
    EXPECT_EQ(settle(op).delivery_ids.size(), 1U);
    const CallStory told = story("CA1");
    ASSERT_EQ(told.events.size(), 2U);
    EXPECT_FALSE(told.events[1].is_late);
    EXPECT_EQ(told.call.events_count, 2);
    EXPECT_EQ(identity("conv_1"), "CA1");
}

TEST_P(StoreConformance, unseen_events_stop_a_decision) {
    const std::vector<decltype(SettleCall::then)> decisions{fix_of(), SettleCall::Park{},
                                                            SettleCall::Ignore{}};
    for (std::size_t i = 0; i < decisions.size(); ++i) {
        const std::string id = "CA" + std::to_string(i);
        append(event_of(id, "a"));
        SettleCall op = answer_to(claim(id));
        append(event_of(id, "b"));
        const CallStory before = story(id);
        op.note = "must not stay";
        op.events = {event_of(id, "c")};
        op.then = decisions[i];
        EXPECT_EQ(refusal(op), Errc::conflict) << i;
        EXPECT_EQ(story(id).call, before.call) << i;
        EXPECT_EQ(story(id).events, before.events) << i;
    }
}

TEST_P(StoreConformance, metadata_that_came_meanwhile_stops_a_decision) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    EXPECT_TRUE(commit_one(PutMetadata{"CA1", {}, t0}));
    op.then = fix_of();
    EXPECT_EQ(refusal(op), Errc::conflict);
    op.then = SettleCall::Reschedule{t0 + lease};
    EXPECT_TRUE(settle(op).is_due);
    op = answer_to(claim("CA1"));
    op.then = fix_of();
    EXPECT_EQ(settle(op).delivery_ids.size(), 1U);
}

TEST_P(StoreConformance, fixing_makes_the_record_and_its_deliveries) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    op.ended_at = t0 - seconds{7};
    op.note = "summary by webhook";
    op.then = fix_of({"crm", "lake"});
    const Settled settled = settle(op, t0 + seconds{1});

    ASSERT_EQ(settled.delivery_ids.size(), 2U);
    EXPECT_TRUE(settled.claimed.empty());
    const CallStory told = story("CA1");
    EXPECT_EQ(told.call.state, CallState::delivering);
    EXPECT_EQ(told.call.record, fix_of().body);
    EXPECT_EQ(told.call.outcome, Outcome::held);
    EXPECT_EQ(told.call.duration_s, 42);
    EXPECT_EQ(told.call.settled_at, t0 + seconds{1});
    EXPECT_EQ(told.call.due_at, std::nullopt);
    ASSERT_EQ(told.deliveries.size(), 2U);
    const Delivery& delivery = told.deliveries[1].delivery;
    EXPECT_EQ(delivery.id, settled.delivery_ids[1]);
    EXPECT_EQ(delivery.call_id, "CA1");
    EXPECT_EQ(delivery.destination, "lake");
    EXPECT_EQ(delivery.state, DeliveryState::pending);
    EXPECT_EQ(delivery.webhook_id, "msg_1");
    EXPECT_EQ(delivery.body, fix_of().body);
    EXPECT_EQ(delivery.ended_at, t0 - seconds{7});
    EXPECT_EQ(delivery.due_at, t0 + seconds{1});
    EXPECT_FALSE(told.deliveries[1].is_claimed);
}

TEST_P(StoreConformance, a_record_is_fixed_once) {
    make_fixed("CA1");
    append(event_of("CA1", "late"));
    const std::vector<decltype(SettleCall::then)> decisions{fix_of(), SettleCall::Park{},
                                                            SettleCall::Ignore{}};
    for (const auto& then : decisions) {
        SettleCall op = answer_to(claim("CA1"));
        op.then = then;
        EXPECT_EQ(refusal(op), Errc::conflict);
        EXPECT_TRUE(commit_one(ReleaseCall{"CA1", op.fence}));
    }
    EXPECT_EQ(story("CA1").deliveries.size(), 1U);
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
}

TEST_P(StoreConformance, a_fix_that_makes_no_sense_is_refused) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    op.then = fix_of({"crm", "crm"});
    EXPECT_EQ(refusal(op), Errc::invalid_input);
    SettleCall::Fix bare = fix_of();
    bare.body.clear();
    op.then = bare;
    EXPECT_EQ(refusal(op), Errc::invalid_input);
    op.then = SettleCall::NoteLate{};
    EXPECT_EQ(refusal(op), Errc::conflict);
}

TEST_P(StoreConformance, a_fixed_call_can_be_born_parked) {
    SettleCall::Fix fix = fix_of();
    fix.deliveries[0].parked = ParkReason::disabled;
    fix.deliveries[0].lease = lease;
    EXPECT_TRUE(make_fixed("CA1", fix).claimed.empty());
    EXPECT_EQ(story("CA1").call.state, CallState::parked);
    EXPECT_EQ(story("CA1").call.parked, ParkReason::disabled);
    EXPECT_EQ(story("CA1").deliveries[0].delivery.parked, ParkReason::disabled);
    EXPECT_EQ(story("CA1").deliveries[0].delivery.due_at, std::nullopt);
}

TEST_P(StoreConformance, one_delivery_can_be_born_parked_beside_another_that_is_not) {
    SettleCall::Fix fix = fix_of({"crm", "lake"});
    fix.deliveries[0].parked = ParkReason::disabled;
    fix.deliveries[1].lease = lease;
    const Settled settled = make_fixed("CA1", fix);
    ASSERT_EQ(settled.claimed.size(), 1U);
    EXPECT_EQ(settled.claimed[0].delivery.destination, "lake");
    EXPECT_EQ(story("CA1").call.parked, ParkReason::disabled);
    finish({settled.claimed[0].delivery.id, settled.claimed[0].fence,
            attempt_of(AttemptOutcome::accepted, 200), FinishAttempt::Accept{}});
    EXPECT_EQ(story("CA1").deliveries[1].delivery.state, DeliveryState::accepted);
    EXPECT_EQ(story("CA1").call.parked, ParkReason::disabled);
    EXPECT_TRUE(commit_one(Unpark{settled.delivery_ids[0], t0}));
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
}

TEST_P(StoreConformance, a_record_that_no_destination_wants_is_out_of_scope) {
    make_fixed("CA1", fix_of({}));
    CallStory told = story("CA1");
    EXPECT_EQ(told.call.state, CallState::out_of_scope);
    EXPECT_EQ(told.call.record, fix_of().body);
    EXPECT_EQ(told.call.due_at, std::nullopt);
    EXPECT_TRUE(told.deliveries.empty());
    // A later word is late, and makes no second record.
    EXPECT_TRUE(append(event_of("CA1", "late")).is_late);
    SettleCall op = answer_to(claim("CA1"));
    op.then = SettleCall::NoteLate{true};
    settle(op);
    told = story("CA1");
    EXPECT_EQ(told.call.state, CallState::out_of_scope);
    EXPECT_TRUE(told.call.is_late_conflict);
    EXPECT_EQ(told.call.due_at, std::nullopt);
}

TEST_P(StoreConformance, each_delivery_owns_what_it_sends) {
    SettleCall::Fix fix = fix_of({"crm", "lake"});
    fix.deliveries[1].webhook_id = "msg_2";
    fix.deliveries[1].body = "<record/>";
    make_fixed("CA1", fix);
    const CallStory told = story("CA1");
    EXPECT_EQ(told.call.record, fix.body);
    ASSERT_EQ(told.deliveries.size(), 2U);
    EXPECT_EQ(told.deliveries[0].delivery.webhook_id, "msg_1");
    EXPECT_EQ(told.deliveries[0].delivery.body, fix.body);
    EXPECT_EQ(told.deliveries[1].delivery.webhook_id, "msg_2");
    EXPECT_EQ(told.deliveries[1].delivery.body, "<record/>");
    const auto lake = claim_due("lake", t0, lease, 10);
    ASSERT_EQ(lake->size(), 1U);
    EXPECT_EQ(lake->front().delivery, told.deliveries[1].delivery);
    const auto crm = store->claim_delivery(told.deliveries[0].delivery.id, t0, lease);
    ASSERT_TRUE(crm);
    EXPECT_EQ(crm->delivery, told.deliveries[0].delivery);
    finish({crm->delivery.id, crm->fence, attempt_of(AttemptOutcome::refused, 400),
            FinishAttempt::Park{}});
    EXPECT_EQ(story("CA1").deliveries[0].delivery.body, fix.body);
    EXPECT_EQ(story("CA1").deliveries[1].delivery.body, "<record/>");
}

TEST_P(StoreConformance, several_deliveries_can_be_born_claimed) {
    SettleCall::Fix fix = fix_of({"crm", "lake"});
    fix.deliveries[0].lease = lease;
    fix.deliveries[1].lease = lease + lease;
    const Settled settled = make_fixed("CA1", fix);
    ASSERT_EQ(settled.claimed.size(), 2U);
    for (std::size_t i = 0; i < 2; ++i) {
        EXPECT_EQ(settled.claimed[i].delivery, story("CA1").deliveries[i].delivery);
        EXPECT_TRUE(story("CA1").deliveries[i].is_claimed);
    }
}

TEST_P(StoreConformance, a_delivery_can_be_born_claimed) {
    SettleCall::Fix fix = fix_of({"crm", "lake"});
    fix.deliveries[0].lease = lease;
    const Settled settled = make_fixed("CA1", fix);
    ASSERT_EQ(settled.claimed.size(), 1U);
    EXPECT_EQ(settled.claimed[0].delivery.id, settled.delivery_ids[0]);
    EXPECT_EQ(settled.claimed[0].delivery.body, fix.body);
    EXPECT_EQ(settled.claimed[0].unresolved_since, std::nullopt);
    EXPECT_EQ(settled.claimed[0].delivery, story("CA1").deliveries[0].delivery);
    EXPECT_TRUE(story("CA1").deliveries[0].is_claimed);
    EXPECT_TRUE(claim_due("crm", t0, lease, 10)->empty());
    EXPECT_EQ(claim_due("lake", t0, lease, 10)->size(), 1U);
    finish({settled.delivery_ids[0], settled.claimed[0].fence,
            attempt_of(AttemptOutcome::accepted, 200), FinishAttempt::Accept{}});
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
}

TEST_P(StoreConformance, a_parked_or_ignored_call_is_not_due) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    op.then = SettleCall::Park{ParkReason::silent};
    settle(op);
    EXPECT_EQ(story("CA1").call.state, CallState::parked);
    op = answer_to(claim("CA1"));
    op.note = "inbound";
    op.then = SettleCall::Ignore{};
    settle(op);
    EXPECT_EQ(story("CA1").call.state, CallState::out_of_scope);
    EXPECT_EQ(story("CA1").call.parked, std::nullopt);
    EXPECT_EQ(story("CA1").call.note, "inbound");
    EXPECT_TRUE(store->claim_calls(t0 + lease, lease, 10)->empty());
}

TEST_P(StoreConformance, voiding_leases_makes_the_work_due_again) {
    append(event_of("CA1", "a", t0 - seconds{1}));
    append(event_of("CA2", "a", t0 + lease));
    const ClaimedCall held = claim("CA1");
    claim("CA2");
    ASSERT_TRUE(store->void_leases(t0 + seconds{1}));
    EXPECT_EQ(store->claim_calls(t0 + seconds{1}, lease, 10)->size(), 2U);
    SettleCall op = answer_to(held);
    op.then = fix_of();
    EXPECT_EQ(refusal(op), Errc::conflict);
}

TEST_P(StoreConformance, a_call_that_is_settling_is_due_when_leases_are_voided) {
    append(event_of("CA1", "a"));
    SettleCall op = answer_to(claim("CA1"));
    op.is_over = true;
    op.then = SettleCall::Reschedule{t0 + seconds{180}};
    settle(op);
    append(event_of("CA2", "a", t0 + seconds{180}));
    ASSERT_TRUE(store->void_leases(t0 + seconds{1}));
    EXPECT_EQ(story("CA1").call.due_at, t0 + seconds{1});
    EXPECT_EQ(story("CA2").call.due_at, t0 + seconds{180});
}

TEST_P(StoreConformance, what_is_scheduled_keeps_its_wait_when_the_clock_is_set) {
    append(event_of("CA1", "a", t0 + seconds{30}));
    append(event_of("CA2", "a"));
    append(event_of("CA3", "a"));
    SettleCall op = answer_to(claim("CA3"));
    op.then = fix_of();
    const std::int64_t delivery_id = settle(op).delivery_ids.at(0);
    const ClaimedCall held = claim("CA2");
    const seconds by{-3'600};
    ASSERT_TRUE(store->shift_times(by, t0 + by));
    EXPECT_EQ(story("CA1").call.due_at, t0 + by + seconds{30});
    // A time that now lies ahead moves with it; not that of a call with a record.
    EXPECT_EQ(story("CA1").events.at(0).received_at, t0 + by);
    EXPECT_EQ(story("CA3").events.at(0).received_at, t0);
    EXPECT_EQ(story("CA3").deliveries.at(0).delivery.due_at, t0 + by);
    EXPECT_EQ(delivery_id, story("CA3").deliveries.at(0).delivery.id);
    // The lease lasts as long as it would have, and its holder has not lost it.
    EXPECT_EQ(store->claim_calls(t0 + by + lease - seconds{1}, lease, 10)->size(), 1U);
    SettleCall answer = answer_to(held);
    answer.then = SettleCall::Park{};
    settle(answer);
    const seconds on{7'200};
    ASSERT_TRUE(store->shift_times(on, t0 + by + on));
    EXPECT_EQ(story("CA1").call.due_at, t0 + by + on + seconds{30});
    EXPECT_EQ(story("CA1").events.at(0).received_at, t0 + by + on);
    EXPECT_EQ(story("CA3").events.at(0).received_at, t0);
}

TEST_P(StoreConformance, the_next_call_due_counts_leases) {
    EXPECT_EQ(*store->next_call_due(), std::nullopt);
    append(event_of("CA1", "a", t0 + seconds{5}));
    EXPECT_EQ(*store->next_call_due(), t0 + seconds{5});
    claim("CA1", t0 + seconds{5});
    EXPECT_EQ(*store->next_call_due(), t0 + seconds{5} + lease);
    append(event_of("CA2", "a", t0 + seconds{30}));
    EXPECT_EQ(*store->next_call_due(), t0 + seconds{30});
}

}  // namespace wrapup
