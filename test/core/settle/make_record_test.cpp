#include "test/core/settle/settle_plan_fixture.hpp"

namespace wrapup {
namespace {

TEST_F(SettlePlan, the_record_takes_names_by_their_precedence) {
    facts.summary = "They talked.";
    facts.dynamic_name = "Dyn";
    EXPECT_EQ(make_record(facts, metadata),
              (Record{"Outbound Call", "+61413052898", "Dyn", "They talked.", Outcome::held, 60}));
    metadata.contact_name = "Contact";
    metadata.campaign_description = "Described";
    EXPECT_EQ(make_record(facts, metadata).name, "Contact");
    EXPECT_EQ(make_record(facts, metadata).subject, "Described");
    metadata.name = "Ada";
    metadata.campaign_name = "Spring";
    EXPECT_EQ(make_record(facts, metadata).name, "Ada");
    EXPECT_EQ(make_record(facts, metadata).subject, "Spring");
}

TEST_F(SettlePlan, nobody_is_unknown_and_not_in_our_sentence) {
    const Record record = make_record(facts, metadata);
    EXPECT_EQ(record.name, "Unknown");
    EXPECT_EQ(record.summary, "The call was held, lasting 1 minute. No summary is available.");
}

TEST_F(SettlePlan, who_answered_falls_back_to_metadata_then_to_elevenlabs) {
    facts.answered_by = "unknown";
    facts.call_result = "voicemail";
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::voicemail);
    metadata.answered_by = "human";
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::held);
    facts.answered_by = "fax";
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::voicemail);
}

TEST_F(SettlePlan, the_agents_voicemail_detection_is_below_every_word_on_who_answered) {
    facts.answered_by.clear();
    facts.has_agent_voicemail = true;
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::voicemail);
    // "answered" does not say by whom.
    facts.call_result = "answered";
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::voicemail);
    facts.answered_by = "unknown";
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::voicemail);
    metadata.answered_by = "human";
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::held);
    metadata.answered_by = "null";
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::voicemail);
    facts.answered_by = "human";
    EXPECT_EQ(make_record(facts, metadata).status, Outcome::held);
}

TEST_F(SettlePlan, of_an_inbound_call_the_record_is_about_the_caller) {
    facts.direction = Direction::inbound;
    facts.from = "+61299999999";
    metadata.to = "+61413052898";
    metadata.contact_name = "The Caller";
    ends(CallStatus::no_answer, Authority::callback);
    const Record record = make_record(facts, metadata);
    EXPECT_EQ(record.to, "+61299999999");
    EXPECT_EQ(record.subject, "Inbound Call");
    EXPECT_EQ(record.name, "The Caller");
    EXPECT_EQ(record.summary, "The call from The Caller was not answered.");
    metadata.campaign_name = "Spring";
    EXPECT_EQ(make_record(facts, metadata).subject, "Spring");
    facts.from.clear();
    EXPECT_EQ(make_record(facts, metadata).to, "");
}

TEST_F(SettlePlan, words_that_are_no_names_give_way_to_the_next_source) {
    facts.dynamic_name = "Dyn";
    for (const char* word : {"null", "undefined", "None", "{{customer_name}}", "{}", " "}) {
        metadata.name = word;
        metadata.contact_name = "Contact";
        metadata.campaign_name = word;
        metadata.campaign_description = "Described";
        EXPECT_EQ(make_record(facts, metadata).name, "Contact") << word;
        EXPECT_EQ(make_record(facts, metadata).subject, "Described") << word;
        metadata.contact_name = word;
        metadata.campaign_description = word;
        EXPECT_EQ(make_record(facts, metadata).name, "Dyn") << word;
        EXPECT_EQ(make_record(facts, metadata).subject, "Outbound Call") << word;
    }
    facts.dynamic_name = "null";
    metadata = {};
    EXPECT_EQ(make_record(facts, metadata).name, "Unknown");
    EXPECT_EQ(make_record(facts, metadata).summary,
              "The call was held, lasting 1 minute. No summary is available.");
}

TEST_F(SettlePlan, no_control_character_is_in_a_record_wherever_it_came_from) {
    using namespace std::string_literals;
    const std::string dirty = "a\0b\x1b[31m\x7f\u009b0mc\xff"s;
    facts.summary = dirty + "\n\r\n\t.";
    facts.to = dirty;
    metadata.name = dirty;
    metadata.campaign_name = dirty;
    EXPECT_EQ(make_record(facts, metadata), (Record{"abc\uFFFD", "abc\uFFFD", "abc\uFFFD",
                                                    "abc\uFFFD\n\n\t.", Outcome::held, 60}));
}

}  // namespace
}  // namespace wrapup
