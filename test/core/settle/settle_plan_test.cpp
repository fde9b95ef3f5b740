#include "core/explain.hpp"
#include "domain/sample_call.hpp"
#include "test/core/settle/settle_plan_fixture.hpp"

namespace wrapup {
namespace {

TEST_F(SettlePlan, a_summary_settles_at_once) {
    facts.summary = "They talked.";
    EXPECT_TRUE(fixes(t0));
}

TEST_F(SettlePlan, a_conversation_without_a_summary_settles_at_once) {
    facts.is_conversation_over = true;
    EXPECT_TRUE(fixes(t0));
}

TEST_F(SettlePlan, a_call_nobody_took_never_waits_for_a_summary) {
    for (const CallStatus status :
         {CallStatus::busy, CallStatus::no_answer, CallStatus::failed, CallStatus::canceled}) {
        facts.duration_s = 0;
        facts.answered_by.clear();
        ends(status, Authority::callback);
        EXPECT_TRUE(fixes(t0)) << to_string(status);
    }
}

TEST_F(SettlePlan, a_sample_asks_nobody_and_says_what_it_is) {
    progress.metadata_resolved_at.reset();
    facts.answered_by.clear();
    metadata.name = "Ada";
    EXPECT_FALSE(fixes(t0));
    facts.call_sid = sample_call_sid("0123456789abcde", false);
    EXPECT_TRUE(fixes(t0));
    const Record record = make_record(facts, metadata);
    EXPECT_EQ(record.subject, sample_subject);
    EXPECT_EQ(record.name, sample_subject);
    EXPECT_EQ(record.summary, sample_summary);
    EXPECT_EQ(record.status, Outcome::held);
}

TEST_F(SettlePlan, an_answered_call_without_an_agent_never_waits_for_a_summary) {
    facts.no_agent = "agent_timeout";
    EXPECT_TRUE(fixes(t0));
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::held);
    EXPECT_EQ(make_record(facts, metadata).summary,
              no_agent_summary(Outcome::held, "", "agent_timeout"));
    facts.answered_by = "machine_start";
    EXPECT_TRUE(fixes(t0));
    EXPECT_EQ(make_record(facts, metadata).summary,
              no_agent_summary(Outcome::voicemail, "", "agent_timeout"));
}

// Twilio's word on whether anybody took it counts.
TEST_F(SettlePlan, a_call_that_nobody_took_is_told_so_whatever_was_said_of_its_agent) {
    facts.no_agent = "agent_timeout";
    facts.answered_by.clear();
    ends(CallStatus::no_answer, Authority::callback);
    EXPECT_EQ(make_record(facts, metadata).summary, "The call was not answered.");
}

TEST_F(SettlePlan, a_completed_call_of_no_length_leaves_at_once) {
    facts.duration_s = 0;
    facts.answered_by.clear();
    EXPECT_TRUE(fixes(t0));
}

TEST_F(SettlePlan, voicemail_waits_for_its_summary) {
    facts.answered_by = "machine_start";
    EXPECT_EQ(waits_until(t0), t0 + seconds{1});
}

TEST_F(SettlePlan, polls_at_1_2_4_8_15_30_and_then_every_30_seconds) {
    UtcTime now = t0;
    for (const int offset_s : {1, 2, 4, 8, 15, 30, 60, 90, 120, 150}) {
        now = waits_until(now);
        EXPECT_EQ(now, t0 + seconds{offset_s});
        ASSERT_TRUE(asks_conversation(now));
        note_conversation(progress, ConversationReply::pending, "processing", {}, now);
    }
}

TEST_F(SettlePlan, what_waits_for_elevenlabs_alone_is_told_apart) {
    const auto polls = [&](UtcTime now) {
        return polls_of({facts, progress, metadata}, policy, now);
    };
    ASSERT_TRUE(polls(t0));
    EXPECT_EQ(polls(t0)->next_at, t0 + seconds{1});
    // In time for whoever does not know of the polls.
    EXPECT_EQ(polls(t0)->look_at, t0 + seconds{165});
    // Due, and it waits for its turn.
    ASSERT_TRUE(polls(t0 + seconds{5}));
    EXPECT_EQ(polls(t0 + seconds{5})->next_at, t0 + seconds{5});
    EXPECT_FALSE(polls(t0 + seconds{165}));
    policy.can_ask_elevenlabs = false;
    EXPECT_FALSE(polls(t0));
    policy.can_ask_elevenlabs = true;
    // Twilio is asked for the duration as well.
    facts.duration_s.reset();
    EXPECT_FALSE(polls(t0));
}

TEST_F(SettlePlan, polls_missed_while_busy_are_one_poll) {
    ASSERT_TRUE(asks_conversation(t0 + seconds{20}));
    note_conversation(progress, ConversationReply::pending, "404", {}, t0 + seconds{20});
    EXPECT_EQ(waits_until(t0 + seconds{20}), t0 + seconds{30});
}

TEST_F(SettlePlan, is_patient_when_told_so) {
    note_conversation(progress, ConversationReply::pending, "429", t0 + seconds{20},
                      t0 + seconds{1});
    EXPECT_EQ(waits_until(t0 + seconds{2}), t0 + seconds{20});
}

TEST_F(SettlePlan, the_record_leaves_at_the_deadline) {
    const UtcTime deadline = t0 + seconds{180};
    note_conversation(progress, ConversationReply::pending, "processing", {},
                      deadline - milliseconds{1});
    EXPECT_FALSE(fixes(deadline - milliseconds{1}));
    EXPECT_TRUE(fixes(deadline));
}

TEST_F(SettlePlan, a_restart_gives_the_summary_another_30_seconds) {
    policy.process_started_at = t0 + hours{3};
    EXPECT_FALSE(fixes(t0 + hours{3} + seconds{29}));
    EXPECT_TRUE(fixes(t0 + hours{3} + seconds{30}));
    // And it is asked for early in them.
    EXPECT_TRUE(asks_conversation(t0 + hours{3} + seconds{1}));
}

TEST_F(SettlePlan, a_deadline_that_passed_while_nobody_could_look_gives_it_another_30_seconds) {
    const UtcTime deadline = t0 + seconds{180};
    const UtcTime now = deadline + seconds{60};
    note_absence(progress, facts, t0 + seconds{8}, policy, now);
    EXPECT_FALSE(fixes(now));
    EXPECT_TRUE(asks_conversation(now + seconds{1}));
    EXPECT_TRUE(fixes(now + seconds{30}));
    // Once: it was asked about since, and is due at its deadline.
    note_conversation(progress, ConversationReply::pending, "processing", {}, now + seconds{1});
    const SettleProgress before = progress;
    note_absence(progress, facts, now + seconds{30}, policy, now + minutes{10});
    EXPECT_EQ(progress, before);
}

TEST_F(SettlePlan, a_deadline_that_passed_before_its_turn_to_be_asked_gives_it_another_30_seconds) {
    const UtcTime deadline = t0 + seconds{180};
    const UtcTime now = deadline + seconds{60};
    SettleProgress asked = progress;
    note_conversation(asked, ConversationReply::pending, "processing", {}, t0 + seconds{150});
    SettleProgress refused = progress;
    refused.was_conversation_refused = true;
    for (SettleProgress each : {asked, refused}) {
        const SettleProgress before = each;
        note_absence(each, facts, deadline, policy, now);
        EXPECT_EQ(each, before);
    }
    note_absence(progress, facts, deadline, policy, now);
    EXPECT_TRUE(asks_conversation(now + seconds{1}));
    EXPECT_TRUE(fixes(now + seconds{30}));
}

TEST_F(SettlePlan, a_call_that_is_looked_at_in_time_has_its_deadline) {
    const UtcTime deadline = t0 + seconds{180};
    note_absence(progress, facts, deadline, policy, deadline + seconds{1});
    note_absence(progress, facts, deadline - seconds{1}, policy, deadline + seconds{1});
    note_absence(progress, facts, t0, policy, deadline - seconds{1});
    note_absence(progress, facts, std::nullopt, policy, deadline + minutes{10});
    EXPECT_EQ(summary_deadline(facts, progress, policy), deadline);
    progress.metadata_resolved_at.reset();
    note_absence(progress, facts, t0, policy, deadline + minutes{10});
    EXPECT_EQ(progress, SettleProgress{});
}

TEST_F(SettlePlan, metadata_that_came_late_gives_it_30_seconds_too) {
    progress.metadata_resolved_at = t0 + minutes{9};
    EXPECT_EQ(summary_deadline(facts, progress, policy), t0 + minutes{9} + seconds{30});
}

TEST_F(SettlePlan, a_shorter_wait_is_also_the_shortest) {
    policy.summary_wait = seconds{2};
    policy.process_started_at = t0 + hours{1};
    EXPECT_EQ(summary_deadline(facts, progress, policy), t0 + hours{1} + seconds{2});
}

TEST_F(SettlePlan, an_end_in_the_future_is_not_believed) {
    facts.ended_at = t0 + hours{5};
    EXPECT_EQ(summary_deadline(facts, progress, policy), t0 + seconds{180});
}

TEST_F(SettlePlan, a_refused_key_waits_for_the_webhook_or_settles) {
    note_conversation(progress, ConversationReply::refused, "401", {}, t0 + seconds{1});
    EXPECT_EQ(waits_until(t0 + seconds{1}), t0 + seconds{61});
    EXPECT_EQ(waits_until(t0 + seconds{150}), t0 + seconds{180});
    policy.awaits_webhook = false;
    EXPECT_TRUE(fixes(t0 + seconds{1}));
}

TEST_F(SettlePlan, a_start_may_have_another_key) {
    note_conversation(progress, ConversationReply::refused, "401", {}, t0 + seconds{1});
    policy.process_started_at = t0 + seconds{100};
    EXPECT_TRUE(asks_conversation(t0 + seconds{110}));
    note_conversation(progress, ConversationReply::refused, "401", {}, t0 + seconds{110});
    EXPECT_EQ(waits_until(t0 + seconds{120}), t0 + seconds{180});
    policy.process_started_at = t0 + seconds{130};
    EXPECT_TRUE(asks_conversation(t0 + seconds{140}));
    note_conversation(progress, ConversationReply::pending, "processing", {}, t0 + seconds{140});
    EXPECT_FALSE(progress.was_conversation_refused);
}

TEST_F(SettlePlan, without_key_and_secret_it_settles_at_once) {
    policy.can_ask_elevenlabs = false;
    EXPECT_EQ(waits_until(t0), t0 + seconds{180});
    policy.awaits_webhook = false;
    EXPECT_TRUE(fixes(t0));
}

TEST_F(SettlePlan, asks_for_the_conversation_that_is_known) {
    metadata.conversation_id = "conv_meta";
    EXPECT_EQ(std::get<AskConversation>(plan(t0 + seconds{1})).conversation_id, "conv_meta");
    facts.conversation_id = "conv_webhook";
    EXPECT_EQ(std::get<AskConversation>(plan(t0 + seconds{1})).conversation_id, "conv_webhook");
}

TEST_F(SettlePlan, asks_twilio_once_who_answered) {
    facts.answered_by.clear();
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0)));
    note_twilio(progress, TwilioReply::failed, "HTTP 503", t0);
    EXPECT_EQ(waits_until(t0), t0 + seconds{1});
    facts.summary = "They talked.";
    EXPECT_TRUE(fixes(t0)) << "a Twilio in trouble holds nothing";
}

