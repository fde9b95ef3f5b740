// Each setting by itself: what is accepted, and the one line that names what is not.

#include "app/config/settings.hpp"
#include "app/config/setting_values.hpp"

#include <gtest/gtest.h>

#include "core/delivery/delivery_policy.hpp"

namespace wrapup {
namespace {

using std::chrono::minutes;

constexpr const char* sid = "ACdddddddddddddddddddddddddddddddd";
constexpr const char* whsec = "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=";

// A sender that works, so that only what a test adds can be wrong.
SettingsInput with(std::map<std::string, std::string> environment) {
    environment.try_emplace("ELEVENLABS_WEBHOOK_SECRET", "wsec_1");
    SettingsInput input;
    input.environment = std::move(environment);
    return input;
}

struct Row {
    const char* name;
    std::map<std::string, std::string> environment;
    const char* error;  // The beginning of it; nullptr: accepted.

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

const Row rows[] = {
    {"nothing_more", {}, nullptr},
    {"foreign_names", {{"PATH", "/bin"}, {"CRM_SOMETHING", "x"}}, nullptr},
    {"reserved_names",
     {{"WRAPUP_TEST_X", "1"}, {"WRAPUP_SIM_SEED", "7"}, {"WRAPUP_BIN", "/x"}},
     nullptr},
    {"unknown_name",
     {{"WRAPUP_SUMARY_WAIT", "1s"}},
     "WRAPUP_SUMARY_WAIT (environment) is not a setting; did you mean WRAPUP_SUMMARY_WAIT?"},
    {"far_from_all", {{"WRAPUP_QQQQQQQQQQQQ", "1"}}, "WRAPUP_QQQQQQQQQQQQ (environment) is not a"},
    {"empty_is_not_set", {{"WRAPUP_SUMMARY_WAIT", ""}, {"CRM_WEBHOOK_URL", "  "}}, nullptr},
    {"empty_unknown_name", {{"WRAPUP_NOPE", ""}}, "WRAPUP_NOPE (environment) is not a setting"},

    {"crm_https", {{"CRM_WEBHOOK_URL", "https://crm.example/hook?k=1"}}, nullptr},
    {"crm_http", {{"CRM_WEBHOOK_URL", "http://10.0.0.1:81/hook"}}, nullptr},
    {"crm_ftp",
     {{"CRM_WEBHOOK_URL", "ftp://crm.example/"}},
     "CRM_WEBHOOK_URL (environment) is not"},
    {"crm_no_scheme", {{"CRM_WEBHOOK_URL", "crm.example/hook"}}, "CRM_WEBHOOK_URL (environment)"},
    {"crm_no_host", {{"CRM_WEBHOOK_URL", "https:///hook"}}, "CRM_WEBHOOK_URL (environment)"},
    {"crm_only_scheme", {{"CRM_WEBHOOK_URL", "https:"}}, "CRM_WEBHOOK_URL (environment)"},
    {"crm_fragment",
     {{"CRM_WEBHOOK_URL", "https://a.example/#x"}},
     "CRM_WEBHOOK_URL (environment)"},
    {"crm_port_zero", {{"CRM_WEBHOOK_URL", "https://a.example:0/"}}, "CRM_WEBHOOK_URL (environ"},
    {"crm_port_large",
     {{"CRM_WEBHOOK_URL", "https://a.example:70000/"}},
     "CRM_WEBHOOK_URL (environ"},
    {"crm_blank_inside",
     {{"CRM_WEBHOOK_URL", "https://a.example/a b"}},
     "CRM_WEBHOOK_URL (environ"},
    {"enabled_without_url",
     {{"ENABLE_CRM_WEBHOOK", "true"}},
     "CRM_WEBHOOK_URL is missing: ENABLE_CRM_WEBHOOK is true"},
    {"disabled_without_url", {{"ENABLE_CRM_WEBHOOK", "false"}}, nullptr},
    {"enabled_is_no_boolean",
     {{"ENABLE_CRM_WEBHOOK", "maybe"}},
     "ENABLE_CRM_WEBHOOK (environment) is neither true nor false"},
    {"headers", {{"CRM_WEBHOOK_HEADERS", R"({"x-api-key":"k"})"}}, nullptr},
    {"headers_bad",
     {{"CRM_WEBHOOK_HEADERS", "k"}},
     "CRM_WEBHOOK_HEADERS (environment) is not a JSON"},
    {"signing_secret", {{"WRAPUP_SIGNING_SECRET", whsec}}, nullptr},
    {"signing_secret_bad",
     {{"WRAPUP_SIGNING_SECRET", "whsec_short"}},
     "WRAPUP_SIGNING_SECRET (environment) is not whsec_"},
    {"proxy", {{"WRAPUP_HTTP_PROXY", "http://u:p@10.0.0.5:3128"}}, nullptr},
    {"proxy_socks", {{"WRAPUP_HTTP_PROXY", "socks5h://127.0.0.1:1080"}}, nullptr},
    {"proxy_bad",
     {{"WRAPUP_HTTP_PROXY", "10.0.0.5:3128"}},
     "WRAPUP_HTTP_PROXY (environment) is not"},
    {"proxy_scheme",
     {{"WRAPUP_HTTP_PROXY", "ftp://a.example"}},
     "WRAPUP_HTTP_PROXY (environment) is"},

    {"api_key_blank",
     {{"ELEVENLABS_API_KEY", "a b"}},
     "ELEVENLABS_API_KEY (environment) has a blank"},
    {"api_key_newline",
     {{"ELEVENLABS_API_KEY", "a\nb"}},
     "ELEVENLABS_API_KEY (environment) has a bl"},
    {"webhook_secrets_none",
     {{"ELEVENLABS_WEBHOOK_SECRET", " , "}},
     "ELEVENLABS_WEBHOOK_SECRET (environment) is a list without an entry"},
    {"webhook_secrets_empty_entry",
     {{"ELEVENLABS_WEBHOOK_SECRET", ",,a"}},
     "ELEVENLABS_WEBHOOK_SECRET (environment) has an empty entry: a comma too many"},
    {"agents_none",
     {{"ELEVENLABS_AGENT_ID", ","}},
     "ELEVENLABS_AGENT_ID (environment) is a list without an entry"},
    {"agents_empty_entry",
     {{"ELEVENLABS_AGENT_ID", "agent_1,"}},
     "ELEVENLABS_AGENT_ID (environment) has an empty entry: a comma too many"},
    {"agents_several", {{"ELEVENLABS_AGENT_ID", "agent_1, agent_2"}}, nullptr},
    {"elevenlabs_http",
     {{"WRAPUP_ELEVENLABS_BASE_URL", "http://api.example"}},
     "WRAPUP_ELEVENLABS_BASE_URL (environment) must be https"},
    {"elevenlabs_loopback", {{"WRAPUP_ELEVENLABS_BASE_URL", "http://127.0.0.1:99"}}, nullptr},
    {"elevenlabs_localhost", {{"WRAPUP_ELEVENLABS_BASE_URL", "http://localhost:99"}}, nullptr},
    {"elevenlabs_loopback_v6", {{"WRAPUP_ELEVENLABS_BASE_URL", "http://[::1]:99"}}, nullptr},
    {"elevenlabs_false_loopback",
     {{"WRAPUP_ELEVENLABS_BASE_URL", "http://127.0.0.1.example"}},
     "WRAPUP_ELEVENLABS_BASE_URL (environment) must be https"},
    {"elevenlabs_longer_name",
     {{"WRAPUP_ELEVENLABS_BASE_URL", "http://localhost.example"}},
     "WRAPUP_ELEVENLABS_BASE_URL (environment) must be https"},
    {"crm_address_with_a_tail",
     {{"CRM_WEBHOOK_URL", "https://1.2.3.4.5/"}},
     "CRM_WEBHOOK_URL (env"},
    {"crm_address_with_a_dot", {{"CRM_WEBHOOK_URL", "https://1.2.3.4./"}}, "CRM_WEBHOOK_URL (env"},
    {"crm_address_with_two_ports",
     {{"CRM_WEBHOOK_URL", "https://1.2.3.4:80.example/"}},
     "CRM_WEBHOOK_URL (env"},
    {"crm_name_like_an_address", {{"CRM_WEBHOOK_URL", "https://1.2.3.4.example.com/x?a"}}, nullptr},
    {"crm_name_like_an_address_with_all",
     {{"CRM_WEBHOOK_URL", "https://a:b@1.2.3.4x.example.com:8443"}},
     nullptr},
    {"crm_name_like_an_address_port",
     {{"CRM_WEBHOOK_URL", "https://1.2.3.4.example.com:99999"}},
     "CRM_WEBHOOK_URL (environment) is a URL with an impossible port"},
    {"proxy_name_like_an_address",
     {{"WRAPUP_HTTP_PROXY", "http://10.0.0.1.example.com:3128"}},
     nullptr},
    {"twilio_http",
     {{"WRAPUP_TWILIO_BASE_URL", "http://10.0.0.1"}},
     "WRAPUP_TWILIO_BASE_URL (envi"},
    {"twilio_userinfo",
     {{"WRAPUP_TWILIO_BASE_URL", "https://a:b@c.example"}},
     "WRAPUP_TWILIO_BASE_U"},
    {"twilio_query",
     {{"WRAPUP_TWILIO_BASE_URL", "https://c.example?a"}},
     "WRAPUP_TWILIO_BASE_URL ("},
    {"tolerance_zero",
     {{"WRAPUP_ELEVENLABS_TOLERANCE", "0"}},
     "WRAPUP_ELEVENLABS_TOLERANCE (environment) is not between 1s and "},
    {"concurrency_zero",
     {{"WRAPUP_ELEVENLABS_CONCURRENCY", "0"}},
     "WRAPUP_ELEVENLABS_CONCURRENCY (environment) is not a number from 1 to 64"},
    {"concurrency_word",
     {{"WRAPUP_ELEVENLABS_CONCURRENCY", "3x"}},
     "WRAPUP_ELEVENLABS_CONCURRENCY ("},

    {"twilio",
     {{"TWILIO_ACCOUNT_SID", sid}, {"TWILIO_AUTH_TOKEN", "t"}, {"SERVER_URL", "https://a.example"}},
     nullptr},
    {"sid_alone",
     {{"TWILIO_ACCOUNT_SID", sid}, {"SERVER_URL", "https://a.example"}},
     "TWILIO_AUTH_TOKEN is missing: it comes together with TWILIO_ACCOUNT_SID"},
    {"token_alone",
     {{"TWILIO_AUTH_TOKEN", "t"}, {"SERVER_URL", "https://a.example"}},
     "TWILIO_ACCOUNT_SID is missing: it comes together with TWILIO_AUTH_TOKEN"},
    {"no_server_url",
     {{"TWILIO_ACCOUNT_SID", sid}, {"TWILIO_AUTH_TOKEN", "t"}},
     "SERVER_URL is missing: "},
    {"sid_short",
     {{"TWILIO_ACCOUNT_SID", "ACdd"},
      {"TWILIO_AUTH_TOKEN", "t"},
      {"SERVER_URL", "https://a.example"}},
     "TWILIO_ACCOUNT_SID (environment) is not AC"},
    {"sid_not_hex",
     {{"TWILIO_ACCOUNT_SID", "ACzddddddddddddddddddddddddddddddd"},
      {"TWILIO_AUTH_TOKEN", "t"},
      {"SERVER_URL", "https://a.example"}},
     "TWILIO_ACCOUNT_SID (environment) is not AC"},
    {"numbers", {{"TWILIO_PHONE_NUMBER", "+61255501234, 0061 (2) 5550-1235"}}, nullptr},
    {"numbers_bad",
     {{"TWILIO_PHONE_NUMBER", "+61255501234,055501234"}},
     "TWILIO_PHONE_NUMBER (environment) is not a list of numbers such as +61255501234 (number 2)"},
    {"server_url_query",
     {{"SERVER_URL", "https://a.example/?x"}},
     "SERVER_URL (environment) is a URL"},
    {"server_url_bare",
     {{"SERVER_URL", "a.example"}},
     "SERVER_URL (environment) is not a URL, as in https://calls.example.com"},

    {"port", {{"PORT", "3000"}}, nullptr},
    {"port_zero", {{"PORT", "0"}}, "PORT (environment) is not a port from 1 to 65535"},
    {"port_large", {{"PORT", "65536"}}, "PORT (environment) is not a port from 1 to 65535"},
    {"port_word", {{"PORT", "http"}}, "PORT (environment) is not a port from 1 to 65535"},
    {"listen_v6", {{"WRAPUP_LISTEN", "[::]:8080"}}, nullptr},
    {"listen_no_port", {{"WRAPUP_LISTEN", "127.0.0.1"}}, "WRAPUP_LISTEN (environment) needs an"},
    {"listen_bad_port", {{"WRAPUP_LISTEN", "127.0.0.1:x"}}, "WRAPUP_LISTEN (environment) does not"},
    {"listen_name",
     {{"WRAPUP_LISTEN", "example.com:80"}},
     "WRAPUP_LISTEN (environment) needs a num"},
    {"listen_bare_v6",
     {{"WRAPUP_LISTEN", "::1:8080"}},
     "WRAPUP_LISTEN (environment) needs a numer"},
    {"listen_bad_v6", {{"WRAPUP_LISTEN", "[::x]:8080"}}, "WRAPUP_LISTEN (environment) has no IPv6"},
    {"listen_empty_v6", {{"WRAPUP_LISTEN", "[]:8080"}}, "WRAPUP_LISTEN (environment) needs"},
    {"listen_bad_v4", {{"WRAPUP_LISTEN", "127.0.0.256:80"}}, "WRAPUP_LISTEN (environment) needs"},
    {"admin_listen", {{"WRAPUP_ADMIN_LISTEN", "127.0.0.1:9090"}}, nullptr},
    {"admin_listen_same",
     {{"WRAPUP_ADMIN_LISTEN", "127.0.0.1:8080"}},
     "WRAPUP_ADMIN_LISTEN is the address that WRAPUP_LISTEN or PORT has already"},
    {"token_short",
     {{"WRAPUP_API_TOKEN", "123456789012345"}},
     "WRAPUP_API_TOKEN (environment) is shorter than 16 characters"},
    {"token_blank",
     {{"WRAPUP_API_TOKEN", "12345678 90123456"}},
     "WRAPUP_API_TOKEN (environment) has"},
    {"token", {{"WRAPUP_API_TOKEN", "1234567890123456"}}, nullptr},
    {"weak_token",
     {{"WRAPUP_API_TOKEN", "aaaaaaaaaaaaaaaa"}},
     "WRAPUP_API_TOKEN (environment) is too easy to guess"},
    {"alternating_token",
     {{"WRAPUP_API_TOKEN", "abcabcabcabcabcabc"}},
     "WRAPUP_API_TOKEN (environment) is too easy to guess"},
    {"log_bad", {{"WRAPUP_LOG", "xml"}}, "WRAPUP_LOG (environment) is neither text nor json"},
    {"log_level_bad",
     {{"WRAPUP_LOG_LEVEL", "all"}},
     "WRAPUP_LOG_LEVEL (environment) is neither info nor debug nor warning"},
    {"unsigned_on_loopback", {{"WRAPUP_ALLOW_UNSIGNED", "twilio,elevenlabs"}}, nullptr},
    {"unsigned_on_loopback_v6",
     {{"WRAPUP_ALLOW_UNSIGNED", "twilio"}, {"WRAPUP_LISTEN", "[::1]:8080"}},
     nullptr},
    {"unsigned_behind_port",
     {{"WRAPUP_ALLOW_UNSIGNED", "twilio"}, {"PORT", "8080"}},
     "WRAPUP_ALLOW_UNSIGNED is accepted only while listening on loopback, and PORT alone means "
     "0.0.0.0:8080"},
    {"unsigned_on_all",
     {{"WRAPUP_ALLOW_UNSIGNED", "twilio"}, {"WRAPUP_LISTEN", "[::]:8080"}},
     "WRAPUP_ALLOW_UNSIGNED is accepted only while listening on loopback, and WRAPUP_LISTEN means "
     "[::]:8080"},
    {"unsigned_port_and_listen",
     {{"WRAPUP_ALLOW_UNSIGNED", "twilio"}, {"PORT", "80"}, {"WRAPUP_LISTEN", "127.0.0.1:80"}},
     nullptr},
    {"unsigned_unknown",
     {{"WRAPUP_ALLOW_UNSIGNED", "everybody"}},
     "WRAPUP_ALLOW_UNSIGNED (environmen"},

    {"wait_forms",
     {{"WRAPUP_SUMMARY_WAIT", "90"},
      {"WRAPUP_TWILIO_GRACE", "1.5m"},
      {"WRAPUP_METADATA_WAIT", "0"}},
     nullptr},
    {"wait_word",
     {{"WRAPUP_SUMMARY_WAIT", "soon"}},
     "WRAPUP_SUMMARY_WAIT (environment) is not a dur"},
    {"wait_negative", {{"WRAPUP_TWILIO_GRACE", "-1s"}}, "WRAPUP_TWILIO_GRACE (environment) is not"},
    {"wait_two_days",
     {{"WRAPUP_METADATA_WAIT", "2d"}},
     "WRAPUP_METADATA_WAIT (environment) is not b"},
    {"schedule_bad",
     {{"WRAPUP_RETRY_SCHEDULE", "5s,x"}},
     "WRAPUP_RETRY_SCHEDULE (environment) is not a list of waits such as 5s,30s,2m (number 2"},
    {"schedule_zero",
     {{"WRAPUP_RETRY_SCHEDULE", "0s"}},
     "WRAPUP_RETRY_SCHEDULE (environment) is not"},
    {"schedule_empty",
     {{"WRAPUP_RETRY_SCHEDULE", ","}},
     "WRAPUP_RETRY_SCHEDULE (environment) holds"},
    {"since_date", {{"WRAPUP_SINCE", "2026-03-01"}}, nullptr},
    {"since_time", {{"WRAPUP_SINCE", "2026-03-01T12:00:00+02:00"}}, nullptr},
    {"since_bad", {{"WRAPUP_SINCE", "yesterday"}}, "WRAPUP_SINCE (environment) is neither a date"},
    {"since_no_such_day",
     {{"WRAPUP_SINCE", "2026-02-30"}},
     "WRAPUP_SINCE (environment) is neither"},
    {"inbound_bad", {{"WRAPUP_INBOUND", "2"}}, "WRAPUP_INBOUND (environment) is neither true nor"},

    {"postgres", {{"DATABASE_URL", "postgres://u:p@a,b/wrapup?sslmode=require"}}, nullptr},
    {"postgresql", {{"DATABASE_URL", "postgresql:///wrapup"}}, nullptr},
    {"postgres_other",
     {{"DATABASE_URL", "mysql://u:p@a/wrapup"}},
     "DATABASE_URL (environment) is no URL of a PostgreSQL database"},
    {"postgres_bad",
     {{"DATABASE_URL", "postgres://u:s3cret%zz@a/wrapup"}},
     "DATABASE_URL (environment) is no URL of a PostgreSQL database"},
    {"mongodb", {{"MONGODB_URI", "mongodb://x"}}, "MONGODB_URI (environment) "},
    {"alerts", {{"WRAPUP_ALERT_URL", "https://x"}}, nullptr},
    {"alerts_bad", {{"WRAPUP_ALERT_URL", "slack"}}, "WRAPUP_ALERT_URL (environment) is "},
    {"reconcile", {{"WRAPUP_RECONCILE_INTERVAL", "5m"}}, nullptr},
    {"reconcile_bad",
     {{"WRAPUP_RECONCILE_INTERVAL", "soon"}},
     "WRAPUP_RECONCILE_INTERVAL (environment) "},
    {"reconcile_off", {{"WRAPUP_RECONCILE_INTERVAL", "0"}}, nullptr},
    {"reconcile_off_s", {{"WRAPUP_RECONCILE_INTERVAL", "0s"}}, nullptr},
    {"retention",
     {{"WRAPUP_RETENTION", "90d"}},
     "WRAPUP_RETENTION (environment) asks for something"},
    {"retention_off", {{"WRAPUP_RETENTION", "0"}}, nullptr},
    {"country", {{"WRAPUP_COUNTRY", "au"}}, nullptr},
    {"country_long",
     {{"WRAPUP_COUNTRY", "AUS"}},
     "WRAPUP_COUNTRY (environment) is not the two letters of a country, such as AU"},
    {"country_nobody_has",
     {{"WRAPUP_COUNTRY", "zz"}},
     "WRAPUP_COUNTRY (environment) is not the two"},
    {"country_last", {{"WRAPUP_COUNTRY", "Zw"}}, nullptr},
    {"reconcile_too_often",
     {{"WRAPUP_RECONCILE_INTERVAL", "1ms"}},
     "WRAPUP_RECONCILE_INTERVAL (environment) "},
    {"reconcile_often", {{"WRAPUP_RECONCILE_INTERVAL", "1s"}}, nullptr},
    {"crm_port_of_five_nines",
     {{"CRM_WEBHOOK_URL", "https://a.example:99999/"}},
     "CRM_WEBHOOK_URL (environment) is a URL with an impossible port"},
    {"crm_port_beyond_32_bits",
     {{"CRM_WEBHOOK_URL", "https://a.example:4294967739/"}},
     "CRM_WEBHOOK_URL (environment) is a URL with an impossible port"},
    {"crm_port_last", {{"CRM_WEBHOOK_URL", "https://a.example:65535/"}}, nullptr},
    {"alert_port", {{"WRAPUP_ALERT_URL", "https://a.example:99999/"}}, "WRAPUP_ALERT_URL (env"},
    {"server_port", {{"SERVER_URL", "https://a.example:99999/"}}, "SERVER_URL (env"},
    {"proxy_port", {{"WRAPUP_HTTP_PROXY", "http://a.example:99999"}}, "WRAPUP_HTTP_PROXY (env"},
    {"twilio_port",
     {{"WRAPUP_TWILIO_BASE_URL", "https://a.example:99999"}},
     "WRAPUP_TWILIO_BASE_URL (env"},
    {"hours_with_a_comma_too_many",
     {{"WRAPUP_CALLING_HOURS", "mon-fri 09:00-20:00,"}},
     "WRAPUP_CALLING_HOURS (environment) is not right at \"\""},
    {"country_digits", {{"WRAPUP_COUNTRY", "61"}}, "WRAPUP_COUNTRY (environment) is not the two"},
    {"timezone", {{"WRAPUP_TIMEZONE", "Europe/Berlin"}}, nullptr},
    {"timezone_unknown",
     {{"WRAPUP_TIMEZONE", "Mars/Olympus"}},
     "WRAPUP_TIMEZONE (environment) is no time zone that this system knows"},
    {"timezone_offset",
     {{"WRAPUP_TIMEZONE", "+01:00"}},
     "WRAPUP_TIMEZONE (environment) is not the name of a time zone"},
    {"timezone_utc", {{"WRAPUP_TIMEZONE", "UTC"}}, nullptr},
};

class SettingsTable : public testing::TestWithParam<Row> {};

TEST_P(SettingsTable, is_judged) {
    const auto settings = load_settings(with(GetParam().environment));
    if (GetParam().error == nullptr) {
        EXPECT_TRUE(settings) << settings.error().detail;
        return;
    }
    ASSERT_FALSE(settings);
    EXPECT_EQ(settings.error().code, Errc::invalid_input);
    EXPECT_EQ(settings.error().detail.rfind(GetParam().error, 0), 0U) << settings.error().detail;
    EXPECT_EQ(settings.error().detail.find('\n'), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Table, SettingsTable, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(Settings, show_a_name_like_an_address_whole) {
    EXPECT_EQ(mask_url("https://a:b@1.2.3.4.example.com:8443/key"),
              "https://•••@1.2.3.4.example.com:8443/•••");
    EXPECT_EQ(mask_public_url("https://10.0.0.1.example.com/calls"),
              "https://10.0.0.1.example.com/calls");
}

TEST(Settings, defaults_are_those_of_the_reference) {
    const auto settings = load_settings(with({}));
    ASSERT_TRUE(settings);
    EXPECT_EQ(to_string(settings->listen), "127.0.0.1:8080");
    EXPECT_FALSE(settings->admin_listen);
    EXPECT_EQ(settings->data_dir, "data");
    EXPECT_EQ(settings->summary_wait, seconds{180});
    EXPECT_EQ(settings->twilio_grace, seconds{30});
    EXPECT_EQ(settings->metadata_wait, minutes{10});
    EXPECT_EQ(settings->elevenlabs_tolerance, minutes{30});
    EXPECT_EQ(settings->elevenlabs_concurrency, 3);
    EXPECT_EQ(settings->destinations.front().policy.retry_schedule, default_retry_schedule());
    EXPECT_EQ(settings->destinations.front().policy.on_unknown, OnUnknown::retry);
    EXPECT_EQ(settings->destinations.front().timeout, seconds{35});
    EXPECT_FALSE(settings->destinations.front().is_enabled());
    EXPECT_FALSE(settings->allows_private_targets);
    EXPECT_FALSE(settings->accepts_inbound);
    EXPECT_EQ(settings->log, LogFormat::text);
    EXPECT_FALSE(settings->is_twilio_open());
    EXPECT_TRUE(settings->is_elevenlabs_open());
}

TEST(Settings, keep_what_was_said) {
    auto input = with({{"CRM_WEBHOOK_URL", "https://crm.example/hook"},
                       {"CRM_WEBHOOK_HEADERS", R"({"x-api-key":"k"})"},
                       {"WRAPUP_SIGNING_SECRET", whsec},
                       {"ELEVENLABS_WEBHOOK_SECRET", "wsec_1, wsec_2"},
                       {"ELEVENLABS_AGENT_ID", "agent_1,agent_2"},
                       {"TWILIO_ACCOUNT_SID", sid},
                       {"TWILIO_AUTH_TOKEN", "new,old"},
                       {"TWILIO_PHONE_NUMBER", "0061 2 5550 1234"},
                       {"SERVER_URL", "https://calls.example/base/"},
                       {"WRAPUP_RETRY_SCHEDULE", "5s, 30s,2m"},
                       {"WRAPUP_SINCE", "2026-03-01"},
                       {"WRAPUP_LOG", "json"},
                       {"WRAPUP_DATA_DIR", "../state"},
                       {"WRAPUP_ADMIN_LISTEN", "localhost:9090"}});
    input.cwd = "/srv/wrapup";
    const auto settings = load_settings(input);
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_TRUE(settings->destinations.front().is_enabled());
    EXPECT_EQ(settings->destinations.front().headers, (Headers{{"x-api-key", "k"}}));
    EXPECT_EQ(settings->destinations.front().signing_key, "01234567890123456789012345678901");
    EXPECT_EQ(settings->elevenlabs_webhook_secrets, (std::vector<std::string>{"wsec_1", "wsec_2"}));
    EXPECT_EQ(settings->elevenlabs_agents, (std::vector<std::string>{"agent_1", "agent_2"}));
    EXPECT_EQ(settings->twilio_auth_tokens, (std::vector<std::string>{"new", "old"}));
    EXPECT_EQ(settings->twilio_phone_numbers, (std::vector<std::string>{"+61255501234"}));
    EXPECT_EQ(settings->server_url, "https://calls.example/base");
    EXPECT_EQ(settings->destinations.front().policy.retry_schedule,
              (std::vector<milliseconds>{seconds{5}, seconds{30}, minutes{2}}));
    EXPECT_EQ(settings->since, parse_rfc3339("2026-03-01T00:00:00Z"));
    EXPECT_EQ(settings->log, LogFormat::json);
    EXPECT_EQ(settings->data_dir, "/srv/state");
    EXPECT_EQ(to_string(*settings->admin_listen), "127.0.0.1:9090");
}

TEST(Settings, port_alone_means_all_interfaces_and_listen_wins) {
    EXPECT_EQ(to_string(load_settings(with({{"PORT", "3000"}}))->listen), "0.0.0.0:3000");
    const auto both = load_settings(with({{"PORT", "3000"}, {"WRAPUP_LISTEN", "[::1]:99"}}));
    EXPECT_EQ(to_string(both->listen), "[::1]:99");
}

TEST(Settings, at_least_one_sender_must_be_usable) {
    const auto none = load_settings(SettingsInput{});
    ASSERT_FALSE(none);
    EXPECT_NE(none.error().detail.find("nobody could tell us of a call"), std::string::npos);

    SettingsInput unsigned_only;
    unsigned_only.environment = {{"WRAPUP_ALLOW_UNSIGNED", "elevenlabs"}};
    const auto allowed = load_settings(unsigned_only);
    ASSERT_TRUE(allowed) << allowed.error().detail;
    EXPECT_TRUE(allowed->is_elevenlabs_open());
    EXPECT_FALSE(allowed->is_twilio_open());
}

TEST(Settings, no_error_quotes_a_secret) {
    const char* secret = "s3cret s3cret";
    for (const char* name : {"CRM_WEBHOOK_HEADERS", "ELEVENLABS_API_KEY", "TWILIO_AUTH_TOKEN",
                             "ELEVENLABS_WEBHOOK_SECRET", "WRAPUP_API_TOKEN", "CRM_WEBHOOK_URL",
                             "WRAPUP_SIGNING_SECRET", "MONGODB_URI", "DATABASE_URL",
                             "WRAPUP_HTTP_PROXY", "WRAPUP_ALERT_URL"}) {
        const auto settings = load_settings(with({{name, secret}}));
        ASSERT_FALSE(settings) << name;
        EXPECT_NE(settings.error().detail.find(name), std::string::npos);
        EXPECT_EQ(settings.error().detail.find("s3cret"), std::string::npos) << name;
    }
}

TEST(Settings, all_problems_are_found_for_the_doctor) {
    const auto inspected = inspect_settings(with({{"PORT", "x"}, {"WRAPUP_LOG", "y"}}));
    ASSERT_EQ(inspected.problems.size(), 2U);
    EXPECT_EQ(inspected.problems[0].name, "PORT");
    EXPECT_EQ(inspected.problems[1].name, "WRAPUP_LOG");
    EXPECT_EQ(to_string(inspected.settings.listen), "127.0.0.1:8080");
}

}  // namespace
}  // namespace wrapup
