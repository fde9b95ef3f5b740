#include "app/cli/status_answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>

#include "app/cli/status_records.hpp"
#include "app/cli/status_view.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;
using testing::ElementsAre;
using testing::IsEmpty;

// By the path with its query.
const std::map<std::string, std::string, std::less<>> well{
    {"/api/status", R"({"refused":[],"alerts":[]})"},
    {"/readyz", R"({"dependencies":{"store":"ok"}})"},
    {"/api/stats", R"({"now":{"parked":{"dead":2,"rejected":0}}})"},
    {"/api/destinations", R"({"destinations":[]})"},
    {"/api/ledger", R"({"unexplained":0})"},
    {"/api/reconciliation", R"({"twilio":{"trouble":null}})"},
    {"/api/intents?state=refused&limit=200", R"({"intents":[]})"},
    {"/api/intents?state=placed&limit=200", R"({"intents":[]})"},
    {"/api/intents?state=parked&limit=200", R"({"intents":[]})"},
    {"/api/settings", R"({"settings":[]})"},
    {"/api/nodes", R"({"nodes":[]})"},
    {"/api/failures",
     R"({"failures":[
         {"destination":"crm","count":9,"last_at":"2026-11-27T11:00:00.000Z","sample":"CA9"},
         {"destination":"crm","count":1,"last_at":"2026-11-27T12:00:00.000Z","sample":"CA2"}]})"},
    {"/api/calls?parked=dead&limit=1", R"({"calls":[{"id":"CA3"}]})"},
    {"/api/calls?state=delivering&limit=5", R"({"calls":[{"id":"CA1"},{"id":"CA2"}]})"},
    {"/api/calls/CA1", R"({"call":{"id":"CA1"}})"},
    {"/api/calls/CA2", R"({"call":{"id":"CA2"}})"},
    {"/api/calls/CA3", R"({"call":{"id":"CA3"}})"},
};

StatusAnswers asked(const std::set<std::string, std::less<>>& silent = {}) {
    return ask_status([&](std::string_view target) {
        const auto found = well.find(target);
        if (found == well.end() || silent.contains(target)) return json::value();
        return json::parse(found->second);
    });
}

TEST(AskStatus, asks_for_everything_and_keeps_the_order_of_what_waits) {
    const StatusAnswers answers = asked();
    EXPECT_THAT(answers.unanswered, IsEmpty());
    EXPECT_EQ(findings_of(answers).size(), 1U);
    ASSERT_EQ(answers.parked.size(), 1U);
    EXPECT_EQ(answers.parked[0].at("call").at("id"), "CA3");
    ASSERT_EQ(answers.failing.size(), 1U);
    EXPECT_EQ(answers.failing[0].at("call").at("id"), "CA2");
    ASSERT_EQ(answers.waiting.size(), 2U);
    EXPECT_EQ(answers.waiting[0].at("call").at("id"), "CA1");
    EXPECT_EQ(answers.waiting[1].at("call").at("id"), "CA2");
}

TEST(AskStatus, does_not_take_silence_for_good_news) {
    const StatusAnswers answers = asked({"/api/ledger", "/api/intents?state=placed&limit=200",
                                         "/api/intents?state=parked&limit=200"});
    EXPECT_THAT(answers.unanswered, ElementsAre("/api/ledger", "/api/intents"));
    const auto found = findings_of(answers);
    ASSERT_FALSE(found.empty());
    EXPECT_EQ(found[0].what,
              "Not all is known: the server does not answer /api/ledger, /api/intents as this "
              "version expects.");
    EXPECT_THAT(asked({"/api/status"}).unanswered, ElementsAre("/api/status"));
}

TEST(StatusAnswers, name_a_reason_for_which_a_call_is_parked_elsewhere) {
    StatusAnswers answers;
    answers.stats = json::parse(R"({"now":{"parked":{"rejected":1,"unknown_outcome":0}}})");
    answers.parked = {json::parse(
        R"({"call":{"id":"CA1","parked":"rejected"},"deliveries":[
            {"destination":"crm","state":"parked","parked":"rejected","attempts":[]},
            {"destination":"sales","state":"parked","parked":"unknown_outcome","attempts":[]},
            {"destination":"sea","state":"parked","parked":"given_up","attempts":[]}]})")};
    const auto found = parked_troubles(answers);
    ASSERT_EQ(found.size(), 2U);
    EXPECT_EQ(found[0].what, "1 call is parked: rejected (wrapup show CA1).");
    EXPECT_EQ(found[1].what, "For sales also parked: unknown_outcome (wrapup show CA1).");
    EXPECT_EQ(found[1].next, "look in the CRM, then wrapup replay --parked unknown_outcome");
}

}  // namespace
}  // namespace wrapup
