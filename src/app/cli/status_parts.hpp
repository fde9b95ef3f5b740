#pragma once

// Parts of what `wrapup status` says.

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/status_view.hpp"

namespace wrapup {

// Of nodes that are silent, or have other settings.
std::vector<StatusTrouble> node_troubles(const StatusAnswers& answers);
// Whether this alert is of a silent one among them.
bool is_of_silent_node(const StatusAnswers& answers, std::string_view alert);
// The names of what this node was started with otherwise than the one that answers.
std::string other_settings(const boost::json::value& node);
// " at this node, one of 3": whose counts of events and refusals these are; empty: there are no
// other nodes.
std::string at_this_node(const StatusAnswers& answers);
// What the destination said of the call that was parked last, if that was for this reason.
std::string last_parked_for(const StatusAnswers& answers, std::string_view reason);
// Destinations that fail and are tried again by themselves: a line for each.
std::string render_failing(const StatusAnswers& answers);

}  // namespace wrapup
