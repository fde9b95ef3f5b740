#include "service/alerts/alert_ears.hpp"

#include <algorithm>
#include <array>

namespace wrapup {
namespace {

// Of people at the API: no call is lost by them.
constexpr std::array<std::string_view, 5> causes_of_people = {"no_token", "bad_token", "token_rate",
                                                              "session_over", "other_site"};

}  // namespace

void AlertEars::count(Counter counter, std::string_view label) {
    behind_.count(counter, label);
    if (counter == Counter::events) {
        events_ += 1;
    } else if (counter == Counter::rejected) {
        refused_ += std::ranges::count(causes_of_people, label) == 0 ? 1 : 0;
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
