#pragma once

// Lists of calls: what a store keeps of a campaign's numbers.

#include "test/store/conformance_intents.hpp"

namespace wrapup {

class StoreLists : public StoreIntents {
protected:
    static ListRow row_to(const std::string& to) {
        ListRow row;
        row.to = to;
        row.name = "Ada";
        return row;
    }
    static PutListRows rows_of(const std::vector<std::string>& numbers) {
        PutListRows op;
        op.list.id = "spring";
        for (const std::string& number : numbers) op.rows.push_back(row_to(number));
        return op;
    }
    ListOutcome commit_list(StoreOp op, UtcTime now = t0) {
        const auto outcome = commit_one(std::move(op), now);
        EXPECT_TRUE(outcome) << outcome.error().detail;
        return outcome ? std::get<ListOutcome>(*outcome) : ListOutcome{};
    }
    // An intent with that id is made of the row.
    ListOutcome open(char letter, const std::string& to, UtcTime now = t0) {
        WorkList work;
        work.list_id = "spring";
        Intent intent = intent_of(letter, to);
        intent.list_id = "spring";
        intent.not_after = now + std::chrono::hours{1};
        work.steps.push_back({to, row(to).version, intent, {}});
        return commit_list(work, now);
    }
    ListRow row(const std::string& to) {
        ListRowFilter filter;
        filter.list_id = "spring";
        const auto page = store->list_rows(filter);
        for (const ListRow& one : page->rows) {
            if (one.to == to) return one;
        }
        ADD_FAILURE() << "there is no row";
        return {};
    }
    void call_ends(char letter, CallStatus status, UtcTime now = t0) {
        advance(letter, BeginAsking{}, now);
        advance(letter, CallHeard{sid(letter), status, {}}, now);
    }
    DialList list() { return *store->find_dial_list("spring"); }
    using Counts = std::map<std::string, std::int64_t>;
};

TEST_P(StoreLists, keeps_what_it_was_given) {
    PutListRows op = rows_of({ada});
    op.list.from = "+15005550006";
    op.list.agent_id = "agent_1";
    op.list.timeout_s = 20;
    op.list.not_before = t0 + seconds{5};
    op.list.not_after = t0 + std::chrono::hours{9};
    op.list.retry_busy = {seconds{900}, seconds{3600}};
    op.list.retry_no_answer = {seconds{60}};
    op.has_retry = true;
    op.rows[0].variables = R"({"order":"4711"})";
    op.rows[0].time_zone = "Europe/Berlin";
    const ListOutcome outcome = commit_list(op);
    EXPECT_EQ(outcome.accepted_count, 1);
    EXPECT_EQ(list(), outcome.list);
    EXPECT_EQ(list().retry_busy, op.list.retry_busy);
    EXPECT_EQ(list().counts, (Counts{{"waiting", 1}}));
    EXPECT_EQ(list().campaign_name, "spring");
    EXPECT_EQ(row(ada).variables, op.rows[0].variables);
    EXPECT_EQ(row(ada).time_zone, "Europe/Berlin");
    EXPECT_EQ(row(ada).due_at, t0 + seconds{5});
    EXPECT_EQ(store->find_dial_list("autumn").error().code, Errc::not_found);
}

TEST_P(StoreLists, that_says_no_retry_keeps_what_it_was_made_with) {
    PutListRows op = rows_of({ada});
    op.list.retry_busy = {seconds{900}};
    commit_list(op);
    op = rows_of({bob});
    op.list.retry_busy = {seconds{60}};
    commit_list(op);
    EXPECT_EQ(list().retry_busy, (RetryWaits{seconds{900}}));
    op.list.retry_busy.clear();
    op.has_retry = true;
    commit_list(op);
    EXPECT_EQ(list().retry_busy, RetryWaits{});
}

TEST_P(StoreLists, takes_the_name_of_its_campaign) {
    ASSERT_TRUE(commit_one(PutCampaign{{"spring", "Spring offer", ""}}));
    commit_list(rows_of({ada}));
    EXPECT_EQ(list().campaign_name, "Spring offer");
}

TEST_P(StoreLists, a_number_stands_in_it_once) {
    commit_list(rows_of({ada}));
    const ListOutcome again = commit_list(rows_of({ada, bob}));
    EXPECT_EQ(again.known_count, 1);
    EXPECT_EQ(again.accepted_count, 1);
    EXPECT_EQ(list().counts, (Counts{{"waiting", 2}}));
}

TEST_P(StoreLists, a_repeated_request_is_answered_as_the_first) {
    ASSERT_TRUE(commit_one(PutDoNotCall{{{bob, "", "api", t0}}}));
    PutListRows op = rows_of({ada, bob});
    op.batch = "key";
    op.request_hash = "hash";
    for (ListRow& one : op.rows) one.batch = "key";
    const ListOutcome first = commit_list(op);
    EXPECT_EQ(first.spared, (Counts{{"do_not_call", 1}}));
    open('a', ada);
    const ListOutcome again = commit_list(op);
    EXPECT_EQ(again.accepted_count, first.accepted_count);
    EXPECT_EQ(again.known_count, 0);
    EXPECT_EQ(again.spared, first.spared);
    op.request_hash = "another";
    EXPECT_EQ(commit_list(op).refusal, IntentRefusal::key_reused);
}

TEST_P(StoreLists, a_dry_run_tells_the_same_and_changes_nothing) {
    ASSERT_TRUE(commit_one(PutDoNotCall{{{bob, "", "api", t0}}}));
    PutListRows op = rows_of({ada, bob});
    op.batch = "key";
    op.request_hash = "hash";
    op.is_dry_run = true;
    const ListOutcome tried = commit_list(op);
    EXPECT_EQ(tried.accepted_count, 1);
    EXPECT_EQ(tried.spared, (Counts{{"do_not_call", 1}}));
    EXPECT_EQ(store->find_dial_list("spring").error().code, Errc::not_found);
    op.is_dry_run = false;
    op.request_hash = "another";
    EXPECT_EQ(commit_list(op).refusal, IntentRefusal::none);
    const DialList before = list();
    PutListRows more = rows_of({ada, "+61413052800"});
    more.list.from = "+15005550006";
    more.is_dry_run = true;
    EXPECT_EQ(commit_list(more).known_count, 1);
    EXPECT_EQ(list(), before);
}

TEST_P(StoreLists, are_listed_by_their_ids) {
    for (const char* const id : {"b", "c", "a"}) {
        PutListRows op = rows_of({ada});
        op.list.id = id;
        commit_list(op);
    }
    commit_list(SetDialList{"b", DialListState::paused});
    const auto ids = [&](const DialListFilter& filter) {
        std::string all;
        const auto lists = store->list_dial_lists(filter);
        for (const DialList& list : *lists) all += list.id;
        return all;
    };
    EXPECT_EQ(ids({std::nullopt, "", 2}), "ab");
    EXPECT_EQ(ids({std::nullopt, "b", 2}), "c");
    EXPECT_EQ(ids({DialListState::paused, "", 9}), "b");
    EXPECT_EQ(store->list_dial_lists({})->front().counts, (Counts{{"waiting", 1}}));
}

TEST_P(StoreLists, one_that_is_done_stays_done) {
    commit_list(rows_of({ada}));
    open('a', ada);
    call_ends('a', CallStatus::busy);
    for (const auto state : {DialListState::paused, DialListState::cancelled}) {
        EXPECT_EQ(commit_list(SetDialList{"spring", state}).list.state, DialListState::active);
    }
    EXPECT_EQ(commit_list(rows_of({bob})).accepted_count, 1);
}

TEST_P(StoreLists, a_row_that_cannot_be_called_says_why) {
    commit_list(rows_of({ada, bob}));
    WorkList work;
    work.list_id = "spring";
    WorkList::Step never{ada, row(ada).version, {}, {}};
    never.outcome = "time_zone_wanted";
    work.steps = {never, {bob, row(bob).version, {}, {}}};
    commit_list(work);
    EXPECT_EQ(list().counts, (Counts{{"done expired", 1}, {"done time_zone_wanted", 1}}));
}

TEST_P(StoreLists, spares_whom_the_list_names) {
    ASSERT_TRUE(commit_one(PutDoNotCall{{{ada, "", "api", t0}}}));
    const ListOutcome outcome = commit_list(rows_of({ada, "+61413052800"}));
    EXPECT_EQ(outcome.accepted_count, 1);
    EXPECT_EQ(outcome.spared, (Counts{{"do_not_call", 1}}));
    EXPECT_EQ(row(ada).state, ListRowState::done);
    EXPECT_EQ(list().counts, (Counts{{"done do_not_call", 1}, {"waiting", 1}}));
}

TEST_P(StoreLists, whether_another_call_is_open_counts_when_it_is_its_turn) {
    put(intent_of('a', ada));
    put(intent_of('b', bob));
    const ListOutcome sent = commit_list(rows_of({ada, bob}));
    EXPECT_EQ(sent.accepted_count, 2);
    advance('a', CancelWanted{});
    EXPECT_EQ(open('c', ada).accepted_count, 1);
    EXPECT_EQ(open('d', bob).accepted_count, 0);
    EXPECT_EQ(row(bob).outcome, "already_open");
    EXPECT_EQ(row(bob).attempts_count, 0);
}

TEST_P(StoreLists, a_row_becomes_an_intent_once) {
    commit_list(rows_of({ada}));
    const std::int64_t seen = row(ada).version;
    EXPECT_EQ(open('a', ada).accepted_count, 1);
    EXPECT_EQ(row(ada).state, ListRowState::calling);
    EXPECT_EQ(read('a').state, IntentState::waiting);
    WorkList late;
    late.list_id = "spring";
    late.steps.push_back({ada, seen, intent_of('b', ada), {}});
    EXPECT_EQ(commit_list(late).accepted_count, 0);
    EXPECT_EQ(store->find_intent(std::string(32, 'b')).error().code, Errc::not_found);
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"calling", 1}}));
    EXPECT_TRUE(store->due_list_rows(t0 + std::chrono::hours{1}, 10)->empty());
}

