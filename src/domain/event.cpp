#include "domain/event.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.hpp"

namespace wrapup {
namespace {

constexpr std::array<std::pair<std::string_view, EventKind>, 12> names{{
    {"twilio.status", EventKind::twilio_status},
    {"twilio.child_status", EventKind::twilio_child_status},
    {"twilio.amd", EventKind::twilio_amd},
    {"twilio.rest", EventKind::twilio_rest},
    {"elevenlabs.transcription", EventKind::elevenlabs_transcription},
    {"elevenlabs.otel", EventKind::elevenlabs_otel},
    {"elevenlabs.initiation_failure", EventKind::elevenlabs_failure},
    {"elevenlabs.conversation", EventKind::elevenlabs_conversation},
    {"reconcile.call", EventKind::reconcile_call},
    {"reconcile.conversation", EventKind::reconcile_conversation},
    {"placing.no_agent", EventKind::placing_no_agent},
    {"operator.action", EventKind::operator_action},
}};

}  // namespace

std::string_view to_string(EventKind kind) {
    const auto found = std::ranges::find(names, kind, &decltype(names)::value_type::second);
    WRAPUP_ASSERT(found != names.end());
    return found->first;
}

std::optional<EventKind> parse_event_kind(std::string_view name) {
    const auto found = std::ranges::find(names, name, &decltype(names)::value_type::first);
    if (found == names.end()) return std::nullopt;
    return found->second;
}

}  // namespace wrapup
