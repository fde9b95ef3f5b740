#include "adapters/postgres/bytes.hpp"

#include <gtest/gtest.h>

#include "base/prng.hpp"
#include "base/text.hpp"

namespace wrapup::postgres {
namespace {

TEST(PostgresBytes, leaves_text_as_it_is) {
    for (const std::string_view text : {"", "plain", "{\"a\":\"b\\\\\"}", "\xC3\xA9\xE2\x82\xAC",
                                        "\xF0\x9F\x98\x80", "\xF4\x8F\xBB\xBF"}) {
        EXPECT_EQ(to_stored(text), text);
        EXPECT_EQ(from_stored(text), text);
    }
}

TEST(PostgresBytes, stores_any_bytes_as_text_and_gives_them_back) {
    Prng prng(7);
    const std::string drawn_from = std::string("\0\x01 az\x7F\x80\xBF\xC0\xC1\xC2\xDF", 13) +
                                   "\xE0\xA0\xED\x9F\xEF\xF0\x90\xF4\x8F\xBC\xBE\xF5\xFF";
    for (int i = 0; i < 20'000; ++i) {
        std::string bytes;
        for (auto left = prng.below(9); left > 0; --left) {
            bytes += drawn_from[prng.below(drawn_from.size())];
        }
        const std::string stored = to_stored(bytes);
        EXPECT_EQ(stored.find('\0'), std::string::npos);
        EXPECT_EQ(to_valid_utf8(stored), stored);
        EXPECT_EQ(from_stored(stored), bytes);
        EXPECT_TRUE(stored == bytes || has_stand_ins(stored));
    }
}

TEST(PostgresBytes, characters_that_stand_in_for_bytes_are_bytes_themselves) {
    const std::string stand_in = to_stored(std::string(1, '\0'));
    EXPECT_NE(to_stored(stand_in), stand_in);
    EXPECT_EQ(from_stored(to_stored(stand_in)), stand_in);
}

}  // namespace
}  // namespace wrapup::postgres
