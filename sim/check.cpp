#include "sim/check.hpp"

#include <algorithm>
#include <map>

#include "base/text.hpp"
#include "codec/observation.hpp"
#include "core/settle/fold.hpp"
#include "core/settle/settle_plan.hpp"
#include "core/store/ledger.hpp"
#include "service/ledger/ledger_report.hpp"

namespace wrapup {

bool has_ended(CallState state) {
    return state == CallState::delivered || state == CallState::parked ||
           state == CallState::out_of_scope || state == CallState::merged;
}

namespace {

std::vector<Call> all_calls(StoreQueries& store) {
    CallFilter filter;
    filter.limit = 200;
    const auto page = store.list_calls(filter);
    WRAPUP_ASSERT(page.has_value() && page->next_cursor.empty());
    return page->calls;
}

Facts facts_of(const CallStory& story) {
    std::vector<StoredEvent> in_time;
    std::ranges::copy_if(story.events, std::back_inserter(in_time),
                         [](const StoredEvent& event) { return !event.is_late; });
    const std::vector<ObservedEvent> observed = decode_events(in_time);
    WRAPUP_ASSERT(observed.size() == in_time.size());
    return fold(observed);
}

class Checker {
public:
    Checker(const Truth& truth, StoreQueries& store, const SimCrm& crm, SimReport& report)
        : truth_(truth), store_(store), crm_(crm), report_(report) {}

    void check_receipt(const Receipt& receipt) {
        const auto id = store_.resolve(receipt.call_id);
        const auto story = id ? store_.find_story(*id) : Result<CallStory>(id.error());
        const bool is_there =
            story && std::ranges::any_of(story->events, [&](const StoredEvent& event) {
                return event.payload == receipt.payload;
            });
        if (!is_there) fail("P1", receipt.call_id, "an acknowledged event is not in the store");
    }

    void check_call(const Call& call) {
        report_.calls_known_count += 1;
        report_.parked_count += call.state == CallState::parked;
        const auto story = store_.find_story(call.id);
        WRAPUP_ASSERT(story.has_value());
        report_.records_count += receipts_of("crm", call.id) > 0;
        delivered_count_ += call.state == CallState::delivered;
        given_up_count_ += call.parked == ParkReason::given_up;
        check_end(call);
        if (call.record.empty()) {
            if (receipts_of("crm", call.id) + receipts_of("lake", call.id) > 0) {
                fail("P2", call.id, "the CRM has a record that we never fixed");
            }
            return;
        }
        check_record(*story);
        check_truth(call);
        check_waits(*story);
        check_destinations(*story);
        for (const DeliveryStory& one : story->deliveries) check_delivery(call, one);
    }

    static std::int64_t calls_in_days(const LedgerCells& cells) {
        if (cells.empty()) return 0;
        std::int64_t calls_count = 0;
        const UtcTime end = start_of_quarter(cells.rbegin()->first.quarter + 1);
        UtcTime from = start_of_quarter(cells.begin()->first.quarter);
        for (; from < end; from += std::chrono::days{1}) {
            const LedgerSums day = ledger_sums(cells, {from, from + std::chrono::days{1}});
            for (const auto& [column, count] : day) calls_count += count.calls;
        }
        return calls_count;
    }

    void check_filed() {
        for (const auto& [key, filed] : crm_.filed) {
            const std::string& sid = key.second;
            const bool is_true_call =
                std::ranges::find(truth_.calls, sid, &TrueCall::sid) != truth_.calls.end();
            if (!is_true_call) fail("P2", sid, "the CRM has a record of no call");
        }
    }

    // Every call in one column, and what was closed is what it was.
    void check_ledger() {
        const auto audit = store_.audit_ledger();
        WRAPUP_ASSERT(audit.has_value());
        for (const std::string& finding : verify_ledger(*audit).findings) {
            fail("ledger", "", finding);
        }
        std::int64_t calls_count = 0;
        std::int64_t accepted_count = 0;
        std::int64_t given_up_count = 0;
        for (const auto& [cell, count] : audit->kept.cells) {
            calls_count += count.calls;
            if (cell.column.kind == LedgerColumn::Kind::accepted) accepted_count += count.calls;
            if (cell.column.reason == ParkReason::given_up) given_up_count += count.calls;
        }
        if (given_up_count != given_up_count_) {
            fail("ledger", "", "not every call that was given up is explained");
        }
        if (calls_count != report_.calls_known_count) fail("ledger", "", "not every call counts");
        if (calls_in_days(audit->kept.cells) != calls_count) {
            fail("ledger", "", "not every call is in a day");
        }
        if (accepted_count != delivered_count_) fail("ledger", "", "accepted is not delivered");
        report_.sealed_days_count = static_cast<int>(audit->kept.sealed.size());
    }

