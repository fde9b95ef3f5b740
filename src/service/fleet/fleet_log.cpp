#include "service/fleet/fleet_log.hpp"

#include <algorithm>
#include <cstdlib>
#include <utility>

namespace wrapup {
namespace {

// Less than what makes a node silent: whoever beats again after so long finds nobody silent who had
// to wait as long.
constexpr seconds gap_min{10};
constexpr std::chrono::hours alert_for{1};

constexpr std::string_view replaced_advice =
    "stop one of the two, remove node_id from its folder, start it anew";

constexpr std::string_view clock_advice =
    "see that NTP runs on every machine of the database, and that its time is right now";

constexpr std::string_view api_token_name = "WRAPUP_API_TOKEN";

std::string name_of(const NodeRow& row) { return row.host + ":" + std::to_string(row.pid); }

}  // namespace

void FleetLog::heard(const FleetNews& news) {
    if (std::exchange(is_failing_, false)) {
        log_.write({LogLevel::info, LogTag::none, "this node is heard of again", "", {}});
    }
    const bool was_replaced = std::exchange(is_replaced_, news.is_replaced);
    if (was_replaced && !is_replaced_) {
        log_.write({LogLevel::info,
                    LogTag::none,
                    "this node has its place again: the process that had taken it is gone",
                    "",
                    {}});
    }
    if (!was_replaced && is_replaced_) {
        log_.write({LogLevel::error,
                    LogTag::none,
                    "another process has taken this node's place: nothing more is claimed here",
                    "",
                    {{"why", "its data folder holds the same node_id: one is a copy of the other"},
                     {"advice", std::string(replaced_advice)},
                     {"needs", "a person"}}});
    }
    if (news.stalled_sessions > 0) {
        log_.write({LogLevel::warning,
                    LogTag::none,
                    "ended database sessions that were paused in the middle of a transaction",
                    "",
                    {{"sessions", std::to_string(news.stalled_sessions)},
                     {"why", "their node is frozen or cut off, and the locks held others up"}}});
    }
    const auto self = std::ranges::find(news.nodes, true, &NodeRow::is_this);
    if (self == news.nodes.end()) return;
    const UtcTime now = self->seen_at;
    const bool is_first = !heard_at_;
    if (is_first || now - *heard_at_ > gap_min) heard_since_ = now;
    heard_at_ = now;
    if (news.clock_set_by) tell_step(*news.clock_set_by, now);
    if (step_ && std::chrono::abs(now - step_->at) > alert_for) step_.reset();
    for (const NodeRow& row : news.nodes) {
        if (row.is_this) continue;
        const auto found = others_.find(row.id);
        const Known* const before = found == others_.end() ? nullptr : &found->second;
        const State state = state_of(row, before);
        Known other{row, state, false};
        other.is_compared =
            before != nullptr && before->is_compared && before->row.started_at == row.started_at;
        if (!is_first) {
            tell(row, before, state);
            compare(*self, other);
        }
        others_[row.id] = std::move(other);
    }
    forget(news.nodes);
    std::erase_if(silent_, [&](const auto& one) { return now - one.second.seen_at > alert_for; });
}

// While this one could not beat, nobody may have been able to.
FleetLog::State FleetLog::state_of(const NodeRow& row, const Known* before) const {
    if (row.has_stopped) return State::stopped;
    const bool is_still =
        before != nullptr && before->state == State::silent && before->row.seen_at == row.seen_at;
    const bool is_long = *heard_at_ - std::max(row.seen_at, heard_since_) > duty_lease;
    return is_still || is_long ? State::silent : State::alive;
}

void FleetLog::tell(const NodeRow& row, const Known* before, State state) {
    const bool is_new = before == nullptr;
    switch (state) {
        case State::alive:
            silent_.erase(row.id);
            if (is_new) return write(LogLevel::info, "another node has joined", row);
            if (before->state != State::alive) {
                return write(LogLevel::info, "another node is back", row);
            }
            if (before->row.started_at != row.started_at) {
                write(LogLevel::info, "another node was started anew", row);
            }
            return;
        case State::silent:
            if (!is_new && before->state == State::silent) return;
            silent_[row.id] = {name_of(row), row.seen_at};
            return write(LogLevel::warning,
                         "another node has fallen silent: the others do its work", row);
        case State::stopped:
            silent_.erase(row.id);
            if (is_new || before->state == State::stopped) return;
            write(LogLevel::info, "another node has stopped", row);
    }
}

void FleetLog::compare(const NodeRow& self, Known& other) {
    const bool is_heard = other.state == State::alive && self.seen_at - other.row.seen_at < gap_min;
    if (other.is_compared || !is_heard) return;
    other.is_compared = true;
    const auto names = differing_settings(self.settings, other.row.settings);
    if (names.empty()) return;
    std::string list;
    for (const std::string& name : names) list += (list.empty() ? "" : ", ") + name;
    LogLine line{LogLevel::warning,
                 LogTag::none,
                 "another node has other settings than this one",
                 "",
                 {{"node", name_of(other.row)},
                  {"settings", list},
                  {"advice", "make them the same on all nodes, and restart those that change"}}};
    if (std::ranges::count(names, api_token_name) > 0) {
        line.fields.emplace_back("api_token", "that of one node is refused by the other");
    }
    log_.write(line);
}

void FleetLog::tell_step(milliseconds by, UtcTime now) {
    step_ = Step{by, now};
    log_.write({LogLevel::warning,
                LogTag::none,
                "the database's clock was set",
                "",
                {{"by_s", std::to_string(std::chrono::duration_cast<seconds>(by).count())},
                 {"why", "somebody set it, or another server with another clock has taken over"},
                 {"advice", std::string(clock_advice)}}});
}

void FleetLog::forget(const std::vector<NodeRow>& nodes) {
    std::erase_if(others_, [&](const auto& one) {
        if (std::ranges::find(nodes, one.first, &NodeRow::id) != nodes.end()) return false;
        const Known& gone = one.second;
        if (gone.state == State::silent) {
            write(LogLevel::info, "a silent node is counted no longer: others have its work",
                  gone.row);
        }
        return true;
    });
}

void FleetLog::beat_failed(const Error& error) {
    if (std::exchange(is_failing_, true)) return;
    log_.write({LogLevel::warning,
                LogTag::none,
                "this node is not heard of by the others: its beat fails",
                "",
                {{"error", error.detail}}});
}

std::vector<AlertCondition> FleetLog::alerts() const {
    std::vector<AlertCondition> all;
    if (is_replaced_) {
        all.push_back({"node_replaced",
                       "another process has taken this node's place: nothing more is claimed here, "
                       "until a minute after the other is gone",
                       std::string(replaced_advice)});
    }
    if (step_) {
        const auto by_s = std::chrono::duration_cast<seconds>(step_->by).count();
        all.push_back({"database_clock",
                       "the database's clock was set " +
                           std::string(by_s < 0 ? "back" : "forward") + " by " +
                           std::to_string(std::abs(by_s)) + " s at " + format_rfc3339(step_->at) +
                           ": what waits keeps its wait, times before and after it differ",
                       std::string(clock_advice)});
    }
    for (const auto& [id, node] : silent_) {
        all.push_back({"node_silent:" + node.name,
                       "node " + node.name + " fell silent at " + format_rfc3339(node.seen_at) +
                           ": the others do its work",
                       "see its log and start it again, then wrapup nodes"});
    }
    return all;
}

void FleetLog::write(LogLevel level, std::string_view message, const NodeRow& row) {
    log_.write({level,
                LogTag::none,
                message,
                "",
                {{"node", name_of(row)},
                 {"version", row.version},
                 {"last_seen_at", format_rfc3339(row.seen_at)}}});
}

}  // namespace wrapup
