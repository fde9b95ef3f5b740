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
#include "sim/dialler.hpp"
#include "sim/fault_store.hpp"
#include "sim/memory_store.hpp"
#include "sim/null_ports.hpp"
#include "sim/peers.hpp"
#include "sim/sim_clock.hpp"

namespace wrapup {

// What outlives every process.
struct Lasting {
    explicit Lasting(std::uint64_t seed);

    // A process begins, by the settings of that time.
    void start(UtcTime now);
    // One has died: what was on its way may still arrive.
    void forget(const SimClock& wall);

    Prng prng;
    SimWorld world;
    MemoryStore store;
    SimCrm crm{world};
    SimElevenLabs elevenlabs{world};
    SimDialler dialler{world, store};
    std::vector<Receipt> receipts;  // Acknowledged events.
    milliseconds clock_ahead{0};    // Of the wall clock.
};

SettlerSettings settler_settings(const Truth& truth, UtcTime started_at);
std::vector<std::string> destination_names(const Truth& truth);
// Those that are still open and are told to the node of that number.
std::vector<Sending*> sendings_of(Truth& truth, int node);

struct SimNode {
    SimNode(Lasting& lasting, UtcTime started_at);
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
    FaultStore store;
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
