#pragma once

// The story that the demo plays: which calls, when, and what goes wrong. Pure.

#include <string>
#include <vector>

#include "sandbox/traffic.hpp"

namespace wrapup {

struct DemoOptions {
    std::uint64_t seconds_count = 60;
    std::uint64_t calls_count = 52;
    bool keeps_running = false;
    bool is_verbose = false;
};

struct DemoCall {
    CallPlan plan;
    milliseconds starts_after{};
};

enum class DemoIncident { forged_callback, outage_begins, outage_ends, lost_answer, kill };

struct DemoMoment {
    DemoIncident incident;
    milliseconds after{};
};

struct DemoScript {
    std::vector<DemoCall> calls;      // In the order of their starts.
    std::vector<DemoMoment> moments;  // The same.
    int speed = 60;                   // The clock on the screen runs so many times as fast.
};

DemoScript write_demo_script(const DemoOptions& options, const std::string& server_url);

}  // namespace wrapup
