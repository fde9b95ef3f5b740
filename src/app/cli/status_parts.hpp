#pragma once

// Parts of what `wrapup status` says.

#include <string>
#include <string_view>
#include <vector>

#include "app/cli/status_view.hpp"
#include "codec/json/answer_json.hpp"

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
// Whether such an alert holds: "ledger".
bool has_alert(const StatusAnswers& answers, std::string_view key);

// A member in words fit for a terminal, as a number, and what it counts.
std::string text_of(const boost::json::value& object, Names names);
std::int64_t number_of(const boost::json::value& object, Names names);
std::string counted(std::int64_t count, const std::string& one, const std::string& many);

}  // namespace wrapup
