#pragma once

#include <functional>

#include "base/prng.hpp"
#include "ports/store.hpp"

namespace wrapup {

// A Store in trouble: some writes fail before they are applied, some are applied and their answer
// is lost, as after a cut connection. Reads fail too. Everything else is the store behind it.
class FaultStore : public EmbeddedStore {
public:
    struct Faults {
        Ratio refused{0, 100};  // Nothing is applied.
        Ratio lost{0, 100};     // Applied, but the caller is told it failed.
        Ratio unread{0, 100};
    };
    FaultStore(EmbeddedStore& behind, Prng prng, Faults faults, std::function<bool()> is_hostile)
        : behind_(behind), prng_(prng), faults_(faults), is_hostile_(std::move(is_hostile)) {}

    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) override {
        return write([&] { return behind_.commit(ops, now); });
    }
    Result<std::vector<ClaimedCall>> claim_calls(UtcTime now, milliseconds lease,
                                                 int limit) override {
        return write([&] { return behind_.claim_calls(now, lease, limit); });
    }
    Result<ClaimedCall> claim_call(std::string_view call_id, UtcTime now,
                                   milliseconds lease) override {
        return write([&] { return behind_.claim_call(call_id, now, lease); });
    }
    Result<ClaimedDeliveries> claim_deliveries(std::string_view destination, UtcTime now,
                                               milliseconds lease, int limit,
                                               const std::optional<RateLimit>& rate) override {
        return write(
            [&] { return behind_.claim_deliveries(destination, now, lease, limit, rate); });
    }
    Result<ClaimedDelivery> claim_delivery(std::int64_t delivery_id, UtcTime now,
                                           milliseconds lease) override {
        return write([&] { return behind_.claim_delivery(delivery_id, now, lease); });
    }
    Result<void> void_leases(UtcTime now) override { return behind_.void_leases(now); }
    Result<void> shift_times(milliseconds by, UtcTime now) override {
        if (is_hostile_() && prng_.chance(faults_.refused)) {
            return Error{Errc::unavailable, "the disk is full"};
        }
        return behind_.shift_times(by, now);
    }

