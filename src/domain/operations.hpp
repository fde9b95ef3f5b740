#pragma once

// What can be written to a store, and what comes back. What each operation means is decided in
// core/store/store_rules.hpp, the same for every store.

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.hpp"
#include "domain/call.hpp"
#include "domain/dial_list.hpp"
#include "domain/do_not_call.hpp"
#include "domain/event.hpp"
#include "domain/intent_news.hpp"
#include "domain/ledger.hpp"
#include "domain/operator_action.hpp"
#include "domain/reconciliation.hpp"
#include "domain/replay.hpp"

namespace wrapup {

struct SettleCall;
struct ClaimedCall;

// Answers the claim of a call in the transaction that made it due.
class DueCallSettler {
public:
    // `due` is the call with all its events, progress and metadata; of one that has its record the
    // record's bytes are not there. `own` finds metadata that was handed to us. Nothing: the answer
    // needs more than is here, and the call stays due.
    virtual std::optional<SettleCall> settle(ClaimedCall due,
                                             const std::function<CallMetadata(MetadataKey)>& own,
                                             UtcTime now) = 0;
    // Asked where settle() just had no answer: the call is claimed for so long, for the settler to
    // go on with once the batch is committed. Nothing: it stays due.
    virtual std::optional<milliseconds> keep_claim() { return std::nullopt; }

protected:
    ~DueCallSettler() = default;
};

// ---- What can be written. A batch of these is one transaction: all are durable, or none. ----

// Appends an event under its call, which is made when it is new.
//
// The call is the one of the CallSid, else the one that the conversation is linked to, else the
// conversation itself. An event with both links them: a call known only by its conversation is
// merged into that of the CallSid (its events move, its state becomes merged), unless its record is
// already fixed; then the CallSid's call is merged into it, so that one call keeps one record. Of
// two fixed ones each stays what it is, and the CallSid's is marked as a late conflict. A merged
// call keeps its row: its id leads to the survivor, and whoever held its claim has lost it. Events
// that move to a call with a record are late there.
//
// A new call starts open, due at event.due_at, or out_of_scope and not due when !event.is_ours. For
// a call without a record that is open or settling, the event moves due_at forward to event.due_at
// when that is sooner; an event that is ours also brings a call back from out_of_scope and from
// parked silent or unlinked. The survivor of a merge takes the livelier state and the sooner
// due_at. An event for a call with a record is marked late and makes the call due at once for a
// late look. An event that finds no place under its call is refused as unavailable, never dropped.
//
// With a settler, a call that the append made due is answered in the same transaction where nobody
// has to be asked: the settler's answer is carried out as if it had come by SettleCall from whoever
// held the claim. Not while somebody does hold it, nor when events came over from another call.
struct AppendEvent {
    NewEvent event;
    DueCallSettler* settler = nullptr;  // Not owned.
};

// A delivery to be made with the record: what one destination is to get.
struct NewDelivery {
    std::string destination;
    std::string webhook_id;
    std::string body;  // Empty: the record's bytes.
    // Set: it is born claimed for so long, for the caller himself to carry out; the outcome shows
    // its claim. Not when it is born parked or its destination is not active. To a destination that
    // is gone or removed, deliveries are born parked.
    std::optional<milliseconds> lease;
    std::optional<ParkReason> parked = std::nullopt;  // It is born parked (disabled).
};

// The settler's answer to a claim. Fails with conflict, and writes nothing, when the fence is old;
// for Fix, Park and Ignore when events (seen_events_count) or metadata arrived that the claim did
// not show, or when the call has its record; for NoteLate when it has none. invalid_input: a Fix
// without body, or with two deliveries to the same destination.
//
// When its events or its conversation_id show that another call is the same one, the two are merged
// as by AppendEvent, all else is written, but `then` is not done: the survivor is due at once, to
// be settled with what both knew (Settled::is_joined).
struct SettleCall {
    struct Reschedule {  // Looks again at due_at; at once when unseen events arrived meanwhile.
        UtcTime due_at{};
    };
    struct Fix {  // Fixes the record for good and makes its deliveries.
        Record record;
        std::string body;                     // The record's bytes, kept with the call.
        std::vector<NewDelivery> deliveries;  // None: nobody wants it, and it is out of scope.
    };
    struct Park {
        ParkReason reason = ParkReason::silent;
    };
    struct Ignore {};  // Out of scope.
    // After the record was fixed: nothing more is due, unless unseen events arrived meanwhile.
    struct NoteLate {
        bool is_conflict = false;
    };

