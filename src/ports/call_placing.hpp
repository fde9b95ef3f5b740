#pragma once

// What placing a call asks of Twilio and of ElevenLabs.

#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "domain/observation.hpp"
#include "ports/task.hpp"

namespace wrapup {

// A call to be made. URLs are whole, fragments included.
struct OutboundCall {
    std::string to;
    std::string from;
    std::string twiml_url;
    std::string status_url;
    std::string machine_url;
    std::int64_t timeout_s = 0;     // Of ringing.
    std::int64_t time_limit_s = 0;  // Of the whole call.
};

struct CreateAnswer {
    enum class Kind {
        created,
        refused,   // It was not made: `code` says why.
        not_sent,  // The request did not reach Twilio.
        unknown,   // It may have been made.
    };
    Kind kind = Kind::unknown;
    TwilioCall call;                         // Of created.
    int http_status = 0;                     // 0: no answer.
    std::int64_t code = 0;                   // Twilio's; 0: none.
    std::string message;                     // What went wrong, in our words.
    std::optional<milliseconds> queue_time;  // How long Twilio will hold it back.
    std::optional<seconds> retry_after;
};

class CallPlacing {
public:
    virtual ~CallPlacing() = default;
    // POST Calls.json; sent at most once.
    virtual Task<CreateAnswer> create_call(OutboundCall order) = 0;
    // All calls that may be between the two numbers, whenever they were made, those without a
    // number too. `created_at` is by our clock, however far Twilio's is from it; absent where that
    // cannot be told. Errors as of TwilioApi::list_calls; invalid_input also when the list is not
    // whole: what it lacks may be there nonetheless.
    virtual Task<Result<std::vector<TwilioCall>>> list_calls_between(std::string from,
                                                                     std::string to) = 0;
    // Ends it: `canceled` while it is queued or rings, `completed` whenever. conflict: not in this
    // state; else as of TwilioApi::fetch_call.
    virtual Task<Result<void>> end_call(std::string call_sid, CallStatus status) = 0;
};

// An answered call that is to be led by an agent.
struct AgentOrder {
    std::string agent_id;
    std::string from;
    std::string to;
    std::string variables;  // A JSON object: the agent's dynamic variables.
    milliseconds patience{};
};
struct RegisteredAgent {
    std::string twiml;            // To be passed on as it is.
    std::string conversation_id;  // Empty: the TwiML does not say.
};

class AgentRegistry {
public:
    virtual ~AgentRegistry() = default;
    // POST /v1/convai/twilio/register-call. Errors as of ElevenLabsApi.
    virtual Task<Result<RegisteredAgent>> register_call(AgentOrder order) = 0;
};

}  // namespace wrapup
