#pragma once

// The ledger of a store. That its counters are those of a recount is checked after every test here
// and elsewhere (check_integrity); these say where a call is counted, and what is kept of a day.

#include "core/store/ledger.hpp"
#include "domain/sample_call.hpp"
#include "test/store_conformance.hpp"

namespace wrapup {

class StoreLedger : public StoreConformance {
protected:
    static constexpr TimeSpan everything{from_unix_s(0), from_unix_s(4'000'000'000)};

    LedgerRows rows(const TimeSpan& span = everything) {
        auto found = store->ledger(span);
        EXPECT_TRUE(found) << found.error().detail;
        return found ? *std::move(found) : LedgerRows{};
    }
    // "accepted 1, in_flight 2"
    std::string counted(const TimeSpan& span = everything) {
        std::string text;
        for (const auto& [column, count] : ledger_sums(rows(span).cells, span)) {
            if (!text.empty()) text += ", ";
            text += to_string(column) + " " + std::to_string(count.calls);
            if (count.without_call_sid != 0) {
                text += " (" + std::to_string(count.without_call_sid) + " without)";
            }
        }
        return text;
    }
    // Closes the span as that day, as it is now.
    StoreOutcome seal(std::string_view date, const TimeSpan& span, const std::string& hash) {
        const LedgerRows now = rows(span);
        SealDay op;
        op.day.date = *parse_date(date);
        op.day.span = span;
        op.day.sealed_at = t0;
        op.day.content = R"({"date":")" + std::string(date) + R"("})";
        op.day.hash = hash;
        if (now.last_sealed) op.day.previous_hash = now.last_sealed->hash;
        const auto corrections = store->corrections_after(0);
        EXPECT_TRUE(corrections);
        op.day.corrections_count = std::ssize(*corrections);
        op.seen = ledger_sums(now.cells, span);
        return commit_one(op);
    }

    static constexpr std::chrono::hours day{24};
    static constexpr TimeSpan today{t0 - day / 2, t0 + day / 2};
    static constexpr TimeSpan yesterday{t0 - 3 * day / 2, t0 - day / 2};
};

TEST_P(StoreLedger, follows_a_call_from_column_to_column) {
    append(event_of("CA1", "a"));
    EXPECT_EQ(counted(), "in_flight 1");
    const Settled settled = make_fixed("CA1");
    EXPECT_EQ(counted(), "in_flight 1");
    const ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::refused, 400),
            FinishAttempt::Park{ParkReason::rejected}});
    EXPECT_EQ(counted(), "parked.rejected 1");
    ASSERT_TRUE(commit_one(Unpark{settled.delivery_ids.at(0), t0}));
    EXPECT_EQ(counted(), "in_flight 1");
    const ClaimedDelivery again = claim_one_delivery();
    finish({again.delivery.id, again.fence, attempt_of(AttemptOutcome::accepted, 200),
            FinishAttempt::Accept{}});
    EXPECT_EQ(counted(), "accepted 1");
}

TEST_P(StoreLedger, counts_two_that_turn_out_to_be_one_as_one) {
    append(event_of("CA1", "a"));
    append(word_of("conv_1", "b"));
    EXPECT_EQ(counted(), "in_flight 2 (1 without)");
    append(word_of("conv_1", "c", "CA1"));
    EXPECT_EQ(counted(), "in_flight 1");
}

TEST_P(StoreLedger, counts_what_is_not_ours_as_out_of_scope) {
    NewEvent event = event_of("CA1", "a");
    event.is_ours = false;
    append(event);
    EXPECT_EQ(counted(), "out_of_scope 1");
}

TEST_P(StoreLedger, puts_a_call_where_twilio_made_it) {
    append(event_of("CA1", "a"));
    EXPECT_EQ(counted(yesterday), "");
    NewEvent rest = event_of("CA1", "rest");
    rest.created_at = t0 - day;
    append(rest);
    EXPECT_EQ(counted(today), "");
    EXPECT_EQ(counted(yesterday), "in_flight 1");
    EXPECT_EQ(story("CA1").call.created_at, t0 - day);
    ASSERT_TRUE(commit_one(NoteCallCreated{"CA1", t0}));
    EXPECT_EQ(counted(yesterday), "in_flight 1") << "the first word counts";
    EXPECT_EQ(rows(today).first_at, start_of_quarter(quarter_of(t0 - day)));
}

