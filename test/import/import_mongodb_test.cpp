// What becomes of a page of the dialler's documents. No server is needed: the walk itself is tested
// in test/mongo.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "import/import_mongodb.hpp"

namespace wrapup {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;

const std::string sid = "CA" + std::string(32, 'a');

TEST(ImportMongodb, takes_a_page_of_calls) {
    MongoPage page;
    MongoPage::CallEntry call;
    call.call_sid = sid;
    call.metadata.name = "Ada";
    call.metadata.campaign_id = std::string(24, 'D');
    call.metadata.to = "+14155550123";
    page.calls.push_back(call);
    const auto all = items_of(page, {});
    ASSERT_EQ(all.size(), 1U);
    EXPECT_EQ(all[0].kind, ImportKind::calls);
    ASSERT_EQ(all[0].items.size(), 1U);
    const auto& item = std::get<ImportedCall>(all[0].items[0]);
    EXPECT_EQ(item.call_id, sid);
    EXPECT_EQ(item.metadata.name, "Ada");
    EXPECT_EQ(item.metadata.campaign_id, std::string(24, 'd'));
    EXPECT_EQ(item.metadata.to, "+14155550123");
}

TEST(ImportMongodb, keeps_texts_that_are_no_object_ids_as_they_are) {
    MongoPage page;
    page.campaigns = {{std::string(24, 'D'), "By ObjectId", ""}, {"Winter-A", "By text", ""}};
    const auto all = items_of(page, {});
    ASSERT_EQ(all.size(), 1U);
    ASSERT_EQ(all[0].items.size(), 2U);
    EXPECT_EQ(std::get<Campaign>(all[0].items[0]).id, std::string(24, 'd'));
    EXPECT_EQ(std::get<Campaign>(all[0].items[1]).id, "Winter-A");
}

TEST(ImportMongodb, leaves_out_what_says_nothing_and_goes_on) {
    MongoPage page;
    page.contacts = {{"+14155550123", ""}, {"+1 415 555-0124", "Ada"}};
    page.calls.resize(1);
    page.calls[0].call_sid = sid;
    const auto all = items_of(page, {});
    ASSERT_EQ(all.size(), 2U);
    EXPECT_THAT(all[0].left_out, ElementsAre("no name, no campaign and no time_zone"));
    ASSERT_EQ(all[0].items.size(), 1U);
    EXPECT_EQ(std::get<Contact>(all[0].items[0]).phone, "+14155550124");
    EXPECT_THAT(all[1].left_out, ElementsAre("nothing but the call's id"));
    EXPECT_THAT(all[1].items, IsEmpty());
}

TEST(ImportMongodb, takes_a_contact_without_its_time_zone_that_is_none_and_counts_it) {
    MongoPage page;
    page.contacts = {{"+14155550123", "Ada", "", "Mars/Olympus"},
                     {"+14155550124", "Bob", "", "Europe/Berlin"},
                     {"+14155550125", "Eve", "", ""}};
    const auto all = items_of(page, {});
    ASSERT_EQ(all.size(), 1U);
    ASSERT_EQ(all[0].items.size(), 3U);
    EXPECT_EQ(std::get<Contact>(all[0].items[0]).time_zone, "");
    EXPECT_EQ(std::get<Contact>(all[0].items[1]).time_zone, "Europe/Berlin");
    EXPECT_EQ(all[0].dropped_zones_count, 1U);
}

TEST(ImportMongodb, a_number_that_is_none_empties_itself_in_a_call_and_costs_a_contact) {
    const ReadPhone read = [](std::string_view text) -> Result<std::string> {
        if (text == "0413 052 898") return std::string("+61413052898");
        return Error{Errc::invalid_input, "is no phone number"};
    };
    MongoPage page;
    page.contacts = {{"0413 052 898", "Ada"}, {"none", "Bob"}};
    page.calls.resize(2);
    page.calls[0].call_sid = sid;
    page.calls[0].metadata.to = "0413 052 898";
    page.calls[1].call_sid = sid;
    page.calls[1].metadata.name = "Bob";
    page.calls[1].metadata.to = "none";
    const auto all = items_of(page, read);
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].items, (std::vector<ImportItem>{Contact{"+61413052898", "Ada"}}));
    EXPECT_THAT(all[0].left_out, ElementsAre("phone is no phone number"));
    ASSERT_EQ(all[1].items.size(), 2U);
    EXPECT_EQ(std::get<ImportedCall>(all[1].items[0]).metadata.to, "+61413052898");
    EXPECT_EQ(std::get<ImportedCall>(all[1].items[1]).metadata.to, "");
    EXPECT_EQ(std::get<ImportedCall>(all[1].items[1]).metadata.name, "Bob");
    EXPECT_THAT(all[1].left_out, IsEmpty());
}

TEST(ImportMongodb, keeps_its_place_by_hosts_and_names_without_secrets) {
    const MongoSettings settings{
        "mongodb://u:p4ss@db1,db2/dialler?tlsCertificateKeyFilePassword=k3y", "dialler"};
    MongoMapping mapping;
    const std::string key = mongodb_progress_key(settings, mapping, "the store in data");
    EXPECT_THAT(key, HasSubstr("db1,db2/dialler"));
    EXPECT_THAT(key, Not(HasSubstr("p4ss")));
    EXPECT_THAT(key, Not(HasSubstr("k3y")));
    mapping.calls.name = "customer.fullName";
    EXPECT_NE(mongodb_progress_key(settings, mapping, "the store in data"), key);
    EXPECT_NE(mongodb_progress_key(settings, {}, "elsewhere"), key);
}

}  // namespace
}  // namespace wrapup
