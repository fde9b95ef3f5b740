#pragma once

// Store conformance: the operators' log. Included by test/store_conformance.hpp.

namespace wrapup {

inline OperatorAction action_of(OperatorAct act, const std::string& subject) {
    OperatorAction action;
    action.at = t0;
    action.act = act;
    action.who = "dashboard";
    action.subject = subject;
    action.detail = "3 records";
    action.reason = "the CRM moves";
    action.refused = "no such destination";
    return action;
}

TEST_P(StoreConformance, what_people_did_is_kept_as_it_was_noted) {
    EXPECT_TRUE(store->list_actions(0, 5)->actions.empty());
    for (const OperatorAct act : {OperatorAct::destination_paused, OperatorAct::signed_out}) {
        EXPECT_TRUE(commit_one(NoteAction{action_of(act, "crm")}));
    }
    const ActionPage page = *store->list_actions(0, 5);
    ASSERT_EQ(page.actions.size(), 2U);
    EXPECT_FALSE(page.has_more);
    OperatorAction first = action_of(OperatorAct::destination_paused, "crm");
    first.id = page.actions[1].id;
    EXPECT_EQ(page.actions[1], first);
    EXPECT_EQ(page.actions[0].act, OperatorAct::signed_out);
    EXPECT_GT(page.actions[0].id, page.actions[1].id);
}

TEST_P(StoreConformance, pages_of_what_people_did_stay_where_they_are_while_more_is_noted) {
    std::vector<StoreOp> ops;
    for (const char* subject : {"a", "b", "c", "d", "e"}) {
        ops.emplace_back(NoteAction{action_of(OperatorAct::destination_paused, subject)});
    }
    ASSERT_TRUE(store->commit(ops, t0));
    const ActionPage first = *store->list_actions(0, 2);
    ASSERT_EQ(first.actions.size(), 2U);
    EXPECT_EQ(first.actions[0].subject, "e");
    EXPECT_TRUE(first.has_more);
    EXPECT_TRUE(commit_one(NoteAction{action_of(OperatorAct::destination_paused, "f")}));
    const ActionPage second = *store->list_actions(first.actions.back().id, 3);
    ASSERT_EQ(second.actions.size(), 3U);
    EXPECT_EQ(second.actions[0].subject, "c");
    EXPECT_EQ(second.actions[2].subject, "a");
    EXPECT_FALSE(second.has_more);
}

TEST_P(StoreConformance, the_newest_of_what_people_did_is_kept) {
    const std::vector<StoreOp> ops(operator_actions_max / 50,
                                   NoteAction{action_of(OperatorAct::record_sent, "CA1")});
    for (int i = 0; i < 50; ++i) ASSERT_TRUE(store->commit(ops, t0));
    EXPECT_TRUE(commit_one(NoteAction{action_of(OperatorAct::record_sent, "CA2")}));
    const ActionPage page = *store->list_actions(0, 200'000);
    EXPECT_EQ(std::ssize(page.actions), operator_actions_max);
    EXPECT_EQ(page.actions.front().subject, "CA2");
    EXPECT_FALSE(page.has_more);
}

}  // namespace wrapup
