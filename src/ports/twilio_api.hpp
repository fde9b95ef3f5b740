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

class TwilioApi {
public:
    virtual ~TwilioApi() = default;
    // GET Calls/{sid}.json. not_found; unauthorized; rate_limited; unavailable; timeout;
    // invalid_input when the answer cannot be read.
    virtual Task<Result<FetchedCall>> fetch_call(std::string call_sid) = 0;
};

}  // namespace wrapup
