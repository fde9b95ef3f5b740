#include "domain/metadata.hpp"

#include <gtest/gtest.h>

#include "domain/call.hpp"

namespace wrapup {
namespace {

CallMetadata named(std::string_view prefix) {
    CallMetadata metadata;
    const auto fill = [&](std::string_view name, std::string& value) {
        value = std::string(prefix) + std::string(name);
    };
    visit_fields(fill, metadata);
    return metadata;
}

TEST(Fields, a_field_that_is_not_listed_is_noticed) {
    struct Pair {
        std::string name;
        std::optional<UtcTime> at;
    };
    const auto all = std::tuple{Field{"name", &Pair::name}, Field{"at", &Pair::at}};
    const auto one = std::tuple{Field{"name", &Pair::name}};
    const auto swapped = std::tuple{Field{"at", &Pair::at}, Field{"name", &Pair::name}};
    EXPECT_TRUE(names_every_field(all));
    EXPECT_FALSE(names_every_field(one));
    EXPECT_FALSE(names_every_field(swapped));
}

TEST(Metadata, merge_fills_every_field_that_is_empty_and_no_other) {
    EXPECT_EQ(merge(CallMetadata{}, named("b ")), named("b "));
    EXPECT_EQ(merge(named("a "), named("b ")), named("a "));
}

TEST(Metadata, merge_takes_a_campaign_as_a_whole) {
    CallMetadata first;
    first.campaign_description = "Offers";
    const CallMetadata merged = merge(first, named("b "));
    EXPECT_EQ(merged.campaign_name, "");
    EXPECT_EQ(merged.campaign_description, "Offers");
    EXPECT_EQ(merged.agent_id, "b agent_id");
}

TEST(Metadata, overlay_replaces_every_field_that_is_given_and_no_other) {
    EXPECT_EQ(overlay(named("a "), named("b ")), named("b "));
    EXPECT_EQ(overlay(named("a "), CallMetadata{}), named("a "));
}

}  // namespace
}  // namespace wrapup
