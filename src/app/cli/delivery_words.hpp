#pragma once

// What a call's story (GET /api/calls/{sid}) says of its deliveries.

#include <boost/json.hpp>
#include <set>
#include <string>

#include "app/cli/api_client.hpp"

namespace wrapup {

// Destinations that get nothing for now.
std::set<std::string> waited_for(const ApiClient& client);

// Whether the record is at its end for now: at each destination accepted, parked, waiting for
// another try, or for the destination itself; or out of scope.
bool has_ended(const boost::json::value& story, const std::set<std::string>& waited);

// How and why it was paused, of one of GET /api/destinations: " (at the command line: the CRM
// moves)"; empty where that is not known.
std::string paused_by(const boost::json::value& destination);

// Null when there was none.
boost::json::value last_attempt(const boost::json::value& delivery);
// What became of one delivery, in words.
std::string outcome_of(const boost::json::value& delivery);

}  // namespace wrapup
