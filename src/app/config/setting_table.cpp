#include "app/config/setting_table.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "base/time.hpp"

namespace wrapup {
namespace {

using enum SettingKind;

constexpr SettingRow table[] = {
    {"CRM_WEBHOOK_URL", url, ""},
    {"CRM_WEBHOOK_HEADERS", secret, ""},
    {"ENABLE_CRM_WEBHOOK", plain, "true if CRM_WEBHOOK_URL is set"},
    {"ELEVENLABS_API_KEY", secret, ""},
    {"ELEVENLABS_WEBHOOK_SECRET", secret, ""},
    {"ELEVENLABS_AGENT_ID", plain, ""},
    {"TWILIO_ACCOUNT_SID", plain, ""},
    {"TWILIO_AUTH_TOKEN", secret, ""},
    {"TWILIO_PHONE_NUMBER", plain, ""},
    {"SERVER_URL", public_url, ""},
    {"MONGODB_URI", secret, ""},
    {"DATABASE_URL", secret, ""},
    {"PORT", plain, ""},
    {"WRAPUP_LISTEN", plain, "127.0.0.1:8080"},
    {"WRAPUP_ADMIN_LISTEN", plain, ""},
    {"WRAPUP_DATA_DIR", plain, "./data"},
    {"WRAPUP_API_TOKEN", secret, "generated, in WRAPUP_DATA_DIR/api_token"},
    {"WRAPUP_SUMMARY_WAIT", plain, "180s"},
    {"WRAPUP_TWILIO_GRACE", plain, "30s"},
    {"WRAPUP_METADATA_WAIT", plain, "10m"},
    {"WRAPUP_ELEVENLABS_TOLERANCE", plain, "30m"},
    {"WRAPUP_ELEVENLABS_CONCURRENCY", plain, "3"},
    {"WRAPUP_RETRY_SCHEDULE", plain, "5s,30s,2m,5m,15m,30m,1h,2h,4h,8h,12h,24h,24h"},
    {"WRAPUP_RECONCILE_INTERVAL", plain, "0"},
    {"WRAPUP_SINCE", plain, "first start"},
    {"WRAPUP_INBOUND", plain, "false"},
    {"WRAPUP_TIMEZONE", plain, "UTC"},
    {"WRAPUP_COUNTRY", plain, ""},
    {"WRAPUP_SIGNING_SECRET", secret, ""},
    {"WRAPUP_RETENTION", plain, "0"},
    {"WRAPUP_ALERT_URL", secret, ""},
    {"WRAPUP_HTTP_PROXY", url, ""},
    {"WRAPUP_TWILIO_BASE_URL", public_url, "https://api.twilio.com"},
    {"WRAPUP_ELEVENLABS_BASE_URL", public_url, "https://api.elevenlabs.io"},
    {"WRAPUP_ALLOW_UNSIGNED", plain, ""},
    {"WRAPUP_ALLOW_PRIVATE_TARGETS", plain, "false"},
    {"WRAPUP_LOG", plain, "text"},
    {"WRAPUP_CONFIG", plain, "./wrapup.toml if present"},
    {"destination.crm.timeout", plain, "35s"},
    {"destination.crm.accept_status", plain, ""},
    {"destination.crm.on_unknown", plain, "retry"},
    {"metadata.mongodb.calls.collection", plain, "calls"},
    {"metadata.mongodb.calls.sid", plain, "callSid"},
    {"metadata.mongodb.calls.name", plain, "contactName"},
    {"metadata.mongodb.calls.campaign", plain, "campaignId"},
    {"metadata.mongodb.calls.conversation", plain, "conversationId"},
    {"metadata.mongodb.calls.agent", plain, "agentId"},
    {"metadata.mongodb.calls.to", plain, "to"},
    {"metadata.mongodb.calls.answered_by", plain, "answeredBy"},
    {"metadata.mongodb.campaigns.collection", plain, "campaigns"},
    {"metadata.mongodb.campaigns.name", plain, "name"},
    {"metadata.mongodb.campaigns.description", plain, "description"},
    {"metadata.mongodb.contacts.collection", plain, "contacts"},
    {"metadata.mongodb.contacts.phone", plain, "phoneNumber"},
    {"metadata.mongodb.contacts.name", plain, "name"},
};

// What the design has and this version has not. Whoever builds one of them deletes its row.
struct NotBuilt {
    std::string_view name;  // With a '.' at its end: all names that begin so.
    std::string_view off;   // A value that only turns it off; empty: there is none.
};
constexpr NotBuilt not_built[] = {
    {"DATABASE_URL", ""},      {"WRAPUP_ALERT_URL", ""},   {"WRAPUP_RECONCILE_INTERVAL", "0"},
    {"WRAPUP_RETENTION", "0"}, {"WRAPUP_TIMEZONE", "UTC"}, {"destination.crm.rate", ""},
};
// Destinations beside `crm`.
constexpr bool is_other_destination_built = false;

bool names(const NotBuilt& row, std::string_view name) {
    if (!row.name.ends_with('.')) return row.name == name;
    return name.starts_with(row.name) || name == row.name.substr(0, row.name.size() - 1);
}

bool is_other_destination(std::string_view name) {
    constexpr std::string_view all = "destination.";
    constexpr std::string_view ours = "destination.crm";
    return name.starts_with(all) && name != ours && !name.starts_with("destination.crm.");
}

bool is_off(std::string_view value, std::string_view off) {
    if (off.empty()) return false;
    return value == off || (off == "0" && parse_duration(value) == milliseconds{0});
}

// Levenshtein. Names are short, and a long one cannot be near anything.
std::size_t distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> row(b.size() + 1);
    for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
    for (std::size_t i = 1; i <= a.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
            diagonal = row[j];
            row[j] = std::min({row[j] + 1, row[j - 1] + 1, substituted});
        }
    }
    return row[b.size()];
}

}  // namespace

std::span<const SettingRow> setting_table() { return table; }

const SettingRow* find_setting(std::string_view name) {
    const auto* const found = std::find_if(std::begin(table), std::end(table),
                                           [&](const SettingRow& row) { return row.name == name; });
    return found == std::end(table) ? nullptr : found;
}

bool is_reserved_name(std::string_view name) {
    return name.starts_with("WRAPUP_TEST_") || name.starts_with("WRAPUP_SIM_") ||
           name == "WRAPUP_BIN";
}

std::optional<std::string_view> nearest_setting(std::string_view name) {
    constexpr std::size_t size_max = 64;
    constexpr std::size_t typos_max = 2;
    if (name.size() > size_max) return {};
    std::optional<std::string_view> nearest;
    std::size_t least = typos_max + 1;
    for (const auto& row : table) {
        const std::size_t found = distance(name, row.name);
        if (found >= least) continue;
        least = found;
        nearest = row.name;
    }
    return nearest;
}

std::optional<std::string> why_not_built(std::string_view name, std::string_view value) {
    constexpr std::string_view reason = "asks for something that this version does not have yet";
    if (!is_other_destination_built && is_other_destination(name)) return std::string(reason);
    for (const auto& row : not_built) {
        if (!names(row, name) || is_off(value, row.off)) continue;
        if (row.off.empty()) return std::string(reason);
        return std::string(reason) + "; leave it out or say " + std::string(row.off);
    }
    return {};
}

}  // namespace wrapup
