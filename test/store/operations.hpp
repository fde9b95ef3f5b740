#pragma once

// Operations for tests, complete but for what a test is about; and comparing what stores answer.

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "ports/store.hpp"

namespace wrapup {

constexpr UtcTime t0 = from_unix_s(1'772'366'400);
constexpr seconds lease{60};

inline NewEvent event_of(const std::string& call_sid, const std::string& key, UtcTime due_at = t0) {
    NewEvent event;
    event.kind = EventKind::twilio_status;
    event.call_sid = call_sid;
    event.dedup_key = key;
    event.received_at = t0;
    event.due_at = due_at;
    event.payload = "{\"key\":\"" + key + "\"}";
    return event;
}

inline NewEvent word_of(const std::string& conversation_id, const std::string& key,
                        const std::string& call_sid = {}) {
    NewEvent event = event_of(call_sid, key);
    event.kind = EventKind::elevenlabs_transcription;
    event.conversation_id = conversation_id;
    return event;
}

inline SettleCall answer_to(const ClaimedCall& claimed) {
    SettleCall op;
    op.call_id = claimed.call.id;
    op.fence = claimed.fence;
    op.seen_events_count = claimed.call.events_count;
    op.progress = claimed.call.progress;
    return op;
}

inline SettleCall::Fix fix_of(std::vector<std::string> destinations = {"crm"}) {
    SettleCall::Fix fix;
    fix.record.subject = "Spring";
    fix.record.status = Outcome::held;
    fix.record.duration_s = 42;
    fix.body = "{\"type\":\"conversationAICall\"}";
    for (std::string& name : destinations) {
        fix.deliveries.push_back({std::move(name), "msg_1", {}, std::nullopt});
    }
    return fix;
}

inline Attempt attempt_of(AttemptOutcome outcome, int http_status) {
    Attempt attempt;
    attempt.started_at = t0;
    attempt.elapsed = milliseconds{12};
    attempt.outcome = outcome;
    attempt.http_status = http_status;
    attempt.error = "says no";
    attempt.answer = "{}";
    return attempt;
}

// ---- Comparing ----

inline void expect_same(const ClaimedDelivery& a, const ClaimedDelivery& b) {
    EXPECT_EQ(a.delivery, b.delivery);
    EXPECT_EQ(a.fence, b.fence);
    EXPECT_EQ(a.unresolved_since, b.unresolved_since);
}

inline void expect_same(const ClaimedCall& a, const ClaimedCall& b) {
    EXPECT_EQ(a.call, b.call);
    EXPECT_EQ(a.fence, b.fence);
    EXPECT_EQ(a.events, b.events);
}

inline void expect_same(const CallStory& a, const CallStory& b) {
    EXPECT_EQ(a.call, b.call) << a.call.id;
    EXPECT_EQ(a.events, b.events) << a.call.id;
    ASSERT_EQ(a.deliveries.size(), b.deliveries.size()) << a.call.id;
    for (std::size_t i = 0; i < a.deliveries.size(); ++i) {
        EXPECT_EQ(a.deliveries[i].delivery, b.deliveries[i].delivery) << a.call.id;
        EXPECT_EQ(a.deliveries[i].is_claimed, b.deliveries[i].is_claimed) << a.call.id;
        EXPECT_EQ(a.deliveries[i].attempts, b.deliveries[i].attempts) << a.call.id;
    }
}

inline void expect_same(const StoreCounts& a, const StoreCounts& b) {
    EXPECT_EQ(a.calls, b.calls);
    EXPECT_EQ(a.parked, b.parked);
    EXPECT_EQ(a.destinations, b.destinations);
    EXPECT_EQ(a.late_conflicts, b.late_conflicts);
    EXPECT_EQ(a.unknown_outcomes, b.unknown_outcomes);
}

inline void expect_same(const Done&, const Done&) {}

inline void expect_same(const Replayed& a, const Replayed& b) {
    EXPECT_EQ(a.job, b.job);
    EXPECT_EQ(a.has_more, b.has_more);
    EXPECT_EQ(a.released, b.released);
}

inline void expect_same(const Swept& a, const Swept& b) { EXPECT_EQ(a.has_more, b.has_more); }

inline void expect_same(const Settled& a, const Settled& b) {
    EXPECT_EQ(a.delivery_ids, b.delivery_ids);
    EXPECT_EQ(a.is_due, b.is_due);
    EXPECT_EQ(a.is_joined, b.is_joined);
    ASSERT_EQ(a.claimed.size(), b.claimed.size());
    for (std::size_t i = 0; i < a.claimed.size(); ++i) expect_same(a.claimed[i], b.claimed[i]);
}

inline void expect_same(const Appended& a, const Appended& b) {
    EXPECT_EQ(a.call_id, b.call_id);
    EXPECT_EQ(a.is_repeat, b.is_repeat);
    EXPECT_EQ(a.is_new_call, b.is_new_call);
    EXPECT_EQ(a.is_late, b.is_late);
    EXPECT_EQ(a.is_due, b.is_due);
    ASSERT_EQ(a.settled.has_value(), b.settled.has_value());
    if (a.settled) expect_same(*a.settled, *b.settled);
}

template <class Value>
void expect_same(const std::vector<Value>& a, const std::vector<Value>& b) {
    ASSERT_EQ(a.size(), b.size());
    for (std::size_t i = 0; i < a.size(); ++i) expect_same(a[i], b[i]);
}

template <class Value>
void expect_same(const Result<Value>& a, const Result<Value>& b) {
    ASSERT_EQ(a.has_value(), b.has_value());
    if (a) {
        expect_same(*a, *b);
    } else {
        EXPECT_EQ(a.error().code, b.error().code);
    }
}

inline void expect_same(const StoreOutcome& a, const StoreOutcome& b) {
    ASSERT_EQ(a.has_value(), b.has_value());
    if (!a) {
        EXPECT_EQ(a.error().code, b.error().code);
        return;
    }
    ASSERT_EQ(a->index(), b->index());
    std::visit(
        [&](const auto& one) {
            expect_same(one, std::get<std::remove_cvref_t<decltype(one)>>(*b));
        },
        *a);
}

}  // namespace wrapup
