#include "app/cli/running_findings.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wrapup {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;
using Level = Finding::Level;

std::vector<Finding> found(const StatusAnswers& answers, const std::vector<Finding>& own = {}) {
    return running_findings(answers, refusal_hints(answers, false), own);
}

TEST(RunningFindings, are_those_of_status) {
    StatusAnswers answers;
    EXPECT_THAT(found(answers), IsEmpty());
    answers.ready = json::parse(R"({"dependencies":{"store":"away"}})");
    answers.destinations =
        json::parse(R"({"destinations":[{"name":"vm","state":"gone","breaker":"closed"}]})");
    answers.stats = json::parse(R"({"now":{"parked":{"rejected":3}}})");
    EXPECT_THAT(
        found(answers),
        ElementsAre(Finding{Level::broken, "The store cannot be written: no event is acknowledged",
                            "see the server's log and the data folder's disk"},
                    Finding{Level::broken, "vm answered 410 (gone): nothing is sent to it any more",
                            "mend its URL, restart, then wrapup destination resume vm"},
                    Finding{Level::broken, "3 calls are parked: rejected",
                            "mend the CRM, then wrapup replay --parked rejected"}));
}

TEST(RunningFindings, tell_what_fails_though_nobody_is_needed_yet) {
    StatusAnswers answers;
    answers.destinations = json::parse(
        R"({"destinations":[{"name":"crm","state":"active","breaker":"closed","pending":1}]})");
    answers.waiting = {json::parse(
        R"({"call":{"id":"CA1"},"deliveries":[{"destination":"crm","state":"pending",
            "attempts":[{"outcome":"unknown","error":"timed out"}]}]})")};
    EXPECT_THAT(
        found(answers),
        ElementsAre(Finding{Level::note,
                            "Not yet: crm gave no answer that we got: timed out (wrapup show CA1); "
                            "1 record is tried again",
                            "it goes on by itself; see to the other side if it lasts"}));
}

TEST(RunningFindings, send_nobody_to_the_doctor_again) {
    StatusAnswers answers;
    answers.status = json::parse(
        R"({"alerts":[{"alert":"silence","text":"a","next":"wrapup doctor; then Twilio's debugger"},
            {"alert":"crm_refuses:b","text":"b","next":"mend it, then wrapup doctor"},
            {"alert":"c","text":"c","next":"wrapup doctor"}]})");
    EXPECT_THAT(found(answers), ElementsAre(Finding{Level::broken, "a", "Twilio's debugger"},
                                            Finding{Level::broken, "b", "mend it"},
                                            Finding{Level::broken, "c", "see the server's log"}));
}

TEST(RunningFindings, tell_refused_requests_with_what_mends) {
    StatusAnswers answers;
    answers.status = json::parse(
        R"({"refused":[{"cause":"wrong_server_url","last_hour":4},
                       {"cause":"wrong_path","last_hour":0}]})");
    answers.settings = json::parse(R"({"server_url_that_would_match":"https://a.example"})");
    const auto findings = found(answers);
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].advice,
              "set SERVER_URL=https://a.example, which would match, and "
              "restart");
    EXPECT_THAT(refusal_hints(answers, false).told_causes, ElementsAre("wrong_server_url"));
}

TEST(RunningFindings, say_one_cause_once) {
    StatusAnswers answers;
    answers.reconciliation = json::parse(
        R"({"elevenlabs":{"trouble":{"since":"x","what":"ElevenLabs refuses our API key"}}})");
    ASSERT_EQ(found(answers).size(), 1U);
    EXPECT_THAT(found(answers, {{Level::good, "ElevenLabs accepts ELEVENLABS_API_KEY", ""}}),
                testing::SizeIs(1));
    EXPECT_THAT(found(answers, {{Level::broken, "ElevenLabs refuses ELEVENLABS_API_KEY", ""}}),
                IsEmpty());
    answers.settings = json::parse(R"({"changed":["ELEVENLABS_API_KEY"]})");
    EXPECT_THAT(found(answers), testing::SizeIs(1));
}

TEST(RunningFindings, say_of_a_full_disk_one_thing) {
    StatusAnswers answers;
    answers.ready = json::parse(R"({"dependencies":{"store":"away"}})");
    answers.status = json::parse(
        R"({"refused":[{"cause":"not_stored","last_hour":4}],
            "alerts":[{"alert":"disk","text":"the disk is full","next":"make room"}]})");
    EXPECT_THAT(found(answers), testing::SizeIs(1));
    EXPECT_THAT(refusal_hints(answers, false).told_causes, ElementsAre("not_stored"));
    const Finding own{Level::broken, std::string(disk_is_full) + " of /data", "make room"};
    EXPECT_THAT(found(answers, {own}), IsEmpty());
}

TEST(RunningFindings, name_the_secret_of_the_sender_that_is_refused) {
    StatusAnswers answers;
    const auto advice = [&](const char* paths) {
        answers.status = json::parse(
            std::string(R"({"refused":[{"cause":"bad_signature","last_hour":4,"paths":)") + paths +
            "}]}");
        return found(answers).at(0).advice;
    };
    EXPECT_EQ(advice(R"(["/amd-status-callback","/call-status-callback"])"),
              "copy TWILIO_AUTH_TOKEN anew, unless strangers tried");
    EXPECT_EQ(advice(R"(["/webhooks/elevenlabs"])"),
              "copy ELEVENLABS_WEBHOOK_SECRET anew, unless strangers tried");
    const std::string both =
        "copy TWILIO_AUTH_TOKEN and ELEVENLABS_WEBHOOK_SECRET anew, unless "
        "strangers tried";
    EXPECT_EQ(advice(R"(["/call-status-callback","/webhooks/elevenlabs"])"), both);
    EXPECT_EQ(advice("[]"), both);
}

TEST(RunningFindings, know_since_when_the_store_takes_events_again) {
    StatusAnswers answers;
    answers.status = json::parse(
        R"({"refused":[{"cause":"not_stored","last_hour":4,"last_at":"2026-11-27T11:55:00Z"}]})");
    answers.ready = json::parse(R"({"dependencies":{"store":"ok"}})");
    EXPECT_THAT(found(answers), IsEmpty());
    EXPECT_EQ(refusal_hints(answers, false).not_stored_until, "2026-11-27T11:55:00Z");
}

}  // namespace
}  // namespace wrapup
