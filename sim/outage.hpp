#pragma once

// A CRM that is in trouble for hours while calls keep ending: the production intake, settler and
// courier in virtual time, over whatever store is given. What is measured is how wrapup treats such
// a CRM, and how it catches up.

#include <chrono>
#include <cstdint>

#include "base/time.hpp"
#include "ports/store.hpp"

namespace wrapup {

struct OutageOrder {
    enum class Kind {
        down,       // Connections are refused.
        throttled,  // 429 to everything, with a Retry-After of 600 s.
        slow,       // Takes five records while seven calls end; after 35 s nobody waits for it.
    };
    Kind kind = Kind::down;
    int calls_count = 100'000;  // They end evenly over the time of trouble.
    std::chrono::minutes length{600};
};

struct OutageReport {
    int requests_in_trouble = 0;
    int requests_after = 0;
    int peak_in_trouble = 0;  // Requests under way at a time.
    int peak_after = 0;
    int early_count = 0;         // Requests before a Retry-After was over,
    int eager_count = 0;         // or more at a time, after the trouble, than one more per round.
    int backlog_count = 0;       // Calls whose record the CRM did not have when the trouble ended.
    milliseconds first_after{};  // Since its end: until the first record was taken,
    milliseconds most_after{};   // 99 in 100 of the backlog,
    milliseconds all_after{};    // and the last one was known to be there.
    int lost_count = 0;          // Calls without a record at the CRM.
    int repeats_count = 0;       // Records taken again after an attempt of unknown outcome.
    int twice_count = 0;         // The same without such an attempt.
    bool has_come_to_an_end = true;  // Each call is delivered.

    bool operator==(const OutageReport&) const = default;
};

// `store` is empty. The same order gives the same report.
OutageReport simulate_outage(EmbeddedStore& store, const OutageOrder& order);

// Prints the report. 0 when each record is at the CRM exactly once, else 1.
int run_outage(EmbeddedStore& store, const OutageOrder& order);

}  // namespace wrapup
