#pragma once

// What a store counts over time (domain/stats.hpp). That outcomes are those of a recount is checked
// after every test here and elsewhere (check_integrity).

#include "core/store/stats.hpp"
#include "domain/ledger.hpp"
#include "domain/sample_call.hpp"
#include "test/store_conformance.hpp"

namespace wrapup {

class StoreStats : public StoreConformance {
protected:
    static constexpr TimeSpan everything{from_unix_s(0), from_unix_s(4'000'000'000)};

    StatsRows rows(const TimeSpan& span = everything) {
        auto found = store->stats(span);
        EXPECT_TRUE(found) << found.error().detail;
        return found ? *std::move(found) : StatsRows{};
    }
    // A call whose record was accepted so long after its end.
    void deliver(const std::string& id, milliseconds delay, const std::string& campaign = {},
                 UtcTime ended_at = t0) {
        append(event_of(id, "completed"));
        SettleCall op = answer_to(claim(id));
        op.campaign = campaign;
        op.ended_at = ended_at;
        op.then = fix_of();
        settle(op);
        const ClaimedDelivery claimed = claim_one_delivery();
        finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::accepted, 200),
                FinishAttempt::Accept{}},
               ended_at + delay);
    }
};

TEST_P(StoreStats, counts_what_came_of_calls_by_campaign) {
    deliver("CA2", milliseconds{5}, "Spring");
    deliver("CA3", milliseconds{5}, "Spring");
    make_fixed("CA1");
    append(event_of("CA4", "ringing"));
    const std::vector<OutcomeSum> wanted{{"", Outcome::held, 1}, {"Spring", Outcome::held, 2}};
    EXPECT_EQ(rows().outcomes, wanted);
    const UtcTime next_quarter = start_of_quarter(quarter_of(t0) + 1);
    EXPECT_EQ(rows({t0 - std::chrono::minutes{1}, next_quarter}).outcomes, wanted);
    EXPECT_EQ(rows({next_quarter, everything.until}).outcomes, std::vector<OutcomeSum>{});
}

TEST_P(StoreStats, moves_a_call_to_the_time_when_twilio_made_it) {
    make_fixed("CA1");
    const UtcTime yesterday = t0 - std::chrono::days{1};
    ASSERT_TRUE(commit_one(NoteCallCreated{"CA1", yesterday}));
    EXPECT_EQ(rows({t0 - std::chrono::hours{1}, everything.until}).outcomes.size(), 0U);
    EXPECT_EQ(rows({yesterday, t0}).outcomes, (std::vector<OutcomeSum>{{"", Outcome::held, 1}}));
}

TEST_P(StoreStats, counts_each_record_in_the_minute_in_which_it_was_accepted) {
    deliver("CA1", milliseconds{7});
    deliver("CA2", milliseconds{7});
    deliver("CA3", std::chrono::minutes{2});
    const std::int64_t minute = first_minute_at(t0);
    const int two_minutes = delay_bucket_of(std::chrono::minutes{2});
    const DelayCells wanted{{{minute, 7}, 2}, {{minute + 2, two_minutes}, 1}};
    EXPECT_EQ(rows().minutes, wanted);
    EXPECT_EQ(rows().hours, (DelayCells{{{minute, 7}, 2}, {{minute, two_minutes}, 1}}));
    EXPECT_EQ(rows({t0, t0 + std::chrono::minutes{1}}).minutes, (DelayCells{{{minute, 7}, 2}}));
}

TEST_P(StoreStats, counts_a_record_that_was_sent_again_once) {
    deliver("CA1", milliseconds{7});
    const auto again = store->claim_delivery(story("CA1").deliveries.at(0).delivery.id, t0, lease);
    ASSERT_TRUE(again) << again.error().detail;
    finish({again->delivery.id, again->fence, attempt_of(AttemptOutcome::accepted, 200),
            FinishAttempt::Keep{}},
           t0 + seconds{90});
    EXPECT_EQ(rows().minutes, (DelayCells{{{first_minute_at(t0), 7}, 1}}));
}

