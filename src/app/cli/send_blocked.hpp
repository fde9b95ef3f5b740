#pragma once

// Records that `wrapup send` cannot send, because their destinations take nothing.

#include <boost/json.hpp>
#include <map>
#include <string>
#include <vector>

#include "app/cli/api_client.hpp"
#include "app/cli/cli.hpp"

namespace wrapup {

struct SendCandidate {
    std::string id;
    std::string reason;  // Why it is parked, or when it is tried next.
};
using SendCounts = std::map<std::string, std::size_t>;

// not_found; else unavailable, in the server's words.
Result<boost::json::value> read_story(const ApiClient& client, const std::string& sid);

// By name: removed or disabled.
using ClosedDestinations = std::map<std::string, std::string>;
ClosedDestinations closed_destinations(const ApiClient& client);

// Takes out of `chosen` what could only go where nothing can be sent; counted by destination.
SendCounts take_blocked(const ApiClient& client, const ClosedDestinations& closed,
                        std::vector<SendCandidate>& chosen);
void print_blocked(Console& console, const ClosedDestinations& closed, const SendCounts& blocked);

}  // namespace wrapup
