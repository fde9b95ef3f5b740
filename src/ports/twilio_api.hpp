#pragma once

#include <string>

#include "base/result.hpp"
#include "domain/observation.hpp"
#include "ports/task.hpp"

namespace wrapup {

struct FetchedCall {
    TwilioCall call;
    std::string payload;  // The answer as JSON, for the event.
};

// Where Twilio keeps a call: a subaccount's calls are under its own account.
struct CallAddress {
    std::string call_sid;
    std::string account_sid;  // Empty or malformed: the account of our credentials.

    bool operator==(const CallAddress&) const = default;
};

class TwilioApi {
public:
    virtual ~TwilioApi() = default;
    // GET Accounts/{account_sid}/Calls/{call_sid}.json. not_found; unauthorized; rate_limited;
    // unavailable; timeout; invalid_input when the answer cannot be read or is about another call.
    virtual Task<Result<FetchedCall>> fetch_call(CallAddress address) = 0;
};

}  // namespace wrapup
