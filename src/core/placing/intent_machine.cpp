#include "core/placing/intent_machine.hpp"

#include <algorithm>

namespace wrapup {
namespace {

using Kind = IntentStep::Kind;

// While Twilio is being asked: nobody looks before its answer can be there.
constexpr seconds ask_patience{15};

IntentStep of_kind(Kind kind) {
    IntentStep result;
    result.kind = kind;
    return result;
}
IntentStep ignored() { return of_kind(Kind::ignored); }
IntentStep conflict() { return of_kind(Kind::conflict); }
IntentStep moved() { return {}; }

bool holds(const std::string& list, const std::string& sid) {
    return list.find(sid) != std::string::npos;
}

void add_stray(Intent& intent, const std::string& sid, UtcTime now) {
    if (sid.empty() || holds(intent.stray_sids, sid)) return;
    if (!intent.stray_sids.empty()) intent.stray_sids += ' ';
    intent.stray_sids += sid;
    intent.due_at = now;
}

void end(Intent& intent, IntentState state, UtcTime now) {
    intent.state = state;
    intent.ended_at = now;
    intent.twiml.clear();
    intent.due_at.reset();
    if (!intent.stray_sids.empty()) intent.due_at = now;
}

UtcTime look_at(const Intent& intent, UtcTime now) {
    const auto last = static_cast<std::int64_t>(look_waits.size()) - 1;
    const auto index = std::min(intent.looks_count, last);
    return now + look_waits[static_cast<std::size_t>(index)];
}

// Its window, or the calling hours, ended while it rang.
bool is_cancelled_by_time(const Intent& intent) {
    return !intent.cancel_reason.empty() && intent.cancel_reason != number_listed;
}

// The state of a call that ended as it did because we wanted it to.
IntentState end_state(const Intent& intent, CallStatus status) {
    const bool is_by_us = status == CallStatus::canceled && intent.is_cancel_wanted;
    if (!is_by_us) return IntentState::ended;
    return is_cancelled_by_time(intent) ? IntentState::expired : IntentState::cancelled;
}

// Its first call, or another one.
bool bind(Intent& intent, const std::string& sid, UtcTime now) {
    if (intent.call_sid == sid) return false;
    if (intent.call_sid.empty()) {
        intent.call_sid = sid;
        return true;
    }
    const bool is_new = !holds(intent.stray_sids, sid);
    add_stray(intent, sid, now);
    return is_new;
}

struct Mover {
    Intent& intent;
    UtcTime now;

    IntentStep operator()(const BeginAsking&) {
        const bool is_again =
            intent.state == IntentState::asking && intent.asks_count < asks_max && intent.is_absent;
        if (intent.state != IntentState::waiting && !is_again) return conflict();
        const bool is_early = intent.not_before && now < *intent.not_before;
        const bool is_late = intent.not_after && now >= *intent.not_after;
        if (intent.is_cancel_wanted || is_early || is_late) return conflict();
        intent.state = IntentState::asking;
        intent.asked_at = now;
        intent.asks_count += 1;
        intent.looks_count = 0;
        intent.is_absent = false;
        intent.due_at = now + ask_patience;
        return moved();
    }

    IntentStep operator()(const TwilioAccepted& news) {
        return heard(news.call_sid, parse_call_status(news.status), {});
    }

    IntentStep operator()(const TwilioDeferred& news) {
        if (intent.state != IntentState::asking) return ignored();
        if (intent.is_cancel_wanted) return cancel_now();
        intent.state = IntentState::waiting;
        intent.due_at = news.until;
        return moved();
    }

    IntentStep operator()(const PlacingRefused& news) {
        if (intent.state != IntentState::asking && intent.state != IntentState::waiting) {
            return ignored();
        }
        intent.reason = news.reason;
        intent.advice = news.advice;
        intent.twilio_code = news.twilio_code;
        end(intent, IntentState::refused, now);
        return moved();
    }

    IntentStep operator()(const AnswerLost&) {
        if (intent.state != IntentState::asking) return ignored();
        intent.due_at = look_at(intent, now);
        return moved();
    }

