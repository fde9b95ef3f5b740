#include "core/settle/conversation_match.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>

namespace wrapup {
namespace {

using std::chrono::minutes;

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

class ConversationMatches : public testing::TestWithParam<MatchRow> {};

TEST_P(ConversationMatches, is_judged) {
    const MatchRow& row = GetParam();
    Conversation conversation;
    conversation.call_sid = row.said_call_sid;
    conversation.agent_id = row.said_agent_id;
    InitiationFailure failure;
    failure.call_sid = row.said_call_sid;
    failure.agent_id = row.said_agent_id;
    const CallMarks call{row.call_sid, row.agent_id, ""};
    EXPECT_EQ(may_be_of(conversation, call), row.may_be);
    EXPECT_EQ(may_be_of(Observation{conversation}, call), row.may_be);
    EXPECT_EQ(may_be_of(Observation{failure}, call), row.may_be);
    EXPECT_TRUE(may_be_of(Observation{Remark{}}, call));
}

struct NumberRow {
    const char* name;
    const char* to;       // The call's.
    const char* said_to;  // The conversation's.
    bool may_be;
};

constexpr NumberRow number_rows[] = {
    {"the same", "+61413052898", "+61413052898", true},
    {"another", "+61413052898", "+61413052899", false},
    {"another of another country", "+61413052898", "+19999999999", false},
    {"spaces", "+61413052898", "+61 413 052 898", true},
    {"without a plus", "+61413052898", "61413052898", true},
    {"as dialled in its country", "+61413052898", "0413052898", true},
    {"another as dialled in its country", "+61413052898", "0413052899", false},
    {"of a trunk", "+61413052898", "sip:61413052898@pbx.test;user=phone", true},
    {"another of a trunk", "+61413052898", "sip:+61413052899@pbx.test", false},
    {"a trunk called", "sip:+61413052898@pbx.test", "+61413052898", true},
    {"a name of a trunk", "+61413052898", "sip:reception@pbx.test", true},
    {"an extension", "+61413052898", "1001", false},
    {"the end of it", "+61413052898", "02898", false},
    {"an extension called", "1001", "1001", true},
    {"another extension", "21001", "1001", false},
    {"an extension with a zero", "0123", "123", true},
    {"a short number of a country", "+61131450", "131450", true},
    {"of a small country", "+6834002", "4002", true},
    {"without its area", "+12025550123", "5550123", true},
    {"only zeros", "+61413052898", "000", false},
    {"who hides", "+61413052898", "anonymous", true},
    {"none said", "+61413052898", "", true},
    {"none known", "", "+61413052898", true},
};

TEST(ConversationMatch, goes_by_the_other_party_where_no_call_sid_is_told) {
    for (const NumberRow& row : number_rows) {
        Conversation conversation;
        conversation.line = PhoneLine::twilio;
        conversation.external_number = row.said_to;
        InitiationFailure failure;
        failure.to = row.said_to;
        const CallMarks call{"CA1", "", row.to};
        EXPECT_EQ(may_be_of(conversation, call), row.may_be) << row.name;
        EXPECT_EQ(may_be_of(Observation{failure}, call), row.may_be) << row.name;
        conversation.call_sid = "CA1";
        EXPECT_TRUE(may_be_of(conversation, call)) << row.name;
        conversation.call_sid = "";
        conversation.line = PhoneLine::none;
        EXPECT_TRUE(may_be_of(conversation, call)) << row.name << ": a number that is guessed";
    }
}

TEST(ConversationMatch, goes_by_the_direction_where_no_call_sid_is_told) {
    CallMarks call{"CA1", "", "+61413052898", Direction::outbound};
    Conversation conversation;
    conversation.line = PhoneLine::sip;
    conversation.direction = Direction::inbound;
    EXPECT_FALSE(may_be_of(conversation, call));
    call.direction = Direction::unknown;
    EXPECT_TRUE(may_be_of(conversation, call));
    call.direction = Direction::inbound;
    EXPECT_TRUE(may_be_of(conversation, call));
    InitiationFailure failure;
    failure.direction = Direction::outbound;
    EXPECT_FALSE(may_be_of(Observation{failure}, call));
    // One that is connected to the agent over SIP.
    call.direction = Direction::outbound;
    conversation.call_sid = "CA1";
    EXPECT_TRUE(may_be_of(conversation, call));
}

struct TimeRow {
    const char* name;
    std::optional<minutes> began;  // The call's, after t0.
    std::optional<minutes> ended;  // The call's.
    std::optional<minutes> said;   // The conversation's beginning.
    bool may_be;
};

const TimeRow time_rows[] = {
    {"in it", minutes{0}, minutes{5}, minutes{1}, true},
    {"hours before", minutes{0}, minutes{5}, minutes{-120}, false},
    {"hours after", minutes{0}, minutes{5}, minutes{120}, false},
    {"a clock that is behind", minutes{0}, minutes{5}, minutes{-20}, true},
    {"a clock that is ahead", minutes{0}, minutes{5}, minutes{20}, true},
    {"hours into a long one", minutes{0}, minutes{300}, minutes{240}, true},
    {"after one that runs", minutes{0}, std::nullopt, minutes{240}, true},
    {"before one that runs", minutes{0}, std::nullopt, minutes{-240}, false},
    {"before one whose beginning is not told", std::nullopt, minutes{5}, minutes{-240}, true},
    {"after one whose beginning is not told", std::nullopt, minutes{5}, minutes{240}, false},
    {"when is not told", minutes{0}, minutes{5}, std::nullopt, true},
    {"when the call was is not told", std::nullopt, std::nullopt, minutes{240}, true},
};

TEST(ConversationMatch, goes_by_the_calls_life_unless_the_phone_call_names_it) {
    const UtcTime t0{milliseconds{1'750'000'000'000}};
    const auto at = [t0](std::optional<minutes> after) {
        return after ? std::optional<UtcTime>(t0 + *after) : std::nullopt;
    };
    for (const TimeRow& row : time_rows) {
        const CallMarks call{"CA1", "", "", Direction::unknown, at(row.began), at(row.ended)};
        Conversation conversation;
        conversation.started_at = at(row.said);
        InitiationFailure failure;
        failure.at = at(row.said);
        EXPECT_EQ(may_be_of(conversation, call), row.may_be) << row.name;
        EXPECT_EQ(may_be_of(Observation{failure}, call), row.may_be) << row.name;
        conversation.call_sid = "CA1";
        EXPECT_EQ(may_be_of(conversation, call), row.may_be) << row.name << ": by its variables";
        conversation.has_own_call_sid = true;
        EXPECT_TRUE(may_be_of(conversation, call)) << row.name;
    }
}

TEST(ConversationMatch, takes_the_caller_of_an_inbound_call_for_the_other_party) {
    Facts facts;
    facts.to = "+15005550006";
    facts.from = "+61413052898";
    EXPECT_EQ(number_of(facts), "");
    facts.direction = Direction::inbound;
    EXPECT_EQ(number_of(facts), "+61413052898");
    facts.direction = Direction::outbound;
    EXPECT_EQ(number_of(facts), "+15005550006");
}

INSTANTIATE_TEST_SUITE_P(Table, ConversationMatches, testing::ValuesIn(rows),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

}  // namespace
}  // namespace wrapup
