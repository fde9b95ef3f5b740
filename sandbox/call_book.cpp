#include "sandbox/call_book.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace wrapup {

std::optional<ConversationStatus> conversation_status(const PlayedCall& call, UtcTime now) {
    if (call.plan.conversation_id.empty() || !call.answered_at) return std::nullopt;
    if (!call.ended_at) return ConversationStatus::in_progress;
    if (now < *call.ended_at + call.plan.faults.processing) return ConversationStatus::processing;
    return ConversationStatus::done;
}

PlayedCall& CallBook::add(CallPlan plan, UtcTime now) {
    PlayedCall& call = calls_.emplace_back();
    call.plan = std::move(plan);
    call.placed_at = now;
    const bool is_new = by_id_.emplace(call.plan.sid, &call).second;
    WRAPUP_ASSERT(is_new);
    if (!call.plan.conversation_id.empty()) by_id_.emplace(call.plan.conversation_id, &call);
    return call;
}

const PlayedCall* CallBook::find(std::string_view sid) const {
    const auto found = by_id_.find(std::string(sid));
    return found != by_id_.end() && found->second->plan.sid == sid ? found->second : nullptr;
}

const PlayedCall* CallBook::find_conversation(std::string_view conversation_id) const {
    const auto found = by_id_.find(std::string(conversation_id));
    if (found == by_id_.end() || found->second->plan.conversation_id != conversation_id) {
        return nullptr;
    }
    return found->second;
}

std::size_t CallBook::ended_count() const {
    const auto has_ended = [](const PlayedCall& call) { return call.ended_at.has_value(); };
    return static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), has_ended));
}

}  // namespace wrapup
