#pragma once

// Groups of failures: what is kept of them, and what the schema's step asks of the program.

#include "adapters/sqlite/handle.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sqlite {

void save_failures(Connection& connection, const WorkingSet& rows);

// The functions wrapup_fingerprint(destination, outcome, http_status, answer, error) and
// wrapup_cause(answer, error), for the step that names what failed before there were names.
void add_failure_functions(Connection& connection);

}  // namespace wrapup::sqlite
