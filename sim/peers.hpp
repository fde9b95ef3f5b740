#pragma once

// The outside as simulated ports: they answer from the truth, late, wrongly or not at all, as the
// faults of the run say. They outlive a crash of the process that talks to them.

#include <map>
#include <set>
#include <string>
#include <vector>

#include "ports/crm_gateway.hpp"
#include "ports/elevenlabs_api.hpp"
#include "ports/metadata.hpp"
#include "ports/twilio_api.hpp"
#include "sim/sim_clock.hpp"
#include "sim/truth.hpp"

namespace wrapup {

// What all peers share. `clock` is the wall clock of the running process, `believed` what its
// workers take for it.
struct SimWorld {
    Truth truth;
    Prng prng{0};
    SimClock* clock = nullptr;
    const Clock* believed = nullptr;

    UtcTime now() const { return clock->true_now(); }
    bool is_hostile() const { return now() < truth.faults.hostile_until; }
    bool strikes(Ratio fault) { return is_hostile() && prng.chance(fault); }
    const TrueCall* find_call(const std::string& sid) const;
    const TrueCall* find_conversation(const std::string& id) const;
    bool is_within(const TimeWindows& windows) const;
    Task<void> pass_time(milliseconds latency_max);
    Task<void> sleep(milliseconds time);
    // What a request to Twilio meets, after the time that it takes.
    Task<std::optional<Error>> twilio_trouble();
};

// All destinations in one.
class SimCrm final : public CrmGateway {
public:
    explicit SimCrm(SimWorld& world) : world_(world) {}
    Task<CrmAnswer> deliver(CrmRequest request) override;
    // The process with this clock died: what was on its way may still arrive.
    void settle_in_flight(const SimClock& of);

    struct Filed {
        std::set<std::string> bodies;
        std::set<std::string> webhook_ids;
        UtcTime first_at{};      // True time.
        int receipts_count = 0;  // 2xx decided, whether or not the answer got back.
    };
    using Key = std::pair<std::string, std::string>;  // Destination, Idempotency-Key.
    std::map<Key, Filed> filed;
    // Destinations that a person was told are paused, since when; nothing is sent there but what
    // somebody sends by hand.
    std::map<std::string, UtcTime> paused_at;
    std::multiset<std::string> by_hand;  // Calls.
    int requests_count = 0;
    std::vector<std::string> violations;

private:
    void receive(const CrmRequest& request);
    void check_pause(const CrmRequest& request);

    SimWorld& world_;
    std::map<std::pair<const SimClock*, int>, CrmRequest> in_flight_;
    int next_ticket_ = 0;
};

class SimTwilio final : public TwilioApi {
public:
    explicit SimTwilio(SimWorld& world) : world_(world) {}
    Task<Result<FetchedCall>> fetch_call(CallAddress address) override;
    Task<CallListAnswer> list_calls(CallListQuery query) override;

private:
    FetchedCall show(const TrueCall& call);

    SimWorld& world_;
};

class SimElevenLabs final : public ElevenLabsApi {
public:
    explicit SimElevenLabs(SimWorld& world) : world_(world) {}
    Task<ElevenLabsAnswer<FetchedConversation>> fetch_conversation(std::string id) override;
    Task<ElevenLabsAnswer<ConversationList>> list_conversations(ConversationQuery query) override;
    Task<ElevenLabsAnswer<std::vector<WebhookHealth>>> list_webhooks() override;

    // The process with this clock died, and its requests with it.
    void forget_in_flight(const SimClock& of) { in_flight_.erase(&of); }

    int in_flight_max = 0;  // Of one process.

private:
    Task<std::optional<ElevenLabsError>> trouble();

    SimWorld& world_;
    std::map<const SimClock*, int> in_flight_;
};

class SimMetadata final : public Metadata {
public:
    explicit SimMetadata(SimWorld& world) : world_(world) {}
    Task<std::vector<MetadataAnswer>> find(std::vector<MetadataQuery> queries) override;

private:
    SimWorld& world_;
};

}  // namespace wrapup
