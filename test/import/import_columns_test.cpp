#include "import/import_columns.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;
using Names = std::vector<std::string>;

const std::string sid = "CA" + std::string(32, '1');

// "calls: call_sid name -"
std::string mapped(const Names& columns, const Names& rules = {},
                   std::optional<ImportKind> kind = {}) {
    std::vector<ColumnRule> parsed;
    for (const auto& rule : rules) parsed.push_back(parse_column_rule(rule).value());
    const auto map = map_columns(columns, kind, parsed);
    if (!map) return "! " + map.error().detail;
    std::string text = std::string(to_string(map->kind)) + ":";
    for (const auto& field : map->fields) {
        text += " " + (field ? std::string(to_string(*field)) : std::string("-"));
    }
    return text;
}

struct Row {
    const char* name;
    Names columns;
    Names rules;
    const char* mapped;

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const Row rows[] = {
    {"camel_case",
     {"callSid", "contactName", "campaignId"},
     {},
     "calls: call_sid name campaign_id"},
    {"snake_case", {"call_sid", "name", "campaign"}, {}, "calls: call_sid name campaign_name"},
    {"spaced", {"Call SID", "Full Name", "Phone Number"}, {}, "calls: call_sid name phone"},
    {"short", {"sid", "description", "to"}, {}, "calls: call_sid campaign_description phone"},
    {"by_conversation", {"conversationId", "name"}, {}, "calls: conversation_id name"},
    {"dialler_documents",
     {"_id", "callSid", "contactName", "campaignId", "conversationId", "agentId", "to", "status"},
     {},
     "calls: - call_sid name campaign_id conversation_id agent_id phone -"},
    {"the_better_word_counts", {"callId", "callSid", "name"}, {}, "calls: - call_sid name"},
    {"whole_name_before_parts", {"sid", "first name", "name"}, {}, "calls: call_sid - name"},
    {"parts_of_a_name",
     {"sid", "first_name", "Last Name"},
     {},
     "calls: call_sid first_name last_name"},
    {"contacts", {"phoneNumber", "name"}, {}, "contacts: phone name"},
    {"campaigns",
     {"_id", "name", "description"},
     {},
     "campaigns: campaign_id campaign_name "
     "campaign_description"},
    {"rule", {"sid", "Kunde"}, {"Kunde=name"}, "calls: call_sid name"},
    {"rule_in_any_spelling", {"sid", "x"}, {"x=Campaign ID"}, "calls: call_sid campaign_id"},
    {"rule_before_guess", {"sid", "name", "x"}, {"x=name"}, "calls: call_sid - name"},
    {"rule_leaves_out", {"sid", "name", "to"}, {"to="}, "calls: call_sid name -"},
    {"rule_makes_the_kind",
     {"Mobil", "Kunde"},
     {"Mobil=phone", "Kunde=name"},
     "contacts: phone name"},
};

class Columns : public testing::TestWithParam<Row> {};

TEST_P(Columns, are_guessed) {
    EXPECT_EQ(mapped(GetParam().columns, GetParam().rules), GetParam().mapped);
}

INSTANTIATE_TEST_SUITE_P(Table, Columns, testing::ValuesIn(rows),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

TEST(MapColumns, says_what_is_missing) {
    EXPECT_THAT(mapped({"a", "b"}), HasSubstr("no column for call_sid or conversation_id"));
    EXPECT_THAT(mapped({"sid"}), HasSubstr("something beside the call's id"));
    EXPECT_THAT(mapped({"a\tb", "c"}), HasSubstr("among: a b, c. Say it with --map"));
    EXPECT_THAT(mapped({"phone"}, {}, ImportKind::contacts), HasSubstr("no column for name"));
    EXPECT_THAT(mapped({"sid", "name"}, {"other=phone"}), HasSubstr("there is no such column"));
    EXPECT_THAT(mapped({"sid", "name"}, {"name=colour"}, ImportKind::calls),
                HasSubstr("calls have no such field"));
    EXPECT_THAT(mapped({"phone", "name", "Notes"}, {"Notes=vip"}),
                HasSubstr("--map Notes=vip: contacts have no such field"));
}

TEST(ColumnRule, is_a_column_and_a_field) {
    EXPECT_FALSE(parse_column_rule("name"));
    EXPECT_FALSE(parse_column_rule("=name"));
    const auto rule = parse_column_rule("a=b = name");
    ASSERT_TRUE(rule);
    EXPECT_EQ(rule->column, "a=b");
    EXPECT_EQ(rule->field, "name");
}

Result<ImportItem> item(const Names& columns, const Names& cells,
                        std::optional<ImportKind> kind = {}, const ReadPhone& read_phone = {}) {
    const auto map = map_columns(columns, kind, {});
    EXPECT_TRUE(map);
    return read_import_item(*map, cells, read_phone);
}

TEST(ReadImportItem, makes_a_call) {
    const auto read = item({"sid", "first name", "last name", "campaignId", "phone"},
                           {" " + sid + " ", "Ada", "Lovelace", "c1", "+49 151"});
    ASSERT_TRUE(read);
    ImportedCall call;
    call.call_id = sid;
    call.metadata.name = "Ada Lovelace";
    call.metadata.campaign_id = "c1";
    call.metadata.to = "+49151";
    EXPECT_EQ(std::get<ImportedCall>(*read), call);
}

TEST(ReadImportItem, takes_the_conversation_where_there_is_no_sid) {
    const auto read = item({"sid", "conversation_id", "name"}, {"", "conv_1", "Ada"});
    ASSERT_TRUE(read);
    EXPECT_EQ(std::get<ImportedCall>(*read).call_id, "conv_1");
    EXPECT_EQ(std::get<ImportedCall>(*read).metadata.conversation_id, "");
}

TEST(ReadImportItem, makes_campaigns_and_contacts) {
    EXPECT_EQ(std::get<Campaign>(*item({"_id", "name", "description"}, {"c1", "Spring", ""})),
              (Campaign{"c1", "Spring", ""}));
    EXPECT_EQ(std::get<Contact>(*item({"phone", "name"}, {"0049 (151) 1", "Ada"})),
              (Contact{"+491511", "Ada"}));
}

// Number, name and campaign are what a small agency has.
TEST(ReadImportItem, a_contact_may_have_a_campaign) {
    EXPECT_EQ(mapped({"Phone", "Name", "Campaign"}), "contacts: phone name campaign_name");
    EXPECT_EQ(std::get<Contact>(*item({"phone", "name", "campaign"}, {"+61 4", "Ada", "Spring"})),
              (Contact{"+614", "Ada", "Spring"}));
    EXPECT_EQ(std::get<Contact>(*item({"phone", "campaign_id", "campaign"}, {"+614", "c1", "S"})),
              (Contact{"+614", "", "c1"}));
    const auto empty = item({"phone", "name", "campaign"}, {"+614", "", ""});
    ASSERT_FALSE(empty);
    EXPECT_EQ(empty.error().detail, "no name, no campaign and no time_zone");
}

TEST(ReadImportItem, a_contact_may_have_a_time_zone) {
    EXPECT_EQ(mapped({"Phone", "Name", "Time Zone"}), "contacts: phone name time_zone");
    EXPECT_EQ(std::get<Contact>(*item({"phone", "timezone"}, {"+614", "Australia/Perth"})),
              (Contact{"+614", "", "", "Australia/Perth"}));
    const auto wrong = item({"phone", "name", "tz"}, {"+614", "Ada", "secret/Nowhere"});
    ASSERT_FALSE(wrong);
    EXPECT_THAT(wrong.error().detail, HasSubstr("time_zone is not the name of a time zone"));
    EXPECT_THAT(wrong.error().detail, Not(HasSubstr("secret")));
}

TEST(ReadImportItem, a_number_is_read_and_a_bad_one_makes_a_bad_line) {
    const ReadPhone read = [](std::string_view text) -> Result<std::string> {
        if (text == "good") return std::string("+61413052898");
        return Error{Errc::invalid_input, "is no phone number"};
    };
    EXPECT_EQ(std::get<Contact>(*item({"phone", "name"}, {" good ", "Ada"}, {}, read)).phone,
              "+61413052898");
    EXPECT_EQ(std::get<ImportedCall>(*item({"sid", "to"}, {sid, "good"}, {}, read)).metadata.to,
              "+61413052898");
    EXPECT_TRUE(item({"sid", "name", "to"}, {sid, "Ada", ""}, {}, read));
    for (const auto& bad : {item({"phone", "name"}, {"secret", "Ada"}, {}, read),
                            item({"sid", "to"}, {sid, "secret"}, {}, read)}) {
        ASSERT_FALSE(bad);
        EXPECT_EQ(bad.error().detail, "phone is no phone number");
    }
}

TEST(ReadImportItem, says_what_is_wrong_and_quotes_nothing) {
    const std::string long_text(5000, 'x');
    const std::pair<Names, const char*> wrong[] = {
        {{"", "Ada"}, "no call_sid"},
        {{"CA 1/secret", "Ada"}, "call_sid is no call's id"},
        {{"secretsid", "Ada"}, "call_sid is no call's id"},
        {{"CA123", "Ada"}, "call_sid is no call's id"},
        {{sid, ""}, "nothing but the call's id"},
        {{sid, "secret\xFF"}, "name is not UTF-8"},
        {{sid, long_text}, "name is longer"},
        {{sid, "secret\x01"}, "name holds a control character"},
    };
    for (const auto& [cells, reason] : wrong) {
        const auto read = item({"sid", "name"}, cells);
        ASSERT_FALSE(read) << reason;
        EXPECT_THAT(read.error().detail, HasSubstr(reason));
        EXPECT_THAT(read.error().detail, Not(HasSubstr("secret")));
    }
}

// What the contact of the number is called, and where it is, comes with contacts.
TEST(ImportColumns, every_other_field_of_the_metadata_has_a_column_of_its_name) {
    std::vector<std::string> columns{"call_sid"};
    std::vector<std::string> cells{sid};
    CallMetadata wanted;
    const auto add = [&](std::string_view name, std::string& value) {
        if (name == "contact_name" || name == "time_zone") return;
        value = "my_" + std::string(name);
        columns.emplace_back(name);
        cells.push_back(value);
    };
    visit_fields(add, wanted);
    const auto map = map_columns(columns, ImportKind::calls, {});
    ASSERT_TRUE(map) << map.error().detail;
    const auto item = read_import_item(*map, cells, {});
    ASSERT_TRUE(item) << item.error().detail;
    EXPECT_EQ(std::get<ImportedCall>(*item).metadata, wanted);
}

}  // namespace
}  // namespace wrapup
