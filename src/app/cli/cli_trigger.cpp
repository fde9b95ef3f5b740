#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <random>
#include <thread>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/delivery_words.hpp"
#include "app/cli/long_wait.hpp"
#include "app/cli/send_blocked.hpp"
#include "app/cli/short_time.hpp"
#include "app/cli/trigger_sample.hpp"
#include "app/cli/trigger_steps.hpp"
#include "app/doctor/doctor.hpp"
#include "base/console_text.hpp"
#include "codec/json/answer_json.hpp"
#include "codec/twilio/twilio_signature.hpp"
#include "domain/callable_number.hpp"
#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr const char* notes =
    R"(Plays Twilio at the end of a call: posts a signed status callback to SERVER_URL,
from outside, and follows it to the CRM. Each step is told with its time; one
that fails says what to do. ENDING: held (the default), voicemail, busy,
no-answer, failed, canceled.

The CRM gets one record that says of itself that it is a test, with --to as the
number. No summary is waited for, and no ledger counts it. With --dry-run it is
stored and settled, the record is shown, and no destination is told.

Exit code 1: a step failed. 2: no server to ask, or wrong settings.

Examples:
  wrapup trigger --dry-run
  wrapup trigger
  wrapup trigger voicemail --to +61255501234
  wrapup trigger busy --json)";

// Where nobody can be reached: kept free for films and examples.
constexpr const char* nobodys_number = "+12025550100";
constexpr const char* twilios_test_number = "+15005550006";
constexpr milliseconds look_every{50};
constexpr std::chrono::seconds settle_patience{10};
constexpr std::chrono::seconds delivery_patience{60};

struct TriggerOptions {
    std::string ending = "held";
    std::string to = nobodys_number;
    bool is_dry = false;
};

using SteadyTime = std::chrono::steady_clock::time_point;

milliseconds since(SteadyTime from) {
    return std::chrono::ceil<milliseconds>(std::chrono::steady_clock::now() - from);
}

std::string random_digits() {
    constexpr const char* digits = "0123456789abcdef";
    std::random_device device;
    std::string text;
    for (int i = 0; i < 15; ++i) text += digits[device() % 16];
    return text;
}

// Tells the steps as they are made.
class Trigger {
public:
    Trigger(Console& console, const CommandLine& line, const TriggerOptions& options,
            const Settings& settings, const ApiClient& client)
        : console_(console), line_(line), options_(options), settings_(settings), client_(client) {
        call_.call_sid = sample_call_sid(random_digits(), options.is_dry);
        call_.account_sid = settings.twilio_account_sid;
        call_.from = settings.twilio_phone_numbers.empty() ? twilios_test_number
                                                           : settings.twilio_phone_numbers.front();
        call_.to = options.to;
        call_.ending = options.ending;
    }

    int run() {
        if (!find_server()) return end(exit_unusable);
        examine_url();
        ask_twilio();
        const bool is_through = post() && find_stored() && await_record() && await_deliveries();
        return end(is_through && is_all_done_ ? exit_ok : exit_failed);
    }

private:
    bool add(TriggerStep step) {
        is_all_done_ = is_all_done_ && step.is_done;
        const bool is_done = step.is_done;
        if (line_.is_json) {
            steps_.push_back(step_json(step));
        } else {
            step.said = ListTimes(console_).sentence(step.said);
            console_.out << render_step(step, console_.has_colour) << std::flush;
        }
        return is_done;
    }

    bool find_server() {
        const auto from = std::chrono::steady_clock::now();
        const auto answer = client_.get("/api/settings");
        if (!answer) {
            const bool is_refused = answer.error().code == Errc::unauthorized;
            return add({"wrapup",
                        false,
                        {},
                        answer.error().detail,
                        is_refused ? "name its token with --token-file or WRAPUP_API_TOKEN"
                                   : "wrapup serve, or name the one that runs with --url"});
        }
        if (answer->status != 200) {
            const std::string why = problem_text(answer->status, answer->body);
            const bool passes = answer->status == 429 || answer->status == 503;
            return add({"wrapup",
                        false,
                        {},
                        why,
                        passes ? "wait a little, then wrapup trigger" : "wrapup doctor"});
        }
        return add({"wrapup", true, since(from), "runs", {}});
    }

