#pragma once

// What is the same in every store that keeps its rows in an SQL database: how rows are read and
// saved, and all queries of the ports. The texts of statements are written once, in words that each
// database understands (parameters are ?1, ?2, …); what differs is the adapter's: connections,
// transactions, claims, and the schema.
//
// `Db` is a connection. It has query(sql, values...) -> Query, run(sql, values...), and
// fail_corrupt(what); it remembers its first failure and does nothing more until that was taken, so
// that code reads as if nothing could fail. A Query has bind(), next(), finish(), and the columns
// of its row.

#include <functional>

#include "ports/store.hpp"

namespace wrapup::sql {

template <class Db>
class SqlStore : public EmbeddedStore {
public:
    Result<std::optional<UtcTime>> next_call_due() override;
    Result<std::optional<UtcTime>> next_delivery_due(std::string_view destination) override;
    Result<std::string> resolve(std::string_view any_id) override;
    Result<CallStory> find_story(std::string_view call_id) override;
    Result<CallPage> list_calls(const CallFilter& filter) override;
    Result<StoreCounts> counts() override;
    Result<std::vector<DestinationRow>> destinations() override;
    Result<std::vector<CallMetadata>> own_metadata(std::span<const MetadataKey> keys) override;
    Result<std::vector<Campaign>> list_campaigns(std::string_view after, int limit) override;
    Result<std::vector<Contact>> list_contacts(std::string_view after, int limit) override;
    Result<bool> is_do_not_call(std::string_view phone) override;
    Result<std::vector<DoNotCall>> list_do_not_call(std::string_view after, int limit) override;
    Result<LedgerRows> ledger(const TimeSpan& span) override;
    Result<std::vector<LedgerCorrection>> corrections_after(std::int64_t number) override;
    Result<StatsRows> stats(const TimeSpan& span) override;
    Result<ReplayWalk> walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                   std::int64_t last_id, int limit) override;
    Result<ReplayJob> find_replay(std::int64_t id) override;
    Result<std::vector<ReplayJob>> list_replays(std::optional<ReplayState> state,
                                                int limit) override;
    Result<ActionPage> list_actions(std::int64_t before_id, int limit) override;
    Result<FailureList> list_failures(int limit) override;
    Result<DeliveryPage> list_deliveries(const DeliveryFilter& filter) override;
    Result<std::vector<KeptValue>> kept_values(std::string_view prefix) override;
    Result<std::vector<TwilioSlot>> twilio_slots(UtcTime from, UtcTime until) override;
    Result<std::vector<TwilioDifference>> twilio_differences(UtcTime from, UtcTime until) override;
    Result<std::vector<CallStanding>> call_standings(
        std::span<const std::string> call_sids) override;
    Result<Intent> find_intent(std::string_view id) override;
    Result<std::optional<Intent>> find_intent_of_call(std::string_view call_sid) override;
    Result<std::vector<Intent>> due_intents(UtcTime now, int limit) override;
    Result<std::optional<UtcTime>> next_intent_due() override;
    Result<std::int64_t> count_intents_under_way() override;
    Result<IntentPage> list_intents(const IntentFilter& filter) override;
    Result<DialList> find_dial_list(std::string_view id) override;
    Result<std::vector<DialList>> list_dial_lists(const DialListFilter& filter) override;
    Result<std::vector<DueListRows>> due_list_rows(UtcTime now, int limit) override;
    Result<std::optional<UtcTime>> next_list_row_due() override;
    Result<ListRowPage> list_rows(const ListRowFilter& filter) override;
    Result<std::vector<std::string>> check_integrity() override;

protected:
    // Runs `work` on one snapshot.
    virtual Result<void> read(const std::function<void(Db&)>& work) = 0;
    // What else is broken, by the database's own check.
    virtual void check_database(Db& connection, std::vector<std::string>& findings) = 0;
};

}  // namespace wrapup::sql