    IntentStep operator()(const NotFoundYet&) {
        if (intent.state != IntentState::asking) return ignored();
        intent.looks_count += 1;
        intent.due_at = look_at(intent, now);
        const bool is_sure = intent.asked_at && now - *intent.asked_at >= surely_not_there;
        if (!is_sure) return moved();
        if (intent.is_cancel_wanted) return cancel_now();
        const bool is_in_window = !intent.not_after || now < *intent.not_after;
        if (intent.asks_count >= asks_max || !is_in_window) return (*this)(PlacingParked{});
        intent.is_absent = true;
        intent.due_at = now;
        return moved();
    }

    IntentStep operator()(const LookAgain& news) {
        if (!intent.is_open() && intent.stray_sids.empty()) return ignored();
        intent.due_at = news.at;
        // Whoever says so may not know yet that it is to be cancelled.
        const bool is_ending = intent.state == IntentState::placed && intent.is_cancel_wanted;
        if (is_ending) intent.due_at = std::min(news.at, now + cancel_wait_max);
        return moved();
    }

    IntentStep operator()(const CallHeard& news) {
        return heard(news.call_sid, news.status, news.answered_by);
    }

    IntentStep operator()(const CallAnswered& news) {
        const std::string why = why_hung_up(news);
        if (!why.empty()) {
            IntentStep result = without_agent(news.call_sid, why);
            result.kind = Kind::hung_up;
            result.why = why;
            return result;
        }
        // It was sent away before the store knew of it, and its record says so.
        const bool is_sent_away = intent.call_sid == news.call_sid && intent.is_abandoned;
        if (is_sent_away) return answered_again();
        IntentStep result;
        if (intent.call_sid != news.call_sid) {
            result.bound_sid = news.call_sid;
            add_stray(intent, intent.call_sid, now);
            intent.call_sid = news.call_sid;
        }
        if (intent.owner_sid == news.call_sid) return answered_again();
        begin_agent(result);
        intent.owner_sid = news.call_sid;
        intent.state = IntentState::answered;
        intent.answered_at = now;
        intent.ended_at.reset();
        intent.reason.clear();
        intent.due_at = intent.stray_sids.empty() ? now + silent_answered : now;
        return result;
    }

    IntentStep operator()(const AgentGiven& news) {
        if (news.ask != intent.agent_asks_count || !intent.twiml.empty()) return ignored();
        // Its end was heard before Twilio was told of the agent: nobody was there any more.
        if (intent.state == IntentState::ended && intent.ended_at && news.at > *intent.ended_at) {
            return without_agent(intent.call_sid, "hung_up_early");
        }
        if (intent.is_open()) intent.twiml = news.twiml;
        if (news.conversation_id.empty()) return moved();
        intent.conversation_id = news.conversation_id;
        IntentStep result;
        result.bound_sid = intent.call_sid;
        return result;
    }

    IntentStep operator()(const AgentMissing& news) {
        const bool is_of_owner = intent.owner_sid == news.call_sid;
        const bool is_old = news.ask != intent.agent_asks_count;
        if (is_of_owner && (is_old || !intent.twiml.empty())) return ignored();
        return without_agent(news.call_sid, news.why);
    }

    IntentStep operator()(const CancelWanted& news) {
        if (intent.state == IntentState::cancelled) return ignored();
        const bool is_answered = intent.state == IntentState::answered;
        if (is_answered || !intent.holds_number()) return conflict();
        const bool is_parked = intent.state == IntentState::parked;
        const bool is_listed = news.reason == number_listed;
        if (intent.is_cancel_wanted && (is_listed || !is_parked)) return ignored();
        intent.is_cancel_wanted = true;
        intent.cancel_reason = news.reason;
        // Nobody has looked yet; should its call come out, it is cancelled.
        if (is_parked && is_listed) return moved();
        const bool is_waiting = intent.state == IntentState::waiting;
        const bool is_nowhere = intent.state == IntentState::asking && intent.is_absent;
        if (is_waiting || is_nowhere || is_parked) return cancel_now();
        if (intent.state == IntentState::placed) {
            intent.looks_count = 0;
            intent.due_at = now;
        }
        return moved();
    }

