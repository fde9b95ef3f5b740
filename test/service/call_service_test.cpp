#include "service/call_service.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

TEST(CallService, an_attempt_under_way_is_the_answer_and_not_one_more_after_it) {
    Workers w;
    w.crm.latency = seconds{5};
    w.crm.answers = {ScriptedCrm::status(503)};
    w.busy(sid_a);
    w.run_for(seconds{1});
    ASSERT_TRUE(w.story(sid_a).deliveries.at(0).is_claimed);
    const auto answer = w.send(sid_a);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->kind, SendNowAnswer::Kind::refused);
    EXPECT_EQ(answer->http_status, 503);
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(CallService, parks_what_is_on_its_way_until_somebody_sends_it) {
    Workers w;
    w.crm.answers = {ScriptedCrm::status(503)};
    w.busy(sid_a);
    w.run_for(milliseconds{100});
    ASSERT_EQ(w.story(sid_a).call.state, CallState::delivering);
    const auto parked = w.await(w.service.park(std::string(sid_a)));
    ASSERT_TRUE(parked.has_value());
    EXPECT_EQ(*parked, 1);
    w.run_for(hours{24});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::given_up);
    EXPECT_EQ(w.story(sid_a).deliveries.at(0).attempts.size(), 1U);
    EXPECT_EQ(w.await(w.service.park(std::string(sid_a))).error().code, Errc::conflict);
    EXPECT_EQ(w.send(sid_a)->kind, SendNowAnswer::Kind::accepted);
    EXPECT_EQ(w.await(w.service.park("CA0")).error().code, Errc::not_found);
}

TEST(CallService, parks_nothing_that_is_being_sent_or_is_not_settled) {
    Workers w;
    w.crm.latency = seconds{5};
    w.busy(sid_a);
    w.completed(sid_number(2));
    w.run_for(seconds{1});
    EXPECT_EQ(w.await(w.service.park(std::string(sid_a))).error().code, Errc::conflict);
    EXPECT_EQ(w.await(w.service.park(sid_number(2))).error().code, Errc::conflict);
    w.run_for(seconds{10});
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST(CallService, of_sends_at_the_same_time_one_is_sent_and_answers_all) {
    Workers w;
    ASSERT_TRUE(w.await(w.service.set_destination("crm", DestinationState::paused)));
    w.busy(sid_a);
    w.run_for(seconds{1});
    w.crm.latency = seconds{1};
    std::vector<SendNowAnswer> answers;
    auto send = [&]() -> Task<void> {
        std::string id(sid_a);
        auto answer = co_await w.service.send_now(std::move(id), SendWhen::settled, SendAgain::yes);
        if (answer) answers.push_back(*std::move(answer));
    };
    for (int i = 0; i < 5; ++i) spawn_root(w.io.get_executor(), send());
    w.run_for(seconds{10});
    ASSERT_EQ(answers.size(), 5U);
    for (const SendNowAnswer& answer : answers) {
        EXPECT_EQ(answer.kind, SendNowAnswer::Kind::accepted);
        EXPECT_FALSE(answer.was_again);
    }
    EXPECT_EQ(w.crm.requests.size(), 1U);
    const std::vector<Attempt> attempts = w.story(sid_a).deliveries[0].attempts;
    ASSERT_EQ(attempts.size(), 1U);
    EXPECT_EQ(attempts[0].outcome, AttemptOutcome::accepted);
    w.crm.latency = {};
    EXPECT_TRUE(w.send(sid_a)->was_again) << "whoever knows that it was accepted may repeat it";
}

TEST(CallService, a_send_that_waits_ends_when_we_stop) {
    Workers w;
    w.crm.latency = seconds{30};
    w.busy(sid_a);
    w.run_for(seconds{1});
    ASSERT_TRUE(w.story(sid_a).deliveries[0].is_claimed);
    std::optional<Result<SendNowAnswer>> answer;
    auto ask = [&]() -> Task<void> {
        std::string id = sid_a;
        answer.emplace(
            co_await w.service.send_now(std::move(id), SendWhen::settled, SendAgain::yes));
    };
    spawn_root(w.io.get_executor(), ask());
    w.run_for(seconds{1});
    ASSERT_FALSE(answer.has_value()) << "it waits for the attempt in progress";
    w.settler.stop();
    w.courier().stop();
    w.run_for(seconds{1});
    ASSERT_TRUE(answer.has_value());
    ASSERT_FALSE(answer->has_value());
    EXPECT_EQ(answer->error().code, Errc::unavailable);
}

TEST(CallService, sends_a_delivered_record_again_with_the_same_bytes) {
    Workers w;
    w.busy(sid_a);
    w.run_for(seconds{1});
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::accepted);
    EXPECT_TRUE(sent->was_again);
    ASSERT_EQ(w.crm.requests.size(), 2U);
    EXPECT_EQ(w.crm.requests[0].body, w.crm.requests[1].body);
    const CallStory story = w.story(sid_a);
    EXPECT_TRUE(story.deliveries[0].attempts[1].is_again);
    EXPECT_EQ(story.call.state, CallState::delivered);
}

