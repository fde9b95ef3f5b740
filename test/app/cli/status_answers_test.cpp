#include "app/cli/status_answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <mutex>
#include <set>

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
    {"/api/stats", R"({"now":{"parked":{}}})"},
    {"/api/destinations", R"({"destinations":[]})"},
    {"/api/ledger", R"({"unexplained":0})"},
    {"/api/reconciliation", R"({"twilio":{"trouble":null}})"},
    {"/api/intents?state=refused&limit=200", R"({"intents":[]})"},
    {"/api/intents?state=placed&limit=200", R"({"intents":[]})"},
    {"/api/intents?state=parked&limit=200", R"({"intents":[]})"},
    {"/api/settings", R"({"settings":[]})"},
    {"/api/nodes", R"({"nodes":[]})"},
    {"/api/calls?state=parked&limit=1", R"({"calls":[{"id":"CA3"}]})"},
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
    EXPECT_THAT(findings_of(answers), IsEmpty());
    EXPECT_EQ(answers.parked.at("call").at("id"), "CA3");
    ASSERT_EQ(answers.waiting.size(), 2U);
    EXPECT_EQ(answers.waiting[0].at("call").at("id"), "CA1");
    EXPECT_EQ(answers.waiting[1].at("call").at("id"), "CA2");
}

TEST(AskStatus, does_not_take_silence_for_good_news) {
    const StatusAnswers answers = asked({"/api/ledger", "/api/intents?state=placed&limit=200",
                                         "/api/intents?state=parked&limit=200"});
    EXPECT_THAT(answers.unanswered, ElementsAre("/api/ledger", "/api/intents"));
    const auto found = findings_of(answers);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].what,
              "Not all is known: the server does not answer /api/ledger, /api/intents as this "
              "version expects.");
    EXPECT_THAT(asked({"/api/status"}).unanswered, ElementsAre("/api/status"));
}

}  // namespace
}  // namespace wrapup
