#include "domain/failure.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

std::string cause(std::string answer) {
    Attempt attempt;
    attempt.answer = std::move(answer);
    return cause_of(attempt);
}

struct SameCause {
    const char* name;
    const char* one;
    const char* other;
    const char* cause;
};
constexpr SameCause same_causes[] = {
    {"numbers", "row 17 is full", "row 4711 is full", "row # is full"},
    {"ids", "no contact 8f14e45f-ceea-467d", "no contact c9f0f895-fb98-ab91", "no contact #"},
    {"dotted", "at node crm.eu1.example.com", "at node crm.eu7.example.com", "at node #"},
    {"addresses", "ada@example.com is unknown", "bo.b@example.org is unknown", "# is unknown"},
    {"times", "since Fri, 27 Nov 2026 12:00:01 GMT", "since Sat, 28 Dec 2026 01:02:03 GMT",
     "since #, # # # #:#:# GMT"},
    {"quoted", R"(field "Ada" is bad)", R"(field "Bo Sample" is bad)", R"(field "#" is bad)"},
    {"single quotes", "field 'it's Ada' is bad", "field 'Bo' is bad", "field '#' is bad"},
    {"blanks", "a  b\r\n c", "a b c", "a b c"},
    {"json values", R"({"error":"no such contact","name":"Ada"})",
     R"({"error":"no such contact","name":"Bo"})", R"({"error":"no such contact","name":"#"})"},
    {"json numbers", R"({"code":17,"error_message":"row 17"})",
     R"({"code":18,"error_message":"row 9"})", R"({"code":#,"error_message":"row #"})"},
    {"json layout", "{\n  \"error\": \"no\"\n}", R"({"error":"no"})", R"({"error":"no"})"},
    {"quoted in json", R"({"message":"field \"Ada\" is bad"})",
     R"({"message":"field \"Bo\" is bad"})", R"({"message":"field "#" is bad"})"},
    {"json lists", R"({"errors":["no phone 1"],"who":["Ada"]})",
     R"({"errors":["no phone 2"],"who":["Bo"]})", R"({"errors":["no phone #"],"who":["#"]})"},
    {"cut off", R"({"error":"no such con)", R"({"error":"no such con)",
     R"({"error":"no such con")"},
};

TEST(Failure, what_is_another_one_each_time_is_no_cause) {
    for (const SameCause& row : same_causes) {
        SCOPED_TRACE(row.name);
        EXPECT_EQ(cause(row.one), row.cause);
        EXPECT_EQ(cause(row.other), row.cause);
    }
}

TEST(Failure, different_words_are_different_causes) {
    EXPECT_NE(cause(R"({"error":"no such contact"})"), cause(R"({"error":"no such campaign"})"));
    EXPECT_NE(cause("<html>Bad Gateway</html>"), cause("<html>Gateway Timeout</html>"));
    EXPECT_EQ(cause("can't be, isn't so"), "can't be, isn't so");
}

TEST(Failure, without_an_answer_the_error_is_the_cause) {
    Attempt attempt;
    attempt.error = "no answer within 35 s";
    EXPECT_EQ(cause_of(attempt), "no answer within # s");
}

TEST(Failure, a_cause_is_short_and_valid) {
    EXPECT_LE(cause(std::string(100'000, 'x')).size(), 160U);
    EXPECT_LE(cause(std::string(100'000, '"')).size(), 160U);
    EXPECT_EQ(cause("\xff\xfe"), "\xEF\xBF\xBD\xEF\xBF\xBD");
    EXPECT_EQ(cause("{\""), "{\"\"");
    EXPECT_EQ(cause("{\"\\"), "{\"\\\"");
    EXPECT_EQ(cause(""), "");
}

TEST(Failure, a_fingerprint_is_of_destination_outcome_status_and_cause) {
    Attempt attempt;
    attempt.answer = "row 17";
    attempt.http_status = 422;
    const std::string first = fingerprint_of("crm", attempt);
    EXPECT_EQ(first.size(), 16U);
    attempt.answer = "row 18";
    EXPECT_EQ(fingerprint_of("crm", attempt), first);
    EXPECT_NE(fingerprint_of("lake", attempt), first);
    attempt.http_status = 500;
    EXPECT_NE(fingerprint_of("crm", attempt), first);
    attempt.http_status = 422;
    attempt.outcome = AttemptOutcome::unknown;
    EXPECT_NE(fingerprint_of("crm", attempt), first);
}

}  // namespace
}  // namespace wrapup