    // Every group of failures has as many as there are, and each is there for its last attempt.
    void check_failures() {
        const auto list = store_.list_failures(1'000'000);
        WRAPUP_ASSERT(list.has_value());
        std::map<std::string, std::int64_t> kept;
        for (const FailureGroup& group : list->groups) kept[group.fingerprint] = group.open;
        if (kept != failures_) fail("failures", "", "they are counted wrongly");
        report_.failures_count = static_cast<int>(list->groups.size());
    }

    // Every replay ends, and what it counted is accounted for.
    void check_replays() {
        const auto jobs = store_.list_replays(std::nullopt, 100);
        WRAPUP_ASSERT(jobs.has_value());
        if (jobs->size() > truth_.replays.size()) fail("replay", "", "one order began two jobs");
        for (const ReplayJob& job : *jobs) {
            report_.replayed_count += static_cast<int>(job.released);
            if (job.state == ReplayState::running) fail("replay", "", "a job is not done");
            if (job.state == ReplayState::done &&
                job.accepted + job.failed + job.given_up + job.skipped != job.count) {
                fail("replay", "", "a job does not add up");
            }
            if (job.open() != 0) fail("replay", "", "what a job released has no end");
            report_.cancelled_count += job.state == ReplayState::cancelled;
        }
    }

private:
    void fail(std::string_view promise, std::string_view call_id, std::string_view what) {
        report_.violations.push_back(std::string(promise) + ": " + std::string(call_id) + ": " +
                                     std::string(what));
    }

    void check_end(const Call& call) {
        if (has_ended(call.state) || call.due_at) return;
        if (call.state != CallState::delivering) {
            fail("P4", call.id, "neither delivered, nor parked, nor due");
        }
    }

    // P3: the fixed record is what today's fold makes of the events that were there in time.
    void check_record(const CallStory& story) {
        const Facts facts = facts_of(story);
        if (!is_over(facts)) {
            fail("P3", story.call.id, "a record of a call that nobody said is over");
            return;
        }
        const Record record = make_record(facts, story.call.metadata.value_or(CallMetadata{}));
        if (render_record(record) != story.call.record) {
            fail("P3", story.call.id, "the record is not the fold of its events");
        }
    }

    // What the record says is what took place, unless those who knew could not be asked in time.
    void check_truth(const Call& call) {
        const auto found = std::ranges::find(truth_.calls, call.id, &TrueCall::sid);
        if (found == truth_.calls.end()) return;
        const TrueCall& truth = *found;
        // Who sends it by hand does not wait for those who know.
        if (sends_of(call.id) > 0) return;
        const bool is_wrong = call.duration_s.value_or(0) != truth.duration_s;
        if (is_wrong &&
            (truth.has_told_duration || can_rely_on_twilio() || can_rely_on_conversation(truth))) {
            fail("P3", call.id, "the duration is not that of the call");
        }
        const Outcome outcome = outcome_of(truth.status, truth.duration_s, truth.answered_by);
        const bool may_be_unheard = is_machine(truth.answered_by) && !can_rely_on_twilio();
        if (!is_wrong && call.outcome != outcome && !may_be_unheard) {
            fail("P3", call.id, "the outcome is not that of the call");
        }
    }

    // However the clock was set meanwhile, nobody was waited for in vain for less than he has;
    // unless it was set forward while nobody was there to see it.
    void check_waits(const CallStory& story) {
        if (truth_.faults.was_set_forward_while_stopped) return;
        const Call& call = story.call;
        const auto found = std::ranges::find(truth_.calls, call.id, &TrueCall::sid);
        const auto filed = crm_.filed.find({"crm", call.id});
        if (found == truth_.calls.end() || filed == crm_.filed.end() || sends_of(call.id) > 0) {
            return;
        }
        const TrueCall& truth = *found;
        const SettlePolicy policy;
        const UtcTime left_at = filed->second.first_at;
        const bool gave_up = call.progress.was_metadata_away && call.progress.metadata_resolved_at;
        if (gave_up && left_at < truth.ended_at + policy.metadata_wait) {
            fail("P3", call.id, "its metadata was not waited for as long as it should be");
        }
        const Facts facts = facts_of(story);
        const UtcTime told_at = truth.conversation ? truth.conversation->done_at : truth.ended_at;
        const bool has_grace =
            facts.terminal->authority == Authority::elevenlabs && facts.line != PhoneLine::sip;
        if (has_grace && left_at < told_at + policy.twilio_grace) {
            fail("P3", call.id, "Twilio's word was not waited for as long as it should be");
        }
    }

