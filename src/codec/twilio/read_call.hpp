#pragma once

// Includes Boost.JSON: for .cpp files only.

#include <boost/json.hpp>

#include "base/result.hpp"
#include "domain/observation.hpp"

namespace wrapup {

// Twilio's Call resource. Tolerant: only `sid` is required; every field may be null.
Result<TwilioCall> read_twilio_call(const boost::json::object& object);

}  // namespace wrapup
