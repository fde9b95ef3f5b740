#include "http/api/api_routes.hpp"

#include <gmock/gmock.h>

#include <boost/json.hpp>

#include "domain/record.hpp"
#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;
using testing::HasSubstr;

constexpr const char* sid = "CA0123456789abcdef0123456789abcdef";

class ApiRoutesTest : public FrontTest {
protected:
    void know_call(const std::string& call_sid, const std::string& conversation_id = {}) {
        AppendEvent append;
        append.event.kind = EventKind::twilio_status;
        append.event.call_sid = call_sid;
        append.event.conversation_id = conversation_id;
        append.event.dedup_key = call_sid;
        append.event.received_at = clock.now();
        append.event.due_at = clock.now();
        append.event.to = "+61413052898";
        append.event.payload = R"({"CallSid":"x","CallStatus":"ringing"})";
        commit(append);
    }
    void commit(StoreOp op) { ASSERT_TRUE((*store.commit({&op, 1}, clock.now())).at(0)); }
    static json::value parse(const Reply& reply) { return json::parse(reply.body); }
};

TEST_F(ApiRoutesTest, nobody_gets_in_without_the_token) {
    serve();
    for (const char* target : {"/api/calls", "/api/calls/x", "/api/nothing", "/api/stats"}) {
        const Reply reply = ask(get(target));
        EXPECT_EQ(reply.status, 401) << target;
        EXPECT_TRUE(reply.has_header("WWW-Authenticate: Bearer"));
        EXPECT_TRUE(reply.has_header("Content-Type: application/problem+json"));
    }
    EXPECT_EQ(ask(get("/api/calls", with_token("api-tokem"))).status, 401);
    EXPECT_EQ(ask(get("/api/calls", with_token(""))).status, 401);
    EXPECT_EQ(ask(get("/api/calls", "Authorization: Basic api-token\r\n")).status, 401);
    EXPECT_EQ(ask(post("/api/test-crm-webhook", R"({"callSid":"x"})")).status, 401);
    EXPECT_EQ(ask(get("/api/calls", "authorization: bearer api-token\r\n")).status, 200);
    EXPECT_EQ(api_get("/api/nothing").status, 404);
    EXPECT_TRUE(actions.asked.empty());
}

TEST_F(ApiRoutesTest, without_a_configured_token_nobody_gets_in) {
    options.api.token.clear();
    serve();
    EXPECT_EQ(ask(get("/api/calls", with_token(""))).status, 401);
    EXPECT_EQ(ask(get("/api/calls", with_token("x"))).status, 401);
}

TEST_F(ApiRoutesTest, who_sends_a_record_without_the_token_is_told_where_it_is) {
    serve();
    const Reply answer = ask(post("/api/test-crm-webhook", R"({"callSid":"x"})"));
    EXPECT_THAT(answer.body, HasSubstr(R"("success":false)"));
    EXPECT_THAT(answer.body, HasSubstr("WRAPUP_API_TOKEN"));
}

TEST_F(ApiRoutesTest, who_comes_without_the_token_leaves_a_trace) {
    serve();
    EXPECT_EQ(ask(get("/api/calls")).status, 401);
    EXPECT_EQ(metrics.rejected("no_token"), 1);
    EXPECT_EQ(ask(get("/api/calls", with_token("guess"))).status, 401);
    EXPECT_EQ(metrics.rejected("bad_token"), 1);
    ASSERT_EQ(log.lines().size(), 2U);
    EXPECT_NE(log.lines()[0].second.find("cause=no_token"), std::string::npos);
    EXPECT_EQ(log.lines()[1].second.find("guess"), std::string::npos);
}

TEST_F(ApiRoutesTest, a_right_token_among_guesses_is_worth_nothing_until_the_window_ends) {
    serve();
    EXPECT_EQ(api_get("/api/calls").status, 200) << "the operator was here before";
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(ask(get("/api/calls", with_token("guess" + std::to_string(i)))).status, 401);
    }
    clock.advance(seconds{10});
    const Reply reply = api_get("/api/calls");
    EXPECT_EQ(reply.status, 429);
    EXPECT_TRUE(reply.has_header("Retry-After: 20\r\n")) << reply.head;
    EXPECT_EQ(metrics.rejected("token_rate"), 1);
    clock.advance(seconds{20});
    EXPECT_EQ(api_get("/api/calls").status, 200);
}

