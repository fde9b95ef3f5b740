#include "adapters/elevenlabs/elevenlabs_rest.hpp"

#include <gtest/gtest.h>

#include "adapters/elevenlabs/conversation_list.hpp"
#include "test/adapters/fake_transport.hpp"
#include "test/adapters/run_task.hpp"

namespace wrapup {
namespace {

using Kind = HttpAnswer::Kind;

constexpr const char* document =
    R"({"conversation_id":"conv_1","agent_id":"agent_1","status":"done",)"
    R"("transcript":[{"role":"user","message":"private words"}],)"
    R"("analysis":{"transcript_summary":"They agreed."}})";

struct ElevenLabsRestTest : testing::Test {
    ElevenLabsAnswer<FetchedConversation> fetch(std::string id) {
        return run_task(api.fetch_conversation(std::move(id)));
    }
    ElevenLabsAnswer<ConversationList> list(ConversationQuery query) {
        return run_task(api.list_conversations(std::move(query)));
    }

    FakeTransport transport;
    FixedClock clock{*parse_rfc3339("2026-03-01T12:00:00Z")};
    ElevenLabsRest api{transport, clock, "https://api.test/", "key"};
};

TEST_F(ElevenLabsRestTest, fetches_a_conversation_without_its_transcript) {
    transport.say(200, document);

    const auto answer = fetch("conv_1");

    ASSERT_TRUE(answer.value);
    EXPECT_FALSE(answer.error);
    EXPECT_EQ(answer.value->conversation.status, ConversationStatus::done);
    EXPECT_EQ(answer.value->conversation.summary, "They agreed.");
    EXPECT_EQ(answer.value->payload.find("private words"), std::string::npos);
    const HttpRequest& request = transport.requests.at(0);
    EXPECT_EQ(request.method, "GET");
    EXPECT_EQ(request.url, "https://api.test/v1/convai/conversations/conv_1");
    EXPECT_EQ(header_of(request, "xi-api-key"), "key");
    EXPECT_EQ(request.total_timeout, milliseconds{10'000});
    EXPECT_EQ(request.answer_bytes_max, 16U << 20U);
}

TEST_F(ElevenLabsRestTest, an_answer_about_another_conversation_is_none) {
    transport.say(200, document);
    const auto answer = fetch("conv_2");
    ASSERT_TRUE(answer.error);
    EXPECT_EQ(answer.error->error.code, Errc::invalid_input);
    EXPECT_FALSE(answer.value);
}

TEST_F(ElevenLabsRestTest, an_id_cannot_leave_its_place_in_the_url) {
    transport.say(404, "");
    EXPECT_EQ(fetch("../agents?x=1#y z").error->error.code, Errc::not_found);
    EXPECT_EQ(transport.requests.at(0).url,
              "https://api.test/v1/convai/conversations/..%2Fagents%3Fx%3D1%23y%20z");
    for (const std::string& id :
         {std::string(), std::string("."), std::string(".."), std::string(1'000, 'a')}) {
        EXPECT_EQ(fetch(id).error->error.code, Errc::not_found);
    }
    EXPECT_EQ(transport.requests.size(), 1U);
}

TEST_F(ElevenLabsRestTest, lists_with_every_filter) {
    transport.say(200, R"({"conversations":[],"next_cursor":null,"has_more":false})");
    ConversationQuery query;
    query.started_after = from_unix_s(1'700'000'000);
    query.started_before = from_unix_s(1'700'000'600);
    query.agent_id = "agent 1";
    query.variable_call_sid = "CA0123456789abcdef0123456789abcdef";
    query.cursor = "a+b/c=";

    ASSERT_TRUE(list(query).value);
    ASSERT_TRUE(list(ConversationQuery{}).value);

    EXPECT_EQ(transport.requests.at(0).url,
              "https://api.test/v1/convai/conversations?page_size=100"
              "&call_start_after_unix=1700000000&call_start_before_unix=1700000600"
              "&agent_id=agent%201&dynamic_variable_params=twilio_call_sid%3Aeq%3A"
              "CA0123456789abcdef0123456789abcdef&cursor=a%2Bb%2Fc%3D");
    EXPECT_EQ(transport.requests.at(1).url,
              "https://api.test/v1/convai/conversations?page_size=100");
    EXPECT_EQ(header_of(transport.requests.at(0), "xi-api-key"), "key");
}

TEST_F(ElevenLabsRestTest, reads_a_page) {
    transport.say(200, R"({"conversations":[
        {"conversation_id":"conv_1","agent_id":"agent_1","status":"in-progress",
         "direction":"outbound","start_time_unix_secs":1700000000,"call_duration_secs":12},
        {"agent_id":"agent_1"}, 7, null,
        {"conversation_id":"conv_2","start_time_unix_secs":"?","call_duration_secs":-1}],
        "next_cursor":"next","has_more":true})");

    const auto answer = list(ConversationQuery{});

    ASSERT_TRUE(answer.value);
    ASSERT_EQ(answer.value->items.size(), 2U);
    const ConversationListItem& first = answer.value->items[0];
    EXPECT_EQ(first.conversation_id, "conv_1");
    EXPECT_EQ(first.agent_id, "agent_1");
    EXPECT_EQ(first.status, ConversationStatus::in_progress);
    EXPECT_EQ(first.direction, Direction::outbound);
    EXPECT_EQ(first.started_at, from_unix_s(1'700'000'000));
    EXPECT_EQ(first.duration_s, 12);
    EXPECT_EQ(answer.value->items[1].conversation_id, "conv_2");
    EXPECT_FALSE(answer.value->items[1].started_at);
    EXPECT_FALSE(answer.value->items[1].duration_s);
    EXPECT_EQ(answer.value->next_cursor, "next");
}

TEST(ConversationList, the_cursor_of_the_last_page_is_empty) {
    const auto cursor = [](const char* json) {
        return parse_conversation_list(json).value().next_cursor;
    };
    EXPECT_EQ(cursor(R"({"conversations":[],"next_cursor":"x","has_more":false})"), "");
    EXPECT_EQ(cursor(R"({"conversations":[],"next_cursor":null,"has_more":true})"), "");
    EXPECT_EQ(cursor(R"({"conversations":[],"next_cursor":"x"})"), "x");
}

TEST(ConversationList, what_is_no_list_is_invalid) {
    for (const char* const json : {"", "[]", "{}", R"({"conversations":{}})", "nonsense"}) {
        const auto list = parse_conversation_list(json);
        ASSERT_FALSE(list) << json;
        EXPECT_EQ(list.error().code, Errc::invalid_input) << json;
    }
}

TEST_F(ElevenLabsRestTest, statuses_become_errors) {
    const std::vector<std::pair<int, Errc>> rows = {
        {404, Errc::not_found},     {401, Errc::unauthorized}, {403, Errc::unauthorized},
        {429, Errc::rate_limited},  {500, Errc::unavailable},  {503, Errc::unavailable},
        {422, Errc::invalid_input}, {302, Errc::unavailable},  {408, Errc::unavailable}};
    for (const auto& [status, code] : rows) {
        transport.say(status, R"({"detail":{"status":"some","message":"Said so"}})");
        const auto answer = fetch("conv_1");
        EXPECT_FALSE(answer.value);
        ASSERT_TRUE(answer.error) << status;
        EXPECT_EQ(answer.error->error.code, code) << status;
        EXPECT_EQ(answer.error->error.detail.find("HTTP " + std::to_string(status)), 0U);
        EXPECT_FALSE(answer.error->retry_after);
        ASSERT_TRUE(list(ConversationQuery{}).error) << status;
    }
}

TEST_F(ElevenLabsRestTest, retry_after_is_handed_on) {
    transport.say(429, "", "17");
    EXPECT_EQ(fetch("conv_1").error->retry_after, seconds{17});
    transport.say(503, "", "Sun, 01 Mar 2026 12:01:00 GMT");
    EXPECT_EQ(list(ConversationQuery{}).error->retry_after, seconds{60});
    transport.say(404, "", "17");
    EXPECT_EQ(fetch("conv_1").error->retry_after, std::nullopt);
}

TEST_F(ElevenLabsRestTest, faults_of_the_transport_become_errors) {
    const std::vector<std::pair<Kind, Errc>> rows = {{Kind::not_sent, Errc::unavailable},
                                                     {Kind::blocked, Errc::unavailable},
                                                     {Kind::unknown, Errc::timeout},
                                                     {Kind::too_large, Errc::invalid_input}};
    for (const auto& [kind, code] : rows) {
        transport.fail(kind);
        const auto answer = fetch("conv_1");
        EXPECT_FALSE(answer.value);
        EXPECT_EQ(answer.error->error, (Error{code, "it went wrong"}));
    }
}

TEST_F(ElevenLabsRestTest, a_document_that_cannot_be_read_is_invalid) {
    transport.say(200, R"({"status":"done"})");
    EXPECT_EQ(fetch("conv_1").error->error.code, Errc::invalid_input);
}

TEST_F(ElevenLabsRestTest, passes_on_what_leads_to_an_agent_and_nothing_else) {
    const std::string stream =
        R"(<Connect><Stream url="wss://x"><Parameter name="conversation_id" value="conv_1"/>)"
        R"(</Stream></Connect>)";
    const std::string twiml = "<Response>" + stream + "</Response>";
    transport.say(200, twiml);
    const auto agent = run_task(api.register_call(AgentOrder{}));
    ASSERT_TRUE(agent) << agent.error().detail;
    EXPECT_EQ(agent->twiml, twiml);
    EXPECT_EQ(agent->conversation_id, "conv_1");
    for (const std::string& other :
         {std::string("<Response/>"), "<Response>" + stream,
          "<Response><Dial>+19005550123</Dial>" + stream + "</Response>"}) {
        transport.say(200, other);
        const auto none = run_task(api.register_call(AgentOrder{}));
        ASSERT_FALSE(none) << other;
        EXPECT_EQ(none.error().code, Errc::invalid_input) << other;
    }
}

}  // namespace
}  // namespace wrapup
