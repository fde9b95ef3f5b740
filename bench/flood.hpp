#pragma once

// One flood of callbacks: from the first of them to the last record at the CRM.

#include "bench/stage.hpp"

namespace wrapup::bench {

struct Flood {
    LoadResult acks;
    double records_per_s = 0;
    double cpu_us_per_call = 0;  // Of the server, its last writes included.
    CpuUse cpu_before, cpu_after;
};

// Ends the program when a record does not arrive.
Flood play_flood(Stage& stage, std::size_t connections, std::size_t calls_count);

}  // namespace wrapup::bench
