#pragma once

// ElevenLabs' JSON to values. Includes Boost.JSON: for .cpp files only.

#include <boost/json/object.hpp>
#include <string_view>

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "domain/observation.hpp"

namespace wrapup {

// `data` of a transcription webhook, or the answer of GET conversation.
Conversation read_conversation(const boost::json::object& data);
// The same when it arrives: with `opts_out`, and the other party's number in the form in which it
// is called, taken from the dynamic variables where no phone call is told of.
Conversation read_arriving_conversation(const boost::json::object& data,
                                        const ConversationReading& reading);
// Whether the transcript shows that the agent called its voicemail detection. Transcripts are not
// kept, so this word has to be; read_conversation() looks for both.
bool has_voicemail_call(const boost::json::object& data);
// The member that keeps it.
inline constexpr std::string_view voicemail_call_key = "wrapup_voicemail_detection_called";
// `data` of a call_initiation_failure webhook.
InitiationFailure read_initiation_failure(const boost::json::object& data);

}  // namespace wrapup
