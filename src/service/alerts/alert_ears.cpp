#include "service/alerts/alert_ears.hpp"

namespace wrapup {

void AlertEars::count(Counter counter, std::string_view label) {
    behind_.count(counter, label);
    if (counter == Counter::events) {
        events_ += 1;
    } else if (counter == Counter::rejected) {
        refused_ += 1;
    } else if (counter == Counter::elevenlabs_requests) {
        // Others than these two say nothing about the key.
        if (label == "our API key is refused") elevenlabs_ = Heard::refused;
        if (label == "ok") elevenlabs_ = Heard::taken;
    } else if (counter == Counter::twilio_requests && label == "ok") {
        twilio_ = Heard::taken;
    } else if (counter == Counter::alerts && label == "twilio") {
        twilio_ = Heard::refused;  // Counted where Twilio refuses our credentials.
    }
}

}  // namespace wrapup
