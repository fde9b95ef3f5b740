// The calls of campaigns.

#include "core/store/list_rules.hpp"

#include <algorithm>

#include "core/placing/list_plan.hpp"
#include "core/store/store_rules.hpp"

namespace wrapup {

// ---- Rows ----

WorkingDialList* WorkingSet::find_dial_list(std::string_view id) {
    const auto known = dial_lists_.find(id);
    if (known != dial_lists_.end()) return &known->second;
    std::optional<DialList> loaded = source_.load_dial_list(id);
    if (!loaded) return nullptr;
    WorkingDialList& taken = dial_lists_[std::string(id)];
    taken.list = *loaded;
    taken.stored = std::move(loaded);
    return &taken;
}

WorkingDialList& WorkingSet::make_dial_list(DialList list) {
    WorkingDialList& made = dial_lists_[list.id];
    made.list = std::move(list);
    return made;
}

WorkingListRow* WorkingSet::find_list_row(const std::string& list_id, const std::string& to) {
    const auto known = by_list_and_number_.find({list_id, to});
    if (known != by_list_and_number_.end()) return known->second;
    std::optional<ListRow> loaded = source_.load_list_row(list_id, to);
    if (!loaded) return nullptr;
    WorkingListRow& taken = list_rows_.emplace_back();
    taken.row = *loaded;
    taken.stored = std::move(loaded);
    by_list_and_number_[{list_id, to}] = &taken;
    return &taken;
}

WorkingListRow& WorkingSet::make_list_row(ListRow row) {
    WorkingListRow& made = list_rows_.emplace_back();
    made.row = std::move(row);
    by_list_and_number_[{made.row.list_id, made.row.to}] = &made;
    return made;
}

std::optional<std::string> WorkingSet::list_batch(std::string_view key) {
    const auto known = list_batches_.find(key);
    return known == list_batches_.end() ? source_.load_list_batch(key) : known->second;
}

// ---- Rules ----

namespace {

// A list that says no end is given up so long after it was made.
constexpr std::chrono::hours window_default{24 * 30};
// A number that was called often enough in 24 hours is looked at again so much later.
constexpr std::chrono::hours often_enough_wait{1};

void count(DialList& list, const std::string& key, std::int64_t by) {
    std::int64_t& counted = list.counts[key];
    counted += by;
    if (counted == 0) list.counts.erase(key);
}

void change(DialList& list, WorkingListRow& kept, ListRow next) {
    if (next == kept.row) return;
    count(list, counted_as(kept.row), -1);
    count(list, counted_as(next), 1);
    count(list, "attempts", next.attempts_count - kept.row.attempts_count);
    next.version += 1;
    kept.row = std::move(next);
}

ListRow done_with(ListRow row, std::string_view outcome, UtcTime now) {
    row.state = ListRowState::done;
    row.outcome = outcome;
    row.due_at.reset();
    row.ended_at = now;
    return row;
}

DialList new_list(WorkingSet& rows, const PutListRows& op, UtcTime now) {
    DialList made;
    made.id = op.list.id;
    made.created_at = now;
    made.retry_busy = op.list.retry_busy;
    made.retry_no_answer = op.list.retry_no_answer;
    made.not_after = std::max(now, op.list.not_before.value_or(now)) + window_default;
    const auto campaign = rows.find_campaign(made.id);
    made.campaign_name = campaign && !campaign->name.empty() ? campaign->name : made.id;
    return made;
}

void take_settings(DialList& list, const PutListRows& op) {
    const DialList& said = op.list;
    if (!said.campaign_name.empty()) list.campaign_name = said.campaign_name;
    if (!said.from.empty()) list.from = said.from;
    if (!said.agent_id.empty()) list.agent_id = said.agent_id;
    if (said.timeout_s != 0) list.timeout_s = said.timeout_s;
    if (said.not_before) list.not_before = said.not_before;
    if (said.not_after) list.not_after = said.not_after;
    if (!op.has_retry) return;
    list.retry_busy = said.retry_busy;
    list.retry_no_answer = said.retry_no_answer;
}

Error was_cancelled() {
    return {Errc::conflict, "the calls of this campaign were cancelled: use another campaign's id"};
}

// Nobody could be called in a list that ends before it begins.
bool has_no_window(const DialList& list, const PutListRows& op) {
    if (!op.list.not_before && !op.list.not_after) return false;
    return list.not_before && *list.not_after <= *list.not_before;
}

// Who is new to it could only expire.
bool is_over_for_new(WorkingSet& rows, const DialList& list, const PutListRows& op, UtcTime now) {
    return *list.not_after <= now && std::ranges::any_of(op.rows, [&](const ListRow& row) {
        return rows.find_list_row(list.id, row.to) == nullptr;
    });
}

// It was done when it came.
bool is_spared(const ListRow& row) { return row.state == ListRowState::done && row.version == 1; }

// Nobody was rung, and whatever was in the way of it may be gone.
bool may_be_taken_up(const DialList& list, const ListRow& row, UtcTime now) {
    return row.state == ListRowState::done && row.attempts_count == 0 &&
           row.outcome != "cancelled" && now < *list.not_after;
}

// What is left out stays as it was.
ListRow as_said_now(ListRow row, const ListRow& said) {
    if (!said.name.empty()) row.name = said.name;
    if (!said.variables.empty()) row.variables = said.variables;
    if (!said.time_zone.empty()) row.time_zone = said.time_zone;
    return row;
}

// Counts what comes of it. The row, when it is a new one or has changed.
std::optional<ListRow> judge_known_row(WorkingSet& rows, const DialList& list, const ListRow& known,
                                       const ListRow& asked, UtcTime now, ListOutcome& outcome) {
    if (!asked.batch.empty() && known.batch == asked.batch) {
        (is_spared(known) ? outcome.spared[known.outcome] : outcome.accepted_count) += 1;
        return std::nullopt;
    }
    ListRow next = as_said_now(known, asked);
    const UtcTime first_at = std::max(now, list.not_before.value_or(now));
    if (may_be_taken_up(list, known, now) && !rows.is_do_not_call(known.to)) {
        outcome.accepted_count += 1;
        next.state = ListRowState::waiting;
        next.outcome.clear();
        next.intent_id.clear();
        next.due_at = first_at;
        next.ended_at.reset();
        return next;
    }
    outcome.known_count += 1;
    const bool is_as_before = next == known;
    if (known.state != ListRowState::waiting) {
        if (!is_as_before && known.attempts_count > 0) outcome.kept_count += 1;
        return std::nullopt;
    }
    if (!is_as_before) outcome.corrected_count += 1;
    // Its zone's hours may be others, or the list may begin earlier. A retry keeps its wait.
    if (known.attempts_count == 0) next.due_at = std::min(next.due_at.value_or(first_at), first_at);
    return next;
}

std::optional<ListRow> judge_row(WorkingSet& rows, const DialList& list, const ListRow& asked,
                                 UtcTime now, ListOutcome& outcome) {
    if (const WorkingListRow* const known = rows.find_list_row(list.id, asked.to)) {
        return judge_known_row(rows, list, known->row, asked, now, outcome);
    }
    ListRow made = asked;
    made.list_id = list.id;
    made.version = 1;
    made.due_at = std::max(now, list.not_before.value_or(now));
    // Whether another call to it is open counts when it is its turn.
    if (rows.is_do_not_call(made.to)) {
        made = done_with(std::move(made), to_string(IntentRefusal::do_not_call), now);
        outcome.spared[made.outcome] += 1;
    } else {
        outcome.accepted_count += 1;
    }
    return made;
}

ListRow opened(WorkingSet& rows, const WorkList& op, const WorkList::Step& step, ListRow row,
               UtcTime now) {
    WorkingIntent* const held = row.intent_id.empty() ? nullptr : rows.find_intent(row.intent_id);
    if (held != nullptr && held->intent.is_open()) {
        if (held->intent.state == IntentState::waiting) {
            held->intent = resumed_attempt(std::move(held->intent), *step.intent, now);
        }
        return resumed_row(std::move(row), held->intent);
    }
    const PutIntent put{*step.intent, op.attempts_max, op.attempts_since};
    const StoreOutcome made = apply(rows, put, now);
    const IntentRefusal refusal =
        made ? std::get<IntentOutcome>(*made).refusal : IntentRefusal::already_open;
    if (refusal == IntentRefusal::too_many_attempts) {
        row.outcome = too_many_attempts;
        row.due_at = now + often_enough_wait;
        return row;
    }
    if (refusal != IntentRefusal::none) return done_with(std::move(row), to_string(refusal), now);
    row.state = ListRowState::calling;
    row.intent_id = step.intent->id;
    row.attempts_count += 1;
    row.due_at.reset();
    return row;
}

}  // namespace

StoreOutcome apply(WorkingSet& rows, const PutListRows& op, UtcTime now) {
    ListOutcome outcome;
    if (!op.batch.empty()) {
        const auto hash = rows.list_batch(op.batch);
        if (hash && *hash != op.request_hash) {
            outcome.refusal = IntentRefusal::key_reused;
            return outcome;
        }
    }
    WorkingDialList* known = rows.find_dial_list(op.list.id);
    if (known != nullptr && known->list.state == DialListState::cancelled) return was_cancelled();
    DialList list = known == nullptr ? new_list(rows, op, now) : known->list;
    if (known != nullptr) outcome.before = list;
    take_settings(list, op);
    if (has_no_window(list, op)) {
        return Error{Errc::invalid_input,
                     "the list would begin at " + format_rfc3339(*list.not_before) +
                         " and end at " + format_rfc3339(*list.not_after) +
                         ": a not_after that comes after not_before is wanted"};
    }
    if (is_over_for_new(rows, list, op, now)) {
        return Error{Errc::invalid_input, "the calls of this campaign ended at " +
                                              format_rfc3339(*list.not_after) +
                                              ": a later not_after is wanted for new ones"};
    }
    if (op.is_dry_run) {
        for (const ListRow& row : op.rows) (void)judge_row(rows, list, row, now, outcome);
        outcome.list = std::move(list);
        return outcome;
    }
    for (const ListRow& row : op.rows) {
        auto judged = judge_row(rows, list, row, now, outcome);
        if (!judged) continue;
        if (WorkingListRow* const kept = rows.find_list_row(list.id, judged->to)) {
            change(list, *kept, *std::move(judged));
            continue;
        }
        count(list, counted_as(*judged), 1);
        rows.make_list_row(*std::move(judged));
    }
    if (!op.batch.empty()) rows.put_list_batch(op.batch, op.request_hash);
    outcome.list = list;
    if (known == nullptr) {
        rows.make_dial_list(std::move(list));
    } else {
        known->list = std::move(list);
    }
    return outcome;
}

StoreOutcome apply(WorkingSet& rows, const SetDialList& op, UtcTime) {
    WorkingDialList* const kept = rows.find_dial_list(op.id);
    if (kept == nullptr) return Error{Errc::not_found, "no calls were asked for of this campaign"};
    DialList& list = kept->list;
    const bool is_cancelled = list.state == DialListState::cancelled;
    if (is_cancelled && op.state != DialListState::cancelled) return was_cancelled();
    // Where all is done there is nothing to be held, and done it stays.
    if (op.state == DialListState::active || !has_ended(list)) {
        list.state = op.state;
        list.reason.clear();
    }
    ListOutcome outcome;
    outcome.list = list;
    return outcome;
}

StoreOutcome apply(WorkingSet& rows, const WorkList& op, UtcTime now) {
    WorkingDialList* const kept = rows.find_dial_list(op.list_id);
    if (kept == nullptr) return Error{Errc::not_found, "no calls were asked for of this campaign"};
    DialList& list = kept->list;
    ListOutcome outcome;
    for (const WorkList::Step& step : op.steps) {
        WorkingListRow* const row = rows.find_list_row(op.list_id, step.to);
        const bool is_as_seen = row != nullptr && row->row.version == step.seen_version &&
                                row->row.state == ListRowState::waiting;
        if (!is_as_seen || list.state != DialListState::active) continue;
        ListRow next = row->row;
        if (step.intent) {
            next = opened(rows, op, step, std::move(next), now);
        } else if (step.due_at) {
            next.due_at = step.due_at;
        } else {
            next = done_with(std::move(next), step.outcome, now);
        }
        if (next.state == ListRowState::calling) outcome.accepted_count += 1;
        change(list, *row, std::move(next));
    }
    outcome.list = list;
    return outcome;
}

namespace {

struct AttemptRows {
    WorkingDialList* list = nullptr;
    WorkingListRow* row = nullptr;  // Null: the intent is no attempt of a row.
};

AttemptRows rows_of_attempt(WorkingSet& rows, const Intent& intent) {
    if (intent.list_id.empty()) return {};
    WorkingDialList* const list = rows.find_dial_list(intent.list_id);
    WorkingListRow* const row = rows.find_list_row(intent.list_id, intent.to);
    if (list == nullptr || row == nullptr || row->row.intent_id != intent.id) return {list, {}};
    return {list, row};
}

}  // namespace

void hold_list_attempt(WorkingSet& rows, Intent& intent, UtcTime now) {
    const auto [list, row] = rows_of_attempt(rows, intent);
    if (row == nullptr) return;
    if (list->list.not_after) intent.not_after = list->list.not_after;
    if (row->row.state != ListRowState::calling) return;
    change(list->list, *row, held_row(row->row, intent, now));
}

void take_up_list_attempt(WorkingSet& rows, const Intent& intent) {
    const auto [list, row] = rows_of_attempt(rows, intent);
    if (row == nullptr || row->row.state != ListRowState::waiting) return;
    change(list->list, *row, resumed_row(row->row, intent));
}

DialListState state_for_attempt(WorkingSet& rows, const Intent& intent) {
    const auto [list, row] = rows_of_attempt(rows, intent);
    if (list == nullptr) return DialListState::active;
    // Between the pause and its turn.
    const bool is_held = row != nullptr && row->row.state == ListRowState::waiting;
    const bool is_active = list->list.state == DialListState::active;
    return is_active && is_held ? DialListState::paused : list->list.state;
}

void end_list_attempt(WorkingSet& rows, const Intent& intent, UtcTime now) {
    const auto [kept, row] = rows_of_attempt(rows, intent);
    if (row == nullptr) return;
    DialList& list = kept->list;
    const bool is_news = row->row.state == ListRowState::calling;
    if (is_news) {
        change(list, *row, after_attempt(row->row, list, intent, now));
    } else if (may_be_corrected(row->row)) {
        ListRow corrected = row->row;
        corrected.outcome = outcome_of(intent);
        change(list, *row, std::move(corrected));
    }
    if (!concerns_every_call(intent)) return;
    if (is_news) count(list, "refused", 1);
    if (list.state == DialListState::active) {
        list.state = DialListState::paused;
        list.reason = "Twilio refuses the calls: " + intent.advice;
    }
}

}  // namespace wrapup
