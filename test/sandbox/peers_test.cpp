// The vendors' REST APIs, asked through the adapters that ask the real ones.

#include <gmock/gmock.h>

#include "adapters/elevenlabs/elevenlabs_rest.hpp"
#include "adapters/twilio/twilio_rest.hpp"
#include "codec/json/json_value.hpp"
#include "sandbox/control_routes.hpp"
#include "test/sandbox/stage.hpp"

namespace wrapup {
namespace {

using testing::SizeIs;

class PeersTest : public testing::Test {
protected:
    std::string setting(std::string_view name) const {
        for (const auto& [key, value] : stage.sandbox->environment()) {
            if (key == name) return value;
        }
        return {};
    }
    Result<FetchedCall> fetch_call(const std::string& sid, const std::string& token) {
        TwilioRest twilio(stage.transport, clock, setting("WRAPUP_TWILIO_BASE_URL"),
                          setting("TWILIO_ACCOUNT_SID"), token);
        return stage.await(twilio.fetch_call({sid, ""}));
    }
    ElevenLabsRest elevenlabs(std::string key) {
        return {stage.transport, clock, setting("WRAPUP_ELEVENLABS_BASE_URL"), std::move(key)};
    }
    boost::json::object list_calls(const std::string& target) {
        HttpRequest request;
        request.url = setting("WRAPUP_TWILIO_BASE_URL") + target;
        request.user = setting("TWILIO_ACCOUNT_SID");
        request.password = setting("TWILIO_AUTH_TOKEN");
        const HttpAnswer answer = stage.send(std::move(request));
        EXPECT_EQ(answer.status, 200) << answer.body;
        return parse_json_object(answer.body).value();
    }
    std::string calls_target() const {
        return "/2010-04-01/Accounts/" + setting("TWILIO_ACCOUNT_SID") + "/Calls.json";
    }

