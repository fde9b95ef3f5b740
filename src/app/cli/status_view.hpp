#pragma once

// What `wrapup status` shows: what is wrong with the next command to type, and the state of
// everything that a record passes on its way. From the answers of the API; pure.

#include <string>
#include <vector>

#include "app/cli/short_time.hpp"
#include "app/cli/status_answers.hpp"

namespace wrapup {

struct StatusTrouble {
    std::string what;
    std::string next;  // A command, or a place to look at.
    // For whoever looks closer: "store", "disk", "settings", "twilio", "elevenlabs",
    // "refused:CAUSE".
    std::string about = {};

    bool operator==(const StatusTrouble&) const = default;
};

// What a person has to see to, worst first; empty: nothing.
std::vector<StatusTrouble> findings_of(const StatusAnswers& answers);

// What a person should know of, and need not see to yet: what fails and is tried again, what is
// paused while nothing waits.
std::vector<StatusTrouble> notes_of(const StatusAnswers& answers);

std::string render_status(const StatusAnswers& answers, bool has_colour,
                          const ListTimes& times = {});
std::string status_json(const StatusAnswers& answers);

}  // namespace wrapup
