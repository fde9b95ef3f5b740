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

TEST(ReconcileJson, what_is_no_window_is_refused) {
    for (const char* const text :
         {"", "[]", "{}", R"({"from_ms":1})", R"({"from_ms":2,"until_ms":1})",
          R"({"from_ms":1,"until_ms":9000000000000})"}) {
        EXPECT_FALSE(decode_window(text)) << text;
    }
}

}  // namespace
}  // namespace wrapup
