#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "base/time.hpp"

namespace wrapup {

// Calls that wait for their turn, in the order in which they fell due. Only their ids are kept, so
// that a hundred thousand waiting calls are some megabytes and no work. One executor.
class Turns {
public:
    struct Turn {
        UtcTime due_at{};
        std::string call_id;
    };

    explicit Turns(std::size_t count_max = 100'000) : count_max_(count_max) {}

    bool empty() const { return order_.empty(); }
    std::size_t count() const { return order_.size(); }
    bool holds(const std::string& call_id) const { return due_.contains(call_id); }

    // Keeps the place of a call that waits already. False when there is no room.
    bool add(const std::string& call_id, UtcTime due_at) {
        if (holds(call_id)) return true;
        if (order_.size() >= count_max_) return false;
        due_.emplace(call_id, due_at);
        order_.emplace(due_at, call_id);
        return true;
    }
    void remove(const std::string& call_id) {
        const auto found = due_.find(call_id);
        if (found == due_.end()) return;
        order_.erase({found->second, call_id});
        due_.erase(found);
    }
    // The one that has been due longest. Requires !empty().
    Turn take() {
        const auto first = order_.begin();
        Turn turn{first->first, first->second};
        order_.erase(first);
        due_.erase(turn.call_id);
        return turn;
    }

private:
    std::size_t count_max_;
    std::map<std::string, UtcTime> due_;
    std::set<std::pair<UtcTime, std::string>> order_;
};

}  // namespace wrapup
