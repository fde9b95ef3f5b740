#include "domain/record.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(Record, is_rendered_byte_for_byte) {
    const Record record{"Spring", "+61413052898", "Zoë", "They talked.", Outcome::held, 60};
    EXPECT_EQ(render_record(record),
              R"({"type":"conversationAICall","subject":"Spring","to":"+61413052898",)"
              R"("name":"Zoë","summary":"They talked.","status":"held","duration":60})");
}

TEST(Record, escapes_what_json_asks_for_and_nothing_else) {
    Record record;
    record.summary = "\"\\/\b\f\n\r\t\x01\x1f\x7f é 𝄞";
    const std::string text = render_record(record);
    EXPECT_NE(text.find(R"("summary":"\"\\/\u0008\u000c\n\r\t\u0001\u001f)"), std::string::npos)
        << text;
}

TEST(Record, replaces_bytes_that_are_not_utf8) {
    Record record;
    record.name = "Zo\xeb";
    EXPECT_NE(render_record(record).find("\"name\":\"Zo\xef\xbf\xbd\""), std::string::npos);
}

TEST(Record, keeps_a_nul_as_an_escape) {
    Record record;
    record.to = std::string("a\0b", 3);
    EXPECT_NE(render_record(record).find(R"("to":"a\u0000b")"), std::string::npos);
}

TEST(Record, has_a_webhook_id_without_a_dot) {
    EXPECT_EQ(webhook_id_of("CA0123"), "call_CA0123");
    EXPECT_EQ(webhook_id_of("conv_1"), "call_conv_1");
    EXPECT_EQ(webhook_id_of("a.b"), "call_a-2eb");
    EXPECT_NE(webhook_id_of("a.b"), webhook_id_of("a-2eb"));
}

}  // namespace
}  // namespace wrapup