    IntentStep operator()(const CancelFailed& news) {
        if (intent.state != IntentState::placed || !intent.is_cancel_wanted) return ignored();
        const auto doublings = std::min<std::int64_t>(intent.looks_count, 4);
        intent.looks_count += 1;
        intent.reason = not_cancelled;
        intent.advice = news.advice;
        intent.due_at = now + std::min(seconds{1} * (1 << doublings), cancel_wait_max);
        return moved();
    }

    // What nobody was asked for, or is surely not there, waits for its list to go on.
    IntentStep operator()(const ListPaused&) {
        const bool is_nowhere = intent.state == IntentState::asking && intent.is_absent;
        const bool may_wait = intent.state == IntentState::waiting || is_nowhere;
        if (!may_wait || intent.is_cancel_wanted) return ignored();
        intent.state = IntentState::waiting;
        intent.is_absent = false;
        intent.due_at = now + held_look_every;
        return moved();
    }

    IntentStep operator()(const StrayEnded& news) {
        std::string left;
        std::size_t at = 0;
        while (at < intent.stray_sids.size()) {
            const std::size_t blank =
                std::min(intent.stray_sids.find(' ', at), intent.stray_sids.size());
            const std::string sid = intent.stray_sids.substr(at, blank - at);
            if (sid != news.call_sid) left += (left.empty() ? "" : " ") + sid;
            at = blank + 1;
        }
        if (left == intent.stray_sids) return ignored();
        intent.stray_sids = left;
        if (!left.empty()) {
            intent.due_at = now;
        } else if (!intent.is_open()) {
            intent.due_at.reset();
        } else if (intent.state == IntentState::placed) {
            intent.due_at = now;
        } else if (intent.state == IntentState::answered) {
            intent.due_at = now + silent_answered;
        }
        return moved();
    }

    IntentStep operator()(const WindowClosed&) {
        if (intent.state != IntentState::waiting) return conflict();
        intent.reason = "window_closed";
        end(intent, IntentState::expired, now);
        return moved();
    }

