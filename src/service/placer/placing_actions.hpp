#pragma once

// What the API asks of the placer, and what Twilio's requests about placed calls ask of it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "core/placing/list_plan.hpp"
#include "domain/call_status.hpp"
#include "domain/intent.hpp"
#include "domain/operations.hpp"
#include "ports/task.hpp"

namespace wrapup {

struct PlaceAnswer {
    enum class Kind {
        placed,    // Twilio has the call.
        accepted,  // It waits for its turn or for Twilio's word.
        refused,   // By Twilio, or by a guard: the intent says why.
        conflict,  // It was not made; `code` says why.
        invalid,   // `field` and `detail`.
    };
    Kind kind = Kind::accepted;
    Intent intent;  // Of already_open: the one that holds the number.
    std::string code;
    std::optional<UtcTime> opens_at;  // Of outside_hours: the next calling hour there.
    std::int64_t attempts_max = 0;    // Of too_many_attempts: in 24 hours.
    std::string field;
    std::string detail;
};

class PlacingActions {
public:
    virtual ~PlacingActions() = default;
    // Durable when it answers placed, accepted or refused. `wish` has what was asked for; what it
    // leaves empty is filled from the settings. Waits a little for Twilio's word. From any thread;
    // errors are the store's, and with an Idempotency-Key repeating is safe.
    virtual Task<Result<PlaceAnswer>> place(Intent wish) = 0;
    // Cancels what has not been answered. not_found; conflict: somebody is talking, or it has
    // ended otherwise.
    virtual Task<Result<Intent>> cancel(std::string id) = 0;

    // Puts rows into a campaign's list, to be called in their turn. Errors as of PutListRows, and
    // the store's; repeating is safe.
    virtual Task<Result<ListOutcome>> put_list_rows(PutListRows rows) = 0;
    // What nobody has answered is cancelled with its list. Errors as of SetDialList.
    virtual Task<Result<DialList>> set_dial_list(std::string id, DialListState state) = 0;
    // Why the row of the active list is not called now. May block.
    virtual ListWait why_waiting(const DialList& list, const ListRow& row) = 0;
    // invalid_input: a number cannot call itself. `from` empty: as the settings say.
    virtual Result<void> check_numbers(const std::string& to, const std::string& from) = 0;
    // invalid_input: there is no such time zone, or without one there is no calling hour, in words
    // that follow the field's name. May block.
    virtual Result<void> check_time_zone(const std::string& to, const std::string& zone) = 0;
    // The time zone of each number's contact, for whoever says none; empty: it is not known, or is
    // no zone (which is logged). From any thread.
    virtual Task<std::vector<std::string>> find_time_zones(std::vector<std::string> numbers) = 0;
};

// About a call that carries a place token. From any thread.
class PlacedCalls {
public:
    virtual ~PlacedCalls() = default;
    struct Word {
        std::string call_sid;
        std::optional<CallStatus> status;
        std::string answered_by;
    };
    // Ties the call to its intent before anything else is kept of it. not_found: the token is not
    // ours; else the store's errors.
    virtual Task<Result<void>> hear(std::string token, Word word) = 0;
    // What the answered call is to hear: TwiML, whatever happens, within three seconds.
    virtual Task<std::string> answer(std::string token, std::string call_sid) = 0;
};

}  // namespace wrapup
