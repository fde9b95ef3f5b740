#include "app/serve/house_placing.hpp"

#include <random>

#include "base/hex.hpp"

namespace wrapup {
namespace {

constexpr std::string_view secret_key = "placing.secret";

std::string random_hex(int bytes) {
    std::random_device device;
    std::string hex;
    for (int i = 0; i < bytes; ++i) append_hex(hex, static_cast<unsigned char>(device()));
    return hex;
}

std::string secret_in(Store& store, UtcTime now) {
    const auto kept = store.kept_values(secret_key);
    if (!kept) return {};
    if (!kept->empty()) return kept->front().value;
    std::string secret = random_hex(32);
    NoteReconciliation note;
    note.values.push_back({std::string(secret_key), secret});
    const StoreOp op = std::move(note);
    const auto done = store.commit(std::span(&op, 1), now);
    return done ? secret : std::string();
}

}  // namespace

std::string missing_for_placing(const Settings& settings) {
    std::string missing;
    const auto want = [&](bool is_there, std::string_view name) {
        if (is_there) return;
        if (!missing.empty()) missing += ", ";
        missing += name;
    };
    want(settings.has_twilio(), "TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN");
    want(!settings.server_url.empty(), "SERVER_URL");
    want(!settings.elevenlabs_api_key.empty(), "ELEVENLABS_API_KEY");
    want(!settings.elevenlabs_agents.empty(), "ELEVENLABS_AGENT_ID");
    return missing;
}

PlacerSettings placer_settings(const Settings& settings, Store& store, UtcTime now) {
    PlacerSettings result;
    result.server_url = settings.server_url;
    if (missing_for_placing(settings).empty()) result.secret = secret_in(store, now);
    if (!settings.twilio_phone_numbers.empty()) {
        result.from = settings.twilio_phone_numbers.front();
    }
    if (!settings.elevenlabs_agents.empty()) result.agent_id = settings.elevenlabs_agents.front();
    result.calls_per_second = settings.calls_per_second;
    result.calls_max = settings.calls_max;
    result.attempts_per_day_max = settings.calls_per_number;
    result.timeout_s = std::chrono::duration_cast<seconds>(settings.ring_time).count();
    result.time_limit_s = std::chrono::duration_cast<seconds>(settings.call_time).count();
    result.retry_busy = settings.retry_busy;
    result.retry_no_answer = settings.retry_no_answer;
    result.sorry = settings.no_agent_say;
    result.hangs_up_on_machine = settings.hangs_up_on_machine;
    return result;
}

Result<HoursNow> hours_now(const CallingHours& hours, CallingZones& zones, const Intent& intent,
                           UtcTime now) {
    if (hours.windows.empty() && intent.time_zone.empty()) return HoursNow{};
    return zones.look(hours, intent.to, intent.time_zone, now);
}

HoursOf hours_in(const CallingHours& hours, CallingZones& zones) {
    return [&hours, &zones](const Intent& intent, UtcTime now) {
        return hours_now(hours, zones, intent, now);
    };
}

std::string random_intent_id() { return random_hex(16); }

}  // namespace wrapup
