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
        if (label == "our API key is refused") is_elevenlabs_refused_ = true;
        if (label == "ok") is_elevenlabs_refused_ = false;
    }
}

}  // namespace wrapup
