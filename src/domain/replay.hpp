#pragma once

// A replay: records that are sent once more, as a job that is kept in the store.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/call.hpp"
#include "domain/record_filter.hpp"

namespace wrapup {

// Which deliveries; what is absent or empty: any.
struct ReplayFilter {
    std::optional<DeliveryState> state;
    std::optional<ParkReason> parked;
    std::string destination;
    std::optional<Outcome> outcome;
    std::string campaign;
    std::optional<UtcTime> after;   // The call's first event at or after.
    std::optional<UtcTime> before;  // The call's first event before.
    std::string fingerprint;        // Of what is not accepted (Delivery).

    bool operator==(const ReplayFilter&) const = default;
};

// Parked deliveries that the filter lets through; with is_again accepted ones as well, and pending
// ones when it asks for that state. Those parked as unknown_outcome or given_up only when it names
// that, and forgotten ones never.
struct ReplayOrder {
    ReplayFilter filter;
    bool is_again = false;
    // Instead: records that filter.destination was never to get, because it was not there yet.
    bool is_earlier = false;
    bool gives_up = false;  // Instead: they are sent nowhere any more.
    std::string to;         // Another destination takes the deliveries over; empty: they stay.
    RecordFilter only;  // What the destination wants (is_earlier, to). By the settings, not kept.

    bool operator==(const ReplayOrder&) const = default;
};

enum class ReplayState { running, done, cancelled };
std::string_view to_string(ReplayState state);
std::optional<ReplayState> parse_replay_state(std::string_view name);

// Why a record that an order concerns is not sent all the same.
enum class ReplayObstacle {
    there,     // The other destination has a delivery of it.
    unwanted,  // The other destination does not want it (RecordFilter).
    lost,      // Its destination is gone, removed or disabled.
};
struct ReplayObstacles {
    std::int64_t there = 0;
    std::int64_t unwanted = 0;
    std::int64_t lost = 0;

    std::int64_t total() const { return there + unwanted + lost; }
    std::int64_t& of(ReplayObstacle obstacle);
    bool operator==(const ReplayObstacles&) const = default;
};

struct ReplayJob {
    std::int64_t id = 0;
    std::string token;  // Of its preview: one job for each.
    ReplayOrder order;
    std::string reason;
    ReplayState state = ReplayState::running;
    UtcTime started_at{};
    std::optional<UtcTime> ended_at;
    std::int64_t count = 0;      // So many were found when it began, and no more are released.
    std::int64_t last_id = 0;    // Younger deliveries (calls, with is_earlier) are not concerned.
    std::int64_t walked_to = 0;  // Looked through so far, by id.
    std::int64_t released = 0;
    std::int64_t accepted = 0;  // Of those released, as the next two.
    std::int64_t failed = 0;    // Parked (again), or not accepted again.
    std::int64_t given_up = 0;
    std::int64_t skipped = 0;  // Counted and not released.
    ReplayObstacles left_out;  // Found when it began, and not counted.
    ReplayObstacles met;       // While it looked through them.

    std::int64_t open() const { return released - accepted - failed - given_up; }
    // Of those skipped; the rest changed meanwhile.
    ReplayObstacles skips() const;
    bool is_walked() const { return walked_to >= last_id; }
    bool operator==(const ReplayJob&) const = default;
};

// A delivery, or with is_earlier a call, as far as a filter looks at it.
struct ReplayCandidate {
    std::int64_t id = 0;  // The delivery's; the call's number.
    std::string call_id;
    std::int64_t delivery_id = 0;  // With is_earlier: any one of the call's; 0: it has none.
    std::string destination;
    DeliveryState state = DeliveryState::pending;
    std::optional<ParkReason> parked;
    std::string fingerprint;
    bool is_replaying = false;  // Some job has released it, and it has not ended.
    bool is_there = false;      // ReplayOrder::to has a delivery of the call.
    std::optional<Outcome> outcome;
    std::string campaign;
    CallMetadata metadata;  // With is_earlier, or where another takes over.
    UtcTime first_event_at{};
};

// Whether the order concerns it. Of a call (is_earlier) whose record is
// fixed and that has no delivery to the destination. No order concerns a sample (sample_call.hpp).
bool matches(const ReplayOrder& order, const ReplayCandidate& candidate);

// Where it would be sent.
const std::string& goal_of(const ReplayOrder& order, const ReplayCandidate& candidate);
// Of one that matches; `is_lost`: its goal is gone, removed or disabled.
std::optional<ReplayObstacle> obstacle_to(const ReplayOrder& order,
                                          const ReplayCandidate& candidate, bool is_lost);

// A part of what an order concerns, by id.
struct ReplayWalk {
    std::vector<ReplayCandidate> found;
    std::int64_t reached = 0;  // All up to here was looked at.
    std::int64_t last = 0;     // The greatest id there is, or that was asked for.
};
// So many are looked at in one go, whether they match or not.
inline constexpr int replay_scan_max = 5'000;

}  // namespace wrapup
