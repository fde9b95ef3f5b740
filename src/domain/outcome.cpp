#include "domain/outcome.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"

namespace wrapup {
namespace {

// "1 second", "59 seconds", "1 minute", "2 minutes 5 seconds".
std::string spoken_duration(std::int64_t duration_s) {
    const auto count = [](std::int64_t number, const char* unit) {
        return std::to_string(number) + ' ' + unit + (number == 1 ? "" : "s");
    };
    const std::int64_t minutes = duration_s / 60;
    const std::int64_t rest_s = duration_s % 60;
    if (minutes == 0) return count(rest_s, "second");
    if (rest_s == 0) return count(minutes, "minute");
    return count(minutes, "minute") + ' ' + count(rest_s, "second");
}

struct NoAgentReason {
    std::string_view code;
    std::string_view words;
};
constexpr std::array no_agent_reasons{
    NoAgentReason{"agent_timeout", "ElevenLabs did not answer in time"},
    NoAgentReason{"agent_busy", "ElevenLabs had no agent free"},
    NoAgentReason{"agent_refused", "ElevenLabs refused the call"},
    NoAgentReason{"agent_unavailable", "ElevenLabs was not available"},
    NoAgentReason{"store_unavailable", "its order could not be read in time"},
    NoAgentReason{"hung_up_early", "it was over before the agent was there"},
    NoAgentReason{"another_call", "another call of the same order has the agent"},
    NoAgentReason{"cancelled", "it had been cancelled"},
    NoAgentReason{"over", "its order was over"},
    NoAgentReason{"window_closed", "its time window had closed"},
    NoAgentReason{"do_not_call", "the number was on the do-not-call list"},
    NoAgentReason{"outside_hours", "it was outside of the calling hours"},
};

}  // namespace

std::string_view to_string(Outcome outcome) {
    switch (outcome) {
        case Outcome::held: return "held";
        case Outcome::no_answer: return "no answer";
        case Outcome::no_connection: return "no connection";
        case Outcome::voicemail: return "voicemail";
    }
    WRAPUP_ASSERT(false);
}

std::optional<Outcome> parse_outcome(std::string_view word) {
    for (const Outcome outcome :
         {Outcome::held, Outcome::no_answer, Outcome::no_connection, Outcome::voicemail}) {
        if (word == to_string(outcome)) return outcome;
    }
    return std::nullopt;
}

Outcome outcome_of(CallStatus terminal, std::int64_t duration_s, std::string_view answered_by) {
    WRAPUP_ASSERT(is_terminal(terminal));
    if (is_machine(answered_by)) return Outcome::voicemail;
    if (terminal == CallStatus::completed) {
        return duration_s > 0 ? Outcome::held : Outcome::no_connection;
    }
    const bool rang = terminal == CallStatus::no_answer || terminal == CallStatus::busy;
    return rang ? Outcome::no_answer : Outcome::no_connection;
}

bool deserves_summary(Outcome outcome) {
    return outcome == Outcome::held || outcome == Outcome::voicemail;
}

std::string fallback_summary(Outcome outcome, Direction direction, std::int64_t duration_s,
                             std::string_view name) {
    const std::string who(name);
    const bool is_inbound = direction == Direction::inbound;
    const std::string the_call =
        who.empty() ? "The call" : (is_inbound ? "The call from " : "The call to ") + who;
    const std::string lasting = duration_s > 0 ? ", lasting " + spoken_duration(duration_s) : "";
    switch (outcome) {
        case Outcome::held:
            return (who.empty() ? "The call was held" : "The call with " + who + " was held") +
                   lasting + ". No summary is available.";
        case Outcome::no_answer:
            // Of an inbound call it was our side that did not answer.
            return who.empty() || is_inbound ? the_call + " was not answered."
                                             : who + " did not answer the call.";
        case Outcome::no_connection: return the_call + " could not be connected.";
        case Outcome::voicemail:
            return the_call + " was answered by voicemail" + lasting + ". No summary is available.";
    }
    WRAPUP_ASSERT(false);
}

std::string_view no_agent_words(std::string_view why) {
    const auto found = std::ranges::find(no_agent_reasons, why, &NoAgentReason::code);
    return found != no_agent_reasons.end() ? found->words : "nobody knows why";
}

std::string no_agent_summary(Outcome outcome, std::string_view name, std::string_view why) {
    const std::string the_call = name.empty() ? "The call" : "The call to " + std::string(name);
    const bool is_voicemail = outcome == Outcome::voicemail;
    return the_call + " was answered" + (is_voicemail ? " by voicemail" : "") +
           ", but no agent could be connected: " + std::string(no_agent_words(why)) + ".";
}

}  // namespace wrapup