    AsioClock clock;
    Stage stage;
};

TEST_F(PeersTest, twilio_knows_how_a_call_ended) {
    const PlayedCall& call = stage.play(stage.plan());
    const auto fetched = fetch_call(call.plan.sid, setting("TWILIO_AUTH_TOKEN"));
    ASSERT_TRUE(fetched);
    EXPECT_EQ(fetched->call.status, CallStatus::completed);
    EXPECT_EQ(fetched->call.duration_s, call.plan.duration_s);
    EXPECT_EQ(fetched->call.answered_by, "human");
}

TEST_F(PeersTest, twilio_refuses_strangers_and_unknown_calls) {
    const PlayedCall& call = stage.play(stage.plan());
    EXPECT_EQ(fetch_call(call.plan.sid, "wrong").error().code, Errc::unauthorized);
    const std::string unknown = "CA" + std::string(32, '0');
    const auto answer = fetch_call(unknown, setting("TWILIO_AUTH_TOKEN"));
    EXPECT_EQ(answer.error().code, Errc::not_found);
}

TEST_F(PeersTest, twilio_fails_as_often_as_told) {
    const PlayedCall& call = stage.play(stage.plan());
    stage.sandbox->twilio_faults().set({429, {}}, 1);
    const std::string token = setting("TWILIO_AUTH_TOKEN");
    EXPECT_EQ(fetch_call(call.plan.sid, token).error().code, Errc::rate_limited);
    EXPECT_TRUE(fetch_call(call.plan.sid, token));
}

TEST_F(PeersTest, twilio_lists_newest_first_in_pages) {
    std::vector<std::string> placed;
    for (int i = 0; i < 5; ++i) {
        placed.insert(placed.begin(), stage.play(stage.plan(Outcome::no_answer)).plan.sid);
    }
    std::vector<std::string> listed;
    std::string next = calls_target() + "?PageSize=2&StartTime%3E=2020-01-01";
    for (int page = 0; page < 4 && !next.empty(); ++page) {
        const auto body = list_calls(next);
        for (const auto& call : body.at("calls").as_array()) {
            listed.push_back(json_string(&call.as_object(), "sid"));
        }
        next = json_string(&body, "next_page_uri");
    }
    EXPECT_EQ(listed, placed);
}

TEST_F(PeersTest, twilio_spoils_its_list_as_told) {
    stage.play(stage.plan(Outcome::no_answer));
    TwilioRest twilio(stage.transport, clock, setting("WRAPUP_TWILIO_BASE_URL"),
                      setting("TWILIO_ACCOUNT_SID"), setting("TWILIO_AUTH_TOKEN"));
    const auto spoilt = [&](RestFault::Kind kind) {
        stage.sandbox->twilio_faults().set({503, {}, kind}, 1);
        return stage.await(twilio.list_calls({}));
    };
    for (const auto kind :
         {RestFault::Kind::nonsense, RestFault::Kind::half, RestFault::Kind::other_host}) {
        const auto answer = spoilt(kind);
        ASSERT_FALSE(answer.page);
        EXPECT_EQ(answer.page.error().code, Errc::invalid_input);
    }
    const auto first = spoilt(RestFault::Kind::same_page);
    ASSERT_TRUE(first.page);
    CallListQuery again;
    again.next_page = first.page->next_page;
    EXPECT_NE(again.next_page, "");
    stage.sandbox->twilio_faults().set({503, {}, RestFault::Kind::same_page}, 1);
    const auto second = stage.await(twilio.list_calls(again));
    ASSERT_TRUE(second.page);
    EXPECT_EQ(second.page->next_page, again.next_page);
    const auto whole = stage.await(twilio.list_calls({}));
    ASSERT_TRUE(whole.page);
    EXPECT_THAT(whole.page->calls, SizeIs(1));
}

TEST_F(PeersTest, elevenlabs_shows_its_webhook_and_whether_it_was_switched_off) {
    ElevenLabsRest api = elevenlabs(setting("ELEVENLABS_API_KEY"));
    const auto well = stage.await(api.list_webhooks());
    ASSERT_TRUE(well.value);
    ASSERT_THAT(*well.value, SizeIs(1));
    EXPECT_FALSE(well.value->front().is_auto_disabled);
    stage.sandbox->elevenlabs().set_webhook_disabled(true);
    const auto off = stage.await(api.list_webhooks());
    ASSERT_TRUE(off.value);
    EXPECT_TRUE(off.value->front().is_auto_disabled);
    EXPECT_EQ(off.value->front().last_error, "503");
}

TEST_F(PeersTest, twilio_filters_its_list) {
    const PlayedCall& busy = stage.play([&] {
        CallPlan plan = stage.plan(Outcome::no_answer);
        plan.end = CallStatus::busy;
        return plan;
    }());
    stage.play(stage.plan());
    const auto only_busy = list_calls(calls_target() + "?Status=busy");
    ASSERT_THAT(only_busy.at("calls").as_array(), SizeIs(1));
    const auto& listed = only_busy.at("calls").as_array()[0].as_object();
    EXPECT_EQ(json_string(&listed, "sid"), busy.plan.sid);
    const auto earlier = list_calls(calls_target() + "?StartTime%3C=2020-01-01");
    EXPECT_THAT(earlier.at("calls").as_array(), SizeIs(0));
}

TEST_F(PeersTest, twilio_places_the_call_it_is_asked_for) {
    stage.sandbox->on_order([&](const CallOrder& order) -> const PlayedCall& {
        CallPlan plan = stage.plan(Outcome::no_answer);
        follow_order(plan, order);
        return stage.sandbox->player().place(std::move(plan));
    });
    HttpRequest request;
    request.method = "POST";
    request.url = setting("WRAPUP_TWILIO_BASE_URL") + calls_target();
    request.user = setting("TWILIO_ACCOUNT_SID");
    request.password = setting("TWILIO_AUTH_TOKEN");
    request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
    request.body = render_form({{"To", "+12025550177"},
                                {"From", "+442079460999"},
                                {"Twiml", "<Response/>"},
                                {"StatusCallbackEvent", "initiated"},
                                {"StatusCallbackEvent", "ringing"},
                                {"StatusCallbackEvent", "completed"},
                                {"StatusCallback", stage.url + "/call-status-callback"}});
    EXPECT_EQ(stage.send(request).status, 201);
    stage.run_until([&] { return stage.to("/call-status-callback").size() == 3; });
    EXPECT_EQ(stage.sandbox->book().calls().front().plan.to, "+12025550177");
    request.body = "From=%2B442079460999&Twiml=x";
    EXPECT_EQ(stage.send(request).status, 400);
}

TEST_F(PeersTest, elevenlabs_works_on_a_summary_as_long_as_told) {
    CallPlan plan = stage.plan();
    plan.faults.processing = milliseconds{600};
    const std::string id = plan.conversation_id;
    ElevenLabsRest api = elevenlabs(setting("ELEVENLABS_API_KEY"));
    const auto before = stage.await(api.fetch_conversation(id));
    ASSERT_TRUE(before.error);
    EXPECT_EQ(before.error->error.code, Errc::not_found);

    const PlayedCall& call = stage.sandbox->player().place(std::move(plan));
    stage.run_until([&] { return call.ended_at.has_value(); });
    const auto during = stage.await(api.fetch_conversation(id));
    ASSERT_TRUE(during.value);
    EXPECT_EQ(during.value->conversation.status, ConversationStatus::processing);
    EXPECT_EQ(during.value->conversation.summary, "");

    stage.run_until([&] { return stage.sandbox->player().busy_count() == 0; });
    const auto after = stage.await(api.fetch_conversation(id));
    ASSERT_TRUE(after.value);
    EXPECT_EQ(after.value->conversation.status, ConversationStatus::done);
    EXPECT_EQ(after.value->conversation.summary, call.plan.summary);
}

TEST_F(PeersTest, elevenlabs_refuses_as_told) {
    const PlayedCall& call = stage.play(stage.plan());
    ElevenLabsRest stranger = elevenlabs("wrong");
    const auto refused = stage.await(stranger.fetch_conversation(call.plan.conversation_id));
    EXPECT_EQ(refused.error->error.code, Errc::unauthorized);

    ElevenLabsRest api = elevenlabs(setting("ELEVENLABS_API_KEY"));
    stage.sandbox->elevenlabs_faults().set({429, seconds{7}}, 1);
    const auto limited = stage.await(api.fetch_conversation(call.plan.conversation_id));
    EXPECT_EQ(limited.error->error.code, Errc::rate_limited);
    EXPECT_EQ(limited.error->retry_after, seconds{7});
    EXPECT_TRUE(stage.await(api.fetch_conversation(call.plan.conversation_id)).value);
}

TEST_F(PeersTest, elevenlabs_finds_a_conversation_by_our_variable) {
    stage.play(stage.plan());
    const PlayedCall& wanted = stage.play(stage.plan());
    stage.play(stage.plan());
    ElevenLabsRest api = elevenlabs(setting("ELEVENLABS_API_KEY"));
    ConversationQuery query;
    query.variable_call_sid = wanted.plan.sid;
    const auto found = stage.await(api.list_conversations(query));
    ASSERT_TRUE(found.value);
    ASSERT_THAT(found.value->items, SizeIs(1));
    EXPECT_EQ(found.value->items[0].conversation_id, wanted.plan.conversation_id);

    ConversationQuery window;
    window.started_after = *wanted.answered_at - std::chrono::minutes{2};
    EXPECT_THAT(stage.await(api.list_conversations(window)).value->items, SizeIs(3));
    window.started_after = *wanted.answered_at + std::chrono::minutes{2};
    EXPECT_THAT(stage.await(api.list_conversations(window)).value->items, SizeIs(0));
}

TEST_F(PeersTest, a_script_places_calls_and_sets_faults) {
    TrafficOptions options;
    options.server_url = stage.url;
    options.speed = 3'600;
    Traffic traffic(options);
    ControlRoutes control(*stage.sandbox, traffic);
    RouteSet routes;
    control.add_to(routes);
    QuietLog log;
    QuietMetrics metrics;
    Server server(stage.io_.get_executor(), ServerLimits{}, clock, log, metrics);
    const auto port = server.listen({"127.0.0.1", 0}, std::move(routes));
    ASSERT_TRUE(port);
    server.start();
    const auto post = [&](const char* target, const char* body) {
        HttpRequest request;
        request.method = "POST";
        request.url = "http://127.0.0.1:" + std::to_string(*port) + target;
        request.body = body;
        return stage.send(std::move(request)).status;
    };
    EXPECT_EQ(post("/sandbox/calls", R"({"outcome":"no answer","name":"Ada"})"), 201);
    EXPECT_EQ(post("/sandbox/calls", R"({"outcome":"perhaps"})"), 400);
    EXPECT_EQ(post("/sandbox/calls", "nonsense"), 400);
    EXPECT_EQ(post("/sandbox/faults", R"({"peer":"crm","kind":"hang","count":1})"), 204);
    EXPECT_EQ(post("/sandbox/faults", R"({"peer":"twilio","kind":"hang"})"), 400);
    EXPECT_EQ(stage.sandbox->book().calls().front().plan.name, "Ada");
}

}  // namespace
}  // namespace wrapup
