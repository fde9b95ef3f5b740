#pragma once

// Loads rows for the rules (core/store/working_set.hpp), each by one statement.

#include "adapters/sqlite/numbers.hpp"
#include "adapters/sqlite/rows.hpp"

namespace wrapup::sqlite {

class TableRows final : public RowSource {
public:
    TableRows(Connection& connection, Numbers& numbers)
        : connection_(connection), numbers_(numbers) {}

    bool has_failed() const override { return connection_.has_failed(); }
    void report_damage(std::string_view what) override { connection_.fail_corrupt(what); }

    std::optional<CallRow> load_call(std::string_view id) override;
    std::optional<CallRow> load_linked_call(std::string_view conversation_id) override;
    SettleProgress load_progress(std::int64_t call_no) override;
    std::optional<CallMetadata> load_metadata(std::int64_t call_no) override;
    bool has_event(std::int64_t call_no, std::string_view dedup_key) override;
    std::vector<EventKey> load_event_keys(std::int64_t call_no) override;
    std::vector<StoredEvent> load_events(std::int64_t call_no) override {
        return read_events(connection_, call_no);
    }
    std::optional<CallMetadata> load_handed_over(std::string_view call_id) override;
    std::optional<Campaign> load_campaign(std::string_view id) override;
    std::optional<Contact> load_contact(std::string_view phone) override;
    std::optional<DoNotCall> load_do_not_call(std::string_view phone) override;
    std::optional<CallWithDeliveries> load_delivery(std::int64_t delivery_id) override;
    std::optional<KeptDestination> load_destination(std::string_view name) override;
    std::vector<std::int64_t> list_pending(std::string_view destination, std::int64_t last_id,
                                           std::int64_t limit) override;
    std::vector<std::int64_t> list_waiting(std::string_view destination, UtcTime after,
                                           std::int64_t last_id, std::int64_t limit) override;
    std::vector<std::int64_t> list_parked(std::string_view destination, ParkReason reason,
                                          std::int64_t last_id, std::int64_t limit) override;
    std::int64_t next_call_no() override;
    std::int64_t next_delivery_id() override;
    std::int64_t last_delivery_id() override;
    std::optional<Intent> load_intent(std::string_view id) override;
    std::optional<Intent> load_intent_of_key(std::string_view idempotency_key) override;
    std::optional<Intent> load_intent_to(std::string_view number) override;
    std::int64_t count_asked(std::string_view number, UtcTime since) override;
    std::optional<DialList> load_dial_list(std::string_view id) override;
    std::optional<ListRow> load_list_row(std::string_view list_id, std::string_view to) override;
    std::optional<std::string> load_list_batch(std::string_view key) override;
    std::optional<SealedDay> load_last_sealed() override;
    std::optional<TimeSpan> sealed_span() override;
    LedgerCells load_ledger(const TimeSpan& span) override;
    std::int64_t last_correction_number() override;
    std::optional<ReplayJob> load_replay(std::int64_t id) override;
    std::optional<ReplayJob> load_replay_of(std::string_view token) override;
    std::int64_t next_replay_id() override;
    ReplayWalk walk_replay(const ReplayOrder& order, std::int64_t after_id, std::int64_t last_id,
                           std::int64_t limit) override;

private:
    bool has_any(std::optional<bool>& known, std::string_view one_row);

    Connection& connection_;
    Numbers& numbers_;
};

}  // namespace wrapup::sqlite
