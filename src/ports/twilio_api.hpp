#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

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

// Calls by the time at which Twilio began to dial them, newest first.
struct CallListQuery {
    std::optional<UtcTime> started_from;    // The day of it, in UTC, and later ones.
    std::optional<UtcTime> started_before;  // Days before its day.
    // Of the page before; then the rest of the query is the one that was asked first.
    std::string next_page;
};
struct CallListPage {
    std::vector<FetchedCall> calls;
    std::int64_t unreadable_count = 0;  // What was listed and cannot be told from another.
    std::string next_page;              // Path and query on Twilio's host; empty at the end.
};
struct CallListAnswer {
    Result<CallListPage> page;
    std::optional<seconds> retry_after;  // When Twilio wants to be asked again.
    std::optional<UtcTime> twilio_now;   // By Twilio's clock.
};

class TwilioApi {
public:
    virtual ~TwilioApi() = default;
    // GET Accounts/{account_sid}/Calls/{call_sid}.json. not_found; unauthorized; rate_limited;
    // unavailable; timeout; invalid_input when the answer cannot be read or is about another call
    // or another account's.
    virtual Task<Result<FetchedCall>> fetch_call(CallAddress address) = 0;
    // GET Accounts/{our account}/Calls.json. Errors as above; invalid_input also when a call of
    // another account is listed, or the next page is on another host.
    virtual Task<CallListAnswer> list_calls(CallListQuery query) = 0;
};

}  // namespace wrapup