TEST_F(ApiRoutesTest, a_forgotten_script_with_an_old_token_locks_nobody_out) {
    serve();
    for (int i = 0; i < 60; ++i) {
        EXPECT_EQ(ask(get("/api/calls", with_token("old-token-of-last-year"))).status, 401);
    }
    EXPECT_EQ(api_get("/api/calls").status, 200);
    for (int i = 0; i < 40; ++i) ask(get("/api/calls", with_token("old-token-of-last-year")));
    EXPECT_EQ(api_get("/api/calls").status, 429) << "but not at any pace";
}

// The proxy on this machine says who asks; what the asker wrote before that counts nothing.
TEST_F(ApiRoutesTest, guessers_behind_the_proxy_are_told_apart) {
    serve();
    const auto from = [&](const std::string& token, const std::string& forwarded) {
        return ask(get("/api/calls", with_token(token) + "X-Forwarded-For: " + forwarded + "\r\n"))
            .status;
    };
    for (int i = 0; i < 10; ++i) {
        EXPECT_EQ(from("guess" + std::to_string(i), "10.0.0." + std::to_string(i) + ", 9.9.9.9"),
                  401);
    }
    EXPECT_EQ(from("api-token", "9.9.9.9"), 429);
    EXPECT_EQ(from("api-token", "8.8.8.8"), 200);
    EXPECT_EQ(api_get("/api/calls").status, 200);
}

TEST_F(ApiRoutesTest, many_guessers_together_are_bounded_and_lock_no_operator_out) {
    serve();
    const auto from = [&](const std::string& token, const std::string& forwarded) {
        return ask(get("/api/calls", with_token(token) + "X-Forwarded-For: " + forwarded + "\r\n"))
            .status;
    };
    EXPECT_EQ(api_get("/api/calls").status, 200);
    for (int i = 0; i < 300; ++i) {
        EXPECT_EQ(from("guess" + std::to_string(i), "peer-" + std::to_string(i)), 401) << i;
    }
    EXPECT_EQ(from("api-token", "peer-new"), 429);
    EXPECT_EQ(api_get("/api/calls").status, 200) << "this one was here before";
    clock.advance(seconds{31});
    EXPECT_EQ(from("api-token", "peer-new"), 200);
}

struct SendRow {
    SendNowAnswer::Kind kind;
    int status;
};

TEST_F(ApiRoutesTest, tells_how_sending_went) {
    serve();
    using Kind = SendNowAnswer::Kind;
    Record record;
    record.name = "Ada";
    for (const SendRow row : {SendRow{Kind::accepted, 200}, SendRow{Kind::refused, 502},
                              SendRow{Kind::unreachable, 502}, SendRow{Kind::not_over, 409},
                              SendRow{Kind::adopted, 202}, SendRow{Kind::disabled, 409},
                              SendRow{Kind::out_of_scope, 409}, SendRow{Kind::busy, 409},
                              SendRow{Kind::already, 409}}) {
        SendNowAnswer answer;
        answer.kind = row.kind;
        answer.payload = render_record(record);
        answer.http_status = 201;
        answer.elapsed = milliseconds{12};
        answer.crm_answer = R"({"filed":7})";
        answer.message = "a sentence";
        actions.answer = answer;
        const Reply reply = api_send("POST", "/api/test-crm-webhook", R"({"callSid":"CA1"})");
        EXPECT_EQ(reply.status, row.status);
        const json::value body = parse(reply);
        EXPECT_EQ(body.at("success").as_bool(), row.status < 300);
        EXPECT_EQ(body.at("details").at("answer").as_string(), R"({"filed":7})");
        EXPECT_EQ(body.at("message").as_string(), "a sentence");
        EXPECT_EQ(body.at("details").at("status").as_int64(), 201);
        EXPECT_EQ(body.at("details").at("elapsed_ms").as_int64(), 12);
        EXPECT_EQ(json::serialize(body.at("details").at("payload")), render_record(record));
        EXPECT_EQ(reply.has_header("application/problem+json"), row.status >= 400);
        if (row.status < 400) continue;
        EXPECT_EQ(body.at("status").as_int64(), row.status);
        EXPECT_EQ(body.as_object().contains("code"), row.kind == Kind::already);
    }
    EXPECT_EQ(actions.asked.front(), "CA1");
    EXPECT_EQ(actions.when, SendWhen::settled);
    for (const char* body :
         {R"({"callSid":"CA1","now":true})", R"({"now":true,"call_sid":"CA1"})"}) {
        actions.when = SendWhen::settled;
        (void)api_send("POST", "/api/test-crm-webhook", body);
        EXPECT_EQ(actions.when, SendWhen::now);
    }
    EXPECT_EQ(actions.again, SendAgain::yes) << "nothing said";
    (void)api_send("POST", "/api/test-crm-webhook", R"({"callSid":"CA1","again":false})");
    EXPECT_EQ(actions.again, SendAgain::no);
    EXPECT_EQ(api_send("POST", "/api/test-crm-webhook", R"({"callSid":"CA1","again":1})").status,
              400);
}

