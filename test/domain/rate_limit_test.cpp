#include "domain/rate_limit.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.hpp"

namespace wrapup {
namespace {

constexpr UtcTime t0 = from_unix_s(1'772'366'400);

TEST(RateUse, no_window_has_more_than_the_rate_wherever_it_begins) {
    for (const RateLimit& rate : {RateLimit{3, seconds{1}}, RateLimit{100, seconds{60}},
                                  RateLimit{1, std::chrono::hours{1}}}) {
        Prng prng(7);
        RateUse use;
        std::vector<UtcTime> begun;
        UtcTime now = t0;
        while (begun.size() < 2'000) {
            const int room = use.room(rate, now);
            EXPECT_EQ(room > 0, use.next_at(rate, now) == now);
            if (room == 0) {
                now = use.next_at(rate, now);
                continue;
            }
            const int count = 1 + static_cast<int>(prng.below(static_cast<std::uint64_t>(room)));
            use.add(count, now);
            begun.insert(begun.end(), static_cast<std::size_t>(count), now);
            if (prng.below(3) == 0) {
                now += rate.per * static_cast<int>(prng.below(60)) / 40;
            }
        }
        const auto most = static_cast<std::size_t>(rate.count);
        for (std::size_t i = most; i < begun.size(); ++i) {
            ASSERT_GE(begun[i] - begun[i - most], rate.per) << to_string(rate) << " " << i;
        }
    }
}

TEST(RateUse, is_used_to_nineteen_twentieths_at_least) {
    const RateLimit rate{50, seconds{1}};
    RateUse use;
    int begun = 0;
    for (UtcTime now = t0; now < t0 + seconds{100}; now = use.next_at(rate, now)) {
        const int room = use.room(rate, now);
        use.add(room, now);
        begun += room;
    }
    EXPECT_GE(begun, 50 * 95);
}

// As while a setting is changed node by node, or after it was.
TEST(RateUse, counts_what_began_by_a_rate_of_another_unit) {
    const std::vector<RateLimit> rates{
        {10, seconds{1}}, {300, seconds{60}}, {1'000, std::chrono::hours{1}}};
    Prng prng(11);
    RateUse use;
    std::vector<UtcTime> begun;
    for (UtcTime now = t0; now < t0 + std::chrono::hours{3};) {
        const RateLimit& rate = rates[prng.below(rates.size())];
        if (const int room = use.room(rate, now); room > 0) {
            const int count = 1 + static_cast<int>(prng.below(static_cast<std::uint64_t>(room)));
            use.add(count, now);
            begun.insert(begun.end(), static_cast<std::size_t>(count), now);
            // Whoever has another rate counts all of them.
            for (const RateLimit& other : rates) {
                const auto within =
                    std::ranges::count_if(begun, [&](UtcTime at) { return now - at < other.per; });
                ASSERT_LE(use.room(other, now), std::max<std::int64_t>(0, other.count - within));
            }
        }
        now += milliseconds{prng.below(3) == 0 ? prng.below(120'000) : prng.below(400)};
    }
    EXPECT_LE(use.text().size(), 1'300U);
}

TEST(RateUse, whatever_was_counted_by_a_clock_that_was_set_is_forgotten) {
    const RateLimit rate{2, seconds{1}};
    RateUse use;
    use.add(2, t0);
    EXPECT_EQ(use.room(rate, t0), 0);
    EXPECT_EQ(use.room(rate, t0 - milliseconds{500}), 0);  // Another node's clock, a little behind.
    const UtcTime before = t0 - std::chrono::hours{2};
    EXPECT_EQ(use.room(rate, before), 2);
    use.add(1, before);
    EXPECT_EQ(use.room(rate, before), 1);
    EXPECT_EQ(use.room(rate, t0), 2);
}

TEST(RateUse, is_kept_as_text) {
    RateUse use;
    EXPECT_EQ(use.text(), "");
    use.add(3, t0);
    use.add(1, t0 + milliseconds{100});
    EXPECT_EQ(use.text(), "1772366400000:3 1772366400100:1");
    EXPECT_EQ(RateUse::parse(use.text()), use);
    EXPECT_EQ(RateUse::parse(""), RateUse{});
    for (const char* const bad : {"1", "1:", ":1", "1:0", "1:-1", "1:1 ", " 1:1", "1:1,2:1",
                                  "1:1 1:1", "99999999999999999999:1", "1:99999999999"}) {
        EXPECT_EQ(RateUse::parse(bad), std::nullopt) << bad;
    }
}

TEST(RateLimit, is_written_as_in_the_settings) {
    EXPECT_EQ(to_string(RateLimit{50, seconds{1}}), "50/s");
    EXPECT_EQ(to_string(RateLimit{3'000, std::chrono::minutes{1}}), "3000/m");
    EXPECT_EQ(to_string(RateLimit{100, std::chrono::hours{1}}), "100/h");
}

}  // namespace
}  // namespace wrapup
