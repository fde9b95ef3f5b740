// Which destinations a record goes to.

#include "core/settle/record_routes.hpp"

#include <gtest/gtest.h>

namespace wrapup {
namespace {

struct Row {
    const char* name;
    RecordFilter filter;
    Outcome outcome;
    const char* campaign_id;
    const char* campaign_name;
    bool is_wanted;

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const RecordFilter held_of_spring{{Outcome::held}, {"Spring"}};

const Row rows[] = {
    {"no_filter", {}, Outcome::no_answer, "", "", true},
    {"outcome", {{Outcome::held}, {}}, Outcome::held, "", "", true},
    {"other_outcome", {{Outcome::held}, {}}, Outcome::no_answer, "", "", false},
    {"one_of_two", {{Outcome::held, Outcome::voicemail}, {}}, Outcome::voicemail, "", "", true},
    {"campaign_name", {{}, {"Spring"}}, Outcome::held, "c1", "Spring", true},
    {"campaign_id", {{}, {"Autumn", "c1"}}, Outcome::held, "c1", "Spring", true},
    {"other_campaign", {{}, {"Autumn"}}, Outcome::held, "c1", "Spring", false},
    {"no_campaign", {{}, {"Spring"}}, Outcome::held, "", "", false},
    {"both", held_of_spring, Outcome::held, "", "Spring", true},
    {"only_the_campaign", held_of_spring, Outcome::voicemail, "", "Spring", false},
    {"only_the_outcome", held_of_spring, Outcome::held, "", "Autumn", false},
};

class RecordFilters : public testing::TestWithParam<Row> {};

TEST_P(RecordFilters, wants) {
    CallMetadata metadata;
    metadata.campaign_id = GetParam().campaign_id;
    metadata.campaign_name = GetParam().campaign_name;
    EXPECT_EQ(wants(GetParam().filter, GetParam().outcome, metadata), GetParam().is_wanted);
}

INSTANTIATE_TEST_SUITE_P(Table, RecordFilters, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(RecordRoutes, a_delivery_for_each_destination_that_wants_it) {
    const RecordRoutes routes{{"crm", false, {}},
                              {"sales", true, {{Outcome::held}, {}}},
                              {"audit", true, {{Outcome::voicemail}, {}}}};
    const auto made = deliveries_of("CA1", Outcome::held, {}, routes);
    ASSERT_EQ(made.size(), 2U);
    EXPECT_EQ(made[0].destination, "crm");
    EXPECT_EQ(made[0].parked, ParkReason::disabled);
    EXPECT_EQ(made[1].destination, "sales");
    EXPECT_EQ(made[1].parked, std::nullopt);
    EXPECT_EQ(made[1].webhook_id, webhook_id_of("CA1"));
    EXPECT_EQ(made[0].webhook_id, made[1].webhook_id);
    EXPECT_TRUE(deliveries_of("CA1", Outcome::no_answer, {}, {routes[1], routes[2]}).empty());
}

}  // namespace
}  // namespace wrapup
