#include "core/explain.hpp"

#include "base/assert.hpp"
#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

std::string in_time(const std::optional<UtcTime>& at, UtcTime now) {
    if (!at || *at <= now) return "now";
    const auto whole = std::chrono::ceil<seconds>(*at - now);
    return "in " + format_duration(whole) + " (" + format_rfc3339(*at) + ")";
}

std::string explain_settling(const Call& call, UtcTime now) {
    const SettleProgress& progress = call.progress;
    if (!progress.metadata_resolved_at && progress.metadata_first_asked_at) {
        return progress.was_metadata_away
                   ? "The metadata source does not answer; asked again " +
                         in_time(progress.metadata_next_at, now) + "."
                   : "The dialler has not written this call's metadata yet; asked again " +
                         in_time(progress.metadata_next_at, now) + ".";
    }
    std::string sentence;
    if (progress.was_conversation_refused) {
        sentence =
            "ElevenLabs refused our API key, so we wait for its webhook, or a start with another "
            "key";
    } else if (!progress.conversation_said.empty()) {
        sentence =
            "Waiting for the summary: ElevenLabs last said \"" + progress.conversation_said + "\"";
    } else if (!progress.twilio_said.empty()) {
        // Whether its summary was asked for since is in the settler's memory alone.
        sentence = "Waiting for the summary, or for Twilio, which last said \"" +
                   progress.twilio_said + "\"";
    } else {
        sentence = "The call is over and waits for its summary";
    }
    return sentence + "; looked at again " + in_time(call.due_at, now) + " at the latest.";
}

// Of an attempt that goes on: one that hangs is told from one that has just begun.
std::string since_due(const Delivery& delivery, UtcTime now) {
    if (!delivery.due_at || now - *delivery.due_at < seconds{1}) return {};
    const auto whole = std::chrono::floor<seconds>(now - *delivery.due_at);
    return "; it was due " + format_duration(whole) + " ago";
}

std::string explain_delivering(const ExplainInput& input, UtcTime now) {
    if (input.delivery == nullptr) return "The record is fixed and about to be sent.";
    const Delivery& delivery = *input.delivery;
    if (input.destination == DestinationState::paused) {
        return "Destination " + delivery.destination +
               " is paused; the record goes out when it is resumed.";
    }
    if (input.is_sending)
        return "The record is being sent right now" + since_due(delivery, now) + ".";
    if (input.breaker_retry_at) {
        return "Destination " + delivery.destination +
               " is in trouble, so records wait without using up attempts; one is tried as a "
               "probe " +
               in_time(input.breaker_retry_at, now) + ".";
    }
    if (input.rate_wait && delivery.due_at.value_or(now) < input.rate_wait->until) {
        return "Destination " + delivery.destination + " gets at most " +
               to_string(input.rate_wait->rate) +
               " (its rate), and so many attempts have begun; records go on " +
               in_time(input.rate_wait->until, now) + ".";
    }
    if (delivery.attempts_count == 0) return "The record is fixed and about to be sent.";
    return "Attempt " + std::to_string(delivery.attempts_count) + " failed (" + input.last_error +
           "); the next one is " + in_time(delivery.due_at, now) + ".";
}

// Of several deliveries the one that it is about.
std::string to_whom(const ExplainInput& input) {
    if (input.deliveries_count < 2 || input.delivery == nullptr) return {};
    return "To " + input.delivery->destination + ": ";
}

// In place of a word in capitals that ends a command.
void put_in(std::string& text, std::string_view placeholder, std::string_view value) {
    const std::size_t at = text.find(" " + std::string(placeholder) + ".");
    if (at != std::string::npos) text.replace(at + 1, placeholder.size(), value);
}

std::string reason_of(const ExplainInput& input) {
    const bool is_of_delivery = input.delivery != nullptr && input.delivery->parked;
    const auto reason = is_of_delivery ? input.delivery->parked : input.call.parked;
    if (!reason) return "waits for a person.";
    if (reason == ParkReason::given_up && is_sample_call(input.call.call_sid)) {
        return "a test of wrapup that was not taken. It waits for nobody; once what it found is "
               "mended, wrapup trigger sends another.";
    }
    if (reason == ParkReason::destination_gone && input.destination == DestinationState::removed) {
        return "no settings name the destination any more. Put it back into wrapup.toml and "
               "restart, and the record goes out.";
    }
    std::string text(advice(*reason));
    put_in(text, "SID", input.call.id);
    if (input.delivery != nullptr) put_in(text, "NAME", input.delivery->destination);
    return text;
}

