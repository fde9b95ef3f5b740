#include "app/config/settings.hpp"

#include "app/config/setting_rules.hpp"
#include "app/config/setting_sources.hpp"
#include "app/config/setting_table.hpp"
#include "app/config/setting_values.hpp"
#include "base/text.hpp"
#include "codec/standard_webhooks.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;

// Reads each setting into its place; one that is wrong becomes a problem and keeps its default.
class Reader {
public:
    Reader(const SettingSources& sources, std::vector<SettingProblem>& problems)
        : sources_(sources), problems_(problems) {}

    template <class Target, class Parse>
    void take(std::string_view name, Target& target, Parse parse) {
        const SourcedText* value = sources_.find(name);
        if (value == nullptr) return;
        auto parsed = parse(std::string_view(value->text));
        if (parsed) {
            target = *std::move(parsed);
        } else {
            problems_.push_back({std::string(name), std::string(name) + " (" + value->source +
                                                        ") " + parsed.error().detail});
        }
    }

    void take_duration(std::string_view name, milliseconds& target, DurationBounds bounds) {
        take(name, target,
             [&](std::string_view text) { return parse_bounded_duration(text, bounds); });
    }

private:
    const SettingSources& sources_;
    std::vector<SettingProblem>& problems_;
};

Result<std::string> parse_signing_secret(std::string_view text) {
    auto key = parse_webhook_secret(text);
    if (key) return key;
    return Error{Errc::invalid_input, "is not whsec_ and 24 to 64 bytes in base64"};
}

Result<std::vector<std::string>> parse_list(std::string_view text) { return split_list(text); }

Result<std::vector<int>> parse_statuses(std::string_view text) {
    constexpr IntBounds bounds{300, 599};
    std::vector<int> statuses;
    for (const auto& piece : split_list(text)) {
        const auto status = parse_bounded_int(piece, bounds);
        if (!status) {
            return Error{Errc::invalid_input, "is not a list of HTTP statuses from 300 to 599"};
        }
        statuses.push_back(*status);
    }
    return statuses;
}

Result<OnUnknown> parse_on_unknown(std::string_view text) {
    if (text == "retry") return OnUnknown::retry;
    if (text == "park") return OnUnknown::park;
    return Error{Errc::invalid_input, "is neither retry nor park"};
}

void read_crm(Reader& reader, const SettingSources& sources, Settings& settings) {
    reader.take("CRM_WEBHOOK_URL", settings.crm_url, parse_target_url);
    reader.take("CRM_WEBHOOK_HEADERS", settings.crm_headers, parse_header_object);
    settings.is_crm_enabled = sources.has("CRM_WEBHOOK_URL");
    reader.take("ENABLE_CRM_WEBHOOK", settings.is_crm_enabled, parse_flag);
    reader.take("WRAPUP_SIGNING_SECRET", settings.signing_key, parse_signing_secret);
    reader.take("WRAPUP_HTTP_PROXY", settings.http_proxy, parse_proxy_url);
    reader.take("WRAPUP_ALLOW_PRIVATE_TARGETS", settings.allows_private_targets, parse_flag);
    settings.delivery.retry_schedule = default_retry_schedule();
    reader.take("WRAPUP_RETRY_SCHEDULE", settings.delivery.retry_schedule, parse_retry_schedule);
    reader.take_duration("destination.crm.timeout", settings.crm_timeout,
                         {seconds{1}, seconds{300}});
    reader.take("destination.crm.accept_status", settings.delivery.accept_status, parse_statuses);
    reader.take("destination.crm.on_unknown", settings.delivery.on_unknown, parse_on_unknown);
}

void read_elevenlabs(Reader& reader, Settings& settings) {
    reader.take("ELEVENLABS_API_KEY", settings.elevenlabs_api_key, parse_secret);
    reader.take("ELEVENLABS_WEBHOOK_SECRET", settings.elevenlabs_webhook_secrets, parse_secrets);
    reader.take("ELEVENLABS_AGENT_ID", settings.elevenlabs_agents, parse_list);
    reader.take("WRAPUP_ELEVENLABS_BASE_URL", settings.elevenlabs_base_url, parse_vendor_url);
    reader.take_duration("WRAPUP_ELEVENLABS_TOLERANCE", settings.elevenlabs_tolerance,
                         {seconds{1}, hours{24}});
    reader.take("WRAPUP_ELEVENLABS_CONCURRENCY", settings.elevenlabs_concurrency,
                [](std::string_view text) {
                    return parse_bounded_int(text, {1, 64});
                });
}

void read_twilio(Reader& reader, Settings& settings) {
    reader.take("TWILIO_ACCOUNT_SID", settings.twilio_account_sid, parse_account_sid);
    reader.take("TWILIO_AUTH_TOKEN", settings.twilio_auth_tokens, parse_secrets);
    reader.take("TWILIO_PHONE_NUMBER", settings.twilio_phone_numbers, parse_phone_numbers);
    reader.take("WRAPUP_TWILIO_BASE_URL", settings.twilio_base_url, parse_vendor_url);
    reader.take("SERVER_URL", settings.server_url, parse_base_url);
}

