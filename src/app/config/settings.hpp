#pragma once

// What an installation can say: the environment, then .env, then wrapup.toml. Pure, but for the
// zone of WRAPUP_TIMEZONE: whoever calls reads the files (settings_input.hpp).

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "adapters/mongo/mapping.hpp"
#include "adapters/mongo/settings.hpp"
#include "app/config/header_json.hpp"
#include "base/result.hpp"
#include "base/time.hpp"
#include "base/time_zone.hpp"
#include "core/delivery/breaker.hpp"
#include "core/delivery/delivery_policy.hpp"
#include "core/placing/calling_hours.hpp"
#include "core/settle/record_routes.hpp"
#include "domain/dial_list.hpp"
#include "domain/rate_limit.hpp"
#include "domain/setting_digests.hpp"
#include "ports/event_log.hpp"

namespace wrapup {

struct SettingsInput {
    std::map<std::string, std::string> environment;
    std::optional<std::string> env_file;    // The text of .env; nothing when there is none.
    std::string env_name = ".env";          // As errors and `doctor` call it.
    std::optional<std::string> toml_file;   // The text of wrapup.toml; nothing when there is none.
    std::string toml_name = "wrapup.toml";  // As errors and `doctor` call it.
    std::filesystem::path cwd = ".";        // What a relative WRAPUP_DATA_DIR is relative to.
};

struct ListenAddress {
    std::string host;  // An IPv4 or IPv6 address, without brackets.
    std::uint16_t port = 0;

    bool operator==(const ListenAddress&) const = default;
};
bool is_loopback(const ListenAddress& address);
bool is_wildcard(const ListenAddress& address);       // 0.0.0.0 or ::
std::string to_string(const ListenAddress& address);  // "127.0.0.1:8080", "[::1]:8080"

enum class LogFormat { text, json };

// One effective setting, for `doctor`.
struct EffectiveSetting {
    std::string name;
    std::string shown;   // Fit to be printed: secrets are masked. Empty: not set.
    std::string source;  // "environment", ".env line 3", "wrapup.toml", "default".
    bool is_secret = false;

    bool operator==(const EffectiveSetting&) const = default;
};

// One place that records go to.
struct DestinationConfig {
    std::string name{};
    std::string url{};  // Empty: none.
    Headers headers{};
    std::optional<bool> is_wanted{};  // Nothing: as soon as it has a URL.
    milliseconds timeout{};
    DeliveryPolicy policy{};
    std::optional<RateLimit> rate{};
    std::string signing_key{};  // Decoded; empty: records are not signed.
    RecordFilter only{};

    // False: settle and park, send nothing.
    bool is_enabled() const { return is_wanted.value_or(!url.empty()); }
};
// The destination of CRM_WEBHOOK_URL.
constexpr std::string_view crm_name = "crm";

// Made by inspect_settings alone: defaults are in the table of settings, not here.
struct Settings {
    // Where records go: `crm`, which may have no URL when it is the only one, then the others.
    std::vector<DestinationConfig> destinations;
    // The one of this name; made when there is none.
    DestinationConfig& destination(std::string_view name);
    std::vector<milliseconds> retry_schedule;  // Of destinations that have none of their own.
    std::string http_proxy;                    // Empty: none.
    std::string alert_url;                     // Empty: nobody is told.
    bool allows_private_targets = false;

    // ElevenLabs. Empty: not set.
    std::string elevenlabs_api_key;
    std::vector<std::string> elevenlabs_webhook_secrets;
    std::vector<std::string> elevenlabs_agents;  // Empty: any.
    std::string elevenlabs_base_url;
    milliseconds elevenlabs_tolerance{};
    int elevenlabs_concurrency = 0;
    bool allows_unsigned_elevenlabs = false;

    // Twilio. Account and tokens are both set or both empty.
    std::string twilio_account_sid;
    std::vector<std::string> twilio_auth_tokens;    // The first one signs our REST requests.
    std::vector<std::string> twilio_phone_numbers;  // Normalized; empty: any.
    std::string twilio_base_url;
    std::string server_url;  // Without a trailing slash.
    bool allows_unsigned_twilio = false;

    // The dialler's MongoDB. Nothing: metadata is what was handed to wrapup.
    std::optional<MongoSettings> mongodb;
    MongoMapping mongodb_mapping;

    // The house.
    ListenAddress listen;
    std::optional<ListenAddress> admin_listen;  // Nothing: the API shares `listen`.
    std::filesystem::path data_dir;             // Absolute, or relative to cwd as given.
    std::string database_url;                   // Empty: the state is in SQLite, in data_dir.
    std::string api_token;                      // Empty: load_or_make_api_token(data_dir).
    std::string client_url;                     // Of the server that commands ask. Empty: ours.
    LogFormat log{};
    LogLevel log_level{};            // Of the least important lines that are written.
    TimeZone timezone;               // Whose days the ledger counts.
    std::filesystem::path env_file;  // The .env that was read; empty: none.

    // Whom to call, and when.
    CallingHours calling_hours;
    std::string opt_out_field;  // Empty: the agent's notes put nobody onto the do-not-call list.

    // Calls.
    milliseconds summary_wait{};
    milliseconds twilio_grace{};
    milliseconds metadata_wait{};
    milliseconds reconcile_interval{};  // 0: off.
    std::optional<UtcTime> since;       // Nothing: the first start.
    bool accepts_inbound = false;
    // Placing calls.
    int calls_per_second = 0;
    int calls_max = 0;         // At one time.
    int calls_per_number = 0;  // In 24 h; 0: any.
    RetryWaits retry_busy;     // Of lists that do not say.
    RetryWaits retry_no_answer;
    milliseconds ring_time{};
    milliseconds call_time{};
    bool hangs_up_on_machine = false;
    std::string no_agent_say;

    std::string country;  // Of numbers without '+', two capital letters. Empty: nobody's.

    // Of what all nodes on a database have to be told alike; what has its default is left out.
    SettingDigests digests;
    std::vector<EffectiveSetting> effective;  // In the order of the reference; every name once.

    bool has_twilio() const { return !twilio_account_sid.empty(); }
    bool is_twilio_open() const { return has_twilio() || allows_unsigned_twilio; }
    bool is_elevenlabs_open() const {
        return !elevenlabs_webhook_secrets.empty() || allows_unsigned_elevenlabs;
    }
};

// Where the embedded store of this data folder is.
std::filesystem::path store_path(const Settings& settings);

struct SettingProblem {
    std::string name;  // The setting, or the file when it cannot be read at all.
    std::string text;  // One line that names it; never a secret.

    bool operator==(const SettingProblem&) const = default;
};

// Everything that is wrong, and what can be said nonetheless: a setting with a problem keeps its
// default. For `doctor`, which tells all, and for clients, which need a few settings only.
struct InspectedSettings {
    Settings settings;
    std::vector<SettingProblem> problems;
    // What should be known and stops nothing: lines of .env that are others' and unreadable.
    std::vector<std::string> warnings;
};
InspectedSettings inspect_settings(const SettingsInput& input);

// The settings that count otherwise in `now` than in `then`: their names, never their values.
std::vector<std::string> changed_settings(const SettingsInput& then, const SettingsInput& now);

// The digests of a node that this token opens, which may be one that it made itself. Empty: it has
// none yet.
SettingDigests node_digests(const Settings& settings, const std::string& api_token);

// invalid_input with the first problem.
Result<Settings> load_settings(const SettingsInput& input);

}  // namespace wrapup
