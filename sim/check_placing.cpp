#include "sim/check_placing.hpp"

#include <algorithm>

#include "codec/json/json_value.hpp"
#include "core/placing/intent_machine.hpp"
#include "sim/check.hpp"
#include "sim/check_lists.hpp"

namespace wrapup {
namespace {

// Nothing that Twilio sent or asked shows whose call it is: who answered while no process lived
// was hung up on by Twilio.
bool is_untold(const DialledCall& call) {
    return call.is_silent && !call.is_asked && call.stage == DialledCall::Stage::over;
}

// A callback, which comes with the token, that was there when the record was made.
bool has_token_in_time(const StoredEvent& event) {
    const bool is_callback =
        event.kind == EventKind::twilio_status || event.kind == EventKind::twilio_amd;
    return is_callback && !event.is_late;
}

class PlacingChecker {
public:
    PlacingChecker(const Truth& truth, MemoryStore& store, const SimDialler& dialler,
                   SimReport& report)
        : truth_(truth), store_(store), dialler_(dialler), report_(report) {
        IntentFilter filter;
        filter.limit = 10'000;
        auto page = store.list_intents(filter);
        WRAPUP_ASSERT(page.has_value() && page->next_cursor.empty());
        intents_ = std::move(page->intents);
    }

    // Who was told that his call is made finds it, once; nobody else has one.
    void check_asked() {
        std::size_t made_count = 0;
        for (const TrueIntent& asked : truth_.placing.intents) {
            const auto count = std::ranges::count(intents_, asked.key, &Intent::idempotency_key);
            if (!asked.id.empty()) made_count += 1;
            if (count != (asked.id.empty() ? 0 : 1)) fail(asked.key, "not one intent of a request");
        }
        const auto singles_count = std::ranges::count(intents_, "", &Intent::list_id);
        if (static_cast<std::ptrdiff_t>(made_count) != singles_count)
            fail("", "an intent that nobody asked for");
    }

    void check_intent(const Intent& intent) {
        if (intent.is_open()) fail(intent.id, "it has not ended");
        if (!intent.stray_sids.empty()) fail(intent.id, "a second call of it was not ended");
        const auto calls_count =
            std::ranges::count(dialler_.calls(), intent.id, &DialledCall::intent_id);
        if (calls_count > intent.asks_count) fail(intent.id, "more calls than it was asked for");
        const auto is_its_call = [&](const DialledCall& call) {
            return call.truth->sid == intent.call_sid;
        };
        const bool is_without = intent.call_sid.empty();
        if (!is_without && std::ranges::none_of(dialler_.calls(), is_its_call)) {
            fail(intent.id, "it took another program's call for its own");
        }
        const auto was_told = [&](const DialledCall& call) {
            return call.intent_id == intent.id && !is_untold(call);
        };
        const bool can_know = std::ranges::any_of(dialler_.calls(), was_told);
        if (is_without && calls_count > 0 && can_know) {
            fail(intent.id, "it does not know its call: " + intent.reason);
        }
    }

    // Every call that Twilio made has one record, with what its intent says.
    void check_call(const DialledCall& call) {
        const std::string& sid = call.truth->sid;
        const auto story = store_.find_story(sid);
        if (!story || story->call.record.empty()) {
            // Twilio's answer was lost, and not one of its words came.
            if (!story && is_untold(call)) return;
            fail(sid, "a call that was placed has no record");
            return;
        }
        const auto intent = std::ranges::find(intents_, call.intent_id, &Intent::id);
        WRAPUP_ASSERT(intent != intents_.end());
        const auto record = parse_json_object(story->call.record);
        WRAPUP_ASSERT(record.has_value());
        // What nobody told of, and the list showed too late, its intent has given up or placed
        // again when comparing with Twilio finds it. So it is where the clock was set: the wait for
        // a late token is over at once.
        const bool is_told = (!call.is_silent && call.delay == milliseconds::zero()) ||
                             std::ranges::any_of(story->events, has_token_in_time);
        const bool is_listed =
            call.truth->list_lag < surely_not_there && !truth_.faults.is_clock_set;
        // Which call is the intent's only a word with its token can tell.
        const bool is_lost = intent->reason == "lost" && is_untold(call);
        const bool is_findable = is_told || is_listed || !truth_.faults.reconciles;
        if (is_findable && !is_lost) check_names(sid, *record, *intent);
        check_summary(call, *record);
    }

private:
    void check_names(const std::string& sid, const boost::json::object& record,
                     const Intent& intent) {
        if (json_string(&record, "name") != intent.name) fail(sid, "not the name of its intent");
        if (json_string(&record, "subject") != intent.campaign_name) {
            fail(sid, "not the campaign of its intent");
        }
    }

    void check_summary(const DialledCall& call, const boost::json::object& record) {
        const Faults& faults = truth_.faults;
        const bool can_ask = !faults.elevenlabs_refuses_key && !faults.elevenlabs_hangs &&
                             faults.elevenlabs_fails.numerator == 0 &&
                             faults.elevenlabs_bursts.empty();
        const bool is_in_time =
            call.truth->conversation && can_ask && call.delay == milliseconds::zero() &&
            call.truth->conversation->done_at < call.truth->ended_at + seconds{15};
        if (!is_in_time) return;
        if (json_string(&record, "summary") != "They talked about " + call.truth->sid + ".") {
            fail(call.truth->sid, "not the summary of its conversation");
        }
    }

    void fail(std::string_view id, std::string_view what) {
        report_.violations.push_back("placing: " + std::string(id) + ": " + std::string(what));
    }

    const Truth& truth_;
    MemoryStore& store_;
    const SimDialler& dialler_;
    SimReport& report_;
    std::vector<Intent> intents_;

public:
    const std::vector<Intent>& intents() const { return intents_; }
};

}  // namespace

bool is_placing_over(MemoryStore& store, const SimDialler& dialler) {
    const auto due = store.next_intent_due();
    const auto under_way = store.count_intents_under_way();
    if (!due || due->has_value() || !under_way || *under_way > 0) return false;
    return std::ranges::all_of(dialler.calls(), [&](const DialledCall& call) {
        const auto state = store.find_state(call.truth->sid);
        return state ? has_ended(*state) : is_untold(call);
    });
}

void check_placing(const Truth& truth, MemoryStore& store, const SimDialler& dialler,
                   SimReport& report) {
    report.violations.insert(report.violations.end(), dialler.violations.begin(),
                             dialler.violations.end());
    PlacingChecker checker(truth, store, dialler, report);
    checker.check_asked();
    for (const Intent& intent : checker.intents()) checker.check_intent(intent);
    for (const DialledCall& call : dialler.calls()) checker.check_call(call);
    check_lists(truth, store, dialler, report);
    report.placed_count = static_cast<int>(dialler.calls().size());
    report.conversations_count = static_cast<int>(dialler.conversations_count());
}

}  // namespace wrapup
