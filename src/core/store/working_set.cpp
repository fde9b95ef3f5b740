#include "core/store/working_set.hpp"

#include <algorithm>

#include "core/store/claim_rules.hpp"
#include "domain/number_spellings.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {

void CallRow::set_progress(const SettleProgress& progress) {
    call.progress = progress;
    is_progress_known = true;
}

void CallRow::set_metadata(const CallMetadata& metadata) {
    call.metadata = metadata;
    is_metadata_known = true;
}

// ---- Calls ----

// A row that is here already is newer than what was loaded.
WorkingCall& WorkingSet::take(CallRow row) {
    if (const auto found = by_id_.find(row.call.id); found != by_id_.end() && found->second) {
        return *found->second;
    }
    WorkingCall& taken = calls_.emplace_back();
    static_cast<CallRow&>(taken) = row;
    taken.stored = std::move(row);
    by_id_[taken.call.id] = &taken;
    return taken;
}

WorkingCall* WorkingSet::find_exactly(std::string_view id) {
    if (const auto found = by_id_.find(id); found != by_id_.end()) return found->second;
    if (auto row = source_.load_call(id)) return &take(*std::move(row));
    by_id_.emplace(id, nullptr);
    return nullptr;
}

WorkingCall* WorkingSet::find_by_identity(std::string_view id) {
    WorkingCall* const row = find_exactly(id);
    return row == nullptr ? nullptr : &survivor_of(*row);
}

WorkingCall* WorkingSet::find(std::string_view any_id) {
    WorkingCall* row = find_exactly(any_id);
    if (row == nullptr) {
        const auto found = by_conversation_.find(any_id);
        if (found != by_conversation_.end()) {
            row = found->second;
        } else {
            if (auto linked = source_.load_linked_call(any_id)) row = &take(*std::move(linked));
            by_conversation_.emplace(any_id, row);
        }
    }
    return row == nullptr ? nullptr : &survivor_of(*row);
}

WorkingCall& WorkingSet::survivor_of(WorkingCall& row) {
    WorkingCall* survivor = &row;
    while (survivor->call.state == CallState::merged) {
        WorkingCall* const next = find_exactly(survivor->call.merged_into);
        if (next == nullptr) {
            source_.report_damage("a call was merged into one that is not there");
            break;
        }
        survivor = next;
    }
    return *survivor;
}

WorkingCall& WorkingSet::make_call(std::string_view id, UtcTime first_event_at) {
    WorkingCall& row = calls_.emplace_back();
    row.no = source_.next_call_no();
    row.call.id = id;
    row.call.state = CallState::out_of_scope;
    row.call.first_event_at = first_event_at;
    row.call.last_event_at = first_event_at;
    row.is_progress_known = true;
    row.is_metadata_known = true;
    by_id_[row.call.id] = &row;
    return row;
}

void WorkingSet::link(std::string_view conversation_id, WorkingCall& row) {
    links_.emplace_back(conversation_id, row.no);
    by_conversation_.insert_or_assign(std::string(conversation_id), &row);
}

void WorkingSet::load_progress_and_metadata(WorkingCall& row) {
    if (!row.is_progress_known) {
        row.stored->set_progress(source_.load_progress(row.no));
        row.set_progress(row.stored->call.progress);
    }
    if (!row.is_metadata_known) {
        row.stored->call.metadata = source_.load_metadata(row.no);
        row.stored->is_metadata_known = true;
        row.call.metadata = row.stored->call.metadata;
        row.is_metadata_known = true;
    }
}

// ---- Events ----

const std::set<std::string>& WorkingSet::keys_of(WorkingCall& row) {
    if (!row.stored_keys) {
        row.stored_keys.emplace();
        if (row.stored && row.stored->call.events_count > 0) {
            for (EventKey& key : source_.load_event_keys(row.no)) {
                row.stored_keys->insert(std::move(key.dedup_key));
            }
        }
    }
    return *row.stored_keys;
}

bool WorkingSet::has_event(WorkingCall& row, std::string_view dedup_key) {
    const auto is_same = [dedup_key](const ArrivedEvent& event) {
        return event.dedup_key() == dedup_key;
    };
    if (std::ranges::any_of(row.arrived, is_same)) return true;
    if (row.stored_keys) return row.stored_keys->contains(std::string(dedup_key));
    return row.stored && source_.has_event(row.no, dedup_key);
}

std::int64_t WorkingSet::move_events(WorkingCall& source, WorkingCall& target) {
    keys_of(target);
    std::vector<ArrivedEvent> moving;
    if (source.stored && source.stored->call.events_count > 0) {
        for (EventKey& key : source_.load_event_keys(source.no)) {
            ArrivedEvent event;
            event.moved_from = {source.no, key.seq};
            event.moved_key = std::move(key.dedup_key);
            moving.push_back(std::move(event));
        }
    }
    std::ranges::move(source.arrived, std::back_inserter(moving));
    source.arrived.clear();
    std::int64_t moved_count = 0;
    for (ArrivedEvent& event : moving) {
        if (has_event(target, event.dedup_key())) {
            if (event.added == nullptr) dropped_events_.push_back(event.moved_from);
            continue;
        }
        event.seq = ++target.call.events_count;
        event.is_late = target.has_record();
        target.arrived.push_back(std::move(event));
        moved_count += 1;
    }
    source.call.events_count = 0;
    return moved_count;
}

