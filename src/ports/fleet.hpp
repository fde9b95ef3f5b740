#pragma once

// Several nodes on one store: who lives, and who does what only one of them at a time may do.

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "base/time.hpp"
#include "domain/call_change.hpp"
#include "domain/setting_digests.hpp"

namespace wrapup {

// What one node at a time does. Whoever has a duty loses it by not being heard of for
// `duty_lease`.
namespace duty {
inline constexpr std::string_view reconcile = "reconcile";  // Rounds; an order runs where it came.
inline constexpr std::string_view seal = "seal";
inline constexpr std::string_view replay = "replay";
inline constexpr std::string_view place = "place";
inline constexpr std::string_view keep = "keep";  // Clears up after nodes that are gone.
}  // namespace duty
inline constexpr milliseconds duty_lease{15'000};

class Duties {
public:
    // Whether this node has it now. From any thread. A little less long than the store says.
    virtual bool has(std::string_view name) const = 0;

protected:
    ~Duties() = default;
};

struct NodeHolds {
    std::int64_t calls = 0;       // Being settled.
    std::int64_t deliveries = 0;  // Being sent.

    bool operator==(const NodeHolds&) const = default;
};

struct NodeRow {
    std::string id;
    std::string host;
    std::int64_t pid = 0;
    std::string version;
    UtcTime started_at{};
    UtcTime seen_at{};
    NodeHolds holds;
    std::set<std::string, std::less<>> duties;
    SettingDigests settings;           // It was started with; empty: not known.
    std::optional<SentTo> sends_to{};  // Nothing: an older program does not say.
    bool is_this = false;
    bool has_stopped = false;

    bool operator==(const NodeRow&) const = default;
};

// Whether a node is there, by what `self` heard last: for as long as a duty is kept.
inline bool lives(const NodeRow& node, const NodeRow& self) {
    return !node.has_stopped && node.seen_at > self.seen_at - duty_lease;
}

struct FleetNews {
    std::vector<NodeRow> nodes;       // This one first, then by id.
    std::vector<CallChange> changes;  // By other nodes, since the last beat.
    bool is_replaced = false;         // Another process uses this node's id, and it has no part.
    // Of processes that stopped in the middle of a transaction and held others up: ended now.
    int stalled_sessions = 0;
    // The clock that all nodes go by was set since the last beat; what waits keeps its wait.
    std::optional<milliseconds> clock_set_by;
};

// To whoever wants something claimed by a node that has no part any more.
inline Error replaced_error() {
    return {Errc::conflict,
            "another process has taken this node's place, and nothing is sent from here: ask "
            "another node (wrapup nodes)"};
}

class Fleet {
public:
    // Says that this node lives, takes up what duties are free, and hears of the others. Blocks.
    virtual Result<FleetNews> beat(const NodeHolds& holds) = 0;
    // Gives the duties back: this node stops.
    virtual void leave() = 0;

protected:
    ~Fleet() = default;
};

}  // namespace wrapup
