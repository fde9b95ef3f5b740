#include "http/api/session.hpp"

#include <gtest/gtest.h>

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

constexpr UtcTime start = from_unix_ms(1'762'713'912'000);
using Verdict = Sessions::Verdict;

TEST(Sessions, a_session_is_valid_for_twelve_hours) {
    Sessions sessions("token");
    const std::string session = sessions.issue(start);
    EXPECT_EQ(sessions.judge(session, start), Verdict::valid);
    const UtcTime end = start + std::chrono::hours{12};
    EXPECT_EQ(sessions.judge(session, end - milliseconds{1}), Verdict::valid);
    EXPECT_EQ(sessions.judge(session, end), Verdict::over);
}

TEST(Sessions, another_process_with_the_same_token_knows_it_and_one_with_another_does_not) {
    const std::string session = Sessions("token").issue(start);
    EXPECT_EQ(Sessions("token").judge(session, start), Verdict::valid);
    EXPECT_EQ(Sessions("tokem").judge(session, start), Verdict::forged);
}

TEST(Sessions, what_was_changed_is_forged) {
    Sessions sessions("token");
    const std::string session = sessions.issue(start);
    for (std::size_t i = 0; i < session.size(); ++i) {
        std::string changed = session;
        changed[i] = changed[i] == '1' ? '2' : '1';
        EXPECT_EQ(sessions.judge(changed, start), Verdict::forged) << i;
    }
    for (const std::string& bad :
         {std::string(), std::string("."), session + "0", session.substr(0, session.size() - 1),
          std::string(9'000, '.')}) {
        EXPECT_EQ(sessions.judge(bad, start), Verdict::forged) << bad;
    }
}

TEST(Sessions, without_a_token_there_is_none) {
    Sessions sessions("");
    EXPECT_EQ(sessions.judge(sessions.issue(start), start), Verdict::forged);
}

TEST(Sessions, an_ended_one_is_over_and_the_others_go_on) {
    Sessions sessions("token");
    const std::string one = sessions.issue(start);
    const std::string other = sessions.issue(start);
    ASSERT_NE(one, other);
    sessions.end(one, start);
    EXPECT_EQ(sessions.judge(one, start), Verdict::over);
    EXPECT_EQ(sessions.judge(other, start), Verdict::valid);
}

TEST(Sessions, what_ended_is_over_for_the_next_process_too_until_it_would_have_been) {
    Sessions first("token");
    const std::string one = first.issue(start);
    const std::string other = first.issue(start);
    EXPECT_TRUE(first.end(one, start));
    EXPECT_FALSE(first.end(one, start)) << "it is over";
    EXPECT_FALSE(first.end("1.2.forged", start));
    const std::string kept = first.ended();
    EXPECT_EQ(kept.find(one.substr(one.rfind('.'))), std::string::npos) << "no MAC is kept";

    Sessions second("token");
    second.recall(kept, start);
    EXPECT_EQ(second.judge(one, start), Verdict::over);
    EXPECT_EQ(second.judge(other, start), Verdict::valid);
    EXPECT_EQ(second.ended(), kept);

    Sessions late("token");
    late.recall(kept, start + std::chrono::hours{12});
    EXPECT_EQ(late.ended(), "");
    late.recall("nonsense,,.,12,-1.x", start);
    EXPECT_EQ(late.ended(), "");
}

TEST(Sessions, of_those_that_ended_the_last_thousand_are_remembered) {
    Sessions sessions("token");
    std::vector<std::string> issued;
    for (int i = 0; i < 1'001; ++i) {
        issued.push_back(sessions.issue(start + milliseconds{i}));
        sessions.end(issued.back(), start + milliseconds{i});
    }
    const UtcTime now = start + milliseconds{1'001};
    EXPECT_EQ(sessions.judge(issued.front(), now), Verdict::valid);
    EXPECT_EQ(sessions.judge(issued[1], now), Verdict::over);
    EXPECT_EQ(sessions.judge(issued.back(), now), Verdict::over);
}

class SessionRoutesTest : public FrontTest {
protected:
    static constexpr const char* json = "Content-Type: application/json\r\n";
    static constexpr const char* ours = "Sec-Fetch-Site: same-origin\r\n";

    Reply sign_in(std::string_view token = "api-token", const std::string& more = "") {
        const std::string body = R"({"token":")" + std::string(token) + R"("})";
        return ask(request("POST", "/api/session", body, json + more));
    }
    // The Cookie header that a browser would send from then on.
    static std::string cookie_of(const Reply& reply) {
        constexpr std::string_view name = "Set-Cookie: ";
        const std::size_t begin = reply.head.find(name);
        if (begin == std::string::npos) return "";
        const std::size_t value = begin + name.size();
        return "Cookie: a=b; " + reply.head.substr(value, reply.head.find(';', value) - value) +
               "; c=d\r\n";
    }
};

TEST_F(SessionRoutesTest, the_token_gives_a_cookie_that_reads_the_api) {
    serve();
    const Reply reply = sign_in();
    EXPECT_EQ(reply.status, 204);
    EXPECT_TRUE(reply.has_header("; Path=/; Max-Age=43200; HttpOnly; SameSite=Strict\r\n"));
    EXPECT_TRUE(reply.has_header("Cache-Control: no-store\r\n"));
    EXPECT_EQ(ask(get("/api/calls", cookie_of(reply))).status, 200);
    EXPECT_EQ(ask(get("/api/session", cookie_of(reply))).body, R"({"signed_in":true})");
    EXPECT_EQ(ask(get("/api/session")).body, R"({"signed_in":false})");
}

TEST_F(SessionRoutesTest, over_https_the_cookie_is_secure) {
    serve();
    EXPECT_TRUE(sign_in("api-token", "X-Forwarded-Proto: https\r\n").has_header("; Secure\r\n"));
    const std::string origin = "Sec-Fetch-Site: same-origin\r\nOrigin: https://wrapup.example\r\n";
    EXPECT_TRUE(sign_in("api-token", origin).has_header("; Secure\r\n"));
}

TEST_F(SessionRoutesTest, a_wrong_token_gives_no_cookie_and_counts_as_a_guess) {
    serve();
    for (int i = 0; i < 10; ++i) {
        const Reply reply = sign_in("guess" + std::to_string(i));
        EXPECT_EQ(reply.status, 401);
        EXPECT_EQ(cookie_of(reply), "");
    }
    EXPECT_EQ(sign_in().status, 429);
    EXPECT_EQ(api_get("/api/calls").status, 429);
    EXPECT_EQ(metrics.rejected("bad_token"), 10);
    clock.advance(std::chrono::seconds{31});
    EXPECT_EQ(sign_in().status, 204);
}

TEST_F(SessionRoutesTest, what_is_no_token_is_told_by_its_field) {
    serve();
    for (const char* body : {"{}", R"({"token":""})", R"({"token":7})", "[]", "", "{"}) {
        EXPECT_EQ(ask(request("POST", "/api/session", body, json)).status, 400) << body;
    }
    const Reply empty = ask(request("POST", "/api/session", "{}", json));
    EXPECT_NE(empty.body.find(R"("field":"token")"), std::string::npos);
    const char* text = "Content-Type: text/plain\r\n";
    EXPECT_EQ(ask(request("POST", "/api/session", R"({"token":"api-token"})", text)).status, 415);
    EXPECT_EQ(sign_in(std::string(65'536, 'x')).status, 413);
}

TEST_F(SessionRoutesTest, a_forged_cookie_is_a_wrong_token) {
    serve();
    EXPECT_EQ(ask(get("/api/calls", "Cookie: wrapup_session=9.9.abc\r\n")).status, 401);
    EXPECT_EQ(metrics.rejected("bad_token"), 1);
    EXPECT_EQ(ask(get("/api/calls", "Cookie: wrapup_sessions=1; wrapup_session=\r\n")).status, 401);
    EXPECT_EQ(metrics.rejected("no_token"), 1);
}

TEST_F(SessionRoutesTest, a_session_ends_by_itself_without_counting_as_a_guess) {
    serve();
    const std::string cookie = cookie_of(sign_in());
    clock.advance(std::chrono::hours{12});
    for (int i = 0; i < 200; ++i) EXPECT_EQ(ask(get("/api/calls", cookie)).status, 401);
    EXPECT_EQ(metrics.rejected("session_over"), 200);
    EXPECT_EQ(sign_in().status, 204);
}

TEST_F(SessionRoutesTest, delete_ends_it) {
    serve();
    const std::string cookie = cookie_of(sign_in());
    const Reply reply = ask(request("DELETE", "/api/session", "", cookie + ours));
    EXPECT_EQ(reply.status, 204);
    EXPECT_TRUE(reply.has_header("Set-Cookie: wrapup_session=; Path=/; Max-Age=0;"));
    EXPECT_EQ(ask(get("/api/calls", cookie)).status, 401);
    EXPECT_EQ(ask(request("DELETE", "/api/session", "", "")).status, 204);
}

TEST_F(SessionRoutesTest, what_was_signed_out_is_kept) {
    serve();
    const std::string cookie = cookie_of(sign_in());
    ASSERT_EQ(ask(request("DELETE", "/api/session", "", cookie + ours)).status, 204);
    ASSERT_EQ(actions.kept.size(), 1U);
    EXPECT_EQ(actions.kept[0].key, SessionRoutes::kept_key);
    (void)ask(request("DELETE", "/api/session", "", cookie + ours));
    EXPECT_EQ(actions.kept.size(), 1U) << "nothing ended";
}

TEST_F(SessionRoutesTest, what_another_process_ended_is_over) {
    Sessions before("api-token");
    const auto cookie_with = [](const std::string& session) {
        return "Cookie: wrapup_session=" + session + "\r\n";
    };
    const std::string gone = before.issue(clock.now());
    const std::string stays = before.issue(clock.now());
    ASSERT_TRUE(before.end(gone, clock.now()));
    options.api.ended_sessions = before.ended();
    serve();
    EXPECT_EQ(ask(get("/api/calls", cookie_with(gone))).status, 401);
    EXPECT_EQ(ask(get("/api/calls", cookie_with(stays))).status, 200);
}

TEST_F(SessionRoutesTest, a_sign_out_that_cannot_be_kept_says_so) {
    serve();
    const std::string cookie = cookie_of(sign_in());
    actions.done = Error{Errc::unavailable, "the disk is full"};
    const Reply reply = ask(request("DELETE", "/api/session", "", cookie + ours));
    EXPECT_EQ(reply.status, 503);
    EXPECT_TRUE(reply.has_header("Set-Cookie: wrapup_session=; Path=/; Max-Age=0;"));
    EXPECT_EQ(ask(get("/api/calls", cookie)).status, 401) << "over here at once";
}

TEST_F(SessionRoutesTest, what_changes_something_must_come_from_our_own_page_as_json) {
    serve();
    const std::string cookie = cookie_of(sign_in());
    const auto pause = [&](const std::string& headers) {
        return ask(request("POST", "/api/destinations/crm/pause", "", cookie + headers)).status;
    };
    EXPECT_EQ(pause(std::string(json) + ours), 200);
    EXPECT_EQ(pause(std::string(json) + "Origin: http://a\r\n"), 200);
    EXPECT_EQ(pause(json), 403);
    EXPECT_EQ(pause(std::string(json) + "Sec-Fetch-Site: cross-site\r\n"), 403);
    EXPECT_EQ(pause(std::string(json) + "Sec-Fetch-Site: same-site\r\n"), 403);
    EXPECT_EQ(pause(std::string(json) + "Sec-Fetch-Site: none\r\n"), 403);
    EXPECT_EQ(pause(std::string(json) + "Origin: http://evil.example\r\n"), 403);
    EXPECT_EQ(pause(std::string(json) + "Origin: null\r\n"), 403);
    EXPECT_EQ(pause(std::string(json) + "Sec-Fetch-Site: cross-site\r\nOrigin: http://a\r\n"), 403);
    EXPECT_EQ(pause(ours), 415);
    EXPECT_EQ(pause(std::string("Content-Type: text/plain\r\n") + ours), 415);
    EXPECT_EQ(metrics.rejected("other_site"), 7);
}

TEST_F(SessionRoutesTest, another_site_signs_nobody_in_or_out) {
    serve();
    EXPECT_EQ(sign_in("api-token", "Sec-Fetch-Site: cross-site\r\n").status, 403);
    EXPECT_EQ(sign_in("api-token", "Origin: http://evil.example\r\n").status, 403);
    const std::string cookie = cookie_of(sign_in());
    const std::string foreign = cookie + "Sec-Fetch-Site: cross-site\r\n";
    EXPECT_EQ(ask(request("DELETE", "/api/session", "", foreign)).status, 403);
    EXPECT_EQ(ask(get("/api/calls", cookie)).status, 200);
}

}  // namespace
}  // namespace wrapup