TEST_P(StoreLedger, keeps_the_time_of_either_half) {
    append(event_of("CA1", "a"));
    append(word_of("conv_1", "b"));
    NewEvent rest = word_of("conv_1", "rest");
    rest.created_at = t0 - day;
    append(rest);
    append(word_of("conv_1", "c", "CA1"));
    EXPECT_EQ(story("CA1").call.created_at, t0 - day);
    EXPECT_EQ(counted(yesterday), "in_flight 1");
}

TEST_P(StoreLedger, keeps_what_twilio_last_said_of_a_day) {
    append(event_of("CA1", "a"));
    TwilioDay heard{today, t0, false, 4, 1, {}};
    heard.differences = {{LedgerDifference::Kind::missing, "CA8", "x"},
                         {LedgerDifference::Kind::only_here, "CA1", "y"}};
    ASSERT_TRUE(commit_one(PutTwilioDay{heard}));
    std::swap(heard.differences[0], heard.differences[1]);  // By name.
    EXPECT_EQ(rows(today).twilio, std::vector<TwilioDay>{heard});
    EXPECT_EQ(rows(yesterday).twilio.size(), 0U);
    heard.is_complete = true;
    heard.differences = {{LedgerDifference::Kind::missing, "CA9", "z"}};
    ASSERT_TRUE(commit_one(PutTwilioDay{heard}));
    EXPECT_EQ(rows(today).twilio, std::vector<TwilioDay>{heard});
    // It is not missing any more.
    append(event_of("CA9", "a"));
    EXPECT_EQ(rows(today).twilio.at(0).differences.size(), 0U);
}

TEST_P(StoreLedger, closes_days_and_keeps_them) {
    append(event_of("CA1", "a"));
    ASSERT_TRUE(seal("2026-02-28", yesterday, "h1"));
    ASSERT_TRUE(seal("2026-03-01", today, "h2"));
    const LedgerRows now = rows(today);
    ASSERT_EQ(now.sealed.size(), 1U);
    EXPECT_EQ(now.sealed[0], *now.last_sealed);
    EXPECT_EQ(now.sealed[0].previous_hash, "h1");
    EXPECT_EQ(now.sealed[0].date, *parse_date("2026-03-01"));
    EXPECT_EQ(now.sealed[0].span, today);
    EXPECT_EQ(now.sealed[0].content, R"({"date":"2026-03-01"})");
    EXPECT_EQ(rows().sealed.size(), 2U);
    EXPECT_FALSE(seal("2026-03-02", yesterday, "h3")) << "does not follow";
}

TEST_P(StoreLedger, corrects_closed_days_in_the_same_transaction) {
    make_fixed("CA1");
    ASSERT_TRUE(seal("2026-03-01", today, "h1"));
    const ClaimedDelivery claimed = claim_one_delivery();
    finish({claimed.delivery.id, claimed.fence, attempt_of(AttemptOutcome::accepted, 200),
            FinishAttempt::Accept{}},
           t0 + seconds{9});
    append(event_of("CA2", "a"));
    NewEvent later = event_of("CA3", "a");
    later.received_at = today.until;
    append(later);
    const auto made = store->corrections_after(0);
    ASSERT_TRUE(made);
    const LedgerColumn in_flight{LedgerColumn::Kind::in_flight, {}};
    const LedgerColumn accepted{LedgerColumn::Kind::accepted, {}};
    const std::vector<LedgerCorrection> expected = {
        {1, t0 + seconds{9}, "CA1", quarter_of(t0), in_flight, accepted, true},
        {2, t0, "CA2", quarter_of(t0), std::nullopt, in_flight, true}};
    EXPECT_EQ(*made, expected);
    EXPECT_EQ(rows(today).corrections, expected);
    EXPECT_EQ(rows(yesterday).corrections.size(), 0U);
    EXPECT_EQ(store->corrections_after(1)->size(), 1U);
}

