#include "service/commit/shared_clock.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

constexpr UtcTime noon = from_unix_ms(1'700'000'000'000);

// A wall clock that somebody sets, over one that nobody can.
class SetClock final : public Clock {
public:
    UtcTime now() const override { return noon + steady + set_by; }
    milliseconds ahead() const override { return noon.time_since_epoch() + set_by; }
    Task<void> sleep_until(UtcTime, Alarm*) override { co_return; }

    milliseconds steady{0};
    milliseconds set_by{0};
};

TEST(SharedClock, is_this_machines_before_the_database_has_spoken) {
    SetClock wall;
    const SharedClock clock(wall);
    wall.steady += seconds{5};
    EXPECT_EQ(clock.now(), noon + seconds{5});
}

TEST(SharedClock, goes_by_the_database_whatever_this_machine_shows) {
    SetClock wall;
    SharedClock clock(wall);
    const milliseconds before = clock.steady();
    wall.steady += milliseconds{2};
    clock.heard(before, clock.steady(), noon + std::chrono::minutes{10});
    EXPECT_LE(clock.now() - (noon + std::chrono::minutes{10}), milliseconds{2});
    const UtcTime then = clock.now();
    wall.set_by -= std::chrono::hours{3};
    EXPECT_EQ(clock.now(), then);
    wall.steady += seconds{1};
    EXPECT_EQ(clock.now(), then + seconds{1});
}

TEST(SharedClock, learns_nothing_from_an_answer_that_took_long) {
    SetClock wall;
    SharedClock clock(wall);
    clock.heard(clock.steady(), clock.steady(), noon + seconds{60});
    const UtcTime then = clock.now();
    const milliseconds before = clock.steady();
    wall.steady += seconds{4};
    clock.heard(before, clock.steady(), then + seconds{1});
    EXPECT_EQ(clock.now(), then + seconds{4});
}

}  // namespace
}  // namespace wrapup
