// One window of Twilio's list, page by page.

#include <algorithm>
#include <set>
#include <string_view>

#include "codec/reconcile_json.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "service/reconciler/reconciler.hpp"

namespace wrapup {
namespace {

constexpr milliseconds callback_grace{20'000};
// So that a long backlog floods neither ElevenLabs nor the CRM.
constexpr int appends_at_once = 25;
constexpr milliseconds pause_after{500};
constexpr std::int64_t settling_max = 100;
constexpr seconds settling_patience{10};
constexpr std::size_t findings_max = 500;
// More are not under way at one time.
constexpr int awaiting_max = 1'000;  // Of each state, newest first.
// A long list is read no faster than this, so that one without an end costs Twilio little.
constexpr int pages_at_once = 5;
constexpr milliseconds page_gap{500};

ReconcileFinding finding_of(const TwilioCall& call, std::string_view what, std::string_view why) {
    ReconcileFinding finding;
    finding.call_sid = call.sid;
    finding.status = call.status;
    finding.duration_s = call.duration_s;
    finding.made_at = made_at(call);
    finding.what = what;
    finding.why = why;
    return finding;
}

// Notices a list that comes to no end.
class PageTrail {
public:
    explicit PageTrail(const std::string& next_page) {
        if (!next_page.empty()) seen_.insert(next_page);
    }
    // What is wrong with going on to `next_page` after a page of these calls; empty: nothing.
    std::string_view take(const std::string& next_page, const std::vector<FetchedCall>& calls) {
        const std::string first = calls.empty() ? std::string{} : calls.front().call.sid;
        repeats_count_ = first == first_before_ ? repeats_count_ + 1 : 0;
        first_before_ = first;
        if (!seen_.insert(next_page).second) return "a page of the list names itself as the next";
        if (seen_.size() > pages_max) return "the list has more pages than there can be calls";
        return repeats_count_ < repeats_max ? "" : "the pages of the list repeat and have no end";
    }

private:
    static constexpr int repeats_max = 5;
    static constexpr std::size_t pages_max = 5'000;
    std::set<std::string> seen_;
    std::string first_before_;  // Of the page before: its first call.
    int repeats_count_ = 0;
};

std::string words_of(const TwilioCall& call) {
    std::string words = "Twilio: ";
    words += call.status ? to_string(*call.status) : std::string_view("no status we know");
    if (call.duration_s) words += ", " + std::to_string(*call.duration_s) + " s";
    return words;
}

std::string next_look(UtcTime now, milliseconds interval) {
    if (interval == milliseconds{0}) return ": looked at again when a comparison is ordered";
    const UtcTime at = std::chrono::ceil<std::chrono::minutes>(now + interval);
    return ": looked at again at " + format_rfc3339(at);
}

}  // namespace

bool Reconciler::is_busy_elsewhere(const ReconcileRun& run) const {
    if (is_stopping_) return true;
    return !run.is_ordered && (requests_left_ <= 0 || is_order_due());
}

Task<Reconciler::WalkEnd> Reconciler::walk(ReconcileWindow& window, RunPtr run) {
    PageTrail trail(window.next_page);
    int pages_count = 0;
    for (;;) {
        if (is_busy_elsewhere(*run)) co_return WalkEnd::paused;
        if (pages_count++ >= pages_at_once) {
            const UtcTime until = ports_.clock.now() + page_gap;
            co_await ports_.clock.sleep_until(until, &alarm_);
            if (is_stopping_) co_return WalkEnd::paused;
        }
        requests_left_ -= 1;
        run->counts.requests += 1;
        CallListQuery query;
        query.started_from = window.from;
        query.started_before = list_before(window, list_.twilio_now());
        query.next_page = window.next_page;
        auto page = co_await list_.ask(std::move(query), alarm_, is_stopping_);
        if (is_stopping_) co_return WalkEnd::paused;
        if (told_ && was_ours_) told_->twilio.reset();  // It is known anew.
        if (!page) {
            run->error = list_.trouble() ? list_.trouble()->what : page.error().detail;
            const Errc code = page.error().code;
            const bool is_place_lost = code == Errc::invalid_input || code == Errc::not_found;
            if (is_place_lost) begin_anew(window);
            co_return WalkEnd::trouble;
        }
        if (!window.begun_at) begin(window, *run);
        if (page->unreadable_count > 0) window.has_gaps = true;
        PageTimes times;
        for (FetchedCall& listed : page->calls) {
            drop_impossible_times(listed.call, list_.twilio_now());
            times.take(listed.call);
        }
        const std::string next_page = page->next_page;
        const bool is_end = next_page.empty() || is_past(window, times);
        const std::string_view nonsense = is_end ? "" : trail.take(next_page, page->calls);
        auto notes = co_await read_page(std::move(page->calls), window, run);
        if (!notes) {
            run->error = "the store cannot be read";
            co_return WalkEnd::trouble;
        }
        NoteReconciliation note = std::move(notes->note);
        std::vector<FetchedCall> missed = std::move(notes->missed);
        std::vector<NoteCallCreated> created = std::move(notes->created);
        if (!run->is_dry_run) co_await note_created(std::move(created));
        co_await append(std::move(missed), window, run);
        // Perhaps not all of the page was appended: it is read again at the next start.
        if (is_stopping_) co_return WalkEnd::paused;
        if (times.last) run->reached = std::max(window.from, *times.last);
        if (!nonsense.empty()) {
            const Error error{Errc::invalid_input, std::string(nonsense)};
            list_.note_nonsense(error);
            run->error = list_.trouble()->what;
            begin_anew(window);
            co_return WalkEnd::trouble;
        }
        window.next_page = next_page;
        const bool is_kept = co_await end_page(window, run, std::move(note), is_end);
        if (!is_kept) {
            run->error = "the store cannot be written";
            co_return WalkEnd::trouble;
        }
        if (is_end) co_return WalkEnd::done;
    }
}

// Twilio's clock is known now. What it has not reached was not listed, whatever ours said.
void Reconciler::begin(ReconcileWindow& window, const ReconcileRun& run) {
    const UtcTime now = list_.twilio_now();
    window.begun_at = now;
    if (!first_start_ && !settings_.since) {
        // It was told by our clock alone.
        scope_.since -= list_.clock_ahead().value_or(milliseconds{0});
        first_start_ = scope_.since;
    }
    window.until = std::min(window.until, now);
    if (!run.is_ordered && progress_.listed_until) {
        progress_.listed_until = std::min(*progress_.listed_until, now);
    }
}

// Counts and place of a list that cannot be gone on with.
void Reconciler::begin_anew(ReconcileWindow& window) {
    window.begun_at.reset();
    window.next_page.clear();
    window.slots.clear();
    window.has_gaps = false;
}

// The place moves in the same transaction as what was found up to it.
Task<bool> Reconciler::end_page(ReconcileWindow& window, RunPtr run, NoteReconciliation note,
                                bool is_end) {
    if (run->is_ordered) {
        std::vector<ReconcileWindow>& left = waiting_.front().place.windows;
        left.front() = window;
        order_troubles_ = 0;
        if (is_end) left.erase(left.begin());
    }
    if (run->is_dry_run) co_return true;
    for (const TwilioDifference& one : note.found)
        differences_.insert_or_assign(one.call_sid, one.at);
    for (const std::string& call_sid : note.resolved) differences_.erase(call_sid);
    if (is_end) note.slots = slots_of(window, ports_.clock.now());
    const auto& open_since = window.open_since;
    if (is_end && open_since && (!progress_.open_since || *open_since < *progress_.open_since)) {
        progress_.open_since = open_since;
    }
    for (KeptValue& value : values_of(progress_)) note.values.push_back(std::move(value));
    if (run->is_ordered) {
        note.values.push_back(value_of(waiting_.front()));
    } else {
        note.values.push_back({key_of(window), is_end ? std::string{} : encode_window(window)});
    }
    co_return co_await commit(std::move(note));
}

Task<std::optional<Reconciler::PageNotes>> Reconciler::read_page(std::vector<FetchedCall> calls,
                                                                 ReconcileWindow& window,
                                                                 RunPtr run) {
    std::erase_if(calls, [&](const FetchedCall& one) { return !holds(window, one.call); });
    run->counts.listed += std::ssize(calls);
    std::vector<std::string> call_sids;
    call_sids.reserve(calls.size());
    for (const FetchedCall& listed : calls) call_sids.push_back(listed.call.sid);
    const UtcTime now = ports_.clock.now();
    std::vector<Intent> awaiting;
    auto read = [&]() -> Result<std::vector<CallStanding>> {
        for (const IntentState state : {IntentState::asking, IntentState::parked}) {
            IntentFilter filter;
            filter.state = state;
            filter.limit = awaiting_max;
            WRAPUP_TRY(IntentPage page, ports_.store.list_intents(filter));
            std::ranges::copy_if(page.intents, std::back_inserter(awaiting),
                                 [&](const Intent& one) { return awaits_token(one, now); });
        }
        return ports_.store.call_standings(call_sids);
    };
    const auto standings = co_await ports_.reads.run(read);
    if (!standings) {
        ports_.metrics.count(Counter::store_errors, "reconcile");
        co_return std::nullopt;
    }
    scope_.asking = std::move(awaiting);
    PageNotes notes;
    for (std::size_t i = 0; i < calls.size(); ++i) {
        take_verdict(std::move(calls[i]), standings->at(i), window, *run, notes);
    }
    co_return notes;
}

void Reconciler::take_verdict(FetchedCall listed, CallStanding standing, ReconcileWindow& window,
                              ReconcileRun& run, PageNotes& notes) {
    const TwilioCall& call = listed.call;
    const UtcTime now = list_.twilio_now();
    const milliseconds grace = settings_.interval > milliseconds{0}
                                   ? std::min(settings_.interval, callback_grace)
                                   : callback_grace;
    const ListedVerdict verdict = judge_listed(call, standing, scope_, now, grace);
    ReconcileCounts& counts = run.counts;
    only_here_.saw(call.sid);
    const auto at = made_at(call);
    if (verdict.kind == ListedKind::leg) {
        counts.legs += 1;
        return;
    }
    if (standing != CallStanding::unknown && is_over_midnight(call, settings_.zone, now)) {
        notes.created.push_back({call.sid, *at});
    }
    if (at) count_in(window, *at, verdict.kind == ListedKind::stranger);
    if (!at) window.has_gaps = true;
    const auto noted = differences_.find(call.sid);
    const bool is_noted = noted != differences_.end();
    // It is in no column of the ledger.
    const bool is_missing = verdict.kind == ListedKind::unadoptable ||
                            (verdict.kind == ListedKind::running && !verdict.why.empty());
    if (is_missing) {
        std::string reason = words_of(call) + "; " + std::string(verdict.why);
        if (verdict.kind == ListedKind::running) reason += next_look(now, settings_.interval);
        // Without a time of its own it stays in the day in which it was noted.
        notes.note.found.push_back({call.sid, at.value_or(is_noted ? noted->second : now),
                                    DifferenceKind::missing, std::move(reason), now});
    } else if (is_noted) {
        notes.note.resolved.push_back(call.sid);
    }
    switch (verdict.kind) {
        case ListedKind::leg: break;
        case ListedKind::stranger: counts.strangers += 1; break;
        case ListedKind::known: counts.known += 1; break;
        case ListedKind::running:
        case ListedKind::fresh:
            counts.running += 1;
            has_fresh_ = has_fresh_ || verdict.kind == ListedKind::fresh;
            look_again(window, at);
            break;
        case ListedKind::missed:
            counts.missed += 1;
            add_finding(run, finding_of(call, "missed", words_of(call)));
            notes.missed.push_back(std::move(listed));
            break;
        case ListedKind::unadoptable:
            counts.unadoptable += 1;
            look_again(window, at);
            add_finding(run, finding_of(call, "unadoptable", verdict.why));
            break;
    }
}

void Reconciler::add_finding(ReconcileRun& run, ReconcileFinding finding) {
    if (run.findings.size() < findings_max) run.findings.push_back(std::move(finding));
}

void Reconciler::look_again(ReconcileWindow& window, std::optional<UtcTime> at) {
    if (at && (!window.open_since || *at < *window.open_since)) window.open_since = at;
}

// A note that is lost is made again: the next windows overlap.
Task<void> Reconciler::note_created(std::vector<NoteCallCreated> created) {
    for (NoteCallCreated& one : created) {
        if (is_stopping_) co_return;
        StoreOp op = std::move(one);
        (void)co_await ports_.commits.submit(op);
    }
}

Task<void> Reconciler::append(std::vector<FetchedCall> missed, ReconcileWindow& window,
                              RunPtr run) {
    if (run->is_dry_run) co_return;
    for (const FetchedCall& listed : missed) {
        if (is_stopping_) {
            look_again(window, made_at(listed.call));
            co_return;
        }
        co_await keep_pace();
        NewEvent event = reconciled_call_event(listed.call, listed.payload, ports_.clock.now());
        const auto appended = co_await ports_.intake.append(std::move(event));
        if (appended) {
            run->counts.appended += 1;
            ports_.metrics.count(Counter::reconciled_calls, "appended");
        } else {
            ports_.metrics.count(Counter::reconciled_calls, "refused");
            look_again(window, made_at(listed.call));
        }
    }
}

// Senders first; then so many a second, and not more than are settled meanwhile.
Task<void> Reconciler::keep_pace() {
    if (appended_since_pause_++ % appends_at_once != 0) co_return;
    co_await ports_.commits.let_senders_first(ports_.clock);
    if (appended_since_pause_ == 1) co_return;
    const UtcTime give_up_at = ports_.clock.now() + settling_patience;
    for (;;) {
        const UtcTime until = ports_.clock.now() + pause_after;
        co_await ports_.clock.sleep_until(until, &alarm_);
        if (is_stopping_ || ports_.clock.now() >= give_up_at) co_return;
        auto read = [this] { return ports_.store.counts(); };
        const auto counts = co_await ports_.reads.run(read);
        if (!counts) co_return;
        std::int64_t settling_count = 0;
        for (const auto& [state, count] : counts->calls) {
            if (state == CallState::settling) settling_count = count;
        }
        if (settling_count < settling_max) co_return;
    }
}

}  // namespace wrapup
