#pragma once

// What people did, for the operators' log.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

enum class OperatorAct {
    destination_paused,
    destination_resumed,
    replay_started,
    replay_cancelled,
    give_up_started,  // A replay that gives records up.
    record_sent,
    record_parked,
    campaign_paused,
    campaign_resumed,
    campaign_cancelled,
    campaign_changed,  // Settings of its list, by a list that was sent again.
    intent_cancelled,
    do_not_call_added,
    do_not_call_removed,
    reconciliation_ordered,
    signed_in,
    signed_out,
};
std::string_view to_string(OperatorAct act);
std::optional<OperatorAct> parse_operator_act(std::string_view name);
// What the subject of such an act is: call, destination, replay, campaign, intent, number; empty:
// it has none.
std::string_view subject_kind_of(OperatorAct act);

struct OperatorAction {
    std::int64_t id = 0;  // Given by the store: later ones have greater ones.
    UtcTime at{};
    OperatorAct act = OperatorAct::record_sent;
    std::string who;      // By which way it came: dashboard, command line or api.
    std::string subject;  // An id or a name; of a number only what may be logged. May be empty.
    std::string detail;   // What it came to, in words; may be empty.
    std::string reason;   // In the person's own words; may be empty.
    std::string refused;  // Why it was not done; empty: it was.

    bool operator==(const OperatorAction&) const = default;
};

// So many are kept; the oldest go first.
inline constexpr std::int64_t operator_actions_max = 100'000;

}  // namespace wrapup
