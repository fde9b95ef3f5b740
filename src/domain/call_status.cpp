#include "domain/call_status.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/assert.hpp"

namespace wrapup {
namespace {

constexpr std::array<std::pair<std::string_view, CallStatus>, 9> words{{
    {"queued", CallStatus::queued},
    {"initiated", CallStatus::initiated},
    {"ringing", CallStatus::ringing},
    {"in-progress", CallStatus::in_progress},
    {"completed", CallStatus::completed},
    {"busy", CallStatus::busy},
    {"no-answer", CallStatus::no_answer},
    {"failed", CallStatus::failed},
    {"canceled", CallStatus::canceled},
}};

// Lower case, underscores as dashes: how we compare words of the outside.
std::string fold_word(std::string_view word) {
    std::string folded(word);
    for (char& c : folded) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        if (c == '_') c = '-';
    }
    return folded;
}

}  // namespace

std::optional<CallStatus> parse_call_status(std::string_view word) {
    if (word.size() > 16) return std::nullopt;
    const std::string folded = fold_word(word);
    if (folded == "cancelled") return CallStatus::canceled;
    const auto found = std::ranges::find(words, folded, &decltype(words)::value_type::first);
    if (found == words.end()) return std::nullopt;
    return found->second;
}

std::string_view to_string(CallStatus status) {
    const auto found = std::ranges::find(words, status, &decltype(words)::value_type::second);
    WRAPUP_ASSERT(found != words.end());
    return found->first;
}

bool is_terminal(CallStatus status) {
    switch (status) {
        case CallStatus::queued:
        case CallStatus::initiated:
        case CallStatus::ringing:
        case CallStatus::in_progress: return false;
        case CallStatus::completed:
        case CallStatus::busy:
        case CallStatus::no_answer:
        case CallStatus::failed:
        case CallStatus::canceled: return true;
    }
    WRAPUP_ASSERT(false);
}

Direction parse_direction(std::string_view word) {
    if (word.empty()) return Direction::unknown;
    return fold_word(word.substr(0, 16)) == "inbound" ? Direction::inbound : Direction::outbound;
}

bool is_machine(std::string_view answered_by) {
    const std::string folded = fold_word(answered_by.substr(0, 32));
    return folded == "machine" || folded.starts_with("machine-") || folded == "fax" ||
           folded == "voicemail";
}

}  // namespace wrapup
