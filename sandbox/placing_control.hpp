#pragma once

// How a script steers the calls that a wrapup places in the sandbox, and sees what came:
//   POST /sandbox/placing {"calls_per_minute":60,"list_lag_ms":2000,"lose_every":5,
//                          "lose_status":503,"outcome":"held","outcomes":["busy","held"],
//                          "ring_ms":100,"talk_ms":200,"collected":{"opt_out":true},
//                          "conversations_max":4,"register_ms":4000,"register_status":500,
//                          "register_count":1,"audio_format":"pcm_16000"}
//                         Every member may be missing and then stays as it was. `outcome` is that
//                         of every call, `outcomes` those of the next ones: a record's status, or
//                         Twilio's busy, no-answer, failed. lose_status 0: no answer at all.
//   GET  /sandbox/placing the counts, every form and register-call as received, and every call
//                         with the TwiML it asked for and the conversations it began.

#include <deque>
#include <optional>
#include <string>

#include "http/server/routes.hpp"
#include "sandbox/sandbox.hpp"
#include "sandbox/traffic.hpp"

namespace wrapup {

// A status of a record, or Twilio's word for how a call ended.
struct PlannedEnd {
    Outcome outcome = Outcome::held;
    std::optional<CallStatus> end;
};
std::optional<PlannedEnd> parse_planned_end(std::string_view word);

class PlacingControl {
public:
    // From now on it decides what becomes of calls that POST Calls.json asks for.
    PlacingControl(Sandbox& sandbox, Traffic& traffic);
    void add_to(RouteSet& routes);

private:
    CallPlan plan_for(const CallOrder& order);
    std::optional<PlannedEnd> next_end();
    Task<Response> set(const Request& request);
    Response account() const;

    Sandbox& sandbox_;
    Traffic& traffic_;
    std::deque<PlannedEnd> ends_;
    std::optional<PlannedEnd> end_default_;
    std::optional<milliseconds> ring_;
    std::optional<milliseconds> talk_;
    std::string collected_;
};

}  // namespace wrapup
