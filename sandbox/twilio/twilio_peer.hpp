#pragma once

// Twilio's REST API for calls: fetch, list with filters and pages, create. Answers from the book.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "sandbox/calls/call_book.hpp"
#include "sandbox/calls/rest_faults.hpp"
#include "sandbox/twilio/call_order.hpp"

namespace wrapup {

struct TwilioAccount {
    std::string sid;
    std::string auth_token;
    std::vector<std::string> numbers;
};

// How Twilio treats POST Calls.json.
struct PlacingKnobs {
    int calls_per_minute = 0;  // So many are dialled, the others queue; 0: all at once.
    milliseconds list_lag{};   // Until a call that was created is listed.
    int lose_every = 0;        // Of every so many created calls the answer of the last is lost;
    int lose_status = 0;       // with that status, or 0: the connection ends without one.
};

// One POST Calls.json as it came, and what became of it.
struct PlacedForm {
    Form form;
    std::string call_sid;  // Empty: it was refused.
    int code = 0;          // Twilio's, of the refusal.
    bool is_answer_lost = false;
};

class TwilioPeer {
public:
    // `place` starts a call and returns what the book says of it.
    using Place = std::function<const PlayedCall&(const CallOrder&)>;

    TwilioPeer(TwilioAccount account, CallBook& book, const Clock& clock, Place place);

    void add_to(RouteSet& routes);
    RestFaults& faults() { return faults_; }
    PlacingKnobs& placing() { return placing_; }
    const std::vector<PlacedForm>& forms() const { return forms_; }
    std::size_t requests_count() const { return requests_count_; }

private:
    std::optional<Response> refuse(const Request& request);
    Response fetch(const Request& request) const;
    Response list(const Request& request);
    Response create(const Request& request);
    Response update(const Request& request);
    Response end_call(const PlayedCall& call, std::string_view status);
    Response list_numbers(const Request& request, std::string_view key) const;
    // When the next call is dialled. Nothing: the queue holds a day's calls.
    std::optional<milliseconds> take_turn();

    TwilioAccount account_;
    CallBook& book_;
    const Clock& clock_;
    Place place_;
    PlacingKnobs placing_;
    std::vector<PlacedForm> forms_;
    UtcTime next_turn_at_;
    int created_count_ = 0;
    RestFaults faults_;
    std::size_t requests_count_ = 0;
};

}  // namespace wrapup
