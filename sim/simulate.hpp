#pragma once

// The simulator: the production settler, courier, placer, group commit and intake in virtual time,
// over the memory store, in a hostile world drawn from one seed. Checks P1 to P4
// (docs/architecture.md).

#include <cstdint>
#include <string>
#include <vector>

namespace wrapup {

struct SimReport {
    std::uint64_t seed = 0;
    int calls_count = 0;
    int calls_known_count = 0;
    int records_count = 0;
    int parked_count = 0;
    int crashes_count = 0;
    int pauses_count = 0;  // Of nodes, that then went on.
    int requests_count = 0;
    int repeats_count = 0;  // Receipts beyond the first, after unknown outcomes.
    int sealed_days_count = 0;
    int failures_count = 0;       // Groups of failures that were left.
    int replayed_count = 0;       // Deliveries that a replay released.
    int placed_count = 0;         // Calls that Twilio made for intents.
    int conversations_count = 0;  // Intents whose call was led by an agent.
    int list_rows_count = 0;      // Of campaigns.
    int list_attempts_count = 0;  // Calls for them.
    int cancelled_count = 0;      // Replays.
    int given_up_count = 0;       // Deliveries.
    int sent_count = 0;           // Calls by hand.
    int paused_count = 0;         // Destinations, each time.
    int disabled_count = 0;       // Deliveries parked as disabled.
    int waits_kept_count = 0;     // While the clock was set.
    std::int64_t virtual_time_ms = 0;
    std::vector<std::string> violations;  // Empty: every promise held.

    bool operator==(const SimReport&) const = default;
};

// A function of the seed alone.
SimReport simulate(std::uint64_t seed);

// Runs `count` seeds from `from`; prints each violation with its seed and a line at the end.
// Returns 0 when every promise held, else 1.
int run_simulate(std::uint64_t from, std::uint64_t count);

}  // namespace wrapup
