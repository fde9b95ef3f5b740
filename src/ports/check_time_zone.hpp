#pragma once

#include <functional>
#include <string_view>

#include "base/result.hpp"

namespace wrapup {

// Whether there is a time zone of that IANA name ("Europe/Berlin"). invalid_input: there is none,
// in words that follow the field's name. May read a file. An empty function judges nothing.
using CheckTimeZone = std::function<Result<void>(std::string_view)>;

}  // namespace wrapup