TEST_F(SettlePlan, does_not_ask_twilio_what_metadata_knows) {
    facts.answered_by.clear();
    metadata.answered_by = "human";
    EXPECT_FALSE(std::holds_alternative<AskTwilio>(plan(t0)));
}

TEST_F(SettlePlan, a_missing_duration_is_worth_asking_again_until_the_deadline) {
    facts.duration_s.reset();
    facts.summary = "They talked.";
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0)));
    note_twilio(progress, TwilioReply::failed, "HTTP 503", t0);
    EXPECT_EQ(waits_until(t0), t0 + seconds{2});
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0 + seconds{2})));
    EXPECT_TRUE(fixes(t0 + seconds{180}));
}

TEST_F(SettlePlan, without_a_duration_twilio_and_the_conversation_are_asked_side_by_side) {
    facts.duration_s.reset();
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0)));
    SettleQuestion question{facts, progress, metadata};
    question.twilio_asked_at = t0;
    const auto plan_beside = [&](UtcTime now) { return plan_settle(question, policy, now); };
    EXPECT_EQ(std::get<WaitUntil>(plan_beside(t0)).due_at, t0 + seconds{1});
    EXPECT_TRUE(std::holds_alternative<AskConversation>(plan_beside(t0 + seconds{1})));
    // Its duration makes the record, once Twilio had its moment.
    facts.duration_s = 60;
    facts.answered_by.clear();
    facts.summary = "They talked.";
    EXPECT_EQ(std::get<WaitUntil>(plan_beside(t0 + seconds{1})).due_at, t0 + seconds{6});
    EXPECT_TRUE(std::holds_alternative<FixRecord>(plan_beside(t0 + seconds{6})));
}

