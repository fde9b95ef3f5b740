#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "core/settle/settle_answer.hpp"
#include "ports/clock.hpp"
#include "ports/twilio_api.hpp"
#include "service/settler/conversation_finder.hpp"
#include "service/tasks/slots.hpp"

namespace wrapup {

struct SettleCase;
using CasePtr = std::shared_ptr<SettleCase>;

// A question that is out. Its answer may come after nobody waits for it any more.
template <class T>
struct Question {
    std::weak_ptr<SettleCase> asker;
    UtcTime asked_at{};
    UtcTime give_up_at{};
    std::optional<T> answer;

    void put(T value);
    void shift(milliseconds by) {
        asked_at += by;
        give_up_at += by;
    }
};

// A claimed call while the settler works on it.
struct SettleCase : KnownCall {
    SettleCase(ClaimedCall call, UtcTime now);
    explicit SettleCase(KnownCall known);

    // Nothing more is worth waiting for: there is news, or the process stops.
    void disturb() {
        is_disturbed = true;
        alarm.ring();
    }
    bool is_asking() const { return twilio || conversation; }

    // Twilio and ElevenLabs are asked side by side: one that hangs keeps nobody from the other.
    std::shared_ptr<Question<Result<FetchedCall>>> twilio;
    std::shared_ptr<Question<ConversationFound>> conversation;
    std::optional<Slots::Slot> slot;  // Its turn to ask ElevenLabs.
    bool is_queued = false;           // Waits for its turn.
    bool is_forced = false;
    bool is_fixed = false;
    std::vector<ClaimedDelivery> claimed;  // Of a forced one: for whoever forced it.
    bool is_disturbed = false;
    Alarm alarm;
};

template <class T>
void Question<T>::put(T value) {
    answer.emplace(std::move(value));
    if (const CasePtr c = asker.lock()) c->alarm.ring();
}

}  // namespace wrapup
