#include "adapters/mongo/metadata.hpp"

#include "test/metadata_conformance.hpp"
#include "test/mongo/world.hpp"

// What mongoose writes, read back through the adapter.

namespace wrapup {
namespace {

using test::MongoTest;
using test::World;
using Kind = MetadataAnswer::Kind;

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

class MongoHarness final : public MetadataHarness {
public:
    ~MongoHarness() override { World::get().dialler().drop(database_); }

    void add_call(const std::string& call_sid, const CallMetadata& metadata) override {
        const std::pair<const char*, const std::string*> fields[] = {
            {"callSid", &call_sid},
            {"contactName", &metadata.name},
            {"campaignId", &metadata.campaign_id},
            {"conversationId", &metadata.conversation_id},
            {"agentId", &metadata.agent_id},
            {"to", &metadata.to},
            {"answeredBy", &metadata.answered_by}};
        std::string doc;
        for (const auto& [key, value] : fields) {
            if (value->empty()) continue;
            doc += (doc.empty() ? "" : ",") + quoted(key) + ":" + quoted(*value);
        }
        write(call_sid.empty() ? "loose_calls" : "calls", "{" + doc + "}");
    }
    void add_campaign(const Campaign& campaign) override {
        write("campaigns", R"({"_id":)" + quoted(campaign.id) + R"(,"name":)" +
                               quoted(campaign.name) + R"(,"description":)" +
                               quoted(campaign.description) + "}");
    }
    void add_contact(const Contact& contact) override {
        write("contacts", R"({"phoneNumber":)" + quoted(contact.phone) + R"(,"name":)" +
                              quoted(contact.name) + R"(,"timeZone":)" + quoted(contact.time_zone) +
                              "}");
    }
    Metadata& metadata() override { return metadata_; }
    Kind kind_of_unknown() const override { return Kind::not_yet; }

private:
    void write(const std::string& model, const std::string& doc) {
        World::get().dialler().write(database_, model, "[" + doc + "]");
    }

    std::string database_ = test::new_database_name();
    test::TestClock clock_;
    MongoMetadata metadata_{test::settings_of(World::get().uri(database_)), {}, clock_};
};

INSTANTIATE_TEST_SUITE_P(Mongo, MetadataConformance,
                         testing::Values([] { return std::make_unique<MongoHarness>(); }));

class MongoDocuments : public MongoTest {
protected:
    MetadataAnswer find(const std::string& call_sid, const std::string& to = {}) {
        MongoMetadata metadata{settings(), mapping, clock};
        return find_one(metadata, {call_sid, "", to});
    }

