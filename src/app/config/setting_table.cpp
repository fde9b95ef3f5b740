#include "app/config/setting_table.hpp"

#include <algorithm>

#include "adapters/files/time_zone_file.hpp"
#include "adapters/postgres/database_url.hpp"
#include "app/config/filter_json.hpp"
#include "app/config/header_json.hpp"
#include "app/config/read_setting.hpp"
#include "app/config/setting_values.hpp"
#include "base/text.hpp"
#include "codec/standard_webhooks.hpp"

namespace wrapup {
namespace {

using enum SettingKind;
using std::chrono::hours;
using std::chrono::minutes;
using Rows = std::vector<SettingRow>;

SettingDefault value(std::string text) { return {std::move(text), true}; }
SettingDefault words(std::string text) { return {std::move(text), false}; }

auto between(milliseconds least, milliseconds most) {
    return [=](std::string_view text) {
        const DurationBounds bounds{least, most};
        return parse_bounded_duration(text, bounds);
    };
}

auto zero_or_between(milliseconds least, milliseconds most) {
    return [=](std::string_view text) -> Result<milliseconds> {
        const DurationBounds or_zero{milliseconds{0}, most};
        const auto any = parse_bounded_duration(text, or_zero);
        if (any && *any == milliseconds{0}) return any;
        const DurationBounds bounds{least, most};
        return parse_bounded_duration(text, bounds);
    };
}

auto number_between(int least, int most) {
    return [=](std::string_view text) {
        const IntBounds bounds{least, most};
        return parse_bounded_int(text, bounds);
    };
}

Result<std::string> as_it_is(std::string_view text) { return std::string(text); }

// The adapter's words begin with the setting's name, which is said by whoever asks.
Result<MongoSettings> parse_mongodb(std::string_view text) {
    auto parsed = parse_mongo_uri(text);
    if (parsed) return parsed;
    constexpr std::string_view name = "MONGODB_URI ";
    std::string why = parsed.error().detail;
    if (why.starts_with(name)) why.erase(0, name.size());
    return Error{Errc::invalid_input, std::move(why)};
}

// The first one signs.
std::string meaning_of_tokens(const std::vector<std::string>& tokens) {
    return meaning_of_list(tokens, 1);
}

Result<TimeZone> parse_time_zone(std::string_view text) { return load_time_zone(text); }

// It is looked for, and read, before the others.
Result<void> read_before(std::string_view, Settings&, std::string_view) { return {}; }

// A hosting platform says PORT and expects us on all interfaces.
Result<void> read_port(std::string_view text, Settings& settings, std::string_view) {
    WRAPUP_TRY(const std::uint16_t port, parse_port(text));
    settings.listen = {"0.0.0.0", port};
    return {};
}

Result<void> read_unsigned(std::string_view text, Settings& settings, std::string_view) {
    WRAPUP_TRY(const UnsignedSenders senders, parse_unsigned_senders(text));
    settings.allows_unsigned_twilio = senders.twilio;
    settings.allows_unsigned_elevenlabs = senders.elevenlabs;
    return {};
}

Result<void> read_kind(std::string_view text, Settings&, std::string_view) {
    return check_destination_kind(text);
}

Rows twilio_rows() {
    return {
        {.name = "TWILIO_ACCOUNT_SID",
         .about = "together with the token: opens the status callbacks, asks Twilio's REST API",
         .is_to_fill_in = true,
         .read = into(&Settings::twilio_account_sid, parse_account_sid)},
        {.name = "TWILIO_AUTH_TOKEN",
         .kind = secret,
         .about = "several with commas (rotation, subaccounts): the first one signs our requests",
         .is_to_fill_in = true,
         .read = into(&Settings::twilio_auth_tokens, parse_secrets, meaning_of_tokens)},
        {.name = "SERVER_URL",
         .kind = public_url,
         .about = "the public base URL that Twilio was given, without `/call-status-callback`; "
                  "required with Twilio",
         .page = "twilio-elevenlabs.md",
         .is_to_fill_in = true,
         .read = into(&Settings::server_url, parse_base_url)},
        {.name = "TWILIO_PHONE_NUMBER",
         .otherwise = words("any"),
         .about = "our numbers, with commas: which calls that only Twilio's list shows are ours",
         .page = "reconciliation.md",
         .is_to_fill_in = true,
         .read = into(&Settings::twilio_phone_numbers, parse_phone_numbers)},
    };
}

Rows elevenlabs_rows() {
    return {
        {.name = "ELEVENLABS_WEBHOOK_SECRET",
         .kind = secret,
         .about = "opens `/webhooks/elevenlabs`; several with commas while rotating",
         .is_to_fill_in = true,
         .read = into(&Settings::elevenlabs_webhook_secrets, parse_secrets)},
        {.name = "ELEVENLABS_API_KEY",
         .kind = secret,
         .about = "to fetch a summary when the webhook is late",
         .is_to_fill_in = true,
         .read = into(&Settings::elevenlabs_api_key, parse_secret)},
        {.name = "ELEVENLABS_AGENT_ID",
         .otherwise = words("any"),
         .about = "our agents, with commas",
         .is_to_fill_in = true,
         .read = into(&Settings::elevenlabs_agents, parse_list)},
    };
}

Rows crm_rows() {
    return {
        {.name = "CRM_WEBHOOK_URL",
         .kind = url,
         .about = "where records go",
         .page = "crm.md",
         .is_to_fill_in = true,
         .read = of_destination(&DestinationConfig::url, parse_target_url)},
        {.name = "CRM_WEBHOOK_HEADERS",
         .kind = secret,
         .about = "further headers as a JSON object, for an API key or a bearer token",
         .example = R"({"x-api-key":"..."})",
         .read = of_destination(&DestinationConfig::headers, parse_header_object)},
        {.name = "ENABLE_CRM_WEBHOOK",
         .otherwise = words("true if CRM_WEBHOOK_URL is set"),
         .about = "`false`: settle calls and park their records for the CRM, send it nothing; "
                  "other destinations go on",
         .example = "true",
         .read = of_destination(&DestinationConfig::is_wanted, parse_flag)},
        {.name = "WRAPUP_SIGNING_SECRET",
         .kind = secret,
         .about = "signs records as Standard Webhooks: `whsec_` and 24 to 64 bytes in base64",
         .page = "crm.md",
         .read = of_destination(&DestinationConfig::signing_key, parse_signing_secret)},
        {.name = "WRAPUP_RETRY_SCHEDULE",
         .otherwise = value("5s,30s,2m,5m,15m,30m,1h,2h,4h,8h,12h,24h,24h"),
         .about = "waits after failed attempts",
         .read = into(&Settings::retry_schedule, parse_retry_schedule)},
        {.name = "WRAPUP_HTTP_PROXY",
         .kind = url,
         .about = "for everything that goes out; proxy variables of the environment never count",
         .read = into(&Settings::http_proxy, parse_proxy_url)},
        {.name = "WRAPUP_ALLOW_PRIVATE_TARGETS",
         .otherwise = value("false"),
         .about = "`true`: CRM, alert URL and the vendors' base URLs may be at private addresses",
         .read = into(&Settings::allows_private_targets, parse_flag)},
    };
}

Rows service_rows() {
    return {
        {.name = "PORT",
         .about = "`WRAPUP_LISTEN` on all interfaces, as hosting platforms expect",
         .read = {read_port}},
        {.name = "WRAPUP_LISTEN",
         .otherwise = value("127.0.0.1:8080"),
         .about = "where to listen; wins over `PORT`",
         .read = into(&Settings::listen, parse_listen_address)},
        {.name = "WRAPUP_ADMIN_LISTEN",
         .about = "`/api`, `/` and `/metrics` on an address of their own, off the internet",
         .read = into(&Settings::admin_listen, parse_listen_address)},
        {.name = "WRAPUP_DATA_DIR",
         .otherwise = value("./data"),
         .about = "database, lock, generated token",
         .read = into(&Settings::data_dir, as_it_is)},
        {.name = "WRAPUP_API_TOKEN",
         .kind = secret,
         .otherwise = words("generated, in WRAPUP_DATA_DIR/api_token"),
         .about = "guards `/api`; at least 16 characters, six of them different",
         .read = into(&Settings::api_token, parse_api_token)},
        {.name = "WRAPUP_URL",
         .kind = public_url,
         .otherwise = words("where this machine's `wrapup serve` listens"),
         .about = "the running server that commands ask, where `--url` does not say",
         .read = into(&Settings::client_url, parse_base_url)},
        {.name = "WRAPUP_LOG",
         .otherwise = value("text"),
         .about = "`text` or `json`",
         .read = into(&Settings::log, parse_log_format)},
        {.name = "WRAPUP_LOG_LEVEL",
         .otherwise = value("info"),
         .about = "`warning`, `info` (what became of each call, too) or `debug` (each step of it)",
         .read = into(&Settings::log_level, parse_log_level)},
        {.name = "WRAPUP_CONFIG",
         .otherwise = words("./wrapup.toml if present"),
         .about = "the TOML file, for what a line cannot say: the dotted names",
         .example = "./wrapup.toml",
         .read = {read_before}},
        {.name = "DATABASE_URL",
         .kind = secret,
         .about = "state in PostgreSQL 15 or newer: `postgres://user:password@host/database`",
         .page = "formats/postgresql.md",
         .read = into(&Settings::database_url, postgres::parse_database_url)},
        {.name = "WRAPUP_RETENTION",
         .otherwise = value("0"),
         .about = "how long personal data is kept",
         .off = "0"},
        {.name = "WRAPUP_ALERT_URL",
         .kind = secret,
         .about = "where alerts are posted, as JSON that Slack and the like accept too",
         .page = "alerts.md",
         .read = into(&Settings::alert_url, parse_target_url)},
    };
}

Rows call_rows() {
    return {
        {.name = "WRAPUP_SUMMARY_WAIT",
         .otherwise = value("180s"),
         .about = "how long a record waits for its summary after the call's end",
         .page = "settling.md",
         .read = into(&Settings::summary_wait, between(hours{0}, hours{24}))},
        {.name = "WRAPUP_TWILIO_GRACE",
         .otherwise = value("30s"),
         .about = "how long an ElevenLabs event waits for Twilio's own word",
         .page = "settling.md",
         .read = into(&Settings::twilio_grace, between(hours{0}, hours{24}))},
        {.name = "WRAPUP_METADATA_WAIT",
         .otherwise = value("10m"),
         .about = "how long a call waits for metadata whose source does not answer",
         .page = "settling.md",
         .read = into(&Settings::metadata_wait, between(hours{0}, hours{24}))},
        {.name = "WRAPUP_ELEVENLABS_TOLERANCE",
         .otherwise = value("30m"),
         .about = "how old a webhook's signature may be",
         .read = into(&Settings::elevenlabs_tolerance, between(seconds{1}, hours{24}))},
        {.name = "WRAPUP_ELEVENLABS_CONCURRENCY",
         .otherwise = value("3"),
         .about = "requests to ElevenLabs at any time",
         .read = into(&Settings::elevenlabs_concurrency, number_between(1, 64))},
        {.name = "WRAPUP_RECONCILE_INTERVAL",
         .otherwise = value("5m"),
         .about = "how often to compare with Twilio and ElevenLabs; `0`: never",
         .page = "reconciliation.md",
         .read = into(&Settings::reconcile_interval, zero_or_between(seconds{1}, hours{24}))},
        {.name = "WRAPUP_SINCE",
         .otherwise = words("first start"),
         .about = "calls that only we find count from here on: a date or a time",
         .page = "reconciliation.md",
         .read = into(&Settings::since, parse_since)},
        {.name = "WRAPUP_INBOUND",
         .otherwise = value("false"),
         .about = "`true`: inbound calls make records too",
         .read = into(&Settings::accepts_inbound, parse_flag)},
        {.name = "WRAPUP_TIMEZONE",
         .otherwise = value("UTC"),
         .about = "whose days the ledger counts: a name of tzdata's, such as `Europe/Berlin`",
         .page = "ledger.md",
         .read = into(&Settings::timezone, parse_time_zone)},
        {.name = "WRAPUP_CALLING_HOURS",
         .otherwise = words("any time"),
         .about = "when people may be rung where they are: `mon-fri 09:00-20:00, sat 10:00-14:00`",
         .page = "calling-rules.md",
         .read = into(&Settings::calling_hours, parse_calling_hours)},
        {.name = "WRAPUP_OPT_OUT_FIELD",
         .about = "the agent's data collection field that says somebody must not be called again",
         .page = "calling-rules.md",
         .read = into(&Settings::opt_out_field, as_it_is)},
        {.name = "WRAPUP_COUNTRY",
         .about = "how numbers without `+` are read where people give them (import, API): two "
                  "letters, such as `AU`",
         .page = "import.md",
         .read = into(&Settings::country, parse_country)},
    };
}

Rows placing_rows() {
    return {
        {.name = "WRAPUP_CALLS_PER_SECOND",
         .otherwise = value("1"),
         .about = "how many calls Twilio is asked to make; below what the account may",
         .page = "placing.md",
         .read = into(&Settings::calls_per_second, number_between(1, 100))},
        {.name = "WRAPUP_CALLS_MAX",
         .otherwise = value("10"),
         .about = "placed calls at one time; below what ElevenLabs' plan may",
         .page = "placing.md",
         .read = into(&Settings::calls_max, number_between(1, 1000))},
        {.name = "WRAPUP_CALLS_PER_NUMBER",
         .otherwise = value("3"),
         .about = "calls to one number in 24 hours; `0`: any",
         .page = "placing.md",
         .read = into(&Settings::calls_per_number, number_between(0, 100))},
        {.name = "retry.busy",
         .otherwise = words("never"),
         .about = "how long after it a busy number of a list is called again, where the list does "
                  "not say: `retry = { busy = [\"15m\", \"1h\"] }`",
         .page = "placing.md",
         .read = into(&Settings::retry_busy, parse_call_retry)},
        {.name = "retry.no_answer",
         .otherwise = words("never"),
         .about = "the same of a number where nobody answered",
         .page = "placing.md",
         .read = into(&Settings::retry_no_answer, parse_call_retry)},
        {.name = "WRAPUP_RING_TIME",
         .otherwise = value("30s"),
         .about = "how long a placed call rings",
         .page = "placing.md",
         .read = into(&Settings::ring_time, between(seconds{5}, seconds{600}))},
        {.name = "WRAPUP_CALL_TIME",
         .otherwise = value("15m"),
         .about = "how long a placed call may last",
         .page = "placing.md",
         .read = into(&Settings::call_time, between(seconds{60}, hours{4}))},
        {.name = "WRAPUP_ON_MACHINE",
         .otherwise = value("leave"),
         .about = "when a machine answers: `leave` it to the agent, or `hang_up`",
         .page = "placing.md",
         .read = into(&Settings::hangs_up_on_machine, parse_on_machine)},
        {.name = "WRAPUP_NO_AGENT_SAY",
         .otherwise = value("Sorry, we cannot talk right now. We will call you again."),
         .about = "said to somebody for whom there is no agent",
         .page = "placing.md",
         .read = into(&Settings::no_agent_say, as_it_is)},
    };
}

Rows mongodb_rows() {
    Rows rows{{.name = "MONGODB_URI",
               .kind = secret,
               .about = "who was called, for which campaign; only ever read. With the database's "
                        "name; a read-only user will do",
               .page = "formats/mongodb.md",
               .example = "mongodb://wrapup:password@db.example.com/dialler",
               .read = into(&Settings::mongodb, parse_mongodb)}};
    const MongoMapping mapping;
    visit_settings(mapping, [&](std::string_view name, const std::string& usual) {
        const auto read = [name](std::string_view text, Settings& settings, std::string_view) {
            visit_settings(settings.mongodb_mapping, [&](std::string_view n, std::string& field) {
                if (n == name) field = text;
            });
            return Result<void>();
        };
        rows.push_back({.name = "metadata.mongodb." + std::string(name),
                        .otherwise = value(usual),
                        .about = "a name in the dialler's database",
                        .page = "formats/mongodb.md",
                        .read = {read}});
    });
    return rows;
}

Rows test_rows() {
    return {
        {.name = "WRAPUP_TWILIO_BASE_URL",
         .kind = public_url,
         .otherwise = value("https://api.twilio.com"),
         .about = "other regions, the sandbox",
         .read = into(&Settings::twilio_base_url, parse_vendor_url)},
        {.name = "WRAPUP_ELEVENLABS_BASE_URL",
         .kind = public_url,
         .otherwise = value("https://api.elevenlabs.io"),
         .about = "other regions, the sandbox",
         .read = into(&Settings::elevenlabs_base_url, parse_vendor_url)},
        {.name = "WRAPUP_ALLOW_UNSIGNED",
         .about = "senders believed without a signature: `twilio`, `elevenlabs`; only while "
                  "listening on loopback",
         .read = {read_unsigned}},
    };
}

Rows destination_rows() {
    return {
        {.name = "destination.*.kind",
         .otherwise = value(std::string(webhook_kind)),
         .about = "`webhook`; others are not built yet, and refused",
         .page = "crm.md",
         .read = {read_kind}},
        {.name = "destination.*.url",
         .kind = url,
         .about = "where its records go; of `crm` it is `CRM_WEBHOOK_URL`",
         .page = "crm.md",
         .read = of_destination(&DestinationConfig::url, parse_target_url)},
        {.name = "destination.*.headers",
         .kind = secret,
         .about = "a table of further headers",
         .page = "crm.md",
         .is_table = true,
         .read = of_destination(&DestinationConfig::headers, parse_header_object)},
        {.name = "destination.*.secret",
         .kind = secret,
         .about = "signs its records, as `WRAPUP_SIGNING_SECRET` does those of `crm`",
         .page = "crm.md",
         .read = of_destination(&DestinationConfig::signing_key, parse_signing_secret)},
        {.name = "destination.*.enabled",
         .otherwise = words("true if it has a URL"),
         .about = "`false`: its records are parked, nothing is sent",
         .page = "crm.md",
         .read = of_destination(&DestinationConfig::is_wanted, parse_flag)},
        {.name = "destination.*.only",
         .otherwise = words("all records"),
         .about = "a table of what it wants: `outcome` and `campaign`, a word or a list each",
         .page = "crm.md",
         .is_table = true,
         .read = of_destination(&DestinationConfig::only, parse_record_filter)},
        {.name = "destination.*.timeout",
         .otherwise = value("35s"),
         .about = "of an attempt",
         .page = "crm.md",
         .read = of_destination(&DestinationConfig::timeout, between(seconds{1}, minutes{5}))},
        {.name = "destination.*.accept_status",
         .about = "statuses that say \"have it already\", besides 2xx, such as `[409]`",
         .page = "crm.md",
         .read = of_policy(&DeliveryPolicy::accept_status, parse_statuses)},
        {.name = "destination.*.on_unknown",
         .otherwise = value("retry"),
         .about = "`retry` or `park` what nobody knows to have arrived",
         .page = "crm.md",
         .read = of_policy(&DeliveryPolicy::on_unknown, parse_on_unknown)},
        {.name = "destination.*.retry_schedule",
         .otherwise = words("WRAPUP_RETRY_SCHEDULE"),
         .about = "waits after failed attempts",
         .page = "crm.md",
         .read = of_policy(&DeliveryPolicy::retry_schedule, parse_retry_schedule)},
        {.name = "destination.*.rate",
         .about = "how many attempts may begin in a second, minute or hour: `50/s`, `3000/m`",
         .page = "crm.md",
         .read = of_destination(&DestinationConfig::rate, parse_rate)},
    };
}

Rows all_rows() {
    struct Section {
        const char* title;
        Rows rows;
    };
    const Section sections[] = {
        {"Twilio: verifies the status callbacks", twilio_rows()},
        {"ElevenLabs: the summaries", elevenlabs_rows()},
        {"The CRM", crm_rows()},
        {"The service", service_rows()},
        {"Calls", call_rows()},
        {"Placing calls", placing_rows()},
        {"The dialler's MongoDB", mongodb_rows()},
        {"Tests, other regions and the sandbox only", test_rows()},
        {"Destinations", destination_rows()},
    };
    Rows all;
    for (const Section& section : sections) {
        for (SettingRow row : section.rows) {
            row.section = section.title;
            all.push_back(std::move(row));
        }
    }
    return all;
}

}  // namespace

const std::vector<SettingRow>& setting_table() {
    static const Rows rows = all_rows();
    return rows;
}

}  // namespace wrapup
