#include "http/webhooks/webhook_routes.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "codec/elevenlabs/elevenlabs_signature.hpp"
#include "codec/twilio/twilio_signature.hpp"
#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr std::string_view sid = "CA0123456789abcdef0123456789abcdef";
constexpr std::string_view form_type = "application/x-www-form-urlencoded; charset=UTF-8";

Form status_form() {
    return {{"CallSid", std::string(sid)}, {"CallStatus", "completed"}, {"CallDuration", "60"},
            {"To", "+61413052898"},        {"SequenceNumber", "3"},     {"FromCity", ""}};
}

class WebhookRoutesTest : public FrontTest {
protected:
    struct Callback {
        std::string target = "/call-status-callback";
        std::string token = "token";
        std::string base = "https://calls.example.com";
        std::string content_type{form_type};
        Form form = status_form();
    };
    static std::string render(const Callback& callback) {
        const std::string signature =
            twilio_signature(callback.token, callback.base + callback.target, callback.form);
        return post(callback.target, render_form(callback.form),
                    "Content-Type: " + callback.content_type +
                        "\r\nX-Twilio-Signature: " + signature + "\r\n");
    }
    std::string sign(std::string_view body, std::string_view secret = "wsec_secret",
                     milliseconds ago = {}) {
        return "ElevenLabs-Signature: " + sign_elevenlabs(secret, clock.now() - ago, body) + "\r\n";
    }
    Reply eleven(std::string_view body) {
        return ask(post("/webhooks/elevenlabs", body, sign(body)));
    }
};

TEST_F(WebhookRoutesTest, a_status_callback_is_stored_and_acknowledged) {
    serve();
    Client client(front->port());
    for (int i = 0; i < 2; ++i) {
        const Reply reply = client.ask(render({}));
        EXPECT_EQ(reply.status, 204);
        EXPECT_EQ(reply.body, "");
        EXPECT_FALSE(reply.has_header("Content-Length"));
    }
    ASSERT_EQ(events.events().size(), 2U);
    EXPECT_EQ(events.events()[0].call_sid, sid);
    EXPECT_EQ(events.events()[0].kind, EventKind::twilio_status);
    EXPECT_EQ(events.events()[0].received_at, clock.now());
    EXPECT_EQ(events.events()[0].dedup_key, events.events()[1].dedup_key);
}

TEST_F(WebhookRoutesTest, every_token_and_the_query_count) {
    serve();
    EXPECT_EQ(ask(render({.token = "old-token"})).status, 204);
    EXPECT_EQ(ask(render({.target = "/call-status-callback?campaign=a%20b&x="})).status, 204);
}

TEST_F(WebhookRoutesTest, a_machine_detection_callback_needs_no_status) {
    serve();
    Callback callback{.target = "/amd-status-callback",
                      .form = {{"CallSid", std::string(sid)}, {"AnsweredBy", "machine_start"}}};
    EXPECT_EQ(ask(render(callback)).status, 204);
    ASSERT_EQ(events.events().size(), 1U);
    EXPECT_EQ(events.events()[0].kind, EventKind::twilio_amd);
    callback.form = {{"CallSid", std::string(sid)}};
    EXPECT_EQ(ask(render(callback)).status, 400);
}

TEST_F(WebhookRoutesTest, a_callback_at_the_other_ones_address_is_taken_for_what_it_says) {
    serve();
    const Form answer = {{"CallSid", std::string(sid)}, {"AnsweredBy", "machine_start"}};
    EXPECT_EQ(ask(render({.target = "/call-status-callback", .form = answer})).status, 204);
    EXPECT_EQ(ask(render({.target = "/amd-status-callback", .form = status_form()})).status, 204);
    ASSERT_EQ(events.events().size(), 2U);
    EXPECT_EQ(events.events()[0].kind, EventKind::twilio_amd);
    EXPECT_EQ(events.events()[1].kind, EventKind::twilio_status);
}

TEST_F(WebhookRoutesTest, a_slash_too_many_is_no_other_path) {
    serve();
    for (const char* target : {"/call-status-callback/", "//call-status-callback",
                               "///call-status-callback//?a=b", "/amd-status-callback/"}) {
        Callback callback{.target = target};
        callback.form.emplace_back("AnsweredBy", "human");
        EXPECT_EQ(ask(render(callback)).status, 204) << target;
    }
    const std::string body = R"({"type":"post_call_transcription","data":{"conversation_id":"c"}})";
    EXPECT_EQ(ask(post("//webhooks//elevenlabs/", body, sign(body))).status, 200);
    EXPECT_EQ(events.events().size(), 5U);
    EXPECT_TRUE(log.lines().empty());
}

