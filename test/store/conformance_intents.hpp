#pragma once

// Intents: what a store keeps of calls that we were asked to place.

#include "test/store_conformance.hpp"

namespace wrapup {

class StoreIntents : public StoreConformance {
protected:
    static Intent intent_of(char letter, const std::string& to) {
        Intent intent;
        intent.id = std::string(32, letter);
        intent.to = to;
        intent.from = "+15005550006";
        intent.name = "Ada";
        intent.campaign_name = "Spring";
        intent.timeout_s = 30;
        intent.not_after = t0 + std::chrono::hours{1};
        return intent;
    }
    IntentOutcome put(const Intent& intent, std::int64_t attempts_max = 0, UtcTime now = t0) {
        PutIntent op{intent, attempts_max, now - std::chrono::hours{24}};
        const auto outcome = commit_one(std::move(op), now);
        EXPECT_TRUE(outcome) << outcome.error().detail;
        return outcome ? std::get<IntentOutcome>(*outcome) : IntentOutcome{};
    }
    IntentOutcome advance(char letter, IntentNews news, UtcTime now = t0) {
        const auto outcome =
            commit_one(AdvanceIntent{std::string(32, letter), std::move(news)}, now);
        EXPECT_TRUE(outcome) << outcome.error().detail;
        return outcome ? std::get<IntentOutcome>(*outcome) : IntentOutcome{};
    }
    Intent read(char letter) {
        const auto found = store->find_intent(std::string(32, letter));
        EXPECT_TRUE(found);
        return found ? *found : Intent{};
    }
    static std::string sid(char letter) { return "CA" + std::string(32, letter); }
    static constexpr const char* ada = "+61413052898";
    static constexpr const char* bob = "+61413052899";
};

TEST_P(StoreIntents, keeps_what_it_was_given) {
    Intent intent = intent_of('a', ada);
    intent.variables = R"({"order":"4711"})";
    intent.idempotency_key = "key";
    intent.request_hash = "hash";
    intent.list_id = "list";
    intent.not_before = t0 + seconds{5};
    const Intent made = put(intent).intent;
    EXPECT_EQ(made.due_at, t0 + seconds{5});
    EXPECT_EQ(made.version, 1);
    EXPECT_EQ(read('a'), made);
    EXPECT_EQ(store->find_intent("nobody").error().code, Errc::not_found);
}

TEST_P(StoreIntents, one_at_a_time_holds_a_number) {
    put(intent_of('a', ada));
    EXPECT_EQ(put(intent_of('b', ada)).refusal, IntentRefusal::already_open);
    EXPECT_EQ(put(intent_of('c', bob)).refusal, IntentRefusal::none);
    advance('a', CancelWanted{});
    EXPECT_EQ(put(intent_of('b', ada)).refusal, IntentRefusal::none);
}

TEST_P(StoreIntents, a_number_on_the_do_not_call_list_is_not_asked_for) {
    ASSERT_TRUE(commit_one(PutDoNotCall{{{ada, "asked us to stop", "api", t0}}}));
    EXPECT_EQ(put(intent_of('a', ada)).refusal, IntentRefusal::do_not_call);
    EXPECT_EQ(put(intent_of('b', bob)).refusal, IntentRefusal::none);
    ASSERT_TRUE(commit_one(DropDoNotCall{ada}));
    EXPECT_EQ(put(intent_of('a', ada)).refusal, IntentRefusal::none);
}

TEST_P(StoreIntents, a_number_is_listed_in_its_countrys_other_spelling_too) {
    const std::string mobile = "+5491123456789";
    put(intent_of('a', mobile));
    ASSERT_TRUE(commit_one(PutDoNotCall{{{"+541123456789", "", "api", t0}}}));
    EXPECT_EQ(read('a').reason, "do_not_call");
    EXPECT_EQ(put(intent_of('b', mobile)).refusal, IntentRefusal::do_not_call);
    ASSERT_TRUE(commit_one(DropDoNotCall{"+541123456789"}));
    EXPECT_EQ(put(intent_of('b', mobile)).refusal, IntentRefusal::none);
}

TEST_P(StoreIntents, a_number_that_came_onto_the_list_is_not_rung_and_gets_no_agent) {
    put(intent_of('a', ada));
    put(intent_of('b', bob));
    advance('b', BeginAsking{});
    ASSERT_TRUE(commit_one(PutDoNotCall{{{ada, "", "api", t0}, {bob, "", "api", t0}}}));
    EXPECT_EQ(read('a').state, IntentState::refused);
    EXPECT_EQ(read('a').reason, "do_not_call");
    EXPECT_EQ(advance('a', BeginAsking{}).step.kind, IntentStep::Kind::ignored);
    const IntentOutcome answered = advance('b', CallAnswered{sid('1')});
    EXPECT_EQ(answered.step.kind, IntentStep::Kind::hung_up);
    EXPECT_EQ(answered.step.why, "do_not_call");
    EXPECT_EQ(answered.intent.owner_sid, "");
    const auto story = store->find_story(sid('1'));
    ASSERT_TRUE(story) << story.error().detail;
    ASSERT_EQ(story->events.size(), 1U);
    EXPECT_EQ(story->events[0].kind, EventKind::placing_no_agent);
    EXPECT_EQ(story->events[0].payload,
              R"({"intent":")" + answered.intent.id + R"(","reason":"do_not_call"})");
    // Twilio asks again: it is the same story.
    advance('b', CallAnswered{sid('1')});
    EXPECT_EQ(store->find_story(sid('1'))->events.size(), 1U);
}

TEST_P(StoreIntents, a_number_that_is_listed_while_it_rings_is_to_be_cancelled_at_once) {
    put(intent_of('a', ada));
    advance('a', BeginAsking{});
    advance('a', TwilioAccepted{sid('1'), "queued"});
    put(intent_of('b', bob));
    const UtcTime later = t0 + seconds{3};
    ASSERT_TRUE(commit_one(PutDoNotCall{{{"0061 413 052 898", "", "api", later}}}, later));
    EXPECT_TRUE(read('a').is_cancel_wanted);
    EXPECT_EQ(read('a').cancel_reason, "do_not_call");
    EXPECT_EQ(read('a').due_at, later);
    EXPECT_FALSE(read('b').is_cancel_wanted);
    advance('a', CallHeard{sid('1'), CallStatus::canceled, {}}, later);
    EXPECT_EQ(read('a').state, IntentState::cancelled);
    EXPECT_EQ(read('a').reason, "do_not_call");
}

TEST_P(StoreIntents, who_opts_out_in_another_call_is_not_rung_on) {
    // Each of the ways in which the number of an opt-out comes to be known.
    const std::array<std::string, 5> numbers{"+61413052801", "+61413052802", "+61413052803",
                                             "+61413052804", "+61413052805"};
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        const char letter = static_cast<char>('a' + i);
        put(intent_of(letter, numbers[i]));
        advance(letter, BeginAsking{});
        advance(letter, TwilioAccepted{sid(letter), "queued"});
    }
    NewEvent told = opt_out_of("conv_1", "CA1");
    told.to = numbers[0];
    EXPECT_TRUE(commit_one(AppendEvent{told}));
    EXPECT_TRUE(commit_one(AppendEvent{opt_out_of("conv_2", "CA2")}));
    CallMetadata metadata;
    metadata.to = numbers[1];
    EXPECT_TRUE(commit_one(PutMetadata{"CA2", metadata, t0}));
    EXPECT_TRUE(commit_one(AppendEvent{opt_out_of("conv_3", "CA3")}));
    SettleCall found = answer_to(claim("CA3"));
    found.to = numbers[2];
    found.then = SettleCall::Reschedule{t0 + lease};
    settle(found, t0);
    EXPECT_TRUE(commit_one(AppendEvent{opt_out_of("conv_4", "CA4")}));
    NewEvent status = event_of("CA4", "k1");
    status.to = numbers[3];
    EXPECT_TRUE(commit_one(AppendEvent{status}));
    EXPECT_TRUE(commit_one(AppendEvent{opt_out_of("conv_5")}));
    status = event_of("CA5", "k2");
    status.to = numbers[4];
    EXPECT_TRUE(commit_one(AppendEvent{status}));
    EXPECT_FALSE(read('e').is_cancel_wanted);
    EXPECT_TRUE(commit_one(AppendEvent{word_of("conv_5", "k3", "CA5")}));
    for (std::size_t i = 0; i < numbers.size(); ++i) {
        EXPECT_EQ(read(static_cast<char>('a' + i)).cancel_reason, "do_not_call") << i;
    }
}