TEST(CallService, sends_nothing_again_that_is_accepted_when_told_so) {
    Workers w;
    w.busy(sid_a);
    w.run_for(seconds{1});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    const auto refused = w.send(sid_a, SendWhen::settled, SendAgain::no);
    ASSERT_TRUE(refused.has_value());
    EXPECT_EQ(refused->kind, SendNowAnswer::Kind::already);
    EXPECT_FALSE(refused->payload.empty());
    EXPECT_EQ(w.crm.requests.size(), 1U);
    // A record that is not there is sent all the same.
    w.crm.answers = {ScriptedCrm::status(503)};
    w.busy(sid_number(2));
    w.run_for(milliseconds{100});
    EXPECT_EQ(w.send(sid_number(2), SendWhen::settled, SendAgain::no)->kind,
              SendNowAnswer::Kind::accepted);
}

TEST(CallService, what_is_accepted_while_it_is_asked_for_is_not_sent_again) {
    Workers w;
    w.crm.latency = seconds{5};
    w.busy(sid_a);
    w.run_for(seconds{1});
    ASSERT_TRUE(w.story(sid_a).deliveries.at(0).is_claimed);
    const auto answer = w.send(sid_a, SendWhen::settled, SendAgain::no);
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->kind, SendNowAnswer::Kind::already) << "the attempt under way was not ours";
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(CallService, of_sends_at_the_same_time_the_others_are_told_that_it_is_there) {
    Workers w;
    ASSERT_TRUE(w.await(w.service.set_destination("crm", DestinationState::paused)));
    w.busy(sid_a);
    w.run_for(seconds{1});
    w.crm.latency = seconds{1};
    int sent_count = 0;
    int already_count = 0;
    auto send = [&]() -> Task<void> {
        std::string id(sid_a);
        const auto answer =
            co_await w.service.send_now(std::move(id), SendWhen::settled, SendAgain::no);
        sent_count += answer && answer->kind == SendNowAnswer::Kind::accepted ? 1 : 0;
        already_count += answer && answer->kind == SendNowAnswer::Kind::already ? 1 : 0;
    };
    for (int i = 0; i < 5; ++i) spawn_root(w.io.get_executor(), send());
    w.run_for(seconds{10});
    EXPECT_EQ(sent_count, 1);
    EXPECT_EQ(already_count, 4);
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(CallService, a_failed_repeat_of_a_delivered_record_leaves_it_delivered) {
    Workers w;
    w.busy(sid_a);
    w.run_for(seconds{1});
    w.crm.answers = {ScriptedCrm::status(500)};
    const auto sent = w.send(sid_a);
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::refused);
    w.run_for(hours{1});
    EXPECT_EQ(w.crm.requests.size(), 2U);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST(CallService, settles_now_what_is_over_and_that_is_its_record) {
    Workers w;
    w.completed(sid_a);
    w.run_for(milliseconds{100});
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::accepted);
    EXPECT_FALSE(sent->was_again);
    w.webhook(w.document("conv_1", sid_a, "done", "Too late."));
    w.run_for(minutes{10});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    EXPECT_FALSE(w.story(sid_a).call.is_late_conflict);
}

TEST(CallService, does_not_send_a_call_that_is_not_over) {
    Workers w;
    w.callback(sid_a, {{"CallStatus", "ringing"}});
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::not_over);
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

std::string at_twilio(const std::string& sid, const char* status, int duration_s) {
    return R"({"sid":")" + sid + R"(","status":")" + status + R"(","duration":")" +
           std::to_string(duration_s) + R"(","direction":"outbound-api","to":"+61413052898"})";
}

TEST(CallService, a_leg_of_another_call_is_refused_and_names_it) {
    Workers w;
    std::string leg = at_twilio(sid_a, "completed", 60);
    leg.insert(leg.size() - 1, R"(,"parent_call_sid":")" + sid_number(7) + R"(")");
    w.twilio.calls[sid_a] = leg;
    for (const SendWhen when : {SendWhen::settled, SendWhen::now}) {
        const auto refused = w.send(sid_a, when);
        ASSERT_TRUE(refused.has_value());
        EXPECT_EQ(refused->kind, SendNowAnswer::Kind::not_over);
        EXPECT_THAT(refused->message, testing::HasSubstr("leg of call " + sid_number(7)));
    }
    w.run_for(minutes{5});
    EXPECT_FALSE(w.store.resolve(sid_a)) << "nothing was stored of it";
    EXPECT_TRUE(w.crm.requests.empty());
}

