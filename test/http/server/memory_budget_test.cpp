#include "http/server/memory_budget.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace wrapup {
namespace {

struct Holder final : MemoryHolder {
    void lose(MemoryHolding&) override { lost_count += 1; }
    MemoryHolding holding{*this};
    int lost_count = 0;
};

class MemoryBudgetTest : public testing::Test {
protected:
    MemoryBudget budget{100};
    MemoryShare& small = budget.add_share(10, 50);
    MemoryShare& large = budget.add_share(30, 70);
};

TEST_F(MemoryBudgetTest, a_share_has_what_it_is_promised_whatever_others_use) {
    Holder greedy, late;
    EXPECT_TRUE(budget.resize(greedy.holding, large, 70));
    greedy.holding.hold();
    Holder other;
    EXPECT_TRUE(budget.resize(other.holding, small, 30));
    other.holding.hold();
    EXPECT_FALSE(budget.resize(late.holding, small, 1)) << "what is common is used up";
    EXPECT_EQ(late.holding.bytes(), 0U);
    other.holding.release();
    EXPECT_TRUE(budget.resize(late.holding, small, 10));
    EXPECT_EQ(budget.bytes(), 80U);
}

TEST_F(MemoryBudgetTest, a_share_has_a_bound_of_its_own) {
    Holder one, two;
    EXPECT_TRUE(budget.resize(one.holding, small, 50));
    one.holding.hold();
    EXPECT_FALSE(budget.resize(two.holding, small, 1));
    EXPECT_EQ(one.lost_count, 0) << "what was received whole stays";
}

TEST_F(MemoryBudgetTest, whoever_made_no_progress_for_longest_loses_what_it_holds) {
    Holder first, second, third, late;
    EXPECT_TRUE(budget.resize(first.holding, small, 20));
    EXPECT_TRUE(budget.resize(second.holding, small, 20));
    EXPECT_TRUE(budget.resize(third.holding, small, 10));
    first.holding.touch();
    EXPECT_TRUE(budget.resize(late.holding, small, 15));
    EXPECT_EQ(first.lost_count + third.lost_count, 0);
    EXPECT_EQ(second.lost_count, 1);
    EXPECT_EQ(second.holding.bytes(), 0U);
    EXPECT_EQ(budget.bytes(), 45U);
    EXPECT_FALSE(budget.resize(late.holding, small, 51)) << "nobody else can give so much";
}

TEST_F(MemoryBudgetTest, common_room_is_taken_from_the_slowest_of_all_that_use_it) {
    Holder in_large, in_small, late;
    EXPECT_TRUE(budget.resize(in_large.holding, large, 60));
    EXPECT_TRUE(budget.resize(in_small.holding, small, 40));
    EXPECT_TRUE(budget.resize(late.holding, small, 10));
    EXPECT_EQ(in_large.lost_count, 1);
    EXPECT_EQ(in_small.lost_count, 0);
}

TEST_F(MemoryBudgetTest, a_little_more_is_no_progress_and_another_share_is) {
    Holder trickling, steady, late;
    EXPECT_TRUE(budget.resize(trickling.holding, small, 20));
    EXPECT_TRUE(budget.resize(steady.holding, small, 20));
    EXPECT_TRUE(budget.resize(trickling.holding, small, 21));
    EXPECT_TRUE(budget.resize(late.holding, small, 25));
    EXPECT_EQ(trickling.lost_count, 1);
    EXPECT_TRUE(budget.resize(steady.holding, large, 55));
    EXPECT_EQ(budget.bytes(), 80U);
    steady.holding.release();
    EXPECT_EQ(budget.bytes(), 25U);
}

}  // namespace
}  // namespace wrapup
