#include "core/watch/change_ring.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

constexpr std::size_t many = 64;

CallChange change(std::string id, CallState state = CallState::open) {
    return {std::move(id), state};
}

TEST(ChangeRing, tells_what_came_after_in_its_order) {
    ChangeRing ring(7);
    EXPECT_EQ(ring.last(), 0U);
    for (const char* id : {"a", "b", "c"}) ring.add(change(id));
    const auto news = ring.after(1, many);
    ASSERT_TRUE(news);
    EXPECT_EQ(news->calls, (std::vector<CallChange>{change("b"), change("c")}));
    EXPECT_EQ(news->last, 3U);
}

TEST(ChangeRing, tells_a_call_once_as_it_is_by_then) {
    ChangeRing ring(7);
    ring.add(change("a", CallState::open));
    ring.add(change("b", CallState::open));
    ring.add(change("a", CallState::delivered));
    const auto news = ring.after(0, many);
    ASSERT_TRUE(news);
    EXPECT_EQ(news->calls, (std::vector<CallChange>{change("a", CallState::delivered),
                                                    change("b", CallState::open)}));
}

TEST(ChangeRing, who_has_seen_all_is_told_nothing) {
    ChangeRing ring(7);
    ring.add(change("a"));
    const auto news = ring.after(1, many);
    ASSERT_TRUE(news);
    EXPECT_TRUE(news->calls.empty());
    EXPECT_EQ(news->last, 1U);
}

TEST(ChangeRing, tells_so_many_calls_at_once_and_the_others_after) {
    ChangeRing ring(7);
    for (const char* id : {"a", "b", "a", "c", "b"}) ring.add(change(id));
    const auto first = ring.after(0, 2);
    ASSERT_TRUE(first);
    EXPECT_EQ(first->calls, (std::vector<CallChange>{change("a"), change("b")}));
    EXPECT_EQ(first->last, 3U);
    const auto second = ring.after(first->last, 2);
    ASSERT_TRUE(second);
    EXPECT_EQ(second->calls, (std::vector<CallChange>{change("c"), change("b")}));
    EXPECT_EQ(second->last, 5U);
}

TEST(ChangeRing, forgets_the_oldest_and_says_so) {
    ChangeRing ring(7, 3);
    for (const char* id : {"a", "b", "c", "d"}) ring.add(change(id));
    EXPECT_FALSE(ring.after(0, many));
    ASSERT_TRUE(ring.after(1, many));
    EXPECT_EQ(ring.after(1, many)->calls.size(), 3U);
}

TEST(ChangeRing, knows_its_own_ids) {
    ChangeRing ring(7);
    ring.add(change("a"));
    EXPECT_EQ(ring.id_of(1), "7-1");
    EXPECT_EQ(ring.number_of("7-1"), 1U);
    EXPECT_EQ(ring.number_of("7-0"), 0U);
    for (const char* other : {"", "7", "7-", "7-2", "8-1", "77-1", "7--1", "7-1 ", "7-x", "-1",
                              "7-99999999999999999999"}) {
        EXPECT_FALSE(ring.number_of(other)) << other;
    }
    EXPECT_FALSE(ring.after(2, many));
}

}  // namespace
}  // namespace wrapup