TEST_P(StoreLists, a_busy_number_is_called_again_after_its_wait) {
    PutListRows op = rows_of({ada});
    op.list.retry_busy = {seconds{900}};
    op.has_retry = true;
    commit_list(op);
    open('a', ada);
    call_ends('a', CallStatus::busy);
    EXPECT_EQ(row(ada).state, ListRowState::waiting);
    EXPECT_EQ(row(ada).due_at, t0 + seconds{900});
    EXPECT_EQ(*store->next_list_row_due(), t0 + seconds{900});
    const UtcTime later = t0 + seconds{900};
    EXPECT_EQ(store->due_list_rows(later, 10)->size(), 1U);
    open('b', ada, later);
    call_ends('b', CallStatus::busy, later);
    EXPECT_EQ(row(ada).state, ListRowState::done);
    EXPECT_EQ(row(ada).attempts_count, 2);
    EXPECT_EQ(list().counts, (Counts{{"attempts", 2}, {"done busy", 1}}));
}

TEST_P(StoreLists, who_answered_is_done) {
    commit_list(rows_of({ada}));
    open('a', ada);
    advance('a', BeginAsking{});
    advance('a', CallAnswered{sid('a')});
    advance('a', CallHeard{sid('a'), CallStatus::completed, {}});
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"done answered", 1}}));
}

