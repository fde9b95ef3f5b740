#pragma once

// One process of wrapup in the simulated world: the workers that share the store with those of
// other processes. Each has an event loop and a clock of its own, and all live in the same time.

#include <boost/asio/io_context.hpp>
#include <memory>
#include <vector>

#include "service/commit/held_clock.hpp"
#include "service/commit/shared_clock.hpp"
#include "service/courier/couriers.hpp"
#include "service/intake/intake.hpp"
#include "service/intake/own_metadata.hpp"
#include "service/settler/append_settler.hpp"
#include "service/settler/settler.hpp"
#include "sim/check.hpp"
#include "sim/claim_watch.hpp"
#include "sim/dialler.hpp"
#include "sim/fault_store.hpp"
#include "sim/memory_store.hpp"
#include "sim/null_ports.hpp"
#include "sim/peers.hpp"
#include "sim/sim_clock.hpp"
#include "sim/wait_watch.hpp"

namespace wrapup {

// What outlives every process.
struct Lasting {
    explicit Lasting(std::uint64_t seed);

    // The process that is not one of a fleet's others begins, by the settings of that time.
    void start(UtcTime now);
    // Between a crash and a start.
    void set_clock_while_stopped();
    // One has died: what was on its way may still arrive.
    void forget(const SimClock& wall);

    Prng prng;
    SimWorld world;
    MemoryStore store;
    WaitWatch waits{store};
    SimCrm crm{world};
    SimElevenLabs elevenlabs{world};
    SimDialler dialler{world, store};
    ClaimWatch claims{world.truth.faults, store, crm};
    std::vector<Receipt> receipts;  // Acknowledged events.
    milliseconds clock_ahead{0};    // Of the wall clock.
    milliseconds set_while_stopped{0};
};

SettlerSettings settler_settings(const Truth& truth, UtcTime started_at);
std::vector<std::string> destination_names(const Truth& truth);
// Who claims (core/store/claim_rules.hpp).
std::int64_t holder_of_node(const Lasting& lasting, int number);
// Those that are still open and are told to the node of that number.
std::vector<Sending*> sendings_of(Truth& truth, int node);

// A process' way to the store that it shares, if there are several: what it claims is its own.
class SimStore final : public FaultStore {
public:
    SimStore(MemoryStore& behind, ClaimWatch& claims, std::int64_t holder, Prng prng, Faults faults,
             std::function<bool()> is_hostile, WaitWatch& waits)
        : FaultStore(behind, prng, faults, std::move(is_hostile)),
          shared_(behind),
          claims_(claims),
          holder_(holder),
          waits_(waits) {}

    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) override;
    Result<std::vector<ClaimedCall>> claim_calls(UtcTime now, milliseconds lease,
                                                 int limit) override {
        shared_.act_for(holder_);
        return written(FaultStore::claim_calls(now, lease, limit));
    }
    Result<ClaimedCall> claim_call(std::string_view call_id, UtcTime now,
                                   milliseconds lease) override {
        shared_.act_for(holder_);
        return written(FaultStore::claim_call(call_id, now, lease));
    }
    Result<ClaimedDeliveries> claim_deliveries(std::string_view destination, UtcTime now,
                                               milliseconds lease, int limit,
                                               const std::optional<RateLimit>& rate) override;
    Result<ClaimedDelivery> claim_delivery(std::int64_t delivery_id, UtcTime now,
                                           milliseconds lease) override {
        shared_.act_for(holder_);
        return written(FaultStore::claim_delivery(delivery_id, now, lease));
    }
    Result<void> shift_times(milliseconds by, UtcTime now) override {
        waits_.written();
        auto result = FaultStore::shift_times(by, now);
        if (result) waits_.moved();
        return result;
    }

private:
    template <class Outcome>
    Outcome written(Outcome outcome) {
        waits_.written();
        return outcome;
    }

    MemoryStore& shared_;
    ClaimWatch& claims_;
    std::int64_t holder_;
    WaitWatch& waits_;
};

struct SimNode {
    // `number`: 0 is the one that runs what runs once.
    SimNode(Lasting& lasting, UtcTime started_at, int number);
    SimNode(const SimNode&) = delete;
    SimNode& operator=(const SimNode&) = delete;

    // Settling and delivering.
    void begin();
    // Whoever tells it of a call: at its time, and again every few seconds until it is acknowledged
    // or gives up.
    Task<void> send(Sending& sending);
    // One try of it; false: it was not stored.
    Task<bool> tell(Sending& sending);
    Task<void> sleep_until_true(UtcTime at);

    Lasting& lasting;
    boost::asio::io_context io{1};
    SimClock wall;
    SharedClock shared{wall};  // Where there are others: each process's own is set differently.
    HeldClock clock;
    NullLog log;
    NullMetrics metrics;
    SimTwilio twilio;
    SimStore store;
    BlockingPool reads;
    GroupCommit commits;
    Intake intake;
    OwnMetadata own;
    SimMetadata theirs;
    MetadataChain chain;
    ConversationFinder finder;
    Couriers couriers;
    Settler settler;
    AppendSettler append_settler;
};

}  // namespace wrapup
