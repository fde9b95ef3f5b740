// What doctor finds out by asking, against peers on loopback.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/doctor/doctor.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "test/app/test_server.hpp"

namespace wrapup {
namespace {

using testing::AllOf;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::Not;
using Level = Finding::Level;

const std::string account = "AC" + std::string(32, 'e');

InspectedSettings inspect(const std::map<std::string, std::string>& environment) {
    SettingsInput input;
    input.environment = environment;
    input.environment.try_emplace("ELEVENLABS_WEBHOOK_SECRET", "s3cret");
    auto inspected = inspect_settings(input);
    EXPECT_THAT(inspected.problems, IsEmpty());
    return inspected;
}

std::string told(const std::vector<Finding>& findings) {
    std::string text;
    for (const auto& finding : findings) {
        text += finding.level == Level::broken ? "broken: "
                : finding.level == Level::note ? "note: "
                                               : "ok: ";
        text += finding.text + " -> " + finding.advice + "\n";
    }
    EXPECT_THAT(text, Not(HasSubstr("s3cret")));
    return text;
}

std::string ask_twilio(int status, const std::string& body) {
    TestServer server([&](const std::string&, const std::string&) {
        return CannedAnswer{status, body};
    });
    const auto inspected = inspect({{"TWILIO_ACCOUNT_SID", account},
                                    {"TWILIO_AUTH_TOKEN", "s3cret1,s3cret2"},
                                    {"SERVER_URL", "https://calls.example.com"},
                                    {"WRAPUP_TWILIO_BASE_URL", server.url()}});
    const std::string text = told(examine_network(inspected));
    EXPECT_EQ(server.requests().size(), 1U);
    EXPECT_THAT(server.requests().at(0),
                HasSubstr("GET /2010-04-01/Accounts/" + account + ".json HTTP/1.1"));
    EXPECT_THAT(server.requests().at(0), HasSubstr("Authorization: Basic "));
    return text;
}

TEST(DoctorNetwork, tries_twilios_credentials) {
    EXPECT_THAT(ask_twilio(200, R"({"status":"active"})"), HasSubstr("ok: Twilio accepts"));
    EXPECT_THAT(ask_twilio(200, R"({"status":"suspended"})"), HasSubstr("is suspended"));
    EXPECT_THAT(ask_twilio(401, R"({"code":20003})"), HasSubstr("broken: Twilio refuses"));
    EXPECT_THAT(ask_twilio(404, "{}"), HasSubstr("broken: Twilio does not know the account"));
    EXPECT_THAT(ask_twilio(503, ""), HasSubstr("note: Twilio answered 503"));
}

std::string ask_elevenlabs(int status, const std::string& body) {
    TestServer server([&](const std::string&, const std::string&) {
        return CannedAnswer{status, body};
    });
    const auto inspected =
        inspect({{"ELEVENLABS_API_KEY", "s3cret1"}, {"WRAPUP_ELEVENLABS_BASE_URL", server.url()}});
    const std::string text = told(examine_network(inspected));
    EXPECT_THAT(server.requests().at(0),
                HasSubstr("GET /v1/convai/conversations?page_size=1 HTTP/1.1"));
    EXPECT_THAT(server.requests().at(0), HasSubstr("xi-api-key: s3cret1\r\n"));
    return text;
}

TEST(DoctorNetwork, tells_a_wrong_key_from_one_without_permission) {
    EXPECT_THAT(ask_elevenlabs(200, R"({"conversations":[]})"), HasSubstr("ok: ElevenLabs acc"));
    EXPECT_THAT(ask_elevenlabs(401, R"({"detail":{"status":"invalid_api_key","message":"m"}})"),
                HasSubstr("broken: ElevenLabs refuses ELEVENLABS_API_KEY"));
    EXPECT_THAT(ask_elevenlabs(401, R"({"detail":{"status":"missing_permissions"}})"),
                HasSubstr("broken: ELEVENLABS_API_KEY lacks the permission convai_read"));
    EXPECT_THAT(ask_elevenlabs(401, "<html>"), HasSubstr("broken: ElevenLabs refuses"));
    EXPECT_THAT(ask_elevenlabs(429, ""), HasSubstr("note: ElevenLabs answered 429"));
}

TEST(DoctorNetwork, connects_to_the_crm_and_says_nothing) {
    TestServer server([](const std::string&, const std::string&) { return CannedAnswer{}; });
    const auto inspected = inspect({{"CRM_WEBHOOK_URL", server.url() + "/hook?k=s3cret"},
                                    {"WRAPUP_ALLOW_PRIVATE_TARGETS", "true"}});
    EXPECT_THAT(told(examine_network(inspected)), HasSubstr("ok: the CRM can be reached"));
    EXPECT_THAT(server.requests(), IsEmpty());
}

TEST(DoctorNetwork, knows_a_private_address_without_asking) {
    const auto seen = [](const std::string& url, const std::string& allows) {
        SettingsInput input;
        input.environment = {{"CRM_WEBHOOK_URL", url}, {"WRAPUP_ALLOW_PRIVATE_TARGETS", allows}};
        return examine_addresses(inspect_settings(input).settings);
    };
    for (const char* url :
         {"http://127.0.0.1:9/a", "https://10.1.2.3", "http://localhost:1", "https://[::1]/a"}) {
        const auto findings = seen(url, "false");
        ASSERT_EQ(findings.size(), 1U) << url;
        EXPECT_EQ(findings[0].level, Finding::Level::broken);
        EXPECT_THAT(findings[0].advice, HasSubstr("WRAPUP_ALLOW_PRIVATE_TARGETS"));
        EXPECT_TRUE(seen(url, "true").empty()) << url;
    }
    EXPECT_TRUE(seen("https://crm.example/a", "false").empty());
    EXPECT_TRUE(seen("https://8.8.8.8/a", "false").empty());
}

TEST(DoctorNetwork, tells_a_private_address_that_would_be_refused) {
    TestServer server([](const std::string&, const std::string&) { return CannedAnswer{}; });
    const auto inspected = inspect({{"CRM_WEBHOOK_URL", server.url()}});
    const std::string text = told(examine_network(inspected));
    EXPECT_THAT(text, HasSubstr("broken: the CRM is at a private address"));
    EXPECT_THAT(text, HasSubstr("WRAPUP_ALLOW_PRIVATE_TARGETS=true"));
}

TEST(DoctorNetwork, tells_who_cannot_be_reached) {
    const auto refused = inspect(
        {{"CRM_WEBHOOK_URL", "http://127.0.0.1:1/hook"}, {"WRAPUP_ALLOW_PRIVATE_TARGETS", "true"}});
    EXPECT_THAT(told(examine_network(refused)), HasSubstr("broken: the CRM cannot be reached"));
    const auto unresolved = inspect({{"CRM_WEBHOOK_URL", "https://crm.invalid/hook?k=s3cret"}});
    EXPECT_THAT(told(examine_network(unresolved)), HasSubstr("broken: the CRM"));
}

TEST(DoctorNetwork, tells_once_that_a_vendor_cannot_be_reached) {
    const auto inspected = inspect({{"TWILIO_ACCOUNT_SID", "AC" + std::string(32, '0')},
                                    {"TWILIO_AUTH_TOKEN", "s3cret1"},
                                    {"TWILIO_PHONE_NUMBER", "+15005550006"},
                                    {"SERVER_URL", "https://calls.example.com"},
                                    {"ELEVENLABS_API_KEY", "s3cret2"},
                                    {"ELEVENLABS_AGENT_ID", "agent_1"},
                                    {"WRAPUP_TWILIO_BASE_URL", "http://127.0.0.1:1"},
                                    {"WRAPUP_ELEVENLABS_BASE_URL", "http://127.0.0.1:1"}});
    const auto findings = examine_network(inspected);
    EXPECT_EQ(findings.size(), 2U) << told(findings);
    EXPECT_THAT(told(findings), AllOf(HasSubstr("broken: Twilio cannot be reached"),
                                      HasSubstr("broken: ElevenLabs cannot be reached")));
}

TEST(DoctorNetwork, tells_a_peer_without_tls) {
    TestServer server([](const std::string&, const std::string&) { return CannedAnswer{}; });
    std::string url = server.url();
    url.replace(0, 4, "https");
    const ConnectAnswer answer =
        probe_connect({.url = url, .proxy = "", .allows_private = true, .timeout = seconds{2}});
    EXPECT_NE(answer.kind, ConnectAnswer::Kind::connected);
}

TEST(DoctorNetwork, asks_nobody_while_settings_are_wrong) {
    SettingsInput input;
    input.environment = {{"CRM_WEBHOOK_URL", "nonsense"}, {"ELEVENLABS_API_KEY", "s3cret"}};
    EXPECT_THAT(examine_network(inspect_settings(input)), IsEmpty());
}

Level level_of_clock(seconds ahead) { return judge_clock(ahead).at(0).level; }

TEST(DoctorClock, may_be_off_by_half_a_minute_and_must_not_by_five) {
    EXPECT_THAT(judge_clock({}), IsEmpty());
    EXPECT_EQ(level_of_clock(seconds{0}), Level::good);
    EXPECT_EQ(level_of_clock(seconds{-30}), Level::good);
    EXPECT_EQ(level_of_clock(seconds{31}), Level::note);
    EXPECT_EQ(level_of_clock(seconds{-300}), Level::note);
    EXPECT_EQ(level_of_clock(seconds{301}), Level::broken);
    EXPECT_THAT(judge_clock(seconds{-400}).at(0).text, HasSubstr("behind"));
}

struct Row {
    const char* name;
    const char* url;
    const char* found;  // Empty: nothing.

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

constexpr Row rows[] = {
    {"plain", "https://calls.example.com", ""},
    {"http", "http://calls.example.com", "note: SERVER_URL is not https"},
    {"underscore", "https://my_calls.example.com", "broken: SERVER_URL has a name with an under"},
    {"localhost", "https://localhost", "broken: SERVER_URL is not a public name"},
    {"bare_name", "https://calls", "broken: SERVER_URL is not a public name"},
    {"private_address", "https://192.168.1.7", "broken: SERVER_URL is not a public name"},
    {"private_ipv6", "https://[fd00::1]", "broken: SERVER_URL is not a public name"},
    {"public_address", "https://93.184.216.34", ""},
    {"name_like_a_private_address", "https://10.0.0.1.example.com", ""},
    {"default_port", "https://calls.example.com:443", "note: SERVER_URL names the port"},
    {"other_port", "https://calls.example.com:8443", "note: SERVER_URL has a port, which Twilio"},
    {"path", "https://example.com/calls", "note: SERVER_URL has a path"},
    {"endpoint", "https://example.com/call-status-callback", "broken: SERVER_URL ends with an end"},
    {"older_endpoint", "https://example.com/api/twilio-status-callback",
     "broken: SERVER_URL ends with an endpoint's path"},
    {"odd_path", "https://example.com/a//b", "note: SERVER_URL has an unusual path"},
    {"user", "https://u:s3cret@example.com", "note: SERVER_URL has a user and password"},
};

class DoctorServerUrl : public testing::TestWithParam<Row> {};

TEST_P(DoctorServerUrl, is_judged) {
    Settings settings = inspect_settings({}).settings;
    settings.server_url = GetParam().url;
    const std::string text = told(examine_server_url(settings));
    if (*GetParam().found == '\0') {
        EXPECT_EQ(text, "");
    } else {
        EXPECT_THAT(text, testing::StartsWith(GetParam().found));
    }
}

INSTANTIATE_TEST_SUITE_P(Table, DoctorServerUrl, testing::ValuesIn(rows),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

TEST(DoctorServerUrl, may_be_local_where_twilio_is) {
    Settings settings = inspect_settings({}).settings;
    settings.server_url = "https://localhost";
    settings.twilio_base_url = "http://127.0.0.1:9000";
    EXPECT_THAT(told(examine_server_url(settings)), HasSubstr("note: SERVER_URL is not a public"));
}

TEST(DoctorChanged, settings_are_named_with_a_restart) {
    EXPECT_THAT(judge_changed({}), IsEmpty());
    const auto findings = judge_changed({"ELEVENLABS_API_KEY", "SERVER_URL"});
    ASSERT_EQ(findings.size(), 1U);
    EXPECT_EQ(findings[0].level, Level::broken);
    EXPECT_THAT(findings[0].text, HasSubstr("started: ELEVENLABS_API_KEY, SERVER_URL"));
    EXPECT_THAT(findings[0].advice, HasSubstr("restart it"));
}

TEST(DoctorRefusals, are_told_by_cause_where_they_may_be_calls) {
    const std::string text =
        "# TYPE wrapup_requests_rejected_total counter\n"
        "wrapup_requests_rejected_total{cause=\"wrong_path\"} 3\n"
        "wrapup_requests_rejected_total{cause=\"closed\"} 12\n"
        "wrapup_requests_rejected_total{cause=\"method\"} 0\n"
        "wrapup_requests_rejected_total{cause=\"no_token\"} 7\n";
    const auto findings = judge_refusals(text, {});
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].level, Level::note);
    EXPECT_THAT(findings[0].text, HasSubstr("refused 3 requests with cause wrong_path"));
    EXPECT_THAT(findings[0].advice, HasSubstr("SERVER_URL"));
    EXPECT_THAT(findings[1].text, HasSubstr("refused 12 requests with cause closed"));
    EXPECT_THAT(judge_refusals("wrapup_requests_rejected_total{cause=\"closed\"} 1\n", {})[0].text,
                HasSubstr("refused 1 request with cause closed"));
    EXPECT_THAT(judge_refusals("", {}), IsEmpty());
    const std::string wrong = "wrapup_requests_rejected_total{cause=\"wrong_server_url\"} 4\n";
    EXPECT_THAT(judge_refusals(wrong, {})[0].advice, HasSubstr("the server's log"));
    EXPECT_EQ(judge_refusals(wrong, {.matching = "https://calls.example.com"})[0].advice,
              "set SERVER_URL=https://calls.example.com, which would match, and restart");
    const std::string away = "wrapup_requests_rejected_total{cause=\"not_stored\"} 4\n";
    EXPECT_THAT(judge_refusals(away, {})[0].advice, HasSubstr("the data folder's disk"));
    EXPECT_THAT(judge_refusals(away, {.matching = "", .has_database = true})[0].advice,
                HasSubstr("the database is away"));
    EXPECT_THAT(judge_refusals(away, {.matching = "", .not_stored_until = "2026-11-27"})[0].advice,
                HasSubstr("over since 2026-11-27"));
    EXPECT_THAT(judge_refusals(away, {.matching = "", .told_causes = {"not_stored"}}), IsEmpty());
    EXPECT_THAT(refusal_advice("connections", {}), HasSubstr("who opens so many"));
    EXPECT_THAT(judge_refusals("wrapup_requests_rejected_total{cause=\"connections\"} 1\n", {}),
                IsEmpty());
}

TEST(DoctorHint, names_the_callback_with_its_connection_overrides) {
    Settings settings = inspect_settings({}).settings;
    settings.server_url = "https://u:s3cret@calls.example.com";
    EXPECT_THAT(told({twilio_callback_hint(settings)}),
                HasSubstr("calls.example.com/call-status-callback"
                          "#rc=5&rp=5xx,ct,rt&ct=2000&rt=2500"));
}

// A Twilio and an ElevenLabs in one, and what placing needs of them.
struct PlacingWorld {
    std::string incoming = R"({"incoming_phone_numbers":[{"phone_number":"+14155550100"}]})";
    std::string verified = R"({"outgoing_caller_ids":[]})";
    CannedAnswer agent{200,
                       R"({"conversation_config":{"asr":{"user_input_audio_format":"ulaw_8000"},)"
                       R"("tts":{"agent_output_audio_format":"ulaw_8000"}}})"};
    CannedAnswer order{422, R"({"detail":[]})"};
    std::string allowed_country = "US";
    std::string country;  // WRAPUP_COUNTRY.

