#include "app/cli/trigger_steps.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(TriggerSteps, name_the_setting_that_allows_a_private_address) {
    const auto story = boost::json::parse(R"({"call":{"id":"CA1"},"deliveries":[
        {"destination":"crm","state":"parked","parked":"given_up","attempts":[
         {"outcome":"refused","http_status":null,"error":"the address is private"}]}]})");
    const auto steps = judge_deliveries(story, milliseconds{5}, {});
    ASSERT_EQ(steps.size(), 1U);
    EXPECT_FALSE(steps[0].is_done);
    EXPECT_EQ(steps[0].said, "not taken (the address is private).");
    EXPECT_THAT(steps[0].next, testing::HasSubstr("WRAPUP_ALLOW_PRIVATE_TARGETS=true"));
}

}  // namespace
}  // namespace wrapup
