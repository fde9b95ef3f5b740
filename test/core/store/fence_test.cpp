#include <gtest/gtest.h>

#include "core/store/claim_rules.hpp"

namespace wrapup {
namespace {

TEST(Fence, of_one_node_is_a_counter) {
    EXPECT_EQ(next_fence(0, 0), 1);
    EXPECT_EQ(next_fence(41, 0), 42);
}

TEST(Fence, of_several_carries_the_holder) {
    const std::int64_t first = next_fence(0, 7);
    EXPECT_EQ(holder_of(first), 7);
    const std::int64_t second = next_fence(first, 9);
    EXPECT_EQ(holder_of(second), 9);
    EXPECT_GT(second, first);
    // The primary that knew of the second is lost, and its counter is handed out again.
    EXPECT_NE(next_fence(first, 8), second);
    EXPECT_GT(next_fence(second, 1), second);
}

TEST(Fence, of_a_store_that_was_one_nodes_goes_on) {
    const std::int64_t fence = next_fence(1'234'567, 3);
    EXPECT_EQ(holder_of(fence), 3);
    EXPECT_GT(fence, 1'234'567);
}

}  // namespace
}  // namespace wrapup