TEST_P(StoreIntents, who_talks_when_the_number_is_listed_goes_on_talking) {
    put(intent_of('a', ada));
    advance('a', BeginAsking{});
    const Intent talking = advance('a', CallAnswered{sid('1')}).intent;
    ASSERT_TRUE(commit_one(PutDoNotCall{{{ada, "", "api", t0}}}));
    EXPECT_EQ(read('a'), talking);
    EXPECT_TRUE(*store->is_do_not_call(ada));
}

TEST_P(StoreIntents, a_number_that_is_asked_for_and_listed_in_one_batch_is_not_rung) {
    const std::vector<StoreOp> ops{PutIntent{intent_of('a', ada)},
                                   PutDoNotCall{{{ada, "", "api", t0}}},
                                   PutIntent{intent_of('b', ada)}};
    const auto outcomes = store->commit(ops, t0);
    ASSERT_TRUE(outcomes) << outcomes.error().detail;
    EXPECT_EQ(std::get<IntentOutcome>(*(*outcomes)[2]).refusal, IntentRefusal::do_not_call);
    EXPECT_EQ(read('a').state, IntentState::refused);
}

TEST_P(StoreIntents, a_number_changes_hands_within_a_batch) {
    put(intent_of('a', ada));
    const std::vector<StoreOp> ops{AdvanceIntent{std::string(32, 'a'), CancelWanted{}},
                                   PutIntent{intent_of('b', ada)}, PutIntent{intent_of('c', ada)}};
    const auto outcomes = store->commit(ops, t0);
    ASSERT_TRUE(outcomes) << outcomes.error().detail;
    EXPECT_EQ(std::get<IntentOutcome>(*(*outcomes)[1]).refusal, IntentRefusal::none);
    EXPECT_EQ(std::get<IntentOutcome>(*(*outcomes)[2]).refusal, IntentRefusal::already_open);
}