TEST_F(WebhookRoutesTest, the_path_of_server_url_may_be_left_by_the_proxy_or_not) {
    options.webhooks.server_url = "https://calls.example.com/api/hooks";
    serve();
    const auto status_of = [&](const std::string& signed_target, const std::string& target) {
        const std::string signature =
            twilio_signature("token", "https://calls.example.com" + signed_target, status_form());
        return ask(post(target, render_form(status_form()),
                        "Content-Type: " + std::string(form_type) +
                            "\r\nX-Twilio-Signature: " + signature + "\r\n"))
            .status;
    };
    const std::string path = "/api/hooks/call-status-callback";
    EXPECT_EQ(status_of(path, path), 204);
    EXPECT_EQ(status_of(path, "/call-status-callback"), 204);
    EXPECT_EQ(status_of(path + "/", path + "/"), 204);
    EXPECT_EQ(status_of("/api//hooks//call-status-callback", "/api//hooks//call-status-callback"),
              204);
    const std::string body = R"({"type":"post_call_transcription","data":{"conversation_id":"c"}})";
    EXPECT_EQ(ask(post("/api/hooks/webhooks/elevenlabs", body, sign(body))).status, 200);
    EXPECT_EQ(events.events().size(), 5U);
    EXPECT_EQ(status_of("/api/call-status-callback", "/api/call-status-callback"), 404);
    EXPECT_EQ(metrics.rejected("wrong_path"), 1);
}

struct TraceRow {
    const char* method;
    const char* target;
    int status;
    const char* cause;
    LogTag tag;
};

TEST_F(WebhookRoutesTest, no_sender_is_refused_without_a_trace) {
    const TraceRow trace_rows[] = {
        {"POST", "/voice/call-status-callback", 404, "wrong_path", LogTag::twilio},
        {"GET", "/voice/amd-status-callback", 404, "wrong_path", LogTag::twilio},
        {"POST", "/api/v2/call-status-callback/", 404, "wrong_path", LogTag::twilio},
        {"POST", "/api/webhooks/elevenlabs", 404, "wrong_path", LogTag::elevenlabs},
        {"GET", "/call-status-callback", 405, "method", LogTag::twilio},
        {"PUT", "//amd-status-callback", 405, "method", LogTag::twilio},
        {"DELETE", "/webhooks/elevenlabs", 405, "method", LogTag::elevenlabs},
    };
    serve();
    std::map<std::string, int> expected;
    for (const TraceRow& row : trace_rows) {
        const Reply reply = ask(request(row.method, row.target, ""));
        EXPECT_EQ(reply.status, row.status) << row.target;
        EXPECT_EQ(reply.has_header("Allow: POST\r\n"), row.status == 405) << row.target;
        expected[row.cause] += 1;
        EXPECT_EQ(metrics.rejected(row.cause), expected[row.cause]) << row.target;
        ASSERT_FALSE(log.lines().empty());
        EXPECT_EQ(log.lines().back().first, row.tag) << row.target;
        EXPECT_THAT(log.lines().back().second, HasSubstr("cause=" + std::string(row.cause)));
        EXPECT_THAT(log.lines().back().second, Not(HasSubstr("v2")));
    }
    EXPECT_EQ(log.lines().size(), std::size(trace_rows));
    EXPECT_EQ(ask(get("/voice/call-status-callbacks")).status, 404);
    EXPECT_EQ(log.lines().size(), std::size(trace_rows)) << "that is nobody's path";
}

TEST_F(WebhookRoutesTest, a_refused_callback_can_be_found_by_the_end_of_its_call_sid) {
    serve();
    ask(render({.token = "guess"}));
    ask(render({.target = "/voice/call-status-callback"}));
    ask(get("/call-status-callback?CallStatus=busy&CallSid=" + std::string(sid)));
    ask(render({.form = {{"CallSid", std::string(sid)}}}));
    events.is_broken = true;
    ask(render({}));
    ASSERT_EQ(log.lines().size(), 5U);
    for (const auto& [tag, text] : log.lines()) {
        EXPECT_THAT(text, HasSubstr("call_sid=…89abcdef")) << text;
        EXPECT_THAT(text, Not(HasSubstr(std::string(sid)))) << text;
    }
    EXPECT_EQ(metrics.rejected("not_stored"), 1);
}