    MongoMapping mapping;
};

TEST_F(MongoDocuments, campaign_ids_in_every_form) {
    write("campaigns", R"([
        {"_id":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d0"},"name":"object id"},
        {"_id":"65f0a1b2c3d4e5f6a7b8c9d1","name":"hex text"},
        {"_id":"spring","name":"word"},
        {"_id":7,"name":"number"}])");
    write("calls", R"([
        {"callSid":"CA-oid","campaignId":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d0"}},
        {"callSid":"CA-hex-of-oid","campaignId":"65f0a1b2c3d4e5f6a7b8c9d0"},
        {"callSid":"CA-HEX-of-oid","campaignId":"65F0A1B2C3D4E5F6A7B8C9D0"},
        {"callSid":"CA-oid-of-hex","campaignId":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d1"}},
        {"callSid":"CA-hex","campaignId":"65f0a1b2c3d4e5f6a7b8c9d1"},
        {"callSid":"CA-word","campaignId":" spring "},
        {"callSid":"CA-number","campaignId":7},
        {"callSid":"CA-number-text","campaignId":"7"},
        {"callSid":"CA-none","campaignId":"autumn"},
        {"callSid":"CA-null","campaignId":null}])");

    EXPECT_EQ(find("CA-oid").metadata.campaign_name, "object id");
    EXPECT_EQ(find("CA-hex-of-oid").metadata.campaign_name, "object id");
    EXPECT_EQ(find("CA-HEX-of-oid").metadata.campaign_name, "object id");
    EXPECT_EQ(find("CA-oid-of-hex").metadata.campaign_name, "hex text");
    EXPECT_EQ(find("CA-hex").metadata.campaign_name, "hex text");
    EXPECT_EQ(find("CA-word").metadata.campaign_name, "word");
    EXPECT_EQ(find("CA-number").metadata.campaign_name, "number");
    EXPECT_EQ(find("CA-number-text").metadata.campaign_name, "number");
    EXPECT_EQ(find("CA-none").metadata.campaign_name, "");
    EXPECT_EQ(find("CA-null").metadata.campaign_name, "");
    EXPECT_EQ(find("CA-oid").metadata.campaign_id, "65f0a1b2c3d4e5f6a7b8c9d0");
}

TEST_F(MongoDocuments, an_odd_field_empties_itself_and_nothing_else) {
    write("loose_calls", R"([
        {"_id":1,"callSid":"CA1","contactName":["Ann"],"campaignId":{"a":1},"agentId":true,
         "conversationId":12345678901,"to":{"$numberLong":"61413052898"},
         "answeredBy":{"$date":"2026-03-01T12:00:05.250Z"}},
        {"_id":2,"callSid":"CA2","contactName":{"$numberDouble":"7.0"},"conversationId":null,
         "agentId":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d0"},"to":{"$numberDouble":"61413052898.0"},
         "answeredBy":"  machine_start\n"}])");

    const MetadataAnswer first = find("CA1");
    EXPECT_EQ(first.kind, Kind::found);
    EXPECT_EQ(first.metadata, (metadata_of({.conversation_id = "12345678901",
                                            .to = "61413052898",
                                            .answered_by = "2026-03-01T12:00:05.250Z"})));
    const MetadataAnswer second = find("CA2");
    EXPECT_EQ(second.kind, Kind::found);
    EXPECT_EQ(second.metadata, (metadata_of({.name = "7",
                                             .agent_id = "65f0a1b2c3d4e5f6a7b8c9d0",
                                             .to = "61413052898",
                                             .answered_by = "machine_start"})));
}

TEST_F(MongoDocuments, numbers_are_found_as_written_and_as_e164) {
    write("loose_contacts", R"([
        {"_id":1,"phoneNumber":"+61400000001","name":"plus"},
        {"_id":2,"phoneNumber":"61400000002","name":"digits"},
        {"_id":3,"phoneNumber":{"$numberLong":"61400000003"},"name":"long"},
        {"_id":4,"phoneNumber":{"$numberDouble":"61400000004.0"},"name":"double"},
        {"_id":5,"phoneNumber":"+61 400 000 005","name":"spaced"},
        {"_id":6,"phoneNumber":"sip:bob@example.com","name":"sip"},
        {"_id":7,"phoneNumber":null,"name":"nobody"},
        {"_id":8,"phoneNumber":"+61400000008","name":null}])");

    EXPECT_EQ(find("-", "+61400000001").metadata.contact_name, "plus");
    EXPECT_EQ(find("-", "+61400000002").metadata.contact_name, "digits");
    EXPECT_EQ(find("-", "+61400000003").metadata.contact_name, "long");
    EXPECT_EQ(find("-", "+61400000004").metadata.contact_name, "double");
    EXPECT_EQ(find("-", "+61 400 000 005").metadata.contact_name, "spaced");
    EXPECT_EQ(find("-", "+61 (400) 000-001").metadata.contact_name, "plus");
    EXPECT_EQ(find("-", "0061400000001").metadata.contact_name, "plus");
    EXPECT_EQ(find("-", "sip:bob@example.com").metadata.contact_name, "sip");
    EXPECT_EQ(find("-", "+61400000008").metadata.contact_name, "");
    EXPECT_EQ(find("-", "").metadata.contact_name, "");
}

TEST_F(MongoDocuments, a_batch_gives_nobody_the_name_of_another) {
    write("loose_contacts", R"([
        {"_id":1,"phoneNumber":["+61400000001","+61400000009"],"name":"Bob List"},
        {"_id":2,"phoneNumber":"+61400000002","name":"Ada Right"},
        {"_id":3,"phoneNumber":{"mobile":"+61400000003"},"name":"Odd Object"},
        {"_id":4,"phoneNumber":[["+61400000004"],null,7.5],"name":"Odd List"},
        {"_id":5,"phoneNumber":"","name":"No Number"},
        {"_id":6,"phoneNumber":[],"name":"Empty List"}])");
    write("loose_calls", R"([
        {"_id":1,"callSid":["CA-list","CA-again"],"contactName":"Of A List"},
        {"_id":2,"callSid":"CA-no-number","conversationId":["conv_1"],"agentId":"agent_1"},
        {"_id":3,"callSid":"CA-odd-number","to":["+61400000001"]}])");
    MongoMetadata metadata{settings(), mapping, clock};

    const auto answers = find_now(metadata, {{"CA1", "", "+61400000001"},
                                             {"CA2", "", "+61400000002"},
                                             {"CA9", "", "+61400000009"},
                                             {"CA-nobody", "", "+61400000077"},
                                             {"CA-nothing", "", ""},
                                             {"CA-no-number", "", ""},
                                             {"CA-odd-number", "", "+61400000078"},
                                             {"CA-dash", "", "-"},
                                             {"", "", ""},
                                             {"CA-again", "", ""},
                                             {"CA-list", "", ""},
                                             {"", "conv_1", ""},
                                             {"", "conv_2", ""}});

    ASSERT_EQ(answers.size(), 13U);
    std::vector<std::string> names;
    for (const MetadataAnswer& answer : answers) {
        names.push_back(answer.metadata.name + answer.metadata.contact_name);
    }
    EXPECT_EQ(names, (std::vector<std::string>{"Bob List", "Ada Right", "Bob List", "", "", "", "",
                                               "", "", "Of A List", "Of A List", "", ""}));
    EXPECT_EQ(answers.at(4).kind, Kind::not_yet);
    EXPECT_EQ(answers.at(8).kind, Kind::not_yet);
    EXPECT_EQ(answers.at(5).metadata, metadata_of({.agent_id = "agent_1"}));
    EXPECT_EQ(answers.at(6).metadata, CallMetadata{});
    EXPECT_EQ(answers.at(11).metadata, metadata_of({.agent_id = "agent_1"}));
    EXPECT_EQ(answers.at(12).kind, Kind::not_yet);
}

