#include "adapters/twilio/twilio_rest.hpp"

#include <gtest/gtest.h>

#include "base/time.hpp"
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
    FixedClock clock{from_unix_s(1'762'713'911)};
    TwilioRest twilio{transport, clock, "https://api.twilio.test/", "AC/1", "token"};
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

TEST_F(TwilioRestTest, an_answer_about_another_accounts_call_is_not_believed) {
    const std::string ours = "AC0123456789abcdef0123456789abcdef";
    const std::string subaccount = "AC" + std::string(32, '1');
    TwilioRest rest{transport, clock, "https://api.twilio.test", ours, "token"};
    const auto fetch_as = [&](const std::string& asked, const std::string& answered) {
        transport.say(200, std::string(R"({"sid":")") + call_sid +
                               R"(","status":"completed","account_sid":)" + answered + "}");
        return run_task(rest.fetch_call({call_sid, asked}));
    };
    const auto quoted = [](const std::string& sid) { return '"' + sid + '"'; };
    EXPECT_TRUE(fetch_as("", quoted(ours)));
    EXPECT_TRUE(fetch_as("", "null"));
    EXPECT_TRUE(fetch_as(subaccount, quoted(subaccount)));
    for (const auto& [asked, answered] :
         {std::pair{std::string(), subaccount}, std::pair{subaccount, ours}}) {
        const auto fetched = fetch_as(asked, quoted(answered));
        ASSERT_FALSE(fetched) << answered;
        EXPECT_EQ(fetched.error(),
                  (Error{Errc::invalid_input, "the answer is about another account's call"}));
    }
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
        {302, Errc::unavailable},  {400, Errc::invalid_input}};
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

// ---- The list ----

struct TwilioListTest : TwilioRestTest {
    CallListAnswer list(CallListQuery query = {}) {
        return run_task(twilio.list_calls(std::move(query)));
    }
};

// Twilio's clock is ten minutes behind ours; the time of a call is compared with ours.
TEST_F(TwilioListTest, calls_between_two_numbers_are_of_them_and_by_our_clock) {
    const auto entry = [](const char* sid, const char* to, const char* from) {
        return std::string(R"({"sid":")") + sid + R"(","to":")" + to + R"(","from":")" + from +
               R"(","date_created":"Sun, 09 Nov 2025 18:45:00 +0000"})";
    };
    const char* ours = "CA000000000000000000000000000000a1";
    transport.say(
        200, R"({"calls":[)" + entry(ours, "+61413052898", "+15005550006") + "," +
                 entry("CA000000000000000000000000000000a2", "+61413052899", "+15005550006") + "," +
                 entry("CA000000000000000000000000000000a3", "+61413052898", "+15005550007") +
                 R"(],"next_page_uri":null})");
    transport.answer.date = format_http_date(clock.now() - std::chrono::minutes{10});
    const auto calls = run_task(twilio.list_calls_between("+15005550006", "+61413052898"));
    ASSERT_TRUE(calls) << calls.error().detail;
    ASSERT_EQ(calls->size(), 1U);
    EXPECT_EQ(calls->at(0).sid, ours);
    const UtcTime made_at = *parse_rfc2822("Sun, 09 Nov 2025 18:45:00 +0000");
    EXPECT_EQ(calls->at(0).created_at, made_at + std::chrono::minutes{10});
}

// What an odd Date says must not make our call look older than it is.
TEST_F(TwilioListTest, a_date_ahead_of_ours_makes_no_call_older) {
    transport.say(200, R"({"calls":[{"sid":"CA000000000000000000000000000000a1",)"
                       R"("to":"+61413052898","from":"+15005550006",)"
                       R"("date_created":"Sun, 09 Nov 2025 18:45:00 +0000"}],)"
                       R"("next_page_uri":null})");
    transport.answer.date = format_http_date(clock.now() + std::chrono::hours{24});
    const auto calls = run_task(twilio.list_calls_between("+15005550006", "+61413052898"));
    ASSERT_TRUE(calls) << calls.error().detail;
    ASSERT_EQ(calls->size(), 1U);
    EXPECT_EQ(calls->at(0).created_at, *parse_rfc2822("Sun, 09 Nov 2025 18:45:00 +0000"));
}

