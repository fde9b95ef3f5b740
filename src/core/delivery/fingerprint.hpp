#pragma once

#include <string>
#include <string_view>

#include "domain/call.hpp"

namespace wrapup {

// Names what an attempt came to, so that failures of one cause have one name: sixteen hex digits of
// destination, outcome, HTTP status, and the answer with its numbers and ids taken out. The same on
// every machine.
std::string fingerprint_of(std::string_view destination, const Attempt& attempt);

}  // namespace wrapup
