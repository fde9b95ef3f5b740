#pragma once

// What `wrapup status` and `wrapup doctor` ask the running server.

#include <boost/json.hpp>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "app/cli/api_client.hpp"

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
    boost::json::value failures;        // /api/failures
    // Stories: for each reason, of the newest call that is parked for it.
    std::vector<boost::json::value> parked;
    // For each destination that fails, of a call of which it did so last.
    std::vector<boost::json::value> failing;
    // Of calls whose records wait, the newest ones.
    std::vector<boost::json::value> waiting;
    // Of those that were asked, who did not answer with what is judged by.
    std::vector<std::string> unanswered;
};

// Asks for all of it, for most of it at once. `ask`: what a GET of that path and query answers;
// null: nothing of use. It is called by several threads.
StatusAnswers ask_status(const std::function<boost::json::value(std::string_view)>& ask);

struct ServerAnswers {
    StatusAnswers answers;
    Result<void> is_there;  // Why nobody answered, or that we may not ask.
};
ServerAnswers ask_status(const ApiClient& client);

}  // namespace wrapup
