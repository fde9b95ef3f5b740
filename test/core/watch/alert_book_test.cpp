#include "core/watch/alert_book.hpp"

#include <gtest/gtest.h>

#include "core/watch/event_rhythm.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
constexpr UtcTime t0 = from_unix_s(1'772'366'400);

const AlertCondition parked{"parked", "3 records wait for a person", "wrapup calls", 3};

TEST(AlertBook, tells_a_trouble_once_and_its_end_once) {
    AlertBook book;
    const auto first = book.update({parked}, t0);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0], (Alert{"parked", false, parked.text, parked.next, t0}));
    for (int i = 1; i < 500; ++i) {
        EXPECT_TRUE(book.update({parked}, t0 + minutes{i}).empty()) << i;
    }
    EXPECT_TRUE(book.update({}, t0 + minutes{500}).empty());
    const auto end = book.update({}, t0 + minutes{501});
    ASSERT_EQ(end.size(), 1U);
    EXPECT_TRUE(end[0].is_resolved);
    EXPECT_EQ(end[0].since, t0);
    EXPECT_TRUE(book.update({}, t0 + minutes{502}).empty());
    EXPECT_TRUE(book.entries().empty());
}

TEST(AlertBook, what_flutters_is_no_storm) {
    AlertBook book;
    std::size_t told = 0;
    for (int s = 0; s < 3600; s += 10) {
        const bool holds = s / 120 % 2 == 0;
        told += book.update(holds ? std::vector{parked} : std::vector<AlertCondition>{},
                            t0 + seconds{s})
                    .size();
    }
    EXPECT_GE(told, 2U);
    EXPECT_LE(told, 2U * 6);
}

TEST(AlertBook, a_moment_without_it_is_no_end) {
    AlertBook book;
    book.update({parked}, t0);
    EXPECT_TRUE(book.update({}, t0 + seconds{10}).empty());
    EXPECT_TRUE(book.update({parked}, t0 + seconds{20}).empty());
    EXPECT_TRUE(book.update({}, t0 + seconds{75}).empty());
}

TEST(AlertBook, what_is_heard_to_have_ended_ends_at_once) {
    AlertBook book;
    book.update({parked}, t0);
    const auto end = book.update({}, t0 + seconds{10}, {"parked"});
    ASSERT_EQ(end.size(), 1U);
    EXPECT_TRUE(end[0].is_resolved);
    EXPECT_TRUE(book.update({}, t0 + seconds{20}, {"parked"}).empty());
    EXPECT_TRUE(book.update({parked}, t0 + seconds{30}).empty()) << "told a moment ago";
}

TEST(AlertBook, what_has_grown_is_told_again_after_an_hour) {
    AlertBook book;
    book.update({parked}, t0);
    AlertCondition more = parked;
    more.count = 7;
    EXPECT_TRUE(book.update({more}, t0 + minutes{59}).empty());
    EXPECT_EQ(book.update({more}, t0 + minutes{60}).size(), 1U);
    EXPECT_TRUE(book.update({more}, t0 + minutes{300}).empty());
}

TEST(AlertBook, after_a_restart_nothing_is_told_twice_and_ends_are_told) {
    AlertBook before;
    before.update({parked}, t0);
    AlertBook book(before.entries());
    EXPECT_TRUE(book.update({parked}, t0 + seconds{30}).empty());
    book.update({}, t0 + seconds{40});
    EXPECT_EQ(book.update({}, t0 + seconds{100}).size(), 1U);
}

TEST(EventRhythm, silence_is_unusual_only_where_events_are_usual) {
    EventRhythm rhythm;
    // Thirty an hour from 9 to 17, nothing else, for eight days.
    const UtcTime monday = from_unix_s(1'772'409'600);  // 2026-03-02 00:00 UTC.
    UtcTime now = monday;
    for (; now < monday + hours{8 * 24}; now += minutes{2}) {
        const auto hour = std::chrono::floor<hours>(now.time_since_epoch()).count() % 24;
        rhythm.note(hour >= 9 && hour < 17 ? 1 : 0, now);
        const bool is_day = hour >= 9 && hour < 17;
        EXPECT_FALSE(is_day && rhythm.unusual_silence(now));
    }
    // At night nobody calls.
    EXPECT_FALSE(rhythm.unusual_silence(now));
    EXPECT_FALSE(rhythm.unusual_silence(now + hours{9}));
    EXPECT_FALSE(rhythm.unusual_silence(now + hours{9} + minutes{30}));
    const auto silence = rhythm.unusual_silence(now + hours{9} + minutes{45});
    ASSERT_TRUE(silence);
    EXPECT_GT(*silence, hours{16});
    rhythm.note(1, now + hours{9} + minutes{46});
    EXPECT_FALSE(rhythm.unusual_silence(now + hours{9} + minutes{50}));
}

TEST(EventRhythm, what_was_never_seen_is_not_missed) {
    EventRhythm rhythm;
    rhythm.note(1000, t0);
    EXPECT_FALSE(rhythm.unusual_silence(t0 + hours{48}));
}

}  // namespace
}  // namespace wrapup
