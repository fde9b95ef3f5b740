#include "http/api/campaign_routes.hpp"

#include <boost/json.hpp>

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

class CampaignRoutesTest : public FrontTest {
protected:
    void commit(StoreOp op) {
        const auto outcomes = store.commit({&op, 1}, clock.now());
        ASSERT_TRUE(outcomes && outcomes->at(0));
    }
    static json::value parse(const Reply& reply) { return json::parse(reply.body); }
};

TEST_F(CampaignRoutesTest, a_campaign_that_only_has_calls_is_listed_with_them) {
    commit(PutCampaign{{"c1", "Spring", ""}});
    for (const char* id : {"b1", "c1", "d1"}) {
        PutListRows put;
        put.list.id = id;
        put.rows.resize(1);
        put.rows[0].to = "+61413052898";
        commit(put);
    }
    serve();
    const json::value first = parse(api_get("/api/campaigns?limit=2"));
    const json::value& only_calls = first.at("campaigns").at(0);
    EXPECT_EQ(only_calls.at("id").as_string(), "b1");
    EXPECT_EQ(only_calls.at("calls").at("state").as_string(), "active");
    EXPECT_EQ(only_calls.at("calls").at("rows").at("waiting").as_int64(), 1);
    EXPECT_TRUE(only_calls.at("calls").at("next").is_null());
    EXPECT_EQ(first.at("campaigns").at(1).at("name").as_string(), "Spring");
    const std::string cursor(first.at("next_cursor").as_string());
    const json::value second = parse(api_get("/api/campaigns?limit=2&cursor=" + cursor));
    ASSERT_EQ(second.at("campaigns").as_array().size(), 1U);
    EXPECT_EQ(second.at("campaigns").at(0).at("id").as_string(), "d1");
}

// As docs/api.md has it of all of the API, but for lists and imports.
TEST_F(CampaignRoutesTest, bodies_up_to_64_kib_are_read) {
    serve();
    const auto status_of = [&](std::string_view target, std::size_t size) {
        return api_send("POST", target, "{}" + std::string(size - 2, ' ')).status;
    };
    for (const char* target :
         {"/api/campaigns/c1/pause", "/api/campaigns/c1/resume", "/api/campaigns/c1/cancel",
          "/api/destinations/crm/pause", "/api/calls", "/api/calls/CA1/park", "/api/reconciliation",
          "/api/session"}) {
        EXPECT_NE(status_of(target, 64U << 10U), 413) << target;
        EXPECT_EQ(status_of(target, (64U << 10U) + 1), 413) << target;
    }
}

}  // namespace
}  // namespace wrapup
