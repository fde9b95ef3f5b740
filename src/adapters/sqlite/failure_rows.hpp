#pragma once

// What the step of the schema that groups failures asks of the program.

#include "adapters/sqlite/handle.hpp"

namespace wrapup::sqlite {

// The functions wrapup_fingerprint(destination, outcome, http_status, answer, error) and
// wrapup_cause(answer, error), for the step that names what failed before there were names.
void add_failure_functions(Connection& connection);

}  // namespace wrapup::sqlite