    std::string call_id;
    std::int64_t fence = 0;
    std::int64_t seen_events_count = 0;
    // Found out meanwhile; appended first, under this call whatever their ids say, and not counted
    // as unseen. A conversation_id in them links the conversation to this call.
    std::vector<NewEvent> events;
    SettleProgress progress;
    std::optional<CallMetadata> metadata;
    std::string conversation_id;  // Links it to this call when not empty and not linked elsewhere.
    // For lists; empty ones, and an empty note, leave what is there.
    std::string to;
    std::string campaign;
    std::string name;
    std::optional<UtcTime> ended_at;
    bool is_over = false;  // State becomes settling instead of open.
    // How it ended, by a word of Twilio's.
    std::optional<CallStatus> twilio_status = std::nullopt;
    std::string note;
    std::variant<Ignore, Reschedule, Fix, Park, NoteLate> then;
};

// The courier's answer to a claimed delivery. Fails with conflict when the fence is old. The call's
// state follows its deliveries: parked when one is parked, else delivering when one is pending,
// else delivered. What was once accepted stays accepted. A retry to a destination that is gone is
// parked.
struct FinishAttempt {
    struct Accept {};
    struct RetryAt {
        UtcTime due_at{};
        bool uses_schedule = true;  // One step of the retry schedule is used up.
    };
    struct Park {
        ParkReason reason = ParkReason::dead;
    };
    struct Keep {};  // A delivered one was sent again: its state stays.
    // Not sent after all (shutdown): due again at once when pending, nothing recorded. An earlier
    // attempt that was unresolved stays so.
    struct Release {};

    std::int64_t delivery_id = 0;
    std::int64_t fence = 0;
    std::optional<Attempt> attempt;  // `number` is given by the store. Counts unless absent.
    std::variant<Accept, RetryAt, Park, Keep, Release> then;
};

// Hands back a claimed call untouched; it is due at once, if it was due at any time.
struct ReleaseCall {
    std::string call_id;
    std::int64_t fence = 0;
};

// Metadata handed to us for a call that may not exist yet; replaces what was handed before. Makes a
// call due at once that is open, settling, or parked silent or unlinked. A conversation_id in it
// links the conversation to a call that is over, as SettleCall does.
struct PutMetadata {
    std::string call_id;
    CallMetadata metadata;
    UtcTime at{};
};
struct PutCampaign {  // Creates or replaces.
    Campaign campaign;
};
struct PutContact {  // Creates or replaces; the phone number is stored normalized.
    Contact contact;
};

// Puts numbers onto the do-not-call list, all or none; they are stored normalized. One that is
// there stays as it is: the first word counts.
struct PutDoNotCall {
    std::vector<DoNotCall> entries;
};
struct DropDoNotCall {  // not_found when it is not there.
    std::string phone;
};

enum class DestinationState {
    active,
    paused,
    gone,      // By its own word (410).
    removed,   // No settings name it any more.
    disabled,  // The settings name it and switch it off.
};
std::string_view to_string(DestinationState state);

// Of a destination's circuit breaker (core/delivery/breaker.hpp).
enum class BreakerState {
    closed,     // Records leave.
    open,       // The destination is in trouble: nothing is sent until the next probe.
    half_open,  // The probe is under way: one attempt decides.
};
std::string_view to_string(BreakerState state);
std::optional<BreakerState> parse_breaker_state(std::string_view name);

// What of it outlives the process, and is shown.
struct BreakerRow {
    BreakerState state = BreakerState::closed;
    UtcTime since{};
    // Of the next probe; set while it is not closed. While one is under way: when nobody waits for
    // its end any more.
    std::optional<UtcTime> retry_at;
    std::int64_t failed_probes_count = 0;

