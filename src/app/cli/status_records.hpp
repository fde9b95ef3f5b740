#pragma once

// What `wrapup status` says of records: where they go, what is parked, what waits.

#include <string>
#include <vector>

#include "app/cli/short_time.hpp"
#include "app/cli/status_view.hpp"

namespace wrapup {

// Of destinations that take nothing.
std::vector<StatusTrouble> destination_troubles(const StatusAnswers& answers);
// Of each reason that calls are parked for, with what the destination said.
std::vector<StatusTrouble> parked_troubles(const StatusAnswers& answers);

std::string render_destinations(const StatusAnswers& answers);
std::string render_parked(const StatusAnswers& answers);
// Calls that wait for the same have it said once, below the last of them.
std::string render_waiting(const StatusAnswers& answers, const ListTimes& times);

}  // namespace wrapup