// The adapter's words begin with the setting's name, which is said here already.
Result<MongoSettings> parse_mongodb(std::string_view text) {
    auto parsed = parse_mongo_uri(text);
    if (parsed) return parsed;
    constexpr std::string_view name = "MONGODB_URI ";
    std::string why = parsed.error().detail;
    if (why.starts_with(name)) why.erase(0, name.size());
    return Error{Errc::invalid_input, why};
}

void read_mongodb(Reader& reader, Settings& settings, std::vector<SettingProblem>& problems) {
    reader.take("MONGODB_URI", settings.mongodb, parse_mongodb);
    MongoMapping& mapping = settings.mongodb_mapping;
    visit_settings(mapping, [&reader](std::string_view name, std::string& target) {
        reader.take("metadata.mongodb." + std::string(name), target,
                    [](std::string_view text) { return Result<std::string>(std::string(text)); });
    });
    const auto valid = validate(mapping);
    if (!valid)
        problems.push_back({"metadata.mongodb", "metadata.mongodb: " + valid.error().detail});
}

void read_house(Reader& reader, const SettingsInput& input, Settings& settings) {
    // A hosting platform says PORT and expects us on all interfaces.
    std::optional<std::uint16_t> port;
    reader.take("PORT", port, parse_port);
    if (port) settings.listen = {"0.0.0.0", *port};
    reader.take("WRAPUP_LISTEN", settings.listen, parse_listen_address);
    reader.take("WRAPUP_ADMIN_LISTEN", settings.admin_listen, parse_listen_address);
    reader.take("WRAPUP_DATA_DIR", settings.data_dir,
                [](std::string_view text) { return Result<std::string>(std::string(text)); });
    settings.data_dir = (input.cwd / settings.data_dir).lexically_normal();
    if (input.env_file) settings.env_file = (input.cwd / ".env").lexically_normal();
    reader.take("WRAPUP_API_TOKEN", settings.api_token, parse_api_token);
    reader.take("WRAPUP_LOG", settings.log, parse_log_format);

    UnsignedSenders senders;
    reader.take("WRAPUP_ALLOW_UNSIGNED", senders, parse_unsigned_senders);
    settings.allows_unsigned_twilio = senders.twilio;
    settings.allows_unsigned_elevenlabs = senders.elevenlabs;
}

void read_calls(Reader& reader, Settings& settings) {
    reader.take_duration("WRAPUP_SUMMARY_WAIT", settings.summary_wait, {});
    reader.take_duration("WRAPUP_TWILIO_GRACE", settings.twilio_grace, {});
    reader.take_duration("WRAPUP_METADATA_WAIT", settings.metadata_wait, {});
    reader.take("WRAPUP_SINCE", settings.since, parse_since);
    reader.take("WRAPUP_INBOUND", settings.accepts_inbound, parse_flag);
    reader.take("WRAPUP_COUNTRY", settings.country, parse_country);
}

std::string shown_text(const SettingRow& row, const SourcedText& value) {
    if (row.kind == SettingKind::secret) return "••••••";
    if (row.kind == SettingKind::url) return mask_url(value.text);
    if (row.kind == SettingKind::public_url) return mask_public_url(value.text);
    std::string shown = to_valid_utf8(value.text);
    for (char& c : shown) {
        if (c >= 0 && c < ' ') c = ' ';
    }
    return shown;
}

std::vector<EffectiveSetting> list_effective(const SettingSources& sources) {
    std::vector<EffectiveSetting> rows;
    for (const auto& row : setting_table()) {
        const SourcedText* value = sources.find(row.name);
        const bool is_secret = row.kind == SettingKind::secret;
        if (value != nullptr) {
            rows.push_back(
                {std::string(row.name), shown_text(row, *value), value->source, is_secret});
        } else if (row.name == "WRAPUP_LISTEN" && sources.has("PORT")) {
            rows.push_back({std::string(row.name), "0.0.0.0:" + sources.find("PORT")->text, "PORT",
                            is_secret});
        } else {
            rows.push_back(
                {std::string(row.name), std::string(row.default_shown), "default", is_secret});
        }
    }
    return rows;
}

}  // namespace

std::filesystem::path store_path(const Settings& settings) {
    return settings.data_dir / "wrapup.db";
}

InspectedSettings inspect_settings(const SettingsInput& input) {
    InspectedSettings inspected;
    const SettingSources sources(input, inspected);
    Reader reader(sources, inspected.problems);
    Settings& settings = inspected.settings;
    read_crm(reader, sources, settings);
    read_elevenlabs(reader, settings);
    read_twilio(reader, settings);
    read_house(reader, input, settings);
    read_calls(reader, settings);
    read_mongodb(reader, settings, inspected.problems);
    check_rules(settings, sources, inspected.problems);
    settings.effective = list_effective(sources);
    return inspected;
}

Result<Settings> load_settings(const SettingsInput& input) {
    InspectedSettings inspected = inspect_settings(input);
    if (!inspected.problems.empty()) {
        return Error{Errc::invalid_input, inspected.problems.front().text};
    }
    return std::move(inspected.settings);
}

}  // namespace wrapup
