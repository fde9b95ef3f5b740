#include "app/serve/file_limit.hpp"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <algorithm>

namespace wrapup {
namespace {

TEST(FileLimit, the_soft_limit_is_raised_to_the_hard_one) {
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit low = before;
    low.rlim_cur = 256;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
    EXPECT_EQ(raise_file_limit(), before.rlim_max);
    rlimit after{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &after), 0);
    EXPECT_EQ(after.rlim_cur, before.rlim_max);
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
}

TEST(FileLimit, connections_leave_files_for_everything_else) {
    for (const std::size_t files : {16U, 64U, 256U, 1024U, 8192U, 16384U, 20000U, 1U << 30U}) {
        const ServerLimits limits = server_limits_within(files);
        EXPECT_GE(limits.connections_max, 1U) << files;
        EXPECT_GE(limits.admin_connections_max, 1U) << files;
        EXPECT_GE(limits.streams_max, 1U) << files;
        const std::size_t kept = std::min<std::size_t>(512, files / 16 + limits.streams_max);
        EXPECT_LE(limits.connections_max + limits.admin_connections_max + kept, files) << files;
        EXPECT_LE(limits.peer_connections_max, limits.connections_max) << files;
    }
    EXPECT_GE(server_limits_within(11'000).connections_max, 10'000U) << "what is promised";
    EXPECT_EQ(server_limits_within(1U << 30U).connections_max, ServerLimits().connections_max);
}

}  // namespace
}  // namespace wrapup