TEST_P(StoreIntents, a_repeated_request_is_answered_as_the_first) {
    Intent intent = intent_of('a', ada);
    intent.idempotency_key = "key";
    intent.request_hash = "hash";
    put(intent);
    intent.id = std::string(32, 'b');
    const IntentOutcome repeat = put(intent);
    EXPECT_TRUE(repeat.is_repeat);
    EXPECT_EQ(repeat.intent.id, std::string(32, 'a'));
    intent.request_hash = "another";
    EXPECT_EQ(put(intent).refusal, IntentRefusal::key_reused);
    EXPECT_EQ(store->find_intent(std::string(32, 'b')).error().code, Errc::not_found);
}

TEST_P(StoreIntents, an_operation_that_is_repeated_makes_one) {
    put(intent_of('a', ada));
    EXPECT_TRUE(put(intent_of('a', ada)).is_repeat);
    EXPECT_EQ(store->list_intents({})->intents.size(), 1U);
}

TEST_P(StoreIntents, counts_attempts_of_a_day) {
    const auto place_and_end = [&](char letter, UtcTime now) {
        ASSERT_EQ(put(intent_of(letter, ada), 2, now).refusal, IntentRefusal::none);
        advance(letter, BeginAsking{}, now);
        advance(letter, CallHeard{sid(letter), CallStatus::busy, {}}, now);
    };
    Intent late = intent_of('d', ada);
    late.not_after = t0 + std::chrono::hours{48};
    place_and_end('a', t0);
    place_and_end('b', t0 + seconds{60});
    EXPECT_EQ(put(intent_of('c', ada), 2, t0 + seconds{120}).refusal,
              IntentRefusal::too_many_attempts);
    EXPECT_EQ(put(intent_of('e', bob), 2, t0 + seconds{120}).refusal, IntentRefusal::none);
    EXPECT_EQ(put(late, 2, t0 + std::chrono::hours{24} + seconds{30}).refusal, IntentRefusal::none);
}