std::string explain_state(const ExplainInput& input, UtcTime now) {
    const Call& call = input.call;
    switch (call.state) {
        case CallState::open:
            if (call.due_at && *call.due_at <= now)
                return "What was said of the call is looked at now.";
            return "The call is not over yet by anybody's word; looked at again " +
                   in_time(call.due_at, now) + " if nothing comes.";
        case CallState::settling: return explain_settling(call, now);
        case CallState::delivering: return explain_waiting(input, now);
        case CallState::delivered:
            if (!input.given_up.empty()) {
                const bool is_sample = is_sample_call(call.call_sid);
                return std::string("The record is accepted; ") +
                       (is_sample ? "not by " : "a person gave it up for ") + input.given_up + ".";
            }
            return input.deliveries_count > 1 ? "Every destination has accepted the record."
                                              : "The CRM has accepted the record.";
        case CallState::parked: return explain_parked(input);
        case CallState::out_of_scope:
            return "Out of scope: " +
                   (call.note.empty() ? std::string("not a call of ours") : call.note) + ".";
        case CallState::merged:
            return "This turned out to be call " + call.merged_into + "; see there.";
    }
    WRAPUP_ASSERT(false);
}

// Its record says less than the dialler knows.
bool was_settled_without_metadata(const Call& call) {
    return call.progress.was_metadata_away && call.progress.metadata_resolved_at.has_value();
}

}  // namespace

std::string explain(const ExplainInput& input, UtcTime now) {
    std::string sentences = explain_state(input, now);
    if (was_settled_without_metadata(input.call)) {
        sentences +=
            " The metadata source did not answer in time, so the call went on with what was known.";
    }
    return sentences;
}

std::string explain_parked(const ExplainInput& input) {
    std::string sentence = to_whom(input) + "Parked: " + reason_of(input);
    if (!input.last_error.empty()) sentence += " Last answer: " + input.last_error + ".";
    return sentence;
}

std::string explain_waiting(const ExplainInput& input, UtcTime now) {
    return to_whom(input) + explain_delivering(input, now);
}

std::string_view advice(ParkReason reason) {
    switch (reason) {
        case ParkReason::dead:
            return "every retry failed. Mend the CRM, then send it again: wrapup send SID.";
        case ParkReason::rejected:
            return "the CRM refused the record as wrong. See its answer, mend the CRM's side, then "
                   "send it again: wrapup send SID.";
        case ParkReason::disabled:
            return "delivery is switched off. Set ENABLE_CRM_WEBHOOK=true (of another destination "
                   "enabled = true), restart, then send it: wrapup send SID.";
        case ParkReason::unlinked:
            return "only a conversation that is no phone call names it, and Twilio knows no such "
                   "call. If there was one, give it metadata, or send it: wrapup send SID.";
        case ParkReason::silent:
            return "no word about its end for 24 hours, and Twilio does not know either. Look at "
                   "Twilio's console.";
        case ParkReason::blocked_address:
            return "the destination's address is private, loopback or link-local. Change the URL "
                   "or set WRAPUP_ALLOW_PRIVATE_TARGETS=true, restart, then send it again: wrapup "
                   "send SID.";
        case ParkReason::destination_gone:
            return "the CRM answered 410 Gone, so the destination is paused. Mend its URL, "
                   "restart, then resume the destination: wrapup destination resume NAME.";
        case ParkReason::unknown_outcome:
            return "the CRM's answer was lost, so it may or may not have the record. Look in the "
                   "CRM; send it again if it is not there: wrapup send SID.";
        case ParkReason::forgotten: return "its personal data was erased on request.";
        case ParkReason::given_up:
            return "a person gave it up, so it is sent nowhere. wrapup replay --parked given_up "
                   "sends it after all.";
    }
    WRAPUP_ASSERT(false);
}

}  // namespace wrapup
