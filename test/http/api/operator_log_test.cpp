#include "http/api/operator_log.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>
#include <string>

#include "http/api/openapi.hpp"
#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

// Whoever changes something leaves a trace, or is named here with why not.
TEST(OperatorLog, every_changing_operation_of_the_api_is_noted_or_says_why_not) {
    const std::set<std::string> apart{
        "post /api/calls",             // The intent is the trace.
        "post /api/campaigns",         // Metadata, which programs hand over.
        "post /api/contacts",          // The same.
        "put /api/calls/{}/metadata",  // The same.
        "post /api/calls/search",      // Changes nothing.
        "post /api/session",           // SessionRoutes notes who was let in.
        "delete /api/session",         // The same.
    };
    const json::value document = json::parse(openapi());
    for (const auto& [path, item] : document.at("paths").as_object()) {
        if (!path.starts_with("/api/")) continue;
        std::string pattern(path);
        const auto open = pattern.find('{');
        if (open != std::string::npos) pattern.replace(open, pattern.find('}') - open + 1, "{}");
        for (const auto& [verb, operation] : item.as_object()) {
            if (verb == "get") continue;
            const Method method = verb == "post"  ? Method::post
                                  : verb == "put" ? Method::put
                                                  : Method::del;
            const std::string name = std::string(verb) + " " + pattern;
            EXPECT_NE(OperatorLog::notes(method, pattern), apart.contains(name)) << name;
        }
    }
}

class OperatorLogTest : public FrontTest {
protected:
    OperatorAction only_one() {
        if (actions.noted.size() != 1) {
            ADD_FAILURE() << actions.noted.size() << " were noted";
            return {};
        }
        return actions.noted.front();
    }
};

TEST_F(OperatorLogTest, an_action_is_noted_with_its_reason_before_it_is_answered) {
    serve();
    EXPECT_EQ(
        api_send("POST", "/api/destinations/crm/pause", R"({"reason":"the CRM moves"})").status,
        200);
    const OperatorAction noted = only_one();
    EXPECT_EQ(noted.act, OperatorAct::destination_paused);
    EXPECT_EQ(noted.at, clock.now());
    EXPECT_EQ(noted.subject, "crm");
    EXPECT_EQ(noted.who, "api");
    EXPECT_EQ(noted.reason, "the CRM moves");
    EXPECT_EQ(noted.refused, "");
}

TEST_F(OperatorLogTest, a_reason_that_would_be_cut_off_is_refused) {
    serve();
    const auto pause = [&](std::size_t size) {
        return api_send("POST", "/api/destinations/crm/pause",
                        R"({"reason":")" + std::string(size, 'x') + R"("})");
    };
    const Reply refused = pause(201);
    EXPECT_EQ(refused.status, 400);
    EXPECT_NE(refused.body.find(R"("field":"reason")"), std::string::npos) << refused.body;
    EXPECT_EQ(actions.destination_state, DestinationState::active);
    EXPECT_TRUE(actions.noted.empty());
    EXPECT_EQ(pause(200).status, 200);
    EXPECT_EQ(only_one().reason.size(), 200U);
}

TEST_F(OperatorLogTest, the_command_line_is_told_from_other_programs) {
    serve();
    ask(request("POST", "/api/destinations/crm/resume", "",
                with_token() + "User-Agent: wrapup/1.2.3\r\n"));
    EXPECT_EQ(only_one().who, "command line");
    EXPECT_EQ(only_one().act, OperatorAct::destination_resumed);
}

TEST_F(OperatorLogTest, what_is_refused_leaves_a_trace) {
    serve();
    EXPECT_EQ(api_send("POST", "/api/destinations/other/pause", "{}").status, 404);
    EXPECT_EQ(only_one().refused, "no destination of this name is configured");
}

TEST_F(OperatorLogTest, what_is_not_understood_is_no_action) {
    serve();
    EXPECT_EQ(api_send("POST", "/api/test-crm-webhook", "[]").status, 400);
    EXPECT_EQ(api_send("POST", "/api/do-not-call", "{").status, 400);
    EXPECT_EQ(ask(request("POST", "/api/destinations/crm/pause", "", "")).status, 401);
    EXPECT_TRUE(actions.noted.empty());
}

TEST_F(OperatorLogTest, of_a_number_only_its_ends_are_noted) {
    serve();
    EXPECT_EQ(api_send("POST", "/api/do-not-call",
                       R"({"phone":"+61413052898","reason":"a letter of Ada Example"})")
                  .status,
              201);
    EXPECT_EQ(api_send("DELETE", "/api/do-not-call/+61413052898", "").status, 204);
    ASSERT_EQ(actions.noted.size(), 2U);
    EXPECT_EQ(actions.noted[0].detail, "1 number");
    EXPECT_EQ(actions.noted[0].reason, "");
    EXPECT_EQ(actions.noted[1].subject, "+614•••••898");
}

TEST_F(OperatorLogTest, a_record_that_was_sent_is_noted_with_its_call) {
    serve();
    actions.answer = Error{Errc::not_found, "nobody knows this call"};
    api_send("POST", "/api/test-crm-webhook", R"({"callSid":"CA1","now":true})");
    EXPECT_EQ(only_one().subject, "CA1");
    EXPECT_EQ(only_one().refused, "nobody knows this call");
}

TEST_F(OperatorLogTest, an_action_that_cannot_be_noted_is_answered_all_the_same_and_logged) {
    serve();
    actions.note_done = Error{Errc::unavailable, "the disk is full"};
    EXPECT_EQ(api_send("POST", "/api/destinations/crm/pause", "{}").status, 200);
    const auto lines = log.lines();
    EXPECT_TRUE(std::ranges::any_of(lines, [](const auto& line) {
        return line.second.starts_with("what an operator did could not be noted");
    }));
}

TEST_F(OperatorLogTest, who_signs_in_and_out_is_noted_and_strangers_are_not) {
    serve();
    const std::string json_type = "Content-Type: application/json\r\n";
    EXPECT_EQ(ask(request("POST", "/api/session", R"({"token":"a guess"})", json_type)).status,
              401);
    EXPECT_EQ(ask(request("DELETE", "/api/session", "", "")).status, 204);
    EXPECT_TRUE(actions.noted.empty());
    EXPECT_EQ(ask(request("POST", "/api/session", R"({"token":"api-token"})", json_type)).status,
              204);
    EXPECT_EQ(only_one().act, OperatorAct::signed_in);
    EXPECT_EQ(only_one().who, "dashboard");
}

TEST_F(OperatorLogTest, the_log_is_paged) {
    for (const char* subject : {"a", "b", "c"}) {
        OperatorAction action;
        action.act = OperatorAct::destination_paused;
        action.who = "api";
        action.subject = subject;
        const StoreOp op = NoteAction{action};
        ASSERT_TRUE(store.commit(std::span(&op, 1), UtcTime{}));
    }
    serve();
    const json::value first = json::parse(api_get("/api/log?limit=2").body);
    ASSERT_EQ(first.at("entries").as_array().size(), 2U);
    EXPECT_EQ(first.at("entries").at(0).at("subject"), "c");
    EXPECT_EQ(first.at("entries").at(0).at("subject_kind"), "destination");
    const std::string cursor(first.at("next_cursor").as_string());
    const json::value second = json::parse(api_get("/api/log?limit=2&cursor=" + cursor).body);
    ASSERT_EQ(second.at("entries").as_array().size(), 1U);
    EXPECT_TRUE(second.at("next_cursor").is_null());
    EXPECT_EQ(api_get("/api/log?cursor=6e6f").status, 400);
}

}  // namespace
}  // namespace wrapup
