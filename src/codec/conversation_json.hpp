#pragma once

// ElevenLabs' JSON to values. Includes Boost.JSON: for .cpp files only.

#include <boost/json/object.hpp>

#include "domain/observation.hpp"

namespace wrapup {

// `data` of a transcription webhook, or the answer of GET conversation.
Conversation read_conversation(const boost::json::object& data);
// `data` of a call_initiation_failure webhook.
InitiationFailure read_initiation_failure(const boost::json::object& data);

}  // namespace wrapup