TEST(CallService, an_answer_that_was_lost_is_not_called_out_of_reach) {
    Workers w;
    w.completed(sid_a);
    w.run_for(milliseconds{100});
    w.crm.answers = {ScriptedCrm::unknown()};
    EXPECT_EQ(w.send(sid_a)->message,
              "The CRM's answer was lost (time-out); it may have the record.");
}

TEST(CallService, adopts_a_call_nobody_told_us_of_and_lets_it_settle) {
    Workers w;
    w.twilio.calls[sid_a] = at_twilio(sid_a, "completed", 60);
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::adopted);
    w.run_for(minutes{5});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, testing::HasSubstr("They talked."));
}

TEST(CallService, sends_a_call_nobody_told_us_of_at_once_when_asked_to) {
    Workers w;
    w.twilio.calls[sid_a] = at_twilio(sid_a, "completed", 60);
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    const auto sent = w.send(sid_a, SendWhen::now);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::accepted);
    EXPECT_THAT(sent->payload, testing::Not(testing::HasSubstr("They talked.")));
}

TEST(CallService, asks_twilio_about_a_call_that_weaker_word_put_aside) {
    Workers w;
    w.callback(sid_number(1), {{"ParentCallSid", sid_a}, {"CallStatus", "completed"}});
    const auto unknown = w.send(sid_a);
    ASSERT_TRUE(unknown.has_value());
    EXPECT_EQ(unknown->kind, SendNowAnswer::Kind::out_of_scope);
    EXPECT_THAT(unknown->message, testing::HasSubstr("Twilio does not know it"));
    w.twilio.calls[sid_a] = at_twilio(sid_a, "in-progress", 0);
    EXPECT_EQ(w.send(sid_a)->kind, SendNowAnswer::Kind::not_over);
    w.twilio.calls[sid_a] = at_twilio(sid_a, "no-answer", 0);
    EXPECT_EQ(w.send(sid_a)->kind, SendNowAnswer::Kind::adopted);
    w.run_for(seconds{5});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    w.callback(sid_number(3), {{"ParentCallSid", sid_number(2)}, {"CallStatus", "completed"}});
    w.twilio.calls[sid_number(2)] = at_twilio(sid_number(2), "no-answer", 0);
    EXPECT_EQ(w.send(sid_number(2), SendWhen::now)->kind, SendNowAnswer::Kind::accepted);
}

TEST(CallService, what_twilio_calls_inbound_too_stays_out_of_scope) {
    Workers w;
    w.callback(sid_number(1), {{"ParentCallSid", sid_a}, {"CallStatus", "completed"}});
    std::string inbound = at_twilio(sid_a, "completed", 60);
    inbound.insert(inbound.size() - 1, R"(,"direction":"inbound")");
    w.twilio.calls[sid_a] = inbound;
    for (const SendWhen when : {SendWhen::now, SendWhen::settled}) {
        EXPECT_EQ(w.send(sid_a, when)->kind, SendNowAnswer::Kind::out_of_scope);
    }
    EXPECT_TRUE(w.crm.requests.empty());
}

TEST(CallService, asks_twilio_about_the_end_of_a_call_known_by_ringing_only) {
    Workers w;
    w.callback(sid_a, {{"CallStatus", "ringing"}, {"SequenceNumber", "1"}});
    w.twilio.calls[sid_a] = at_twilio(sid_a, "in-progress", 0);
    const auto running = w.send(sid_a);
    ASSERT_TRUE(running.has_value());
    EXPECT_EQ(running->kind, SendNowAnswer::Kind::not_over);
    EXPECT_THAT(running->message, testing::HasSubstr("in-progress"));
    w.twilio.calls[sid_a] = at_twilio(sid_a, "no-answer", 0);
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::adopted);
    w.run_for(seconds{5});
    EXPECT_EQ(w.crm.requests.size(), 1U);
    EXPECT_EQ(w.story(sid_a).call.outcome, Outcome::no_answer);
}

TEST(CallService, sends_at_once_what_twilio_says_is_over_when_asked_to) {
    Workers w;
    w.callback(sid_a, {{"CallStatus", "ringing"}, {"SequenceNumber", "1"}});
    w.twilio.calls[sid_a] = at_twilio(sid_a, "no-answer", 0);
    EXPECT_EQ(w.send(sid_a, SendWhen::now)->kind, SendNowAnswer::Kind::accepted);
}

