// Loading, saving and claiming of the memory store.

#include "sim/memory_store.hpp"

#include <algorithm>

#include "codec/state_json.hpp"
#include "core/placing/intent_machine.hpp"
#include "core/placing/list_plan.hpp"
#include "core/store/claim_rules.hpp"
#include "core/store/store_rules.hpp"

namespace wrapup {
namespace {

// The rows that wake at `now` or earlier, in the order in which they woke.
template <class Row, class RowOf>
std::vector<Row*> awake(std::deque<Row>& rows, UtcTime now, RowOf row_of) {
    std::vector<Row*> found;
    for (Row& row : rows) {
        if (const auto at = wakes_at(row_of(row)); at && *at <= now) found.push_back(&row);
    }
    std::ranges::stable_sort(found, {}, [&](const Row* row) { return *wakes_at(row_of(*row)); });
    return found;
}

// As it comes back from where other stores keep it.
SettleProgress as_kept(const SettleProgress& progress) {
    return *decode_progress(encode_progress(progress));
}
CallMetadata as_kept(const CallMetadata& metadata) {
    return *decode_metadata(encode_metadata(metadata));
}

ClaimedDelivery claim_row(DeliveryRow& row, UtcTime now, milliseconds lease, std::int64_t holder) {
    begin_claim(row, now, lease, holder);
    return {row.delivery, row.lease.fence, row.unresolved_since};
}

}  // namespace

// ---- Loading ----

class MemoryStore::Rows final : public RowSource {
public:
    explicit Rows(MemoryStore& store)
        : store_(store),
          call_no_last_(std::ssize(store.calls_)),
          delivery_id_last_(std::ssize(store.deliveries_)) {}

    bool has_failed() const override { return false; }
    std::int64_t holder() const override { return store_.holder_; }
    void report_damage(std::string_view) override { WRAPUP_ASSERT(false); }