TEST_F(MongoDocuments, a_list_of_documents_holds_the_numbers_of_one_contact) {
    if (World::get().is_nx()) GTEST_SKIP() << "nx-27017 does not look into lists of documents";
    write("loose_contacts", R"([
        {"_id":1,"phones":[{"kind":"home","number":"+61400000001"},
                           {"kind":"work","number":["+61400000002","+61400000003"]},
                           {"kind":"none"}],"name":"Ann"},
        {"_id":2,"phones":[],"name":"Nobody"}])");
    mapping.contacts.phone = "phones.number";
    MongoMetadata metadata{settings(), mapping, clock};

    const auto answers = find_now(metadata, {{"CA1", "", "+61400000001"},
                                             {"CA2", "", "+61400000002"},
                                             {"CA3", "", "+61400000003"},
                                             {"CA4", "", ""}});

    EXPECT_EQ(answers.at(0).metadata.contact_name, "Ann");
    EXPECT_EQ(answers.at(1).metadata.contact_name, "Ann");
    EXPECT_EQ(answers.at(2).metadata.contact_name, "Ann");
    EXPECT_EQ(answers.at(3).metadata, CallMetadata{});
}

// The id is trimmed and freed of NULs when it is read: it must not answer for another one.
TEST_F(MongoDocuments, an_odd_id_of_a_query_is_not_answered_by_its_neighbour) {
    write("calls", R"([{"callSid":"CA1","contactName":"Ann"}])");
    MongoMetadata metadata{settings(), mapping, clock};
    using namespace std::string_literals;

    const auto answers =
        find_now(metadata, {{"CA1", "", ""}, {" CA1", "", ""}, {"CA1\0"s, "", ""}});

    EXPECT_EQ(answers.at(0).metadata.name, "Ann");
    EXPECT_EQ(answers.at(1).metadata.name, "");
    EXPECT_EQ(answers.at(2).metadata.name, "");
}

TEST_F(MongoDocuments, the_number_of_the_call_counts_before_the_one_asked_for) {
    write("calls", R"([{"callSid":"CA1","to":"0413 052 898"},{"callSid":"CA2","to":"none"}])");
    write("contacts", R"([{"phoneNumber":"0413 052 898","name":"as the dialler writes it"},
                          {"phoneNumber":"+61413052898","name":"as Twilio writes it"}])");

    EXPECT_EQ(find("CA1", "+61413052898").metadata.contact_name, "as the dialler writes it");
    EXPECT_EQ(find("CA2", "+61413052898").metadata.contact_name, "as Twilio writes it");
}