TEST_P(StoreLists, an_unknown_outcome_is_learnt_and_never_retried) {
    PutListRows op = rows_of({ada});
    op.list.retry_busy = {seconds{900}};
    op.has_retry = true;
    commit_list(op);
    open('a', ada);
    advance('a', BeginAsking{});
    advance('a', PlacingParked{});
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"done unknown", 1}}));
    advance('a', CallHeard{sid('a'), CallStatus::busy, {}});
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"done busy", 1}}));
}

// Twilio may tell of the machine, and the store of the missing agent, after the call was over.
TEST_P(StoreLists, what_was_answered_is_corrected_and_a_refusal_is_not) {
    PutListRows op = rows_of({ada, bob});
    op.list.retry_busy = {seconds{900}};
    op.has_retry = true;
    commit_list(op);
    open('a', ada);
    advance('a', BeginAsking{});
    advance('a', CallAnswered{sid('a')});
    advance('a', CallHeard{sid('a'), CallStatus::completed, {}});
    EXPECT_EQ(row(ada).outcome, "answered");
    advance('a', AgentMissing{sid('a'), "agent_timeout", 1}, t0 + seconds{9});
    EXPECT_EQ(row(ada).outcome, "abandoned");
    EXPECT_EQ(row(ada).ended_at, t0);
    advance('a', CallHeard{sid('a'), CallStatus::completed, "machine_start"});
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"done machine", 1}, {"waiting", 1}}));
    open('b', bob);
    call_ends('b', CallStatus::busy);
    ASSERT_TRUE(commit_one(PutDoNotCall{{{bob, "", "api", t0}}}));
    EXPECT_EQ(open('c', bob, t0 + seconds{900}).accepted_count, 0);
    advance('b', CallHeard{sid('b'), CallStatus::busy, "human"});
    EXPECT_EQ(row(bob).outcome, "do_not_call");
}

