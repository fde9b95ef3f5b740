#pragma once

// Parts of what `wrapup status` says.

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/status_view.hpp"

namespace wrapup {

std::vector<StatusTrouble> silent_nodes(const StatusAnswers& answers);
// Whether this alert is of one that silent_nodes() tells of.
bool is_of_silent_node(const StatusAnswers& answers, std::string_view alert);
// " at this node, one of 3": whose counts of events and refusals these are; empty: there are no
// other nodes.
std::string at_this_node(const StatusAnswers& answers);
// What the destination said of the call that was parked last, if that was for this reason.
std::string last_parked_for(const StatusAnswers& answers, std::string_view reason);
// Destinations that fail and are tried again by themselves: a line for each.
std::string render_failing(const StatusAnswers& answers);

}  // namespace wrapup
