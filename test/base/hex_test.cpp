#include "base/hex.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(Hex, writes_lower_case_and_reads_either) {
    const std::string bytes("\x00\x7f\xaB\xff", 4);
    EXPECT_EQ(to_hex(bytes), "007fabff");
    EXPECT_EQ(from_hex("007fabff"), bytes);
    EXPECT_EQ(from_hex("007FABFF"), bytes);
    EXPECT_EQ(from_hex(""), "");
}

TEST(Hex, what_is_not_whole_bytes_is_nothing) {
    for (const auto* text : {"0", "0g", "g0", "00 ", "0x00"}) EXPECT_FALSE(from_hex(text)) << text;
}

TEST(Hex, knows_the_neighbours_of_its_digits) {
    for (const char c : {'/', ':', '@', 'G', '`', 'g'}) EXPECT_EQ(hex_digit(c), -1) << c;
    EXPECT_EQ(hex_digit('9'), 9);
    EXPECT_EQ(hex_digit('a'), 10);
    EXPECT_EQ(hex_digit('F'), 15);
}

}  // namespace
}  // namespace wrapup
