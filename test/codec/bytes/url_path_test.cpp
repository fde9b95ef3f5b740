#include "codec/bytes/url_path.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(UrlPath, is_what_stands_behind_the_host) {
    EXPECT_EQ(path_of_url("https://example.com"), "");
    EXPECT_EQ(path_of_url("https://example.com/"), "/");
    EXPECT_EQ(path_of_url("https://user:pass@example.com:8443/voice/x?y=/z"), "/voice/x");
    EXPECT_EQ(path_of_url("https://example.com?y=/z"), "");
    EXPECT_EQ(path_of_url("/voice"), "");
    EXPECT_EQ(path_of_url(""), "");
}

TEST(UrlPath, loses_the_slashes_that_are_too_many) {
    EXPECT_EQ(tidy_path("/a/b"), "/a/b");
    EXPECT_EQ(tidy_path("//a///b//"), "/a/b");
    EXPECT_EQ(tidy_path("/"), "");
    EXPECT_EQ(tidy_path(""), "");
}

TEST(UrlPath, lies_below_a_whole_prefix_only) {
    EXPECT_TRUE(is_below("/voice/x", "/voice"));
    EXPECT_FALSE(is_below("/voices/x", "/voice"));
    EXPECT_FALSE(is_below("/voice", "/voice"));
    EXPECT_FALSE(is_below("/x", ""));
}

}  // namespace
}  // namespace wrapup
