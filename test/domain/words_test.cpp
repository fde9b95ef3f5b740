// The words of the outside, numbers in logs, and metadata of two sources.

#include <gtest/gtest.h>

#include "domain/call.hpp"
#include "domain/call_status.hpp"
#include "domain/event.hpp"
#include "domain/metadata.hpp"
#include "domain/operator_action.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

TEST(Words, call_statuses_are_understood_in_every_spelling_seen) {
    EXPECT_EQ(parse_call_status("no-answer"), CallStatus::no_answer);
    EXPECT_EQ(parse_call_status("no_answer"), CallStatus::no_answer);
    EXPECT_EQ(parse_call_status("NO-ANSWER"), CallStatus::no_answer);
    EXPECT_EQ(parse_call_status("canceled"), CallStatus::canceled);
    EXPECT_EQ(parse_call_status("cancelled"), CallStatus::canceled);
    EXPECT_EQ(parse_call_status("in-progress"), CallStatus::in_progress);
    EXPECT_EQ(parse_call_status(""), std::nullopt);
    EXPECT_EQ(parse_call_status("completed!"), std::nullopt);
    EXPECT_EQ(parse_call_status(std::string(10'000, 'x')), std::nullopt);
}

TEST(Words, five_statuses_are_terminal) {
    int terminal_count = 0;
    for (const char* word : {"queued", "initiated", "ringing", "in-progress", "completed", "busy",
                             "no-answer", "failed", "canceled"}) {
        const auto status = parse_call_status(word);
        ASSERT_TRUE(status.has_value()) << word;
        EXPECT_EQ(to_string(*status), word);
        terminal_count += is_terminal(*status) ? 1 : 0;
    }
    EXPECT_EQ(terminal_count, 5);
}

TEST(Words, only_inbound_is_inbound) {
    EXPECT_EQ(parse_direction("inbound"), Direction::inbound);
    EXPECT_EQ(parse_direction("outbound-api"), Direction::outbound);
    EXPECT_EQ(parse_direction("outbound-dial"), Direction::outbound);
    EXPECT_EQ(parse_direction("trunking-originating"), Direction::outbound);
    EXPECT_EQ(parse_direction(""), Direction::unknown);
}

TEST(Words, names_of_kinds_states_and_reasons_come_back) {
    for (const auto kind :
         {EventKind::twilio_status, EventKind::twilio_amd, EventKind::elevenlabs_failure,
          EventKind::placing_no_agent, EventKind::operator_action}) {
        EXPECT_EQ(parse_event_kind(to_string(kind)), kind);
    }
    for (const auto state : {CallState::open, CallState::delivered, CallState::merged}) {
        EXPECT_EQ(parse_call_state(to_string(state)), state);
    }
    for (const auto reason : {ParkReason::dead, ParkReason::unknown_outcome}) {
        EXPECT_EQ(parse_park_reason(to_string(reason)), reason);
    }
    for (const auto act : {OperatorAct::destination_paused, OperatorAct::signed_out}) {
        EXPECT_EQ(parse_operator_act(to_string(act)), act);
    }
    EXPECT_EQ(parse_operator_act("nonsense"), std::nullopt);
    EXPECT_EQ(parse_call_state("nonsense"), std::nullopt);
}

TEST(PhoneNumber, is_masked_so_that_nobody_can_call_it) {
    EXPECT_EQ(mask_phone_number("+61413052898"), "+614•••••898");
    EXPECT_EQ(mask_phone_number("+1415"), "•••••");
    EXPECT_EQ(mask_phone_number(""), "•••••");
    EXPECT_EQ(mask_phone_number("client:ada.lovelace"), "•••••");
    EXPECT_EQ(mask_phone_number("sip:ada@example.com"), "•••••");
    EXPECT_EQ(mask_phone_number("+614130528981234567"), "•••••");
}

TEST(PhoneNumber, is_normalized_for_comparing) {
    EXPECT_EQ(normalize_phone_number("+61 413-052.898"), "+61413052898");
    EXPECT_EQ(normalize_phone_number("0061 413 052 898"), "+61413052898");
    EXPECT_EQ(normalize_phone_number("(02) 9999 9999"), "0299999999");
}

TEST(PhoneNumber, a_call_sid_is_ca_and_32_hex_digits) {
    EXPECT_TRUE(is_call_sid("CA0123456789abcdef0123456789abcdef"));
    EXPECT_FALSE(is_call_sid("CA0123456789abcdef0123456789abcde"));
    EXPECT_FALSE(is_call_sid("SM0123456789abcdef0123456789abcdef"));
    EXPECT_FALSE(is_call_sid("CA0123456789abcdef0123456789abcdeg"));
    EXPECT_FALSE(is_call_sid("AC0123456789abcdef0123456789abcdef"));
    EXPECT_TRUE(is_account_sid("AC0123456789abcdef0123456789abcdef"));
    EXPECT_FALSE(is_account_sid("CA0123456789abcdef0123456789abcdef"));
    EXPECT_FALSE(is_account_sid("AC0123456789abcdef0123456789abcde/"));
}

TEST(Metadata, the_first_source_wins_field_by_field) {
    CallMetadata first;
    first.name = "Ada";
    CallMetadata second;
    second.name = "Someone";
    second.to = "+61413052898";
    second.campaign_name = "Spring";
    second.campaign_description = "All of it";
    const CallMetadata both = merge(first, second);
    EXPECT_EQ(both.name, "Ada");
    EXPECT_EQ(both.to, "+61413052898");
    EXPECT_EQ(both.campaign_name, "Spring");
}

TEST(Metadata, a_word_that_is_no_value_hides_nothing) {
    CallMetadata first;
    first.name = "null";
    first.contact_name = "{{contact}}";
    first.campaign_name = "undefined";
    first.campaign_description = "None";
    first.conversation_id = "null";
    first.to = " ";
    first.answered_by = "None";
    CallMetadata second;
    second.name =
        " A\x01"
        "da ";
    second.contact_name = "Ada L.";
    second.campaign_name = "Spring";
    second.conversation_id = "conv_1";
    second.to = "+61413052898";
    second.answered_by = "human";
    CallMetadata expected = second;
    expected.name = "Ada";
    EXPECT_EQ(merge(first, second), expected);
    EXPECT_EQ(merge(second, first), expected);
    EXPECT_EQ(merge(first, {}), CallMetadata{});
}

TEST(Metadata, a_campaign_is_taken_from_one_source) {
    CallMetadata first;
    first.campaign_description = "Winter, described";
    CallMetadata second;
    second.campaign_name = "Spring";
    EXPECT_EQ(merge(first, second).campaign_name, "");
}

}  // namespace
}  // namespace wrapup
