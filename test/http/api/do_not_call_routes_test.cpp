#include "http/api/do_not_call_routes.hpp"

#include <gmock/gmock.h>

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

class DoNotCallRoute : public FrontTest {};

TEST_F(DoNotCallRoute, takes_one_number_or_a_list) {
    serve();
    const Reply one = api_send("POST", "/api/do-not-call",
                               R"({"phone":"+61 413 052 898","reason":"asked by letter"})");
    EXPECT_EQ(one.status, 201);
    EXPECT_EQ(one.body, R"({"listed":1})");
    EXPECT_THAT(actions.do_not_call,
                ElementsAre(DoNotCall{"+61413052898", "asked by letter", "api", clock.now()}));
    const Reply list = api_send("POST", "/api/do-not-call",
                                R"({"numbers":["+61413052898",{"phone":"+1 202 555 0177"}]})");
    EXPECT_EQ(list.body, R"({"listed":2})");
    ASSERT_THAT(actions.do_not_call, SizeIs(2));
    EXPECT_EQ(actions.do_not_call[1].phone, "+12025550177");
}

TEST_F(DoNotCallRoute, refuses_the_whole_request_and_names_the_field) {
    serve();
    const std::string long_reason(501, 'x');
    for (const auto& [body, field] : std::vector<std::pair<std::string, std::string>>{
             {"{}", "phone"},
             {R"({"phone":7})", "phone"},
             {R"({"phone":"+1","reason":["x"]})", "reason"},
             {R"({"phone":"+1","reason":")" + long_reason + "\"}", "reason"},
             {R"({"numbers":[]})", "numbers"},
             {R"({"numbers":"+1"})", "numbers"},
             {R"({"numbers":["+1",{"reason":"x"}]})", "numbers[1].phone"},
             {R"({"numbers":["+1",null]})", "numbers[1].phone"},
             {R"({"phone":"+1","numbers":["+2"]})", "phone"},
             {R"({"numbers":["+2"],"reason":"x"})", "reason"},
             {R"({"phone":"+1","phone":"+2"})", "phone"},
             {R"({"phone":"+1","\u0070hone":"+2"})", "phone"},
             {R"({"phone":"+1","note":"x"})", "note"},
             {R"({"numbers":[{"phone":"+1","phone":"+2"}]})", "phone"},
             {R"({"numbers":[{"phone":"+1","numbers":["+2"]}]})", "numbers[0].numbers"}}) {
        const Reply reply = api_send("POST", "/api/do-not-call", body);
        EXPECT_EQ(reply.status, 400) << body;
        EXPECT_THAT(reply.body, HasSubstr(R"("field":")" + field + '"')) << body;
    }
    EXPECT_EQ(api_send("POST", "/api/do-not-call", "nonsense").status, 400);
    std::string many = R"({"numbers":[)";
    for (int i = 0; i < 1001; ++i) many += i == 0 ? "\"+1\"" : ",\"+1\"";
    EXPECT_EQ(api_send("POST", "/api/do-not-call", many + "]}").status, 400);
    EXPECT_THAT(actions.do_not_call, IsEmpty());
    EXPECT_EQ(ask(post("/api/do-not-call", R"({"phone":"+1"})")).status, 401);
}

TEST_F(DoNotCallRoute, lists_in_pages) {
    const StoreOp put = PutDoNotCall{
        {{"+1", "", "api", from_unix_s(1)}, {"+2", "by letter", "import", from_unix_s(2)}}};
    ASSERT_TRUE(store.commit({&put, 1}, clock.now()));
    serve();
    const Reply first = api_get("/api/do-not-call?limit=1");
    EXPECT_EQ(first.status, 200);
    EXPECT_THAT(first.body, HasSubstr(R"("phone":"+1")"));
    EXPECT_THAT(first.body, HasSubstr("1970-01-01T00:00:01.000Z"));
    const Reply second = api_get("/api/do-not-call?cursor=" + list_cursor("+1"));
    EXPECT_EQ(second.body,
              R"({"do_not_call":[{"phone":"+2","reason":"by letter","source":"import",)"
              R"("since":"1970-01-01T00:00:02.000Z"}],"next_cursor":null})");
    EXPECT_EQ(api_get("/api/do-not-call?limit=0").status, 400);
}

TEST_F(DoNotCallRoute, takes_a_number_off) {
    serve();
    EXPECT_EQ(api_send("DELETE", "/api/do-not-call/+61%20413052898", "").status, 204);
    EXPECT_THAT(actions.dropped, ElementsAre("+61413052898"));
    actions.done = Error{Errc::not_found, "the number is not on the do-not-call list"};
    EXPECT_EQ(api_send("DELETE", "/api/do-not-call/+1", "").status, 404);
}

TEST_F(DoNotCallRoute, says_503_when_it_cannot_write) {
    actions.done = Error{Errc::unavailable, "the disk is full"};
    serve();
    EXPECT_EQ(api_send("POST", "/api/do-not-call", R"({"phone":"+1"})").status, 503);
}

}  // namespace
}  // namespace wrapup
