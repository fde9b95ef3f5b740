#pragma once

// Tells the log what becomes of the other nodes, and of this one's part among them: each change
// once. Remembers who fell silent, for the alerts.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "core/watch/alert_book.hpp"
#include "ports/event_log.hpp"
#include "ports/fleet.hpp"

namespace wrapup {

class FleetLog {
public:
    explicit FleetLog(EventLog& log) : log_(log) {}

    // Of each beat, in order: what it brought, or that it failed.
    void heard(const FleetNews& news);
    void beat_failed(const Error& error);

    // Nodes that fell silent and did not come back: for an hour, also when they are forgotten. As
    // long, that the database's clock was set. And that this one has no part.
    std::vector<AlertCondition> alerts() const;

private:
    enum class State { alive, silent, stopped };
    struct Known {
        NodeRow row;
        State state = State::alive;
        bool is_compared = false;  // Its settings with ours.
    };
    State state_of(const NodeRow& row, const Known* before) const;
    void tell(const NodeRow& row, const Known* before, State state);
    void compare(const NodeRow& self, Known& other);
    void tell_step(milliseconds by, UtcTime now);
    void forget(const std::vector<NodeRow>& nodes);
    void write(LogLevel level, std::string_view message, const NodeRow& row);

    EventLog& log_;
    std::map<std::string, Known> others_;  // By id.
    struct Silent {
        std::string name;
        UtcTime seen_at;
    };
    std::map<std::string, Silent> silent_;  // By id.
    // By the database's clock, as all times of nodes.
    std::optional<UtcTime> heard_at_;
    UtcTime heard_since_{};  // Without a gap in which others could not be heard either.
    struct Step {
        milliseconds by{};
        UtcTime at{};
    };
    std::optional<Step> step_;  // The last one of the database's clock.
    bool is_failing_ = false;
    bool is_replaced_ = false;
};

}  // namespace wrapup
