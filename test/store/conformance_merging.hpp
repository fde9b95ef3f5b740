#pragma once

// Calls that turn out to be one, by what the settler found or by metadata.

namespace wrapup {

TEST_P(StoreConformance, a_conversation_found_by_the_settler_is_merged_before_the_record) {
    append(word_of("conv_1", "a"));
    append(event_of("CA1", "b"));
    SettleCall op = answer_to(claim("CA1"));
    op.progress.twilio_asked_at = t0;
    op.conversation_id = "conv_1";
    op.then = fix_of();
    const Settled settled = settle(op);

    EXPECT_TRUE(settled.is_joined);
    EXPECT_TRUE(settled.is_due);
    EXPECT_TRUE(settled.delivery_ids.empty());
    EXPECT_EQ(identity("conv_1"), "CA1");
    EXPECT_EQ(story("CA1").call.record, "");
    EXPECT_EQ(story("CA1").call.progress.twilio_asked_at, t0);
    EXPECT_EQ(story("CA1").events.size(), 2U);
    op = answer_to(store->claim_calls(t0, lease, 1)->at(0));
    op.conversation_id = "conv_1";
    op.then = fix_of();
    EXPECT_FALSE(settle(op).is_joined);
    EXPECT_NE(story("CA1").call.record, "");
}

TEST_P(StoreConformance, a_call_sid_found_by_the_settler_becomes_the_identity) {
    append(word_of("conv_1", "a"));
    SettleCall op = answer_to(claim("conv_1"));
    op.events = {word_of("conv_1", "b", "CA1")};
    op.then = fix_of();
    EXPECT_TRUE(settle(op).is_joined);
    EXPECT_EQ(identity("conv_1"), "CA1");
    EXPECT_EQ(story("CA1").events.size(), 2U);
    EXPECT_EQ(story("CA1").call.due_at, t0);
    EXPECT_EQ(append(event_of("CA1", "c")).call_id, "CA1");
}

TEST_P(StoreConformance, a_call_joins_the_conversation_whose_record_is_fixed) {
    append(word_of("conv_1", "a"));
    SettleCall op = answer_to(claim("conv_1"));
    op.then = fix_of();
    settle(op);
    append(event_of("CA1", "b"));
    op = answer_to(claim("CA1"));
    op.events = {word_of("conv_1", "c")};
    op.then = fix_of();
    EXPECT_TRUE(settle(op).is_joined);
    EXPECT_EQ(identity("CA1"), "conv_1");
    EXPECT_EQ(story("conv_1").deliveries.size(), 1U);
    EXPECT_EQ(story("conv_1").events.size(), 3U);
    EXPECT_EQ(story("conv_1").call.due_at, t0);
    EXPECT_TRUE(story("CA1").deliveries.empty());
}

// Metadata that names the conversation of a call that is over already.
TEST_P(StoreConformance, metadata_merges_the_halves_of_a_call_that_is_over) {
    const auto name = [&](const std::string& call_sid, const std::string& conversation_id) {
        CallMetadata metadata;
        metadata.conversation_id = conversation_id;
        ASSERT_TRUE(commit_one(PutMetadata{call_sid, metadata, t0}));
    };
    const auto wait = [&](const std::string& id) {
        SettleCall op = answer_to(claim(id));
        op.is_over = true;
        op.ended_at = t0;
        op.then = SettleCall::Reschedule{t0 + lease};
        settle(op);
    };
    // Neither has a record, and both are looked after by somebody.
    append(event_of("CA1", "a"));
    wait("CA1");
    append(word_of("conv_1", "b"));
    wait("conv_1");
    SettleCall late = answer_to(claim("conv_1", t0 + lease));
    name("CA1", "conv_1");
    EXPECT_EQ(identity("conv_1"), "CA1");
    EXPECT_EQ(story("CA1").events.size(), 2U);
    EXPECT_LE(story("CA1").call.due_at, t0 + lease);
    late.then = fix_of();
    EXPECT_EQ(refusal(late, t0 + lease), Errc::conflict);
    // The conversation has one.
    append(event_of("CA2", "a"));
    wait("CA2");
    append(word_of("conv_2", "b"));
    SettleCall op = answer_to(claim("conv_2"));
    op.then = fix_of();
    settle(op);
    name("CA2", "conv_2");
    EXPECT_EQ(identity("CA2"), "conv_2");
    EXPECT_EQ(story("conv_2").call.due_at, t0);
    // The call has one; the conversation's first word came before the metadata, or comes after.
    make_fixed("CA3");
    append(word_of("conv_3", "b"));
    name("CA3", "conv_3");
    make_fixed("CA4");
    name("CA4", "conv_4");
    append(word_of("conv_4", "b"));
    for (const char* const number : {"3", "4"}) {
        const std::string call_sid = std::string("CA") + number;
        EXPECT_EQ(identity(std::string("conv_") + number), call_sid);
        EXPECT_EQ(story(call_sid).deliveries.size(), 1U);
        EXPECT_TRUE(story(call_sid).events.back().is_late);
        EXPECT_FALSE(story(call_sid).call.is_late_conflict);
    }
    // Both have one: nothing can be unsent, but it is told.
    make_fixed("CA5");
    append(word_of("conv_5", "b"));
    op = answer_to(claim("conv_5"));
    op.then = fix_of();
    settle(op);
    name("CA5", "conv_5");
    EXPECT_EQ(identity("conv_5"), "conv_5");
    EXPECT_TRUE(story("CA5").call.is_late_conflict);
}

// It may be somebody else's: what the settler knows by the end decides.
TEST_P(StoreConformance, metadata_merges_no_conversation_with_another_number) {
    NewEvent word = word_of("conv_1", "a");
    word.to = "+14155559901";
    append(word);
    SettleCall op = answer_to(claim("conv_1"));
    op.then = SettleCall::Reschedule{t0 + seconds{5}};
    settle(op);
    NewEvent status = event_of("CA1", "b");
    status.to = "+14155550001";
    append(status);
    op = answer_to(claim("CA1"));
    op.ended_at = t0;
    op.then = SettleCall::Reschedule{t0 + seconds{5}};
    settle(op);
    CallMetadata metadata;
    metadata.conversation_id = "conv_1";
    ASSERT_TRUE(commit_one(PutMetadata{"CA1", metadata, t0}));
    EXPECT_EQ(identity("conv_1"), "conv_1");
    EXPECT_EQ(identity("CA1"), "CA1");
}

// Whoever named the conversation was wrong: each call keeps its own record.
TEST_P(StoreConformance, a_call_does_not_join_a_conversation_with_another_number) {
    for (const bool is_fixed : {true, false}) {
        const std::string conversation_id = is_fixed ? "conv_1" : "conv_2";
        const std::string call_sid = is_fixed ? "CA1" : "CA2";
        NewEvent word = word_of(conversation_id, "a");
        word.to = "+14155559901";
        append(word);
        SettleCall op = answer_to(claim(conversation_id));
        if (is_fixed) op.then = fix_of();
        if (!is_fixed) op.then = SettleCall::Reschedule{t0 + seconds{5}};
        settle(op);
        NewEvent status = event_of(call_sid, "b");
        status.to = "+14155550001";
        append(status);
        op = answer_to(claim(call_sid));
        op.conversation_id = conversation_id;
        op.then = fix_of();
        EXPECT_FALSE(settle(op).is_joined);
        EXPECT_EQ(identity(call_sid), call_sid);
        EXPECT_EQ(identity(conversation_id), conversation_id);
        EXPECT_EQ(story(call_sid).deliveries.size(), 1U);
    }
}

}  // namespace wrapup
