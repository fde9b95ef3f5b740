#pragma once

// Rows for the rules as a test wrote them down, and how often they were asked for.

#include <map>

#include "core/store/working_set.hpp"

namespace wrapup {

class RowTable final : public RowSource {
public:
    std::map<std::string, CallRow, std::less<>> calls;  // By id.
    std::map<std::string, std::string, std::less<>> links;
    std::map<std::int64_t, std::vector<EventKey>> event_keys;  // By call.
    std::map<std::int64_t, std::vector<StoredEvent>> events;   // By call.
    std::map<std::string, CallMetadata, std::less<>> handed_over;
    std::map<std::string, Contact, std::less<>> contacts;
    std::map<std::string, DoNotCall, std::less<>> do_not_call;
    std::map<std::int64_t, SettleProgress> progress;
    std::map<std::int64_t, CallMetadata> metadata;
    std::map<std::int64_t, DeliveryRow> deliveries;
    std::map<std::string, KeptDestination, std::less<>> destinations;
    std::optional<SealedDay> last_sealed;
    std::optional<TimeSpan> sealed;
    LedgerCells ledger;
    std::int64_t corrections_count = 0;
    bool is_broken = false;
    std::string damage;

    int call_loads = 0;
    int event_lookups = 0;
    int large_loads = 0;
    int delivery_loads = 0;

    CallRow& add_call(const std::string& id, CallState state = CallState::open) {
        CallRow& row = calls[id];
        row.no = std::ssize(calls);
        row.call.id = id;
        row.call.state = state;
        return row;
    }
    void add_event(CallRow& row, const std::string& key) {
        row.call.events_count += 1;
        event_keys[row.no].push_back({row.call.events_count, key});
    }
    DeliveryRow& add_delivery(const CallRow& call, const std::string& destination,
                              DeliveryState state = DeliveryState::pending) {
        const std::int64_t id = std::ssize(deliveries) + 1;
        DeliveryRow& row = deliveries[id];
        row.delivery.id = id;
        row.delivery.call_id = call.call.id;
        row.delivery.destination = destination;
        row.delivery.state = state;
        row.call_no = call.no;
        if (state == DeliveryState::pending) row.delivery.due_at = from_unix_s(1);
        return row;
    }

