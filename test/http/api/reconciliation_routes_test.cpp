#include "http/api/reconciliation_routes.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "http/api/reconciliation_input.hpp"
#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;
using std::chrono::hours;
using testing::HasSubstr;

constexpr UtcTime now = from_unix_s(1'764'000'000);  // 2025-11-24T16:00:00Z

class KeptReconciler final : public ReconcileActions {
public:
    Task<Result<ReconcileRun>> order(ReconcileOrder given) override {
        ordered = given;
        if (is_away) co_return Error{Errc::unavailable, "the store cannot be written"};
        if (is_full) co_return Error{Errc::conflict, "other runs are waiting"};
        co_return run;
    }
    Task<Result<ReconcileRun>> find_run(std::int64_t id) override {
        if (id != run.id) co_return Error{Errc::not_found, "no such run"};
        co_return run;
    }
    Task<ReconcileStatus> status() override { co_return told; }

    bool is_full = false;
    bool is_away = false;
    std::optional<ReconcileOrder> ordered;
    ReconcileRun run;
    ReconcileStatus told;
};

class ReconciliationRoutesTest : public FrontTest {
protected:
    void serve_with_reconciler() {
        reconciler.run.id = 7;
        options.metrics_text = [] {
            return std::string(
                "wrapup_requests_rejected_total{cause=\"bad_signature\"} 3\n"
                "wrapup_requests_rejected_total{cause=\"stale\"} 0\n");
        };
        front.emplace(
            loop.io.get_executor(), options,
            HttpFrontPorts{events, actions, store, pool, pool, clock, log, metrics, &reconciler});
        ASSERT_TRUE(front->listen());
        front->start();
        front->set_serving();
        loop.start();
    }
    static json::value parse(const Reply& reply) { return json::parse(reply.body); }

    KeptReconciler reconciler;
};

TEST_F(ReconciliationRoutesTest, status_tells_runs_troubles_webhooks_and_refusals) {
    reconciler.told.interval = seconds{300};
    reconciler.told.twilio = ReconcileTrouble{now, 2, "Twilio asks for patience"};
    reconciler.told.clock_ahead = seconds{600};
    reconciler.told.runs.emplace_back().counts.missed = 4;
    reconciler.told.webhooks = {{"post-call", "https://h.example/x", false, true, "503", now}};
    serve_with_reconciler();
    const Reply reply = api_get("/api/reconciliation");
    ASSERT_EQ(reply.status, 200);
    const json::value body = parse(reply);
    EXPECT_EQ(body.at("interval_s"), 300);
    EXPECT_EQ(body.at_pointer("/twilio/trouble/count"), 2);
    EXPECT_EQ(body.at_pointer("/twilio/clock_ahead_s"), 600);
    EXPECT_TRUE(body.at_pointer("/elevenlabs/trouble").is_null());
    EXPECT_EQ(body.at_pointer("/runs/0/counts/missed"), 4);
    EXPECT_EQ(body.at_pointer("/webhooks/0/is_auto_disabled"), true);
    EXPECT_EQ(body.at("refused").as_array().size(), 1U);
    EXPECT_EQ(body.at_pointer("/refused/0/cause"), "bad_signature");
    EXPECT_EQ(body.at_pointer("/refused/0/count"), 3);
}

TEST_F(ReconciliationRoutesTest, a_run_is_ordered_and_found) {
    serve_with_reconciler();
    const Reply begun = api_send("POST", "/api/reconciliation",
                                 R"({"from":"2025-11-01","to":"2025-11-02","dry_run":true})");
    ASSERT_EQ(begun.status, 202) << begun.body;
    EXPECT_EQ(parse(begun).at("id"), 7);
    ASSERT_TRUE(reconciler.ordered.has_value());
    EXPECT_TRUE(reconciler.ordered->is_dry_run);
    EXPECT_EQ(reconciler.ordered->until - reconciler.ordered->from, hours{48});
    EXPECT_EQ(api_get("/api/reconciliation/7").status, 200);
    EXPECT_EQ(api_get("/api/reconciliation/8").status, 404);
    EXPECT_EQ(api_get("/api/reconciliation/x").status, 404);
    reconciler.is_full = true;
    EXPECT_EQ(api_send("POST", "/api/reconciliation", R"({"from":"2025-11-01"})").status, 409);
    reconciler.is_away = true;
    EXPECT_EQ(api_send("POST", "/api/reconciliation", R"({"from":"2025-11-01"})").status, 503);
}

TEST_F(ReconciliationRoutesTest, bad_input_names_its_field) {
    serve_with_reconciler();
    const Reply reply = api_send("POST", "/api/reconciliation", R"({"from":"yesterday"})");
    EXPECT_EQ(reply.status, 400);
    EXPECT_THAT(reply.body, HasSubstr(R"("field":"from")"));
    EXPECT_FALSE(reconciler.ordered.has_value());
    EXPECT_EQ(ask(get("/api/reconciliation", "")).status, 401);
}

TEST_F(ReconciliationRoutesTest, without_credentials_there_is_nothing_to_order) {
    serve();
    EXPECT_EQ(api_get("/api/reconciliation").status, 200);
    EXPECT_EQ(api_send("POST", "/api/reconciliation", R"({"from":"2025-11-01"})").status, 501);
    EXPECT_EQ(api_get("/api/reconciliation/1").status, 501);
}

// ---- Input ----

std::string field_of(std::string_view body) {
    const auto parsed = parse_reconcile_order(body, {}, now);
    const auto* const bad = std::get_if<BadInput>(&parsed);
    return bad == nullptr ? "fine" : bad->field;
}

TEST(ReconcileInput, days_and_times) {
    const auto parsed =
        parse_reconcile_order(R"({"from":"2025-11-20","to":"2025-11-21T06:00:00Z"})", {}, now);
    const auto& order = std::get<ReconcileOrder>(parsed);
    EXPECT_EQ(order.from, *parse_rfc3339("2025-11-20T00:00:00Z"));
    EXPECT_EQ(order.until, *parse_rfc3339("2025-11-21T06:00:00Z"));
    EXPECT_FALSE(order.is_dry_run);
    const auto open = parse_reconcile_order(R"({"from":"2025-11-20","to":null})", {}, now);
    EXPECT_EQ(std::get<ReconcileOrder>(open).until, now);
}

TEST(ReconcileInput, a_day_is_that_of_the_ledger) {
    const TimeZone berlin("Europe/Berlin", 3600, {});
    const auto parsed =
        parse_reconcile_order(R"({"from":"2025-11-20","to":"2025-11-20"})", berlin, now);
    const auto& order = std::get<ReconcileOrder>(parsed);
    EXPECT_EQ(order.from, *parse_rfc3339("2025-11-19T23:00:00Z"));
    EXPECT_EQ(order.until, *parse_rfc3339("2025-11-20T23:00:00Z"));
}

TEST(ReconcileInput, what_cannot_be_is_named) {
    EXPECT_EQ(field_of(R"({"from":"2025-11-20"})"), "fine");
    EXPECT_EQ(field_of("{}"), "from");
    EXPECT_EQ(field_of(R"({"from":7})"), "from");
    EXPECT_EQ(field_of(R"({"from":"2025-02-30"})"), "from");
    EXPECT_EQ(field_of(R"({"from":"2020-01-01"})"), "from");
    EXPECT_EQ(field_of(R"({"from":"2026-11-20"})"), "from");
    EXPECT_EQ(field_of(R"({"from":"2026-11-20","to":"2026-11-21"})"), "from");
    EXPECT_EQ(field_of(R"({"from":"2025-11-20","to":"2025-11-19"})"), "to");
    EXPECT_EQ(field_of(R"({"from":"2025-11-20","to":5})"), "to");
    EXPECT_EQ(field_of(R"({"from":"2025-11-20","dry_run":"yes"})"), "dry_run");
    EXPECT_EQ(field_of("[]"), "");
}

}  // namespace
}  // namespace wrapup