// Twilio's list of it may be read again, and whoever accounts for it is told.
TEST_P(StoreLedger, tells_of_closed_days_what_differs_now) {
    append(event_of("CA1", "a"));
    TwilioDay heard{today, t0, true, 2, 1, {}};
    heard.differences = {{LedgerDifference::Kind::missing, "CA7", "gone since"}};
    ASSERT_TRUE(commit_one(PutTwilioDay{heard}));
    ASSERT_TRUE(seal("2026-02-28", yesterday, "h1"));
    ASSERT_TRUE(seal("2026-03-01", today, "h2"));
    NoteReconciliation note;
    note.found = {{"CA9", t0, DifferenceKind::missing, "x", t0},
                  {"CA1", t0 + seconds{1}, DifferenceKind::only_here, "y", t0},
                  {"CA8", t0 - day, DifferenceKind::missing, "z", t0}};
    ASSERT_TRUE(commit_one(note));
    const auto differences = [this](const TimeSpan& span) {
        const LedgerRows now = rows(span);
        EXPECT_EQ(now.twilio.size(), 1U);
        return now.twilio.empty() ? std::vector<LedgerDifference>{} : now.twilio[0].differences;
    };
    heard.differences = {{LedgerDifference::Kind::only_here, "CA1", "y"},
                         {LedgerDifference::Kind::missing, "CA9", "x"}};
    EXPECT_EQ(rows(today).twilio, std::vector<TwilioDay>{heard}) << "its counts stay";
    EXPECT_EQ(differences(yesterday),
              (std::vector<LedgerDifference>{{LedgerDifference::Kind::missing, "CA8", "z"}}))
        << "of a day of which Twilio was never heard, too";
    EXPECT_EQ(rows().twilio.size(), 2U);
    EXPECT_EQ(store->audit_ledger()->kept.twilio, rows().twilio);
    append(event_of("CA9", "a"));
    note.found.clear();
    note.resolved = {"CA1"};
    ASSERT_TRUE(commit_one(note));
    EXPECT_EQ(differences(today), std::vector<LedgerDifference>{});
}

TEST_P(StoreLedger, tells_the_newest_of_many_corrections) {
    ASSERT_TRUE(seal("2026-03-01", today, "h1"));
    std::vector<StoreOp> ops;
    for (int i = 0; i < corrections_told_max + 3; ++i) {
        ops.push_back(AppendEvent{event_of("CA" + std::to_string(i), "a")});
    }
    ASSERT_TRUE(store->commit(ops, t0));
    const LedgerRows now = rows(today);
    EXPECT_EQ(now.corrections_left_out, 3);
    ASSERT_EQ(std::ssize(now.corrections), corrections_told_max);
    EXPECT_EQ(now.corrections.front().number, 4);
    EXPECT_EQ(std::ssize(store->audit_ledger()->kept.corrections), corrections_told_max + 3);
}

TEST_P(StoreLedger, audits_what_is_kept_against_a_recount) {
    make_fixed("CA1");
    append(word_of("conv_1", "b"));
    append(event_of("CA2", "a"));
    const auto audit = store->audit_ledger();
    ASSERT_TRUE(audit);
    EXPECT_EQ(audit->kept.cells, audit->recounted);
    EXPECT_EQ(ledger_sums(audit->recounted, everything).begin()->second, (LedgerCount{3, 1}));
}

TEST_P(StoreLedger, neither_counts_nor_recounts_samples) {
    const std::string random = "0123456789abcde";
    append(event_of(sample_call_sid(random, false), "a"));
    NewEvent dry = event_of(sample_call_sid(random, true), "b");
    dry.is_ours = false;
    append(dry);
    make_fixed("CA1");
    EXPECT_EQ(counted(), "in_flight 1");
    const auto audit = store->audit_ledger();
    ASSERT_TRUE(audit);
    EXPECT_EQ(audit->kept.cells, audit->recounted);
}

}  // namespace wrapup
