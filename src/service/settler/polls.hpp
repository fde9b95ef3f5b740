#pragma once

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "domain/call.hpp"
#include "service/settler/conversation_finder.hpp"

namespace wrapup {

// A call that waits for nothing but ElevenLabs' word, and is nobody's claim meanwhile.
struct Poll {
    std::string call_id;
    ConversationSearch search;
    SettleProgress progress;  // What is noted of the polls, until a claim writes it down.
    UtcTime workable_at{};
    UtcTime next_at{};
    UtcTime look_at{};  // When the call is due.
};
using PollPtr = std::shared_ptr<Poll>;

// These calls and when to ask about each. They are in memory only: what is lost with it is when to
// ask next. One executor.
class Polls {
public:
    explicit Polls(std::size_t count_max = 100'000) : count_max_(count_max) {}

    bool has_room() const { return polls_.size() < count_max_; }
    PollPtr find(const std::string& call_id) const {
        const auto found = polls_.find(call_id);
        return found == polls_.end() ? nullptr : found->second;
    }
    void add(PollPtr poll) {
        remove(poll->call_id);
        const std::string& id = poll->call_id;
        polls_.emplace(id, std::move(poll));
    }
    PollPtr remove(const std::string& call_id) {
        const auto found = polls_.find(call_id);
        if (found == polls_.end()) return nullptr;
        PollPtr poll = std::move(found->second);
        polls_.erase(found);
        order_.erase({poll->next_at, call_id});
        return poll;
    }
    // One that is there: take_due() gives it then.
    void schedule(Poll& poll, UtcTime next_at) {
        order_.erase({poll.next_at, poll.call_id});
        poll.next_at = next_at;
        order_.emplace(next_at, poll.call_id);
    }
    PollPtr take_due(UtcTime now) {
        if (order_.empty() || order_.begin()->first > now) return nullptr;
        const std::string id = order_.begin()->second;
        order_.erase(order_.begin());
        return polls_.at(id);
    }
    std::optional<UtcTime> next_at() const {
        if (order_.empty()) return std::nullopt;
        return order_.begin()->first;
    }
    std::vector<std::string> take_all() {
        std::vector<std::string> ids;
        for (const auto& [id, poll] : polls_) ids.push_back(id);
        polls_.clear();
        order_.clear();
        return ids;
    }

private:
    std::size_t count_max_;
    std::map<std::string, PollPtr> polls_;
    std::set<std::pair<UtcTime, std::string>> order_;
};

}  // namespace wrapup
