#include "domain/call.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "base/assert.hpp"

namespace wrapup {
namespace {

constexpr std::array<std::pair<std::string_view, CallState>, 7> states{{
    {"open", CallState::open},
    {"settling", CallState::settling},
    {"delivering", CallState::delivering},
    {"delivered", CallState::delivered},
    {"parked", CallState::parked},
    {"out_of_scope", CallState::out_of_scope},
    {"merged", CallState::merged},
}};

constexpr std::array<std::pair<std::string_view, ParkReason>, 10> reasons{{
    {"dead", ParkReason::dead},
    {"rejected", ParkReason::rejected},
    {"disabled", ParkReason::disabled},
    {"unlinked", ParkReason::unlinked},
    {"silent", ParkReason::silent},
    {"blocked_address", ParkReason::blocked_address},
    {"destination_gone", ParkReason::destination_gone},
    {"unknown_outcome", ParkReason::unknown_outcome},
    {"forgotten", ParkReason::forgotten},
    {"given_up", ParkReason::given_up},
}};

template <class Table, class Value>
std::string_view name_in(const Table& table, Value value) {
    const auto found = std::ranges::find(table, value, &Table::value_type::second);
    WRAPUP_ASSERT(found != table.end());
    return found->first;
}

template <class Value, class Table>
std::optional<Value> value_in(const Table& table, std::string_view name) {
    const auto found = std::ranges::find(table, name, &Table::value_type::first);
    if (found == table.end()) return std::nullopt;
    return found->second;
}

}  // namespace

std::string_view to_string(CallState state) { return name_in(states, state); }
std::optional<CallState> parse_call_state(std::string_view name) {
    return value_in<CallState>(states, name);
}

std::string_view to_string(ParkReason reason) { return name_in(reasons, reason); }
std::optional<ParkReason> parse_park_reason(std::string_view name) {
    return value_in<ParkReason>(reasons, name);
}

std::string_view to_string(DeliveryState state) {
    switch (state) {
        case DeliveryState::pending: return "pending";
        case DeliveryState::accepted: return "accepted";
        case DeliveryState::parked: return "parked";
    }
    WRAPUP_ASSERT(false);
}

std::string_view to_string(AttemptOutcome outcome) {
    switch (outcome) {
        case AttemptOutcome::accepted: return "accepted";
        case AttemptOutcome::refused: return "refused";
        case AttemptOutcome::failed: return "failed";
        case AttemptOutcome::unknown: return "unknown";
    }
    WRAPUP_ASSERT(false);
}

std::optional<AttemptOutcome> parse_attempt_outcome(std::string_view name) {
    for (const auto outcome : {AttemptOutcome::accepted, AttemptOutcome::refused,
                               AttemptOutcome::failed, AttemptOutcome::unknown}) {
        if (to_string(outcome) == name) return outcome;
    }
    return std::nullopt;
}

}  // namespace wrapup
