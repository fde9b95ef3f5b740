#include "adapters/twilio/twilio_rest.hpp"

#include <gtest/gtest.h>

#include "test/adapters/fake_transport.hpp"
#include "test/adapters/run_task.hpp"

namespace wrapup {
namespace {

using Kind = HttpAnswer::Kind;

constexpr const char* call_sid = "CA0123456789abcdef0123456789abcdef";
constexpr const char* call_json =
    R"({"sid":"CA0123456789abcdef0123456789abcdef","status":"completed","duration":"79",)"
    R"("answered_by":"machine_start","to":"+14155550123","price":null})";

struct TwilioRestTest : testing::Test {
    Result<FetchedCall> fetch(std::string sid, std::string account_sid = "") {
        return run_task(twilio.fetch_call({std::move(sid), std::move(account_sid)}));
    }

    FakeTransport transport;
    TwilioRest twilio{transport, "https://api.twilio.test/", "AC/1", "token"};
};

TEST_F(TwilioRestTest, fetches_a_call) {
    transport.say(200, call_json);

    const auto fetched = fetch(call_sid);

    ASSERT_TRUE(fetched) << fetched.error().detail;
    EXPECT_EQ(fetched->call.status, CallStatus::completed);
    EXPECT_EQ(fetched->call.duration_s, 79);
    EXPECT_EQ(fetched->call.answered_by, "machine_start");
    EXPECT_EQ(fetched->payload, call_json);
    const HttpRequest& request = transport.requests.at(0);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.url,
              std::string("https://api.twilio.test/2010-04-01/Accounts/AC%2F1/Calls/") + call_sid +
                  ".json");
    EXPECT_EQ(request.user, "AC/1");
    EXPECT_EQ(request.password, "token");
    EXPECT_EQ(request.total_timeout, milliseconds{5'000});
}

TEST_F(TwilioRestTest, a_subaccounts_call_is_asked_for_under_its_own_account) {
    const std::string subaccount = "AC0123456789abcdef0123456789abcdef";
    transport.say(200, call_json);
    ASSERT_TRUE(fetch(call_sid, subaccount));
    EXPECT_EQ(transport.requests.at(0).url, "https://api.twilio.test/2010-04-01/Accounts/" +
                                                subaccount + "/Calls/" + call_sid + ".json");
    EXPECT_EQ(transport.requests.at(0).user, "AC/1");
    EXPECT_EQ(transport.requests.at(0).password, "token");

    for (const char* const odd : {"AC", "../x", "AC0123456789abcdef0123456789abcde/"}) {
        transport.say(200, call_json);
        ASSERT_TRUE(fetch(call_sid, odd));
        EXPECT_NE(transport.requests.back().url.find("/Accounts/AC%2F1/Calls/"), std::string::npos);
    }
}

TEST_F(TwilioRestTest, an_answer_about_another_call_is_not_believed) {
    transport.say(200, call_json);
    const auto fetched = fetch("CAffffffffffffffffffffffffffffffff");
    ASSERT_FALSE(fetched);
    EXPECT_EQ(fetched.error(), (Error{Errc::invalid_input, "the answer is about another call"}));
}

TEST_F(TwilioRestTest, what_is_no_call_sid_never_enters_a_url) {
    for (const char* const sid :
         {"", "CA", "../Accounts", "conv_0123456789abcdef", "CA0123456789abcdef0123456789abcde/"}) {
        const auto fetched = fetch(sid);
        ASSERT_FALSE(fetched);
        EXPECT_EQ(fetched.error().code, Errc::not_found) << sid;
    }
    EXPECT_TRUE(transport.requests.empty());
}

TEST_F(TwilioRestTest, an_answer_that_is_not_a_call_is_invalid) {
    for (const char* const body : {"", "[]", "<html>", "{}"}) {
        transport.say(200, body);
        const auto fetched = fetch(call_sid);
        ASSERT_FALSE(fetched) << body;
        EXPECT_EQ(fetched.error().code, Errc::invalid_input) << body;
    }
}

TEST_F(TwilioRestTest, statuses_become_errors) {
    const std::vector<std::pair<int, Errc>> rows = {
        {404, Errc::not_found},    {401, Errc::unauthorized}, {403, Errc::unauthorized},
        {429, Errc::rate_limited}, {500, Errc::unavailable},  {503, Errc::unavailable},
        {302, Errc::unavailable},  {400, Errc::unavailable}};
    for (const auto& [status, code] : rows) {
        transport.say(status, R"({"code":20003,"message":"Authenticate"})");
        const auto fetched = fetch(call_sid);
        ASSERT_FALSE(fetched) << status;
        EXPECT_EQ(fetched.error().code, code) << status;
    }
}

TEST_F(TwilioRestTest, faults_of_the_transport_become_errors) {
    const std::vector<std::pair<Kind, Errc>> rows = {{Kind::not_sent, Errc::unavailable},
                                                     {Kind::blocked, Errc::unavailable},
                                                     {Kind::unknown, Errc::timeout},
                                                     {Kind::too_large, Errc::invalid_input}};
    for (const auto& [kind, code] : rows) {
        transport.fail(kind);
        const auto fetched = fetch(call_sid);
        ASSERT_FALSE(fetched);
        EXPECT_EQ(fetched.error(), (Error{code, "it went wrong"}));
    }
}

}  // namespace
}  // namespace wrapup
