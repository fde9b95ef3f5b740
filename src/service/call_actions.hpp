#pragma once

// What a person asks of a call or a destination: used by the API and so by the command line.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/metadata.hpp"
#include "domain/operator_action.hpp"
#include "domain/reconciliation.hpp"
#include "ports/store_queries.hpp"
#include "ports/task.hpp"

namespace wrapup {

// Of a call whose end nobody told us: whether it settles like any other, or at once.
enum class SendWhen { settled, now };

// Whether a record that every destination has accepted is sent once more.
enum class SendAgain { yes, no };

struct SendNowAnswer {
    enum class Kind {
        accepted,      // The CRM has it.
        already,       // Accepted before; as asked, it was not sent again.
        adopted,       // Only Twilio knew of its end; the record follows when the call has settled.
        refused,       // The CRM answered something else; http_status says what.
        unreachable,   // No answer, or nobody knows.
        not_over,      // The call still runs.
        disabled,      // Delivery is switched off; payload shows what would be sent.
        out_of_scope,  // Not ours, makes no record.
        busy,          // It is being sent right now and did not end in time.
    };
    Kind kind = Kind::unreachable;
    std::string payload;  // The record's bytes, when there is one.
    int http_status = 0;
    milliseconds elapsed{};
    std::string crm_answer;  // The beginning of what the CRM said.
    std::string message;
    bool was_again = false;  // A delivered one was sent again.
    // What came of it at each destination, when there is a record. `kind` above is `accepted` when
    // all that it was sent to have it; else this answer is that of the first one that has not.
    struct Part;
    std::vector<Part> parts;
};
struct SendNowAnswer::Part {
    std::string destination;
    SendNowAnswer answer;
};

// From any thread.
class CallActions {
public:
    virtual ~CallActions() = default;
    // Sends the call's record now, through the ordinary delivery code, to every destination that
    // has not accepted it; to all again when each of them has, unless `again` says no: then what
    // one accepts before its attempt begins is not sent to it. `any_id`: CallSid or conversation
    // id. Twilio is asked about a call that nobody told us of, or whose end nobody told us.
    // not_found: nobody knows the call; unauthorized, rate_limited, unavailable, timeout: we do
    // not, and Twilio could not be asked.
    virtual Task<Result<SendNowAnswer>> send_now(std::string any_id, SendWhen when,
                                                 SendAgain again) = 0;
    // What is on its way of the call's record is parked as given_up: it is not sent until somebody
    // sends it. How many that were. not_found: nobody knows the call. conflict: nothing of it is on
    // its way, or it is being sent right now.
    virtual Task<Result<int>> park(std::string any_id) = 0;
    // Durable when they return a value. Text is tidied (domain/metadata.hpp); what is empty says
    // nothing of that field. Errors are the store's, and repeating the call is safe.
    virtual Task<Result<void>> put_metadata(std::string call_id, CallMetadata metadata) = 0;
    virtual Task<Result<void>> put_campaign(Campaign campaign) = 0;
    virtual Task<Result<void>> put_contact(Contact contact) = 0;
    virtual Task<Result<void>> put_do_not_call(std::vector<DoNotCall> entries) = 0;
    // For the operators' log.
    virtual Task<Result<void>> note(OperatorAction action) = 0;
    // A value of the process's own, under its key.
    virtual Task<Result<void>> keep(KeptValue value) = 0;
    // not_found: the number is not on the list.
    virtual Task<Result<void>> drop_do_not_call(std::string phone) = 0;
    // not_found: no destination of that name is configured. conflict: it is disabled in the
    // settings.
    // When it is resumed and its breaker was open, a record is tried at once: true.
    virtual Task<Result<bool>> set_destination(std::string name, DestinationState state) = 0;
};

}  // namespace wrapup
