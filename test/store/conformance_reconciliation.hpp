#pragma once

// Conformance: what came of comparing with Twilio.

#include "test/store_conformance.hpp"

namespace wrapup {

inline TwilioSlot slot_at(UtcTime from, std::int64_t calls_count, bool is_complete = true) {
    return {from, calls_count, 1, is_complete, t0};
}

inline TwilioDifference difference_of(const std::string& call_sid, DifferenceKind kind,
                                      UtcTime at = t0) {
    return {call_sid, at, kind, "Twilio: completed, 42 s", t0 + seconds{5}};
}

TEST_P(StoreConformance, slots_are_replaced_and_listed_in_order) {
    const UtcTime next = t0 + twilio_slot;
    NoteReconciliation first;
    first.slots = {slot_at(next, 7), slot_at(t0, 3, false)};
    ASSERT_TRUE(commit_one(first));
    NoteReconciliation second;
    second.slots = {slot_at(t0, 4)};
    ASSERT_TRUE(commit_one(second));

    const auto all = store->twilio_slots(t0, next + twilio_slot);
    ASSERT_TRUE(all);
    EXPECT_EQ(*all, (std::vector{slot_at(t0, 4), slot_at(next, 7)}));
    const auto half = store->twilio_slots(t0, next);
    ASSERT_TRUE(half);
    EXPECT_EQ(*half, std::vector{slot_at(t0, 4)});
}

TEST_P(StoreConformance, kept_values_are_found_by_prefix_until_they_are_emptied) {
    NoteReconciliation note;
    note.values = {{"window.2", "b"}, {"window.1", "a"}, {"windows", "x"}, {"other", "y"}};
    ASSERT_TRUE(commit_one(note));
    const auto kept = store->kept_values("window.");
    ASSERT_TRUE(kept);
    EXPECT_EQ(*kept, (std::vector<KeptValue>{{"window.1", "a"}, {"window.2", "b"}}));

    NoteReconciliation change;
    change.values = {{"window.1", ""}, {"window.2", "c"}};
    ASSERT_TRUE(commit_one(change));
    const auto left = store->kept_values("window.");
    ASSERT_TRUE(left);
    EXPECT_EQ(*left, (std::vector<KeptValue>{{"window.2", "c"}}));
    const auto all = store->kept_values("");
    ASSERT_TRUE(all);
    EXPECT_EQ(all->size(), 3U);
}

TEST_P(StoreConformance, a_difference_stays_until_it_is_resolved) {
    NoteReconciliation note;
    note.found = {difference_of("b", DifferenceKind::only_here, t0 + seconds{1}),
                  difference_of("a", DifferenceKind::missing)};
    ASSERT_TRUE(commit_one(note));
    const auto both = store->twilio_differences(t0, t0 + seconds{2});
    ASSERT_TRUE(both);
    EXPECT_EQ(*both, (std::vector{note.found[1], note.found[0]}));
    const auto early = store->twilio_differences(t0, t0 + seconds{1});
    ASSERT_TRUE(early);
    EXPECT_EQ(early->size(), 1U);

    NoteReconciliation resolved;
    resolved.resolved = {"b", "nobody"};
    ASSERT_TRUE(commit_one(resolved));
    EXPECT_EQ(store->twilio_differences(t0, t0 + seconds{2})->size(), 1U);
}

TEST_P(StoreConformance, a_missing_call_that_became_known_is_missing_no_more) {
    NoteReconciliation note;
    note.found = {difference_of("a", DifferenceKind::missing),
                  difference_of("b", DifferenceKind::only_here)};
    ASSERT_TRUE(commit_one(note));
    append(event_of("a", "completed"));
    append(event_of("b", "completed"));
    const auto left = store->twilio_differences(t0, t0 + seconds{1});
    ASSERT_TRUE(left);
    ASSERT_EQ(left->size(), 1U);
    EXPECT_EQ(left->front().call_sid, "b");
}

TEST_P(StoreConformance, standings_tell_whose_end_is_awaited) {
    append(event_of("open", "ringing", t0 + lease));
    append(event_of("ended", "completed"));
    SettleCall settling = answer_to(claim("ended"));
    settling.is_over = true;
    settling.then = SettleCall::Reschedule{t0 + lease};
    settle(settling);
    append(event_of("silent", "ringing"));
    SettleCall park = answer_to(claim("silent"));
    park.then = SettleCall::Park{ParkReason::silent};
    settle(park);
    NewEvent leg = event_of("strange", "leg");
    leg.is_ours = false;
    append(leg);
    make_fixed("fixed");
    make_fixed("unwanted", fix_of({}));

    const std::vector<std::string> asked{"nobody", "fixed", "strange", "silent",
                                         "ended",  "open",  "unwanted"};
    const auto standings = store->call_standings(asked);
    ASSERT_TRUE(standings);
    EXPECT_EQ(*standings,
              (std::vector{CallStanding::unknown, CallStanding::over, CallStanding::aside,
                           CallStanding::awaited, CallStanding::over, CallStanding::awaited,
                           CallStanding::over}));
}

}  // namespace wrapup
