// The agent's own voicemail detection: what says so, what does not, and that it outlives the
// transcript.

#include <gtest/gtest.h>

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/observation.hpp"

namespace wrapup {
namespace {

struct Row {
    const char* name;
    std::string metadata;  // Members of it.
    std::string transcript;
    bool is_voicemail;
};

std::string turn(const std::string& list, const std::string& entry) {
    return R"([{"role":"user","message":"my secret"},null,7,{"role":"agent","message":null,")" +
           list + R"(":[null,7,)" + entry + "]}]";
}

const Row rows[] = {
    {"nothing", "", "[]", false},
    {"reason", R"("termination_reason":"voicemail_detection tool was called.")", "[]", true},
    {"reason_in_another_case", R"("termination_reason":"Voicemail_Detection tool")", "[]", true},
    {"another_reason", R"("termination_reason":"end_call tool was called.")", "[]", false},
    {"reason_of_another_type", R"("termination_reason":{"voicemail_detection":true})", "[]", false},
    {"used", R"("features_usage":{"voicemail_detection":{"enabled":true,"used":true}})", "[]",
     true},
    {"enabled_alone", R"("features_usage":{"voicemail_detection":{"enabled":true,"used":false}})",
     "[]", false},
    {"enabled_only", R"("features_usage":{"voicemail_detection":{"enabled":true}})", "[]", false},
    {"odd_usage", R"("features_usage":{"voicemail_detection":true})", "[]", false},
    {"tool_call", "", turn("tool_calls", R"({"tool_name":"voicemail_detection"})"), true},
    {"tool_call_that_was_made", "",
     turn("tool_calls", R"({"tool_name":"voicemail_detection","tool_has_been_called":true})"),
     true},
    {"tool_call_that_was_not_made", "",
     turn("tool_calls", R"({"tool_name":"voicemail_detection","tool_has_been_called":false})"),
     false},
    {"another_tool", "", turn("tool_calls", R"({"tool_name":"end_call"})"), false},
    {"tool_result", "", turn("tool_results", R"({"tool_name":"voicemail_detection"})"), true},
    {"tool_result_that_failed", "",
     turn("tool_results", R"({"tool_name":"voicemail_detection","is_error":true})"), false},
    {"spoken_of", "", R"([{"role":"user","message":"voicemail_detection tool was called."}])",
     false},
    {"odd_transcript", "", R"({"tool_calls":[{"tool_name":"voicemail_detection"}]})", false},
};

std::string document_of(const Row& row) {
    return R"({"conversation_id":"conv_1","status":"done","transcript":)" + row.transcript +
           R"(,"metadata":{)" + row.metadata + "}}";
}

TEST(VoicemailDetection, is_heard_in_every_place_that_says_so) {
    for (const Row& row : rows) {
        const auto document = parse_conversation(document_of(row));
        ASSERT_TRUE(document) << row.name;
        EXPECT_EQ(document->conversation.has_agent_voicemail, row.is_voicemail) << row.name;
    }
}

TEST(VoicemailDetection, is_kept_when_the_transcript_is_dropped) {
    for (const Row& row : rows) {
        const std::string body =
            R"({"type":"post_call_transcription","data":)" + document_of(row) + "}";
        const auto event = webhook_event(body, {}, UtcTime{});
        ASSERT_TRUE(event) << row.name;
        EXPECT_EQ(event->payload.find("\"transcript\""), std::string::npos) << row.name;
        EXPECT_EQ(event->payload.find("my secret"), std::string::npos) << row.name;
        const auto said = decode_observation(event->kind, event->payload);
        ASSERT_TRUE(said) << row.name;
        EXPECT_EQ(std::get<Conversation>(*said).has_agent_voicemail, row.is_voicemail) << row.name;
    }
}

TEST(VoicemailDetection, an_event_stored_before_it_was_known_is_still_understood) {
    const auto said = decode_observation(
        EventKind::elevenlabs_transcription,
        R"({"conversation_id":"conv_1","status":"done","metadata":{"termination_reason":""}})");
    ASSERT_TRUE(said);
    EXPECT_FALSE(std::get<Conversation>(*said).has_agent_voicemail);
}

}  // namespace
}  // namespace wrapup
