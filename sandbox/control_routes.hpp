#pragma once

// How a script steers a running sandbox:
//   POST /sandbox/calls     {"outcome":"held","to":…,"name":…,"summary":…,"duration_s":…,
//                            "processing_s":…,"sentinel":true,"silent":true,"end_copies":2,
//                            "lost":true}: places a call; every member may be missing. Of a lost
//                            one neither Twilio nor ElevenLabs sends a word.
//   POST /sandbox/faults {"peer":"crm","kind":"status","status":429,"retry_after_s":2,"count":3}:
//                            kind is status, hang, cut, accept_then_cut (the CRM's) or none;
//                            without a count until the next one. peer is crm, twilio or elevenlabs;
//                            the last two also nonsense, half, same_page, other_host. Peer webhook:
//                            disabled, none.
//   GET  /sandbox/account   what the calls and the CRM's records add up to.

#include "http/server/routes.hpp"
#include "sandbox/sandbox.hpp"
#include "sandbox/traffic.hpp"

namespace wrapup {

class ControlRoutes {
public:
    ControlRoutes(Sandbox& sandbox, Traffic& traffic) : sandbox_(sandbox), traffic_(traffic) {}
    void add_to(RouteSet& routes);

private:
    Task<Response> place_call(const Request& request);
    Task<Response> set_fault(const Request& request);
    Response account() const;

    Sandbox& sandbox_;
    Traffic& traffic_;
};

}  // namespace wrapup
