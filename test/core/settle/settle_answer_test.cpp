// What the clock that was set does to a call that waits.

#include "core/settle/settle_answer.hpp"

#include <vector>

#include "test/core/settle/settle_plan_fixture.hpp"

namespace wrapup {
namespace {

TEST_F(SettlePlan, times_that_lie_ahead_are_brought_in_together) {
    progress.metadata_resolved_at = t0;
    progress.conversation_asked_at = t0 + seconds{4};
    progress.conversation_not_before = t0 + seconds{9};
    progress.workable_again_at = t0;
    bring_in(progress, {}, t0 + seconds{5});
    EXPECT_EQ(progress.conversation_asked_at, t0 + seconds{4});
    const UtcTime earlier = t0 - hours{3};
    bring_in(progress, {}, earlier);
    EXPECT_EQ(progress.conversation_asked_at, earlier);
    EXPECT_EQ(progress.metadata_resolved_at, earlier - seconds{4});
    EXPECT_EQ(progress.workable_again_at, earlier - seconds{4});
    EXPECT_EQ(progress.conversation_not_before, earlier + seconds{5});
    policy.process_started_at = earlier - hours{1};
    EXPECT_EQ(waits_until(earlier), earlier + seconds{5});
    EXPECT_TRUE(fixes(earlier - seconds{4} + policy.summary_wait));
}

// The store moves the events; what was done about the call follows.
TEST_F(SettlePlan, times_are_brought_in_by_as_much_as_the_first_event_was_moved) {
    progress.first_event_at = t0;
    progress.metadata_resolved_at.reset();
    progress.metadata_first_asked_at = t0 + seconds{1};
    progress.metadata_next_at = t0 + seconds{3};
    const SettleProgress before = progress;
    std::vector<ObservedEvent> observed{{EventKind::twilio_status, t0, Remark{}},
                                        {EventKind::twilio_status, t0 + seconds{2}, Remark{}}};
    bring_in(progress, observed, t0 + hours{2});
    EXPECT_EQ(progress, before);
    for (const milliseconds by : {milliseconds{hours{1}}, milliseconds{-hours{1}}}) {
        progress = before;
        std::vector<ObservedEvent> moved = observed;
        for (ObservedEvent& event : moved) event.received_at += by;
        bring_in(progress, moved, t0 + by + seconds{3});
        EXPECT_EQ(progress.first_event_at, t0 + by);
        EXPECT_EQ(progress.metadata_first_asked_at, t0 + by + seconds{1});
        EXPECT_EQ(progress.metadata_next_at, t0 + by + seconds{3});
        bring_in(progress, moved, t0 + by + seconds{4});
        EXPECT_EQ(progress.metadata_next_at, t0 + by + seconds{3});
    }
}

// How long wrapup was away nobody knows who sees a clock that was set meanwhile.
TEST_F(SettlePlan, a_start_ends_no_wait_within_half_a_minute) {
    const UtcTime start = t0 + hours{5};
    policy.process_started_at = start;
    progress.metadata_resolved_at.reset();
    progress.metadata_first_asked_at = t0;
    note_metadata(progress, MetadataReply::away, policy, start + seconds{1});
    EXPECT_FALSE(progress.metadata_resolved_at);
    note_metadata(progress, MetadataReply::away, policy, start + seconds{30});
    EXPECT_EQ(progress.metadata_resolved_at, start + seconds{30});
    ends(CallStatus::completed, Authority::elevenlabs);
    facts.elevenlabs_ended_at = t0;
    facts.summary = "They talked.";
    policy.can_ask_twilio = false;
    EXPECT_EQ(waits_until(start + seconds{1}), start + seconds{30});
    EXPECT_TRUE(fixes(start + seconds{30}));
    policy.twilio_grace = seconds{10};
    EXPECT_EQ(waits_until(start + seconds{1}), start + seconds{10});
}

}  // namespace
}  // namespace wrapup
