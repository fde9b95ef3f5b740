// What only ElevenLabs told, and Twilio's time for its own word.

#include "test/core/settle/settle_plan_fixture.hpp"

namespace wrapup {
namespace {

TEST_F(SettlePlan, only_elevenlabs_word_gives_twilio_its_grace) {
    facts.has_twilio_word = false;
    facts.elevenlabs_ended_at = t0;
    facts.line = PhoneLine::twilio;
    facts.summary = "They talked.";
    ends(CallStatus::completed, Authority::elevenlabs);
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0)));
    note_twilio(progress, TwilioReply::unknown, "HTTP 404", t0);
    EXPECT_EQ(waits_until(t0), t0 + seconds{30});
    EXPECT_TRUE(fixes(t0 + seconds{30}));
}

TEST_F(SettlePlan, a_call_that_twilio_says_still_runs_gets_more_time) {
    facts.elevenlabs_ended_at = t0;
    facts.summary = "They talked.";
    ends(CallStatus::completed, Authority::elevenlabs);
    note_twilio(progress, TwilioReply::running, "in-progress", t0 + seconds{25});
    EXPECT_EQ(waits_until(t0 + seconds{31}), t0 + seconds{35});
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0 + seconds{35})));
    EXPECT_TRUE(fixes(t0 + seconds{55}));
}

TEST_F(SettlePlan, a_sip_call_settles_on_elevenlabs_word) {
    facts.has_twilio_word = false;
    facts.call_sid.clear();
    facts.elevenlabs_ended_at = t0;
    facts.line = PhoneLine::sip;
    facts.summary = "They talked.";
    ends(CallStatus::completed, Authority::elevenlabs);
    EXPECT_TRUE(fixes(t0));
}

// Ended by a conversation that is no phone call and names it in its variables.
class OnlyNamed : public SettlePlan {
protected:
    OnlyNamed() {
        facts.has_twilio_word = false;
        facts.is_phone_call = false;
        facts.elevenlabs_ended_at = t0;
        facts.line = PhoneLine::twilio;
        facts.summary = "They talked.";
        ends(CallStatus::completed, Authority::elevenlabs);
    }
    bool is_unlinked(UtcTime now) const {
        const SettleStep step = plan(now);
        const auto* const park = std::get_if<ParkCall>(&step);
        return park != nullptr && park->reason == ParkReason::unlinked;
    }
};

TEST_F(OnlyNamed, a_call_that_twilio_does_not_know_makes_no_record) {
    EXPECT_TRUE(std::holds_alternative<AskTwilio>(plan(t0)));
    note_twilio(progress, TwilioReply::unknown, "Twilio does not know the call", t0);
    EXPECT_EQ(waits_until(t0), t0 + seconds{30}) << "Twilio may still tell of it";
    EXPECT_TRUE(is_unlinked(t0 + seconds{30}));
    EXPECT_TRUE(std::holds_alternative<FixRecord>(plan(t0 + seconds{30}, true)));
    facts.is_phone_call = true;
    EXPECT_TRUE(fixes(t0 + seconds{30}));
}

TEST_F(OnlyNamed, a_call_of_the_diallers_is_one_whatever_twilio_says) {
    note_twilio(progress, TwilioReply::unknown, "Twilio does not know the call", t0);
    metadata.contact_name = "Ada";
    metadata.campaign_name = "Spring";
    EXPECT_TRUE(is_unlinked(t0 + seconds{30})) << "that may be the contact's";
    metadata.name = "Ada";
    EXPECT_TRUE(fixes(t0 + seconds{30}));
    progress.metadata_resolved_at.reset();
    EXPECT_TRUE(std::holds_alternative<AskMetadata>(plan(t0 + seconds{30})));
}

TEST_F(OnlyNamed, twilio_is_asked_until_it_answers_and_then_no_call_is_lost) {
    UtcTime now = t0;
    int asks_count = 0;
    while (now < t0 + minutes{10}) {
        const SettleStep step = plan(now);
        if (std::holds_alternative<AskTwilio>(step)) {
            note_twilio(progress, TwilioReply::failed, "HTTP 503", now);
            ASSERT_LT(++asks_count, 30);
        } else {
            now = std::get<WaitUntil>(step).due_at;
        }
    }
    EXPECT_GT(asks_count, 20);
    EXPECT_EQ(now, t0 + minutes{10});
    EXPECT_TRUE(fixes(now));
}

TEST_F(OnlyNamed, who_cannot_ask_twilio_takes_it_for_a_call) {
    note_twilio(progress, TwilioReply::refused, "HTTP 401", t0);
    EXPECT_EQ(waits_until(t0), t0 + seconds{30});
    EXPECT_TRUE(fixes(t0 + seconds{30}));
    progress = {};
    progress.metadata_resolved_at = t0;
    policy.can_ask_twilio = false;
    EXPECT_EQ(waits_until(t0), t0 + seconds{30});
    EXPECT_TRUE(fixes(t0 + seconds{30}));
}

}  // namespace
}  // namespace wrapup
