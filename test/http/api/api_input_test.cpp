#include "http/api/api_input.hpp"

#include <gtest/gtest.h>

#include "http/api/replay_input.hpp"
#include "http/api/request_object.hpp"

namespace wrapup {
namespace {

std::string blamed(const Parsed<CallFilter>& parsed) {
    const auto* bad = std::get_if<BadInput>(&parsed);
    return bad == nullptr ? "nothing" : bad->field;
}

TEST(ApiInput, reads_every_filter) {
    const auto parsed = parse_call_filter(
        "state=parked&status=no+answer&campaign=Spring%20sale&phone=%2B61%20413&callSid=CA1"
        "&after=2026-03-01T10:00:00%2B02:00&before=2026-03-02&limit=7&cursor=abc"
        "&parked=Rejected&from=2026-03-01&to=2026-03-03");
    ASSERT_TRUE(std::holds_alternative<CallFilter>(parsed)) << blamed(parsed);
    const auto& filter = std::get<CallFilter>(parsed);
    EXPECT_EQ(filter.state, CallState::parked);
    EXPECT_EQ(filter.outcome, Outcome::no_answer);
    EXPECT_EQ(filter.parked, ParkReason::rejected);
    EXPECT_EQ(filter.campaign, "Spring sale");
    EXPECT_EQ(filter.phone, "+61413");
    EXPECT_EQ(filter.id, "CA1");
    EXPECT_EQ(filter.after, parse_rfc3339("2026-03-01T08:00:00Z"));
    EXPECT_EQ(filter.before, parse_rfc3339("2026-03-02T00:00:00Z"));
    EXPECT_EQ(filter.counted_in, (TimeSpan{*parse_rfc3339("2026-03-01T00:00:00Z"),
                                           *parse_rfc3339("2026-03-03T00:00:00Z")}));
    EXPECT_EQ(filter.limit, 7);
    EXPECT_EQ(filter.cursor, "abc");
}

TEST(ApiInput, reads_calls_without_a_campaign) {
    for (const auto& parsed :
         {parse_call_filter("no_campaign=true"), parse_call_search(R"({"no_campaign":true})")}) {
        ASSERT_TRUE(std::holds_alternative<CallFilter>(parsed)) << blamed(parsed);
        EXPECT_TRUE(std::get<CallFilter>(parsed).has_no_campaign);
    }
    const auto no = parse_call_search(R"({"no_campaign":false,"campaign":"Spring"})");
    ASSERT_TRUE(std::holds_alternative<CallFilter>(no)) << blamed(no);
    EXPECT_FALSE(std::get<CallFilter>(no).has_no_campaign);
}

TEST(ApiInput, a_span_of_the_ledger_may_be_open) {
    const auto parsed = parse_call_filter("from=2026-03-01");
    ASSERT_TRUE(std::holds_alternative<CallFilter>(parsed)) << blamed(parsed);
    const auto span = std::get<CallFilter>(parsed).counted_in;
    ASSERT_TRUE(span);
    EXPECT_EQ(span->from, parse_rfc3339("2026-03-01T00:00:00Z"));
    EXPECT_GT(span->until, parse_rfc3339("9999-12-31T00:00:00Z"));
}

TEST(ApiInput, forgives_a_plus_that_was_not_escaped) {
    const auto parsed = parse_call_filter("phone=+61413&after=2026-03-01T10:00:00+02:00");
    ASSERT_TRUE(std::holds_alternative<CallFilter>(parsed)) << blamed(parsed);
    EXPECT_EQ(std::get<CallFilter>(parsed).phone, "+61413");
    EXPECT_EQ(std::get<CallFilter>(parsed).after, parse_rfc3339("2026-03-01T08:00:00Z"));
}

TEST(ApiInput, names_the_filter_to_blame) {
    const std::pair<const char*, const char*> rows[] = {
        {"state=gone", "state"},
        {"status=fine", "status"},
        {"after=yesterday", "after"},
        {"before=1", "before"},
        {"limit=0", "limit"},
        {"limit=201", "limit"},
        {"limit=ten", "limit"},
        {"colour=red", "colour"},
        {"state=open&state=open", "state"},
        {"callSid=a&conversationId=b", "conversation_id"},
        {"campaign=", "campaign"},
        {"campaign=a&no_campaign=true", "no_campaign"},
        {"no_campaign=yes", "no_campaign"},
        {"parked=tired", "parked"},
        {"from=noon", "from"},
        {"to=x", "to"},
        {"campaign=%zz", ""},
    };
    for (const auto& [query, field] : rows) EXPECT_EQ(blamed(parse_call_filter(query)), field);
}

TEST(ApiInput, list_cursors_go_round) {
    for (const char* id : {"+61413052898", "a b", "\xc3\xa9"}) {
        const auto parsed = parse_list_query("limit=3&cursor=" + list_cursor(id));
        ASSERT_TRUE(std::holds_alternative<ListQuery>(parsed));
        EXPECT_EQ(std::get<ListQuery>(parsed).after, id);
        EXPECT_EQ(std::get<ListQuery>(parsed).limit, 3);
    }
    EXPECT_TRUE(std::holds_alternative<BadInput>(parse_list_query("cursor=xyz")));
    EXPECT_TRUE(std::holds_alternative<BadInput>(parse_list_query("state=open")));
}

TEST(ApiInput, takes_metadata_in_both_spellings) {
    CallMetadata wanted;
    wanted.name = "Ada";
    wanted.campaign_id = "c1";
    wanted.campaign_name = "Spring";
    wanted.campaign_description = "Sale";
    wanted.conversation_id = "conv_1";
    for (const char* json :
         {R"({"name":"Ada","campaign":{"id":"c1","name":"Spring","description":"Sale"},
              "conversationId":"conv_1","to":null})",
          R"({"name":"Ada","campaignId":"c1","campaign_name":"Spring",
              "campaign_description":"Sale","conversation_id":"conv_1"})"}) {
        const auto parsed = parse_metadata(json);
        ASSERT_TRUE(std::holds_alternative<CallMetadata>(parsed))
            << std::get<BadInput>(parsed).field << std::get<BadInput>(parsed).detail;
        EXPECT_EQ(std::get<CallMetadata>(parsed), wanted);
    }
}

