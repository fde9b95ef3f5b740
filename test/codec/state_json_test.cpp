#include "codec/state_json.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

SettleProgress full_progress() {
    SettleProgress progress;
    progress.metadata_first_asked_at = from_unix_ms(2);
    progress.metadata_resolved_at = from_unix_ms(3);
    progress.metadata_asks_count = 4;
    progress.was_metadata_away = true;
    progress.conversation_asks_count = 5;
    progress.conversation_asked_at = from_unix_ms(6);
    progress.conversation_not_before = from_unix_ms(7);
    progress.conversation_said = "processing \"é\"";
    progress.was_conversation_refused = true;
    progress.was_variable_asked = true;
    progress.twilio_asks_count = 8;
    progress.twilio_asked_at = from_unix_ms(9);
    progress.twilio_running_at = from_unix_ms(10);
    progress.was_twilio_answered = true;
    progress.twilio_said = "404";
    return progress;
}

TEST(StateJson, progress_is_read_back) {
    const SettleProgress full = full_progress();
    EXPECT_EQ(decode_progress(encode_progress(full)), Result<SettleProgress>(full));
    EXPECT_EQ(encode_progress({}), "{}");
    EXPECT_EQ(decode_progress("{}"), Result<SettleProgress>(SettleProgress{}));
    EXPECT_EQ(decode_progress(""), Result<SettleProgress>(SettleProgress{}));
}

TEST(StateJson, metadata_is_read_back) {
    const CallMetadata full{"Zoë \\ \"Z\"", "b", "c", "d", "e\n", "f", "g", "+1", "human"};
    EXPECT_EQ(decode_metadata(encode_metadata(full)), Result<CallMetadata>(full));
    EXPECT_EQ(encode_metadata({}), "{}");
}

TEST(StateJson, unknown_and_odd_members_are_ignored) {
    SettleProgress expected;
    expected.twilio_asks_count = 2;
    EXPECT_EQ(decode_progress(R"({"new":[1],"twilio_asks_count":2,"twilio_said":null,)"
                              R"("metadata_resolved_at_ms":{},"was_metadata_away":"yes"})"),
              Result<SettleProgress>(expected));
}

TEST(StateJson, what_is_no_object_is_an_error) {
    for (const char* json : {"[]", "null", "{", "x"}) {
        EXPECT_EQ(decode_progress(json).error().code, Errc::invalid_input) << json;
        EXPECT_EQ(decode_metadata(json).error().code, Errc::invalid_input) << json;
    }
}

}  // namespace
}  // namespace wrapup