TEST_F(SettlePlan, an_answer_of_twilio_that_failed_is_asked_for_ever_less_often) {
    facts.duration_s.reset();
    policy.can_ask_elevenlabs = false;
    UtcTime now = t0;
    for (const int gap_s : {2, 4, 8, 16, 30, 30}) {
        EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(now)));
        note_twilio(progress, TwilioReply::failed, "HTTP 503", now);
        EXPECT_EQ(waits_until(now), now + seconds{gap_s});
        now += seconds{gap_s};
    }
}

TEST_F(SettlePlan, a_conversation_told_to_be_over_is_fetched_at_once) {
    facts.terminal.reset();
    facts.conversation_id = "conv_1";
    SettleQuestion question{facts, progress, metadata};
    question.told_over_at = t0;
    EXPECT_EQ(std::get<AskConversation>(plan_settle(question, policy, t0)).conversation_id,
              "conv_1");
    note_conversation(progress, ConversationReply::pending, "404", {}, t0);
    EXPECT_EQ(std::get<WaitUntil>(plan_settle(question, policy, t0)).due_at, t0 + seconds{1});
    // As long as for a summary; then it is as silent as any other.
    EXPECT_EQ(std::get<WaitUntil>(plan_settle(question, policy, t0 + seconds{180})).due_at,
              t0 + hours{24});
}

