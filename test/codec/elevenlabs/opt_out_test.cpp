// Whether the agent noted that somebody must not be called again.

#include <gtest/gtest.h>

#include "codec/elevenlabs/elevenlabs_events.hpp"

namespace wrapup {
namespace {

struct Row {
    const char* name;
    const char* analysis;
    bool opts_out;
};

constexpr Row rows[] = {
    {"true", R"({"data_collection_results":{"opt_out":{"value":true}}})", true},
    {"a word", R"({"data_collection_results":{"opt_out":{"value":" Yes "}}})", true},
    {"true as a word", R"({"data_collection_results":{"opt_out":{"value":"true"}}})", true},
    {"a number", R"({"data_collection_results":{"opt_out":{"value":1}}})", true},
    {"in the list",
     R"({"data_collection_results_list":[{"data_collection_id":"x","value":true},)"
     R"({"data_collection_id":"opt_out","value":true}]})",
     true},
    {"false", R"({"data_collection_results":{"opt_out":{"value":false}}})", false},
    {"no", R"({"data_collection_results":{"opt_out":{"value":"no"}}})", false},
    {"zero", R"({"data_collection_results":{"opt_out":{"value":0}}})", false},
    {"null", R"({"data_collection_results":{"opt_out":{"value":null}}})", false},
    {"a list", R"({"data_collection_results":{"opt_out":{"value":[true]}}})", true},
    {"another field", R"({"data_collection_results":{"other":{"value":true}}})", false},
    {"the value alone", R"({"data_collection_results":{"opt_out":true}})", true},
    {"no value", R"({"data_collection_results":{"opt_out":{"rationale":"yes"}}})", false},
    {"no results", R"({})", false},
    {"no analysis", "null", false},
};

TEST(OptOut, is_read_from_the_field_that_is_named) {
    for (const Row& row : rows) {
        const std::string data =
            std::string(R"({"conversation_id":"conv_1","analysis":)") + row.analysis + "}";
        const auto document = parse_conversation(data, ConversationReading{"opt_out", {}});
        ASSERT_TRUE(document) << row.name;
        EXPECT_EQ(document->conversation.opts_out, row.opts_out) << row.name;
        EXPECT_EQ(conversation_event(document->conversation, "{}", from_unix_s(1)).opts_out,
                  row.opts_out)
            << row.name;
        EXPECT_FALSE(parse_conversation(data)->conversation.opts_out) << row.name;

        WebhookScope scope;
        scope.reading.opt_out_field = "opt_out";
        const std::string webhook = R"({"type":"post_call_transcription","data":)" + data + "}";
        EXPECT_EQ(webhook_event(webhook, scope, from_unix_s(1))->opts_out, row.opts_out)
            << row.name;
    }
}

enum class Read { no, yes, unreadable };

struct ValueRow {
    const char* value;
    Read read;
};

constexpr ValueRow value_rows[] = {
    {R"("Yes, please do not call me again")", Read::yes},
    {R"("y")", Read::yes},
    {R"("true.")", Read::yes},
    {R"("\"Yes\"")", Read::yes},
    {R"({"value":true})", Read::yes},
    {R"({"value":{"value":"yes"}})", Read::yes},
    {R"("1.0")", Read::yes},
    {R"(-1)", Read::yes},
    {R"(["yes"])", Read::yes},
    {R"("")", Read::no},
    {R"(" - ")", Read::no},
    {R"("null")", Read::no},
    {R"("None")", Read::no},
    {R"("False.")", Read::no},
    {R"("0.0")", Read::no},
    {R"({})", Read::no},
    {R"([])", Read::no},
    {R"("No more calls")", Read::unreadable},
    {R"("yesterday")", Read::unreadable},
    {R"("do not call")", Read::unreadable},
    {R"({"answer":true})", Read::unreadable},
    {R"([false,true])", Read::unreadable},
    {R"("1e999")", Read::unreadable},
    {R"("nan")", Read::unreadable},
    {R"("NaN")", Read::unreadable},
    {R"("-nan")", Read::unreadable},
    {R"("inf")", Read::unreadable},
    {R"("-Infinity")", Read::unreadable},
};

TEST(OptOut, is_read_from_whatever_an_agent_writes_and_what_is_neither_is_told) {
    for (const ValueRow& row : value_rows) {
        std::string told;
        ConversationReading reading;
        reading.opt_out_field = "opt_out";
        reading.tell_unreadable = [&told](const Conversation& c) { told += c.call_sid; };
        const std::string sid = "CA" + std::string(32, 'a');
        const std::string data =
            R"({"conversation_id":"conv_1","metadata":{"phone_call":{"call_sid":")" + sid +
            R"("}},"analysis":{"data_collection_results":{"opt_out":{"value":)" + row.value +
            "}}}}";
        const auto document = parse_conversation(data, reading);
        ASSERT_TRUE(document) << row.value;
        EXPECT_EQ(document->conversation.opts_out, row.read == Read::yes) << row.value;
        EXPECT_EQ(told, row.read == Read::unreadable ? sid : "") << row.value;
    }
}

// What a phone reader makes of a number without a '+'.
Result<std::string> read_with_plus(std::string_view text) {
    if (text.size() != 11) return Error{Errc::invalid_input, "is no phone number"};
    return "+" + std::string(text);
}

struct NumberRow {
    const char* said;  // Members of `data`.
    const char* to;
};

constexpr NumberRow number_rows[] = {
    {R"("metadata":{"phone_call":{"external_number":"+61413052898"}})", "+61413052898"},
    {R"("metadata":{"phone_call":{"external_number":"+61 413 052 898"}})", "+61413052898"},
    {R"("metadata":{"phone_call":{"external_number":"61413052898"}})", "+61413052898"},
    {R"("metadata":{"phone_call":{"external_number":"sip:+61413052898@pbx.test"}})",
     "+61413052898"},
    {R"("metadata":{"phone_call":{"external_number":"SIP:61413052898@pbx.test;user=phone"}})",
     "+61413052898"},
    {R"("metadata":{"phone_call":{"external_number":"sip:reception@pbx.test"}})",
     "sip:reception@pbx.test"},
    {R"("metadata":{"phone_call":{"external_number":"1001"}})", "1001"},
    {R"("metadata":{"phone_call":null},"conversation_initiation_client_data":{"dynamic_variables":)"
     R"({"system__caller_id":"+15005550006","system__called_number":"61413052898"}})",
     "+61413052898"},
    {R"("metadata":{"phone_call":{"direction":"inbound"}},"conversation_initiation_client_data":)"
     R"({"dynamic_variables":{"system__caller_id":"+61413052898",)"
     R"("system__called_number":"+15005550006"}})",
     "+61413052898"},
    {R"("metadata":{"phone_call":null})", ""},
};

TEST(OptOut, concerns_the_other_partys_number_as_it_is_called) {
    for (const NumberRow& row : number_rows) {
        const std::string data = std::string(R"({"conversation_id":"conv_1",)") + row.said + "}";
        WebhookScope scope;
        scope.reading.read_number = read_with_plus;
        const std::string webhook = R"({"type":"post_call_transcription","data":)" + data + "}";
        EXPECT_EQ(webhook_event(webhook, scope, from_unix_s(1))->to, row.to) << row.said;
        const auto document = parse_conversation(data, scope.reading);
        EXPECT_EQ(conversation_event(document->conversation, "{}", from_unix_s(1)).to, row.to)
            << row.said;
    }
}

// A conversation without `phone_call` tells no direction.
TEST(OptOut, takes_no_number_of_ours_where_nobody_says_who_called) {
    constexpr const char* ada = "+61413052898";
    constexpr const char* ours = "+15005550006";
    const auto number_of = [](const char* caller, const char* called) {
        ConversationReading reading;
        reading.read_number = read_with_plus;
        reading.our_numbers = {"+15005550007", ours};
        const std::string data =
            std::string(R"({"conversation_id":"conv_1","metadata":{"phone_call":null},)"
                        R"("conversation_initiation_client_data":{"dynamic_variables":)"
                        R"({"system__caller_id":")") +
            caller + R"(","system__called_number":")" + called + R"("}}})";
        return parse_conversation(data, reading)->conversation.external_number;
    };
    EXPECT_EQ(number_of(ours, ada), ada);
    EXPECT_EQ(number_of(ada, ours), ada);
    EXPECT_EQ(number_of(ada, "15005550006"), ada);
    EXPECT_EQ(number_of(ada, "sip:+15005550006@pbx.test"), ada);
    EXPECT_EQ(number_of("+15005550007", ours), "");
    EXPECT_EQ(number_of("", ours), "");
    EXPECT_EQ(number_of("+61413052899", ada), ada);  // Neither is ours: who was called.
}

TEST(OptOut, needs_no_reader_for_what_is_a_whole_number_already) {
    EXPECT_EQ(callable_number("sip:+61413052898@pbx.test", {}), "+61413052898");
    EXPECT_EQ(callable_number("61413052898", {}), "61413052898");
    EXPECT_TRUE(is_callable("+61413052898"));
    for (const char* const no_number : {"", "+", "61413052898", "+0413052898", "+61x13052898",
                                        "+614130528981234567", "sip:", "pbx.test"}) {
        EXPECT_FALSE(is_callable(no_number)) << no_number;
    }
}

}  // namespace
}  // namespace wrapup