TEST_P(StoreIntents, what_twilio_refused_is_no_attempt_and_what_may_have_rung_is_one) {
    const auto refuse = [&](char letter) {
        ASSERT_EQ(put(intent_of(letter, ada), 1).refusal, IntentRefusal::none);
        advance(letter, BeginAsking{});
        advance(letter, PlacingRefused{"twilio", "check the token", 20003});
    };
    refuse('a');
    refuse('b');
    // In one batch.
    const PutIntent again{intent_of('c', ada), 1, t0 - std::chrono::hours{24}};
    PutIntent next = again;
    next.intent.id = std::string(32, 'd');
    const std::string c = again.intent.id;
    const std::vector<StoreOp> ops{again, AdvanceIntent{c, BeginAsking{}},
                                   AdvanceIntent{c, PlacingRefused{"twilio", "", 21215}}, next};
    const auto outcomes = store->commit(ops, t0);
    ASSERT_TRUE(outcomes) << outcomes.error().detail;
    EXPECT_EQ(std::get<IntentOutcome>(*(*outcomes)[3]).refusal, IntentRefusal::none);
    advance('d', BeginAsking{});
    advance('d', AnswerLost{});
    advance('d', PlacingParked{});
    advance('d', CancelWanted{});
    EXPECT_EQ(put(intent_of('e', ada), 1).refusal, IntentRefusal::too_many_attempts);
    // Twilio said no, and its call came out.
    ASSERT_EQ(put(intent_of('f', bob), 1).refusal, IntentRefusal::none);
    advance('f', BeginAsking{});
    advance('f', PlacingRefused{"twilio", "", 21215});
    advance('f', CallHeard{sid('f'), CallStatus::ringing, {}});
    EXPECT_EQ(put(intent_of('g', bob), 1).refusal, IntentRefusal::too_many_attempts);
}

TEST_P(StoreIntents, a_call_gets_the_metadata_when_it_becomes_known) {
    put(intent_of('a', ada));
    advance('a', BeginAsking{});
    advance('a', CallHeard{sid('1'), CallStatus::ringing, {}});
    const std::vector<MetadataKey> keys{{sid('1'), {}, ada, false, true}};
    const auto known = store->own_metadata(keys);
    ASSERT_TRUE(known);
    EXPECT_EQ(known->front().name, "Ada");
    EXPECT_EQ(known->front().campaign_name, "Spring");
    advance('a', CallAnswered{sid('1')});
    advance('a', AgentGiven{"conv_1", {}, {}, 1});
    EXPECT_EQ(store->own_metadata(keys)->front().conversation_id, "conv_1");
    const auto owner = store->find_intent_of_call(sid('1'));
    ASSERT_TRUE(owner && *owner);
    EXPECT_EQ((*owner)->id, std::string(32, 'a'));
    EXPECT_EQ(*store->find_intent_of_call(sid('2')), std::nullopt);
}

TEST_P(StoreIntents, ends_with_its_call_whoever_told_of_the_end) {
    put(intent_of('a', ada));
    advance('a', BeginAsking{});
    advance('a', TwilioAccepted{sid('1'), "queued"});
    const auto hear = [&](char letter, std::optional<CallStatus> status) {
        NewEvent event = event_of(sid(letter), status ? "event" : "other event");
        event.to = ada;
        append(event);
        SettleCall op = answer_to(claim(sid(letter)));
        op.is_over = true;
        op.twilio_status = status;
        op.then = SettleCall::Reschedule{t0};
        settle(op);
    };
    hear('2', CallStatus::busy);  // Another program's call to the same number.
    hear('1', std::nullopt);      // Somebody else says that it is over.
    EXPECT_EQ(read('a').state, IntentState::placed);
    EXPECT_EQ(put(intent_of('b', ada)).refusal, IntentRefusal::already_open);
    hear('1', CallStatus::busy);
    EXPECT_EQ(read('a').state, IntentState::ended);
    EXPECT_EQ(read('a').call_status, "busy");
    EXPECT_EQ(*store->count_intents_under_way(), 0);
    EXPECT_EQ(put(intent_of('b', ada)).refusal, IntentRefusal::none);
}

