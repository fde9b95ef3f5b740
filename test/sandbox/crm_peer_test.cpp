#include "sandbox/crm/crm_peer.hpp"

#include <gmock/gmock.h>

#include "codec/standard_webhooks.hpp"
#include "test/sandbox/stage.hpp"

namespace wrapup {
namespace {

using Kind = CrmFault::Kind;

class CrmPeerTest : public testing::Test {
protected:
    HttpAnswer post(const std::string& key, const std::string& body = R"({"to":"1"})",
                    const std::string& webhook_id = "wh_1") {
        HttpRequest request;
        request.method = "POST";
        request.url = crm().url();
        request.headers = {{"Idempotency-Key", key}, {"webhook-id", webhook_id}};
        request.body = body;
        request.total_timeout = milliseconds{1'500};
        return stage.send(std::move(request));
    }
    CrmPeer& crm() { return stage.sandbox->crm(); }

    Stage stage;
};

TEST_F(CrmPeerTest, files_a_record_once_however_often_it_comes) {
    EXPECT_EQ(post("a").status, 200);
    EXPECT_EQ(post("a").status, 200);
    EXPECT_EQ(post("b").status, 200);
    EXPECT_EQ(crm().ledger().requests_count(), 3U);
    EXPECT_EQ(crm().ledger().filed_count(), 2U);
    EXPECT_EQ(crm().ledger().altered_count(), 0U);
    EXPECT_EQ(crm().ledger().find("a")->requests_count, 2);
}

TEST_F(CrmPeerTest, notices_a_repeat_that_is_not_the_same) {
    post("a", "one");
    post("a", "two");
    post("b", "one", "wh_1");
    post("b", "one", "wh_2");
    EXPECT_EQ(crm().ledger().altered_count(), 2U);
    EXPECT_TRUE(crm().ledger().find("a")->is_altered);
}

TEST_F(CrmPeerTest, counts_what_has_no_key) {
    post("", "one");
    EXPECT_EQ(crm().ledger().malformed_count(), 1U);
}

TEST_F(CrmPeerTest, refuses_as_often_as_told) {
    crm().set_fault({Kind::status, 429, seconds{3}}, 2);
    const HttpAnswer first = post("a");
    EXPECT_EQ(first.status, 429);
    EXPECT_EQ(first.retry_after, "3");
    EXPECT_EQ(post("a").status, 429);
    EXPECT_EQ(crm().ledger().filed_count(), 0U);
    EXPECT_EQ(post("a").status, 200);
    EXPECT_EQ(crm().ledger().filed_count(), 1U);
}

TEST_F(CrmPeerTest, refuses_until_cleared) {
    crm().set_fault({Kind::status, 503, {}});
    for (int i = 0; i < 3; ++i) EXPECT_EQ(post("a").status, 503);
    crm().clear_fault();
    EXPECT_EQ(post("a").status, 200);
}

TEST_F(CrmPeerTest, hangs_when_told) {
    crm().set_fault({Kind::hang, 0, {}}, 1);
    EXPECT_EQ(post("a").kind, HttpAnswer::Kind::unknown);
    EXPECT_EQ(crm().ledger().filed_count(), 0U);
    EXPECT_EQ(crm().ledger().requests_count(), 1U);
}

TEST_F(CrmPeerTest, cuts_with_and_without_filing) {
    crm().set_fault({Kind::cut, 0, {}}, 1);
    EXPECT_EQ(post("a").kind, HttpAnswer::Kind::unknown);
    EXPECT_EQ(crm().ledger().filed_count(), 0U);
    crm().set_fault({Kind::accept_then_cut, 0, {}}, 1);
    EXPECT_EQ(post("a").kind, HttpAnswer::Kind::unknown);
    EXPECT_EQ(crm().ledger().filed_count(), 1U);
    EXPECT_EQ(post("a").status, 200);
    EXPECT_EQ(crm().ledger().filed_count(), 1U);
}

TEST_F(CrmPeerTest, tells_what_happened_to_each_request) {
    std::vector<CrmEvent::Kind> kinds;
    crm().on_event([&](const CrmEvent& event) { kinds.push_back(event.kind); });
    crm().set_fault({Kind::status, 500, {}}, 1);
    post("a");
    post("a");
    post("a");
    EXPECT_THAT(kinds, testing::ElementsAre(CrmEvent::Kind::refused, CrmEvent::Kind::filed,
                                            CrmEvent::Kind::repeated));
}

TEST_F(CrmPeerTest, takes_its_time_when_told) {
    crm().set_latency(milliseconds{200});
    EXPECT_GE(post("a").elapsed, milliseconds{200});
}

TEST_F(CrmPeerTest, looks_at_signatures_when_it_has_a_key) {
    const std::string key(32, 'k');
    const AsioClock clock;
    CrmPeer signing(stage.io_.get_executor(), {"127.0.0.1", 0, {}, key}, clock);
    ASSERT_TRUE(signing.start());
    const UtcTime now = clock.now();
    HttpRequest request;
    request.method = "POST";
    request.url = signing.url();
    request.body = "{}";
    request.headers = {{"Idempotency-Key", "a"},
                       {"webhook-id", "wh_1"},
                       {"webhook-timestamp", std::to_string(to_unix_s(now))},
                       {"webhook-signature", sign_webhook(key, "wh_1", now, "{}")}};
    EXPECT_EQ(stage.send(request).status, 200);
    EXPECT_EQ(signing.ledger().malformed_count(), 0U);
    request.body = "{ }";
    stage.send(request);
    EXPECT_EQ(signing.ledger().malformed_count(), 1U);
}

}  // namespace
}  // namespace wrapup
