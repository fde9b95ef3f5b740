#pragma once

// Gets an ElevenLabs conversation for a call: by its id, or, when nobody told us the id, by our own
// dynamic variable, or by listing the conversations around the call's start and comparing CallSids.
// Lookups are bounded in number, by slots that whoever asks takes first, and each makes one request
// at a time. One listing serves all calls of its time window, and a conversation once seen to
// belong to another call is not fetched again. One executor.

#include <list>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "core/settle/conversation_match.hpp"
#include "core/settle/settle_plan.hpp"
#include "ports/clock.hpp"
#include "ports/elevenlabs_api.hpp"
#include "ports/metrics.hpp"
#include "ports/store_queries.hpp"
#include "service/tasks/blocking_pool.hpp"
#include "service/tasks/slots.hpp"

namespace wrapup {

struct ConversationSearch {
    std::string conversation_id;  // When known; else the others are used.
    CallMarks call;
    UtcTime started_at{};       // Of the call, as far as known.
    std::string agent_id;       // Of the listing; empty: any agent.
    bool asks_variable = true;  // Try the dynamic variable, once per call.
};

inline constexpr std::string_view said_of_strangers =
    "the conversation named for it is another call's";

struct ConversationFound {
    ConversationReply reply = ConversationReply::pending;
    std::string said;  // For the call's story: "done", "processing", "404", "time-out".
    std::optional<UtcTime> not_before;
    std::optional<FetchedConversation> document;  // Set for final.
    bool asked_variable = false;                  // And the answer was one: not worth asking again.
    bool is_strangers = false;  // The document that was fetched belongs to another call.
    bool is_unknown = false;    // 404.
};

class ConversationFinder {
public:
    struct Ports {
        ElevenLabsApi& api;
        Clock& clock;
        CallQueries& store;
        BlockingPool& reads;
        Metrics& metrics;
    };
    ConversationFinder(Ports ports, int concurrency_max);

    // The slot is given back when the lookup has ended, whether or not somebody still waits for it.
    Slots& slots() { return slots_; }
    // Never fails: a peer in trouble makes the reply `pending`, with what it said and when it wants
    // to be asked again. It takes as long as the requests do; who does not wait for its end may
    // leave, but the finder outlives all lookups.
    Task<ConversationFound> find(ConversationSearch search, Slots::Slot slot);

private:
    struct ListingWaiter {
        Alarm alarm;
        bool is_told = false;
        std::optional<ElevenLabsError> error;
    };
    struct Listing {
        UtcTime fetched_at{};
        bool is_fetching = false;
        std::vector<ConversationListItem> items;
        std::list<ListingWaiter*> waiting;
    };
    using Window = std::pair<std::int64_t, std::string>;  // Start bucket, agent.

    // By the id that somebody named. A document without a CallSid may be the call's.
    Task<ConversationFound> fetch_named(ConversationSearch search);
    // The CallSid of the call that has the conversation already; empty: none.
    Task<Result<std::string>> owner_of(std::string conversation_id);
    // No document, and not sent, when it is known to be another call's.
    Task<ConversationFound> fetch(std::string id, CallMarks call);
    Task<ConversationFound> fetch_any(std::string id);
    Task<ConversationFound> find_by_variable(ConversationSearch search);
    Task<ConversationFound> find_by_listing(ConversationSearch search);
    Task<std::optional<ElevenLabsError>> refresh(Window window);
    void forget_old_listings(const Window& kept);
    Task<ConversationFound> try_candidates(std::vector<ConversationListItem> candidates,
                                           CallMarks call);
    bool may_know_variables() const;
    void remember(const Conversation& conversation);
    bool is_of_another_call(const std::string& id, const std::string& call_sid) const;
    ConversationFound trouble(const ElevenLabsError& error);

    ElevenLabsApi& api_;
    Clock& clock_;
    CallQueries& store_;
    BlockingPool& reads_;
    Metrics& metrics_;
    Slots slots_;
    std::map<Window, Listing> listings_;
    std::unordered_map<std::string, std::string> call_sid_of_;  // Conversation id to CallSid.
    std::list<std::string> remembered_;                         // Oldest first.
    // A server that ignores the filter is not asked that way again for a while.
    std::optional<UtcTime> variable_ignored_until_;
};

}  // namespace wrapup
