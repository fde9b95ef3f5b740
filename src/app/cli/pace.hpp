#pragma once

// What stands beside a bar: how much, how fast, how long still.

#include <chrono>
#include <cstdint>
#include <string>

namespace wrapup {

struct Pace {
    std::int64_t done = 0;
    double share = 0;  // Of all of it.
    std::chrono::duration<double> elapsed{};
};
// "1200 done, 600/s, 12s left"; empty where nobody can say yet.
std::string pace_text(const Pace& pace);

}  // namespace wrapup
