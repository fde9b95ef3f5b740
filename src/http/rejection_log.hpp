#pragma once

// Tells operators about refused senders without letting strangers fill the log.

#include <map>
#include <string>
#include <string_view>

#include "http/rate_window.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"

namespace wrapup {

class RejectionLog {
public:
    RejectionLog(const Clock& clock, EventLog& log, Metrics& metrics)
        : clock_(clock), log_(log), metrics_(metrics) {}

    struct Rejection {
        LogTag tag = LogTag::none;
        std::string_view path;    // A constant: which endpoint. Empty: none is known.
        std::string_view cause;   // A constant: the metric's label.
        std::string explanation;  // What to look at; no personal data.
        std::string call_sid{};   // Masked; empty: nobody knows.
    };
    // Whether note() would write a line now: what only the line needs is not made in vain.
    bool would_write(std::string_view cause);
    // Counts it, and writes it unless too many of that cause were written in this minute.
    void note(const Rejection& rejection);

private:
    struct Window {
        RateWindow written{10, std::chrono::minutes{1}};
        std::int64_t silent_count = 0;
    };

    const Clock& clock_;
    EventLog& log_;
    Metrics& metrics_;
    std::map<std::string_view, Window> windows_;  // By cause: a handful of constants.
};

// A CallSid by which a person finds the call again: its last eight characters. Empty when it is
// none: what a stranger wrote is not repeated.
std::string mask_call_sid(std::string_view call_sid);

}  // namespace wrapup
