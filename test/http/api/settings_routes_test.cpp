#include <boost/json.hpp>

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

class SettingsRoutesTest : public FrontTest {
protected:
    json::value settings() {
        const Reply reply = api_get("/api/settings");
        EXPECT_EQ(reply.status, 200) << reply.body;
        return json::parse(reply.body);
    }
};

TEST_F(SettingsRoutesTest, shows_what_it_was_given_and_what_is_found_now) {
    options.installation.settings = {{"PORT", "8080", "default", false},
                                     {"TWILIO_AUTH_TOKEN", "masked", "environment", true},
                                     {"SERVER_URL", "", "default", false}};
    int asked_times = 0;
    options.installation.examine = [&] {
        asked_times += 1;
        return InstallationFindings{
            {{"broken", "it is broken", "mend it"}, {"good", "it is good", ""}},
            {"SERVER_URL", "PORT"}};
    };
    serve();
    EXPECT_EQ(settings(), json::parse(R"({"settings":[
                {"name":"PORT","value":"8080","source":"default","secret":false},
                {"name":"TWILIO_AUTH_TOKEN","value":"masked","source":"environment","secret":true},
                {"name":"SERVER_URL","value":null,"source":"default","secret":false}],
              "findings":[{"level":"broken","text":"it is broken","advice":"mend it"},
                {"level":"good","text":"it is good","advice":null}],
              "changed":["SERVER_URL","PORT"],
              "server_url_that_would_match":null})"));
    settings();
    EXPECT_EQ(asked_times, 2);
}

TEST_F(SettingsRoutesTest, shows_the_node_that_it_is) {
    options.node = {"calls-1", 4711, [] { return NodeHolds{2, 1}; }};
    serve();
    clock.advance(seconds{60});
    EXPECT_EQ(json::parse(api_get("/api/nodes").body), json::parse(R"({"nodes":[{
        "id":"calls-1:4711","host":"calls-1","pid":4711,"version":"1.2.3",
        "since":"2025-11-09T18:45:12.000Z","last_seen_at":"2025-11-09T18:46:12.000Z",
        "state":"alive","is_this":true,
        "holds":{"calls":2,"deliveries":1},"duties":[],"other_settings":[]}]})"));
}

TEST_F(SettingsRoutesTest, shows_all_nodes_that_share_the_store) {
    NodeRow other;
    other.id = "b";
    other.host = "calls-2";
    other.pid = 12;
    other.version = "1.2.4";
    other.started_at = clock.now();
    other.seen_at = clock.now();
    other.duties = {"place", "seal"};
    NodeRow third = other;
    third.has_stopped = true;
    options.node.all = [=] { return std::vector{other, third}; };
    serve();
    const auto nodes = json::parse(api_get("/api/nodes").body).at("nodes").as_array();
    ASSERT_EQ(nodes.size(), 2U);
    EXPECT_EQ(nodes[0].at("state"), "alive");
    EXPECT_EQ(nodes[0].at("duties"), json::parse(R"(["place","seal"])"));
    EXPECT_EQ(nodes[1].at("state"), "stopped");
    clock.advance(seconds{60});
    const auto later = json::parse(api_get("/api/nodes").body).at("nodes").as_array();
    EXPECT_EQ(later[0].at("state"), "silent");
}

TEST_F(SettingsRoutesTest, wants_a_token) {
    serve();
    EXPECT_EQ(ask(get("/api/settings")).status, 401);
}

}  // namespace
}  // namespace wrapup