    // What Twilio does with such a URL; from here it may be answered all the same.
    void examine_url() {
        for (const Finding& found : examine_server_url(settings_)) {
            if (found.level != Finding::Level::broken) continue;
            add({"SERVER_URL", false, {}, found.text, found.advice});
        }
    }

    // Signs as Twilio would only with the token that Twilio has. Who cannot be asked is no step.
    void ask_twilio() {
        const auto from = std::chrono::steady_clock::now();
        const Finding found = examine_twilio_credentials(settings_);
        if (found.level == Finding::Level::note) return;
        const bool is_good = found.level == Finding::Level::good;
        add({"token", is_good, since(from), found.text, is_good ? "" : found.advice});
    }

    json::value read(std::string_view target) const {
        const auto answer = client_.get(target);
        auto parsed = answer ? parse_answer_json(answer->body) : Result<json::value>(json::value());
        return parsed ? *std::move(parsed) : json::value();
    }

    std::map<std::string, std::string> refused_by_cause() const {
        std::map<std::string, std::string> counts;
        const json::value answer = read("/api/reconciliation");
        for (const json::value& one : list_member(answer, {"refused"})) {
            counts[text_member(one, {"cause"})] = text_member(one, {"count"});
        }
        return counts;
    }

    RunningServer look_at_server(std::map<std::string, std::string> refused_before) const {
        RunningServer running;
        auto refused = refused_by_cause();
        running.has_refused_one = refused != refused_before;
        const json::value answer = read("/api/settings");
        // What it would match may be of a request before ours.
        constexpr const char* wrong_url = "wrong_server_url";
        if (refused[wrong_url] != refused_before[wrong_url]) {
            running.matching_url = text_member(answer, {"server_url_that_would_match"});
        }
        for (const json::value& one : list_member(answer, {"settings"})) {
            if (text_member(one, {"name"}) == "SERVER_URL") {
                running.server_url = text_member(one, {"value"});
            }
        }
        return running;
    }

    bool post() {
        auto refused_before = refused_by_cause();
        const auto now = std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
        const Form form = sample_callback(call_, now);
        ProbeRequest request;
        request.url = settings_.server_url + "/call-status-callback";
        request.body = render_form(form);
        const std::string& token = settings_.twilio_auth_tokens.front();
        request.headers = {{"X-Twilio-Signature", twilio_signature(token, request.url, form)}};
        const ProbeAnswer answer = [&] {
            const LongWait waiting(console_.err, words_of("an answer at SERVER_URL"));
            return probe_get(request);
        }();
        posted_at_ = std::chrono::steady_clock::now();
        const RunningServer running =
            answer.status == 403 ? look_at_server(std::move(refused_before)) : RunningServer{};
        bool is_through = true;
        for (TriggerStep& step : judge_post(answer, settings_, running)) {
            is_through = add(std::move(step)) && is_through;
        }
        return is_through;
    }

    // Only what is stored was believed.
    bool find_stored() {
        story_ = read_story(client_, call_.call_sid);
        if (story_) {
            add({"signature",
                 true,
                 {},
                 settings_.allows_unsigned_twilio ? "not asked for (WRAPUP_ALLOW_UNSIGNED)"
                                                  : "matches TWILIO_AUTH_TOKEN and SERVER_URL",
                 {}});
            return add({"stored", true, {}, "as " + call_.call_sid, {}});
        }
        if (story_.error().code != Errc::not_found) {
            const std::string& why = story_.error().detail;
            return add({"stored", false, {}, why, "wrapup show " + call_.call_sid});
        }
        return add({"stored",
                    false,
                    {},
                    "answered, but the wrapup that was asked has not got it",
                    "let SERVER_URL lead to it, or name the one that answers with --url"});
    }

    // Who reads JSON is a program, and waits.
    std::string words_of(const std::string& for_what) const {
        return line_.is_json ? "" : "Still waiting for " + for_what + ".";
    }

    // Looks again until `is_there`.
    bool await(const std::string& what, const std::function<bool(const json::value&)>& is_there,
               std::chrono::seconds patience) {
        const LongWait waiting(console_.err,
                               words_of(what + ", " + format_duration(patience) + " at most"));
        const auto until = std::chrono::steady_clock::now() + patience;
        while (!story_ || !is_there(*story_)) {
            if (std::chrono::steady_clock::now() >= until) return false;
            std::this_thread::sleep_for(look_every);
            story_ = read_story(client_, call_.call_sid);
        }
        return true;
    }

