#include "core/store/told_clock.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using std::chrono::hours;

constexpr UtcTime noon = from_unix_ms(1'700'000'000'000);

// A database whose clock somebody sets, over a steady one.
struct Database {
    milliseconds steady{0};
    milliseconds set_by{0};
    milliseconds moved{0};

    ToldClock::Reading read(milliseconds takes = milliseconds{2}) {
        steady += seconds{1};
        return {steady, steady + takes, noon + steady + set_by, moved};
    }
};

// One that was set an hour ahead, and who heard of it.
struct SetAhead {
    Database database;
    ToldClock clock;

    SetAhead() {
        (void)clock.hear(database.read());
        database.set_by = hours{1};
        (void)clock.hear(database.read());
    }
};

TEST(ToldClock, takes_slewing_and_slow_answers_for_no_step) {
    Database database;
    ToldClock clock;
    for (int i = 0; i < 100; ++i) {
        database.set_by += milliseconds{500};
        EXPECT_EQ(clock.hear(database.read()), milliseconds{0});
    }
    EXPECT_EQ(clock.hear(database.read(seconds{9})), milliseconds{0});
    database.steady += seconds{9};
    auto slow = database.read(seconds{9});
    slow.told += seconds{9};
    EXPECT_EQ(clock.hear(slow), milliseconds{0});
    EXPECT_FALSE(clock.is_to_move(true, database.steady));
    EXPECT_FALSE(clock.take_news());
}

TEST(ToldClock, owes_a_step_until_the_rows_are_moved) {
    for (const milliseconds by : {milliseconds{hours{5}}, milliseconds{-hours{5}}}) {
        Database database;
        ToldClock clock;
        ASSERT_EQ(clock.hear(database.read()), milliseconds{0});
        database.set_by = by;
        const auto owed = clock.hear(database.read());
        ASSERT_TRUE(owed);
        EXPECT_LT(std::chrono::abs(*owed - by), milliseconds{5});
        EXPECT_EQ(clock.take_news(), *owed);
        EXPECT_EQ(clock.take_step(), milliseconds{0});
        EXPECT_TRUE(clock.is_to_move(true, database.steady));
        EXPECT_TRUE(clock.is_to_move(true, database.steady)) << "as long as it takes";
        EXPECT_FALSE(clock.is_to_move(false, database.steady)) << "another one has the duty now";
        database.moved = *owed;
        EXPECT_EQ(clock.hear(database.read()), milliseconds{0});
        EXPECT_EQ(clock.take_step(), *owed);
        EXPECT_FALSE(clock.is_to_move(true, database.steady));
        EXPECT_FALSE(clock.take_news()) << "told once";
    }
}

TEST(ToldClock, owes_each_step_for_as_long_as_the_first) {
    for (const bool was_moved : {true, false}) {
        auto [database, clock] = SetAhead();
        EXPECT_TRUE(clock.is_to_move(true, database.steady));
        database.steady += seconds{70};
        if (was_moved) {
            database.moved = hours{1};
        } else {
            EXPECT_FALSE(clock.is_to_move(true, database.steady)) << "given up";
        }
        EXPECT_EQ(clock.hear(database.read()), milliseconds{0});
        database.set_by = hours{3};
        EXPECT_EQ(clock.hear(database.read()), milliseconds{hours{2}});
        EXPECT_TRUE(clock.is_to_move(true, database.steady));
    }
}

TEST(ToldClock, leaves_the_rows_to_who_had_the_duty_when_it_happened) {
    auto [database, clock] = SetAhead();
    EXPECT_FALSE(clock.is_to_move(false, database.steady));
    EXPECT_FALSE(clock.is_to_move(true, database.steady)) << "it got the duty later";
    database.moved = hours{1};
    EXPECT_EQ(clock.hear(database.read()), milliseconds{0});
    EXPECT_EQ(clock.take_step(), milliseconds{hours{1}});
}

TEST(ToldClock, goes_by_the_database_where_nobody_else_saw_a_step) {
    Database database;
    ToldClock clock;
    (void)clock.hear(database.read());
    database.set_by = hours{1};  // To a machine that was suspended, clock and all.
    (void)clock.hear(database.read());
    EXPECT_FALSE(clock.is_to_move(false, database.steady));
    database.steady += seconds{70};
    EXPECT_FALSE(clock.is_to_move(false, database.steady));
    EXPECT_EQ(clock.hear(database.read()), milliseconds{0});
    EXPECT_NE(clock.take_step(), milliseconds{0});
    EXPECT_FALSE(clock.is_to_move(true, database.steady));
}

TEST(ToldClock, gives_rows_up_that_cannot_be_moved) {
    auto [database, clock] = SetAhead();
    EXPECT_TRUE(clock.is_to_move(true, database.steady));
    EXPECT_TRUE(clock.is_to_move(true, database.steady + seconds{29}));
    EXPECT_FALSE(clock.is_to_move(true, database.steady + seconds{31})) << "leaves the others time";
    EXPECT_NE(clock.owed(), milliseconds{0});
    EXPECT_FALSE(clock.is_to_move(true, database.steady + seconds{61}));
    EXPECT_EQ(clock.owed(), milliseconds{0});
}

TEST(ToldClock, hears_of_others_that_moved_the_rows_before_it_saw_the_step) {
    Database database;
    ToldClock clock;
    (void)clock.hear(database.read());
    database.set_by = database.moved = -hours{2};
    EXPECT_EQ(clock.hear(database.read()), milliseconds{0});
    EXPECT_EQ(clock.take_step(), -milliseconds{hours{2}});
    EXPECT_EQ(clock.take_news(), -milliseconds{hours{2}});
}

TEST(ToldClock, takes_no_answer_that_another_connection_overtook) {
    Database database;
    ToldClock clock;
    (void)clock.hear(database.read());
    auto late = database.read(seconds{3});
    database.set_by = database.moved = hours{2};
    ASSERT_EQ(clock.hear(database.read()), milliseconds{0});
    EXPECT_FALSE(clock.hear(late));
    EXPECT_EQ(clock.take_step(), milliseconds{hours{2}});
}

}  // namespace
}  // namespace wrapup