    bool can_rely_on_twilio() const {
        const Faults& faults = truth_.faults;
        return faults.has_twilio_rest && !faults.is_twilio_down && !faults.twilio_hangs &&
               faults.twilio_fails.numerator == 0 && faults.twilio_is_behind.numerator == 0;
    }
    bool can_rely_on_conversation(const TrueCall& call) const {
        const Faults& faults = truth_.faults;
        return call.conversation && call.conversation->done_at < call.ended_at + seconds{15} &&
               faults.has_elevenlabs_key && !faults.elevenlabs_refuses_key &&
               !faults.elevenlabs_hangs && faults.elevenlabs_fails.numerator == 0 &&
               faults.elevenlabs_bursts.empty();
    }

    std::ptrdiff_t sends_of(const std::string& call_id) const {
        return std::ranges::count(truth_.sends, call_id, &TrueSend::sid);
    }

    int receipts_of(const std::string& destination, const std::string& call_id) const {
        const auto filed = crm_.filed.find({destination, call_id});
        return filed == crm_.filed.end() ? 0 : filed->second.receipts_count;
    }

    // One delivery to each destination that wants it, and nothing anywhere else.
    void check_destinations(const CallStory& story) {
        const Faults& faults = truth_.faults;
        const Call& call = story.call;
        const bool is_held = call.outcome == Outcome::held;
        std::vector<std::string> wanted{"crm"};
        if (faults.has_lake && (is_held || !faults.lake_wants_held)) wanted.emplace_back("lake");
        std::vector<std::string> made;
        for (const auto& one : story.deliveries) made.push_back(one.delivery.destination);
        // It was fixed while the settings did not name the lake.
        const bool may_lack_lake = truth_.was_lake_absent && made == std::vector{wanted.front()};
        if (made != wanted && !may_lack_lake) {
            fail("P2", call.id, "not exactly one delivery for each destination that wants it");
        }
        if (wanted.size() == 1 && receipts_of("lake", call.id) > 0) {
            fail("P2", call.id, "a destination has a record that it does not want");
        }
    }

    // Nothing waits for a person who has been there.
    void check_parked(const Delivery& delivery) {
        report_.disabled_count += delivery.parked == ParkReason::disabled;
        if (delivery.parked == ParkReason::disabled && truth_.faults.lake_disabled.empty()) {
            fail("P5", delivery.call_id, "parked as disabled, and it never was");
        }
        if (delivery.parked != ParkReason::destination_gone) return;
        const bool was_mended = std::ranges::any_of(truth_.pauses, [](const TruePause& pause) {
            return pause.is_mending && pause.was_resumed;
        });
        const bool is_gone = !truth_.faults.lake_gone.empty() && !was_mended;
        if (truth_.lake == LakeState::active && !is_gone) {
            fail("P5", delivery.call_id, "parked as destination_gone, and it is back");
        }
    }

    // Whoever reads the call's story sees who gave it up; and nothing was sent after that.
    void check_given_up(const Call& call, const DeliveryStory& story) {
        report_.given_up_count += 1;
        const Delivery& delivery = story.delivery;
        const std::string words = "given up for " + delivery.destination + " by replay ";
        const std::size_t at = call.note.rfind(words);
        if (delivery.due_at) fail("P5", call.id, "it is given up, and due");
        if (at == std::string::npos) {
            fail("P5", call.id, "it is given up, and nothing says by what");
            return;
        }
        const std::size_t number = at + words.size();
        const std::size_t digits = call.note.find_first_not_of("0123456789", number) - number;
        const auto job_id = parse_int(call.note.substr(number, digits)).value_or(0);
        const auto job = store_.find_replay(job_id);
        WRAPUP_ASSERT(job.has_value());
        if (!job->ended_at || truth_.faults.is_clock_set) return;
        // A process that was frozen with its claim sends when it goes on, and writes that down.
        if (truth_.faults.nodes_count > 1) return;
        // By hand it may be, which takes nothing back.
        if (sends_of(call.id) > 0) return;
        const bool was_sent = std::ranges::any_of(story.attempts, [&](const Attempt& attempt) {
            return attempt.started_at > *job->ended_at;
        });
        if (was_sent) fail("P5", call.id, "it was sent after it was given up");
    }

