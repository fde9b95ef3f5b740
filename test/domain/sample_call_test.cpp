#include "domain/sample_call.hpp"

#include <gtest/gtest.h>

#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

TEST(SampleCall, is_known_by_its_call_sid) {
    const std::string told = sample_call_sid("0123456789abcdef", false);
    const std::string dry = sample_call_sid("0123456789abcdef", true);
    for (const std::string& sid : {told, dry}) {
        EXPECT_TRUE(is_call_sid(sid)) << sid;
        EXPECT_TRUE(is_sample_call(sid)) << sid;
    }
    EXPECT_FALSE(is_dry_sample_call(told));
    EXPECT_TRUE(is_dry_sample_call(dry));
    for (const char* sid : {"", "CA7e57ca117e57ca11", "CA0123456789abcdef0123456789abcdef",
                            "CA7e57ca117e57ca11d123456789abcdeg"}) {
        EXPECT_FALSE(is_sample_call(sid)) << sid;
        EXPECT_FALSE(is_dry_sample_call(sid)) << sid;
    }
}

}  // namespace
}  // namespace wrapup
