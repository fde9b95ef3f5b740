#include "core/settle/conversation_match.hpp"

namespace wrapup {
namespace {

bool may_be_of(std::string_view call_sid, std::string_view agent_id, const CallMarks& call) {
    if (call.call_sid.empty()) return true;  // The conversation is all that the call is.
    if (!call_sid.empty()) return call_sid == call.call_sid;
    return agent_id.empty() || call.agent_id.empty() || agent_id == call.agent_id;
}

}  // namespace

bool may_be_of(const Conversation& conversation, const CallMarks& call) {
    return may_be_of(conversation.call_sid, conversation.agent_id, call);
}

bool may_be_of(const Observation& said, const CallMarks& call) {
    if (const auto* conversation = std::get_if<Conversation>(&said)) {
        return may_be_of(*conversation, call);
    }
    const auto* const failure = std::get_if<InitiationFailure>(&said);
    return failure == nullptr || may_be_of(failure->call_sid, failure->agent_id, call);
}

}  // namespace wrapup
