#pragma once

// Loads the rows that a batch of operations is about to ask for, all of them in one round trip,
// whatever the size of the batch; what else the rules ask for is loaded by one statement each.
// Calls and deliveries are locked until the transaction ends, calls in the order of their numbers,
// so that batches of several nodes take turns where they meet.

#include <deque>
#include <functional>
#include <map>
#include <set>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "adapters/postgres/handle.hpp"
#include "adapters/sql/row_source.hpp"
#include "domain/operations.hpp"

namespace wrapup::postgres {

// Numbers that the database handed to this store and no row has yet. Those of a process that ends
// are never used.
struct NumberPool {
    std::deque<std::int64_t> calls;
    std::deque<std::int64_t> deliveries;
    std::int64_t holder = 0;  // This node's (core/store/claim_rules.hpp).
};

// Whether a batch has operations on more than the rows that they name, such as all deliveries to a
// destination: it runs while no other batch does.
bool runs_alone(std::span<const StoreOp> ops);

class Prefetched final : public sql::TableRows<Connection> {
public:
    // Sends for all of it.
    Prefetched(Connection& connection, NumberPool& pool, std::span<const StoreOp> ops);
    // Waits for it.
    void receive();

    std::optional<CallRow> load_call(std::string_view id) override;
    std::optional<CallRow> load_linked_call(std::string_view conversation_id) override;
    SettleProgress load_progress(std::int64_t call_no) override;
    std::optional<CallMetadata> load_metadata(std::int64_t call_no) override;
    bool has_event(std::int64_t call_no, std::string_view dedup_key) override;
    std::optional<CallMetadata> load_handed_over(std::string_view call_id) override;
    std::optional<Contact> load_contact(std::string_view phone) override;
    std::optional<Campaign> load_campaign(std::string_view id) override;
    std::optional<Intent> load_intent_to(std::string_view number) override;
    std::optional<CallWithDeliveries> load_delivery(std::int64_t delivery_id) override;
    std::optional<KeptDestination> load_destination(std::string_view name) override;
    std::optional<TimeSpan> sealed_span() override;
    std::int64_t holder() const override { return pool_.holder; }
    std::int64_t next_call_no() override;
    std::int64_t next_delivery_id() override;
    std::int64_t last_delivery_id() override;

private:
    template <class Value>
    using ByText = std::map<std::string, Value, std::less<>>;
    struct KnownCall {
        CallRow row;
        SettleProgress progress;
        std::optional<CallMetadata> metadata;
        std::vector<DeliveryRow> deliveries;
    };
    // What the operations name.
    struct Wanted {
        std::set<std::string> ids;  // Identities and conversations.
        std::set<std::string> keys;
        std::set<std::string> phones;  // Normalized.
        std::set<std::int64_t> delivery_ids;
        std::int64_t calls_count = 0;
        std::int64_t deliveries_count = 0;

        void add(const NewEvent& event);
        void add(const AppendEvent& op);
        void add(const SettleCall& op);
        void add(const FinishAttempt& op) { delivery_ids.insert(op.delivery_id); }
        void add(const ReleaseCall& op) { ids.insert(op.call_id); }
        void add(const PutMetadata& op);
        void add(const auto&) {}
    };

    void take_calls(Query query);
    void take_deliveries(Query query);
    void fetch(const std::vector<std::string>& ids, const std::vector<std::int64_t>& delivery_ids);
    std::optional<CallRow> known_call(std::int64_t no) const;
    std::int64_t take_number(std::deque<std::int64_t>& pool, std::string_view sequence);

    Connection& database_;
    sql::Numbers numbers_of_batch_;
    Wanted wanted_;
    NumberPool& pool_;
    std::vector<std::pair<Query, std::function<void(Query&)>>> sent_;  // And who takes the rows.

    std::map<std::int64_t, KnownCall> calls_;
    ByText<std::int64_t> numbers_by_id_;
    ByText<std::int64_t> links_;
    std::map<std::int64_t, std::int64_t> calls_of_deliveries_;
    std::set<std::int64_t> calls_with_known_keys_;
    std::set<std::pair<std::int64_t, std::string>> keys_;
    // Of what was looked up; empty: it is not there.
    ByText<std::optional<CallMetadata>> handed_over_;
    ByText<std::optional<Campaign>> campaigns_;
    ByText<std::optional<Contact>> contacts_;
    ByText<std::optional<Intent>> intents_;  // By the number that they hold.
    ByText<KeptDestination> destinations_;
    std::optional<TimeSpan> sealed_span_;
    std::int64_t last_delivery_id_ = 0;  // Of those handed out in this batch.
};

}  // namespace wrapup::postgres
