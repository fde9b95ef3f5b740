#include "domain/intent.hpp"

#include <array>
#include <utility>

namespace wrapup {
namespace {

using enum IntentState;
constexpr std::array state_names{std::pair{waiting, std::string_view{"waiting"}},
                                 std::pair{asking, std::string_view{"asking"}},
                                 std::pair{placed, std::string_view{"placed"}},
                                 std::pair{answered, std::string_view{"answered"}},
                                 std::pair{ended, std::string_view{"ended"}},
                                 std::pair{refused, std::string_view{"refused"}},
                                 std::pair{expired, std::string_view{"expired"}},
                                 std::pair{cancelled, std::string_view{"cancelled"}},
                                 std::pair{parked, std::string_view{"parked"}}};

}  // namespace

std::string_view to_string(IntentState state) {
    for (const auto& [one, name] : state_names) {
        if (one == state) return name;
    }
    return "";
}

std::optional<IntentState> parse_intent_state(std::string_view name) {
    for (const auto& [one, known] : state_names) {
        if (known == name) return one;
    }
    return std::nullopt;
}

std::string_view to_string(IntentRefusal refusal) {
    switch (refusal) {
        case IntentRefusal::none: return "";
        case IntentRefusal::already_open: return "already_open";
        case IntentRefusal::do_not_call: return "do_not_call";
        case IntentRefusal::too_many_attempts: return "too_many_attempts";
        case IntentRefusal::outside_hours: return "outside_hours";
        case IntentRefusal::key_reused: return "idempotency_key_reused";
    }
    return "";
}

CallMetadata intent_metadata(const Intent& intent) {
    CallMetadata metadata;
    metadata.name = intent.name;
    metadata.campaign_id = intent.campaign_id;
    metadata.campaign_name = intent.campaign_name;
    metadata.conversation_id = intent.conversation_id;
    metadata.agent_id = intent.agent_id;
    metadata.to = intent.to;
    return metadata;
}

}  // namespace wrapup
