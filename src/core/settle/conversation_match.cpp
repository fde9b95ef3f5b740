#include "core/settle/conversation_match.hpp"

#include <algorithm>

#include "domain/callable_number.hpp"

namespace wrapup {
namespace {

// Without what a country dials first; empty: no number that could be told from another.
std::string significant_digits(std::string_view number) {
    constexpr std::size_t size_min = 7;  // An extension and a short code are in many places.
    const std::string callable = callable_number(number, {});
    std::string_view digits = callable;
    if (is_voice_address(digits)) {
        digits.remove_prefix(digits.find(':') + 1);
        digits = digits.substr(0, digits.find_first_of("@;:?"));
    }
    if (digits.starts_with('+')) digits.remove_prefix(1);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    const bool is_number = digits.find_first_not_of("0123456789") == std::string_view::npos;
    return is_number && digits.size() >= size_min ? std::string(digits) : std::string();
}

bool may_be_same(std::string_view one, std::string_view other) {
    const std::string a = significant_digits(one);
    const std::string b = significant_digits(other);
    return a.empty() || b.empty() || a.ends_with(b) || b.ends_with(a);
}

bool may_be_of(const CallMarks& said, const CallMarks& call) {
    if (call.call_sid.empty()) return true;  // The conversation is all that the call is.
    if (!said.call_sid.empty()) return said.call_sid == call.call_sid;
    const bool is_agent =
        said.agent_id.empty() || call.agent_id.empty() || said.agent_id == call.agent_id;
    return is_agent && may_be_same(said.to, call.to);
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
