#pragma once

#include "adapters/phone/phone_reader.hpp"
#include "app/config/settings.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"

namespace wrapup {

// How conversations are read when they arrive. `phones` must outlive it.
inline ConversationReading conversation_reading(const Settings& settings,
                                                const PhoneReader& phones) {
    return {settings.opt_out_field, [&phones](std::string_view text) { return phones.read(text); }};
}

}  // namespace wrapup