    CannedAnswer answer(const std::string& request) const {
        if (request.find("/IncomingPhoneNumbers.json") != request.npos) return {200, incoming};
        if (request.find("/OutgoingCallerIds.json") != request.npos) return {200, verified};
        if (request.find("/v1/convai/agents/agent_1") != request.npos) return agent;
        if (request.find("POST /v1/convai/twilio/register-call") != request.npos) return order;
        const std::string permissions = "/v1/DialingPermissions/Countries/";
        if (request.find(permissions) != request.npos) {
            const bool is_allowed = request.find(permissions + allowed_country) != request.npos;
            return {200, std::string(R"({"low_risk_numbers_enabled":)") +
                             (is_allowed ? "true}" : "false}")};
        }
        return {200, R"({"status":"active"})"};
    }
    std::string told() const {
        TestServer server(
            [&](const std::string& head, const std::string&) { return answer(head); });
        return wrapup::told(
            examine_network(inspect({{"TWILIO_ACCOUNT_SID", account},
                                     {"TWILIO_AUTH_TOKEN", "s3cret1"},
                                     {"TWILIO_PHONE_NUMBER", "+14155550100"},
                                     {"ELEVENLABS_API_KEY", "s3cret2"},
                                     {"ELEVENLABS_AGENT_ID", "agent_1"},
                                     {"SERVER_URL", "https://calls.example.com"},
                                     {"WRAPUP_COUNTRY", country},
                                     {"WRAPUP_TWILIO_BASE_URL", server.url()},
                                     {"WRAPUP_ELEVENLABS_BASE_URL", server.url()}})));
    }
};

TEST(DoctorNetwork, asks_twilio_into_which_countries_it_may_call) {
    PlacingWorld world;
    EXPECT_THAT(world.told(), HasSubstr("ok: Twilio lets calls into US"));
    world.country = "AU";
    EXPECT_THAT(world.told(), HasSubstr("broken: Twilio refuses calls into AU (21215)"));
    world.allowed_country = "AU";
    EXPECT_THAT(world.told(), HasSubstr("note: Twilio refuses calls into US (21215)"));
    EXPECT_THAT(world.told(), HasSubstr("ok: Twilio lets calls into AU"));
}

TEST(DoctorNetwork, looks_at_what_placing_calls_needs) {
    const std::string text = PlacingWorld{}.told();
    EXPECT_THAT(text, HasSubstr("a number of the account"));
    EXPECT_THAT(text, Not(HasSubstr("+14155550100")));
    EXPECT_THAT(text, HasSubstr("ok: the agent is there and speaks µ-law 8000 Hz"));
    EXPECT_THAT(text, HasSubstr("ok: ELEVENLABS_API_KEY may prepare conversations"));
}

TEST(DoctorNetwork, says_why_calls_could_not_be_placed) {
    PlacingWorld world;
    world.incoming = R"({"incoming_phone_numbers":[]})";
    EXPECT_THAT(world.told(), HasSubstr("would refuse calls from it (21210)"));
    world.verified = R"({"outgoing_caller_ids":[{"phone_number":"+14155550100"}]})";
    EXPECT_THAT(world.told(), HasSubstr("a verified caller id"));
    world.agent.body = R"({"conversation_config":{"asr":{"user_input_audio_format":"pcm_16000"},)"
                       R"("tts":{"agent_output_audio_format":"ulaw_8000"}}})";
    EXPECT_THAT(world.told(), HasSubstr("broken: the agent hears pcm_16000"));
    world.agent.body = "{}";
    EXPECT_THAT(world.told(), HasSubstr("note: ElevenLabs does not say which audio formats"));
    world.agent.status = 404;
    EXPECT_THAT(world.told(), HasSubstr("broken: ElevenLabs knows no agent"));
    world.order = {401, R"({"detail":{"status":"missing_permissions"}})"};
    EXPECT_THAT(world.told(), HasSubstr("convai_write"));
    world.order = {503, ""};
    EXPECT_THAT(world.told(), Not(HasSubstr("prepare conversations")));
}

// Whoever tries the key itself tells that it is refused.
TEST(DoctorNetwork, takes_a_key_that_is_refused_for_no_lack_of_permissions) {
    PlacingWorld world;
    for (const char* body : {R"({"detail":{"status":"invalid_api_key"}})", "<html>"}) {
        world.agent = world.order = {401, body};
        EXPECT_THAT(world.told(), Not(HasSubstr("prepare conversations"))) << body;
        EXPECT_THAT(world.told(), Not(HasSubstr("the agent"))) << body;
    }
}

}  // namespace
}  // namespace wrapup
