#include "http/webhook_routes.hpp"

#include <gmock/gmock.h>

#include <fstream>

#include "codec/elevenlabs_signature.hpp"
#include "codec/twilio_signature.hpp"
#include "http/json_check.hpp"
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
    callback.form = {{"CallSid", std::string(sid)}, {"CallStatus", "completed"}};
    EXPECT_EQ(ask(render(callback)).status, 400);
}

TEST_F(WebhookRoutesTest, a_forged_callback_changes_nothing_and_is_told_to_the_operator) {
    serve();
    EXPECT_EQ(ask(render({.token = "guess"})).status, 403);
    EXPECT_EQ(metrics.rejected("bad_signature"), 1);
    EXPECT_EQ(ask(render({.base = "http://calls.example.com"})).status, 403);
    EXPECT_EQ(metrics.rejected("wrong_server_url"), 1);
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
};

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

TEST(JsonCheck, knows_json_from_other_things) {
    for (const char* text : {"{}", " [1, -2.5e3, \"x\", null, true] \n", "\"x\"", "7"}) {
        EXPECT_TRUE(is_json(text)) << text;
    }
    for (const char* text : {"", " ", "{", "{}x", "{'a':1}", "\"\xff\"", "nul"}) {
        EXPECT_FALSE(is_json(text)) << text;
    }
}

}  // namespace
}  // namespace wrapup