TEST_P(StoreLists, a_row_whose_number_is_listed_is_done_and_says_so) {
    const std::string eve = "+61413052897";
    commit_list(rows_of({ada, bob, eve}));
    open('a', ada);
    open('b', bob);
    advance('b', BeginAsking{});
    advance('b', TwilioAccepted{sid('b'), "queued"});
    ASSERT_TRUE(commit_one(
        PutDoNotCall{{{ada, "", "api", t0}, {bob, "", "api", t0}, {eve, "", "api", t0}}}));
    EXPECT_EQ(row(ada).outcome, "do_not_call");
    EXPECT_EQ(row(bob).state, ListRowState::calling);
    advance('b', CallHeard{sid('b'), CallStatus::canceled, {}});
    EXPECT_EQ(row(bob).outcome, "do_not_call");
    EXPECT_EQ(open('c', eve).accepted_count, 0);
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"done do_not_call", 3}}));
}

TEST_P(StoreLists, what_is_paused_or_cancelled_is_not_due) {
    commit_list(rows_of({ada, bob}));
    open('a', ada);
    EXPECT_EQ(*store->next_list_row_due(), t0);
    commit_list(SetDialList{"spring", DialListState::paused});
    EXPECT_TRUE(store->due_list_rows(t0, 10)->empty());
    EXPECT_EQ(*store->next_list_row_due(), std::nullopt);
    EXPECT_EQ(open('b', bob).accepted_count, 0);
    const Intent held = advance('a', BeginAsking{}).intent;
    EXPECT_EQ(held.state, IntentState::waiting);
    EXPECT_EQ(held.reason, "");
    EXPECT_GT(held.due_at, t0);
    EXPECT_EQ(held.not_after, list().not_after);
    EXPECT_EQ(row(ada).state, ListRowState::waiting);
    EXPECT_EQ(list().counts, (Counts{{"waiting", 2}}));
    commit_list(SetDialList{"spring", DialListState::active});
    EXPECT_EQ(store->due_list_rows(t0, 10)->at(0).rows.size(), 2U);
    // It has no second attempt beside the one that was held.
    EXPECT_EQ(advance('a', BeginAsking{}).intent.state, IntentState::waiting);
    EXPECT_EQ(open('c', ada).accepted_count, 1);
    EXPECT_EQ(store->find_intent(std::string(32, 'c')).error().code, Errc::not_found);
    EXPECT_EQ(read('a').due_at, t0);
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"calling", 1}, {"waiting", 1}}));
    commit_list(SetDialList{"spring", DialListState::cancelled});
    EXPECT_EQ(advance('a', BeginAsking{}).intent.state, IntentState::cancelled);
    EXPECT_EQ(row(ada).outcome, "cancelled");
    EXPECT_EQ(refusal(SetDialList{"spring", DialListState::active}), Errc::conflict);
    EXPECT_EQ(refusal(rows_of({"+61413052800"})), Errc::conflict);
    EXPECT_EQ(refusal(SetDialList{"autumn", DialListState::paused}), Errc::not_found);
}

// It was surely not made, and is not made once more.
TEST_P(StoreLists, an_attempt_that_was_lost_is_given_back_when_its_list_is_paused) {
    commit_list(rows_of({ada}));
    open('a', ada);
    advance('a', BeginAsking{});
    advance('a', AnswerLost{});
    ASSERT_TRUE(advance('a', NotFoundYet{}, t0 + std::chrono::minutes{3}).intent.is_absent);
    commit_list(SetDialList{"spring", DialListState::paused});
    const IntentOutcome again = advance('a', BeginAsking{}, t0 + std::chrono::minutes{3});
    EXPECT_EQ(again.intent.state, IntentState::waiting);
    EXPECT_EQ(again.intent.asks_count, 1);
    EXPECT_EQ(row(ada).state, ListRowState::waiting);
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"waiting", 1}}));
    // It was there after all: its number is not called once more.
    advance('a', CallHeard{sid('a'), CallStatus::busy, {}});
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"done busy", 1}}));
}

