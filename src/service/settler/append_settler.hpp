#pragma once

// Settles a call in the transaction that stores its event, when nobody has to be asked: its record
// is fixed there, with its delivery and the mark of the first attempt, or the call is put back to
// its time. Where somebody has to be asked, the call is claimed there, and the settler goes on from
// what is known. On the committing thread; what has to be done next goes to the workers as one
// message per batch.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/settle/settle_answer.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"
#include "service/commit/group_commit.hpp"
#include "service/courier/couriers.hpp"
#include "service/settler/settle_tale.hpp"

namespace wrapup {

class Settler;

// What a batch settled.
struct Settlements {
    std::vector<ClaimedDelivery> claimed;    // To be carried.
    Couriers::Places places;                 // For them, and others to be given back.
    std::vector<std::string> settled_calls;  // Nobody has to be asked about these any more.
    std::optional<UtcTime> wake_at;          // The soonest that one was put back to.
    std::vector<KnownCall> to_ask;           // Claimed, and somebody has to be asked about them.
    int unused_count = 0;                    // Places at the settler, to be given back.
};

class AppendSettler final : public BatchSettler {
public:
    struct Settings {
        SettlePolicy policy;
        RecordRoutes routes;
        bool is_metadata_ours = true;  // False: a source outside of the store has to be asked.
    };
    struct Ports {
        Settler& settler;
        Couriers& couriers;
        EventLog& log;
        Metrics& metrics;
    };
    // `hand_over` is called on the committing thread, once per batch that settled anything.
    AppendSettler(Ports ports, Settings settings, std::function<void(Settlements)> hand_over)
        : ports_(ports), settings_(std::move(settings)), hand_over_(std::move(hand_over)) {}

    std::optional<SettleCall> settle(ClaimedCall due,
                                     const std::function<CallMetadata(MetadataKey)>& own,
                                     UtcTime now) override;
    std::optional<milliseconds> keep_claim() override;
    void batch_ended(std::vector<StoreOutcome>* outcomes) override;

private:
    std::optional<SettleStep> decide(KnownCall& known,
                                     const std::function<CallMetadata(MetadataKey)>& own,
                                     UtcTime now);
    void take_claims(std::vector<StoreOutcome>* outcomes, Settlements& settlements);

    Ports ports_;
    Settings settings_;
    std::function<void(Settlements)> hand_over_;
    // Of the batch.
    std::vector<SettleTale> tales_;
    std::optional<KnownCall> asks_;  // The call that had no answer just now.
    std::vector<KnownCall> kept_;    // Each with a place at the settler.
    Couriers::Places places_;
    std::optional<UtcTime> wake_at_;
};

}  // namespace wrapup
