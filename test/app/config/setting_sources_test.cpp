// Where settings come from, which source wins, and what wrapup.toml may say.

#include <gtest/gtest.h>

#include <algorithm>

#include "app/config/settings.hpp"

namespace wrapup {
namespace {

constexpr const char* sender = "ELEVENLABS_WEBHOOK_SECRET='wsec_1'\n";

SettingsInput from_env_file(const std::string& text) {
    SettingsInput input;
    input.env_file = sender + text;
    return input;
}

SettingsInput from_toml(const std::string& text) {
    SettingsInput input = from_env_file("");
    input.toml_file = text;
    return input;
}

EffectiveSetting effective(const Settings& settings, std::string_view name) {
    const auto found = std::find_if(settings.effective.begin(), settings.effective.end(),
                                    [&](const auto& row) { return row.name == name; });
    return found == settings.effective.end() ? EffectiveSetting{} : *found;
}

std::string error_of(const SettingsInput& input) {
    const auto settings = load_settings(input);
    return settings ? "accepted" : settings.error().detail;
}

TEST(SettingSources, environment_wins_over_env_file_over_toml) {
    SettingsInput input = from_env_file("WRAPUP_SUMMARY_WAIT=2s\nWRAPUP_TWILIO_GRACE=2s\n");
    input.toml_file =
        "WRAPUP_SUMMARY_WAIT='3s'\nWRAPUP_TWILIO_GRACE='3s'\n"
        "WRAPUP_METADATA_WAIT='3s'\n";
    input.environment = {{"WRAPUP_SUMMARY_WAIT", "1s"}};
    const auto settings = load_settings(input);
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(settings->summary_wait, seconds{1});
    EXPECT_EQ(settings->twilio_grace, seconds{2});
    EXPECT_EQ(settings->metadata_wait, seconds{3});
    EXPECT_EQ(effective(*settings, "WRAPUP_SUMMARY_WAIT").source, "environment");
    EXPECT_EQ(effective(*settings, "WRAPUP_TWILIO_GRACE").source, ".env line 3");
    EXPECT_EQ(effective(*settings, "WRAPUP_METADATA_WAIT").source, "wrapup.toml line 3");
    EXPECT_EQ(effective(*settings, "WRAPUP_LOG").source, "default");
}

TEST(SettingSources, says_which_settings_count_otherwise) {
    SettingsInput then = from_env_file("ELEVENLABS_API_KEY=a\nWRAPUP_SUMMARY_WAIT=2s\n");
    then.environment = {{"SERVER_URL", "https://a.example"}};
    EXPECT_TRUE(changed_settings(then, then).empty());
    SettingsInput now = then;
    now.env_file =
        "# Other lines, the same values; a default that is said; what wins stays.\n"
        "ELEVENLABS_API_KEY='a'\nWRAPUP_SUMMARY_WAIT=2s\nWRAPUP_LOG=text\n"
        "ELEVENLABS_WEBHOOK_SECRET=wsec_1\nSERVER_URL=https://b.example\n"
        "WRAPUP_URL=http://127.0.0.1:1\n";
    EXPECT_TRUE(changed_settings(then, now).empty());
    now.env_file = sender + std::string("ELEVENLABS_API_KEY=b\n");
    now.toml_file = "[destination.sales]\nurl='https://crm.example'\n";
    EXPECT_EQ(changed_settings(then, now),
              (std::vector<std::string>{"destination.sales.url", "ELEVENLABS_API_KEY",
                                        "WRAPUP_SUMMARY_WAIT"}));
    EXPECT_EQ(changed_settings(now, then), changed_settings(then, now));
}

TEST(SettingSources, digests_are_of_what_all_nodes_have_to_be_told_alike) {
    SettingsInput one = from_env_file(
        "TWILIO_ACCOUNT_SID=ACdddddddddddddddddddddddddddddddd\nTWILIO_AUTH_TOKEN=secret-of-one\n"
        "SERVER_URL=https://a.example\nWRAPUP_SUMMARY_WAIT=180s\nWRAPUP_INBOUND=true\n"
        "DATABASE_URL=postgres://a@b/c\nPORT=3000\nWRAPUP_LOG=json\nWRAPUP_DATA_DIR=here\n"
        "WRAPUP_LOG_LEVEL=debug\nWRAPUP_URL=http://127.0.0.1:1\n"
        "WRAPUP_HTTP_PROXY=http://p:1\nWRAPUP_ALERT_URL=https://alert.example\n");
    const SettingDigests digests = inspect_settings(one).settings.digests;
    std::vector<std::string> names;
    for (const auto& [name, digest] : digests) {
        names.push_back(name);
        EXPECT_EQ(digest.size(), 4U) << name;
    }
    EXPECT_EQ(names, (std::vector<std::string>{"ELEVENLABS_WEBHOOK_SECRET", "SERVER_URL",
                                               "TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN",
                                               "WRAPUP_INBOUND"}));
    SettingsInput other = one;
    other.environment = {{"TWILIO_AUTH_TOKEN", "secret-of-two"}};
    EXPECT_EQ(differing_settings(digests, inspect_settings(other).settings.digests),
              (std::vector<std::string>{"TWILIO_AUTH_TOKEN"}));
}

TEST(SettingSources, digests_are_of_what_is_meant_however_it_is_spelt) {
    SettingsInput one = from_env_file(
        "TWILIO_ACCOUNT_SID=ACdddddddddddddddddddddddddddddddd\n"
        "TWILIO_AUTH_TOKEN=tok_a, tok_b,tok_c\nSERVER_URL=https://a.example/\n"
        "TWILIO_PHONE_NUMBER=+15005550006, +1 (500) 555-0007\n"
        "ELEVENLABS_WEBHOOK_SECRET=wsec_1,wsec_2\nELEVENLABS_AGENT_ID=agent_1,agent_2\n"
        "CRM_WEBHOOK_URL=https://crm.example\nCRM_WEBHOOK_HEADERS={\"a\":\"1\",\"b\":\"2\"}\n"
        "WRAPUP_SUMMARY_WAIT=60s\nWRAPUP_METADATA_WAIT=600s\nWRAPUP_RETRY_SCHEDULE=60s,1h\n"
        "WRAPUP_INBOUND=yes\nWRAPUP_SINCE=2026-03-01\nWRAPUP_COUNTRY=au\n"
        "WRAPUP_CALLING_HOURS=mon-tue 09:00-20:00\n");
    one.toml_file =
        "[destination.b]\nurl='https://b.example'\nrate='50/s'\naccept_status=[409,410]\n"
        "headers={x='1',y='2'}\nonly={outcome=['held','voicemail'],campaign=['A','B']}\n";
    SettingsInput other = from_env_file(
        "TWILIO_ACCOUNT_SID=ACdddddddddddddddddddddddddddddddd\n"
        "TWILIO_AUTH_TOKEN=tok_a,tok_c,tok_b\nSERVER_URL=https://a.example\n"
        "TWILIO_PHONE_NUMBER=+15005550007,+15005550006\n"
        "ELEVENLABS_WEBHOOK_SECRET=wsec_2, wsec_1\nELEVENLABS_AGENT_ID=agent_2,agent_1\n"
        "CRM_WEBHOOK_URL=https://crm.example\nCRM_WEBHOOK_HEADERS={\"b\":\"2\", \"a\":\"1\"}\n"
        "WRAPUP_SUMMARY_WAIT=1m\nWRAPUP_RETRY_SCHEDULE=1m, 60m\n"
        "WRAPUP_INBOUND=true\nWRAPUP_SINCE=2026-03-01T00:00:00Z\nWRAPUP_COUNTRY=AU\n"
        "WRAPUP_CALLING_HOURS=tue 09:00-20:00, mon 09:00-20:00\n");
    other.toml_file =
        "[destination.b]\nurl='https://b.example'\nrate='50/s'\naccept_status=[410,409]\n"
        "headers={y='2',x='1'}\nonly={campaign=['B','A'],outcome=['voicemail','held']}\n";
    const auto digests_of = [](const SettingsInput& input) {
        const InspectedSettings inspected = inspect_settings(input);
        for (const SettingProblem& problem : inspected.problems) ADD_FAILURE() << problem.text;
        return inspected.settings.digests;
    };
    EXPECT_EQ(differing_settings(digests_of(one), digests_of(other)), std::vector<std::string>{});
    EXPECT_TRUE(changed_settings(one, other).empty());

    // The first token signs what is asked of Twilio, and waits follow each other.
    other.environment = {{"TWILIO_AUTH_TOKEN", "tok_b,tok_a,tok_c"},
                         {"WRAPUP_RETRY_SCHEDULE", "1h,60s"}};
    const std::vector<std::string> changed{"TWILIO_AUTH_TOKEN", "WRAPUP_RETRY_SCHEDULE"};
    EXPECT_EQ(differing_settings(digests_of(one), digests_of(other)), changed);
    EXPECT_EQ(changed_settings(one, other), changed);
}

TEST(SettingSources, a_token_that_a_node_made_itself_counts_as_its_setting) {
    SettingsInput input = from_env_file(sender);
    const Settings bare = inspect_settings(input).settings;
    input.environment = {{"WRAPUP_API_TOKEN", "0123456789abcdef"}};
    const Settings told = inspect_settings(input).settings;
    EXPECT_FALSE(node_digests(bare, "").contains("WRAPUP_API_TOKEN"));
    EXPECT_EQ(node_digests(bare, "0123456789abcdef"), told.digests);
    EXPECT_NE(node_digests(bare, "0123456789abcdeg"), told.digests);
}

TEST(SettingSources, an_empty_value_leaves_it_to_the_next_source) {
    SettingsInput input = from_env_file("WRAPUP_SUMMARY_WAIT=2s\n");
    input.environment = {{"WRAPUP_SUMMARY_WAIT", ""}};
    EXPECT_EQ(load_settings(input)->summary_wait, seconds{2});
}

TEST(SettingSources, the_last_line_of_a_name_counts) {
    EXPECT_EQ(load_settings(from_env_file("PORT=1\nPORT=2\n"))->listen.port, 2);
}

TEST(SettingSources, a_name_that_is_set_twice_is_warned_of) {
    const auto inspected = inspect_settings(from_env_file("PORT=1\nX=1\nX=2\nPORT=2\n"));
    EXPECT_EQ(inspected.warnings,
              std::vector<std::string>{".env line 2: PORT is set again in line 5, which counts"});
}

TEST(SettingSources, the_file_of_another_name_is_called_by_it) {
    SettingsInput input = from_env_file("PORT=x\nWRAPUP_LOG\n");
    input.env_name = "two.env";
    const auto problems = inspect_settings(input).problems;
    ASSERT_EQ(problems.size(), 2U);
    EXPECT_EQ(problems[0].text, "two.env line 3: expected KEY=VALUE");
    EXPECT_EQ(problems[1].text, "PORT (two.env line 2) is not a port from 1 to 65535");
}

TEST(SettingSources, other_programs_names_in_env_file_are_ignored) {
    EXPECT_EQ(error_of(from_env_file("NODE_ENV=production\n")), "accepted");
    EXPECT_EQ(error_of(from_env_file("WRAPUP_NOPE=1\n")),
              "WRAPUP_NOPE (.env line 2) is not a setting");
}

// A .env is often shared: what others wrote there stops nobody, and hides nothing of ours.
TEST(SettingSources, lines_of_others_that_cannot_be_read_are_warned_of) {
    const auto inspected = inspect_settings(
        from_env_file("GOOGLE_KEY=\"-----BEGIN-----\nMIIB\n-----END-----\"\nMY_FLAG\n"
                      "next.public-key=1\nOTHER='open\nPORT=3000\n"));
    EXPECT_EQ(inspected.problems, std::vector<SettingProblem>{});
    EXPECT_EQ(inspected.settings.listen.port, 3000);
    EXPECT_EQ(inspected.warnings,
              (std::vector<std::string>{
                  ".env line 5: expected KEY=VALUE; the line is left out",
                  ".env line 6: the name before '=' is not one; the line is left out",
                  ".env line 7: the quotes of OTHER do not end the value; the line is left out"}));
}

TEST(SettingSources, a_line_of_ours_that_cannot_be_read_stops_the_start) {
    EXPECT_EQ(error_of(from_env_file("CRM_WEBHOOK_HEADERS='{\n")),
              ".env line 2: the quotes of CRM_WEBHOOK_HEADERS do not end the value");
    EXPECT_EQ(error_of(from_env_file("ENABLE_CRM_WEBHOOK\n")), ".env line 2: expected KEY=VALUE");
    SettingsInput input;
    input.env_file = std::string("\xff\xfeP\0", 4);
    EXPECT_EQ(error_of(input), ".env is UTF-16; save it as UTF-8");
}

TEST(SettingSources, a_quote_that_takes_a_setting_into_its_value_is_warned_of) {
    const auto inspected = inspect_settings(from_env_file("X='it\nPORT=3000\nY=2'\n"));
    EXPECT_EQ(inspected.warnings,
              (std::vector<std::string>{
                  ".env line 2: the quoted value of X goes on over the line of PORT"}));
}

TEST(SettingSources, quotes_that_were_left_in_a_value_are_named_and_not_shown) {
    SettingsInput input;
    input.environment = {{"ELEVENLABS_WEBHOOK_SECRET", "\"wsec_s3cret\""},
                         {"CRM_WEBHOOK_URL", "'https://crm.example/s3cret'"}};
    const auto inspected = inspect_settings(input);
    ASSERT_EQ(inspected.problems.size(), 2U);
    for (const SettingProblem& problem : inspected.problems) {
        EXPECT_EQ(problem.text, problem.name +
                                    " (environment) has quotes around its value, which whoever "
                                    "passed it on left there; write it without them");
    }
    EXPECT_EQ(inspected.problems[0].name, "CRM_WEBHOOK_URL");
    EXPECT_EQ(inspected.problems[1].name, "ELEVENLABS_WEBHOOK_SECRET");
}

TEST(SettingSources, headers_of_the_crm_may_be_json_over_lines) {
    const auto settings = load_settings(
        from_env_file("CRM_WEBHOOK_HEADERS='{\r\n  \"x-api-key\": \"k\"\r\n}'\r\nPORT=3000\r\n"));
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(settings->destinations.front().headers, (Headers{{"x-api-key", "k"}}));
    EXPECT_EQ(settings->listen.port, 3000);
}

TEST(SettingSources, toml_has_values_of_its_own_types) {
    const auto settings = load_settings(from_toml(R"(
PORT = 8081
WRAPUP_INBOUND = true
WRAPUP_SINCE = 2026-03-01
ELEVENLABS_AGENT_ID = ["agent_1", "agent_2"]
CRM_WEBHOOK_URL = "https://crm.example/"

[destination.crm]
timeout = "20s"
accept_status = [409, 422]
on_unknown = "park"
)"));
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(settings->listen.port, 8081);
    EXPECT_TRUE(settings->accepts_inbound);
    EXPECT_EQ(settings->since, parse_rfc3339("2026-03-01T00:00:00Z"));
    EXPECT_EQ(settings->elevenlabs_agents, (std::vector<std::string>{"agent_1", "agent_2"}));
    EXPECT_EQ(settings->destinations.front().timeout, seconds{20});
    EXPECT_EQ(settings->destinations.front().policy.accept_status, (std::vector<int>{409, 422}));
    EXPECT_EQ(settings->destinations.front().policy.on_unknown, OnUnknown::park);
    EXPECT_EQ(effective(*settings, "destination.crm.timeout").source, "wrapup.toml line 9");
}

TEST(SettingSources, toml_says_when_numbers_of_a_list_are_called_again) {
    const auto settings =
        load_settings(from_toml("retry = { busy = ['15m', '1h'], no_answer = ['2h', '1d'] }\n"));
    ASSERT_TRUE(settings);
    EXPECT_EQ(settings->retry_busy, (RetryWaits{seconds{900}, seconds{3'600}}));
    EXPECT_EQ(settings->retry_no_answer, (RetryWaits{seconds{7'200}, seconds{86'400}}));
    EXPECT_TRUE(load_settings(from_toml(""))->retry_busy.empty());
}

struct Row {
    const char* name;
    const char* toml;
    const char* error;

    friend void PrintTo(const Row& row, std::ostream* out) { *out << row.name; }
};

constexpr Row rows[] = {
    {"empty", "", "accepted"},
    {"empty_tables", "[destination.crm]\n", "accepted"},
    {"destination_no_table", "destination = 5",
     "destination (wrapup.toml line 1) is not a setting"},
    {"destination_crm_no_table", "destination.crm = 5",
     "destination.crm (wrapup.toml line 1) is not a setting"},
    {"reserved", "WRAPUP_TEST_X = 1", "accepted"},
    {"not_toml", "PORT = s3cret s3cret", "wrapup.toml line 1: is not TOML"},
    {"twice", "[destination.s3cret]\n[destination.s3cret]\n",
     "wrapup.toml line 2: names what stands further up already"},
    {"unknown_key", "colour = 'red'", "colour (wrapup.toml line 1) is not a setting"},
    {"unknown_table", "[web]\nx = 1", "web.x (wrapup.toml line 2) is not a setting"},
    {"misspelt", "WRAPUP_LOGG = 'json'",
     "WRAPUP_LOGG (wrapup.toml line 1) is not a setting; did you mean WRAPUP_LOG?"},
    {"bad_type", "PORT = [[1]]",
     "wrapup.toml line 1: PORT is neither a value nor a list of values"},
    {"own_name", "WRAPUP_CONFIG = 'x'",
     "WRAPUP_CONFIG (wrapup.toml line 1) cannot stand in the file that it names"},
    {"rate", "[destination.crm]\nrate = '50/s'", "accepted"},
    {"rate_wrong", "[destination.crm]\nrate = '50'",
     "destination.crm.rate (wrapup.toml line 2) is not a rate such as 50/s, 3000/m or 100/h"},
    {"rate_none", "[destination.crm]\nrate = '0/s'",
     "destination.crm.rate (wrapup.toml line 2) is not a rate such as 50/s, 3000/m or 100/h"},
    {"crm_unknown", "[destination.crm]\ntimeuot = '5s'",
     "destination.crm.timeuot (wrapup.toml line 2) is not a setting; did you mean "
     "destination.crm.timeout?"},
    {"second_destination", "[destination.erp]\nurl = 'https://x.example'", "accepted"},
    {"second_destination_empty", "[destination.erp]", "destination.erp.url is missing"},
    {"second_destination_without_url", "[destination.erp]\ntimeout = '5s'",
     "destination.erp.url is missing"},
    {"second_destination_off", "[destination.erp]\nenabled = false", "accepted"},
    {"second_destination_typo", "[destination.erp]\nurl = 'https://x.example'\ntimeuot = '5s'",
     "destination.erp.timeuot (wrapup.toml line 3) is not a setting; did you mean "
     "destination.erp.timeout?"},
    {"destination_name", "[destination.ERP]\nurl = 'https://x.example'\n",
     "destination.ERP (wrapup.toml line 2) needs a name of lower-case letters, digits, - and _, at "
     "most 32"},
    {"kind", "[destination.erp]\nkind = 'webhook'\nurl = 'https://x.example'", "accepted"},
    {"kind_not_built", "[destination.erp]\ntoken = 'x'\nkind = 'hubspot'",
     "destination.erp.kind (wrapup.toml line 3) asks for the kind hubspot, which this version does "
     "not have yet"},
    {"kind_unknown", "[destination.erp]\nkind = 'fax'",
     "destination.erp.kind (wrapup.toml line 2) is no kind of destination; there is webhook"},
    {"rate_of_another", "[destination.erp]\nurl = 'https://x.example'\nrate = '50/d'",
     "destination.erp.rate (wrapup.toml line 3) is not a rate such as 50/s, 3000/m or 100/h"},
    {"headers_of_another", "[destination.erp]\nurl = 'https://x.example'\nheaders = { host = 'x' }",
     "destination.erp.headers (wrapup.toml line 3) must not set \"host\": wrapup sets it itself"},
    {"call_retry", "retry = { busy = ['15m', '1h'], no_answer = ['2h', '1d'] }", "accepted"},
    {"call_retry_none", "retry = { busy = [] }", "accepted"},
    {"call_retry_wrong", "[retry]\nbusy = ['15m']\nno_answer = ['soon']",
     "retry.no_answer (wrapup.toml line 3) is not up to 10 waits from 1s to 30d, as in [\"15m\", "
     "\"1h\"]"},
    {"call_retry_of_voicemail", "retry = { voicemail = ['1h'] }",
     "retry.voicemail (wrapup.toml line 1) is not a setting"},
    {"outcome", "[destination.erp]\nurl = 'https://x.example'\nonly = { outcome = ['heard'] }",
     "destination.erp.only (wrapup.toml line 3) has an outcome that is none of held, no answer, no "
     "connection, voicemail"},
    {"filter", "[destination.erp]\nurl = 'https://x.example'\nonly = { colour = 'red' }",
     "destination.erp.only (wrapup.toml line 3) knows outcome and campaign only"},
    {"filter_empty", "[destination.erp]\nurl = 'https://x.example'\nonly = { campaign = [] }",
     "destination.erp.only (wrapup.toml line 3) needs words as its campaign"},
    {"filter_word", "[destination.erp]\nurl = 'https://x.example'\nonly = 'held'",
     "destination.erp.only (wrapup.toml line 3) is not a table such as { outcome = [\"held\"], "
     "campaign = [\"Spring\"] }"},
    {"reference_unset", "[destination.erp]\nurl = 'https://x.example/${ERP_KEY}'",
     "destination.erp.url (wrapup.toml line 2) asks for ${ERP_KEY}, which is set neither in the "
     "environment nor in .env"},
    {"reference_open", "[destination.erp]\nurl = 'https://x.example/${ERP_KEY'",
     "destination.erp.url (wrapup.toml line 2) has a ${ that no name and } follow"},
    {"reference_escaped", "[destination.erp]\nurl = 'https://x.example/$${ERP_KEY}'",
     "destination.erp.url (wrapup.toml line 2) is not a URL, as in https://calls.example.com"},
    {"mongodb_odd_field", "[metadata.mongodb]\ncalls = { ssid = 'x' }",
     "metadata.mongodb.calls.ssid (wrapup.toml line 2) is not a setting; did you mean "
     "metadata.mongodb.calls.sid?"},
    {"timeout_zero", "[destination.crm]\ntimeout = '0s'",
     "destination.crm.timeout (wrapup.toml line 2) is not between 1s and 5m"},
    {"status_bad", "[destination.crm]\naccept_status = [409, 42]",
     "destination.crm.accept_status (wrapup.toml line 2) is not a list of HTTP statuses from 300 "
     "to 599"},
    {"on_unknown_bad", "[destination.crm]\non_unknown = 'drop'",
     "destination.crm.on_unknown (wrapup.toml line 2) is neither retry nor park"},
};

class TomlTable : public testing::TestWithParam<Row> {};

TEST_P(TomlTable, is_judged) { EXPECT_EQ(error_of(from_toml(GetParam().toml)), GetParam().error); }

INSTANTIATE_TEST_SUITE_P(Table, TomlTable, testing::ValuesIn(rows),
                         [](const auto& row) { return std::string(row.param.name); });

TEST(SettingSources, several_destinations_have_their_own_settings) {
    SettingsInput input = from_env_file(
        "CRM_WEBHOOK_URL=https://crm.example/hook\nWRAPUP_RETRY_SCHEDULE=5s,30s\n"
        "SALES_KEY=s3cret\n");
    input.environment = {
        {"WRAPUP_SIGNING_SECRET", "whsec_MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE="}};
    input.toml_file = R"(
[destination.sales]
url = "https://sales.example/${SALES_KEY}"
headers = { "x-api-key" = "${SALES_KEY}", "x-two" = "a, \"b\"" }
secret = "whsec_YWJjZGVmZ2hpamtsbW5vcHFyc3R1dnd4eXphYmNkZWY="
timeout = "5s"
retry_schedule = ["1s", "2s"]
only = { outcome = "held", campaign = ["Spring, early", "camp-7"] }

[destination.audit]
url = "https://audit.example/"
enabled = false
)";
    const auto settings = load_settings(input);
    ASSERT_TRUE(settings) << settings.error().detail;
    ASSERT_EQ(settings->destinations.size(), 3U);
    const DestinationConfig& crm = settings->destinations[0];
    const DestinationConfig& audit = settings->destinations[1];
    const DestinationConfig& sales = settings->destinations[2];
    EXPECT_EQ(crm.name, "crm");
    EXPECT_EQ(crm.signing_key, "01234567890123456789012345678901");
    EXPECT_EQ(crm.only, RecordFilter{});
    EXPECT_EQ(audit.name, "audit");
    EXPECT_FALSE(audit.is_enabled());
    EXPECT_EQ(audit.signing_key, "");
    EXPECT_EQ(audit.timeout, seconds{35});
    EXPECT_EQ(audit.policy.retry_schedule, (std::vector<milliseconds>{seconds{5}, seconds{30}}));
    EXPECT_EQ(sales.name, "sales");
    EXPECT_EQ(sales.url, "https://sales.example/s3cret");
    EXPECT_EQ(sales.headers, (Headers{{"x-api-key", "s3cret"}, {"x-two", "a, \"b\""}}));
    EXPECT_EQ(sales.signing_key, "abcdefghijklmnopqrstuvwxyzabcdef");
    EXPECT_EQ(sales.timeout, seconds{5});
    EXPECT_EQ(sales.policy.retry_schedule, (std::vector<milliseconds>{seconds{1}, seconds{2}}));
    EXPECT_EQ(sales.only.outcomes, std::vector<Outcome>{Outcome::held});
    EXPECT_EQ(sales.only.campaigns, (std::vector<std::string>{"Spring, early", "camp-7"}));
    for (const auto& row : settings->effective) {
        EXPECT_EQ(row.shown.find("s3cret"), std::string::npos) << row.name;
    }
    EXPECT_EQ(effective(*settings, "destination.sales.timeout").source, "wrapup.toml line 6");
}

TEST(SettingSources, the_environment_says_of_crm_what_counts) {
    SettingsInput input = from_env_file("CRM_WEBHOOK_URL=https://crm.example/hook\n");
    input.toml_file =
        "[destination.crm]\nurl = 'https://old.example'\nonly = { outcome = 'held' }\n";
    const auto settings = load_settings(input);
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(settings->destinations.front().url, "https://crm.example/hook");
    EXPECT_EQ(settings->destinations.front().only.outcomes, std::vector<Outcome>{Outcome::held});
    const auto of_toml = load_settings(from_toml("[destination.crm]\nurl = 'https://a.example'\n"));
    ASSERT_TRUE(of_toml) << of_toml.error().detail;
    EXPECT_TRUE(of_toml->destinations.front().is_enabled());
}

TEST(SettingSources, who_has_another_destination_need_not_have_crm) {
    const auto settings =
        load_settings(from_toml("[destination.erp]\nurl = 'https://x.example'\n"));
    ASSERT_TRUE(settings) << settings.error().detail;
    ASSERT_EQ(settings->destinations.size(), 1U);
    EXPECT_EQ(settings->destinations.front().name, "erp");
    SettingsInput input = from_toml("[destination.erp]\nurl = 'https://x.example'\n");
    input.environment = {{"ENABLE_CRM_WEBHOOK", "true"}};
    EXPECT_EQ(error_of(input), "CRM_WEBHOOK_URL is missing: ENABLE_CRM_WEBHOOK is true");
}

TEST(SettingSources, a_setting_that_took_something_from_the_environment_is_not_shown) {
    SettingsInput input = from_env_file("MY_COUNTRY=au\n");
    input.environment = {{"MY_COUNTRY", "nz"}};
    input.toml_file = "WRAPUP_COUNTRY = '${MY_COUNTRY}'\n";
    const auto settings = load_settings(input);
    ASSERT_TRUE(settings) << settings.error().detail;
    EXPECT_EQ(settings->country, "NZ");
    EXPECT_EQ(effective(*settings, "WRAPUP_COUNTRY").shown, "••••••");
}

TEST(SettingSources, there_may_be_sixteen_destinations) {
    std::string toml;
    for (int i = 0; i < 15; ++i) {
        toml += "[destination.d" + std::to_string(i) + "]\nurl = 'https://x.example'\n";
    }
    EXPECT_EQ(error_of(from_toml(toml)), "accepted");
    EXPECT_EQ(error_of(from_toml(toml + "[destination.one-more]\nurl = 'https://x.example'\n")),
              "destination.one-more (wrapup.toml line 32) is one too many: 16 may be");
}

TEST(SettingSources, every_setting_is_listed_once_and_secrets_are_masked) {
    SettingsInput input = from_env_file(
        "TWILIO_AUTH_TOKEN=s3cret1,s3cret2\n"
        "ELEVENLABS_API_KEY=s3cret3\n"
        "CRM_WEBHOOK_HEADERS={\"x-api-key\":\"s3cret4\"}\n"
        "CRM_WEBHOOK_URL=https://u:s3cret5@crm.example/s3cret9/a?k=s3cret6\n"
        "WRAPUP_API_TOKEN=s3cret7s3cret7s3cret7\n"
        "WRAPUP_HTTP_PROXY=http://u:s3cret8@10.0.0.5:3128\n"
        "PORT=3000\n");
    const auto inspected = inspect_settings(input);
    std::vector<std::string> names;
    for (const auto& row : inspected.settings.effective) {
        names.push_back(row.name);
        EXPECT_EQ(row.shown.find("s3cret"), std::string::npos) << row.name;
    }
    std::sort(names.begin(), names.end());
    EXPECT_EQ(std::adjacent_find(names.begin(), names.end()), names.end());
    EXPECT_TRUE(effective(inspected.settings, "TWILIO_AUTH_TOKEN").is_secret);
    EXPECT_EQ(effective(inspected.settings, "CRM_WEBHOOK_URL").shown,
              "https://•••@crm.example/•••?•••");
    EXPECT_EQ(effective(inspected.settings, "WRAPUP_LISTEN").shown, "0.0.0.0:3000");
    EXPECT_EQ(effective(inspected.settings, "WRAPUP_LISTEN").source, "PORT");
}

}  // namespace
}  // namespace wrapup
