// The promises in a hostile world. A failure prints its seed: `wrapup simulate --seed S` or
// WRAPUP_SIM_SEED replays it.

#include "sim/simulate.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace wrapup {
namespace {

std::uint64_t number_from(const char* name, std::uint64_t otherwise) {
    const char* text = std::getenv(name);
    return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

TEST(Simulate, every_promise_holds_for_a_thousand_seeds) {
    const std::uint64_t from = number_from("WRAPUP_SIM_SEED", 0);
    const bool is_replay = std::getenv("WRAPUP_SIM_SEED") != nullptr;
    const std::uint64_t count = is_replay ? 1 : number_from("WRAPUP_SIM_SEEDS", 1000);
    const auto share = [&](int of_a_thousand) {
        return of_a_thousand * static_cast<int>(count) / 1000;
    };
    int crashes_count = 0;
    int pauses_count = 0;
    int records_count = 0;
    int repeats_count = 0;
    int sealed_days_count = 0;
    int placed_count = 0;
    int conversations_count = 0;
    int list_rows_count = 0;
    int list_attempts_count = 0;
    int sent_count = 0;
    int paused_count = 0;
    int failures_count = 0;
    int replayed_count = 0;
    int cancelled_count = 0;
    int given_up_count = 0;
    int disabled_count = 0;
    int waits_kept_count = 0;
    for (std::uint64_t seed = from; seed < from + count; ++seed) {
        const SimReport report = simulate(seed);
        crashes_count += report.crashes_count;
        pauses_count += report.pauses_count;
        records_count += report.records_count;
        repeats_count += report.repeats_count;
        sealed_days_count += report.sealed_days_count;
        placed_count += report.placed_count;
        conversations_count += report.conversations_count;
        list_rows_count += report.list_rows_count;
        list_attempts_count += report.list_attempts_count;
        sent_count += report.sent_count;
        paused_count += report.paused_count;
        failures_count += report.failures_count;
        replayed_count += report.replayed_count;
        cancelled_count += report.cancelled_count;
        given_up_count += report.given_up_count;
        disabled_count += report.disabled_count;
        waits_kept_count += report.waits_kept_count;
        for (const std::string& violation : report.violations) {
            ADD_FAILURE() << "seed " << seed << ": " << violation;
        }
        if (HasFailure()) return;
    }
    if (is_replay || count < 100) return;
    // A world in which nothing happens would keep every promise.
    EXPECT_GT(records_count, share(1000));
    EXPECT_GT(crashes_count, share(500));
    EXPECT_GT(pauses_count, share(300));
    EXPECT_GT(repeats_count, share(50));
    EXPECT_GT(sealed_days_count, share(100));
    EXPECT_GT(placed_count, share(500));
    EXPECT_GT(conversations_count, share(150));
    EXPECT_GT(list_rows_count, share(500));
    EXPECT_GT(list_attempts_count, share(500));
    EXPECT_GT(sent_count, share(500));
    EXPECT_GT(paused_count, share(300));
    EXPECT_GT(failures_count, share(60));
    EXPECT_GT(replayed_count, share(1000));
    EXPECT_GT(cancelled_count, share(10));
    EXPECT_GT(given_up_count, share(20));
    EXPECT_GT(disabled_count, share(10));
    EXPECT_GT(waits_kept_count, share(800));
}

TEST(Simulate, is_a_function_of_its_seed) {
    EXPECT_EQ(simulate(7), simulate(7));
    EXPECT_EQ(simulate(4711), simulate(4711));
}

}  // namespace
}  // namespace wrapup