    void recount_failure(const DeliveryStory& story) {
        const Delivery& delivery = story.delivery;
        const Attempt* const last = story.attempts.empty() ? nullptr : &story.attempts.back();
        const bool has_failed =
            delivery.is_owed() && last != nullptr && last->outcome != AttemptOutcome::accepted &&
            (last->destination.empty() || last->destination == delivery.destination);
        const std::string cause = has_failed ? fingerprint_of(delivery.destination, *last) : "";
        if (cause != delivery.fingerprint) {
            fail("failures", delivery.call_id, "its cause is not that of its last attempt");
        }
        if (!cause.empty()) failures_[cause] += 1;
    }

    // A receipt beyond the first needs an attempt of which we say that its outcome is unknown.
    void check_delivery(const Call& call, const DeliveryStory& story) {
        const Delivery& delivery = story.delivery;
        check_parked(delivery);
        if (delivery.parked == ParkReason::given_up) check_given_up(call, story);
        recount_failure(story);
        if (delivery.body != call.record) {
            fail("P2", call.id, "a delivery has other bytes than the record");
        }
        const int receipts = receipts_of(delivery.destination, call.id);
        if (delivery.state == DeliveryState::accepted && receipts == 0) {
            fail("P2", call.id, "called accepted, but the CRM does not have it");
        }
        if (receipts == 0) return;
        const auto& bodies = crm_.filed.find({delivery.destination, call.id})->second.bodies;
        if (*bodies.begin() != call.record) {
            fail("P2", call.id, "the CRM has other bytes than the fixed record");
        }
        // Each replay that says so sends it once more.
        const auto again_count = std::ranges::count_if(story.attempts, [](const Attempt& attempt) {
            return attempt.is_again && attempt.outcome == AttemptOutcome::accepted;
        });
        const auto orders_count = std::ranges::count_if(
            truth_.replays, [](const TrueReplay& replay) { return replay.order.is_again; });
        if (again_count > orders_count + sends_of(call.id)) {
            fail("P2", call.id, "it was sent again more often than somebody wanted");
        }
        report_.repeats_count += receipts - 1;
        if (receipts - 1 > delivery.unknown_count + again_count) {
            fail("P2", call.id, "the CRM has it twice, and no attempt is marked unknown");
        }
    }

    const Truth& truth_;
    StoreQueries& store_;
    const SimCrm& crm_;
    SimReport& report_;
    std::int64_t delivered_count_ = 0;
    std::int64_t given_up_count_ = 0;
    std::map<std::string, std::int64_t> failures_;  // By fingerprint.
};

}  // namespace

bool are_all_ended(MemoryStore& store) {
    return store.holds_of_all(
        [](const Call& call) { return has_ended(call.state) || call.state == CallState::open; });
}

// None is out of scope, whatever a leg's callback made of it.
bool are_all_known(const Truth& truth, MemoryStore& store) {
    return std::ranges::all_of(truth.calls, [&](const TrueCall& call) {
        const auto state = store.find_state(call.sid);
        return state && has_ended(*state) && *state != CallState::out_of_scope;
    });
}

void add_unfinished(StoreQueries& store, std::vector<std::string>& violations) {
    for (const Call& call : all_calls(store)) {
        if (has_ended(call.state) || call.state == CallState::open) continue;
        violations.push_back("P4: " + call.id + " is still " + std::string(to_string(call.state)));
    }
}

void check_promises(const Truth& truth, StoreQueries& store, const SimCrm& crm,
                    const std::vector<Receipt>& receipts, SimReport& report) {
    report.violations.insert(report.violations.end(), crm.violations.begin(), crm.violations.end());
    Checker checker(truth, store, crm, report);
    for (const Receipt& receipt : receipts) checker.check_receipt(receipt);
    for (const Call& call : all_calls(store)) checker.check_call(call);
    checker.check_filed();
    checker.check_ledger();
    checker.check_replays();
    checker.check_failures();
}

}  // namespace wrapup