    std::optional<CallRow> load_call(std::string_view id) override {
        const CallRow* const row = store_.find_exactly(id);
        return row == nullptr ? std::nullopt : std::optional(without_large(*row));
    }
    std::optional<CallRow> load_linked_call(std::string_view conversation_id) override {
        const auto found = store_.links_.find(conversation_id);
        if (found == store_.links_.end()) return std::nullopt;
        return without_large(store_.call_at(found->second));
    }
    SettleProgress load_progress(std::int64_t call_no) override {
        return store_.call_at(call_no).call.progress;
    }
    std::optional<CallMetadata> load_metadata(std::int64_t call_no) override {
        return store_.call_at(call_no).call.metadata;
    }
    bool has_event(std::int64_t call_no, std::string_view dedup_key) override {
        return std::ranges::any_of(load_event_keys(call_no),
                                   [&](const EventKey& key) { return key.dedup_key == dedup_key; });
    }
    std::vector<EventKey> load_event_keys(std::int64_t call_no) override {
        std::vector<EventKey> keys;
        const auto& events = store_.events_;
        for (auto at = events.lower_bound({call_no, 0});
             at != events.end() && at->first.first == call_no; ++at) {
            keys.push_back({at->first.second, at->second.dedup_key});
        }
        return keys;
    }
    std::vector<StoredEvent> load_events(std::int64_t call_no) override {
        return store_.events_of(call_no);
    }
    std::optional<CallMetadata> load_handed_over(std::string_view call_id) override {
        return find_in(store_.metadata_, call_id);
    }
    std::optional<Campaign> load_campaign(std::string_view id) override {
        return find_in(store_.campaigns_, id);
    }
    std::optional<Contact> load_contact(std::string_view phone) override {
        return find_in(store_.contacts_, phone);
    }
    std::optional<DoNotCall> load_do_not_call(std::string_view phone) override {
        return find_in(store_.do_not_call_, phone);
    }
    std::optional<CallWithDeliveries> load_delivery(std::int64_t delivery_id) override {
        const KeptDelivery* const meant = store_.find_delivery(delivery_id);
        if (meant == nullptr) return std::nullopt;
        CallWithDeliveries found{without_large(store_.call_at(meant->row.call_no)), {}};
        for (const KeptDelivery& kept : store_.deliveries_) {
            if (kept.row.call_no != meant->row.call_no) continue;
            DeliveryRow& row = found.deliveries.emplace_back(kept.row);
            row.delivery.body.clear();
            row.delivery.webhook_id.clear();
        }
        return found;
    }
    std::optional<KeptDestination> load_destination(std::string_view name) override {
        const auto found = store_.destinations_.find(name);
        if (found == store_.destinations_.end()) return std::nullopt;
        return found->second;
    }
    std::vector<std::int64_t> list_pending(std::string_view destination, std::int64_t last_id,
                                           std::int64_t limit) override {
        std::vector<const DeliveryRow*> rows =
            list(destination, last_id, [](const auto& one) { return one.due_at.has_value(); });
        std::ranges::stable_sort(rows, {}, [](const auto* row) { return *wakes_at(*row); });
        return first_ids(rows, limit);
    }
    std::vector<std::int64_t> list_waiting(std::string_view destination, UtcTime after,
                                           std::int64_t last_id, std::int64_t limit) override {
        const auto is_waiting = [after](const auto& one) {
            return one.state == DeliveryState::pending && one.due_at > after;
        };
        return first_ids(list(destination, last_id, is_waiting), limit);
    }
    std::vector<std::int64_t> list_parked(std::string_view destination, ParkReason reason,
                                          std::int64_t last_id, std::int64_t limit) override {
        return first_ids(
            list(destination, last_id, [reason](const auto& one) { return one.parked == reason; }),
            limit);
    }
    std::int64_t next_call_no() override { return ++call_no_last_; }
    std::int64_t next_delivery_id() override { return ++delivery_id_last_; }
    std::int64_t last_delivery_id() override { return delivery_id_last_; }
    std::optional<Intent> load_intent(std::string_view id) override {
        return find_intent([&](const Intent& one) { return one.id == id; });
    }
    std::optional<Intent> load_intent_of_key(std::string_view key) override {
        return find_intent([&](const Intent& one) { return one.idempotency_key == key; });
    }
    std::optional<Intent> load_intent_to(std::string_view number) override {
        return find_intent(
            [&](const Intent& one) { return one.to == number && one.holds_number(); });
    }
    std::int64_t count_asked(std::string_view number, UtcTime since) override {
        return std::ranges::count_if(store_.intents_, [&](const Intent& one) {
            return one.to == number && may_have_rung(one) && *one.asked_at >= since;
        });
    }
    std::optional<DialList> load_dial_list(std::string_view id) override {
        return find_in(store_.dial_lists_, id);
    }
    std::optional<ListRow> load_list_row(std::string_view list_id, std::string_view to) override {
        const auto found = store_.list_row_places_.find({std::string(list_id), std::string(to)});
        if (found == store_.list_row_places_.end()) return std::nullopt;
        return store_.list_rows_[found->second];
    }
    std::optional<std::string> load_list_batch(std::string_view key) override {
        return find_in(store_.list_batches_, key);
    }
    std::optional<SealedDay> load_last_sealed() override {
        if (store_.sealed_days_.empty()) return std::nullopt;
        return store_.sealed_days_.back();
    }
    std::optional<TimeSpan> sealed_span() override {
        if (store_.sealed_days_.empty()) return std::nullopt;
        return TimeSpan{store_.sealed_days_.front().span.from,
                        store_.sealed_days_.back().span.until};
    }
    LedgerCells load_ledger(const TimeSpan&) override { return store_.ledger_; }
    std::int64_t last_correction_number() override { return std::ssize(store_.corrections_); }
    std::optional<ReplayJob> load_replay(std::int64_t id) override {
        const auto found = store_.replays_.find(id);
        return found == store_.replays_.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<ReplayJob> load_replay_of(std::string_view token) override {
        for (const auto& [id, job] : store_.replays_) {
            if (job.token == token) return job;
        }
        return std::nullopt;
    }
    std::int64_t next_replay_id() override { return std::ssize(store_.replays_) + ++new_replays_; }
    ReplayWalk walk_replay(const ReplayOrder& order, std::int64_t after_id, std::int64_t last_id,
                           std::int64_t limit) override {
        return store_.walk(order, after_id, last_id, limit);
    }

private:
    template <class Condition>
    std::optional<Intent> find_intent(Condition is_it) const {
        const auto found = std::ranges::find_if(store_.intents_, is_it);
        return found == store_.intents_.end() ? std::nullopt : std::optional(*found);
    }
    template <class Value>
    static std::optional<Value> find_in(const ByText<Value>& rows, std::string_view key) {
        const auto found = rows.find(key);
        return found == rows.end() ? std::nullopt : std::optional(found->second);
    }
    static CallRow without_large(CallRow row) {
        row.call.record.clear();
        row.call.progress = {};
        row.call.metadata.reset();
        row.is_progress_known = false;
        row.is_metadata_known = false;
        return row;
    }
    template <class Condition>
    std::vector<const DeliveryRow*> list(std::string_view destination, std::int64_t last_id,
                                         Condition is_meant) const {
        std::vector<const DeliveryRow*> rows;
        for (const KeptDelivery& kept : store_.deliveries_) {
            const Delivery& delivery = kept.row.delivery;
            if (delivery.id > last_id || delivery.destination != destination) continue;
            if (is_meant(delivery)) rows.push_back(&kept.row);
        }
        return rows;
    }
    static std::vector<std::int64_t> first_ids(const std::vector<const DeliveryRow*>& rows,
                                               std::int64_t limit) {
        std::vector<std::int64_t> ids;
        for (const DeliveryRow* row : rows) {
            if (std::ssize(ids) < limit) ids.push_back(row->delivery.id);
        }
        return ids;
    }

    MemoryStore& store_;
    std::int64_t call_no_last_;
    std::int64_t delivery_id_last_;
    std::int64_t new_replays_ = 0;
};

Result<std::vector<CallMetadata>> MemoryStore::own_metadata(std::span<const MetadataKey> keys) {
    const std::lock_guard lock{mutex_};
    Rows rows(*this);
    std::vector<CallMetadata> answers;
    for (const MetadataKey& key : keys) answers.push_back(wrapup::own_metadata(rows, key));
    return answers;
}

// ---- Saving ----

Result<std::vector<StoreOutcome>> MemoryStore::commit(std::span<const StoreOp> ops, UtcTime now) {
    const std::lock_guard lock{mutex_};
    Rows source{*this};
    WorkingSet rows{source};
    auto outcomes = apply(rows, ops, now);
    save(rows, now);
    written_at_ = now;
    return outcomes;
}

void MemoryStore::save(const WorkingSet& rows, UtcTime now) {
    for (const WorkingCall& row : rows.calls()) save_call(row);
    for (const auto& [conversation_id, call_no] : rows.new_links()) {
        links_.emplace(conversation_id, call_no);
    }
    for (const EventPlace& place : rows.dropped_events()) events_.erase({place.call_no, place.seq});
    for (const WorkingCall& row : rows.calls()) save_events(row);
    for (const WorkingDelivery& row : rows.deliveries()) save_delivery(row);
    for (const auto& [name, row] : rows.destinations()) {
        if (row.is_changed()) destinations_.insert_or_assign(name, row);
    }
    for (const PutMetadata* given : rows.handed_over()) {
        metadata_.insert_or_assign(given->call_id, as_kept(given->metadata));
    }
    for (const Campaign* campaign : rows.campaigns()) {
        campaigns_.insert_or_assign(campaign->id, *campaign);
    }
    for (const Contact& contact : rows.contacts()) {
        contacts_.insert_or_assign(contact.phone, contact);
    }
    for (const WorkingIntent& row : rows.intents()) save_intent(row);
    save_lists(rows);
    for (const auto& [phone, row] : rows.do_not_call()) {
        if (row.entry) {
            do_not_call_.insert_or_assign(phone, *row.entry);
        } else {
            do_not_call_.erase(phone);
        }
    }
    save_ledger(rows, now);
    save_stats(rows);
    save_failures(rows);
    for (const auto& [id, job] : rows.replays()) replays_.insert_or_assign(id, job);
    for (const NoteReconciliation* noted : rows.reconciliations()) save_reconciliation(*noted);
    for (const OperatorAction* action : rows.actions()) {
        const std::int64_t last_id = actions_.empty() ? 0 : actions_.back().id;
        actions_.push_back(*action);
        actions_.back().id = last_id + 1;
        if (std::ssize(actions_) > operator_actions_max) actions_.pop_front();
    }
}

void MemoryStore::save_reconciliation(const NoteReconciliation& noted) {
    for (const TwilioSlot& slot : noted.slots) twilio_slots_.insert_or_assign(slot.from, slot);
    for (const TwilioDifference& found : noted.found) {
        twilio_differences_.insert_or_assign(found.call_sid, found);
    }
    for (const std::string& call_sid : noted.resolved) twilio_differences_.erase(call_sid);
    for (const KeptValue& kept : noted.values) {
        kept_values_.insert_or_assign(kept.key, kept.value);
        if (kept.value.empty()) kept_values_.erase(kept.key);
    }
}

void MemoryStore::save_call(const WorkingCall& row) {
    if (!row.stored) {
        WRAPUP_ASSERT(row.no == std::ssize(calls_) + 1);
        calls_.emplace_back();
        numbers_by_id_.emplace(row.call.id, row.no);
    }
    CallRow& kept = call_at(row.no);
    const Call before = std::move(kept.call);
    kept = row;
    kept.call.record = row.fixed_record.empty() ? before.record : std::string(row.fixed_record);
    kept.fixed_record = {};
    kept.call.progress = row.is_progress_known ? as_kept(row.call.progress) : before.progress;
    if (!row.is_metadata_known) {
        kept.call.metadata = before.metadata;
    } else if (row.call.metadata) {
        kept.call.metadata = as_kept(*row.call.metadata);
    }
}

void MemoryStore::save_events(const WorkingCall& row) {
    for (const ArrivedEvent& arrived : row.arrived) {
        KeptEvent kept;
        if (arrived.added != nullptr) {
            const NewEvent& added = *arrived.added;
            kept = {{arrived.seq, added.kind, added.received_at, arrived.is_late, added.payload},
                    added.dedup_key};
        } else {
            const auto [call_no, seq] = arrived.moved_from;
            auto node = events_.extract({call_no, seq});
            kept = std::move(node.mapped());
            kept.event.seq = arrived.seq;
            kept.event.is_late = arrived.is_late;
        }
        events_.emplace(std::pair(row.no, arrived.seq), std::move(kept));
    }
}

void MemoryStore::save_delivery(const WorkingDelivery& row) {
    if (!row.stored) {
        WRAPUP_ASSERT(row.delivery.id == std::ssize(deliveries_) + 1);
        deliveries_.emplace_back();
    }
    KeptDelivery& kept = *find_delivery(row.delivery.id);
    Delivery before = std::move(kept.row.delivery);
    kept.row = row;
    if (row.stored) {
        kept.row.delivery.webhook_id = std::move(before.webhook_id);
        kept.row.delivery.body = std::move(before.body);
        for (Attempt& attempt : kept.attempts) {
            const bool stays = before.destination != kept.row.delivery.destination;
            if (stays && attempt.destination.empty()) attempt.destination = before.destination;
        }
    } else {
        // An earlier record is not in the batch.
        kept.row.delivery.body =
            row.new_body.empty() ? call_at(row.call_no).call.record : std::string(row.new_body);
        kept.row.new_body = {};
    }
    kept.attempts.insert(kept.attempts.end(), row.new_attempts.begin(), row.new_attempts.end());
}

// ---- Claims ----

ClaimedCall MemoryStore::claim(CallRow& row, UtcTime now, milliseconds lease) {
    begin_claim(row, now, lease, holder_);
    return {row.call, row.lease.fence, events_of(row.no)};
}

Result<std::vector<ClaimedCall>> MemoryStore::claim_calls(UtcTime now, milliseconds lease,
                                                          int limit) {
    const std::lock_guard lock{mutex_};
    std::vector<ClaimedCall> claimed;
    for (CallRow* row :
         awake(calls_, now, [](const CallRow& one) -> const CallRow& { return one; })) {
        if (std::ssize(claimed) >= limit) break;
        claimed.push_back(claim(*row, now, lease));
    }
    return claimed;
}

Result<ClaimedCall> MemoryStore::claim_call(std::string_view call_id, UtcTime now,
                                            milliseconds lease) {
    const std::lock_guard lock{mutex_};
    CallRow* const row = find_exactly(call_id);
    if (row == nullptr) return Error{Errc::not_found, "no such call"};
    if (auto refusal = refuse_claim(*row, now)) return *std::move(refusal);
    return claim(*row, now, lease);
}

Result<ClaimedDeliveries> MemoryStore::claim_deliveries(std::string_view destination, UtcTime now,
                                                        milliseconds lease, int limit,
                                                        const std::optional<RateLimit>& rate) {
    const std::lock_guard lock{mutex_};
    const auto found = destinations_.find(destination);
    KeptDestination kept;
    kept.row.name = destination;
    if (found != destinations_.end()) kept = found->second;
    const KeptDestination stored = kept;
    const int allowed = claims_allowed(kept, limit, rate, now);
    std::vector<ClaimedDelivery> claimed;
    const auto row_of = [](const KeptDelivery& one) -> const DeliveryRow& { return one.row; };
    for (KeptDelivery* one : awake(deliveries_, now, row_of)) {
        if (std::ssize(claimed) >= allowed) break;
        if (one->row.delivery.destination != destination) continue;
        claimed.push_back(claim_row(one->row, now, lease, holder_));
    }
    ClaimedDeliveries all = note_claims(kept, std::move(claimed), lease, rate, now);
    if (kept != stored) destinations_[std::string(destination)] = kept;
    return all;
}

Result<ClaimedDelivery> MemoryStore::claim_delivery(std::int64_t delivery_id, UtcTime now,
                                                    milliseconds lease) {
    const std::lock_guard lock{mutex_};
    KeptDelivery* const kept = find_delivery(delivery_id);
    if (kept == nullptr) return Error{Errc::not_found, "no such delivery"};
    if (auto refusal = refuse_claim(kept->row, now)) return *std::move(refusal);
    return claim_row(kept->row, now, lease, holder_);
}

Result<void> MemoryStore::void_leases(UtcTime now) {
    void_leases_of(0, now);
    return {};
}

void MemoryStore::act_for(std::int64_t holder) {
    const std::lock_guard lock{mutex_};
    holder_ = holder;
}

void MemoryStore::void_leases_of(std::int64_t holder, UtcTime now) {
    const std::lock_guard lock{mutex_};
    const auto is_its = [holder](const Lease& lease) {
        return holder == 0 || holder_of(lease.fence) == holder;
    };
    for (CallRow& row : calls_) {
        if (was_at_work(row) && is_its(row.lease)) void_lease(row, now);
    }
    for (KeptDelivery& kept : deliveries_) {
        if (kept.row.lease.until && is_its(kept.row.lease)) void_lease(kept.row, now);
    }
    if (holder != 0) return;
    for (auto& [name, kept] : destinations_) void_probe(kept.row.breaker, now);
}

Result<void> MemoryStore::shift_times(milliseconds by, UtcTime now) {
    const std::lock_guard lock{mutex_};
    for (CallRow& row : calls_) shift(row, by);
    for (KeptDelivery& kept : deliveries_) shift(kept.row, by);
    for (auto& [name, kept] : destinations_) shift(kept.row.breaker, by);
    for (Intent& intent : intents_) {
        if (intent.due_at || intent.holds_number()) clock_was_set(intent, by);
    }
    for (ListRow& row : list_rows_) {
        if (row.due_at && *row.due_at > now) clock_was_set(row, by);
    }
    for (auto& [place, kept] : events_) {
        const bool is_concerned = by > milliseconds{0} || kept.event.received_at > now;
        if (is_concerned && call_at(place.first).is_settling_on()) kept.event.received_at += by;
    }
    written_at_ = now;
    return {};
}

}  // namespace wrapup
