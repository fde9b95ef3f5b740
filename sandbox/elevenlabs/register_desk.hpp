#pragma once

// POST /v1/convai/twilio/register-call: prepares a conversation and answers the TwiML that leads a
// call to it. Source: ElevenLabs' OpenAPI description; the shape of the TwiML is integrators'.

#include <functional>
#include <string>
#include <vector>

#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "sandbox/calls/call_book.hpp"

namespace wrapup {

struct RegisterKnobs {
    int conversations_max = 0;  // Of the plan, at a time; 0: any number.
    milliseconds latency{};
    int fail_status = 0;  // 0: it does not fail.
    int fail_count = 0;   // So many of the next ones.
};

class RegisterDesk {
public:
    RegisterDesk(std::string agent_id, CallBook& book, Clock& clock);

    void add_to(RouteSet& routes);
    RegisterKnobs& knobs() { return knobs_; }
    const std::vector<std::string>& bodies() const { return bodies_; }  // As they came.

private:
    Task<Response> register_call(const Request& request);
    Response answer(const std::string& body);

    std::string agent_id_;
    CallBook& book_;
    Clock& clock_;
    RegisterKnobs knobs_;
    std::vector<std::string> bodies_;
};

}  // namespace wrapup
