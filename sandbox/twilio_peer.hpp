#pragma once

// Twilio's REST API for calls: fetch, list with filters and pages, create. Answers from the book.

#include <functional>
#include <string>

#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "sandbox/call_book.hpp"
#include "sandbox/rest_faults.hpp"

namespace wrapup {

struct TwilioAccount {
    std::string sid;
    std::string auth_token;
};

// What POST Calls.json asks for.
struct CallOrder {
    std::string to;
    std::string from;
    std::string status_callback;
    std::string amd_callback;
};

class TwilioPeer {
public:
    // `place` starts a call and returns what the book says of it.
    using Place = std::function<const PlayedCall&(const CallOrder&)>;

    TwilioPeer(TwilioAccount account, const CallBook& book, Place place);

    void add_to(RouteSet& routes);
    RestFaults& faults() { return faults_; }
    std::size_t requests_count() const { return requests_count_; }

private:
    std::optional<Response> refuse(const Request& request);
    Response fetch(const Request& request) const;
    Response list(const Request& request);
    Task<Response> create(const Request& request);

    TwilioAccount account_;
    const CallBook& book_;
    Place place_;
    RestFaults faults_;
    std::size_t requests_count_ = 0;
};

}  // namespace wrapup
