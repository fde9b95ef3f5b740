#include "app/config/setting_rules.hpp"

namespace wrapup {
namespace {

// A setting that is there but wrong was reported already: what counts here is whether it is there.
class Rules {
public:
    Rules(const Settings& settings, const SettingSources& sources,
          std::vector<SettingProblem>& problems)
        : settings_(settings), sources_(sources), problems_(problems) {}

    void check_destinations() {
        for (const auto& destination : settings_.destinations) {
            const std::string name = "destination." + destination.name + ".url";
            const bool is_crm = destination.name == crm_name;
            if (sources_.has(name) || (is_crm && sources_.has("CRM_WEBHOOK_URL"))) continue;
            if (!is_crm && destination.is_wanted.value_or(true)) complain(name, "is missing");
            if (is_crm && destination.is_enabled()) {
                complain("CRM_WEBHOOK_URL", "is missing: ENABLE_CRM_WEBHOOK is true");
            }
        }
    }

    void check_mongodb() {
        const auto valid = validate(settings_.mongodb_mapping);
        if (valid) return;
        problems_.push_back({"metadata.mongodb", "metadata.mongodb: " + valid.error().detail});
    }

    void check_twilio() {
        const bool has_sid = sources_.has("TWILIO_ACCOUNT_SID");
        const bool has_token = sources_.has("TWILIO_AUTH_TOKEN");
        if (has_sid && !has_token) {
            complain("TWILIO_AUTH_TOKEN", "is missing: it comes together with TWILIO_ACCOUNT_SID");
        }
        if (has_token && !has_sid) {
            complain("TWILIO_ACCOUNT_SID", "is missing: it comes together with TWILIO_AUTH_TOKEN");
        }
        if ((has_sid || has_token) && !sources_.has("SERVER_URL")) {
            complain("SERVER_URL",
                     "is missing: Twilio's signatures are made over the public URL "
                     "that Twilio was given");
        }
    }

    void check_senders() {
        if (sources_.has("TWILIO_ACCOUNT_SID") || sources_.has("TWILIO_AUTH_TOKEN") ||
            sources_.has("ELEVENLABS_WEBHOOK_SECRET") || sources_.has("WRAPUP_ALLOW_UNSIGNED")) {
            return;
        }
        complain("TWILIO_ACCOUNT_SID",
                 "is missing, and so is ELEVENLABS_WEBHOOK_SECRET: nobody could tell us of a call "
                 "(set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and SERVER_URL, or "
                 "ELEVENLABS_WEBHOOK_SECRET)");
    }

    void check_listeners() {
        if (sources_.has("WRAPUP_ALLOW_UNSIGNED") && !is_loopback(settings_.listen)) {
            const std::string why = sources_.has("WRAPUP_LISTEN") ? "WRAPUP_LISTEN" : "PORT alone";
            complain("WRAPUP_ALLOW_UNSIGNED", "is accepted only while listening on loopback, and " +
                                                  why + " means " + to_string(settings_.listen));
        }
        if (settings_.admin_listen == settings_.listen) {
            complain("WRAPUP_ADMIN_LISTEN",
                     "is the address that WRAPUP_LISTEN or PORT has already");
        }
    }

private:
    void complain(std::string name, std::string_view why) {
        std::string text = name + " " + std::string(why);
        problems_.push_back({std::move(name), std::move(text)});
    }

    const Settings& settings_;
    const SettingSources& sources_;
    std::vector<SettingProblem>& problems_;
};

}  // namespace

void check_rules(const Settings& settings, const SettingSources& sources,
                 std::vector<SettingProblem>& problems) {
    Rules rules(settings, sources, problems);
    rules.check_destinations();
    rules.check_twilio();
    rules.check_senders();
    rules.check_listeners();
    rules.check_mongodb();
}

}  // namespace wrapup