TEST_F(SettlePlan, without_a_duration_the_conversation_is_waited_for) {
    facts.duration_s.reset();
    note_twilio(progress, TwilioReply::ended, "completed", t0);
    EXPECT_EQ(waits_until(t0), t0 + seconds{1});
    EXPECT_TRUE(asks_conversation(t0 + seconds{1}));
    EXPECT_TRUE(fixes(t0 + seconds{180}));
    facts.is_conversation_over = true;
    EXPECT_TRUE(fixes(t0));
}

TEST_F(SettlePlan, without_a_duration_a_conversation_makes_the_call_held) {
    facts.duration_s.reset();
    facts.had_conversation = true;
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::held);
    EXPECT_EQ(make_record(facts, metadata).duration_s, 0);
    facts.had_conversation = false;
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::no_connection);
}

TEST_F(SettlePlan, metadata_is_asked_for_first_and_again_for_five_seconds) {
    progress = {};
    UtcTime now = t0;
    for (const int offset_ms : {0, 200, 500, 1000, 2000, 5000}) {
        now = t0 + milliseconds{offset_ms};
        ASSERT_TRUE(std::holds_alternative<AskMetadata>(plan(now))) << offset_ms;
        note_metadata(progress, MetadataReply::not_yet, policy, now);
    }
    EXPECT_EQ(progress.metadata_resolved_at, t0 + seconds{5});
}

