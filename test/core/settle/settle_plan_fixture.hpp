#pragma once

#include <gtest/gtest.h>

#include "core/settle/settle_plan.hpp"

namespace wrapup {

using std::chrono::hours;
using std::chrono::minutes;

inline constexpr UtcTime t0{milliseconds{1'750'000'000'000}};

// A completed call with everything known but its summary; each test bends one thing.
class SettlePlan : public testing::Test {
protected:
    SettlePlan() {
        facts.call_sid = "CA0123456789abcdef0123456789abcdef";
        facts.to = "+61413052898";
        facts.answered_by = "human";
        facts.has_twilio_word = true;
        facts.is_phone_call = true;
        facts.duration_s = 60;
        facts.started_at = t0 - seconds{60};
        facts.ended_at = t0;
        facts.end_heard_at = t0;
        facts.first_word_at = t0;
        facts.last_word_at = t0;
        ends(CallStatus::completed, Authority::callback);
        progress.metadata_resolved_at = t0;
        policy.can_ask_elevenlabs = true;
        policy.awaits_webhook = true;
        policy.can_ask_twilio = true;
        policy.process_started_at = t0 - hours{1};
    }

    void ends(CallStatus status, Authority authority) {
        facts.terminal = Terminal{status, authority, 3, facts.duration_s};
    }
    SettleStep plan(UtcTime now, bool is_forced = false) const {
        return plan_settle({facts, progress, metadata, is_forced}, policy, now);
    }
    bool fixes(UtcTime now) const { return std::holds_alternative<FixRecord>(plan(now)); }
    UtcTime waits_until(UtcTime now) const {
        const SettleStep step = plan(now);
        EXPECT_TRUE(std::holds_alternative<WaitUntil>(step)) << step.index();
        return std::holds_alternative<WaitUntil>(step) ? std::get<WaitUntil>(step).due_at
                                                       : UtcTime{};
    }
    bool asks_conversation(UtcTime now) const {
        return std::holds_alternative<AskConversation>(plan(now));
    }

    Facts facts;
    SettleProgress progress;
    CallMetadata metadata;
    SettlePolicy policy;
};

}  // namespace wrapup
