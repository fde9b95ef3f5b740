#include "core/placing/placing_plan.hpp"

#include <algorithm>
#include <array>

#include "core/placing/intent_machine.hpp"

namespace wrapup {
namespace {

using Kind = PlacingPlan::Kind;

// Twilio's clock and ours.
constexpr seconds listed_before{10};
// A call whose TwiML cannot be had hears a sentence of Twilio's, after 15 s at most.
constexpr seconds untold_talk_max{45};
// The callbacks of a call that is over have come, or never will.
constexpr seconds told_by{120};
constexpr std::chrono::minutes token_patience{10};

bool is_window_over(const Intent& intent, UtcTime now) {
    return intent.not_after && now >= *intent.not_after;
}

PlacingPlan plan_waiting(const Intent& intent, const HoursNow& hours, UtcTime now) {
    if (is_window_over(intent, now)) return {Kind::expire, {}, {}};
    if (intent.not_before && now < *intent.not_before) return {Kind::wait, *intent.not_before, {}};
    if (hours.is_inside) return {Kind::ask, {}, {}};
    const UtcTime end = intent.not_after.value_or(UtcTime::max());
    if (!hours.opens_at || *hours.opens_at >= end) return {Kind::expire, {}, {}};
    return {Kind::wait, *hours.opens_at, {}};
}

PlacingPlan plan_asking(const Intent& intent, const HoursNow& hours, UtcTime now) {
    // Surely not there, and asked for again only inside its window; a look after it parks it.
    const bool may_ask =
        intent.is_absent && !intent.is_cancel_wanted && !is_window_over(intent, now);
    if (!may_ask) return {Kind::look, {}, {}};
    // Until its hours begin again it would hold the number, and a place.
    if (!hours.is_inside) return {Kind::park, {}, {}};
    return plan_waiting(intent, hours, now);
}

PlacingPlan plan_placed(const Intent& intent, const HoursNow& hours, UtcTime now) {
    const bool may_ring =
        !intent.is_cancel_wanted && !is_window_over(intent, now) && hours.is_inside;
    if (!may_ring) return {Kind::cancel, {}, {}};
    const UtcTime silent_at =
        intent.asked_at.value_or(now) + silent_placed + seconds{intent.timeout_s};
    if (now >= silent_at) return {Kind::ask_about, {}, {}};
    return {Kind::wait, look_while_ringing(intent, hours, silent_at), {}};
}

struct Known {
    std::int64_t code;
    RefusalVerdict verdict;
};
constexpr std::array known_refusals{
    Known{10001, {false, "the Twilio account is not active: look at it in Twilio's console"}},
    Known{10004, {true, "too many calls at once: ask Twilio for more concurrency"}},
    Known{20003, {false, "the credentials are wrong: check TWILIO_AUTH_TOKEN"}},
    Known{20005, {false, "the Twilio account is suspended: look at it in Twilio's console"}},
    Known{20404, {false, "Twilio does not know the account: check TWILIO_ACCOUNT_SID"}},
    Known{20429, {true, "too many requests: lower WRAPUP_CALLS_PER_SECOND"}},
    Known{21201, {false, "the number is missing"}},
    Known{21202, {false, "this number cannot be called"}},
    Known{21203, {false, "this number cannot be called"}},
    Known{21205, {false, "SERVER_URL is no address that Twilio can ask"}},
    Known{21210, {false, "the caller's number is not one of the account: buy or verify it"}},
    Known{21211, {false, "this is no number that can be called: correct it"}},
    Known{21212, {false, "the caller's number is not valid: check TWILIO_PHONE_NUMBER"}},
    Known{21213, {false, "the caller's number is missing: set TWILIO_PHONE_NUMBER"}},
    Known{21214, {false, "the number cannot be reached: it is probably not in use"}},
    Known{21215, {false, "calls to that country are switched off: see Twilio's geo permissions"}},
    Known{21216, {false, "Twilio does not let this number be called"}},
    Known{21217, {false, "this does not seem to be a number: correct it"}},
    Known{21218, {false, "the application is not valid"}},
    Known{21219, {false, "a trial account calls verified numbers only: verify it or upgrade"}},
    Known{22005, {true, "Twilio's queue is full: lower WRAPUP_CALLS_PER_SECOND"}},
};

}  // namespace

PlacingPlan plan_placing(const Intent& intent, const HoursNow& hours, UtcTime now) {
    if (!intent.stray_sids.empty()) {
        return {Kind::end_stray, {}, intent.stray_sids.substr(0, intent.stray_sids.find(' '))};
    }
    switch (intent.state) {
        case IntentState::waiting: return plan_waiting(intent, hours, now);
        case IntentState::asking: return plan_asking(intent, hours, now);
        case IntentState::placed: return plan_placed(intent, hours, now);
        case IntentState::answered: return {Kind::ask_about, {}, {}};
        case IntentState::ended:
        case IntentState::refused:
        case IntentState::expired:
        case IntentState::cancelled:
        case IntentState::parked: break;
    }
    return {Kind::wait, UtcTime::max(), {}};
}

UtcTime look_while_ringing(const Intent& intent, const HoursNow& hours, UtcTime at) {
    if (intent.not_after) at = std::min(at, *intent.not_after);
    if (hours.closes_at) at = std::min(at, *hours.closes_at);
    return at;
}

std::optional<UtcTime> first_chance(const Intent& intent, const HoursNow& hours, UtcTime now) {
    UtcTime at = std::max(now, intent.not_before.value_or(now));
    if (!hours.is_inside) {
        if (!hours.opens_at) return std::nullopt;
        at = std::max(at, *hours.opens_at);
    }
    if (intent.not_after && at >= *intent.not_after) return std::nullopt;
    return at;
}

seconds list_patience(Errc why) {
    switch (why) {
        // It will not read better by and by.
        case Errc::corrupt:
        case Errc::invalid_input: return std::chrono::minutes{10};
        case Errc::not_found:
        case Errc::conflict:
        case Errc::unauthorized:
        case Errc::rate_limited:
        case Errc::unavailable:
        case Errc::timeout: break;
    }
    return std::chrono::hours{24};
}

SearchVerdict judge_listed(std::span<const TwilioCall> listed, UtcTime asked_at, UtcTime now) {
    SearchVerdict result;
    bool is_any_going_on = false;
    for (const TwilioCall& call : listed) {
        const bool is_leg = !call.parent_sid.empty() || call.direction == Direction::inbound;
        const bool is_older = call.created_at && *call.created_at < asked_at - listed_before;
        const bool is_over = call.status && is_terminal(*call.status);
        // Whoever answers our call has Twilio ask us, with the token: without an answer it ends.
        const bool was_led = is_over && call.duration_s.value_or(0) > untold_talk_max.count();
        if (is_leg || is_older || was_led) continue;
        result.sid = call.sid;
        is_any_going_on = is_any_going_on || !is_over;
    }
    if (result.sid.empty()) return result;
    const milliseconds waited = now - asked_at;
    const bool is_hopeless = waited >= token_patience || (!is_any_going_on && waited >= told_by);
    result.kind = is_hopeless ? SearchVerdict::Kind::lost : SearchVerdict::Kind::maybe;
    return result;
}

RefusalVerdict judge_refusal(int http_status, std::int64_t code) {
    const auto known = std::ranges::find(known_refusals, code, &Known::code);
    if (known != known_refusals.end()) return known->verdict;
    if (http_status == 429) return {true, "too many requests: lower WRAPUP_CALLS_PER_SECOND"};
    if (http_status == 401 || http_status == 403) {
        return {false, "the credentials are wrong: check TWILIO_AUTH_TOKEN"};
    }
    return {false, "see Twilio's error dictionary for the code"};
}

}  // namespace wrapup
