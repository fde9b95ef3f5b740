#pragma once

// Tells operators about refused senders without letting strangers fill the log.

#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"
#include "service/tasks/log_pace.hpp"

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
    // The endpoints at which something was refused for that cause within the last hour.
    std::vector<std::string> paths_of(std::string_view cause) const;

private:
    const Clock& clock_;
    EventLog& log_;
    Metrics& metrics_;
    LogPace pace_;
    // When it was last, by cause and path.
    std::map<std::pair<std::string, std::string>, UtcTime> last_at_;
};

// A CallSid by which a person finds the call again: its last eight characters. Empty when it is
// none: what a stranger wrote is not repeated.
std::string mask_call_sid(std::string_view call_sid);

}  // namespace wrapup
