#pragma once

// Twilio's list of calls, asked politely: one request at a time, in its own time when it has none,
// and remembering in what trouble it is and how its clock differs from ours.

#include <optional>

#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"
#include "ports/twilio_api.hpp"
#include "service/reconciler/reconcile_actions.hpp"
#include "service/tasks/log_pace.hpp"

namespace wrapup {

class TwilioList {
public:
    struct Ports {
        Clock& clock;
        TwilioApi& twilio;
        EventLog& log;
        Metrics& metrics;
    };
    explicit TwilioList(Ports ports) : ports_(ports) {}

    // A page; one that is refused for now (429) is asked for again a few times, unless
    // `is_stopping`; `alarm` ends the waiting. An error says what is wrong, for a person.
    Task<Result<CallListPage>> ask(CallListQuery query, Alarm& alarm, const bool& is_stopping);
    // What was answered is no use, whatever its status was.
    void note_nonsense(const Error& error);

    UtcTime twilio_now() const { return ports_.clock.now() - ahead_.value_or(milliseconds{0}); }
    void clock_was_set(milliseconds by) {
        if (ahead_) *ahead_ += by;
    }
    std::optional<milliseconds> clock_ahead() const { return ahead_; }
    const std::optional<ReconcileTrouble>& trouble() const { return trouble_; }
    // The last trouble is over some time by itself, unlike refused credentials, or nonsense.
    bool passes_by_itself() const { return passes_by_itself_; }
    // The trouble is that; a person may mend it any moment.
    bool are_credentials_refused() const { return are_credentials_refused_; }
    // When Twilio wants to be asked again, if it said so with its last refusal.
    std::optional<seconds> retry_after() const { return retry_after_; }

private:
    void note_clock(const CallListAnswer& answer);
    void note_answer();
    void note_trouble(const Error& error);

    Ports ports_;
    std::optional<milliseconds> ahead_;
    std::optional<ReconcileTrouble> trouble_;
    bool passes_by_itself_ = false;
    bool are_credentials_refused_ = false;
    std::optional<seconds> retry_after_;
    LogPace pace_{1, std::chrono::minutes{10}};
    LogPace clock_pace_{1, std::chrono::hours{1}};
};

}  // namespace wrapup
