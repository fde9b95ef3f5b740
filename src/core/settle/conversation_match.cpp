#include "core/settle/conversation_match.hpp"

#include <algorithm>

#include "domain/callable_number.hpp"

namespace wrapup {
namespace {

// What ElevenLabs says, of a conversation or of a failed start.
struct Said {
    std::string_view call_sid;
    bool is_sid_certain = false;
    std::string_view agent_id;
    std::string_view to;
    Direction direction = Direction::unknown;
    std::optional<UtcTime> at;
};

bool may_be_at(std::optional<UtcTime> at, const CallMarks& call) {
    if (!at) return true;
    const bool is_before = call.began_at && *at < *call.began_at - same_call_within;
    const bool is_after = call.ended_at && *at > *call.ended_at + same_call_within;
    return !is_before && !is_after;
}

template <class T>
bool may_be_equal(const T& one, const T& other, const T& unknown) {
    return one == unknown || other == unknown || one == other;
}

bool may_be_of(const Said& said, const CallMarks& call) {
    if (call.call_sid.empty()) return true;  // The conversation is all that the call is.
    if (!said.call_sid.empty() && said.call_sid != call.call_sid) return false;
    if (said.is_sid_certain) return true;
    if (!may_be_at(said.at, call)) return false;
    // A call that is connected to the agent over SIP is an inbound one there.
    if (!said.call_sid.empty()) return true;
    return may_be_equal<std::string_view>(said.agent_id, call.agent_id, "") &&
           may_be_equal(said.direction, call.direction, Direction::unknown) &&
           may_be_same_number(said.to, call.to);
}

}  // namespace

CallMarks marks_of(const Facts& facts, std::string_view agent_id) {
    return {facts.call_sid,  std::string(agent_id), number_of(facts),
            facts.direction, facts.twilio_began_at, facts.twilio_ended_at};
}

std::string number_of(const Facts& facts) {
    return facts.direction == Direction::unknown ? std::string() : other_party(facts);
}

bool may_be_of(const Conversation& conversation, const CallMarks& call) {
    // Where no phone call is told of, a number is only guessed from the dynamic variables.
    const bool has_number = conversation.line != PhoneLine::none;
    return may_be_of(
        Said{conversation.call_sid, conversation.has_own_call_sid, conversation.agent_id,
             has_number ? std::string_view(conversation.external_number) : "",
             conversation.direction, conversation.started_at},
        call);
}

bool may_be_of(const Observation& said, const CallMarks& call) {
    if (const auto* conversation = std::get_if<Conversation>(&said)) {
        return may_be_of(*conversation, call);
    }
    const auto* const failure = std::get_if<InitiationFailure>(&said);
    return failure == nullptr ||
           may_be_of(Said{failure->call_sid, !failure->call_sid.empty(), failure->agent_id,
                          failure->to, failure->direction, failure->at},
                     call);
}

}  // namespace wrapup