TEST_P(StoreStats, counts_no_record_that_a_replay_sent) {
    const auto accept = [&](const std::string& destination) {
        const ClaimedDelivery claimed = claim_one_delivery(t0 + seconds{60}, destination);
        finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::accepted, 200),
                FinishAttempt::Accept{}},
               t0 + seconds{90});
    };
    const auto replay = [&](ReplayOrder order, const std::string& token) {
        const StartReplay begin{std::move(order), token, "", 1, 9, 1, t0};
        const auto begun = commit_one(begin);
        ASSERT_TRUE(begun) << begun.error().detail;
        ASSERT_TRUE(commit_one(AdvanceReplay{std::get<Replayed>(*begun).job.id, {}, t0}));
    };
    deliver("CA1", milliseconds{7});
    append(event_of("CA2", "completed"));
    SettleCall op = answer_to(claim("CA2"));
    op.ended_at = t0;
    op.then = fix_of();
    settle(op);
    const ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::refused, 422),
            FinishAttempt::Park{ParkReason::rejected}});
    replay({}, "parked");
    accept("crm");
    ReplayOrder earlier;
    earlier.filter.destination = "lake";
    earlier.is_earlier = true;
    replay(earlier, "earlier");
    accept("lake");
    EXPECT_EQ(rows().minutes, (DelayCells{{{first_minute_at(t0), 7}, 1}}));
}

TEST_P(StoreStats, does_not_guess_how_long_it_took_when_the_end_is_not_known) {
    make_fixed("CA1");
    const ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::accepted, 200),
            FinishAttempt::Accept{}});
    EXPECT_EQ(rows().minutes, DelayCells{});
}

TEST_P(StoreStats, leaves_out_samples) {
    deliver("CA1", milliseconds{7});
    deliver(sample_call_sid("0123456789abcde", false), milliseconds{9});
    make_fixed(sample_call_sid("edcba9876543210", false));
    EXPECT_EQ(rows().minutes, (DelayCells{{{first_minute_at(t0), 7}, 1}}));
    EXPECT_EQ(rows().outcomes, (std::vector<OutcomeSum>{{"", Outcome::held, 1}}));
    const auto counted = [this] {
        std::string text;
        const auto counts = store->counts();
        for (const auto& [state, count] : counts->calls) {
            if (count != 0) text += std::string(to_string(state)) + " " + std::to_string(count);
        }
        for (const auto& [name, waiting] : counts->destinations) {
            const std::int64_t count = waiting.pending + waiting.parked;
            if (count != 0) text += " " + name + " " + std::to_string(count);
        }
        return text + (counts->unknown_outcomes == 0 ? "" : " unknown");
    };
    EXPECT_EQ(counted(), "delivered 1");
    const ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::unknown, 0),
            FinishAttempt::RetryAt{t0 + seconds{5}}});
    EXPECT_EQ(counted(), "delivered 1");
}

TEST_P(StoreStats, a_sample_that_is_not_taken_waits_for_no_person) {
    const std::string refused = sample_call_sid("0123456789abcde", false);
    const std::string unwanted = sample_call_sid("edcba9876543210", false);
    make_fixed(refused);
    const ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::refused, 422),
            FinishAttempt::Park{ParkReason::rejected}});
    ASSERT_TRUE(commit_one(SetDestination{"crm", DestinationState::disabled, t0, 100}));
    make_fixed(unwanted);
    for (const std::string& sid : {refused, unwanted}) {
        const CallStory told = story(sid);
        EXPECT_EQ(told.call.state, CallState::parked);
        EXPECT_EQ(told.call.parked, ParkReason::given_up);
        EXPECT_FALSE(told.deliveries.at(0).delivery.is_owed());
    }
    EXPECT_TRUE(store->list_failures(10)->groups.empty());
    const auto counts = store->counts();
    for (const auto& [reason, count] : counts->parked) EXPECT_EQ(count, 0);
}

TEST_P(StoreStats, tells_of_minutes_for_two_days_and_of_hours_for_good) {
    deliver("CA1", milliseconds{7});
    deliver("CA2", milliseconds{9}, {}, t0 + minutes_are_kept + std::chrono::minutes{1});
    const std::int64_t newest = first_minute_at(t0 + minutes_are_kept + std::chrono::minutes{1});
    EXPECT_EQ(rows().minutes, (DelayCells{{{newest, 9}, 1}}));
    EXPECT_EQ(rows().hours.size(), 2U);
}

}  // namespace wrapup
