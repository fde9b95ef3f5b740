#include "codec/bytes/percent.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(Percent, encodes_everything_that_is_not_unreserved) {
    EXPECT_EQ(percent_encode("aZ09-._~"), "aZ09-._~");
    EXPECT_EQ(percent_encode(" /?#%&=+:\x80\xff"), "%20%2F%3F%23%25%26%3D%2B%3A%80%FF");
    EXPECT_EQ(percent_encode(std::string_view("\0", 1)), "%00");
}

TEST(Percent, a_form_has_a_plus_for_a_blank_and_encodes_the_tilde) {
    EXPECT_EQ(form_encode("a b*c~d+"), "a+b*c%7Ed%2B");
    EXPECT_EQ(form_decode("a+b%2Bc"), "a b+c");
    EXPECT_EQ(percent_decode("a+b%2Bc"), "a+b+c");
}

TEST(Percent, digits_of_either_case_are_read) { EXPECT_EQ(percent_decode("%c3%B6"), "\xc3\xb6"); }

TEST(Percent, a_broken_escape_is_refused) {
    for (const auto* text : {"%", "a%4", "%zz", "%4g", "100%"}) {
        EXPECT_FALSE(percent_decode(text)) << text;
        EXPECT_FALSE(form_decode(text)) << text;
    }
}

}  // namespace
}  // namespace wrapup
