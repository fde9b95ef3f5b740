#include "base/nearest_word.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(NearestWord, is_at_most_two_letters_off) {
    const std::vector<std::string> known{"call", "calls", "show", "--limit"};
    EXPECT_EQ(nearest_word("cals", known), "call");
    EXPECT_EQ(nearest_word("callss", known), "calls");
    EXPECT_EQ(nearest_word("hsow", known), "show");
    EXPECT_EQ(nearest_word("--limt", known), "--limit");
    EXPECT_EQ(nearest_word("nonsense", known), std::nullopt);
    EXPECT_EQ(nearest_word(std::string(100, 'c'), known), std::nullopt);
    EXPECT_EQ(nearest_word("show", {}), std::nullopt);
}

}  // namespace
}  // namespace wrapup
