#include "sandbox/calls/call_book.hpp"

#include <algorithm>

#include "base/assert.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {
namespace {

// A prepared conversation that nobody comes for is given up.
constexpr seconds registration_life{60};

// The summary was written for somebody whose name the sandbox invented.
void rename(CallPlan& plan, const std::string& name) {
    if (name.empty() || plan.name.empty()) return;
    if (const auto found = plan.summary.find(plan.name); found != std::string::npos) {
        plan.summary.replace(found, plan.name.size(), name);
    }
    plan.name = name;
}

std::string name_in(const std::string& variables) {
    const auto parsed = parse_json_object(variables);
    if (!parsed) return {};
    const std::string name = json_string(&*parsed, "contact_name");
    return name.empty() ? json_string(&*parsed, "name") : name;
}

}  // namespace

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

void CallBook::stop(const PlayedCall& call, CallStatus how) {
    PlayedCall& found = *by_id_.at(call.plan.sid);
    found.stop = how;
    found.alarm->ring();
}

const Registration& CallBook::add(Registration registration) {
    Registration& kept = registrations_.emplace_back(std::move(registration));
    registered_.emplace(kept.conversation_id, &kept);
    return kept;
}

bool CallBook::connect(PlayedCall& call, const std::string& conversation_id) {
    const auto found = registered_.find(conversation_id);
    if (found == registered_.end() || !found->second->call_sid.empty()) return false;
    found->second->call_sid = call.plan.sid;
    call.registration = found->second;
    call.conversations_count += 1;
    call.plan.conversation_id = conversation_id;
    by_id_.emplace(conversation_id, &call);
    rename(call.plan, name_in(found->second->variables));
    return true;
}

std::size_t CallBook::talking_count(UtcTime now) const {
    const auto talks = [&](const Registration& one) {
        if (one.call_sid.empty()) return now < one.registered_at + registration_life;
        return !find(one.call_sid)->ended_at.has_value();
    };
    return static_cast<std::size_t>(
        std::count_if(registrations_.begin(), registrations_.end(), talks));
}

std::size_t CallBook::ended_count() const {
    const auto has_ended = [](const PlayedCall& call) { return call.ended_at.has_value(); };
    return static_cast<std::size_t>(std::count_if(calls_.begin(), calls_.end(), has_ended));
}

}  // namespace wrapup