TEST_F(WebhookRoutesTest, what_is_no_call_sid_is_not_repeated) {
    serve();
    for (const std::string& odd : {std::string(60'000, 'A'), std::string("CA\r\n0123456789abcdef"),
                                   std::string("x"), "CA" + std::string(32, 'g')}) {
        ask(render({.token = "guess", .form = {{"CallSid", odd}, {"CallStatus", "busy"}}}));
    }
    ASSERT_EQ(log.lines().size(), 4U);
    for (const auto& [tag, text] : log.lines()) {
        EXPECT_THAT(text, Not(HasSubstr("call_sid=")));
        EXPECT_LT(text.size(), 300U);
    }
}

TEST_F(WebhookRoutesTest, another_account_is_refused_unless_its_token_may_be_listed) {
    options.webhooks.twilio_account_sid = "AC0123456789abcdef0123456789abcdef";
    options.webhooks.twilio_auth_tokens = {"token"};
    serve();
    const auto from = [&](const std::string& account) {
        Callback callback;
        callback.form.emplace_back("AccountSid", account);
        return ask(render(callback)).status;
    };
    EXPECT_EQ(from("AC0123456789abcdef0123456789abcdef"), 204);
    EXPECT_EQ(ask(render({})).status, 204) << "it may be left out";
    EXPECT_EQ(from("ACffffffffffffffffffffffffffffffff"), 403);
    EXPECT_EQ(metrics.rejected("wrong_account"), 1);
    EXPECT_EQ(events.events().size(), 2U);
}

TEST_F(WebhookRoutesTest, a_subaccount_is_taken_where_several_tokens_are_listed) {
    options.webhooks.twilio_account_sid = "AC0123456789abcdef0123456789abcdef";
    serve();
    Callback callback;
    callback.form.emplace_back("AccountSid", "ACffffffffffffffffffffffffffffffff");
    EXPECT_EQ(ask(render(callback)).status, 204);
}

TEST_F(WebhookRoutesTest, an_id_that_is_none_is_neither_stored_nor_logged) {
    serve();
    for (const std::string& id :
         {std::string(1'000'000, 'c'), std::string(R"(c\r\nx)"), std::string("c 1"),
          std::string(R"(c\u0000)"), std::string("c/../d"), std::string(129, 'c')}) {
        const Reply reply =
            eleven(R"({"type":"post_call_transcription","data":{"conversation_id":")" +
                   std::string(id) + "\"}}");
        EXPECT_EQ(reply.status, 400);
        EXPECT_THAT(reply.body, HasSubstr("conversation_id"));
    }
    EXPECT_TRUE(events.events().empty());
    EXPECT_EQ(metrics.rejected("malformed"), 6);
    for (const auto& [tag, text] : log.lines()) EXPECT_LT(text.size(), 300U);
}