    bool has_failed() const override { return is_broken; }
    void report_damage(std::string_view what) override {
        damage = what;
        is_broken = true;
    }
    std::optional<CallRow> load_call(std::string_view id) override {
        call_loads += 1;
        const auto found = calls.find(id);
        return found == calls.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<CallRow> load_linked_call(std::string_view conversation_id) override {
        call_loads += 1;
        const auto found = links.find(conversation_id);
        return found == links.end() ? std::nullopt : std::optional(calls.at(found->second));
    }
    SettleProgress load_progress(std::int64_t call_no) override {
        large_loads += 1;
        return progress[call_no];
    }
    std::optional<CallMetadata> load_metadata(std::int64_t call_no) override {
        large_loads += 1;
        const auto found = metadata.find(call_no);
        return found == metadata.end() ? std::nullopt : std::optional(found->second);
    }
    bool has_event(std::int64_t call_no, std::string_view dedup_key) override {
        event_lookups += 1;
        for (const EventKey& key : event_keys[call_no]) {
            if (key.dedup_key == dedup_key) return true;
        }
        return false;
    }
    std::vector<EventKey> load_event_keys(std::int64_t call_no) override {
        return event_keys[call_no];
    }
    std::vector<StoredEvent> load_events(std::int64_t call_no) override { return events[call_no]; }
    std::optional<CallMetadata> load_handed_over(std::string_view call_id) override {
        const auto found = handed_over.find(call_id);
        return found == handed_over.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<Campaign> load_campaign(std::string_view) override { return std::nullopt; }
    std::optional<Contact> load_contact(std::string_view phone) override {
        const auto found = contacts.find(phone);
        return found == contacts.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<DoNotCall> load_do_not_call(std::string_view phone) override {
        const auto found = do_not_call.find(phone);
        return found == do_not_call.end() ? std::nullopt : std::optional(found->second);
    }
    std::optional<CallWithDeliveries> load_delivery(std::int64_t delivery_id) override {
        delivery_loads += 1;
        const auto meant = deliveries.find(delivery_id);
        if (meant == deliveries.end()) return std::nullopt;
        CallWithDeliveries found{calls.at(meant->second.delivery.call_id), {}};
        for (const auto& [id, row] : deliveries) {
            if (row.call_no == found.call.no) found.deliveries.push_back(row);
        }
        return found;
    }
    std::optional<KeptDestination> load_destination(std::string_view name) override {
        const auto found = destinations.find(name);
        return found == destinations.end() ? std::nullopt : std::optional(found->second);
    }
    std::vector<std::int64_t> list_pending(std::string_view destination, std::int64_t last_id,
                                           std::int64_t limit) override {
        return list(destination, last_id, limit,
                    [](const Delivery& one) { return one.due_at.has_value(); });
    }
    std::vector<std::int64_t> list_waiting(std::string_view destination, UtcTime after,
                                           std::int64_t last_id, std::int64_t limit) override {
        return list(destination, last_id, limit, [after](const Delivery& one) {
            return one.state == DeliveryState::pending && one.due_at > after;
        });
    }
    std::vector<std::int64_t> list_parked(std::string_view destination, ParkReason reason,
                                          std::int64_t last_id, std::int64_t limit) override {
        return list(destination, last_id, limit,
                    [reason](const Delivery& one) { return one.parked == reason; });
    }
    std::int64_t next_call_no() override { return std::ssize(calls) + ++new_calls_; }
    std::int64_t next_delivery_id() override { return std::ssize(deliveries) + ++new_deliveries_; }
    std::int64_t last_delivery_id() override { return std::ssize(deliveries) + new_deliveries_; }
    std::optional<DialList> load_dial_list(std::string_view) override { return std::nullopt; }
    std::optional<ListRow> load_list_row(std::string_view, std::string_view) override {
        return std::nullopt;
    }
    std::optional<std::string> load_list_batch(std::string_view) override { return std::nullopt; }
    std::optional<Intent> load_intent(std::string_view) override { return std::nullopt; }
    std::optional<Intent> load_intent_of_key(std::string_view) override { return std::nullopt; }
    std::optional<Intent> load_intent_to(std::string_view) override { return std::nullopt; }
    std::int64_t count_asked(std::string_view, UtcTime) override { return 0; }
    std::optional<SealedDay> load_last_sealed() override { return last_sealed; }
    std::optional<TimeSpan> sealed_span() override { return sealed; }
    LedgerCells load_ledger(const TimeSpan&) override { return ledger; }
    std::int64_t last_correction_number() override { return corrections_count; }
    std::optional<ReplayJob> load_replay(std::int64_t) override { return std::nullopt; }
    std::optional<ReplayJob> load_replay_of(std::string_view) override { return std::nullopt; }
    std::int64_t next_replay_id() override { return 1; }
    ReplayWalk walk_replay(const ReplayOrder&, std::int64_t, std::int64_t, std::int64_t) override {
        return {};
    }

private:
    template <class Condition>
    std::vector<std::int64_t> list(std::string_view destination, std::int64_t last_id,
                                   std::int64_t limit, Condition is_meant) const {
        std::vector<std::int64_t> ids;
        for (const auto& [id, row] : deliveries) {
            const bool is_candidate = id <= last_id && row.delivery.destination == destination;
            if (is_candidate && is_meant(row.delivery) && std::ssize(ids) < limit) {
                ids.push_back(id);
            }
        }
        return ids;
    }

    std::int64_t new_calls_ = 0;
    std::int64_t new_deliveries_ = 0;
};

}  // namespace wrapup