TEST_F(SettlePlan, even_a_call_nobody_took_waits_for_its_metadata) {
    progress = {};
    ends(CallStatus::busy, Authority::callback);
    EXPECT_TRUE(std::holds_alternative<AskMetadata>(plan(t0)));
    note_metadata(progress, MetadataReply::found, policy, t0);
    EXPECT_TRUE(fixes(t0));
}

TEST_F(SettlePlan, a_source_that_is_away_is_waited_for_and_then_not) {
    progress = {};
    UtcTime now = t0;
    int asks_count = 0;
    while (!progress.metadata_resolved_at) {
        ASSERT_TRUE(std::holds_alternative<AskMetadata>(plan(now)));
        note_metadata(progress, MetadataReply::away, policy, now);
        if (progress.metadata_next_at) now = *progress.metadata_next_at;
        ASSERT_LT(++asks_count, 100);
    }
    EXPECT_EQ(*progress.metadata_resolved_at, t0 + policy.metadata_wait);
    EXPECT_TRUE(progress.was_metadata_away);
    Call call;
    call.state = CallState::delivered;
    call.progress = progress;
    EXPECT_NE(explain({.call = call}, now).find("metadata source did not answer in time"),
              std::string::npos);
}

TEST_F(SettlePlan, a_source_that_came_back_is_not_said_to_be_away) {
    progress = {};
    note_metadata(progress, MetadataReply::away, policy, t0);
    EXPECT_TRUE(progress.was_metadata_away);
    note_metadata(progress, MetadataReply::found, policy, t0 + seconds{1});
    EXPECT_FALSE(progress.was_metadata_away);
}

TEST_F(SettlePlan, an_open_call_is_silent_a_day_after_its_last_word) {
    facts.terminal.reset();
    EXPECT_EQ(waits_until(t0), t0 + hours{24});
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0 + hours{24})));
    note_twilio(progress, TwilioReply::failed, "HTTP 503", t0 + hours{24});
    EXPECT_EQ(waits_until(t0 + hours{24}), t0 + hours{24} + minutes{10});
    note_twilio(progress, TwilioReply::unknown, "HTTP 404", t0 + hours{25});
    EXPECT_EQ(std::get<ParkCall>(plan(t0 + hours{25})).reason, ParkReason::silent);
}

TEST_F(SettlePlan, twilio_is_asked_about_a_call_whose_end_may_have_been_lost) {
    policy.checks_open_calls = true;
    facts.terminal.reset();
    EXPECT_EQ(waits_until(t0), t0 + seconds{125});
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0 + seconds{125})));
    SettleQuestion question{facts, progress, metadata};
    question.is_answered = true;
    const SettleStep step = plan_settle(question, policy, t0);
    EXPECT_EQ(std::get<WaitUntil>(step).due_at, t0 + minutes{6});
    // Ever more seldom, while it runs or nobody answers.
    UtcTime now = t0 + minutes{6};
    for (const int gap_min : {5, 10, 20, 40, 40}) {
        note_twilio(progress, TwilioReply::failed, "HTTP 503", now);
        now += minutes{gap_min};
        EXPECT_EQ(waits_until(now - seconds{1}), now);
    }
    note_twilio(progress, TwilioReply::unknown, "HTTP 404", now);
    EXPECT_EQ(waits_until(now), t0 + hours{24});
}

TEST_F(SettlePlan, what_twilio_said_of_an_open_call_does_not_tell_who_answered) {
    policy.checks_open_calls = true;
    facts.answered_by.clear();
    note_twilio(progress, TwilioReply::running, "in-progress", t0 - minutes{1});
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0)));
    note_twilio(progress, TwilioReply::failed, "HTTP 503", t0);
    EXPECT_FALSE(std::holds_alternative<AskTwilio>(plan(t0)));
}