TEST(ApiInput, names_the_member_to_blame) {
    const std::pair<const char*, const char*> rows[] = {
        {R"({"nam":"Ada"})", "nam"},
        {R"({"name":"Ada","name":"Bob"})", "name"},
        {R"({"campaign":{"id":"a","id":"b"}})", "id"},
        {R"({"name":7})", "name"},
        {R"({"campaign":"c1"})", "campaign"},
        {R"({"campaign":{"title":"x"}})", "campaign.title"},
        {R"({"campaign":{"campaign":{"id":"x"}}})", "campaign.campaign"},
        {R"({"campaign":{"id":"a"},"campaignId":"b"})", "campaignId"},
        {R"({"conversationId":"a b"})", "conversation_id"},
        {"{}", ""},
        {"[]", ""},
        {"", ""},
        {"{\"name\":\"\xff\"}", ""},
    };
    for (const auto& [json, field] : rows) {
        const auto parsed = parse_metadata(json);
        ASSERT_TRUE(std::holds_alternative<BadInput>(parsed)) << json;
        EXPECT_EQ(std::get<BadInput>(parsed).field, field) << json;
    }
}

TEST(ApiInput, campaigns_and_contacts_have_what_identifies_them) {
    const auto campaign = parse_campaign(R"({"id":"c1","name":"Spring"})");
    EXPECT_EQ(std::get<Campaign>(campaign), (Campaign{"c1", "Spring", ""}));
    EXPECT_EQ(std::get<BadInput>(parse_campaign(R"({"name":"x"})")).field, "id");
    const auto contact = parse_contact(R"({"phoneNumber":"+61 413 052 898","name":"Ada"})");
    EXPECT_EQ(std::get<Contact>(contact), (Contact{"+61413052898", "Ada"}));
    EXPECT_EQ(std::get<BadInput>(parse_contact(R"({"name":"Ada"})")).field, "phone");
    EXPECT_EQ(std::get<BadInput>(parse_contact(R"({"phone":"1"})")).field, "name");
    const auto mute = parse_contact(R"({"phone":"+1","name":"\u0000"})");
    EXPECT_EQ(std::get<BadInput>(mute).field, "name");
    const auto bell = parse_contact(R"({"phone":"+1","name":"A\u0007da\u001b[2J"})");
    EXPECT_EQ(std::get<Contact>(bell).name, "Ada");
    for (const char* json :
         {R"({"phone":"+1","campaign":"c1"})", R"({"phone":"+1","campaignId":"c1"})",
          R"({"phone":"+1","campaign_name":"c1"})",
          R"({"phone":"+1","campaign":{"id":"c1","name":"Spring"}})"}) {
        EXPECT_EQ(std::get<Contact>(parse_contact(json)), (Contact{"+1", "", "c1"})) << json;
    }
}

TEST(ApiInput, the_time_zone_of_a_contact_is_one) {
    const CheckTimeZone check = [](std::string_view zone) -> Result<void> {
        if (zone == "Europe/Berlin") return {};
        return Error{Errc::invalid_input, "is not the name of a time zone"};
    };
    for (const char* json : {R"({"phone":"+1","time_zone":"Europe/Berlin"})",
                             R"({"phone":"+1","timeZone":"Europe/Berlin"})"}) {
        EXPECT_EQ(std::get<Contact>(parse_contact(json, {}, check)),
                  (Contact{"+1", "", "", "Europe/Berlin"}));
    }
    EXPECT_EQ(std::get<BadInput>(parse_contact(R"({"phone":"+1","time_zone":"Mars"})", {}, check)),
              (BadInput{"time_zone", "is not the name of a time zone"}));
}

TEST(ApiInput, numbers_that_people_give_are_read) {
    const ReadPhone read = [](std::string_view text) -> Result<std::string> {
        if (text == "0413 052 898") return std::string("+61413052898");
        return Error{Errc::invalid_input, "is no phone number"};
    };
    const auto contact = parse_contact(R"({"phone":"0413 052 898","name":"Ada"})", read);
    EXPECT_EQ(std::get<Contact>(contact).phone, "+61413052898");
    EXPECT_EQ(std::get<BadInput>(parse_contact(R"({"phone":"x","name":"Ada"})", read)),
              (BadInput{"phone", "is no phone number"}));
    const auto metadata = parse_metadata(R"({"to":"0413 052 898"})", read);
    EXPECT_EQ(std::get<CallMetadata>(metadata).to, "+61413052898");
    EXPECT_EQ(std::get<BadInput>(parse_metadata(R"({"to":"x"})", read)),
              (BadInput{"to", "is no phone number"}));
    const auto filter = parse_call_filter("phone=0413+052+898", {}, read);
    EXPECT_EQ(std::get<CallFilter>(filter).phone, "+61413052898");
    EXPECT_EQ(std::get<CallFilter>(filter).phone_end, "413052898");
    for (const auto& [text, end] : {std::pair{"052898", "52898"},
                                    {"(0413)+052-898", "413052898"},
                                    {"52898", ""},
                                    {"%2B61413052898", ""},
                                    {"0061413052898", ""},
                                    {"sip%3A052898", ""}}) {
        const auto found = parse_call_filter("name=mia&phone=" + std::string(text), {}, {});
        EXPECT_EQ(std::get<CallFilter>(found).phone_end, end) << text;
        EXPECT_EQ(std::get<CallFilter>(found).name, "mia");
    }
    const auto as_written = parse_call_filter("phone=sip%3Abob", {}, read);
    EXPECT_EQ(std::get<CallFilter>(as_written).phone, "sip:bob");
}

TEST(ApiInput, a_date_is_a_day_of_the_ledger_wherever_it_is_given) {
    const TimeZone berlin("Europe/Berlin", 3600, {});
    const UtcTime midnight = *parse_rfc3339("2026-02-28T23:00:00Z");
    const auto calls = parse_call_filter("after=2026-03-01&from=2026-03-01", berlin);
    EXPECT_EQ(std::get<CallFilter>(calls).after, midnight);
    EXPECT_EQ(std::get<CallFilter>(calls).counted_in->from, midnight);
    const auto search = parse_call_search(R"({"before":"2026-03-01"})", berlin);
    EXPECT_EQ(std::get<CallFilter>(search).before, midnight);
    const auto stats =
        parse_stats_query("from=2026-03-01", berlin, midnight + std::chrono::hours{5});
    EXPECT_EQ(std::get<TimeSpan>(stats).from, midnight);
    const auto replay = parse_replay_request(R"({"filter":{"after":"2026-03-01"}})", berlin);
    EXPECT_EQ(std::get<ReplayRequest>(replay).order.filter.after, midnight);
    const auto deliveries = parse_delivery_filter("before=2026-03-01", berlin);
    EXPECT_EQ(std::get<DeliveryFilter>(deliveries).what.before, midnight);
    const auto with_time = parse_call_filter("after=2026-03-01T00:00:00Z", berlin);
    EXPECT_EQ(std::get<CallFilter>(with_time).after, midnight + std::chrono::hours{1});
}

TEST(ApiInput, shows_no_name_of_a_member_that_may_be_somebodys_number) {
    for (const char* const name : {"colour", "filter.colour", "phone_2", "not-after"}) {
        EXPECT_EQ(shown_name(name), name);
    }
    EXPECT_EQ(shown_name("+61413052898"), "(12 bytes)");
    EXPECT_EQ(shown_name("p61413052898"), "(12 bytes)");
    EXPECT_EQ(shown_name("Ada Example"), "(11 bytes)");
    EXPECT_EQ(shown_name("\xff"), "(1 bytes)");
    EXPECT_EQ(shown_name(""), "(0 bytes)");
    EXPECT_EQ(shown_name(std::string(65, 'x')), "(65 bytes)");
    const auto refused = parse_request_object(R"({"+61413052898":1,"+61413052898":2})");
    EXPECT_EQ(std::get<BadInput>(refused).field, "(12 bytes)");
}

}  // namespace
}  // namespace wrapup
