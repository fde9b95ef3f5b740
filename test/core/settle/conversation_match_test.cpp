#include "core/settle/conversation_match.hpp"

#include <gtest/gtest.h>

#include <string>

namespace wrapup {
namespace {

struct MatchRow {
    const char* name;
    const char* call_sid;       // The call's.
    const char* agent_id;       // The call's.
    const char* said_call_sid;  // The conversation's.
    const char* said_agent_id;  // The conversation's.
    bool may_be;

    friend void PrintTo(const MatchRow& row, std::ostream* out) { *out << row.name; }
};

constexpr MatchRow rows[] = {
    {"same_call", "CA1", "a", "CA1", "a", true},
    {"another_call", "CA1", "a", "CA2", "a", false},
    {"another_call_and_nothing_else", "CA1", "", "CA2", "", false},
    {"same_call_by_another_agent", "CA1", "a", "CA1", "b", true},
    {"no_call_sid_same_agent", "CA1", "a", "", "a", true},
    {"no_call_sid_another_agent", "CA1", "a", "", "b", false},
    {"no_call_sid_agent_not_known", "CA1", "", "", "b", true},
    {"no_call_sid_no_agent", "CA1", "a", "", "", true},
    {"a_call_that_is_a_conversation", "", "a", "CA2", "b", true},
};

class ConversationMatch : public testing::TestWithParam<MatchRow> {};

TEST_P(ConversationMatch, is_judged) {
    const MatchRow& row = GetParam();
    Conversation conversation;
    conversation.call_sid = row.said_call_sid;
    conversation.agent_id = row.said_agent_id;
    InitiationFailure failure;
    failure.call_sid = row.said_call_sid;
    failure.agent_id = row.said_agent_id;
    const CallMarks call{row.call_sid, row.agent_id};
    EXPECT_EQ(may_be_of(conversation, call), row.may_be);
    EXPECT_EQ(may_be_of(Observation{conversation}, call), row.may_be);
    EXPECT_EQ(may_be_of(Observation{failure}, call), row.may_be);
    EXPECT_TRUE(may_be_of(Observation{Remark{}}, call));
}

INSTANTIATE_TEST_SUITE_P(Table, ConversationMatch, testing::ValuesIn(rows),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

}  // namespace
}  // namespace wrapup
