#pragma once

// What every source of metadata must do. Instantiate it with a factory:
//   INSTANTIATE_TEST_SUITE_P(Own, MetadataConformance, testing::Values([] {
//                                return std::make_unique<OwnHarness>();
//                            }));

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "domain/metadata.hpp"
#include "ports/metadata.hpp"
#include "test/metadata_find.hpp"

namespace wrapup {

// A source with nothing in it, and a way to fill it as its owner does.
class MetadataHarness {
public:
    virtual ~MetadataHarness() = default;
    // Without `call_sid` the call is known by `metadata.conversation_id`. Of `metadata` only what a
    // dialler writes with the call is stored: no contact and no words of the campaign.
    virtual void add_call(const std::string& call_sid, const CallMetadata& metadata) = 0;
    virtual void add_campaign(const Campaign& campaign) = 0;
    virtual void add_contact(const Contact& contact) = 0;
    virtual Metadata& metadata() = 0;
    // What it answers for a call it does not have: not_yet or absent.
    virtual MetadataAnswer::Kind kind_of_unknown() const = 0;
};

// CallMetadata by the names of its fields, without naming all of them.
struct MetadataFields {
    std::string name{};
    std::string contact_name{};
    std::string campaign_id{};
    std::string campaign_name{};
    std::string campaign_description{};
    std::string conversation_id{};
    std::string agent_id{};
    std::string to{};
    std::string answered_by{};
    std::string time_zone{};
};

inline CallMetadata metadata_of(const MetadataFields& fields) {
    return {fields.name,
            fields.contact_name,
            fields.campaign_id,
            fields.campaign_name,
            fields.campaign_description,
            fields.conversation_id,
            fields.agent_id,
            fields.to,
            fields.answered_by,
            fields.time_zone};
}

class MetadataConformance
    : public testing::TestWithParam<std::function<std::unique_ptr<MetadataHarness>()>> {
protected:
    using Kind = MetadataAnswer::Kind;

    MetadataAnswer find(MetadataQuery query) {
        return find_one(source->metadata(), std::move(query));
    }

    std::unique_ptr<MetadataHarness> source = GetParam()();
};

TEST_P(MetadataConformance, gives_all_that_is_known_of_a_call) {
    source->add_campaign({"spring", "Spring offer", "Existing customers"});
    source->add_contact({"+61413052898", "Ann from the contacts"});
    source->add_call("CA1", metadata_of({.name = "Ann from the call",
                                         .campaign_id = "spring",
                                         .conversation_id = "conv_1",
                                         .agent_id = "agent_1",
                                         .to = "+61413052898",
                                         .answered_by = "human"}));

    MetadataAnswer answer = find({"CA1", "", "+61413052898"});

    EXPECT_EQ(answer.kind, Kind::found);
    EXPECT_THAT(answer.metadata.contact_name, testing::AnyOf("", "Ann from the contacts"));
    answer.metadata.contact_name.clear();
    EXPECT_EQ(answer.metadata, (metadata_of({.name = "Ann from the call",
                                             .campaign_id = "spring",
                                             .campaign_name = "Spring offer",
                                             .campaign_description = "Existing customers",
                                             .conversation_id = "conv_1",
                                             .agent_id = "agent_1",
                                             .to = "+61413052898",
                                             .answered_by = "human"})));
}

TEST_P(MetadataConformance, leaves_empty_what_is_missing) {
    source->add_call("CA1", metadata_of({.name = "Ann", .campaign_id = "no such campaign"}));

    const MetadataAnswer answer = find({"CA1", "", "+61400000000"});

    EXPECT_EQ(answer.kind, Kind::found);
    EXPECT_EQ(answer.metadata, (metadata_of({.name = "Ann", .campaign_id = "no such campaign"})));
}

TEST_P(MetadataConformance, says_that_a_call_is_unknown) {
    source->add_call("CA1", metadata_of({.name = "Ann"}));

    const MetadataAnswer answer = find({"CA2", "", ""});

    EXPECT_EQ(answer.kind, source->kind_of_unknown());
    EXPECT_EQ(answer.metadata, CallMetadata{});
}

TEST_P(MetadataConformance, finds_the_contact_of_an_unknown_call) {
    source->add_contact({"+61413052898", "Ann"});

    const MetadataAnswer answer = find({"CA1", "", "+61413052898"});

    EXPECT_EQ(answer.metadata, metadata_of({.contact_name = "Ann"}));
}

TEST_P(MetadataConformance, finds_the_time_zone_of_a_contact) {
    source->add_contact({"+61413052898", "Ann", "", "Australia/Perth"});
    source->add_contact({"+61413052899", "", "", "Europe/Berlin"});

    const MetadataAnswer answer = find({"", "", "+61413052898"});

    EXPECT_EQ(answer.metadata,
              metadata_of({.contact_name = "Ann", .time_zone = "Australia/Perth"}));
    EXPECT_EQ(find({"", "", "+61413052899"}).metadata, metadata_of({.time_zone = "Europe/Berlin"}));
}

TEST_P(MetadataConformance, takes_the_number_of_the_query_when_the_call_has_none) {
    source->add_contact({"+61413052898", "Ann"});
    source->add_call("CA1", metadata_of({.agent_id = "agent_1"}));

    EXPECT_EQ(find({"CA1", "", "+61413052898"}).metadata.contact_name, "Ann");
}

TEST_P(MetadataConformance, takes_the_number_of_the_call_when_the_query_has_none) {
    source->add_contact({"+61413052898", "Ann"});
    source->add_call("CA1", metadata_of({.to = "+61413052898"}));

    EXPECT_EQ(find({"CA1", "", ""}).metadata.contact_name, "Ann");
}

TEST_P(MetadataConformance, the_contact_of_an_inbound_call_is_the_callers) {
    source->add_contact({"+61299999999", "Our Front Desk"});
    source->add_contact({"+61413052898", "Ann"});
    source->add_call("CA1", metadata_of({.to = "+61299999999"}));

    EXPECT_EQ(find({"CA1", "", "+61413052898", true}).metadata.contact_name, "Ann");
    EXPECT_EQ(find({"CA1", "", "+61400000000", true}).metadata.contact_name, "");
}

TEST_P(MetadataConformance, a_name_that_is_none_does_not_hide_the_contact) {
    source->add_contact({"+61413052898", "Ann"});
    source->add_call("CA1", metadata_of({.name = "{{contact_name}}", .to = "+61413052898"}));

    const MetadataAnswer answer = find({"CA1", "", "+61413052898"});

    EXPECT_EQ(answer.metadata.name, "");
    EXPECT_EQ(answer.metadata.contact_name, "Ann");
}

TEST_P(MetadataConformance, finds_a_call_without_sid_by_its_conversation) {
    source->add_call("", metadata_of({.name = "Ann", .conversation_id = "conv_1"}));

    const MetadataAnswer answer = find({"", "conv_1", ""});

    EXPECT_EQ(answer.kind, Kind::found);
    EXPECT_EQ(answer.metadata.name, "Ann");
}

TEST_P(MetadataConformance, answers_in_the_order_of_the_queries) {
    constexpr int calls_count = 250;
    std::vector<MetadataQuery> queries;
    for (int i = 0; i < calls_count; ++i) {
        const std::string number = std::to_string(i);
        if (i % 3 != 0) source->add_call("CA" + number, metadata_of({.name = "name " + number}));
        queries.push_back({"CA" + number, "", ""});
    }
    queries.push_back(queries.at(1));  // The same one twice.

    const std::vector<MetadataAnswer> answers = find_now(source->metadata(), queries);

    ASSERT_EQ(answers.size(), queries.size());
    for (std::size_t i = 0; i < calls_count; ++i) {
        SCOPED_TRACE(i);
        EXPECT_EQ(answers.at(i).kind, i % 3 != 0 ? Kind::found : source->kind_of_unknown());
        EXPECT_EQ(answers.at(i).metadata.name, i % 3 != 0 ? "name " + std::to_string(i) : "");
    }
    EXPECT_EQ(answers.back().metadata, answers.at(1).metadata);
}

TEST_P(MetadataConformance, a_query_of_nothing_finds_nothing) {
    source->add_call("CA1", metadata_of({.name = "Ann"}));

    EXPECT_EQ(find({"", "", ""}).metadata, CallMetadata{});
    EXPECT_TRUE(find_now(source->metadata(), {}).empty());
}

TEST_P(MetadataConformance, strange_ids_are_only_unknown) {
    source->add_call("CA1", metadata_of({.name = "Ann"}));
    using namespace std::string_literals;
    for (const std::string& id : {"' OR 1=1 --"s, "$ne"s, "CA1\0"s, "\xff\xfe"s, "{}"s}) {
        EXPECT_NE(find({id, "", ""}).kind, Kind::found);
        EXPECT_NE(find({id, id, id}).kind, Kind::found);
    }
}

GTEST_ALLOW_UNINSTANTIATED_PARAMETERIZED_TEST(MetadataConformance);

}  // namespace wrapup
