#pragma once

// What `wrapup trigger` saw on the way of its sample, step by step, and what that means.

#include <boost/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "app/cli/send_blocked.hpp"
#include "app/config/settings.hpp"
#include "app/doctor/doctor_probe.hpp"

namespace wrapup {

struct TriggerStep {
    std::string name;
    bool is_done = false;
    std::optional<milliseconds> elapsed;
    std::string said;
    std::string next;  // What to do; empty where it is done.
};

// The settings that the running server was started with, by its answer to GET /api/settings.
struct RunningServer {
    std::string server_url;        // As shown: without its secrets.
    std::string matching_url;      // The SERVER_URL that would match what was refused last.
    bool has_refused_one = false;  // Since we sent ours.
};

// Name, connection and answer, as far as it came, and what a refusal says of the signature. `ours`:
// the settings here.
std::vector<TriggerStep> judge_post(const ProbeAnswer& answer, const Settings& ours,
                                    const RunningServer& running);

// One for each delivery of the story.
std::vector<TriggerStep> judge_deliveries(const boost::json::value& story, milliseconds elapsed,
                                          const ClosedDestinations& closed);

std::string render_step(const TriggerStep& step, bool has_colour);
boost::json::object step_json(const TriggerStep& step);

}  // namespace wrapup
