#include "adapters/destinations/webhook_destination.hpp"

#include <gtest/gtest.h>

#include "adapters/curl/curl_transport.hpp"
#include "codec/standard_webhooks.hpp"
#include "test/adapters/fake_transport.hpp"
#include "test/adapters/http_test_server.hpp"
#include "test/adapters/run_task.hpp"

namespace wrapup {
namespace {

using Kind = CrmAnswer::Kind;

const UtcTime now = *parse_rfc3339("2026-03-01T12:00:00.750Z");
const std::string body = R"({"type":"conversationAICall","name":"Zo\u00eb"})";

CrmRequest record() {
    CrmRequest request;
    request.destination = "crm";
    request.call_id = "CA0123456789abcdef0123456789abcdef";
    request.webhook_id = "msg_CA0123456789abcdef0123456789abcdef";
    request.body = body;
    request.ended_at = *parse_rfc3339("2026-03-01T11:59:58.250Z");
    return request;
}

DestinationSettings destination() {
    DestinationSettings settings;
    settings.name = "crm";
    settings.url = "https://crm.test/hook";
    return settings;
}

struct WebhookDestinationTest : testing::Test {
    CrmAnswer deliver(const DestinationSettings& settings, CrmRequest request = record()) {
        WebhookDestination sender(transport, clock, {settings}, "1.2.3");
        return run_task(sender.deliver(std::move(request)));
    }