TEST_F(MongoDocuments, of_two_the_newest_counts) {
    write("calls", R"([
        {"_id":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d1"},"callSid":"CA1","contactName":"newest"},
        {"_id":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d0"},"callSid":"CA1","contactName":"older"}])");
    write("contacts", R"([
        {"_id":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d0"},"phoneNumber":"+614","name":"older"},
        {"_id":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d2"},"phoneNumber":"+614"},
        {"_id":{"$oid":"65f0a1b2c3d4e5f6a7b8c9d1"},"phoneNumber":"614","name":"newest named"}])");

    const MetadataAnswer answer = find("CA1", "+614");
    EXPECT_EQ(answer.metadata.name, "newest");
    EXPECT_EQ(find("-", "+614").metadata.contact_name, "newest named");
}

TEST_F(MongoDocuments, a_crowd_of_copies_does_not_hide_other_calls) {
    std::string docs = R"([{"callSid":"CA2","contactName":"alone"})";
    for (int i = 0; i < 400; ++i) docs += R"(,{"callSid":"CA1","contactName":"copy"})";
    write("calls", docs + R"(,{"callSid":"CA3","contactName":"last"}])");
    MongoMetadata metadata{settings(), {}, clock};

    const auto answers = find_now(metadata, {{"CA1", "", ""}, {"CA2", "", ""}, {"CA3", "", ""}});

    EXPECT_EQ(answers.at(0).metadata.name, "copy");
    EXPECT_EQ(answers.at(1).metadata.name, "alone");
    EXPECT_EQ(answers.at(2).metadata.name, "last");
}

TEST_F(MongoDocuments, names_and_nested_fields_can_be_mapped) {
    write("loose_anrufe", R"([{"_id":1,"twilio":{"sid":"CA1"},
        "customer":{"fullName":"Ann","campaign":"k1","phone":"+614"},
        "bot":{"talk":{"id":"conv_1"}}}])");
    write("loose_kampagnen", R"([{"_id":"k1","titel":{"de":"Frühling"},"text":null}])");
    write("loose_leute", R"([{"_id":1,"tel":{"mobile":"+614"},"who":{"first":"Ann B."}}])");
    mapping.calls = {"anrufe",      "twilio.sid", "customer.fullName", "customer.campaign",
                     "bot.talk.id", "bot.agent",  "customer.phone",    "bot"};
    mapping.campaigns = {"kampagnen", "titel.de", "text"};
    mapping.contacts = {"leute", "tel.mobile", "who.first"};
    ASSERT_TRUE(validate(mapping));

    const MetadataAnswer answer = find("CA1");

    EXPECT_EQ(answer.kind, Kind::found);
    EXPECT_EQ(answer.metadata, (metadata_of({.name = "Ann",
                                             .contact_name = "",
                                             .campaign_id = "k1",
                                             .campaign_name = "Frühling",
                                             .conversation_id = "conv_1",
                                             .to = "+614"})));
    EXPECT_EQ(find("-", "+614").metadata.contact_name, "Ann B.");
}

TEST_F(MongoDocuments, nothing_there_at_all_is_not_yet) {
    EXPECT_EQ(find("CA1", "+614").kind, Kind::not_yet);
}

TEST_F(MongoDocuments, a_call_that_is_written_late_is_found) {
    MongoMetadata metadata{settings(), {}, clock};
    EXPECT_EQ(find_one(metadata, {"CA1", "", ""}).kind, Kind::not_yet);

    write("calls", R"([{"callSid":"CA1","contactName":"late"}])");

    const MetadataAnswer answer = find_one(metadata, {"CA1", "", ""});
    EXPECT_EQ(answer.kind, Kind::found);
    EXPECT_EQ(answer.metadata.name, "late");
}

TEST_F(MongoDocuments, a_campaign_that_is_written_late_is_found_after_seconds) {
    write("calls", R"([{"callSid":"CA1","campaignId":"spring"}])");
    MongoMetadata metadata{settings(), {}, clock};
    EXPECT_EQ(find_one(metadata, {"CA1", "", ""}).metadata.campaign_name, "");

    write("campaigns", R"([{"_id":"spring","name":"Spring"}])");
    EXPECT_EQ(find_one(metadata, {"CA1", "", ""}).metadata.campaign_name, "");
    clock.move(milliseconds{5'001});
    EXPECT_EQ(find_one(metadata, {"CA1", "", ""}).metadata.campaign_name, "Spring");
}

}  // namespace
}  // namespace wrapup