    Result<std::optional<UtcTime>> next_call_due() override {
        return read([&] { return behind_.next_call_due(); });
    }
    Result<std::optional<UtcTime>> next_delivery_due(std::string_view destination) override {
        return read([&] { return behind_.next_delivery_due(destination); });
    }
    Result<std::string> resolve(std::string_view any_id) override {
        return read([&] { return behind_.resolve(any_id); });
    }
    Result<CallStory> find_story(std::string_view call_id) override {
        return read([&] { return behind_.find_story(call_id); });
    }
    Result<CallPage> list_calls(const CallFilter& filter) override {
        return read([&] { return behind_.list_calls(filter); });
    }
    Result<StoreCounts> counts() override { return behind_.counts(); }
    Result<std::vector<DestinationRow>> destinations() override { return behind_.destinations(); }
    Result<std::vector<CallMetadata>> own_metadata(std::span<const MetadataKey> keys) override {
        return read([&] { return behind_.own_metadata(keys); });
    }
    Result<std::vector<Campaign>> list_campaigns(std::string_view after, int limit) override {
        return behind_.list_campaigns(after, limit);
    }
    Result<std::vector<Contact>> list_contacts(std::string_view after, int limit) override {
        return behind_.list_contacts(after, limit);
    }
    Result<bool> is_do_not_call(std::string_view phone) override {
        return read([&] { return behind_.is_do_not_call(phone); });
    }
    Result<std::vector<DoNotCall>> list_do_not_call(std::string_view after, int limit) override {
        return behind_.list_do_not_call(after, limit);
    }
    Result<LedgerRows> ledger(const TimeSpan& span) override {
        return read([&] { return behind_.ledger(span); });
    }
    Result<std::vector<LedgerCorrection>> corrections_after(std::int64_t number) override {
        return read([&] { return behind_.corrections_after(number); });
    }
    Result<LedgerAudit> audit_ledger() override { return behind_.audit_ledger(); }
    Result<StatsRows> stats(const TimeSpan& span) override { return behind_.stats(span); }
    Result<ReplayWalk> walk_replay(const ReplayOrder& order, std::int64_t after_id,
                                   std::int64_t last_id, int limit) override {
        return read([&] { return behind_.walk_replay(order, after_id, last_id, limit); });
    }
    Result<ReplayJob> find_replay(std::int64_t id) override {
        return read([&] { return behind_.find_replay(id); });
    }
    Result<std::vector<ReplayJob>> list_replays(std::optional<ReplayState> state,
                                                int limit) override {
        return read([&] { return behind_.list_replays(state, limit); });
    }
    Result<ActionPage> list_actions(std::int64_t before_id, int limit) override {
        return read([&] { return behind_.list_actions(before_id, limit); });
    }
    Result<DeliveryPage> list_deliveries(const DeliveryFilter& filter) override {
        return read([&] { return behind_.list_deliveries(filter); });
    }
    Result<FailureList> list_failures(int limit) override {
        return read([&] { return behind_.list_failures(limit); });
    }
    Result<std::vector<KeptValue>> kept_values(std::string_view prefix) override {
        return read([&] { return behind_.kept_values(prefix); });
    }
    Result<std::vector<TwilioSlot>> twilio_slots(UtcTime from, UtcTime until) override {
        return read([&] { return behind_.twilio_slots(from, until); });
    }
    Result<std::vector<TwilioDifference>> twilio_differences(UtcTime from, UtcTime until) override {
        return read([&] { return behind_.twilio_differences(from, until); });
    }
    Result<std::vector<CallStanding>> call_standings(
        std::span<const std::string> call_sids) override {
        return read([&] { return behind_.call_standings(call_sids); });
    }
    Result<Intent> find_intent(std::string_view id) override {
        return read([&] { return behind_.find_intent(id); });
    }
    Result<std::optional<Intent>> find_intent_of_call(std::string_view call_sid) override {
        return read([&] { return behind_.find_intent_of_call(call_sid); });
    }
    Result<std::vector<Intent>> due_intents(UtcTime now, int limit) override {
        return read([&] { return behind_.due_intents(now, limit); });
    }
    Result<std::optional<UtcTime>> next_intent_due() override {
        return read([&] { return behind_.next_intent_due(); });
    }
    Result<std::int64_t> count_intents_under_way() override {
        return read([&] { return behind_.count_intents_under_way(); });
    }
    Result<IntentPage> list_intents(const IntentFilter& filter) override {
        return read([&] { return behind_.list_intents(filter); });
    }
    Result<DialList> find_dial_list(std::string_view id) override {
        return read([&] { return behind_.find_dial_list(id); });
    }
    Result<std::vector<DialList>> list_dial_lists(const DialListFilter& filter) override {
        return read([&] { return behind_.list_dial_lists(filter); });
    }
    Result<std::vector<DueListRows>> due_list_rows(UtcTime now, int limit) override {
        return read([&] { return behind_.due_list_rows(now, limit); });
    }
    Result<std::optional<UtcTime>> next_list_row_due() override {
        return read([&] { return behind_.next_list_row_due(); });
    }
    Result<ListRowPage> list_rows(const ListRowFilter& filter) override {
        return read([&] { return behind_.list_rows(filter); });
    }
    Result<std::vector<std::string>> check_integrity() override {
        return behind_.check_integrity();
    }

private:
    template <class Work>
    std::invoke_result_t<Work> write(Work work) {
        if (is_hostile_() && prng_.chance(faults_.refused)) {
            return Error{Errc::unavailable, "the disk is full"};
        }
        auto result = work();
        if (is_hostile_() && prng_.chance(faults_.lost)) {
            return Error{Errc::unavailable, "the connection was lost"};
        }
        return result;
    }
    template <class Work>
    std::invoke_result_t<Work> read(Work work) {
        if (is_hostile_() && prng_.chance(faults_.unread)) {
            return Error{Errc::unavailable, "the connection was lost"};
        }
        return work();
    }

    EmbeddedStore& behind_;
    Prng prng_;
    Faults faults_;
    std::function<bool()> is_hostile_;
};

}  // namespace wrapup