TEST_F(SettlePlan, a_call_that_still_runs_after_a_day_is_left_alone_for_another) {
    facts.terminal.reset();
    note_twilio(progress, TwilioReply::running, "in-progress", t0 + hours{24});
    EXPECT_EQ(waits_until(t0 + hours{24}), t0 + hours{48});
}

TEST_F(SettlePlan, without_credentials_a_silent_call_is_parked) {
    facts.terminal.reset();
    policy.can_ask_twilio = false;
    EXPECT_EQ(std::get<ParkCall>(plan(t0 + hours{24})).reason, ParkReason::silent);
}

TEST_F(SettlePlan, inbound_calls_are_ours_only_when_asked_for) {
    facts.direction = Direction::inbound;
    EXPECT_TRUE(std::holds_alternative<IgnoreCall>(plan(t0)));
    policy.accepts_inbound = true;
    EXPECT_FALSE(std::holds_alternative<IgnoreCall>(plan(t0)));
}

TEST_F(SettlePlan, a_person_gets_the_record_now_but_only_of_a_call_that_is_over) {
    progress = {};
    EXPECT_TRUE(std::holds_alternative<FixRecord>(plan(t0, true)));
    facts.terminal.reset();
    EXPECT_TRUE(std::holds_alternative<WaitUntil>(plan(t0, true)));
}

TEST_F(SettlePlan, a_late_summary_contradicts_nothing_and_a_late_status_does) {
    Call fixed;
    fixed.to = facts.to;
    fixed.outcome = Outcome::held;
    fixed.duration_s = 60;
    facts.summary = "Came late.";
    EXPECT_FALSE(contradicts(make_record(facts, metadata), fixed));
    facts.answered_by = "machine_start";
    EXPECT_TRUE(contradicts(make_record(facts, metadata), fixed));
}

TEST_F(SettlePlan, a_story_announces_no_question_that_may_not_be_asked) {
    Call call;
    call.due_at = t0 + seconds{125};
    EXPECT_EQ(explain({.call = call}, t0),
              "The call is not over yet by anybody's word; looked at again in 125s (" +
                  format_rfc3339(t0 + seconds{125}) + ") if nothing comes.");
}

TEST_F(SettlePlan, its_story_is_one_sentence_for_each_state) {
    Call call;
    call.state = CallState::settling;
    call.due_at = t0 + seconds{30};
    call.progress.metadata_resolved_at = t0;
    call.progress.conversation_said = "processing";
    EXPECT_EQ(explain({.call = call}, t0),
              "Waiting for the summary: ElevenLabs last said \"processing\"; looked at again in "
              "30s (" +
                  format_rfc3339(t0 + seconds{30}) + ") at the latest.");
    call.state = CallState::open;
    EXPECT_NE(explain({.call = call}, t0).find("not over yet"), std::string::npos);
    // A final status may be what was said.
    call.due_at = t0;
    EXPECT_EQ(explain({.call = call}, t0), "What was said of the call is looked at now.");
    call.state = CallState::delivered;
    EXPECT_EQ(explain({.call = call}, t0), "The CRM has accepted the record.");
    call.state = CallState::parked;
    call.parked = ParkReason::rejected;
    EXPECT_NE(explain({.call = call, .last_error = "HTTP 422"}, t0).find("HTTP 422"),
              std::string::npos);
    call.state = CallState::delivering;
    Delivery delivery;
    delivery.destination = "crm";
    delivery.attempts_count = 2;
    delivery.due_at = t0 + seconds{5};
    const ExplainInput paused{
        .call = call, .delivery = &delivery, .destination = DestinationState::paused};
    EXPECT_NE(explain(paused, t0).find("paused"), std::string::npos);
    const ExplainInput failed{.call = call, .delivery = &delivery, .last_error = "HTTP 503"};
    EXPECT_NE(explain(failed, t0).find("Attempt 2 failed (HTTP 503); the next one is in 5s"),
              std::string::npos);
}

}  // namespace
}  // namespace wrapup