TEST_F(ApiRoutesTest, every_answer_to_sending_has_success_message_and_details) {
    serve();
    const auto expect_members = [](const Reply& reply, int status) {
        EXPECT_EQ(reply.status, status);
        EXPECT_TRUE(reply.has_header("application/problem+json"));
        const json::value body = parse(reply);
        EXPECT_FALSE(body.at("success").as_bool());
        EXPECT_FALSE(body.at("message").as_string().empty());
        EXPECT_EQ(body.at("message"), body.at("detail"));
        EXPECT_TRUE(body.at("details").at("payload").is_null());
        EXPECT_TRUE(body.at("details").at("status").is_null());
        EXPECT_EQ(body.at("status").as_int64(), status);
    };
    const char* target = "/api/test-crm-webhook";
    expect_members(api_send("POST", target, "{}"), 400);
    expect_members(api_send("POST", target, R"({"callSid":"x","now":"yes"})"), 400);
    expect_members(ask(post(target, R"({"callSid":"x"})")), 401);
    expect_members(ask(post(target, "callSid=CA1", with_token() + "Content-Type: text/plain\r\n")),
                   415);
    const std::pair<Errc, int> rows[] = {{Errc::not_found, 404},
                                         {Errc::unauthorized, 502},
                                         {Errc::rate_limited, 503},
                                         {Errc::unavailable, 503},
                                         {Errc::timeout, 504}};
    for (const auto& [code, status] : rows) {
        actions.answer = Error{code, "a sentence"};
        expect_members(api_send("POST", target, R"({"callSid":"CA1"})"), status);
    }
}

TEST_F(ApiRoutesTest, lists_when_a_record_is_tried_again) {
    AppendEvent append;
    append.event.kind = EventKind::twilio_status;
    append.event.call_sid = sid;
    append.event.dedup_key = sid;
    append.event.received_at = clock.now();
    append.event.due_at = clock.now();
    append.event.payload = R"({"CallSid":"x","CallStatus":"busy"})";
    commit(append);
    const auto claimed = store.claim_call(sid, clock.now(), seconds{90});
    ASSERT_TRUE(claimed.has_value());
    SettleCall settle;
    settle.call_id = sid;
    settle.fence = claimed->fence;
    settle.seen_events_count = 1;
    settle.is_over = true;
    settle.then = SettleCall::Fix{{}, render_record({}), {{"crm", "call_1", {}, {}, {}}}};
    commit(settle);
    const auto deliveries = store.claim_deliveries("crm", clock.now(), seconds{90}, 1, {});
    ASSERT_TRUE(deliveries && deliveries->claimed.size() == 1);
    FinishAttempt finish;
    finish.delivery_id = deliveries->claimed.at(0).delivery.id;
    finish.fence = deliveries->claimed.at(0).fence;
    finish.attempt.emplace();
    const UtcTime later = clock.now() + seconds{90};
    finish.then = FinishAttempt::RetryAt{later};
    commit(finish);
    serve();
    const json::value page = parse(api_get("/api/calls?state=delivering"));
    ASSERT_EQ(page.at("calls").as_array().size(), 1U);
    EXPECT_EQ(page.at("calls").at(0).at("due_at").as_string(), format_rfc3339(later));
    const json::value story = parse(api_get("/api/calls/" + std::string(sid)));
    EXPECT_EQ(story.at("call").at("due_at").as_string(), format_rfc3339(later));
    // While the breaker is open, not before its next probe.
    const UtcTime probe_at = later + seconds{200};
    commit(PutBreaker{"crm", {BreakerState::open, later, probe_at, 0}});
    const std::string probe = R"("due_at":")" + format_rfc3339(probe_at) + '"';
    EXPECT_NE(api_get("/api/calls?state=delivering").body.find(probe), std::string::npos);
    const std::string told = api_get("/api/calls/" + std::string(sid)).body;
    EXPECT_NE(told.find(probe), told.rfind(probe)) << "of the call and of its delivery";
}