    FakeTransport transport;
    FixedClock clock{now};
};

TEST_F(WebhookDestinationTest, posts_the_record_as_it_is) {
    transport.say(200, "ok");

    const CrmAnswer answer = deliver(destination());

    EXPECT_EQ(answer.kind, Kind::answered);
    EXPECT_EQ(answer.http_status, 200);
    EXPECT_EQ(answer.body, "ok");
    const HttpRequest& request = transport.requests.at(0);
    EXPECT_EQ(request.method, "POST");
    EXPECT_EQ(request.url, "https://crm.test/hook");
    EXPECT_EQ(request.body, body);
    EXPECT_EQ(header_of(request, "Content-Type"), "application/json");
    EXPECT_EQ(header_of(request, "User-Agent"), "wrapup/1.2.3");
    EXPECT_EQ(header_of(request, "Idempotency-Key"), record().call_id);
    EXPECT_EQ(header_of(request, "X-Wrapup-Call"), record().call_id);
    EXPECT_EQ(header_of(request, "X-Wrapup-Ended-At"), "2026-03-01T11:59:58.250Z");
    EXPECT_EQ(header_of(request, "webhook-id"), record().webhook_id);
    EXPECT_EQ(header_of(request, "webhook-timestamp"), "1772366400");
    EXPECT_EQ(header_of(request, "webhook-signature"), "<absent>");
    EXPECT_EQ(request.connect_timeout, milliseconds{5'000});
    EXPECT_EQ(request.total_timeout, milliseconds{35'000});
    EXPECT_TRUE(request.truncates_answer);
    EXPECT_TRUE(request.refuses_private_targets);
}

TEST_F(WebhookDestinationTest, signs_when_it_has_a_key) {
    DestinationSettings settings = destination();
    settings.signing_key = "0123456789abcdef01234567";
    (void)deliver(settings);
    EXPECT_EQ(header_of(transport.requests.at(0), "webhook-signature"),
              sign_webhook(settings.signing_key, record().webhook_id, now, body));
}

TEST_F(WebhookDestinationTest, a_call_without_an_end_has_no_header_for_it) {
    CrmRequest request = record();
    request.ended_at.reset();
    (void)deliver(destination(), request);
    EXPECT_EQ(header_of(transport.requests.at(0), "X-Wrapup-Ended-At"), "<absent>");
}

TEST_F(WebhookDestinationTest, a_destinations_own_headers_do_not_replace_ours) {
    DestinationSettings settings = destination();
    settings.headers = {{"x-api-key", "k"},      {"Content-Length", "1"},
                        {"HOST", "other"},       {"Webhook-Id", "no"},
                        {"Idempotency-Key", ""}, {"Authorization", "Bearer t"}};
    (void)deliver(settings);
    const HttpRequest& request = transport.requests.at(0);
    EXPECT_EQ(header_of(request, "x-api-key"), "k");
    EXPECT_EQ(header_of(request, "Authorization"), "Bearer t");
    EXPECT_EQ(header_of(request, "Content-Length"), "<absent>");
    EXPECT_EQ(header_of(request, "HOST"), "<absent>");
    EXPECT_EQ(header_of(request, "Webhook-Id"), "<absent>");
    EXPECT_EQ(header_of(request, "Idempotency-Key"), record().call_id);
}

TEST_F(WebhookDestinationTest, a_destination_has_its_own_bounds) {
    DestinationSettings settings = destination();
    settings.timeout = milliseconds{2'000};
    settings.allows_private_targets = true;
    (void)deliver(settings);
    EXPECT_EQ(transport.requests.at(0).connect_timeout, milliseconds{2'000});
    EXPECT_EQ(transport.requests.at(0).total_timeout, milliseconds{2'000});
    EXPECT_FALSE(transport.requests.at(0).refuses_private_targets);
}

TEST_F(WebhookDestinationTest, the_kinds_of_failure_are_kept_apart) {
    const std::vector<std::pair<HttpAnswer::Kind, Kind>> rows = {
        {HttpAnswer::Kind::not_sent, Kind::not_sent},
        {HttpAnswer::Kind::unknown, Kind::unknown},
        {HttpAnswer::Kind::blocked, Kind::blocked},
        {HttpAnswer::Kind::too_large, Kind::unknown}};
    for (const auto& [said, kind] : rows) {
        transport.fail(said);
        const CrmAnswer answer = deliver(destination());
        EXPECT_EQ(answer.kind, kind);
        EXPECT_EQ(answer.http_status, 0);
        EXPECT_EQ(answer.error, "it went wrong");
    }
}

TEST_F(WebhookDestinationTest, retry_after_is_seconds_or_a_date) {
    transport.say(503, "", "30");
    EXPECT_EQ(deliver(destination()).retry_after, seconds{30});
    transport.say(503, "", "Sun, 01 Mar 2026 12:02:00 GMT");
    EXPECT_EQ(deliver(destination()).retry_after, seconds{120});
    transport.say(503, "", "whenever");
    EXPECT_EQ(deliver(destination()).retry_after, std::nullopt);
}

TEST_F(WebhookDestinationTest, the_answer_is_made_fit_to_be_kept) {
    transport.say(422, "bad \xff\xfe bytes");
    EXPECT_EQ(deliver(destination()).body, "bad \xEF\xBF\xBD\xEF\xBF\xBD bytes");
    transport.say(422, std::string(1'024, '\xff'));
    EXPECT_LE(deliver(destination()).body.size(), 1'024U);
}

TEST_F(WebhookDestinationTest, an_unknown_destination_is_not_sent) {
    CrmRequest request = record();
    request.destination = "other";
    EXPECT_EQ(deliver(destination(), request).kind, Kind::not_sent);
    EXPECT_TRUE(transport.requests.empty());
}

TEST(WebhookDestinationOverHttp, a_record_arrives_byte_for_byte) {
    HttpTestServer crm([](const HttpTestServer::Seen&) {
        return HttpTestServer::answer(503, std::string(5'000, 'a'), "Retry-After: 60\r\n");
    });
    CurlTransport curl{CurlOptions{}};
    const FixedClock clock{now};
    DestinationSettings settings = destination();
    settings.url = crm.url("/hook?tenant=1");
    settings.headers = {{"x-api-key", "k"}};
    settings.allows_private_targets = true;
    WebhookDestination sender(curl, clock, {settings}, "1.2.3");

    const CrmAnswer answer = run_task(sender.deliver(record()));

    EXPECT_EQ(answer.kind, Kind::answered) << answer.error;
    EXPECT_EQ(answer.http_status, 503);
    EXPECT_EQ(answer.retry_after, seconds{60});
    EXPECT_EQ(answer.body, std::string(1'024, 'a'));
    const auto seen = crm.requests().at(0);
    EXPECT_EQ(seen.target, "/hook?tenant=1");
    EXPECT_EQ(seen.body, body);
    EXPECT_EQ(seen.header("content-type"), "application/json");
    EXPECT_EQ(seen.header("user-agent"), "wrapup/1.2.3");
    EXPECT_EQ(seen.header("idempotency-key"), record().call_id);
    EXPECT_EQ(seen.header("x-api-key"), "k");
}

TEST(WebhookDestinationOverHttp, a_private_crm_is_blocked_unless_allowed) {
    HttpTestServer crm([](const HttpTestServer::Seen&) { return HttpTestServer::answer(200, ""); });
    CurlTransport curl{CurlOptions{}};
    const FixedClock clock{now};
    DestinationSettings settings = destination();
    settings.url = crm.url("/");
    WebhookDestination sender(curl, clock, {settings}, "1.2.3");
    EXPECT_EQ(run_task(sender.deliver(record())).kind, Kind::blocked);
    EXPECT_EQ(crm.connections_count(), 0);
}

}  // namespace
}  // namespace wrapup
