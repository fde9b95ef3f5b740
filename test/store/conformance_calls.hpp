#pragma once

// Appending, repeats, merging, late events.

namespace wrapup {

TEST_P(StoreConformance, an_event_makes_its_call) {
    NewEvent event = event_of("CA1", "ringing", t0 + seconds{5});
    event.to = "+61 400 000 001";
    const Appended appended = append(event);

    EXPECT_EQ(appended.call_id, "CA1");
    EXPECT_TRUE(appended.is_new_call);
    EXPECT_FALSE(appended.is_repeat);
    EXPECT_FALSE(appended.is_due);
    const CallStory told = story("CA1");
    EXPECT_EQ(told.call.state, CallState::open);
    EXPECT_EQ(told.call.call_sid, "CA1");
    EXPECT_EQ(told.call.to, "+61 400 000 001");
    EXPECT_EQ(told.call.due_at, t0 + seconds{5});
    EXPECT_EQ(told.call.first_event_at, t0);
    EXPECT_EQ(told.call.events_count, 1);
    EXPECT_EQ(told.events, (std::vector<StoredEvent>{
                               {1, EventKind::twilio_status, t0, false, "{\"key\":\"ringing\"}"}}));
}

TEST_P(StoreConformance, an_event_without_an_id_is_refused) {
    EXPECT_EQ(refusal(AppendEvent{event_of("", "x")}), Errc::invalid_input);
}

TEST_P(StoreConformance, a_repeat_changes_nothing) {
    append(event_of("CA1", "ringing", t0 + lease));
    const CallStory before = story("CA1");
    NewEvent again = event_of("CA1", "ringing", t0);
    again.received_at = t0 + seconds{9};
    const Appended repeated = append(again, t0 + seconds{9});

    EXPECT_TRUE(repeated.is_repeat);
    EXPECT_FALSE(repeated.is_new_call);
    EXPECT_FALSE(repeated.is_due);
    EXPECT_EQ(repeated.call_id, "CA1");
    EXPECT_EQ(story("CA1").call, before.call);
    EXPECT_EQ(story("CA1").events, before.events);
}

TEST_P(StoreConformance, the_same_key_at_another_call_is_no_repeat) {
    append(event_of("CA1", "completed"));
    EXPECT_FALSE(append(event_of("CA2", "completed")).is_repeat);
}

TEST_P(StoreConformance, an_event_moves_the_due_time_forward_only) {
    append(event_of("CA1", "a", t0 + seconds{50}));
    append(event_of("CA1", "b", t0 + seconds{20}));
    EXPECT_EQ(story("CA1").call.due_at, t0 + seconds{20});
    append(event_of("CA1", "c", t0 + seconds{90}));
    EXPECT_EQ(story("CA1").call.due_at, t0 + seconds{20});
    EXPECT_TRUE(append(event_of("CA1", "d", t0)).is_due);
}

TEST_P(StoreConformance, a_call_that_is_not_ours_waits_for_nothing) {
    NewEvent event = event_of("CA1", "a");
    event.is_ours = false;
    EXPECT_FALSE(append(event).is_due);
    EXPECT_EQ(story("CA1").call.state, CallState::out_of_scope);
    EXPECT_EQ(story("CA1").call.due_at, std::nullopt);
    event.dedup_key = "b";
    append(event);
    EXPECT_EQ(story("CA1").call.state, CallState::out_of_scope);

    EXPECT_TRUE(append(event_of("CA1", "c")).is_due);
    EXPECT_EQ(story("CA1").call.state, CallState::open);
    EXPECT_EQ(story("CA1").events.size(), 3U);
}

TEST_P(StoreConformance, a_silent_call_comes_back_with_a_word_of_ours) {
    for (const ParkReason reason : {ParkReason::silent, ParkReason::unlinked}) {
        const std::string id = "CA" + std::string(to_string(reason));
        append(event_of(id, "a"));
        SettleCall op = answer_to(claim(id));
        op.then = SettleCall::Park{reason};
        settle(op);
        EXPECT_EQ(story(id).call.parked, reason);
        EXPECT_EQ(story(id).call.due_at, std::nullopt);

        NewEvent other = event_of(id, "b");
        other.is_ours = false;
        append(other);
        EXPECT_EQ(story(id).call.state, CallState::parked);
        append(event_of(id, "c", t0 + seconds{3}));
        EXPECT_EQ(story(id).call.state, CallState::open);
        EXPECT_EQ(story(id).call.parked, std::nullopt);
        EXPECT_EQ(story(id).call.due_at, t0 + seconds{3});
    }
}

TEST_P(StoreConformance, a_conversation_alone_is_a_call_of_its_own) {
    EXPECT_TRUE(append(word_of("conv_1", "a")).is_new_call);
    EXPECT_EQ(append(word_of("conv_1", "b")).call_id, "conv_1");
    EXPECT_EQ(story("conv_1").call.conversation_id, "conv_1");
    EXPECT_EQ(story("conv_1").call.call_sid, "");
}

TEST_P(StoreConformance, an_event_with_both_ids_links_them) {
    append(word_of("conv_1", "a", "CA1"));
    EXPECT_EQ(identity("conv_1"), "CA1");
    EXPECT_EQ(append(word_of("conv_1", "b")).call_id, "CA1");
    EXPECT_EQ(append(event_of("CA1", "c")).call_id, "CA1");
    EXPECT_EQ(story("CA1").call.conversation_id, "conv_1");
    EXPECT_EQ(story("CA1").events.size(), 3U);
}

TEST_P(StoreConformance, a_linked_conversation_stays_where_it_is) {
    append(word_of("conv_1", "a", "CA1"));
    EXPECT_EQ(append(word_of("conv_1", "b", "CA2")).call_id, "CA2");
    EXPECT_EQ(identity("conv_1"), "CA1");
    EXPECT_EQ(append(word_of("conv_1", "c")).call_id, "CA1");
}

TEST_P(StoreConformance, halves_of_a_call_are_merged_under_the_call_sid) {
    append(word_of("conv_1", "a"));
    append(event_of("CA1", "b", t0 + seconds{9}));
    const Appended joined = append(word_of("conv_1", "c", "CA1"));

    EXPECT_EQ(joined.call_id, "CA1");
    EXPECT_FALSE(joined.is_new_call);
    EXPECT_TRUE(joined.is_due);
    const CallStory told = story("CA1");
    EXPECT_EQ(told.call.state, CallState::open);
    EXPECT_EQ(told.call.conversation_id, "conv_1");
    EXPECT_EQ(told.call.events_count, 3);
    ASSERT_EQ(told.events.size(), 3U);
    EXPECT_EQ(told.events[0].payload, "{\"key\":\"b\"}");
    EXPECT_EQ(told.events[1].payload, "{\"key\":\"a\"}");
    EXPECT_EQ(told.events[2].seq, 3);
    const Call gone = story("conv_1").call;
    EXPECT_EQ(gone.state, CallState::merged);
    EXPECT_EQ(gone.merged_into, "CA1");
    EXPECT_EQ(gone.due_at, std::nullopt);
    EXPECT_EQ(identity("conv_1"), "CA1");
}

TEST_P(StoreConformance, a_conversation_is_merged_into_a_call_sid_not_seen_before) {
    append(word_of("conv_1", "a"));
    const Appended joined = append(word_of("conv_1", "b", "CA1"));
    EXPECT_EQ(joined.call_id, "CA1");
    EXPECT_FALSE(joined.is_new_call);
    EXPECT_EQ(story("CA1").events.size(), 2U);
    EXPECT_EQ(identity("conv_1"), "CA1");
}

TEST_P(StoreConformance, merging_drops_repeats) {
    append(word_of("conv_1", "same"));
    append(event_of("CA1", "same"));
    EXPECT_TRUE(append(word_of("conv_1", "same", "CA1")).is_repeat);
    EXPECT_EQ(story("CA1").events.size(), 1U);
    EXPECT_EQ(identity("conv_1"), "CA1");
}

TEST_P(StoreConformance, merging_keeps_what_the_settler_knew) {
    append(word_of("conv_1", "a"));
    SettleCall op = answer_to(claim("conv_1"));
    op.progress.twilio_asked_at = t0;
    op.is_over = true;
    op.then = SettleCall::Reschedule{t0 + seconds{30}};
    settle(op);
    append(word_of("conv_1", "b", "CA1"));
    EXPECT_EQ(story("CA1").call.progress.twilio_asked_at, t0);
    EXPECT_EQ(story("CA1").call.state, CallState::settling);
}

TEST_P(StoreConformance, merging_takes_the_claim_away) {
    append(word_of("conv_1", "a"));
    append(event_of("CA1", "b"));
    const ClaimedCall of_conversation = claim("conv_1");
    const ClaimedCall of_sid = claim("CA1");
    append(word_of("conv_1", "c", "CA1"));

    SettleCall lost = answer_to(of_conversation);
    lost.then = fix_of();
    EXPECT_EQ(refusal(lost), Errc::conflict);
    SettleCall unaware = answer_to(of_sid);
    unaware.then = fix_of();
    EXPECT_EQ(refusal(unaware), Errc::conflict);
    const auto merged = store->claim_call("conv_1", t0, lease);
    ASSERT_FALSE(merged);
    EXPECT_EQ(merged.error().code, Errc::conflict);
}

TEST_P(StoreConformance, a_fixed_record_keeps_its_identity) {
    append(word_of("conv_1", "a"));
    SettleCall op = answer_to(claim("conv_1"));
    op.then = fix_of();
    settle(op);
    append(event_of("CA1", "b"));
    const Appended joined = append(word_of("conv_1", "c", "CA1"));

    EXPECT_EQ(joined.call_id, "conv_1");
    EXPECT_TRUE(joined.is_late);
    EXPECT_EQ(story("CA1").call.state, CallState::merged);
    const CallStory told = story("conv_1");
    EXPECT_EQ(told.call.state, CallState::delivering);
    EXPECT_EQ(told.call.call_sid, "CA1");
    ASSERT_EQ(told.events.size(), 3U);
    EXPECT_FALSE(told.events[0].is_late);
    EXPECT_TRUE(told.events[1].is_late);
    EXPECT_EQ(told.call.due_at, t0);
    EXPECT_EQ(append(event_of("CA1", "d")).call_id, "conv_1");
}

TEST_P(StoreConformance, a_fixed_conversation_takes_in_a_call_sid_not_seen_before) {
    append(word_of("conv_1", "a"));
    SettleCall op = answer_to(claim("conv_1"));
    op.then = fix_of();
    settle(op);
    EXPECT_EQ(append(word_of("conv_1", "b", "CA1")).call_id, "conv_1");
    EXPECT_TRUE(append(event_of("CA1", "c")).is_late);
    EXPECT_EQ(identity("CA1"), "conv_1");
}

TEST_P(StoreConformance, two_fixed_records_stay_two) {
    append(word_of("conv_1", "a"));
    SettleCall op = answer_to(claim("conv_1"));
    op.then = fix_of();
    settle(op);
    make_fixed("CA1");
    EXPECT_EQ(append(word_of("conv_1", "c", "CA1")).call_id, "CA1");
    EXPECT_EQ(story("conv_1").call.state, CallState::delivering);
    EXPECT_EQ(story("CA1").call.state, CallState::delivering);
}

// Whoever named the conversation was wrong: each call keeps its own record.
TEST_P(StoreConformance, a_call_does_not_join_a_conversation_of_another_time) {
    using std::chrono::hours;
    const auto settle_as_ended = [&](const std::string& id, UtcTime ended_at, seconds length) {
        SettleCall op = answer_to(claim(id));
        if (id != "conv_1") op.conversation_id = "conv_1";
        op.ended_at = ended_at;
        SettleCall::Fix fix = fix_of();
        fix.record.duration_s = length.count();
        op.then = std::move(fix);
        return settle(op).is_joined;
    };
    append(word_of("conv_1", "a"));
    settle_as_ended("conv_1", t0 - hours{3}, seconds{60});
    append(event_of("CA1", "b"));
    EXPECT_FALSE(settle_as_ended("CA1", t0, hours{1}));
    append(event_of("CA2", "c"));
    EXPECT_FALSE(settle_as_ended("CA2", t0 - hours{6}, hours{1}));
    for (const char* const id : {"CA1", "CA2"}) {
        EXPECT_EQ(identity(id), id);
        EXPECT_EQ(story(id).deliveries.size(), 1U);
    }
    // The agent handed the call on.
    append(event_of("CA3", "d"));
    EXPECT_TRUE(settle_as_ended("CA3", t0, hours{4}));
    EXPECT_EQ(identity("CA3"), "conv_1");
}

TEST_P(StoreConformance, a_conversation_is_merged_late_into_a_fixed_call) {
    make_fixed("CA1");
    append(word_of("conv_1", "a"));
    EXPECT_EQ(append(word_of("conv_1", "b", "CA1")).call_id, "CA1");
    EXPECT_EQ(story("conv_1").call.state, CallState::merged);
    EXPECT_EQ(story("CA1").events.size(), 3U);
    EXPECT_TRUE(story("CA1").events[1].is_late);
    EXPECT_EQ(story("CA1").call.due_at, t0);
}

TEST_P(StoreConformance, a_late_event_is_kept_and_looked_at) {
    make_fixed("CA1");
    const UtcTime later = t0 + seconds{100};
    const Appended appended = append(event_of("CA1", "b", later + lease), later);
    EXPECT_TRUE(appended.is_late);
    EXPECT_TRUE(appended.is_due);
    const CallStory told = story("CA1");
    EXPECT_TRUE(told.events[1].is_late);
    EXPECT_EQ(told.call.state, CallState::delivering);
    EXPECT_EQ(told.call.due_at, later);

    const auto claimed = store->claim_calls(later, lease, 10);
    ASSERT_EQ(claimed->size(), 1U);
    SettleCall op = answer_to(claimed->front());
    op.then = SettleCall::NoteLate{true};
    settle(op, later);
    EXPECT_TRUE(story("CA1").call.is_late_conflict);
    EXPECT_EQ(story("CA1").call.due_at, std::nullopt);
}

TEST_P(StoreConformance, a_late_event_during_a_late_look_asks_for_another) {
    make_fixed("CA1");
    append(event_of("CA1", "b"));
    SettleCall op = answer_to(claim("CA1"));
    append(event_of("CA1", "c"));
    op.then = SettleCall::NoteLate{};
    EXPECT_TRUE(settle(op).is_due);
    EXPECT_EQ(story("CA1").call.due_at, t0);
    EXPECT_FALSE(story("CA1").call.is_late_conflict);
}

TEST_P(StoreConformance, operations_of_a_batch_stand_for_themselves) {
    const std::vector<StoreOp> ops{AppendEvent{event_of("CA1", "a")},
                                   AppendEvent{event_of("", "b")}, Unpark{77, t0},
                                   AppendEvent{event_of("CA1", "c")}};
    const auto outcomes = store->commit(ops, t0);
    ASSERT_TRUE(outcomes);
    ASSERT_EQ(outcomes->size(), 4U);
    EXPECT_TRUE((*outcomes)[0]);
    EXPECT_EQ((*outcomes)[1].error().code, Errc::invalid_input);
    EXPECT_EQ((*outcomes)[2].error().code, Errc::not_found);
    EXPECT_FALSE(std::get<Appended>(*(*outcomes)[3]).is_new_call);
    EXPECT_EQ(story("CA1").events.size(), 2U);
    EXPECT_TRUE(store->commit({}, t0)->empty());
}

TEST_P(StoreConformance, bytes_are_kept_as_they_are) {
    NewEvent event = event_of("CA1", std::string("a\0b'", 4));
    event.payload = std::string("{\"x\":\"\0'\"}", 11);
    append(event);
    EXPECT_EQ(story("CA1").events[0].payload, event.payload);
    EXPECT_TRUE(append(event).is_repeat);
}

}  // namespace wrapup
