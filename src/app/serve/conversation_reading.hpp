#pragma once

#include "adapters/phone/phone_reader.hpp"
#include "app/config/settings.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "ports/event_log.hpp"

namespace wrapup {

// How conversations are read when they arrive. `phones` and `log` must outlive it.
inline ConversationReading conversation_reading(const Settings& settings, const PhoneReader& phones,
                                                EventLog& log) {
    ConversationReading reading;
    reading.opt_out_field = settings.opt_out_field;
    reading.tell_unreadable = [&log](const Conversation& conversation) {
        log.write({LogLevel::warning,
                   LogTag::elevenlabs,
                   "the opt-out field of a conversation is neither yes nor no: nobody was listed",
                   conversation.call_sid,
                   {{"conversation", conversation.conversation_id}, {"needs", "a person"}}});
    };
    reading.read_number = [&phones](std::string_view text) { return phones.read(text); };
    for (const std::string& number : settings.twilio_phone_numbers) {
        reading.our_numbers.push_back(callable_number(number, reading.read_number));
    }
    return reading;
}

}  // namespace wrapup