std::optional<std::vector<StoredEvent>> WorkingSet::events_of(const WorkingCall& row) {
    std::vector<StoredEvent> events;
    if (row.stored && row.stored->call.events_count > 0) events = source_.load_events(row.no);
    for (const ArrivedEvent& arrived : row.arrived) {
        if (arrived.added == nullptr) return std::nullopt;
        const NewEvent& event = *arrived.added;
        events.push_back(
            {arrived.seq, event.kind, event.received_at, arrived.is_late, event.payload});
    }
    return events;
}

// ---- Metadata ----

class WorkingSet::RowsOfBatch final : public MetadataRows {
public:
    explicit RowsOfBatch(const WorkingSet& rows) : rows_(rows) {}

    std::optional<CallMetadata> load_handed_over(std::string_view call_id) override {
        const auto& puts = rows_.handed_over_;
        const auto last = std::find_if(puts.rbegin(), puts.rend(),
                                       [&](const auto* put) { return put->call_id == call_id; });
        if (last != puts.rend()) return (*last)->metadata;
        return rows_.source_.load_handed_over(call_id);
    }
    std::optional<Campaign> load_campaign(std::string_view id) override {
        const auto& puts = rows_.campaigns_;
        const auto last = std::find_if(puts.rbegin(), puts.rend(),
                                       [&](const auto* put) { return put->id == id; });
        if (last != puts.rend()) return **last;
        return rows_.source_.load_campaign(id);
    }
    std::optional<Contact> load_contact(std::string_view phone) override {
        const auto& puts = rows_.contacts_;
        const auto last = std::find_if(puts.rbegin(), puts.rend(),
                                       [&](const Contact& put) { return put.phone == phone; });
        if (last != puts.rend()) return *last;
        return rows_.source_.load_contact(phone);
    }

private:
    const WorkingSet& rows_;
};

CallMetadata WorkingSet::own_metadata(const MetadataKey& key) {
    RowsOfBatch rows(*this);
    return wrapup::own_metadata(rows, key);
}

std::optional<CallMetadata> WorkingSet::handed_over(std::string_view call_id) {
    return RowsOfBatch(*this).load_handed_over(call_id);
}

// ---- Do-not-call list ----

WorkingDoNotCall& WorkingSet::do_not_call_at(std::string_view phone) {
    std::string number = normalize_phone_number(phone);
    if (const auto found = do_not_call_.find(number); found != do_not_call_.end()) {
        return found->second;
    }
    const auto stored = source_.load_do_not_call(number);
    return do_not_call_.emplace(std::move(number), WorkingDoNotCall{stored, stored}).first->second;
}

bool WorkingSet::is_do_not_call(std::string_view phone) {
    const std::string other = other_spelling_of(normalize_phone_number(phone));
    return do_not_call_at(phone).entry.has_value() ||
           (!other.empty() && do_not_call_at(other).entry.has_value());
}

void WorkingSet::put(DoNotCall entry) {
    WorkingDoNotCall& kept = do_not_call_at(entry.phone);
    if (kept.entry) return;
    entry.phone = normalize_phone_number(entry.phone);
    kept.entry = std::move(entry);
}

bool WorkingSet::drop_do_not_call(std::string_view phone) {
    WorkingDoNotCall& kept = do_not_call_at(phone);
    const bool was_there = kept.entry.has_value();
    kept.entry.reset();
    return was_there;
}

// ---- Deliveries and destinations ----

WorkingDelivery* WorkingSet::find_delivery(std::int64_t id) {
    if (const auto found = by_delivery_id_.find(id); found != by_delivery_id_.end()) {
        return found->second;
    }
    auto loaded = source_.load_delivery(id);
    if (!loaded) {
        by_delivery_id_.emplace(id, nullptr);
        return nullptr;
    }
    WorkingCall& call = take(std::move(loaded->call));
    for (DeliveryRow& row : loaded->deliveries) {
        WorkingDelivery& taken = deliveries_.emplace_back();
        static_cast<DeliveryRow&>(taken) = row;
        taken.stored = std::move(row);
        taken.call = &call;
        call.deliveries.push_back(&taken);
        by_delivery_id_[taken.delivery.id] = &taken;
    }
    return by_delivery_id_[id];
}