    IntentStep operator()(const PlacingParked& news) {
        if (intent.state != IntentState::asking) return conflict();
        intent.reason = news.seen_sid.empty() ? "unknown_outcome" : "lost";
        intent.advice = news.seen_sid.empty()
                            ? "look for the call in Twilio's console before placing it again"
                            : "Twilio has call " + news.seen_sid +
                                  ", which may be this one or another program's: look at it in "
                                  "Twilio's console before placing it again";
        end(intent, IntentState::parked, now);
        return moved();
    }

private:
    // A conversation may last for hours; its end is told by a callback, else Twilio is asked.
    static constexpr seconds silent_answered{1'200};
    // Should nobody tell it that its list goes on, or was cancelled.
    static constexpr seconds held_look_every{60};
    // What Twilio did not cancel: after 1, 2, 4, 8, 10 … s.
    static constexpr seconds cancel_wait_max{10};

    // It has no call.
    IntentStep cancel_now() {
        if (intent.cancel_reason.empty()) {
            intent.reason = "cancelled";
            end(intent, IntentState::cancelled, now);
        } else if (intent.cancel_reason == number_listed) {
            return (*this)(PlacingRefused{std::string(number_listed), on_the_list, 0});
        } else {
            intent.reason = intent.cancel_reason;
            end(intent, IntentState::expired, now);
        }
        return moved();
    }

    void begin_agent(IntentStep& result) {
        intent.agent_asks_count += 1;
        intent.agent_asked_at = now;
        result.asks_agent = true;
    }

    // Twilio asks once more. Whoever asked for the agent may have died meanwhile.
    IntentStep answered_again() {
        IntentStep result = ignored();
        if (!intent.is_open() || intent.is_abandoned) {
            result.kind = Kind::hung_up;
            result.why = intent.is_open() ? "no_agent" : "over";
            return result;
        }
        const bool is_leased = intent.agent_asked_at && now < *intent.agent_asked_at + agent_lease;
        if (!intent.twiml.empty() || is_leased) return result;
        begin_agent(result);
        result.kind = Kind::moved;
        return result;
    }

    // Of a second call only its own record says so.
    IntentStep without_agent(const std::string& sid, const std::string& why) {
        IntentStep result;
        if (bind(intent, sid, now)) result.bound_sid = sid;
        result.no_agent_sid = sid;
        result.no_agent = why;
        if (intent.call_sid == sid && !intent.is_abandoned) {
            intent.is_abandoned = true;
            intent.no_agent = why;
        }
        return result;
    }

    std::string why_hung_up(const CallAnswered& news) const {
        if (!intent.owner_sid.empty() && intent.owner_sid != news.call_sid) return "another_call";
        if (intent.owner_sid == news.call_sid) return "";
        if (news.is_do_not_call) return std::string(number_listed);
        const bool is_cancelled = intent.is_cancel_wanted || intent.state == IntentState::cancelled;
        if (is_cancelled && !is_cancelled_by_time(intent)) return "cancelled";
        const bool is_over = !intent.is_open() && intent.state != IntentState::parked;
        if (is_over && !is_cancelled) return "over";
        if (intent.not_after && now >= *intent.not_after) return "window_closed";
        if (!news.is_in_hours) return "outside_hours";
        return is_cancelled ? "cancelled" : "";
    }

    IntentStep heard(const std::string& sid, std::optional<CallStatus> status,
                     const std::string& answered_by) {
        IntentStep result = ignored();
        if (bind(intent, sid, now)) {
            result.kind = Kind::moved;
            result.bound_sid = sid;
        }
        const bool is_over = status && is_terminal(*status);
        if (is_over && holds(intent.stray_sids, sid)) {
            (*this)(StrayEnded{sid});
            result.kind = Kind::moved;
        }
        if (intent.call_sid != sid) return result;
        const bool came_too_late = !intent.holds_number() && intent.state != IntentState::ended;
        if (came_too_late && !is_over && result.kind == Kind::moved) {
            add_stray(intent, sid, now);
            return result;
        }
        if (!answered_by.empty() && intent.answered_by != answered_by) {
            intent.answered_by = answered_by;
            result.kind = Kind::moved;
        }
        const bool is_before_call = intent.state == IntentState::asking ||
                                    intent.state == IntentState::waiting ||
                                    intent.state == IntentState::parked;
        if (is_before_call) {
            intent.state = IntentState::placed;
            intent.ended_at.reset();
            intent.reason.clear();
            intent.advice.clear();
            intent.looks_count = 0;
            intent.due_at = now;  // Its hours may be over by now.
            result.kind = Kind::moved;
        }
        if (!status || !intent.is_open()) return result;
        if (is_over) {
            intent.call_status = to_string(*status);
            intent.reason = intent.is_cancel_wanted ? intent.cancel_reason : std::string();
            intent.advice.clear();
            end(intent, end_state(intent, *status), now);
            result.kind = Kind::moved;
        } else if (intent.call_status != to_string(*status) && is_further(*status)) {
            intent.call_status = to_string(*status);
            result.kind = Kind::moved;
        }
        return result;
    }

    bool is_further(CallStatus status) const {
        const auto known = parse_call_status(intent.call_status);
        return !known || static_cast<int>(*known) < static_cast<int>(status);
    }
};

}  // namespace

void clock_was_set(Intent& intent, milliseconds by) {
    if (intent.due_at) *intent.due_at += std::min(by, milliseconds{0});
    if (!intent.holds_number()) return;
    if (intent.asked_at) *intent.asked_at += by;
    if (intent.agent_asked_at) *intent.agent_asked_at += by;
    intent.version += 1;
}

bool may_have_rung(const Intent& intent) {
    const bool is_refused = intent.state == IntentState::refused && intent.call_sid.empty();
    return intent.asked_at && !is_refused;
}

IntentStep step(Intent& intent, const IntentNews& news, UtcTime now) {
    return std::visit(Mover{intent, now}, news);
}

}  // namespace wrapup
