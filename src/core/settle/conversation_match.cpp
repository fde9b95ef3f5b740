#include "core/settle/conversation_match.hpp"

#include <algorithm>

#include "domain/callable_number.hpp"

namespace wrapup {
namespace {

bool may_be_of(const CallMarks& said, const CallMarks& call) {
    if (call.call_sid.empty()) return true;  // The conversation is all that the call is.
    if (!said.call_sid.empty()) return said.call_sid == call.call_sid;
    const bool is_agent =
        said.agent_id.empty() || call.agent_id.empty() || said.agent_id == call.agent_id;
    return is_agent && may_be_same_number(said.to, call.to);
}

}  // namespace

std::string number_of(const Facts& facts) {
    return facts.direction == Direction::unknown ? std::string() : other_party(facts);
}

bool may_be_of(const Conversation& conversation, const CallMarks& call) {
    // Where no phone call is told of, a number is only guessed from the dynamic variables.
    const bool has_number = conversation.line != PhoneLine::none;
    return may_be_of({conversation.call_sid, conversation.agent_id,
                      has_number ? std::string_view(conversation.external_number) : ""},
                     call);
}

bool may_be_of(const Observation& said, const CallMarks& call) {
    if (const auto* conversation = std::get_if<Conversation>(&said)) {
        return may_be_of(*conversation, call);
    }
    const auto* const failure = std::get_if<InitiationFailure>(&said);
    return failure == nullptr ||
           may_be_of({failure->call_sid, failure->agent_id, failure->to}, call);
}

}  // namespace wrapup
