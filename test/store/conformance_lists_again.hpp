#pragma once

// Lists of calls that are sent again: what they add, correct and leave.

#include "test/store/conformance_lists.hpp"

namespace wrapup {

TEST_P(StoreLists, a_number_that_nobody_rang_is_taken_up_by_a_list_that_is_sent_again) {
    ASSERT_TRUE(commit_one(PutDoNotCall{{{ada, "", "api", t0}}}));
    put(intent_of('b', bob));
    commit_list(rows_of({ada, bob}));
    open('d', bob);
    EXPECT_EQ(list().counts, (Counts{{"done already_open", 1}, {"done do_not_call", 1}}));
    const ListOutcome still = commit_list(rows_of({ada}));
    EXPECT_EQ(still.accepted_count, 0);
    EXPECT_EQ(row(ada).outcome, "do_not_call");
    ASSERT_TRUE(commit_one(DropDoNotCall{ada}));
    advance('b', CancelWanted{});
    EXPECT_EQ(commit_list(rows_of({ada, bob})).accepted_count, 2);
    EXPECT_EQ(list().counts, (Counts{{"waiting", 2}}));
    EXPECT_EQ(open('e', bob).accepted_count, 1);
    call_ends('e', CallStatus::completed);
    EXPECT_EQ(commit_list(rows_of({bob})).accepted_count, 0);
    EXPECT_EQ(row(bob).state, ListRowState::done);
}

TEST_P(StoreLists, who_waits_is_as_the_list_says_now) {
    PutListRows wrong = rows_of({ada, bob});
    wrong.list.not_before = t0 + seconds{5};
    for (ListRow& one : wrong.rows) {
        one.time_zone = "Europe/London";
        one.variables = R"({"price":"10"})";
    }
    commit_list(wrong);
    WorkList puts_off;
    puts_off.list_id = "spring";
    puts_off.steps.push_back({ada, row(ada).version, {}, t0 + std::chrono::hours{9}});
    commit_list(puts_off);
    open('b', bob);
    PutListRows right = rows_of({ada, bob});
    for (ListRow& one : right.rows) {
        one.name = "Right Name";
        one.time_zone = "Australia/Sydney";
        one.variables = R"({"price":"99"})";
    }
    right.is_dry_run = true;
    EXPECT_EQ(commit_list(right).corrected_count, 1);
    EXPECT_EQ(row(ada).name, "Ada");
    right.is_dry_run = false;
    const ListOutcome outcome = commit_list(right);
    EXPECT_EQ(outcome.known_count, 2);
    EXPECT_EQ(outcome.corrected_count, 1);
    EXPECT_EQ(outcome.kept_count, 1);
    EXPECT_EQ(row(ada).name, "Right Name");
    EXPECT_EQ(row(ada).time_zone, "Australia/Sydney");
    EXPECT_EQ(row(ada).variables, R"({"price":"99"})");
    EXPECT_EQ(row(ada).due_at, t0 + seconds{5});
    EXPECT_EQ(row(bob).name, "Ada");
    EXPECT_EQ(commit_list(right).corrected_count, 0);
    // What is left out stays.
    PutListRows bare = rows_of({ada});
    bare.rows[0].name.clear();
    EXPECT_EQ(commit_list(bare).corrected_count, 0);
    EXPECT_EQ(row(ada).name, "Right Name");
}

TEST_P(StoreLists, that_is_sent_again_tells_what_its_settings_were) {
    EXPECT_FALSE(commit_list(rows_of({ada})).before);
    PutListRows again = rows_of({ada});
    again.list.from = "+15005550006";
    const ListOutcome outcome = commit_list(again);
    ASSERT_TRUE(outcome.before);
    EXPECT_EQ(outcome.before->from, "");
    EXPECT_EQ(outcome.list.from, "+15005550006");
}

TEST_P(StoreLists, a_window_in_which_nobody_could_be_called_is_refused) {
    PutListRows op = rows_of({ada});
    op.list.not_after = t0 + seconds{40};
    commit_list(op);
    PutListRows later = rows_of({bob});
    later.list.not_before = t0 + std::chrono::minutes{10};
    const auto refused = commit_one(later, t0);
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::invalid_input);
    EXPECT_EQ(list().counts, (Counts{{"waiting", 1}}));
    EXPECT_EQ(list().not_before, std::nullopt);
    later.list.not_after = t0 + std::chrono::hours{1};
    EXPECT_EQ(commit_list(later).accepted_count, 1);
}

TEST_P(StoreLists, a_list_whose_window_is_over_takes_no_new_numbers) {
    PutListRows op = rows_of({ada});
    op.list.not_after = t0 + seconds{40};
    commit_list(op);
    const UtcTime over = t0 + seconds{40};
    for (const bool is_dry_run : {false, true}) {
        PutListRows both = rows_of({ada, bob});
        both.is_dry_run = is_dry_run;
        const auto refused = commit_one(both, over);
        ASSERT_FALSE(refused);
        EXPECT_EQ(refused.error().code, Errc::invalid_input);
    }
    EXPECT_EQ(list().counts, (Counts{{"waiting", 1}}));
    EXPECT_TRUE(commit_one(rows_of({ada}), over)) << "who stands in it is not refused";
    PutListRows later = rows_of({bob});
    later.list.not_after = over + std::chrono::hours{1};
    EXPECT_TRUE(commit_one(later, over));
    EXPECT_EQ(list().counts, (Counts{{"waiting", 2}}));
}

}  // namespace wrapup
