#include "codec/reconcile_json.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(ReconcileJson, a_window_comes_back_as_it_was) {
    ReconcileWindow window;
    window.number = 3;
    window.from = from_unix_s(1'762'713'900);
    window.until = window.from + std::chrono::hours{24};
    EXPECT_EQ(decode_window(encode_window(window)), window);
    window.begun_at = window.until;
    window.open_since = window.from + seconds{1};
    window.next_page = "/2010-04-01/x?Page=1";
    window.has_gaps = true;
    window.slots.push_back({window.from, 7, 2, false, {}});
    EXPECT_EQ(decode_window(encode_window(window)), window);
}

TEST(ReconcileJson, an_order_comes_back_as_it_was) {
    KeptOrder order;
    order.id = 7;
    order.from = from_unix_s(1'762'713'900);
    order.until = order.from + std::chrono::hours{24 * 9};
    order.conversations_until = order.until - seconds{1};
    EXPECT_EQ(decode_order(encode_order(order)), order);
    order.is_dry_run = true;
    order.counts = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    ReconcileWindow window;
    window.from = order.from;
    window.until = order.from + std::chrono::hours{24 * 7};
    window.next_page = "/2010-04-01/x?Page=1";
    window.slots.push_back({window.from, 7, 2, false, {}});
    order.windows = {window, window};
    EXPECT_EQ(decode_order(encode_order(order)), order);
}

TEST(ReconcileJson, a_status_comes_back_as_it_was) {
    ReconcileStatus status;
    EXPECT_EQ(decode_status(encode_status(status)), status);
    const UtcTime at = from_unix_s(1'762'713'900);
    status.node = "n1";
    status.next_at = at;
    status.listed_until = at - seconds{5};
    status.windows_left = 2;
    status.twilio = ReconcileTrouble{at, 3, "Twilio answered 401"};
    status.elevenlabs = ReconcileTrouble{at, 1, "ElevenLabs answered 401"};
    status.clock_ahead = milliseconds{-1'500};
    status.webhooks_asked_at = at;
    status.webhooks = {{"post-call", "https://a.example/hook", true, true, "500", at},
                       {"other", "https://b.example/hook", false, false, "", std::nullopt}};
    ReconcileRun run;
    run.id = 7;
    run.from = at;
    run.until = at + seconds{9};
    run.started_at = at;
    status.runs.push_back(run);
    run.state = ReconcileRun::State::failed;
    run.is_ordered = run.is_dry_run = true;
    run.ended_at = run.reached = at + seconds{10};
    run.counts = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};
    run.error = "it did not answer";
    run.findings = {{"CA1", CallStatus::busy, 5, at, "missed", "no event"},
                    {"CA2", std::nullopt, std::nullopt, std::nullopt, "only_here", ""}};
    status.runs.push_back(run);
    EXPECT_EQ(decode_status(encode_status(status)), status);
}

TEST(ReconcileJson, what_cannot_be_read_of_a_status_is_left_out) {
    EXPECT_FALSE(decode_status("[]"));
    const auto status =
        decode_status(R"({"twilio":{},"runs":[1,{},{"id":1,"state":"odd"}],"webhooks":7})");
    ASSERT_TRUE(status);
    EXPECT_EQ(*status, ReconcileStatus{});
}

TEST(ReconcileJson, what_is_no_order_is_refused) {
    const std::string whole =
        R"({"id":1,"from_ms":1,"until_ms":2,"conversations_until_ms":2,"windows":[]})";
    EXPECT_TRUE(decode_order(whole));
    for (const std::string part : {R"("id":1)", R"("from_ms":1)", R"("until_ms":2)",
                                   R"("conversations_until_ms":2)", R"("windows":[])"}) {
        std::string text = whole;
        text.replace(text.find(part), part.size(), R"("other":1)");
        EXPECT_FALSE(decode_order(text)) << text;
    }
    for (const char* const windows : {"1", "[1]", "[{}]"}) {
        std::string text = whole;
        text.replace(text.find("[]"), 2, windows);
        EXPECT_FALSE(decode_order(text)) << text;
    }
}

TEST(ReconcileJson, what_is_no_window_is_refused) {
    for (const char* const text :
         {"", "[]", "{}", R"({"from_ms":1})", R"({"from_ms":2,"until_ms":1})",
          R"({"from_ms":1,"until_ms":9000000000000})"}) {
        EXPECT_FALSE(decode_window(text)) << text;
    }
}

}  // namespace
}  // namespace wrapup
