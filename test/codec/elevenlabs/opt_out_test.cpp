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
    {"a list", R"({"data_collection_results":{"opt_out":{"value":[true]}}})", false},
    {"another field", R"({"data_collection_results":{"other":{"value":true}}})", false},
    {"no value", R"({"data_collection_results":{"opt_out":true}})", false},
    {"no results", R"({})", false},
    {"no analysis", "null", false},
};

TEST(OptOut, is_read_from_the_field_that_is_named) {
    for (const Row& row : rows) {
        const std::string data =
            std::string(R"({"conversation_id":"conv_1","analysis":)") + row.analysis + "}";
        const auto document = parse_conversation(data, "opt_out");
        ASSERT_TRUE(document) << row.name;
        EXPECT_EQ(document->conversation.opts_out, row.opts_out) << row.name;
        EXPECT_EQ(conversation_event(document->conversation, "{}", from_unix_s(1)).opts_out,
                  row.opts_out)
            << row.name;
        EXPECT_FALSE(parse_conversation(data)->conversation.opts_out) << row.name;

        WebhookScope scope;
        scope.opt_out_field = "opt_out";
        const std::string webhook = R"({"type":"post_call_transcription","data":)" + data + "}";
        EXPECT_EQ(webhook_event(webhook, scope, from_unix_s(1))->opts_out, row.opts_out)
            << row.name;
    }
}

}  // namespace
}  // namespace wrapup