TEST_F(ApiRoutesTest, sending_needs_a_call_that_somebody_knows) {
    serve();
    actions.answer = Error{Errc::not_found, "nobody knows this call"};
    EXPECT_EQ(api_send("POST", "/api/test-crm-webhook", R"({"callSid":"CA1"})").status, 404);
    actions.answer = Error{Errc::unavailable, "the disk is full"};
    EXPECT_EQ(api_send("POST", "/api/test-crm-webhook", R"({"callSid":"CA1"})").status, 503);
    for (const char* body : {"", "{}", "[]", R"({"callSid":7})", R"({"callSid":""})",
                             R"({"callSid":"a b"})", R"({"callSid":"x","force":true})"}) {
        EXPECT_EQ(api_send("POST", "/api/test-crm-webhook", body).status, 400) << body;
    }
    const Reply reply = api_send("POST", "/api/test-crm-webhook", "{}");
    EXPECT_EQ(parse(reply).at("field").as_string(), "callSid");
    EXPECT_EQ(ask(post("/api/test-crm-webhook", "callSid=CA1",
                       with_token() + "Content-Type: application/x-www-form-urlencoded\r\n"))
                  .status,
              415);
}

TEST_F(ApiRoutesTest, lists_calls_page_by_page) {
    for (int i = 0; i < 5; ++i) {
        know_call("CA" + std::to_string(i));
        clock.advance(seconds{1});
    }
    serve();
    std::vector<std::string> seen;
    std::string cursor;
    for (int page = 0; page < 5; ++page) {
        const Reply reply =
            api_get("/api/calls?limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
        ASSERT_EQ(reply.status, 200) << reply.body;
        const json::value body = parse(reply);
        for (const json::value& call : body.at("calls").as_array()) {
            seen.emplace_back(call.at("id").as_string());
        }
        if (body.at("next_cursor").is_null()) break;
        cursor = std::string(body.at("next_cursor").as_string());
    }
    EXPECT_EQ(seen, (std::vector<std::string>{"CA4", "CA3", "CA2", "CA1", "CA0"}));
    EXPECT_EQ(parse(api_get("/api/calls?callSid=CA3")).at("calls").as_array().size(), 1U);
    EXPECT_EQ(parse(api_get("/api/calls?state=parked")).at("calls").as_array().size(), 0U);
    const Reply bad = api_get("/api/calls?limit=500");
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(parse(bad).at("field").as_string(), "limit");
    const Reply bad_cursor = api_get("/api/calls?cursor=%00nonsense");
    EXPECT_EQ(bad_cursor.status, 400);
    EXPECT_EQ(parse(bad_cursor).at("field").as_string(), "cursor");
}

TEST_F(ApiRoutesTest, tells_a_calls_whole_story_by_any_of_its_ids) {
    know_call(sid, "conv_1");
    serve();
    for (const char* id : {sid, "conv_1"}) {
        const Reply reply = api_get("/api/calls/" + std::string(id));
        ASSERT_EQ(reply.status, 200) << reply.body;
        const json::value body = parse(reply);
        EXPECT_EQ(body.at("call").at("id").as_string(), sid);
        EXPECT_EQ(body.at("call").at("state").as_string(), "open");
        EXPECT_FALSE(body.at("why").as_string().empty());
        EXPECT_TRUE(body.at("record").is_null());
        EXPECT_EQ(body.at("events").as_array().size(), 1U);
        EXPECT_EQ(body.at("events").at(0).at("payload").at("CallStatus").as_string(), "ringing");
        EXPECT_TRUE(body.at("deliveries").as_array().empty());
    }
    EXPECT_EQ(api_get("/api/calls/CA-unknown").status, 404);
}

TEST_F(ApiRoutesTest, shows_as_json_what_a_sender_nested_deeply) {
    AppendEvent append;
    append.event.kind = EventKind::elevenlabs_transcription;
    append.event.call_sid = sid;
    append.event.conversation_id = "c";
    append.event.dedup_key = "deep";
    append.event.payload =
        R"({"conversation_id":"c","x":)" + std::string(199, '[') + std::string(199, ']') + "}";
    commit(append);
    serve();
    const Reply reply = api_get(std::string("/api/calls/") + sid);
    EXPECT_EQ(reply.status, 200);
    EXPECT_NE(reply.body.find(R"("x":[[[[)"), std::string::npos);
}

TEST_F(ApiRoutesTest, takes_metadata_for_calls_known_or_not) {
    know_call(sid, "conv_1");
    serve();
    const char* body = R"({"name":"Ada","campaign":{"id":"c1"}})";
    EXPECT_EQ(api_send("PUT", "/api/calls/conv_1/metadata", body).status, 204);
    EXPECT_EQ(actions.asked.back(), sid) << "the conversation stands for its call";
    EXPECT_EQ(actions.metadata.name, "Ada");
    EXPECT_EQ(actions.metadata.campaign_id, "c1");
    EXPECT_EQ(api_send("PUT", "/api/calls/CA9/metadata", body).status, 204);
    EXPECT_EQ(actions.asked.back(), "CA9");
    const Reply bad = api_send("PUT", "/api/calls/CA9/metadata", R"({"nmae":"Ada"})");
    EXPECT_EQ(bad.status, 400);
    EXPECT_EQ(parse(bad).at("field").as_string(), "nmae");
    EXPECT_EQ(api_send("PUT", "/api/calls/a%20b/metadata", body).status, 400);
    actions.done = Error{Errc::unavailable, "the disk is full"};
    EXPECT_EQ(api_send("PUT", "/api/calls/CA9/metadata", body).status, 503);
}

TEST_F(ApiRoutesTest, campaigns_and_contacts_are_made_and_listed) {
    for (const char* id : {"c1", "c2", "c3"}) commit(PutCampaign{{id, "Spring", ""}});
    commit(PutContact{{"+61413052898", "Ada"}});
    serve();
    EXPECT_EQ(api_send("POST", "/api/campaigns", R"({"id":"c4","name":"Autumn"})").status, 201);
    EXPECT_EQ(actions.campaign, (Campaign{"c4", "Autumn", ""}));
    EXPECT_EQ(api_send("POST", "/api/contacts", R"({"phone":"+6141","name":"Bob"})").status, 201);
    EXPECT_EQ(actions.contact, (Contact{"+6141", "Bob"}));

    const json::value first = parse(api_get("/api/campaigns?limit=2"));
    EXPECT_EQ(first.at("campaigns").as_array().size(), 2U);
    const std::string cursor(first.at("next_cursor").as_string());
    const json::value second = parse(api_get("/api/campaigns?limit=2&cursor=" + cursor));
    ASSERT_EQ(second.at("campaigns").as_array().size(), 1U);
    EXPECT_EQ(second.at("campaigns").at(0).at("id").as_string(), "c3");
    EXPECT_TRUE(second.at("next_cursor").is_null());
    const json::value contacts = parse(api_get("/api/contacts"));
    EXPECT_EQ(contacts.at("contacts").at(0).at("phone").as_string(), "+61413052898");
}

TEST_F(ApiRoutesTest, a_destinations_breaker_is_shown) {
    const UtcTime since = clock.now() - seconds{90};
    commit(PutBreaker{"crm", {BreakerState::open, since, clock.now() + seconds{5}, 0}});
    serve();
    const json::value crm = parse(api_get("/api/destinations")).at("destinations").at(0);
    EXPECT_EQ(crm.at("breaker").as_string(), "open");
    EXPECT_EQ(crm.at("breaker_since").as_string(), format_rfc3339(since));
    EXPECT_EQ(crm.at("retry_at").as_string(), format_rfc3339(clock.now() + seconds{5}));
    EXPECT_EQ(crm.at("concurrency").as_int64(), 0);
    EXPECT_EQ(crm.at("earlier").as_int64(), 0);
}

TEST_F(ApiRoutesTest, destinations_are_paused_and_resumed) {
    SetDestination paused;
    paused.name = "crm";
    paused.state = DestinationState::paused;
    paused.at = clock.now();
    serve();
    EXPECT_EQ(parse(api_get("/api/destinations")).at("destinations").at(0).at("state").as_string(),
              "active");
    commit(paused);
    EXPECT_EQ(parse(api_get("/api/destinations")).at("destinations").at(0).at("state").as_string(),
              "paused");
    EXPECT_EQ(ask(request("POST", "/api/destinations/crm/pause", "", with_token())).status, 200);
    EXPECT_EQ(actions.destination_state, DestinationState::paused);
    EXPECT_EQ(
        ask("POST /api/destinations/crm/resume HTTP/1.1\r\nHost: a\r\n" + with_token() + "\r\n")
            .status,
        200);
    EXPECT_EQ(actions.destination_state, DestinationState::active);
    EXPECT_EQ(api_send("POST", "/api/destinations/other/pause", "").status, 404);
}

TEST_F(ApiRoutesTest, destinations_are_listed_with_what_waits_for_them) {
    serve();
    know_call("CA1");
    const ClaimedCall claimed = *store.claim_call("CA1", clock.now(), seconds{60});
    SettleCall op;
    op.call_id = "CA1";
    op.fence = claimed.fence;
    op.seen_events_count = claimed.call.events_count;
    SettleCall::Fix fix;
    fix.body = "{}";
    fix.deliveries = {{"crm", "msg_1", {}, {}}, {"lake", "msg_1", {}, {}}};
    op.then = fix;
    commit(op);
    commit(SetDestination{"lake", DestinationState::removed, clock.now()});
    const json::value body = parse(api_get("/api/destinations"));
    ASSERT_EQ(body.at("destinations").as_array().size(), 2U);
    const json::value& crm = body.at("destinations").at(0);
    EXPECT_EQ(crm.at("name").as_string(), "crm");
    EXPECT_EQ(crm.at("kind").as_string(), "webhook");
    EXPECT_EQ(crm.at("pending").as_int64(), 1);
    EXPECT_EQ(crm.at("parked").as_int64(), 0);
    const json::value& lake = body.at("destinations").at(1);
    EXPECT_EQ(lake.at("name").as_string(), "lake");
    EXPECT_EQ(lake.at("state").as_string(), "removed");
    EXPECT_EQ(lake.at("parked").as_int64(), 1);
    const json::value story = parse(api_get("/api/calls/CA1"));
    EXPECT_EQ(story.at("why").as_string(),
              "To lake: Parked: no settings name the destination any more. Put it back into "
              "wrapup.toml and restart, and the record goes out. To crm: The record is fixed and "
              "about to be sent.");
}

TEST_F(ApiRoutesTest, tells_state_and_numbers) {
    serve();
    EXPECT_EQ(ask(get("/healthz")).body, "ok\n");
    EXPECT_EQ(ask(get("/metrics")).body, "wrapup_up 1\n");
    EXPECT_THAT(ask(get("/")).body, HasSubstr("wrapup"));
    const Reply ready = ask(get("/readyz"));
    EXPECT_EQ(ready.status, 200);
    EXPECT_EQ(parse(ready).at("dependencies").at("store").as_string(), "ok");
    loop.ask([this] {
        front->set_serving();
        return 0;
    });
}

TEST_F(ApiRoutesTest, is_not_ready_before_start_up_is_over_nor_while_stopping) {
    options.dependencies = [] {
        return std::vector<std::pair<std::string, std::string>>{{"metadata", "away"}};
    };
    front.emplace(loop.io.get_executor(), options,
                  HttpFrontPorts{events, actions, store, pool, pool, clock, log, metrics, nullptr,
                                 nullptr, &store});
    ASSERT_TRUE(front->listen());
    front->start();
    loop.start();
    Client client(front->port());
    const Reply starting = client.ask(get("/readyz"));
    EXPECT_EQ(starting.status, 503);
    EXPECT_EQ(parse(starting).at("status").as_string(), "starting");
    EXPECT_EQ(parse(starting).at("dependencies").at("metadata").as_string(), "away");
    loop.ask([this] {
        front->set_serving();
        return 0;
    });
    EXPECT_EQ(client.ask(get("/readyz")).status, 200);
}

TEST_F(ApiRoutesTest, an_admin_listener_takes_the_api_away_from_the_internet) {
    options.admin_listen = ListenPoint{"127.0.0.1", 0};
    serve();
    const auto ask_admin = [this](const std::string& bytes) {
        return Client(front->admin_port()).ask(bytes).status;
    };
    for (const char* target : {"/", "/metrics", "/api/calls"}) {
        EXPECT_EQ(ask(get(target, with_token())).status, 404) << target;
        EXPECT_EQ(ask_admin(get(target, with_token())), 200) << target;
    }
    for (const char* target : {"/healthz", "/readyz"}) {
        EXPECT_EQ(ask(get(target)).status, 200) << target;
        EXPECT_EQ(ask_admin(get(target)), 200) << target;
    }
    for (const char* target : {"/call-status-callback", "/webhooks/elevenlabs"})
        EXPECT_EQ(ask_admin(post(target, "")), 404) << target;
    EXPECT_EQ(ask(post("/call-status-callback", "")).status, 415);
}

}  // namespace
}  // namespace wrapup
