// What it tells: kept in the store with each round, for other nodes and after a restart.

#include <algorithm>

#include "codec/reconcile_json.hpp"
#include "service/reconciler/reconciler.hpp"
#include "service/tasks/run_on.hpp"

namespace wrapup {
namespace {

constexpr const char* told_key = "reconcile.told";
constexpr seconds hear_every{5};

// What one node ran because a person asked there, under its id.
constexpr const char* ordered_prefix = "reconcile.ordered.";
constexpr std::size_t ordered_told_max = 5;

// Newest first; of one that both know, what the first ones say, but that it has ended.
std::vector<ReconcileRun> all_runs(std::vector<ReconcileRun> runs,
                                   const std::vector<ReconcileRun>& more) {
    for (const ReconcileRun& run : more) {
        const auto known = std::ranges::find(runs, run.id, &ReconcileRun::id);
        if (known == runs.end()) {
            runs.push_back(run);
        } else if (!known->ended_at && run.ended_at) {
            *known = run;
        }
    }
    std::ranges::stable_sort(runs, std::greater{}, &ReconcileRun::started_at);
    if (runs.size() > reconcile_runs_max) runs.resize(reconcile_runs_max);
    return runs;
}

}  // namespace

Task<ReconcileStatus> Reconciler::status() {
    auto work = status_on_workers();
    co_return co_await run_on(workers_, std::move(work));
}

std::optional<std::vector<AlertCondition>> Reconciler::webhook_alerts() const {
    if (!sweep_) return std::vector<AlertCondition>{};
    const bool is_own = has_told_ || !told_;
    const auto& webhooks = is_own ? sweep_->webhooks() : told_->webhooks;
    if (!webhooks) return std::nullopt;
    std::vector<AlertCondition> alerts;
    for (const WebhookHealth& webhook : *webhooks) {
        if (!webhook.is_auto_disabled || !alerts.empty()) continue;
        alerts.push_back({std::string(webhook_alert_key),
                          "ElevenLabs has switched a post-call webhook off, after failures: "
                          "summaries are fetched, and calls it alone tells of are found by listing",
                          "mend what it met (wrapup doctor), enable it in ElevenLabs' settings"});
    }
    return alerts;
}

// Windows that are left begin before that: they overlap with what was listed.
std::optional<UtcTime> Reconciler::compared_until() const {
    if (windows_.empty()) return progress_.listed_until;
    if (compared_until_) return compared_until_;
    std::optional<UtcTime> earliest = progress_.listed_until;
    for (const ReconcileWindow& window : windows_) {
        if (earliest) earliest = std::min(*earliest, window.from);
    }
    return earliest;
}

ReconcileStatus Reconciler::own_status() const {
    ReconcileStatus status;
    status.interval = settings_.interval;
    if (was_ours_) status.next_at = next_at_;
    status.listed_until = compared_until();
    status.windows_left = std::ssize(windows_);
    status.twilio = list_.trouble();
    status.clock_ahead = list_.clock_ahead();
    if (sweep_) {
        status.elevenlabs = sweep_->trouble();
        status.webhooks = sweep_->webhooks();
        status.webhooks_asked_at = sweep_->webhooks_asked_at();
    }
    for (const RunPtr& run : runs_) status.runs.push_back(*run);
    status.runs = all_runs(std::move(status.runs), runs_before_);
    return status;
}

Task<ReconcileStatus> Reconciler::status_on_workers() {
    const std::vector<ReconcileRun> elsewhere = co_await ordered_elsewhere();
    ReconcileStatus own = own_status();
    own.runs = all_runs(std::move(own.runs), elsewhere);
    if (has_told_ || !told_) co_return own;
    ReconcileStatus status = *told_;
    status.interval = own.interval;
    status.runs = all_runs(own.runs, told_->runs);
    if (!was_ours_) co_return status;
    // What the first round has not asked for yet.
    status.node.clear();
    status.next_at = own.next_at;
    status.listed_until = own.listed_until;
    status.windows_left = own.windows_left;
    if (own.twilio) status.twilio = own.twilio;
    if (own.elevenlabs) status.elevenlabs = own.elevenlabs;
    if (own.clock_ahead) status.clock_ahead = own.clock_ahead;
    co_return status;
}

// Where it makes rounds: what only an order met would stay until the next one.
Task<void> Reconciler::tell() {
    if (settings_.interval <= milliseconds{0}) co_return;
    if (ports_.duties != nullptr && !ports_.duties->has(duty::reconcile)) co_return;
    ReconcileStatus status = own_status();
    status.node = settings_.node;
    for (ReconcileRun& run : status.runs) run.findings.clear();
    NoteReconciliation note;
    note.values.push_back({told_key, encode_status(status)});
    StoreOp op = std::move(note);
    (void)co_await ports_.commits.submit(op);  // Else with the next round.
}

// Whatever node is asked next about an order tells of it; with findings of the last one alone.
std::vector<KeptValue> Reconciler::ordered_here() const {
    ReconcileStatus ordered;
    for (const RunPtr& run : runs_) {
        if (!run->is_ordered || ordered.runs.size() == ordered_told_max) continue;
        const bool is_last = ordered.runs.empty();
        ordered.runs.push_back(*run);
        if (!is_last) ordered.runs.back().findings.clear();
    }
    if (ports_.duties == nullptr || ordered.runs.empty()) return {};
    return {{ordered_prefix + settings_.node, encode_status(ordered)}};
}

Task<std::vector<ReconcileRun>> Reconciler::ordered_elsewhere() {
    std::vector<ReconcileRun> runs;
    if (ports_.duties == nullptr) co_return runs;
    auto read = [this] { return ports_.store.kept_values(ordered_prefix); };
    const auto values = co_await ports_.reads.run(read);
    if (!values) co_return runs;
    for (const KeptValue& kept : *values) {
        const auto ordered = decode_status(kept.value);
        if (ordered) runs = all_runs(std::move(runs), ordered->runs);
    }
    co_return runs;
}

Task<void> Reconciler::tell_ordered() {
    NoteReconciliation note;
    note.values = ordered_here();
    if (note.values.empty()) co_return;
    (void)co_await commit(std::move(note));
}

// Of another node that makes the rounds.
Task<void> Reconciler::hear() {
    const UtcTime now = ports_.clock.now();
    const bool is_recent = heard_at_ && now >= *heard_at_ && now < *heard_at_ + hear_every;
    if (is_recent && !has_told_) co_return;
    auto read = [this] { return ports_.store.kept_values(told_key); };
    const auto values = co_await ports_.reads.run(read);
    if (!values) co_return;
    heard_at_ = now;
    recall(*values);
}

void Reconciler::recall(const std::vector<KeptValue>& values) {
    has_told_ = false;
    told_.reset();
    const auto found = std::ranges::find(values, told_key, &KeptValue::key);
    if (found == values.end() || settings_.interval <= milliseconds{0}) return;
    auto told = decode_status(found->value);
    if (!told) return;
    runs_before_.clear();
    for (const ReconcileRun& run : told->runs) {
        last_run_id_ = std::max(last_run_id_, run.id);
        if (run.ended_at) runs_before_.push_back(run);
    }
    told_ = *std::move(told);
}

}  // namespace wrapup
