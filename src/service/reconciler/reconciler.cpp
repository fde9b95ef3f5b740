#include "service/reconciler/reconciler.hpp"

#include <algorithm>
#include <boost/asio/post.hpp>

#include "base/text.hpp"
#include "codec/reconcile_json.hpp"
#include "service/commit/keep_submitting.hpp"

namespace wrapup {
namespace {

constexpr const char* listed_until_key = "twilio.listed_until_ms";
constexpr const char* open_since_key = "twilio.open_since_ms";
constexpr const char* conversations_until_key = "elevenlabs.listed_until_ms";
constexpr const char* conversations_open_key = "elevenlabs.open_since_ms";
// Of a list that is not read to its end.
constexpr const char* sweep_begun_key = "elevenlabs.left.begun_ms";
constexpr const char* sweep_from_key = "elevenlabs.left.from_ms";
constexpr const char* sweep_until_key = "elevenlabs.left.until_ms";
constexpr const char* sweep_cursor_key = "elevenlabs.left.cursor";
constexpr const char* sweep_open_key = "elevenlabs.left.open_since_ms";
constexpr const char* checked_until_key = "twilio.only_here_checked_until_ms";
constexpr const char* first_start_by_twilio_key = "twilio.first_start_ms";
constexpr const char* first_start_key = "first_start_ms";

// Requests to Twilio's list in one round: 20,000 calls. What is left has its turn a little later.
constexpr int requests_max = 100;
// How long Twilio has to show a call that wrapup was told of.
constexpr std::chrono::minutes only_here_lag{10};
constexpr std::chrono::hours only_here_longest{25};
// The lag of Twilio's list, and a round that takes its time.
constexpr std::chrono::minutes day_slack{5};
constexpr seconds behind_again{10};
constexpr seconds fresh_again{20};
constexpr seconds store_patience{30};
constexpr seconds store_look_every{5};
constexpr std::chrono::minutes early_again{1};
constexpr seconds look_at_duty_every{5};  // It may be lost meanwhile.

std::string ms_or_nothing(const std::optional<UtcTime>& time) {
    return time ? std::to_string(to_unix_ms(*time)) : std::string{};
}

std::optional<UtcTime> time_in(const std::vector<KeptValue>& values, std::string_view key) {
    const auto found = std::ranges::find(values, key, &KeptValue::key);
    if (found == values.end()) return std::nullopt;
    const auto ms = parse_int(found->value);
    return ms ? std::optional(from_unix_ms(*ms)) : std::nullopt;
}

ConversationSweep::Place sweep_place_in(const std::vector<KeptValue>& values) {
    ConversationSweep::Place place;
    place.listed_until = time_in(values, conversations_until_key);
    place.open_since = time_in(values, conversations_open_key);
    const auto from = time_in(values, sweep_from_key);
    const auto until = time_in(values, sweep_until_key);
    if (!from || !until) return place;
    place.begun_at = time_in(values, sweep_begun_key);
    place.left.from = *from;
    place.left.until = *until;
    place.left.open_since = time_in(values, sweep_open_key);
    const auto cursor = std::ranges::find(values, sweep_cursor_key, &KeptValue::key);
    if (cursor != values.end()) place.left.cursor = cursor->value;
    return place;
}

std::vector<KeptValue> sweep_values(const ConversationSweep::Place& place) {
    const bool is_left = place.begun_at.has_value();
    const ConversationSweep::Stretch& left = place.left;
    return {{conversations_until_key, ms_or_nothing(place.listed_until)},
            {conversations_open_key, ms_or_nothing(place.open_since)},
            {sweep_begun_key, ms_or_nothing(place.begun_at)},
            {sweep_from_key, is_left ? ms_or_nothing(left.from) : ""},
            {sweep_until_key, is_left ? ms_or_nothing(left.until) : ""},
            {sweep_cursor_key, is_left ? left.cursor : ""},
            {sweep_open_key, is_left ? ms_or_nothing(left.open_since) : ""}};
}

}  // namespace

Reconciler::Reconciler(Ports ports, boost::asio::any_io_executor workers,
                       ReconcilerSettings settings)
    : ports_(ports),
      workers_(std::move(workers)),
      settings_(std::move(settings)),
      list_({ports.clock, ports.twilio, ports.log, ports.metrics}),
      only_here_({ports.clock, ports.store, ports.reads, ports.twilio}) {
    scope_.our_numbers = settings_.our_numbers;
    scope_.accepts_inbound = settings_.accepts_inbound;
    if (ports.elevenlabs == nullptr) return;
    sweep_.emplace(ConversationSweep::Ports{ports.clock, ports.store, ports.reads, ports.intake,
                                            *ports.elevenlabs, *ports.slots, ports.log,
                                            ports.metrics});
}

void Reconciler::stop() {
    is_stopping_ = true;
    if (sweep_) sweep_->stop();
    alarm_.ring();
}

void Reconciler::events_were_refused() {
    if (has_missed_events_.exchange(true)) return;
    boost::asio::post(workers_, [this] { alarm_.ring(); });
}

void Reconciler::clock_was_set(milliseconds by) {
    list_.clock_was_set(by);
    if (next_at_) *next_at_ += by;
    if (order_again_at_) *order_again_at_ += by;
    alarm_.ring();
}

// ---- Rounds and orders ----

Task<void> Reconciler::run() {
    was_ours_ = ports_.duties == nullptr;
    co_await load();
    while (!is_stopping_) {
        if (ports_.duties != nullptr) co_await follow_duty();
        const UtcTime now = ports_.clock.now();
        if (is_order_due()) {
            has_fresh_ = false;
            co_await run_order();
            co_await tell_ordered();
            if (has_told_) co_await tell();
            const UtcTime look_again_at = ports_.clock.now() + fresh_again;
            if (has_fresh_ && next_at_) next_at_ = std::min<UtcTime>(*next_at_, look_again_at);
        } else if (next_at_ && *next_at_ <= now) {
            co_await run_round();
        } else {
            const UtcTime later = now + std::chrono::hours{1};
            UtcTime until = std::min(next_at_.value_or(later), order_again_at_.value_or(later));
            if (ports_.duties != nullptr)
                until = std::min<UtcTime>(until, now + look_at_duty_every);
            if (has_missed_events_) until = co_await look_for_store(until);
            co_await ports_.clock.sleep_until(until, &alarm_);
        }
    }
}

// When to go on: at once where the store takes events again, and then not within a minute.
Task<UtcTime> Reconciler::look_for_store(UtcTime until) {
    const UtcTime now = ports_.clock.now();
    if (early_round_at_ && now < *early_round_at_ + early_again && now >= *early_round_at_) {
        co_return std::min<UtcTime>(until, *early_round_at_ + early_again);
    }
    has_missed_events_ = false;
    const bool is_back = co_await ports_.commits.can_write();
    if (!is_back) {
        has_missed_events_ = true;
        co_return std::min<UtcTime>(until, now + store_look_every);
    }
    early_round_at_ = now;
    if (next_at_) next_at_ = now;
    co_return next_at_ ? now : until;
}

Task<void> Reconciler::run_round() {
    const UtcTime now = list_.twilio_now();
    std::vector<ReconcileWindow> planned = plan_windows(windows_, progress_, scope_.since, now);
    const RunPtr run = begin_run(planned.back().from, now);
    const bool is_kept = co_await keep_windows(std::move(planned));
    requests_left_ = requests_max;
    has_fresh_ = false;
    WalkEnd end = WalkEnd::done;
    while (is_kept && !windows_.empty() && end == WalkEnd::done) {
        ReconcileWindow window = windows_.front();
        end = co_await walk(window, run);
        if (end == WalkEnd::done) {
            windows_.erase(windows_.begin());
        } else {
            windows_.front() = std::move(window);
        }
    }
    if (end == WalkEnd::done) co_await look_for_only_here(run);
    co_await put_days(run->from, list_.twilio_now());
    if (!is_kept) end = WalkEnd::trouble;
    if (!is_kept && run->error.empty()) run->error = "the store cannot be written";
    next_at_ = next_round_at(end);
    co_await sweep_conversations(run);
    end_run(*run, end);
    has_told_ = true;
    co_await tell();
}

UtcTime Reconciler::next_round_at(WalkEnd end) {
    milliseconds wait = settings_.interval;
    const bool looks_again = end == WalkEnd::done && has_fresh_ && !is_second_look_;
    if (end == WalkEnd::trouble) {
        int count = list_.trouble() ? static_cast<int>(list_.trouble()->count) : 1;
        // One request is soon answered, and costs nobody anything.
        if (list_.are_credentials_refused()) count = 1;
        wait = trouble_wait(count, settings_.interval, list_.retry_after());
    } else if (end == WalkEnd::paused) {
        wait = std::min<milliseconds>(wait, behind_again);
    } else if (looks_again) {
        wait = std::min<milliseconds>(wait, fresh_again);
    }
    is_second_look_ = looks_again;
    return ports_.clock.now() + wait;
}

// Until Twilio's list is due again, or half as long while an order waits for its share; what is
// left has its turn after the next round.
Task<void> Reconciler::sweep_conversations(RunPtr run) {
    if (!sweep_ || is_stopping_ || sweep_->is_left_alone()) co_return;
    co_await sweep_->read_webhooks(alarm_);
    if (has_told_) co_await tell();
    const SweepScope scope = sweep_scope();
    if (!sweep_place_.begun_at) {
        sweep_place_.left = sweep_->next_stretch(sweep_place_, scope);
        sweep_place_.begun_at = sweep_place_.left.until;
    }
    const UtcTime now = ports_.clock.now();
    const UtcTime half_at = now + (next_at_.value_or(now) - now) / 2;
    const ConversationSweep::IsOver is_over = [this, half_at] {
        if (is_stopping_ || is_round_due()) return true;
        return is_order_due() && (!yields_to_rounds_ || ports_.clock.now() >= half_at);
    };
    for (;;) {
        SweepScope copy = scope;
        const auto step =
            co_await sweep_->work(sweep_place_.left, std::move(copy), run, alarm_, is_over);
        if (step != ConversationSweep::Step::page) co_return;
        const bool goes_on = co_await keep_conversations();
        if (!goes_on || is_over()) co_return;
    }
}

// False at the end of the stretch.
Task<bool> Reconciler::keep_conversations() {
    ConversationSweep::Place reached = sweep_place_;
    const bool is_done = reached.left.is_done();
    if (is_done) reached = {reached.begun_at, reached.left.open_since, std::nullopt, {}};
    NoteReconciliation note;
    note.values = sweep_values(reached);
    const bool is_kept = co_await commit(std::move(note));
    if (!is_done) co_return true;
    if (is_kept) sweep_place_ = std::move(reached);
    sweep_place_.begun_at.reset();
    co_return false;
}

SweepScope Reconciler::sweep_scope() const {
    SweepScope scope;
    scope.since = scope_.since;
    scope.our_agents = settings_.our_agents;
    scope.our_numbers = settings_.our_numbers;
    scope.accepts_inbound = settings_.accepts_inbound;
    const bool is_periodic = settings_.interval > milliseconds{0};
    if (is_periodic) scope.grace = std::min(scope.grace, settings_.interval);
    return scope;
}

// What Twilio knows of the days that were looked at, for the ledger.
Task<void> Reconciler::put_days(UtcTime from, UtcTime until) {
    const TimeZone& zone = settings_.zone;
    const UtcTime now = list_.twilio_now();
    const milliseconds slack = day_slack + 2 * settings_.interval;
    Date date = zone.date_at(from);
    const Date last = zone.date_at(until);
    for (; date <= last && !is_stopping_; date = next_date(date)) {
        const TimeSpan day = zone.span_of(date);
        auto read_slots = [&] { return ports_.store.twilio_slots(day.from, day.until); };
        const auto slots = co_await ports_.reads.run(read_slots);
        auto read_differences = [&] {
            return ports_.store.twilio_differences(day.from, day.until);
        };
        const auto differences = co_await ports_.reads.run(read_differences);
        if (!slots || !differences) co_return;
        if (slots->empty() && differences->empty()) continue;
        TwilioDay sum = sum_day(day, *slots, *differences, now, slack);
        if (is_left(day, windows_, now)) sum.is_complete = false;
        StoreOp op = PutTwilioDay{std::move(sum)};
        const StoreOutcome outcome = co_await ports_.commits.submit(op);
        if (!outcome) co_return;
    }
}

// Of calls that were first heard of since the last time, but for Twilio's own lag.
Task<void> Reconciler::look_for_only_here(RunPtr run) {
    const UtcTime until = ports_.clock.now() - only_here_lag;
    UtcTime from = checked_until_.value_or(until);
    from = std::max<UtcTime>(from, until - only_here_longest);
    OnlyHereCheck::Found found = co_await only_here_.run(from, until, is_stopping_);
    run->counts.only_here += std::ssize(found.only_here);
    NoteReconciliation note;
    UtcTime oldest = run->from;
    for (const TwilioDifference& one : found.only_here) {
        oldest = std::min(oldest, one.at);
        differences_.insert_or_assign(one.call_sid, one.at);
        ReconcileFinding finding;
        finding.call_sid = one.call_sid;
        finding.what = to_string(one.kind);
        finding.why = one.reason;
        add_finding(*run, std::move(finding));
    }
    note.found = std::move(found.only_here);
    note.values = {{checked_until_key, ms_or_nothing(found.checked_until)}};
    const bool is_kept = co_await commit(std::move(note));
    if (is_kept) checked_until_ = found.checked_until;
    // The round sums up only the days that it lists.
    if (is_kept && oldest < run->from) co_await put_days(oldest, run->from);
}

Reconciler::RunPtr Reconciler::begin_run(UtcTime from, UtcTime until) {
    auto run = std::make_shared<ReconcileRun>();
    run->id = ++last_run_id_;
    run->state = ReconcileRun::State::running;
    run->from = from;
    run->until = until;
    run->started_at = ports_.clock.now();
    runs_.push_front(run);
    while (runs_.size() > reconcile_runs_max) {
        const auto has_ended = [](const RunPtr& one) { return one->ended_at.has_value(); };
        const auto oldest = std::find_if(runs_.rbegin(), runs_.rend(), has_ended);
        if (oldest == runs_.rend()) break;
        runs_.erase(std::next(oldest).base());
    }
    return run;
}

void Reconciler::end_run(ReconcileRun& run, WalkEnd end) {
    run.ended_at = ports_.clock.now();
    run.state = end == WalkEnd::done ? ReconcileRun::State::done : ReconcileRun::State::failed;
    if (end == WalkEnd::paused) run.state = ReconcileRun::State::done;
    ports_.metrics.count(Counter::reconcile_runs, end == WalkEnd::trouble ? "trouble" : "ok");
    const bool is_news = run.counts.missed > 0 || run.counts.conversations > 0 ||
                         run.counts.unadoptable > 0 || run.is_ordered;
    if (!is_news) return;
    const ReconcileCounts& counts = run.counts;
    ports_.log.write({LogLevel::info,
                      LogTag::twilio,
                      "compared with Twilio",
                      "",
                      {{"listed", std::to_string(counts.listed)},
                       {"missed", std::to_string(counts.missed)},
                       {"appended", std::to_string(counts.appended)},
                       {"conversations", std::to_string(counts.conversations)},
                       {"unadoptable", std::to_string(counts.unadoptable)},
                       {"out_of_scope", std::to_string(counts.strangers)},
                       {"dry_run", run.is_dry_run ? "true" : "false"}}});
}

// ---- Where it is ----

Task<bool> Reconciler::load_place() {
    const Result<void> read = co_await read_place();
    if (!read) {
        ports_.metrics.count(Counter::store_errors, "reconcile");
        co_return false;
    }
    co_return true;
}

Task<Result<void>> Reconciler::read_place() {
    auto read_values = [this] { return ports_.store.kept_values(""); };
    auto values = co_await ports_.reads.run(read_values);
    if (!values) co_return std::move(values).error();
    auto read_differences = [this] {
        return ports_.store.twilio_differences(UtcTime::min(), UtcTime::max());
    };
    auto differences = co_await ports_.reads.run(read_differences);
    if (!differences) co_return std::move(differences).error();
    for (const TwilioDifference& one : *differences)
        differences_.insert_or_assign(one.call_sid, one.at);
    progress_.listed_until = time_in(*values, listed_until_key);
    progress_.open_since = time_in(*values, open_since_key);
    checked_until_ = time_in(*values, checked_until_key);
    sweep_place_ = sweep_place_in(*values);
    windows_.clear();
    for (const KeptValue& kept : *values) {
        if (!kept.key.starts_with(window_prefix)) continue;
        auto window = decode_window(kept.value);
        if (window) windows_.push_back(*std::move(window));
    }
    std::optional<UtcTime> first_start = time_in(*values, first_start_key);
    if (!first_start) {
        first_start = ports_.clock.now();
        NoteReconciliation note;
        note.values = {{first_start_key, ms_or_nothing(first_start)}};
        const bool is_kept = co_await commit(std::move(note));
        if (!is_kept) co_return Error{Errc::unavailable, "the store cannot be written"};
    }
    first_start_ = time_in(*values, first_start_by_twilio_key);
    scope_.since = settings_.since.value_or(first_start_.value_or(*first_start));
    // One that another node was given, it carries out as long as it lives.
    if (ports_.duties == nullptr || was_ours_) take_orders(*values);
    recall(*values);
    is_loaded_ = true;
    co_return Result<void>{};
}

std::vector<KeptValue> Reconciler::values_of(const ReconcileProgress& progress) const {
    return {{listed_until_key, ms_or_nothing(progress.listed_until)},
            {open_since_key, ms_or_nothing(progress.open_since)},
            {first_start_by_twilio_key, ms_or_nothing(first_start_)}};
}

std::string Reconciler::key_of(const ReconcileWindow& window) {
    return window_prefix + std::to_string(window.number);
}

// What is planned is kept before it is begun: the time since the last window cannot be lost.
Task<bool> Reconciler::keep_windows(std::vector<ReconcileWindow> windows) {
    NoteReconciliation note;
    std::int64_t last_number = 0;
    for (const ReconcileWindow& window : windows_) {
        note.values.push_back({key_of(window), ""});
        last_number = std::max(last_number, window.number);
    }
    for (ReconcileWindow& window : windows) {
        if (window.number == 0) window.number = ++last_number;
        note.values.push_back({key_of(window), encode_window(window)});
    }
    ReconcileProgress progress;
    progress.listed_until = windows.front().until;
    for (KeptValue& value : values_of(progress)) note.values.push_back(std::move(value));
    const bool is_kept = co_await commit(std::move(note));
    if (is_kept) {
        if (windows_.empty()) compared_until_ = progress_.listed_until;
        windows_ = std::move(windows);
        progress_ = progress;
    }
    co_return is_kept;
}

Task<bool> Reconciler::commit(NoteReconciliation note) {
    StoreOp op = std::move(note);
    const UtcTime give_up_at = ports_.clock.now() + store_patience;
    const auto goes_on = [this](const Error&) { return !is_stopping_; };
    const StoreOutcome outcome =
        co_await keep_submitting(ports_.commits, ports_.clock, op, give_up_at, goes_on);
    if (!outcome) ports_.metrics.count(Counter::store_errors, "reconcile");
    co_return outcome.has_value();
}

}  // namespace wrapup