TEST_P(StoreLists, a_refusal_of_every_call_pauses_it_and_loses_nobody) {
    commit_list(rows_of({ada}));
    open('a', ada);
    advance('a', BeginAsking{});
    advance('a', PlacingRefused{"twilio", "check the token", 20003});
    EXPECT_EQ(list().state, DialListState::paused);
    EXPECT_EQ(list().reason, "Twilio refuses the calls: check the token");
    EXPECT_EQ(row(ada).state, ListRowState::waiting);
    EXPECT_EQ(list().counts, (Counts{{"attempts", 1}, {"refused", 1}, {"waiting", 1}}));
    commit_list(SetDialList{"spring", DialListState::active});
    EXPECT_EQ(list().reason, "");
    open('b', ada);
    advance('b', BeginAsking{});
    advance('b', PlacingRefused{"twilio", "correct it", 21211});
    EXPECT_EQ(list().state, DialListState::active);
    EXPECT_EQ(row(ada).outcome, "refused");
}

TEST_P(StoreLists, a_number_that_was_called_often_enough_waits) {
    put(intent_of('a', ada));
    call_ends('a', CallStatus::busy);
    commit_list(rows_of({ada}));
    WorkList work;
    work.list_id = "spring";
    work.attempts_max = 1;
    work.attempts_since = t0 - std::chrono::hours{24};
    work.steps.push_back({ada, row(ada).version, intent_of('b', ada), {}});
    EXPECT_EQ(commit_list(work).accepted_count, 0);
    EXPECT_EQ(row(ada).state, ListRowState::waiting);
    EXPECT_GT(*row(ada).due_at, t0);
}

// A retry waits no longer than it would have, and what has passed since Twilio was asked stays.
TEST_P(StoreLists, nothing_is_late_when_the_clock_is_set) {
    PutListRows op = rows_of({ada, bob});
    op.list.retry_busy = {seconds{900}};
    op.has_retry = true;
    commit_list(op);
    open('a', ada);
    call_ends('a', CallStatus::busy);
    open('b', bob);
    advance('b', BeginAsking{});
    const Intent asked = advance('b', AnswerLost{}).intent;
    const seconds back{-3'600};
    ASSERT_TRUE(store->shift_times(back, t0 + back));
    EXPECT_EQ(row(ada).due_at, t0 + back + seconds{900});
    EXPECT_EQ(*store->next_list_row_due(), t0 + back + seconds{900});
    EXPECT_EQ(read('b').due_at, *asked.due_at + back);
    EXPECT_EQ(read('b').asked_at, *asked.asked_at + back);
    EXPECT_EQ(*store->next_intent_due(), *asked.due_at + back);
    const seconds on{7'200};
    ASSERT_TRUE(store->shift_times(on, t0 + back + on));
    EXPECT_EQ(row(ada).due_at, t0 + back + seconds{900});
    EXPECT_EQ(read('b').due_at, *asked.due_at + back);
    EXPECT_EQ(read('b').asked_at, *asked.asked_at + back + on);
}

TEST_P(StoreLists, rows_are_listed_in_their_order_by_pages) {
    commit_list(rows_of({ada, bob, "+61413052800"}));
    ListRowFilter filter;
    filter.list_id = "spring";
    filter.limit = 2;
    const auto page = store->list_rows(filter);
    ASSERT_EQ(page->rows.size(), 2U);
    EXPECT_EQ(page->rows[0].to, ada);
    filter.cursor = page->next_cursor;
    const auto rest = store->list_rows(filter);
    ASSERT_EQ(rest->rows.size(), 1U);
    EXPECT_EQ(rest->next_cursor, "");
    open('a', ada);
    filter = {};
    filter.list_id = "spring";
    filter.state = ListRowState::calling;
    EXPECT_EQ(store->list_rows(filter)->rows.size(), 1U);
    filter.cursor = "x";
    EXPECT_EQ(store->list_rows(filter).error().code, Errc::invalid_input);
}

}  // namespace wrapup
