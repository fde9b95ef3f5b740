#pragma once

// What `wrapup status` shows: what is wrong with the next command to type, and the state of
// everything that a record passes on its way. From the answers of the API; pure.

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace wrapup {

// Answers of the endpoints; null: there was none that could be used.
struct StatusAnswers {
    boost::json::value status;          // /api/status
    boost::json::value stats;           // /api/stats
    boost::json::value destinations;    // /api/destinations
    boost::json::value ledger;          // /api/ledger
    boost::json::value reconciliation;  // /api/reconciliation
    boost::json::value ready;           // /readyz
    boost::json::value not_placed;      // /api/intents?state=refused, newest first
    boost::json::value placed;          // /api/intents?state=placed
    boost::json::value lost;            // /api/intents?state=parked
    boost::json::value settings;        // /api/settings
    boost::json::value nodes;           // /api/nodes
    boost::json::value parked;          // The story of the call that was parked last
    // Stories of calls whose records wait, the oldest known ones.
    std::vector<boost::json::value> waiting;
};

struct StatusTrouble {
    std::string what;
    std::string next;  // A command, or a place to look at.
    // For whoever looks closer: "store", "settings", "twilio", "elevenlabs", "refused:CAUSE".
    std::string about = {};

    bool operator==(const StatusTrouble&) const = default;
};

// Asks for all of it. `ask`: what a GET of that path and query answers; null: nothing of use.
StatusAnswers ask_status(const std::function<boost::json::value(std::string_view)>& ask);

// What a person has to see to, worst first; empty: nothing.
std::vector<StatusTrouble> findings_of(const StatusAnswers& answers);

std::string render_status(const StatusAnswers& answers, bool has_colour);
std::string status_json(const StatusAnswers& answers);

}  // namespace wrapup