WorkingDelivery& WorkingSet::make_delivery(WorkingCall& call, const NewDelivery& made) {
    WorkingDelivery& row = deliveries_.emplace_back();
    row.call = &call;
    row.call_no = call.no;
    row.delivery.id = source_.next_delivery_id();
    row.delivery.call_id = call.call.id;
    row.delivery.destination = made.destination;
    row.delivery.webhook_id = made.webhook_id;
    row.delivery.ended_at = call.call.ended_at;
    row.new_body = made.body.empty() ? call.fixed_record : std::string_view(made.body);
    call.deliveries.push_back(&row);
    by_delivery_id_[row.delivery.id] = &row;
    return row;
}

WorkingDestination& WorkingSet::destination(std::string_view name) {
    if (const auto found = destinations_.find(name); found != destinations_.end()) {
        return found->second;
    }
    WorkingDestination working;
    working.stored = source_.load_destination(name);
    if (working.stored) {
        static_cast<KeptDestination&>(working) = *working.stored;
        working.is_set = true;
    } else {
        working.row.name = name;
    }
    return destinations_.emplace(name, std::move(working)).first->second;
}

std::optional<SealedDay> WorkingSet::last_sealed() {
    if (!sealed_days_.empty()) return *sealed_days_.back();
    return source_.load_last_sealed();
}

std::optional<TimeSpan> WorkingSet::sealed_span() const {
    std::optional<TimeSpan> span = source_.sealed_span();
    if (sealed_days_.empty()) return span;
    if (!span) span = sealed_days_.front()->span;
    span->until = sealed_days_.back()->span.until;
    return span;
}

// What is stored may have changed in this batch: so many more are looked at.
std::vector<WorkingDelivery*> WorkingSet::to_sweep(std::string_view destination, const Sweep& sweep,
                                                   std::int64_t limit) {
    constexpr ParkReason reason = ParkReason::destination_gone;
    const std::int64_t more = limit + std::ssize(deliveries_);
    std::vector<std::int64_t> ids =
        sweep.parks ? source_.list_pending(destination, sweep.last_id, more)
                    : source_.list_parked(destination, reason, sweep.last_id, more);
    if (!sweep.parks) {
        const auto waiting = source_.list_waiting(destination, sweep.at, sweep.last_id, more);
        ids.insert(ids.end(), waiting.begin(), waiting.end());
    }
    for (const WorkingDelivery& row : deliveries_) ids.push_back(row.delivery.id);
    std::ranges::sort(ids);
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
    std::vector<WorkingDelivery*> rows;
    for (const std::int64_t id : ids) {
        WorkingDelivery* const row = find_delivery(id);
        if (row == nullptr || id > sweep.last_id) continue;
        const Delivery& delivery = row->delivery;
        const bool is_waiting =
            delivery.state == DeliveryState::pending && delivery.due_at > sweep.at;
        const bool is_meant =
            sweep.parks ? delivery.due_at.has_value() : delivery.parked == reason || is_waiting;
        if (is_meant && delivery.destination == destination) rows.push_back(row);
    }
    if (sweep.parks) {
        std::ranges::stable_sort(rows, {}, [](const auto* row) { return *wakes_at(*row); });
    }
    if (std::ssize(rows) > limit) rows.resize(static_cast<std::size_t>(limit));
    return rows;
}

// ---- Replays ----

WorkingReplay* WorkingSet::find_replay(std::int64_t id) {
    if (const auto found = replays_.find(id); found != replays_.end()) return &found->second;
    auto stored = source_.load_replay(id);
    if (!stored) return nullptr;
    WorkingReplay& job = replays_[id];
    static_cast<ReplayJob&>(job) = *stored;
    job.stored = std::move(stored);
    return &job;
}

WorkingReplay* WorkingSet::find_replay_of(std::string_view token) {
    for (auto& [id, job] : replays_) {
        if (job.token == token) return &job;
    }
    const auto stored = source_.load_replay_of(token);
    return stored ? find_replay(stored->id) : nullptr;
}

WorkingReplay& WorkingSet::make_replay(const StartReplay& op) {
    const std::int64_t id = source_.next_replay_id();
    WorkingReplay& job = replays_[id];
    job.id = id;
    job.token = op.token;
    job.order = op.order;
    job.order.only = {};
    job.reason = op.reason;
    job.started_at = op.at;
    job.count = op.count;
    job.last_id = op.last_id;
    job.left_out = op.left_out;
    return job;
}

void WorkingSet::shift_scheduled(milliseconds by) {
    const auto shift = [by](std::optional<UtcTime>& due_at, const std::optional<UtcTime>& stored) {
        if (due_at && due_at != stored) *due_at += by;
    };
    for (WorkingCall& call : calls_) {
        shift(call.call.due_at, call.stored ? call.stored->call.due_at : std::nullopt);
        for (WorkingDelivery* const row : call.deliveries) {
            shift(row->delivery.due_at, row->stored ? row->stored->delivery.due_at : std::nullopt);
        }
    }
}

}  // namespace wrapup
