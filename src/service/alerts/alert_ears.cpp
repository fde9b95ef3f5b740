#include "service/alerts/alert_ears.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace wrapup {
namespace {

// Of people at the API. What a store that is away or full could not take is nobody's wrong request,
// and what another store placed is kept.
constexpr std::array<std::string_view, 7> causes_of_no_sender = {
    "no_token",   "bad_token",  "token_rate",   "session_over",
    "other_site", "not_stored", "unknown_token"};

const std::vector<std::string_view>& causes() {
    static const std::vector<std::string_view> all = known_labels(Counter::rejected);
    return all;
}

}  // namespace

bool is_of_no_sender(std::string_view cause) {
    return std::ranges::find(causes_of_no_sender, cause) != causes_of_no_sender.end();
}

void AlertEars::count(Counter counter, std::string_view label) {
    behind_.count(counter, label);
    if (counter == Counter::events) {
        events_ += 1;
    } else if (counter == Counter::rejected) {
        if (is_of_no_sender(label)) return;
        last_refusal_ = std::size_t(std::ranges::find(causes(), label) - causes().begin());
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

std::string_view AlertEars::last_refusal() const {
    const std::size_t at = last_refusal_;
    return at < causes().size() ? causes()[at] : std::string_view{};
}

}  // namespace wrapup
