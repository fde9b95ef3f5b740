#pragma once

// What `wrapup doctor` finds: whether this installation will work, and what to do where it will
// not.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/mongo/diagnosis.hpp"
#include "adapters/postgres/survey.hpp"
#include "app/config/settings.hpp"
#include "app/doctor/doctor_probe.hpp"
#include "ports/store.hpp"

namespace wrapup {

struct Finding {
    enum class Level {
        good,
        note,    // Works, but should be known.
        broken,  // Will not work as it is.
    };
    Level level = Level::good;
    std::string text;
    std::string advice;          // What to do; empty when there is nothing.
    bool is_of_setting = false;  // Its advice is to change one: a running server does not see it.

    bool operator==(const Finding&) const = default;
};

struct Diagnosis {
    std::vector<EffectiveSetting> settings;
    std::vector<Finding> findings;
    bool is_running = false;  // The server of these settings answers.
    bool is_failing = false;  // It has notes of what fails, or is paused, and needs nobody yet.

    // What is advised of settings ends with a restart where one runs.
    void advise_restart();
    bool is_well() const;
};

// Settings alone: what is wrong, which endpoints are open, what is missing for summaries.
std::vector<Finding> examine_settings(const InspectedSettings& inspected);
// Whether SERVER_URL is something that Twilio can reach and signs as we expect. Empty: all is well.
std::vector<Finding> examine_server_url(const Settings& settings);
// Asks SERVER_URL for /healthz as whoever is outside would; five seconds at most.
std::vector<Finding> examine_from_outside(const InspectedSettings& inspected);
// What was answered. `listen`: where wrapup listens, for a proxy.
Finding judge_outside(const ProbeAnswer& answer, const std::string& listen);
// What to write into Twilio's console.
Finding twilio_callback_hint(const Settings& settings);
// How the finding of a full disk begins, of which others are consequences.
constexpr std::string_view disk_is_full = "no room is left on the disk";
// The data folder and the token file: there, ours, closed to others, writable. Makes nothing.
std::vector<Finding> examine_data_folder(const Settings& settings);
// Whether numbers that people give can be read, and WRAPUP_COUNTRY is a country.
std::vector<Finding> examine_phones(const Settings& settings);
// That .env, which holds secrets, is closed to others.
std::vector<Finding> examine_env_file(const Settings& settings);
// The store in the data folder, if there is one yet: can be opened, is intact; whether names and
// campaigns can come from it where there is no MongoDB. Where the state is in PostgreSQL: what else
// lies in the data folder, and should not, or is damaged.
std::vector<Finding> examine_store(const Settings& settings);
// One that nobody works on meanwhile, by a recount of all that it counts.
std::vector<Finding> examine_open_store(const Settings& settings, EmbeddedStore& store);

// Connects to the CRM and sends it nothing, tries the credentials at Twilio and ElevenLabs, and
// compares the clocks; side by side, for at most 10 s. Nothing while the settings are wrong.
std::vector<Finding> examine_network(const InspectedSettings& inspected);
// One of these at a time; ten seconds at most. Of Twilio and ElevenLabs the credentials must be
// set.
std::vector<Finding> examine_destination(const Settings& settings, const DestinationConfig& to);
Finding examine_twilio_credentials(const Settings& settings);
Finding examine_elevenlabs_credentials(const Settings& settings);
// What the server of these settings answers to a GET of its API; empty when none runs, or it does
// not answer with 200 (/readyz: with anything) within two seconds.
std::string ask_running_server(const Settings& settings, std::string_view path);
// What is known of refused requests besides their counts.
struct RefusalHints {
    std::string matching;  // The SERVER_URL that would match what was refused for it; empty: none.
    bool has_database = false;                   // The state is in PostgreSQL.
    std::vector<std::string> told_causes{};      // Findings already.
    std::string not_stored_until{};              // The store takes events since; empty: who knows.
    std::vector<std::string> signature_paths{};  // Where bad ones came; empty: who knows.
};
// What to do about requests that are refused for this cause; empty: not of senders.
std::string refusal_advice(std::string_view cause, const RefusalHints& hints);
// From the text of the running server's /metrics: what may be calls that are lost.
std::vector<Finding> judge_refusals(std::string_view metrics_text, const RefusalHints& hints);
// Asks the running server whom it refused since its start; nothing when none runs. Two seconds at
// most.
std::vector<Finding> examine_refusals(const InspectedSettings& inspected,
                                      const RefusalHints& hints);
// Of the settings that were changed since the running server started.
std::vector<Finding> judge_changed(const std::vector<std::string>& names);
// `ahead`: our clock before a peer's; nothing when nobody told.
std::vector<Finding> judge_clock(std::optional<seconds> ahead);

// Destinations whose address alone tells that records are not sent there; nobody is asked.
std::vector<Finding> examine_addresses(const Settings& settings);
constexpr std::string_view at_private_address = "the CRM is at a private address, which is refused";

// Posts an alert that says it is a test to WRAPUP_ALERT_URL, and tells how it was answered. Ten
// seconds at most.
Finding test_alert(const Settings& settings);

// Asks the server of DATABASE_URL, if there is one, what it is; for some seconds at most. Where no
// node lives, it is recounted as well; where this one does not run, its settings are compared with
// those of others that do.
std::vector<Finding> examine_database(const InspectedSettings& inspected, bool is_running);
std::vector<Finding> judge_nodes(const postgres::Survey& seen, const SettingDigests& ours);
std::vector<Finding> judge_database(const Result<postgres::Survey>& seen);

// Looks into the dialler's MongoDB where MONGODB_URI names one; for some seconds at most.
std::vector<Finding> examine_mongodb(const InspectedSettings& inspected);
std::vector<Finding> judge_mongodb(const MongoDiagnosis& seen);

// Settings, data folder and store: what can be said without the network.
Diagnosis diagnose(const InspectedSettings& inspected);

// No secret is in either: settings arrive masked. The JSON has every setting.
std::string render_diagnosis(const Diagnosis& diagnosis, bool has_colour,
                             bool shows_defaults = false, std::size_t columns = 0);
std::string diagnosis_json(const Diagnosis& diagnosis);

}  // namespace wrapup
