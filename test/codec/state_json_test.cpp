#include "codec/state_json.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

// Another value in each field.
struct Fill {
    void operator()(std::string_view, std::optional<UtcTime>& time) {
        time = from_unix_ms(++fields_count);
    }
    void operator()(std::string_view, std::int64_t& count) { count = ++fields_count; }
    void operator()(std::string_view, bool& flag) {
        flag = true;
        ++fields_count;
    }
    void operator()(std::string_view name, std::string& text) {
        text = std::string(name) + " \\ \"é\"\n";
        ++fields_count;
    }
    int fields_count = 0;
};

TEST(StateJson, progress_is_read_back) {
    SettleProgress full;
    Fill fill;
    visit_fields(fill, full);
    EXPECT_EQ(fill.fields_count, 19);
    EXPECT_EQ(full.metadata_next_at, from_unix_ms(5));
    EXPECT_EQ(decode_progress(encode_progress(full)), Result<SettleProgress>(full));
    EXPECT_EQ(encode_progress({}), "{}");
    EXPECT_EQ(decode_progress("{}"), Result<SettleProgress>(SettleProgress{}));
    EXPECT_EQ(decode_progress(""), Result<SettleProgress>(SettleProgress{}));
}

TEST(StateJson, metadata_is_read_back) {
    CallMetadata full;
    Fill fill;
    visit_fields(fill, full);
    EXPECT_EQ(fill.fields_count, 10);
    EXPECT_EQ(decode_metadata(encode_metadata(full)), Result<CallMetadata>(full));
    EXPECT_EQ(encode_metadata({}), "{}");
}

// What an older version wrote is read for good: these names are a format.
TEST(StateJson, keys_are_those_of_the_versions_before) {
    SettleProgress progress;
    progress.metadata_first_asked_at = from_unix_ms(2);
    progress.metadata_asks_count = 4;
    progress.was_metadata_away = true;
    progress.twilio_said = "404";
    EXPECT_EQ(encode_progress(progress),
              R"({"metadata_first_asked_at_ms":2,"metadata_asks_count":4,)"
              R"("was_metadata_away":true,"twilio_said":"404"})");
    CallMetadata metadata;
    metadata.name = "Zoë";
    metadata.answered_by = "human";
    EXPECT_EQ(encode_metadata(metadata), R"({"name":"Zoë","answered_by":"human"})");
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
