#pragma once

// What `wrapup status` says of the running server, for `wrapup doctor`; pure.

#include <vector>

#include "app/cli/status_view.hpp"
#include "app/doctor/doctor.hpp"

namespace wrapup {

// As broken, its notes as notes, with what is left to do for whoever asks the doctor. `own`: what
// the doctor found by itself, which is not said twice.
std::vector<Finding> running_findings(const StatusAnswers& answers, const RefusalHints& hints,
                                      const std::vector<Finding>& own);

// `has_database`: the state is in PostgreSQL.
RefusalHints refusal_hints(const StatusAnswers& answers, bool has_database);

}  // namespace wrapup