struct TwilioBetweenTest : TwilioListTest {
    TwilioBetweenTest() { transport.answer.date = format_http_date(clock.now()); }
    Result<std::vector<TwilioCall>> between() {
        return run_task(twilio.list_calls_between("+15005550006", "+61413052898"));
    }
    void say_list(const std::string& calls, const std::string& next_page = "null") {
        const std::string date = transport.answer.date;
        transport.say(200, R"({"calls":[)" + calls + R"(],"next_page_uri":)" + next_page + "}");
        transport.answer.date = date;
    }
    void say_first(const std::string& calls, const std::string& next_page) {
        say_list(calls, next_page);
        transport.earlier.push_back(transport.answer);
    }
    static std::string entry(const std::string& more) {
        return R"({"sid":"CA000000000000000000000000000000a1")" + more + "}";
    }
    static constexpr const char* page_2 = R"("/2010-04-01/A/Calls.json?Page=1")";
};

TEST_F(TwilioBetweenTest, reads_every_page) {
    say_first("", page_2);
    say_list(entry(R"(,"to":"+61413052898","from":"+15005550006")"));
    const auto calls = between();
    ASSERT_TRUE(calls) << calls.error().detail;
    ASSERT_EQ(calls->size(), 1U);
    EXPECT_EQ(transport.requests.at(0).url,
              "https://api.twilio.test/2010-04-01/Accounts/AC%2F1/Calls.json?To=%2B61413052898"
              "&From=%2B15005550006&PageSize=50");
    EXPECT_EQ(transport.requests.at(1).url,
              "https://api.twilio.test/2010-04-01/A/Calls.json?Page=1");
}

// What it lacks may be there: nothing of it says that a call was not made.
TEST_F(TwilioBetweenTest, a_list_that_is_not_whole_is_none) {
    say_first("", page_2);
    transport.say(500, "{}");
    EXPECT_EQ(between().error().code, Errc::unavailable);
    for (const char* const calls : {"null", "{}", R"({"sid":7,"to":"+61413052898"})"}) {
        say_list(calls);
        const auto listed = between();
        ASSERT_FALSE(listed) << calls;
        EXPECT_EQ(listed.error().code, Errc::invalid_input) << calls;
    }
    say_list("", R"("https://evil.example/x")");
    EXPECT_EQ(between().error().code, Errc::invalid_input);
}

TEST_F(TwilioBetweenTest, a_list_without_an_end_is_given_up) {
    say_list("", page_2);
    EXPECT_EQ(between().error().code, Errc::invalid_input);
    EXPECT_EQ(transport.requests.size(), 2U);
    for (int page = 0; page < 100; ++page) {
        say_first("", R"("/x?Page=)" + std::to_string(page) + R"(")");
    }
    transport.requests.clear();
    EXPECT_EQ(between().error().code, Errc::invalid_input);
    EXPECT_EQ(transport.requests.size(), 40U);
}

TEST_F(TwilioBetweenTest, a_number_that_is_not_told_may_be_ours) {
    for (const char* const more :
         {R"(,"to":"+61413052898")", R"(,"from":"+15005550006")", "",
          R"(,"to":"+61413052898","from":null)", R"(,"to":"+61413052898","from":"anonymous")",
          R"(,"to":"61413052898","from":"+15005550006")"}) {
        say_list(entry(more));
        const auto calls = between();
        ASSERT_TRUE(calls) << more;
        EXPECT_EQ(calls->size(), 1U) << more;
    }
}

TEST_F(TwilioBetweenTest, a_clock_that_is_not_told_makes_no_call_older) {
    const auto created = [&](milliseconds before) {
        return entry(R"(,"date_created":")" + format_http_date(clock.now() - before) + R"(")");
    };
    transport.answer.date.clear();
    say_list(created(std::chrono::minutes{5}));
    EXPECT_EQ(between().value().at(0).created_at, std::nullopt);
    say_list(created(std::chrono::hours{25}));
    EXPECT_NE(between().value().at(0).created_at, std::nullopt);
}

// ---- Making a call ----

TEST_F(TwilioRestTest, an_order_that_is_answered_with_another_call_may_have_been_made) {
    const std::string account = "AC" + std::string(32, '1');
    TwilioRest rest{transport, clock, "https://api.twilio.test", account, "token"};
    const auto kind_of = [&](const std::string& more) {
        transport.say(201, R"({"sid":"CA000000000000000000000000000000a1")" + more + "}");
        OutboundCall order;
        order.to = "+61413052898";
        return run_task(rest.create_call(std::move(order))).kind;
    };
    using Made = CreateAnswer::Kind;
    EXPECT_EQ(kind_of(""), Made::created);
    EXPECT_EQ(kind_of(R"(,"to":"+61413052898","account_sid":")" + account + R"(")"), Made::created);
    EXPECT_EQ(kind_of(R"(,"to":"+61413052899")"), Made::unknown);
    EXPECT_EQ(kind_of(R"(,"account_sid":"AC)" + std::string(32, '2') + R"(")"), Made::unknown);
}

TEST_F(TwilioRestTest, of_a_refusal_only_the_code_is_told) {
    transport.say(400, R"({"code":21219,"message":"+61413052898 of Ada, token t0k3n"})");
    OutboundCall order;
    order.to = "+61413052898";
    const CreateAnswer answer = run_task(twilio.create_call(std::move(order)));
    EXPECT_EQ(answer.kind, CreateAnswer::Kind::refused);
    EXPECT_EQ(answer.code, 21'219);
    EXPECT_EQ(answer.message, "HTTP 400");
}

TEST_F(TwilioListTest, asks_for_whole_days) {
    transport.say(200, R"({"calls":[],"next_page_uri":null})");
    CallListQuery query;
    query.started_from = from_unix_s(1'762'713'911);
    query.started_before = from_unix_s(1'762'900'000);
    const CallListAnswer answer = list(std::move(query));
    ASSERT_TRUE(answer.page) << answer.page.error().detail;
    EXPECT_EQ(answer.page->next_page, "");
    const HttpRequest& request = transport.requests.at(0);
    EXPECT_EQ(request.url,
              "https://api.twilio.test/2010-04-01/Accounts/AC%2F1/Calls.json?PageSize=200"
              "&StartTime%3E=2025-11-09&StartTime%3C=2025-11-11");
    EXPECT_EQ(request.user, "AC/1");
    EXPECT_EQ(request.password, "token");
}

TEST_F(TwilioListTest, follows_the_next_page_as_it_was_given) {
    transport.say(200, std::string(R"({"calls":[)") + call_json +
                           R"(,{"sid":7}],"next_page_uri":"/2010-04-01/A/Calls.json?Page=1"})");
    const CallListAnswer first = list();
    ASSERT_TRUE(first.page);
    EXPECT_EQ(first.page->calls.size(), 1U);
    EXPECT_EQ(first.page->unreadable_count, 1);
    CallListQuery query;
    query.next_page = first.page->next_page;
    ASSERT_TRUE(list(std::move(query)).page);
    EXPECT_EQ(transport.requests.at(1).url,
              "https://api.twilio.test/2010-04-01/A/Calls.json?Page=1");
}

TEST_F(TwilioListTest, a_page_that_lists_another_accounts_call_is_no_answer) {
    TwilioRest rest{transport, clock, "https://api.twilio.test", "AC" + std::string(32, 'a'),
                    "token"};
    const auto page_with = [&](char account) {
        transport.say(200, std::string(R"({"calls":[)") + call_json + R"(,{"sid":"CA)" +
                               std::string(32, '2') + R"(","account_sid":"AC)" +
                               std::string(32, account) + R"("}],"next_page_uri":null})");
        return run_task(rest.list_calls({})).page;
    };
    EXPECT_TRUE(page_with('a'));
    const auto page = page_with('b');
    ASSERT_FALSE(page);
    EXPECT_EQ(page.error(),
              (Error{Errc::invalid_input, "the answer lists another account's call"}));
}

