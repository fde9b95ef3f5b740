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
