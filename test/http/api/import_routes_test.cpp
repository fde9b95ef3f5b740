#include "http/api/import_routes.hpp"

#include <gmock/gmock.h>

#include "test/http/front_fixture.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;
using Kind = ImportLineKind;

const std::string sid = "CA" + std::string(32, '1');

TEST(ImportLines, are_calls_campaigns_or_contacts) {
    const auto calls =
        parse_import_lines(Kind::calls, "{\"call_sid\":\"" + sid + "\",\"name\":\"Ada\"}\n\n" +
                                            R"({"callSid":"conv_2","to":"+1"})");
    ASSERT_TRUE(calls && calls->bad.empty());
    ASSERT_EQ(calls->items.size(), 2U);
    EXPECT_EQ(std::get<ImportedCall>(calls->items[0]).metadata.name, "Ada");
    EXPECT_EQ(std::get<ImportedCall>(calls->items[1]).call_id, "conv_2");
    const auto campaigns = parse_import_lines(Kind::campaigns, R"({"id":"c1","name":"Spring"})");
    EXPECT_EQ(std::get<Campaign>(campaigns->items.at(0)), (Campaign{"c1", "Spring", ""}));
    const auto contacts = parse_import_lines(Kind::contacts, R"({"phone":"+1 2","name":"Ada"})");
    EXPECT_EQ(std::get<Contact>(contacts->items.at(0)), (Contact{"+12", "Ada"}));
}

TEST(ImportLines, that_are_bad_are_named_and_the_rest_is_taken) {
    const auto lines = parse_import_lines(
        Kind::calls,
        "nonsense\n{\"name\":\"secret\"}\n{\"call_sid\":\"" + sid + "\"}\n{\"call_sid\":\"" + sid +
            "\",\"x\":1}\n{\"call_sid\":7}\n{\"call_sid\":\"CA123\",\"name\":\"secret\"}\n"
            "{\"call_sid\":\"" +
            sid + "\",\"name\":\"Ada\"}\n");
    ASSERT_TRUE(lines);
    EXPECT_EQ(lines->items.size(), 1U);
    ASSERT_EQ(lines->bad.size(), 6U);
    for (std::size_t i = 0; i < lines->bad.size(); ++i) {
        EXPECT_EQ(lines->bad[i].line, i + 1);
        EXPECT_THAT(lines->bad[i].detail, Not(HasSubstr("secret")));
    }
}

TEST(ImportLines, are_at_most_a_thousand) {
    std::string body;
    for (int i = 0; i < 1000; ++i) body += "{\"id\":\"c\",\"name\":\"n\"}\n";
    EXPECT_TRUE(parse_import_lines(Kind::campaigns, body));
    EXPECT_FALSE(parse_import_lines(Kind::campaigns, body + "x"));
}

class ImportRoute : public FrontTest {};

constexpr const char* two_contacts =
    "{\"phone\":\"+1\",\"name\":\"Ada\"}\n{\"phone\":\"+2\",\"name\":\"Grace\"}\nx\n";

TEST_F(ImportRoute, writes_what_is_new_and_names_what_is_bad) {
    const StoreOp known = PutContact{{"+1", "Ada"}};
    ASSERT_TRUE(store.commit({&known, 1}, clock.now()));
    serve();
    const Reply reply = api_send("POST", "/api/import?kind=contacts", two_contacts);
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body,
              R"({"changed":1,"unchanged":1,"bad":[{"line":3,"detail":"the body is not JSON"}]})");
    EXPECT_EQ(actions.contact, (Contact{"+2", "Grace"}));
}

TEST_F(ImportRoute, a_dry_run_writes_nothing) {
    serve();
    const Reply reply = api_send("POST", "/api/import?kind=contacts&dry_run=true", two_contacts);
    EXPECT_THAT(reply.body, HasSubstr(R"("changed":2)"));
    EXPECT_EQ(actions.contact, Contact{});
}

TEST_F(ImportRoute, says_503_when_it_cannot_write) {
    actions.done = Error{Errc::unavailable, "the disk is full"};
    serve();
    EXPECT_EQ(api_send("POST", "/api/import?kind=contacts", two_contacts).status, 503);
}

TEST_F(ImportRoute, refuses_strangers_and_nonsense) {
    serve();
    EXPECT_EQ(ask(request("POST", "/api/import?kind=contacts", two_contacts)).status, 401);
    EXPECT_EQ(api_send("POST", "/api/import", two_contacts).status, 400);
    EXPECT_EQ(api_send("POST", "/api/import?kind=people", two_contacts).status, 400);
    EXPECT_EQ(actions.contact, Contact{});
}

}  // namespace
}  // namespace wrapup
