// What a person orders: kept in the store until it has ended, so that a restart goes on.

#include <algorithm>
#include <boost/asio/post.hpp>
#include <limits>

#include "codec/reconcile_json.hpp"
#include "service/reconciler/reconciler.hpp"
#include "service/tasks/root_task.hpp"
#include "service/tasks/run_on.hpp"

namespace wrapup {
namespace {

constexpr const char* order_prefix = "reconcile.order.";
constexpr std::ptrdiff_t waiting_max = 8;
constexpr seconds load_retry{1};
constexpr seconds look_for_duty{1};
constexpr milliseconds load_again{100};
constexpr seconds load_patience{30};
// Of Twilio, whose waits double: about an hour and a half.
constexpr int order_troubles_max = 12;
constexpr int troubles_max = 4;
constexpr seconds trouble_pause{5};
constexpr std::chrono::minutes trouble_pause_max{5};

std::string order_key(const KeptOrder& order) { return order_prefix + std::to_string(order.id); }

}  // namespace

KeptValue Reconciler::value_of(const Ordered& ordered) {
    KeptOrder place = ordered.place;
    place.counts = ordered.run->counts;
    return {order_key(place), encode_order(place)};
}

Task<bool> Reconciler::wait_until_loaded() {
    const UtcTime give_up_at = ports_.clock.now() + load_patience;
    while (!is_loaded_) {
        if (is_stopping_ || ports_.clock.now() >= give_up_at) co_return false;
        const UtcTime again_at = ports_.clock.now() + load_again;
        co_await ports_.clock.sleep_until(again_at);
    }
    co_return true;
}

Task<Result<ReconcileRun>> Reconciler::order(ReconcileOrder order) {
    auto work = order_on_workers(order);
    co_return co_await run_on(workers_, std::move(work));
}

Task<Result<ReconcileRun>> Reconciler::find_run(std::int64_t id) {
    auto work = find_on_workers(id);
    co_return co_await run_on(workers_, std::move(work));
}

Task<Result<ReconcileRun>> Reconciler::find_on_workers(std::int64_t id) {
    const bool is_loaded = co_await wait_until_loaded();
    if (!is_loaded) co_return Error{Errc::unavailable, "the store cannot be read"};
    const auto is_meant = [id](const RunPtr& run) { return run->id == id; };
    const auto found = std::ranges::find_if(runs_, is_meant);
    if (found != runs_.end()) co_return **found;
    const ReconcileStatus all = co_await status_on_workers();
    const auto told = std::ranges::find(all.runs, id, &ReconcileRun::id);
    if (told == all.runs.end()) co_return Error{Errc::not_found, "no such run"};
    co_return *told;
}

Task<Result<ReconcileRun>> Reconciler::order_on_workers(ReconcileOrder order) {
    const bool is_loaded = co_await wait_until_loaded();
    if (!is_loaded) co_return Error{Errc::unavailable, "the store cannot be read"};
    const UtcTime until = std::min(order.until, list_.twilio_now());
    if (order.from >= until) {
        co_return Error{Errc::invalid_input, "there is no time between from and to"};
    }
    const auto waits = [](const RunPtr& run) { return run->is_ordered && !run->ended_at; };
    if (std::ranges::count_if(runs_, waits) >= waiting_max) {
        co_return Error{Errc::conflict, "other runs are waiting; ask again when they are done"};
    }
    // Of several nodes each gives ids of its own, unless in the same millisecond.
    const std::int64_t now_ms = to_unix_ms(ports_.clock.now());
    if (ports_.duties != nullptr) last_run_id_ = std::max(last_run_id_, now_ms - 1);
    RunPtr run = begin_run(order.from, until);
    run->state = ReconcileRun::State::waiting;
    run->is_ordered = true;
    run->is_dry_run = order.is_dry_run;
    Ordered ordered;
    ordered.run = run;
    ordered.place.id = run->id;
    ordered.place.from = order.from;
    ordered.place.until = until;
    ordered.place.is_dry_run = order.is_dry_run;
    ordered.place.windows = windows_between(order.from, until);
    ordered.place.conversations_until = until;
    NoteReconciliation note;
    note.values = ordered_here();
    note.values.push_back(value_of(ordered));
    const bool is_kept = co_await commit(std::move(note));
    if (!is_kept) {
        run->error = "the store cannot be written";
        run->state = ReconcileRun::State::failed;
        run->ended_at = ports_.clock.now();
        co_return Error{Errc::unavailable, run->error};
    }
    waiting_.push_back(std::move(ordered));
    alarm_.ring();
    co_return *run;
}

// Those that had not ended when the process did, in the order they were given.
void Reconciler::take_orders(const std::vector<KeptValue>& values) {
    std::vector<KeptOrder> orders;
    for (const KeptValue& kept : values) {
        if (!kept.key.starts_with(order_prefix)) continue;
        auto order = decode_order(kept.value);
        if (order) {
            orders.push_back(*std::move(order));
            continue;
        }
        ports_.log.write({LogLevel::warning,
                          LogTag::none,
                          "a reconciliation that was ordered cannot be read, and is left out",
                          "",
                          {{"key", kept.key}, {"error", order.error().detail}}});
    }
    std::ranges::sort(orders, {}, &KeptOrder::id);
    const auto is_known = [&](const KeptOrder& order) {
        return std::ranges::any_of(waiting_,
                                   [&](const Ordered& one) { return one.place.id == order.id; });
    };
    std::erase_if(orders, is_known);
    const std::int64_t last_run_id = last_run_id_;
    for (KeptOrder& order : orders) {
        last_run_id_ = order.id - 1;
        Ordered ordered;
        ordered.run = begin_run(order.from, order.until);
        ordered.run->state = ReconcileRun::State::waiting;
        ordered.run->is_ordered = true;
        ordered.run->is_dry_run = order.is_dry_run;
        ordered.run->counts = order.counts;
        ordered.place = std::move(order);
        waiting_.push_back(std::move(ordered));
    }
    last_run_id_ = std::max(last_run_id_, last_run_id);
}

bool Reconciler::is_order_due() const {
    if (waiting_.empty() || (yields_to_rounds_ && is_round_due())) return false;
    return !order_again_at_ || *order_again_at_ <= ports_.clock.now();
}

// Twilio is in trouble that passes: the rounds have their turn meanwhile.
bool Reconciler::puts_off(const ReconcileRun& run, WalkEnd end) {
    if (end != WalkEnd::trouble || !list_.trouble() || !list_.passes_by_itself()) return false;
    order_troubles_ += 1;
    if (order_troubles_ >= order_troubles_max) return false;
    const milliseconds wait = trouble_wait(order_troubles_, trouble_pause, list_.retry_after());
    order_again_at_ = ports_.clock.now() + wait;
    ports_.log.write({LogLevel::info,
                      LogTag::twilio,
                      "a reconciliation that was ordered waits for Twilio",
                      "",
                      {{"error", run.error}, {"again_at", format_rfc3339(*order_again_at_)}}});
    return true;
}

Task<void> Reconciler::run_order() {
    const RunPtr run = waiting_.front().run;
    const bool goes_on = order_troubles_ > 0 || run->state == ReconcileRun::State::running;
    if (!goes_on) run->started_at = ports_.clock.now();
    run->state = ReconcileRun::State::running;
    run->error.clear();
    order_again_at_.reset();
    WalkEnd end = co_await walk_order(run);
    if (!run->is_dry_run && !waiting_.front().are_days_put) {
        co_await put_days(run->from, run->until);
        waiting_.front().are_days_put = end == WalkEnd::done;
    }
    if (puts_off(*run, end)) {
        run->state = ReconcileRun::State::waiting;
        co_return;
    }
    order_troubles_ = 0;
    if (end == WalkEnd::done) end = co_await list_conversations(run);
    if (is_stopping_) {
        run->state = ReconcileRun::State::waiting;
        co_return;
    }
    yields_to_rounds_ = end == WalkEnd::paused;
    if (yields_to_rounds_) co_return;
    NoteReconciliation note;
    note.values.push_back({order_key(waiting_.front().place), ""});
    // If this is lost, the order goes on at the next start.
    (void)co_await commit(std::move(note));
    waiting_.pop_front();
    end_run(*run, end);
}

Task<Reconciler::WalkEnd> Reconciler::walk_order(RunPtr run) {
    while (!waiting_.front().place.windows.empty()) {
        ReconcileWindow window = waiting_.front().place.windows.front();
        const bool goes_on = !window.next_page.empty();
        requests_left_ = std::numeric_limits<int>::max();
        WalkEnd end = co_await walk(window, run);
        const bool is_place_lost = goes_on && !window.begun_at;
        if (end == WalkEnd::trouble && is_place_lost) {
            run->error.clear();
            end = co_await walk(window, run);
        }
        if (end != WalkEnd::done) co_return end;
    }
    co_return WalkEnd::done;
}

void Reconciler::list_again(UtcTime from, UtcTime until) {
    if (settings_.interval <= milliseconds{0}) return;
    boost::asio::post(workers_, [this, order = ReconcileOrder{from, until}] {
        spawn_root(workers_, order_unasked(order));
    });
}

// Where it is refused, the alert says what to do.
Task<void> Reconciler::order_unasked(ReconcileOrder order) {
    (void)co_await order_on_workers(order);
}

// Newest first, and apart from the place of the rounds, which have their turn meanwhile.
Task<Reconciler::WalkEnd> Reconciler::list_conversations(RunPtr run) {
    if (!sweep_) co_return WalkEnd::done;
    Ordered& ordered = waiting_.front();
    if (!ordered.conversations) {
        ordered.conversations.emplace();
        ordered.conversations->from = run->from;
        ordered.conversations->until = ordered.place.conversations_until;
        ordered.conversations->is_exact = true;
    }
    ConversationSweep::Stretch& left = *ordered.conversations;
    const ConversationSweep::IsOver is_over = [this] { return is_stopping_ || is_round_due(); };
    while (!left.is_done()) {
        co_await wait_for_elevenlabs(ordered);
        if (is_over()) co_return WalkEnd::paused;
        SweepScope scope = sweep_scope();
        const auto step = co_await sweep_->work(left, std::move(scope), run, alarm_, is_over);
        if (step == ConversationSweep::Step::paused) co_return WalkEnd::paused;
        if (step == ConversationSweep::Step::page) {
            ordered.troubles_count = 0;
            ordered.again_at.reset();
            const bool is_further = left.until != ordered.place.conversations_until;
            ordered.place.conversations_until = left.until;
            if (run->is_dry_run || !is_further) continue;
            NoteReconciliation note;
            note.values.push_back(value_of(ordered));
            const bool is_kept = co_await commit(std::move(note));
            if (is_kept) continue;
            run->error = "the store cannot be written";
            co_return WalkEnd::trouble;
        }
        ordered.troubles_count += 1;
        ordered.again_at = ports_.clock.now() + ordered.troubles_count * trouble_pause;
        if (ordered.troubles_count == troubles_max) {
            const auto& trouble = sweep_->trouble();
            run->error = "ElevenLabs' conversations were not listed to the end";
            if (trouble) run->error += ": " + trouble->what;
            co_return WalkEnd::trouble;
        }
    }
    co_return WalkEnd::done;
}

Task<void> Reconciler::wait_for_elevenlabs(const Ordered& ordered) {
    const UtcTime now = ports_.clock.now();
    UtcTime again_at = ordered.again_at.value_or(now);
    if (sweep_->not_before()) again_at = std::max(again_at, *sweep_->not_before());
    again_at = std::min<UtcTime>(again_at, now + trouble_pause_max);
    // The alarm rings for others, too; and a clock that is set makes nobody wait for longer.
    for (;;) {
        const milliseconds left = again_at - ports_.clock.now();
        if (is_stopping_ || is_round_due()) co_return;
        if (left <= milliseconds{0} || left > trouble_pause_max) co_return;
        const UtcTime until = std::min(again_at, next_at_.value_or(again_at));
        co_await ports_.clock.sleep_until(until, &alarm_);
    }
}

// ---- The duty ----

Task<void> Reconciler::load() {
    for (bool is_loaded = false; !is_loaded && !is_stopping_;) {
        is_loaded = co_await load_place();
        if (is_loaded) break;
        const UtcTime again_at = ports_.clock.now() + load_retry;
        co_await ports_.clock.sleep_until(again_at, &alarm_);
    }
    next_at_.reset();
    if (settings_.interval > milliseconds{0}) next_at_ = ports_.clock.now();
}

// Of several nodes one makes the rounds. Who takes over begins where the last one noted that it
// was.
Task<void> Reconciler::follow_duty() {
    const bool is_ours = ports_.duties == nullptr || ports_.duties->has(duty::reconcile);
    const bool is_new = is_ours && !was_ours_;
    was_ours_ = is_ours;
    if (is_new) co_await load();
    if (is_ours) co_return;
    next_at_ = ports_.clock.now() + look_for_duty;
    co_await hear();
}

}  // namespace wrapup