TEST(CallService, says_that_twilio_could_not_be_asked_and_why) {
    Workers w;
    const auto unknown = w.send(sid_a);
    ASSERT_FALSE(unknown.has_value());
    EXPECT_EQ(unknown.error().code, Errc::not_found);
    w.twilio.trouble = Error{Errc::unauthorized, "HTTP 401: Twilio refuses our credentials"};
    const auto refused = w.send(sid_a);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::unauthorized);
    EXPECT_THAT(refused.error().detail, testing::HasSubstr("could not be asked: HTTP 401"));
    w.callback(sid_a, {{"CallStatus", "ringing"}, {"SequenceNumber", "1"}});
    const auto ringing = w.send(sid_a);
    ASSERT_TRUE(ringing.has_value());
    EXPECT_EQ(ringing->kind, SendNowAnswer::Kind::not_over);
    EXPECT_THAT(ringing->message, testing::HasSubstr("could not be asked: HTTP 401"));
}

TEST(CallService, asks_twilio_again_when_it_did_not_answer) {
    Workers w;
    w.twilio.trouble = Error{Errc::timeout, "no answer in time"};
    const auto first = w.send(sid_a);
    ASSERT_FALSE(first.has_value());
    EXPECT_EQ(first.error().code, Errc::timeout);
    EXPECT_THAT(first.error().detail, testing::HasSubstr("it is asked again"));
    EXPECT_FALSE(w.send(sid_a).has_value());
    w.run_for(seconds{30});
    const std::size_t asked_count = w.twilio.requests.size();
    EXPECT_GE(asked_count, 4U);
    EXPECT_LE(asked_count, 7U) << "once at a time, and ever more seldom";
    w.twilio.trouble.reset();
    w.twilio.calls[sid_a] = at_twilio(sid_a, "completed", 60);
    w.elevenlabs.documents["conv_1"] = w.document("conv_1", sid_a, "done", "They talked.");
    w.run_for(minutes{2});
    ASSERT_EQ(w.crm.requests.size(), 1U);
    EXPECT_THAT(w.crm.requests[0].body, testing::HasSubstr("They talked."));
    w.run_for(hours{1});
    EXPECT_EQ(w.crm.requests.size(), 1U);
}

TEST(CallService, gives_up_asking_twilio_after_some_minutes_or_at_a_stop) {
    Workers w;
    w.twilio.trouble = Error{Errc::unavailable, "HTTP 503"};
    EXPECT_FALSE(w.send(sid_a).has_value());
    w.run_for(minutes{15});
    const std::size_t asked_count = w.twilio.requests.size();
    EXPECT_GT(asked_count, 10U);
    w.run_for(hours{2});
    EXPECT_EQ(w.twilio.requests.size(), asked_count);
    EXPECT_FALSE(w.send(sid_a).has_value());
    w.service.stop();
    w.run_for(hours{1});
    EXPECT_EQ(w.twilio.requests.size(), asked_count + 1);
}

TEST(CallService, sends_a_parked_one_and_leaves_it_parked_when_that_fails) {
    Workers w;
    w.crm.answers = {ScriptedCrm::status(422), ScriptedCrm::status(503)};
    w.busy(sid_a);
    w.run_for(seconds{1});
    EXPECT_EQ(w.send(sid_a)->kind, SendNowAnswer::Kind::refused);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::parked);
    EXPECT_EQ(w.send(sid_a)->kind, SendNowAnswer::Kind::accepted);
    EXPECT_EQ(w.story(sid_a).call.state, CallState::delivered);
}

TEST(CallService, shows_the_payload_when_delivery_is_disabled) {
    Workers w({.is_delivery_enabled = false});
    w.completed(sid_a);
    const auto sent = w.send(sid_a);
    ASSERT_TRUE(sent.has_value());
    EXPECT_EQ(sent->kind, SendNowAnswer::Kind::disabled);
    EXPECT_THAT(sent->payload, testing::HasSubstr("conversationAICall"));
}

TEST(CallService, what_an_operator_asked_for_is_logged_as_done_or_as_failed) {
    Workers w;
    const std::vector<DoNotCall> listed{{"+61413052898", "asked", "api", t0}};
    const auto ask_all = [&] {
        w.log.messages.clear();
        (void)w.await(w.service.set_destination("crm", DestinationState::paused));
        (void)w.await(w.service.put_do_not_call(listed));
        (void)w.await(w.service.drop_do_not_call("+61413052898"));
        return w.log.messages;
    };
    EXPECT_THAT(ask_all(), testing::ElementsAre("destination set by an operator",
                                                "numbers put onto the do-not-call list",
                                                "number taken off the do-not-call list"));
    w.store.trouble = Error{Errc::unavailable, "the disk is full"};
    EXPECT_THAT(ask_all(), testing::ElementsAre("destination was not set, as an operator wished",
                                                "numbers were not put onto the do-not-call list",
                                                "number was not taken off the do-not-call list"));
    EXPECT_THAT(w.log.lines.back().fields,
                testing::Contains(testing::Pair("error", "the disk is full")));
}

}  // namespace
}  // namespace wrapup