TEST_P(StoreIntents, ends_with_the_record_of_its_call) {
    put(intent_of('a', ada));
    advance('a', BeginAsking{});
    advance('a', CallAnswered{sid('1')});
    NewEvent webhook = event_of(sid('1'), "webhook");
    webhook.to = ada;
    append(webhook);
    SettleCall op = answer_to(claim(sid('1')));
    op.is_over = true;
    SettleCall::Fix fix;
    fix.record.status = Outcome::voicemail;
    fix.body = "{}";
    op.then = std::move(fix);
    settle(op);
    EXPECT_EQ(read('a').state, IntentState::ended);
    EXPECT_EQ(read('a').call_status, "completed");
    EXPECT_TRUE(is_machine(read('a').answered_by));
}

TEST_P(StoreIntents, refuses_what_is_not_there_or_has_moved) {
    EXPECT_EQ(refusal(AdvanceIntent{std::string(32, 'a'), BeginAsking{}}), Errc::not_found);
    put(intent_of('a', ada));
    advance('a', BeginAsking{});
    EXPECT_EQ(refusal(AdvanceIntent{std::string(32, 'a'), NotFoundYet{}, 1}), Errc::conflict);
    EXPECT_EQ(refusal(AdvanceIntent{std::string(32, 'a'), BeginAsking{}}), Errc::conflict);
    EXPECT_EQ(read('a').version, 2);
}

TEST_P(StoreIntents, lists_what_is_due_under_way_first) {
    put(intent_of('a', ada));
    put(intent_of('b', bob));
    Intent later = intent_of('c', "+61413052800");
    later.not_before = t0 + seconds{60};
    put(later);
    EXPECT_EQ(*store->next_intent_due(), t0);
    advance('b', BeginAsking{});
    const UtcTime look_at = *read('b').due_at;
    EXPECT_EQ(*store->count_intents_under_way(), 1);
    const auto due = store->due_intents(look_at, 10);
    ASSERT_TRUE(due);
    ASSERT_EQ(due->size(), 2U);
    EXPECT_EQ(due->front().id, std::string(32, 'b'));
    EXPECT_EQ(store->due_intents(look_at, 1)->size(), 1U);
    EXPECT_TRUE(store->due_intents(t0 - seconds{1}, 10)->empty());
}

TEST_P(StoreIntents, lists_newest_first_by_pages) {
    put(intent_of('a', ada));
    put(intent_of('b', bob));
    put(intent_of('c', "+61413052800"));
    advance('b', CancelWanted{});
    IntentFilter filter;
    filter.limit = 2;
    const auto page = store->list_intents(filter);
    ASSERT_TRUE(page);
    ASSERT_EQ(page->intents.size(), 2U);
    EXPECT_EQ(page->intents.front().id, std::string(32, 'c'));
    filter.cursor = page->next_cursor;
    const auto rest = store->list_intents(filter);
    ASSERT_EQ(rest->intents.size(), 1U);
    EXPECT_EQ(rest->next_cursor, "");
    filter = {};
    filter.state = IntentState::cancelled;
    EXPECT_EQ(store->list_intents(filter)->intents.size(), 1U);
    filter = {};
    filter.to = ada;
    EXPECT_EQ(store->list_intents(filter)->intents.front().id, std::string(32, 'a'));
    filter.cursor = "x";
    EXPECT_EQ(store->list_intents(filter).error().code, Errc::invalid_input);
}

}  // namespace wrapup
