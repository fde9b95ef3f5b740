#include "http/api/placing_input.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace wrapup {
namespace {

constexpr UtcTime now = from_unix_s(1'772'366'400);

template <class T>
std::string blamed(const Parsed<T>& parsed) {
    const auto* const bad = std::get_if<BadInput>(&parsed);
    return bad == nullptr ? "nothing" : bad->field;
}

TEST(PlacingInput, refuses_what_is_said_twice) {
    const std::pair<const char*, const char*> rows[] = {
        {R"({"to":"+61413052898","not_before":"2026-12-20T00:00:00Z"})", "nothing"},
        {R"({"to":"+61413052898","notBefore":"2026-12-20T00:00:00Z","not_before":null})",
         "nothing"},
        {R"({"to":"+61413052898","not_before":"2026-12-20T00:00:00Z",)"
         R"("notBefore":"2026-12-01T00:00:00Z"})",
         "not_before"},
        {R"({"to":"+61413052898","notAfter":"2026-12-20T00:00:00Z",)"
         R"("not_after":"2026-12-01T00:00:00Z"})",
         "not_after"},
        {R"({"to":"+61413052898","time_zone":"Asia/Tokyo","timeZone":"UTC"})", "time_zone"},
        {R"({"to":"+61413052898","to":"+61413052899"})", "to"},
        {R"({"to":"+61413052898","variables":{"a":"1","a":"2"}})", "a"},
        {R"({"to":"+61413052898","variables":{"order_no":"1","orderNo":"2"}})", "nothing"},
        {R"({"to":"+61413052898","variables":{"order":{"no":1}}})", "variables.order"},
    };
    for (const auto& [body, field] : rows) {
        EXPECT_EQ(blamed(parse_place_request(body, now)), field) << body;
    }
    EXPECT_EQ(blamed(parse_list_request(
                  R"({"calls":["+61413052898"],"dry_run":true,"dryRun":false})", now)),
              "dry_run");
    EXPECT_EQ(
        blamed(parse_list_request(R"({"calls":[{"to":"+61413052898","to":"+61413052899"}]})", now)),
        "to");
}

TEST(PlacingInput, a_body_that_is_not_utf8_is_refused) {
    const auto detail = [](const auto& parsed) {
        const auto* const bad = std::get_if<BadInput>(&parsed);
        return bad == nullptr ? "nothing" : bad->detail;
    };
    EXPECT_EQ(detail(parse_place_request("{\"to\":\"+61413052898\",\"name\":\"Caf\xe9\"}", now)),
              "the body is not UTF-8");
    EXPECT_EQ(detail(parse_place_request("{\"to\":\"+61413052898\",\"variables\":{\"a\":\"\xff\"}}",
                                         now)),
              "the body is not UTF-8");
    EXPECT_EQ(detail(parse_list_request(
                  "{\"calls\":[{\"to\":\"+61413052898\",\"name\":\"Caf\xe9\"}]}", now)),
              "the body is not UTF-8");
    // Half of a surrogate pair is no letter either.
    EXPECT_EQ(detail(parse_place_request(R"({"to":"+61413052898","name":"\ud83d"})", now)),
              "the body is not JSON");
    EXPECT_EQ(
        detail(parse_place_request("{\"to\":\"+61413052898\",\"name\":\"Caf\xc3\xa9\"}", now)),
        "nothing");
}

TEST(PlacingInput, a_row_has_one_number) {
    const auto row = [](const char* text) {
        return blamed(parse_list_row(boost::json::parse(text)));
    };
    EXPECT_EQ(row(R"({"phone":"+61413052898"})"), "nothing");
    EXPECT_EQ(row(R"({"to":null,"phone":"+61413052898"})"), "nothing");
    EXPECT_EQ(row(R"({"to":"+61413052898","phone":"+61413052899"})"), "phone");
    EXPECT_EQ(row(R"({"phone":"+61413052898","phoneNumber":"+61413052899"})"), "phone_number");
}

}  // namespace
}  // namespace wrapup
