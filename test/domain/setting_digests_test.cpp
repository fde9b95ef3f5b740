#include "domain/setting_digests.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

using Names = std::vector<std::string>;

TEST(SettingDigests, name_what_differs_and_what_only_one_has) {
    const SettingDigests ours{{"A", "1"}, {"B", "2"}, {"C", "3"}};
    const SettingDigests theirs{{"A", "1"}, {"B", "9"}, {"D", "4"}};
    EXPECT_EQ(differing_settings(ours, theirs), (Names{"B", "C", "D"}));
    EXPECT_EQ(differing_settings(theirs, ours), (Names{"B", "C", "D"}));
    EXPECT_EQ(differing_settings(ours, ours), Names{});
}

TEST(SettingDigests, say_nothing_of_a_node_whose_settings_are_not_known) {
    EXPECT_EQ(differing_settings({{"A", "1"}}, {}), Names{});
    EXPECT_EQ(differing_settings({}, {{"A", "1"}}), Names{});
}

TEST(SettingDigests, are_the_same_after_being_written_and_read) {
    const SettingDigests some{{"CRM_WEBHOOK_URL", "91be"}, {"destination.b.url", "07c4"}};
    EXPECT_EQ(to_text(some), "CRM_WEBHOOK_URL=91be destination.b.url=07c4");
    EXPECT_EQ(parse_setting_digests(to_text(some)), some);
    EXPECT_EQ(parse_setting_digests(""), SettingDigests{});
    EXPECT_EQ(parse_setting_digests("x =y  A=1"), (SettingDigests{{"A", "1"}}));
}

TEST(SettingDigests, tell_where_a_node_sends_to) {
    const SentTo some{"crm", "sales-eu"};
    EXPECT_EQ(to_text(some), "sends_to:crm,sales-eu");
    for (const SentTo& each : {some, SentTo{}}) {
        const std::string text = "A=1 " + to_text(each);
        EXPECT_EQ(parse_sent_to(text), each);
        EXPECT_EQ(parse_setting_digests(text), (SettingDigests{{"A", "1"}}));
    }
    EXPECT_EQ(parse_sent_to("A=1"), std::nullopt);
}

}  // namespace
}  // namespace wrapup
