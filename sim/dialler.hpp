#pragma once

// Twilio and ElevenLabs as they make calls that were ordered: Twilio loses answers, asks what an
// answered call is to hear, and tells of it late, twice or never. It checks what was ordered while
// it happens. It outlives a crash of the process that talks to it.

#include <deque>
#include <functional>
#include <map>

#include "ports/call_placing.hpp"
#include "service/placer/placing_actions.hpp"
#include "sim/memory_store.hpp"
#include "sim/peers.hpp"

namespace wrapup {

// A call that Twilio made.
struct DialledCall {
    enum class Stage { queued, ringing, asking, talking, over };
    TrueCall* truth = nullptr;
    std::string token;
    std::string intent_id;
    Stage stage = Stage::queued;
    CallStatus fate = CallStatus::completed;  // When nobody ends it before.
    std::string answered_by;
    UtcTime dial_at{};
    UtcTime answer_at{};
    milliseconds talk{};
    milliseconds delay{};  // Of its callbacks.
    bool is_silent = false;
    bool is_told = false;          // Whoever ordered it got Twilio's answer.
    bool is_cancel_asked = false;  // At Twilio, which may not have done it.

    std::optional<UtcTime> answered_at;
    bool is_asked = false;  // A process lived long enough to say what is to be said.
    bool may_talk = true;   // By what was known when somebody answered.
    std::string why_not;
    std::optional<UtcTime> talks_since;
    std::string conversation_id;
};

// A call that another program made between the same two numbers.
struct ForeignCall {
    TwilioCall seen;
    UtcTime answered_at{};
    UtcTime over_at{};
};

class SimDialler final : public CallPlacing, public AgentRegistry {
public:
    SimDialler(SimWorld& world, MemoryStore& store) : world_(world), store_(store) {}

    Task<CreateAnswer> create_call(OutboundCall order) override;
    Task<Result<std::vector<TwilioCall>>> list_calls_between(std::string from,
                                                             std::string to) override;
    Task<Result<void>> end_call(std::string call_sid, CallStatus status) override;
    Task<Result<RegisteredAgent>> register_call(AgentOrder order) override;

    // The life of the process that begins: whom Twilio reaches, and who carries on what it sends.
    struct Life {
        std::function<PlacedCalls&()> target;
        std::function<void(Sending&)> send;
        std::function<void(Task<void>)> spawn;
    };
    void begin(Life life);
    // The process died: what was on its way may still arrive.
    void settle_in_flight(UtcTime now);

    bool is_quiet() const;
    const std::deque<DialledCall>& calls() const { return calls_; }
    std::size_t conversations_count() const { return conversations_.size(); }
    int talks_count(const std::string& intent_id) const {
        const auto found = conversations_.find(intent_id);
        return found == conversations_.end() ? 0 : found->second;
    }
    std::vector<std::string> violations;

private:
    DialledCall& make(const OutboundCall& order, UtcTime now);
    void make_foreign(const OutboundCall& order);
    Task<void> play(DialledCall& call);
    Task<void> ask_what_to_say(DialledCall& call);
    void check_ring(const DialledCall& call);
    void check_rung(const DialledCall& call);
    void note_answer(DialledCall& call);
    void connect(DialledCall& call, std::string conversation_id);
    void end(DialledCall& call, CallStatus status);
    void say(DialledCall& call, CallStatus status);
    void say_machine(DialledCall& call);
    void say_conversation(DialledCall& call);
    void send(const DialledCall& call, Sending sending);
    void check_order(const OutboundCall& order);
    void fail(const std::string& intent_id, std::string_view what);
    Task<void> sleep_until_true(UtcTime at);

    SimWorld& world_;
    MemoryStore& store_;
    Life life_;
    std::deque<DialledCall> calls_;
    std::deque<ForeignCall> foreign_;
    std::map<std::string, UtcTime> agent_asked_;  // By CallSid: until when it is waited for.
    std::map<int, OutboundCall> in_flight_;
    int next_ticket_ = 0;
    std::map<std::string, std::string> registered_;  // Conversation to CallSid.
    std::map<std::string, int> conversations_;       // By intent.
};

}  // namespace wrapup