    bool operator==(const BreakerRow&) const = default;
};

// Pauses, resumes, disables, or marks gone or removed. The latter two park what is pending as
// destination_gone, disabling as disabled; resuming makes what is parked as destination_gone
// pending again, due at `at`, and so is what waits for a later attempt: whoever resumes has mended
// it. `since` moves when the state changes.
//
// There may be any number of these, so the first `slice` of them change with the state, and the
// rest by SweepDestination (Swept::has_more), which the destination remembers until it is done.
// What has not changed yet can neither be claimed from a destination that is gone nor has it a due
// time from one that was resumed. What is made after the state changed is not concerned. A resumed
// destination that was still being parked leaves the rest as it is; so does one that is gone and
// was still being resumed. Pausing changes nothing of what is left to do. Resuming one whose
// breaker is open makes its next probe due.
inline constexpr int sweep_slice = 500;
struct SetDestination {
    std::string name;
    DestinationState state = DestinationState::active;
    UtcTime at{};
    int slice = sweep_slice;
};

// Goes on with what SetDestination left to do: the next `slice` of them.
struct SweepDestination {
    std::string name;
    int slice = sweep_slice;
};

// What became of the destination's circuit breaker. conflict, and nothing is kept, when it is not
// as whoever tells it has seen it: another node has changed it meanwhile.
struct PutBreaker {
    std::string destination;
    BreakerRow breaker;
    BreakerRow seen{};
};

// Makes a parked delivery pending and due at `at`, its retry schedule unused. conflict when it is
// not parked, is forgotten, or its destination is gone.
struct Unpark {
    std::int64_t delivery_id = 0;
    UtcTime at{};
};

// Begins a job. Of one token there is one job: begun again, it is the same. conflict: more is found
// by now than whoever ordered it has seen.
struct StartReplay {
    ReplayOrder order;
    std::string token;
    std::string reason;
    std::int64_t count = 0;  // What was counted, and up to which id (ReplayWalk::last).
    std::int64_t last_id = 0;
    std::int64_t count_seen = 0;  // In the preview.
    UtcTime at{};
    ReplayObstacles left_out = {};  // Not counted.
};

// Goes on with a running job: releases the next `slice` of what it concerns, but no more than
// `open_max` that have not ended. Each delivery is released once. Released means: what was parked
// is pending and due at `at`, its retry schedule unused; what was accepted stays so and is due once
// more; for an earlier call a delivery is made; what is given up is parked as that, and has ended.
// Not released, and skipped, is what somebody sends right now, what goes to a destination that is
// gone, removed or disabled, and what `order.to` has already. What became of it is counted when it
// is accepted or parked; the job is done when that is so of all. not_found.
struct AdvanceReplay {
    std::int64_t id = 0;
    RecordFilter only;  // See ReplayOrder::only.
    UtcTime at{};
    int slice = sweep_slice;
    std::int64_t open_max = 1'000;
};

// Nothing more is released; what was, goes on. not_found; nothing changes of a job that has ended.
struct CancelReplay {
    std::int64_t id = 0;
    UtcTime at{};
};

// When Twilio made a call, for one that is known and needs no event: the first word counts. Of an
// unknown call nothing is kept.
struct NoteCallCreated {
    std::string call_sid;
    UtcTime created_at{};
};

// What Twilio is known to know of a day; replaces what was said of it before. Of a day that was
// closed nothing is kept any more.
struct PutTwilioDay {
    TwilioDay day;
};

// Closes a day for good. conflict: another day was closed meanwhile, a call of this one is counted
// elsewhere than `seen`, or a correction was made that its hash does not know.
struct SealDay {
    SealedDay day;
    LedgerSums seen;
};

// What a comparison with Twilio found, and how far it is (ports/reconciliation_store.hpp). Each
// replaces what was noted before under its time, CallSid or key.
struct NoteReconciliation {
    std::vector<TwilioSlot> slots;
    std::vector<TwilioDifference> found;
    std::vector<std::string> resolved;  // CallSids whose difference is gone.
    std::vector<KeptValue> values;
};

// Makes an intent, waiting and due at its not_before. Not made, and why is told, when its
// Idempotency-Key belongs to another request, while another intent holds its number, or when the
// number was asked for `attempts_max` times since `attempts_since`. A repeated request of the same
// key makes nothing, and its outcome is the first one's intent.
struct PutIntent {
    Intent intent;
    std::int64_t attempts_max = 0;  // 0: any.
    UtcTime attempts_since{};
    bool is_outside_hours = false;  // Then it is only answered when it is a repeated request.
};

// Something happened to an intent (core/placing/intent_machine.hpp). A call that becomes known as
// the intent's is given its metadata in the same transaction. not_found; conflict: it cannot happen
// in this state, or the intent is not at `seen_version` any more.
struct AdvanceIntent {
    std::string id;
    IntentNews news;
    std::int64_t seen_version = 0;  // 0: whatever it is.
};

// Puts rows at the end of a campaign's list, which is made when it is new; what `list` says of how
// its calls are made replaces what was said before. A number stands in the list once: of one that
// is there the row is left as it is. A number that is on the do-not-call list, or that another
// intent holds, has its row at once, done. Not done, and why is told: the key belongs to another
// request. conflict: the list was cancelled.
struct PutListRows {
    DialList list;
    bool has_retry = false;  // `list` says when to retry; else only when it is made.
    std::string batch;       // Of the request; repeated, it is answered as the first. Empty: none.
    std::string request_hash;
    std::vector<ListRow> rows;
    bool is_dry_run = false;  // Changes nothing, and tells the same.
};

// not_found; conflict: it was cancelled.
struct SetDialList {
    std::string id;
    DialListState state = DialListState::active;
};

// What a placer decided of rows of one list that were due. A row that changed since, or whose list
// is not active any more, is left as it is. An intent is made as by PutIntent, in the same
// transaction; where the number was asked for often enough, its row waits.
struct WorkList {
    struct Step {
        std::string to;
        std::int64_t seen_version = 0;
        std::optional<Intent> intent;   // Its next attempt.
        std::optional<UtcTime> due_at;  // It waits; neither: it is done, and `outcome` says how.
        std::string outcome = "expired";
    };
    std::string list_id;
    std::vector<Step> steps;
    std::int64_t attempts_max = 0;  // As PutIntent's.
    UtcTime attempts_since{};
};

// What a person did, for the log; its id is given by the store. The newest operator_actions_max are
// kept.
struct NoteAction {
    OperatorAction action;
};

// Changes nothing that anybody reads, but is written as durably as the rest: can the store write?
struct Probe {};

using StoreOp =
    std::variant<AppendEvent, SettleCall, FinishAttempt, ReleaseCall, PutMetadata, PutCampaign,
                 PutContact, SetDestination, SweepDestination, PutBreaker, Unpark, NoteCallCreated,
                 PutTwilioDay, SealDay, NoteReconciliation, StartReplay, AdvanceReplay,
                 CancelReplay, PutIntent, AdvanceIntent, PutListRows, SetDialList, WorkList,
                 PutDoNotCall, DropDoNotCall, NoteAction, Probe>;

// ---- What comes back. ----

struct ClaimedDelivery {
    Delivery delivery;
    std::int64_t fence = 0;
    // An earlier claim began an attempt and never told how it ended: its outcome is unknown.
    std::optional<UtcTime> unresolved_since;
    bool is_probe = false;  // Of a destination in trouble: the only one, and it decides.
};

// What a claim of a destination's deliveries came to, and what holds it back.
struct ClaimedDeliveries {
    std::vector<ClaimedDelivery> claimed;
    BreakerRow breaker{};
    std::optional<UtcTime> rate_at;  // When its rate lets the next attempt begin. Absent: it may.
};

struct Settled {
    std::vector<std::int64_t> delivery_ids;
    std::vector<ClaimedDelivery> claimed;  // See NewDelivery::lease.
    bool is_due = false;                   // Rescheduled to now or earlier.
    bool is_joined = false;                // See SettleCall: merged, and `then` is not done.
};
struct Appended {
    std::string call_id;
    bool is_repeat = false;
    bool is_new_call = false;  // Neither of the event's ids was known before.
    bool is_late = false;
    bool is_due = false;               // The settler should look now.
    std::optional<Settled> settled{};  // By AppendEvent::settler.
    bool is_claimed = false;           // By the same, which keeps the claim.
};
struct Swept {  // Of SetDestination and SweepDestination.
    bool has_more = false;
    bool is_probed = false;  // Its breaker was open, and the next probe is due now.
};
struct Replayed {  // Of StartReplay, AdvanceReplay and CancelReplay: the job as it is now.
    ReplayJob job;
    bool has_more = false;      // AdvanceReplay has more to release, as soon as there is room.
    std::int64_t released = 0;  // By this operation.
};
struct IntentOutcome {  // Of PutIntent and AdvanceIntent.
    Intent intent;      // As it is now, filled for its agent; of already_open the other one.
    IntentRefusal refusal = IntentRefusal::none;
    bool is_repeat = false;
    IntentStep step{};
};
struct ListOutcome {  // Of PutListRows, SetDialList and WorkList.
    DialList list;    // As it is now.
    IntentRefusal refusal = IntentRefusal::none;
    std::int64_t accepted_count = 0;
    std::int64_t known_count = 0;                // Their numbers were in the list already.
    std::int64_t corrected_count = 0;            // Of these: they wait, as they are said now.
    std::int64_t kept_count = 0;                 // Of these: said otherwise, but called already.
    std::map<std::string, std::int64_t> spared;  // Not to be called, by the code that says why.
    std::optional<DialList> before{};            // Of PutListRows, where there was a list already.
};
struct Done {};
// One per operation, in their order. An Error here concerns that operation alone.
using StoreOutcome =
    Result<std::variant<Done, Appended, Settled, Swept, Replayed, IntentOutcome, ListOutcome>>;

struct ClaimedCall {
    Call call;
    std::int64_t fence = 0;
    std::vector<StoredEvent> events;
};

struct DestinationRow {
    std::string name;
    DestinationState state = DestinationState::active;
    UtcTime since{};
    bool is_sweeping = false;  // SweepDestination has more to do.
    BreakerRow breaker{};

    bool operator==(const DestinationRow&) const = default;
};

}  // namespace wrapup