TEST_F(TwilioListTest, takes_our_credentials_to_no_other_host) {
    transport.say(200, R"({"calls":[],"next_page_uri":"https://evil.example/x"})");
    const CallListAnswer answer = list();
    ASSERT_FALSE(answer.page);
    EXPECT_EQ(answer.page.error().code, Errc::invalid_input);
}

TEST_F(TwilioListTest, tells_when_to_ask_again_and_what_time_it_is_there) {
    transport.say(429, "{}", "17");
    transport.answer.date = "Sun, 09 Nov 2025 18:45:06 GMT";
    const CallListAnswer answer = list();
    ASSERT_FALSE(answer.page);
    EXPECT_EQ(answer.page.error().code, Errc::rate_limited);
    EXPECT_EQ(answer.retry_after, seconds{17});
    EXPECT_EQ(answer.twilio_now, from_unix_s(1'762'713'906));
}

TEST_F(TwilioListTest, says_what_is_wrong) {
    const auto code = [&] { return list().page.error().code; };
    transport.say(401, "{}");
    EXPECT_EQ(code(), Errc::unauthorized);
    transport.say(503, "{}");
    EXPECT_EQ(code(), Errc::unavailable);
    transport.say(200, "<html>");
    EXPECT_EQ(code(), Errc::invalid_input);
    transport.say(200, R"({"calls":[{"sid":"CA01)");
    EXPECT_EQ(code(), Errc::invalid_input);
    transport.fail(Kind::unknown);
    EXPECT_EQ(code(), Errc::timeout);
}

}  // namespace
}  // namespace wrapup