TEST_F(WebhookRoutesTest, a_forged_callback_changes_nothing_and_is_told_to_the_operator) {
    serve();
    EXPECT_EQ(ask(render({.token = "guess"})).status, 403);
    EXPECT_EQ(metrics.rejected("bad_signature"), 1);
    EXPECT_EQ(ask(render({.base = "http://calls.example.com"})).status, 403);
    EXPECT_EQ(metrics.rejected("wrong_server_url"), 1);
    EXPECT_THAT(api_get("/api/settings").body,
                HasSubstr(R"("server_url_that_would_match":"http://calls.example.com")"));
    const std::string body = render_form(status_form());
    const std::string type = "Content-Type: " + std::string(form_type) + "\r\n";
    EXPECT_EQ(ask(post("/call-status-callback", body, type)).status, 403);
    EXPECT_EQ(metrics.rejected("no_signature"), 1);
    EXPECT_TRUE(events.events().empty());
    ASSERT_EQ(log.lines().size(), 3U);
    for (const auto& [tag, text] : log.lines()) {
        EXPECT_EQ(tag, LogTag::twilio);
        EXPECT_THAT(text, Not(HasSubstr("61413052898")));
    }
    EXPECT_THAT(log.lines()[1].second, HasSubstr("SERVER_URL"));
}

TEST_F(WebhookRoutesTest, refused_callbacks_do_not_fill_the_log) {
    serve();
    Client client(front->port());
    for (int i = 0; i < 30; ++i) EXPECT_EQ(client.ask(render({.token = "guess"})).status, 403);
    EXPECT_EQ(log.lines().size(), 10U);
    EXPECT_EQ(metrics.rejected("bad_signature"), 30);
    clock.advance(seconds{61});
    client.ask(render({.token = "guess"}));
    ASSERT_EQ(log.lines().size(), 11U);
    EXPECT_THAT(log.lines()[10].second, HasSubstr("not_logged=20"));
}

TEST_F(WebhookRoutesTest, a_callback_must_be_what_its_kind_says) {
    serve();
    EXPECT_EQ(ask(render({.form = {{"CallStatus", "completed"}}})).status, 400);
    EXPECT_EQ(ask(render({.form = {{"CallSid", std::string(sid)}}})).status, 400);
    EXPECT_EQ(ask(render({.content_type = "application/json"})).status, 415);
    EXPECT_EQ(ask(post("/call-status-callback", "a=%zz",
                       "X-Twilio-Signature: x\r\nContent-Type: " + std::string(form_type) + "\r\n"))
                  .status,
              400);
    Form large = status_form();
    large.emplace_back("Extra", std::string(64 * 1024, 'x'));
    EXPECT_EQ(ask(render({.form = large})).status, 413);
    const Reply reply = ask(get("/call-status-callback?CallSid=x"));
    EXPECT_EQ(reply.status, 405);
    EXPECT_TRUE(reply.has_header("Allow: POST\r\n"));
    EXPECT_TRUE(events.events().empty());
}

TEST_F(WebhookRoutesTest, what_cannot_be_stored_is_not_acknowledged) {
    serve();
    events.is_broken = true;
    const Reply twilio = ask(render({}));
    EXPECT_EQ(twilio.status, 503);
    EXPECT_TRUE(twilio.has_header("Retry-After: 1\r\n"));
    const std::string body =
        R"({"type":"post_call_transcription","data":{"conversation_id":"c1"}})";
    EXPECT_EQ(eleven(body).status, 503);
    events.is_broken = false;
    EXPECT_EQ(ask(render({})).status, 204);
    EXPECT_EQ(eleven(body).status, 200);
}

TEST_F(WebhookRoutesTest, a_sender_without_a_secret_finds_nothing) {
    options.webhooks.twilio_auth_tokens.clear();
    options.webhooks.elevenlabs_secrets.clear();
    serve();
    EXPECT_EQ(ask(render({})).status, 404);
    EXPECT_EQ(ask(render({.target = "/amd-status-callback"})).status, 404);
    EXPECT_EQ(eleven("{}").status, 404);
    EXPECT_EQ(metrics.rejected("closed"), 3);
    ASSERT_EQ(log.lines().size(), 3U);
    EXPECT_THAT(log.lines()[0].second, HasSubstr("cause=closed"));
    EXPECT_THAT(log.lines()[0].second, HasSubstr("call_sid=…89abcdef"));
    EXPECT_EQ(log.lines()[2].first, LogTag::elevenlabs);
}

TEST_F(WebhookRoutesTest, unsigned_senders_are_believed_only_where_it_is_said) {
    options.webhooks.allows_unsigned_twilio = true;
    serve();
    const std::string type = "Content-Type: " + std::string(form_type) + "\r\n";
    EXPECT_EQ(ask(post("/call-status-callback", render_form(status_form()), type)).status, 204);
    EXPECT_EQ(ask(post("/webhooks/elevenlabs", "{}")).status, 401);
}

TEST_F(WebhookRoutesTest, unsigned_elevenlabs_is_believed_where_it_is_said) {
    options.webhooks.elevenlabs_secrets.clear();
    options.webhooks.allows_unsigned_elevenlabs = true;
    serve();
    const std::string body =
        R"({"type":"post_call_transcription","data":{"conversation_id":"c1"}})";
    EXPECT_EQ(ask(post("/webhooks/elevenlabs", body)).status, 200);
    EXPECT_EQ(events.events().size(), 1U);
}

TEST_F(WebhookRoutesTest, an_elevenlabs_webhook_is_stored_and_acknowledged) {
    serve();
    const std::string body =
        R"({"type":"post_call_transcription","data":{"conversation_id":"conv_1","agent_id":"a"}})";
    EXPECT_EQ(eleven(body).status, 200);
    EXPECT_EQ(ask(post("/webhooks/elevenlabs", body, sign(body, "wsec_other"))).status, 200);
    ASSERT_EQ(events.events().size(), 2U);
    EXPECT_EQ(events.events()[0].conversation_id, "conv_1");
    EXPECT_EQ(events.events()[0].kind, EventKind::elevenlabs_transcription);
}

TEST_F(WebhookRoutesTest, elevenlabs_signatures_are_checked) {
    serve();
    const std::string body = R"({"type":"post_call_transcription","data":{"conversation_id":"c"}})";
    EXPECT_EQ(ask(post("/webhooks/elevenlabs", body, sign(body, "guess"))).status, 401);
    EXPECT_EQ(ask(post("/webhooks/elevenlabs", body, sign(body + " "))).status, 401);
    EXPECT_EQ(metrics.rejected("bad_signature"), 2);
    const std::string old = sign(body, "wsec_secret", std::chrono::minutes{31});
    EXPECT_EQ(ask(post("/webhooks/elevenlabs", body, old)).status, 401);
    const std::string ahead = sign(body, "wsec_secret", -std::chrono::minutes{6});
    EXPECT_EQ(ask(post("/webhooks/elevenlabs", body, ahead)).status, 401);
    EXPECT_EQ(metrics.rejected("stale"), 2);
    EXPECT_EQ(ask(post("/webhooks/elevenlabs", body)).status, 401);
    EXPECT_EQ(metrics.rejected("no_signature"), 1);
    EXPECT_EQ(ask(post("/webhooks/elevenlabs", body, "ElevenLabs-Signature: x\r\n")).status, 401);
    EXPECT_EQ(metrics.rejected("malformed_signature"), 1);
    EXPECT_TRUE(events.events().empty());
}

TEST_F(WebhookRoutesTest, elevenlabs_signatures_are_fresh_by_either_clock) {
    options.webhooks.machine_time = [now = clock.now()] { return now; };
    serve();
    const std::string request = post("/webhooks/elevenlabs", "{}", sign("{}"));
    clock.advance(std::chrono::hours{5});
    EXPECT_EQ(ask(request).status, 200);
}

TEST_F(WebhookRoutesTest, a_webhook_without_signature_is_refused_before_its_body) {
    serve();
    Client client(front->port());
    const Reply reply = client.ask(
        "POST /webhooks/elevenlabs HTTP/1.1\r\nHost: a\r\nContent-Length: 60000000\r\n\r\n");
    EXPECT_EQ(reply.status, 401);
    EXPECT_TRUE(reply.has_header("Connection: close\r\n"));
}

struct Row {
    const char* body;
    int status;
    std::size_t events_count;
};
constexpr Row rows[] = {
    {R"({"type":"voice_removed","data":{}})", 200, 0},
    {R"({"type":"post_call_audio","data":{"conversation_id":"c1","full_audio":"AAAA"}})", 200, 0},
    {R"({"no_type":1})", 200, 0},
    {R"({"type":7})", 200, 0},
    {"not json", 400, 0},
    {"", 400, 0},
    {R"({"type":"post_call_transcription","data":{}})", 400, 0},
    {R"({"type":"post_call_transcription","data":)", 400, 0},
    {R"({"type":"post_call_transcription_otel","data":{"conversation_id":"c1"}})", 200, 1},
    {R"({"type":"call_initiation_failure","data":{"conversation_id":"c1"}})", 200, 1},
    {R"({"data":{"conversation_id":"c1"},"type":"post_call_transcription"})", 200, 1},
    // As Python's json and programs of Windows write it.
    {R"({"type":"post_call_transcription","data":{"conversation_id":"c1","x":NaN}})", 200, 1},
    {R"({"x":[-Infinity,Infinity],"type":"post_call_transcription_otel",)"
     R"("data":{"conversation_id":"c1"}})",
     200, 1},
    {"\xEF\xBB\xBF{\"type\":\"post_call_transcription\",\"data\":{\"conversation_id\":\"c1\"}}",
     200, 1},
    {"\xEF\xBB\xBF{\"no_type\":NaN}", 200, 0},
    {"\xEF\xBB\xBF{\"type\":\"post_call_audio\"}", 200, 0},
    {R"({"no_type":Nan})", 400, 0},
};

std::string nested(int depth) {
    const std::string data =
        R"({"type":"post_call_transcription","data":{"conversation_id":"c","x":)";
    const auto levels = static_cast<std::size_t>(depth - 2);
    return data + std::string(levels, '[') + std::string(levels, ']') + "}}";
}

TEST_F(WebhookRoutesTest, elevenlabs_webhooks_may_be_nested_two_hundred_deep) {
    serve();
    EXPECT_EQ(eleven(nested(65)).status, 200);
    EXPECT_EQ(eleven(nested(200)).status, 200);
    EXPECT_EQ(eleven(nested(201)).status, 400);
    EXPECT_EQ(events.events().size(), 2U);
    const std::string levels(199, '[');
    EXPECT_EQ(eleven("{\"x\":" + levels + std::string(199, ']') + "}").status, 200);
    EXPECT_EQ(eleven("{\"x\":[" + levels + std::string(200, ']') + "}").status, 400);
}

TEST_F(WebhookRoutesTest, elevenlabs_kinds) {
    serve();
    for (const Row& row : rows) {
        const std::size_t before = events.events().size();
        EXPECT_EQ(eleven(row.body).status, row.status) << row.body;
        EXPECT_EQ(events.events().size() - before, row.events_count) << row.body;
    }
}

TEST_F(WebhookRoutesTest, a_used_kind_may_be_large_but_not_endless) {
    options.webhooks.elevenlabs_kept_bytes_max = 100'000;
    options.webhooks.elevenlabs_bytes_max = 1'000'000;
    serve();
    const auto sized = [](std::size_t size) {
        return R"({"type":"post_call_transcription","data":{"conversation_id":"c1","x":")" +
               std::string(size, 'x') + "\"}}";
    };
    EXPECT_EQ(eleven(sized(99'000)).status, 200);
    EXPECT_EQ(eleven(sized(101'000)).status, 413);
    const std::string type_last =
        R"({"x":")" + std::string(150'000, 'x') + R"(","type":"post_call_audio"})";
    EXPECT_EQ(eleven(type_last).status, 200) << "audio, known only at its end";
    const std::string no_type = R"({"x":")" + std::string(150'000, 'x') + "\"}";
    EXPECT_EQ(eleven(no_type).status, 413) << "it may be of a kind that we use";
    EXPECT_EQ(eleven(R"({"type":"a","x":")" + std::string(1'000'000, 'x') + "\"}").status, 413);
    EXPECT_EQ(events.events().size(), 1U);
}

std::size_t resident_kib() {
    std::ifstream status("/proc/self/status");
    for (std::string line; std::getline(status, line);) {
        if (line.starts_with("VmRSS:")) return static_cast<std::size_t>(std::stoul(line.substr(6)));
    }
    return 0;
}

TEST_F(WebhookRoutesTest, large_audio_passes_through_without_being_kept) {
    options.limits.bodies_bytes_max = 1 << 20;
    serve();
    std::string body = R"({"type": "post_call_audio", "data": {"full_audio": ")";
    body.append(20U << 20U, 'A');
    body += "\"}}";
    body.append((1 << 16) - body.size() % (1 << 16), ' ');
    const std::string signature = sign(body);
    Client client(front->port());
    std::size_t most = 0;
    ASSERT_TRUE(client.send("POST /webhooks/elevenlabs HTTP/1.1\r\nHost: a\r\n" + signature +
                            "Transfer-Encoding: chunked\r\n\r\n"));
    const std::size_t before = resident_kib();
    for (std::size_t at = 0; at < body.size(); at += 1 << 16) {
        ASSERT_TRUE(client.send("10000\r\n"));
        ASSERT_TRUE(client.send(std::string_view(body).substr(at, 1 << 16)));
        ASSERT_TRUE(client.send("\r\n"));
        if (at % (1 << 20) == 0) most = std::max(most, resident_kib());
    }
    ASSERT_TRUE(client.send(chunk("")));
    EXPECT_EQ(client.read().status, 200);
    EXPECT_LT(most, before + 8 * 1024);
    EXPECT_EQ(client.ask(get("/healthz")).status, 200) << "and the connection goes on";
}

TEST_F(WebhookRoutesTest, a_webhook_that_finds_no_room_is_asked_to_come_again) {
    options.limits.bodies_bytes_max = 10'000;
    serve();
    const std::string body =
        R"({"type":"post_call_transcription","data":{"conversation_id":"c","x":")" +
        std::string(20'000, 'x') + "\"}}";
    const Reply reply = eleven(body);
    EXPECT_EQ(reply.status, 503);
    EXPECT_TRUE(reply.has_header("Retry-After: 1\r\n"));
    EXPECT_EQ(metrics.rejected("overloaded"), 1);
}

}  // namespace
}  // namespace wrapup