    bool await_record() {
        const auto has_record = [](const json::value& story) {
            return member(story, {"record"}).is_object();
        };
        if (!await("its record", has_record, settle_patience)) {
            const std::string why = story_ ? text_member(*story_, {"why"}) : story_.error().detail;
            return add({"settled", false, {}, why, "wrapup show " + call_.call_sid});
        }
        const json::value& record = member(*story_, {"record"});
        return add(
            {"settled",
             true,
             since(posted_at_),
             text_member(record, {"status"}) + ", " + text_member(record, {"duration"}) + " s",
             {}});
    }

    bool tell_dry() {
        const auto answer = client_.get("/api/settings");
        const auto shown =
            answer ? parse_answer_json(answer->body) : Result<json::value>(answer.error());
        const json::value settings = shown ? *shown : json::value();
        for (const auto& finding : list_member(settings, {"findings"})) {
            const std::string text = text_member(finding, {"text"});
            if (!text.ends_with(at_private_address)) continue;
            return add({"CRM", false, {}, text, text_member(finding, {"advice"})});
        }
        return add({"CRM", true, {}, "told nothing (--dry-run); it would get what is below", {}});
    }

    bool await_deliveries() {
        if (options_.is_dry) return tell_dry();
        const auto ended = [this](const json::value& story) {
            return has_ended(story, {}) || has_ended(story, waited_for(client_));
        };
        if (!await("the CRM's answer", ended, delivery_patience)) {
            const std::string why = story_ ? text_member(*story_, {"why"}) : story_.error().detail;
            return add({"CRM", false, {}, why, "wrapup show " + call_.call_sid});
        }
        auto steps = judge_deliveries(*story_, since(posted_at_), closed_destinations(client_));
        if (steps.empty()) {
            return add({"CRM",
                        false,
                        {},
                        text_member(*story_, {"why"}),
                        "see what the destinations want (only, in wrapup.toml)"});
        }
        bool is_accepted = true;
        for (TriggerStep& step : steps) is_accepted = add(std::move(step)) && is_accepted;
        return is_accepted;
    }

    int end(int code) {
        const json::value record = story_ ? member(*story_, {"record"}) : json::value();
        if (line_.is_json) {
            json::object out;
            out["ok"] = code == exit_ok;
            out["call"] = call_.call_sid;
            out["ending"] = call_.ending;
            out["dry_run"] = options_.is_dry;
            out["steps"] = std::move(steps_);
            out["record"] = record;
            console_.out << json::serialize(out) << "\n";
        } else if (options_.is_dry && record.is_object()) {
            console_.out << terminal_json(json::serialize(record)) << "\n";
        }
        return code;
    }

    Console& console_;
    const CommandLine& line_;
    const TriggerOptions& options_;
    const Settings& settings_;
    const ApiClient& client_;
    SampleCall call_;
    Result<json::value> story_{json::value()};
    SteadyTime posted_at_{};
    bool is_all_done_ = true;
    json::array steps_;
};

int trigger(Console& console, const CommandLine& line, const TriggerOptions& options) {
    if (!is_e164(options.to)) {
        return unusable(console, "--to is no number in international form, such as +12025550100");
    }
    const auto input = console.read_settings();
    if (!input) return unusable(console, input.error().detail);
    const InspectedSettings inspected = inspect_settings(*input);
    if (!inspected.problems.empty()) return unusable(console, inspected.problems.front().text);
    const Settings& settings = inspected.settings;
    if (!settings.has_twilio() || settings.server_url.empty()) {
        return unusable(console,
                        "TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and SERVER_URL are not all set: "
                        "Twilio's callbacks are closed, and this plays Twilio");
    }
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    return Trigger(console, line, options, settings, *client).run();
}

}  // namespace

CommandSpec trigger_command() {
    const auto options = std::make_shared<TriggerOptions>();
    CommandSpec command{
        "trigger", "Send a signed test through SERVER_URL to the CRM", notes, {}, {}, {}};
    command.options = {
        {"ENDING", "", "How the call ends: held, voicemail, busy, ...", &options->ending, false, "",
         sample_endings()},
        {"--to", "NUMBER", "The number that the record names", &options->to, false, ""},
        {"--dry-run", "", "Tell no destination; show the record", &options->is_dry, false, ""}};
    command.run = [options](Console& console, const CommandLine& line) {
        return trigger(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
