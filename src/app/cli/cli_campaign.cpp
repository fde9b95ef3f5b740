#include "app/cli/cli_campaign.hpp"

#include <unistd.h>

#include <algorithm>
#include <boost/json.hpp>
#include <chrono>
#include <fstream>
#include <iterator>
#include <memory>
#include <ostream>
#include <thread>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/list_file.hpp"
#include "base/console_text.hpp"
#include "base/text.hpp"
#include "codec/bytes/percent.hpp"
#include "codec/json/answer_json.hpp"
#include "import/import_meter.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t chunk_rows = 1'000;
constexpr std::size_t bad_rows_shown = 20;
constexpr milliseconds look_every{500};

int fail(Console& console, std::string_view why) {
    console.err << "wrapup: " << terminal_text(why) << "\n";
    return exit_failed;
}

std::string path_of(const std::string& campaign, std::string_view rest = "") {
    return "/api/campaigns/" + percent_encode(campaign) + std::string(rest);
}

Result<ListFile> read_file(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{Errc::invalid_input, path + " cannot be read"};
    const std::string text{std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
    auto read = read_list_file(text);
    if (!read) return Error{Errc::invalid_input, path + read.error().detail};
    return read;
}

// ---- Sending it ----

json::array waits_of(const std::string& text) {
    json::array waits;
    std::size_t at = 0;
    while (at <= text.size() && !text.empty()) {
        const std::size_t comma = std::min(text.find(',', at), text.size());
        waits.emplace_back(trim(std::string_view(text).substr(at, comma - at)));
        at = comma + 1;
    }
    return waits;
}

json::object settings_of(const ListCallOptions& options) {
    json::object body;
    const auto put = [&](const char* name, const std::string& value) {
        if (!value.empty()) body[name] = value;
    };
    put("campaign_name", options.campaign_name);
    put("agent_id", options.agent);
    put("from", options.from);
    put("not_before", options.not_before);
    put("not_after", options.not_after);
    if (!options.retry_busy.empty() || !options.retry_no_answer.empty()) {
        body["retry"] = json::object{{"busy", waits_of(options.retry_busy)},
                                     {"no_answer", waits_of(options.retry_no_answer)}};
    }
    return body;
}

// Sent in pieces: a number stands in a list once, so any of them may be sent again.
class ListSender {
public:
    ListSender(Console& console, const ApiClient& client, const ListCallOptions& options,
               ListFile& file)
        : console_(console), client_(client), options_(options), file_(file) {}

    // Whether all rows are good, by the server's rules; names those that are not.
    Result<void> check() {
        WRAPUP_CHECK(send(true));
        std::ranges::sort(file_.bad);
        for (std::size_t i = 0; i < file_.bad.size() && i < bad_rows_shown; ++i) {
            console_.err << terminal_text(options_.file) << " line " << file_.bad[i].first << ": "
                         << terminal_text(file_.bad[i].second) << "\n";
        }
        if (file_.bad.size() > bad_rows_shown) {
            console_.err << "and " << file_.bad.size() - bad_rows_shown << " more bad lines\n";
        }
        if (file_.bad.empty() || options_.skips_bad) return {};
        return Error{Errc::invalid_input, std::to_string(file_.bad.size()) +
                                              " lines are bad, and nobody is called: correct "
                                              "them, or leave them out with --skip-bad"};
    }
    Result<void> send() { return send(false); }

    std::int64_t accepted = 0;
    std::int64_t known = 0;
    std::map<std::string, std::int64_t> refused;

private:
    Result<void> send(bool is_dry_run) {
        ImportMeter meter(console_.err, is_dry_run ? "checking" : "sending",
                          ::isatty(STDERR_FILENO) == 1);
        for (std::size_t from = 0; from < file_.rows.size(); from += chunk_rows) {
            const std::size_t end = std::min(from + chunk_rows, file_.rows.size());
            json::object body = settings_of(options_);
            json::array calls;
            for (std::size_t i = from; i < end; ++i) calls.push_back(file_.rows[i].call);
            body["calls"] = std::move(calls);
            body["skip_bad"] = true;
            body["dry_run"] = is_dry_run;
            WRAPUP_TRY(const ApiAnswer answer, client_.post(path_of(options_.campaign_id, "/calls"),
                                                            json::serialize(body)));
            const auto parsed = parse_answer_json(answer.body);
            const bool is_all_bad = answer.status == 400 && parsed && !is_dry_run &&
                                    !list_member(*parsed, {"bad"}).empty();
            if (!is_all_bad && (answer.status < 200 || answer.status > 299 || !parsed)) {
                meter.clear();
                return Error{Errc::unavailable, problem_text(answer.status, answer.body)};
            }
            take(*parsed, from, is_dry_run);
            meter.show(end, file_.rows.size());
        }
        meter.clear();
        return {};
    }

    void take(const json::value& answer, std::size_t from, bool is_dry_run) {
        if (is_dry_run) {
            for (const json::value& bad : list_member(answer, {"bad"})) {
                const auto row = parse_int(text_member(bad, {"row"})).value_or(1);
                const std::string field = text_member(bad, {"field"});
                const std::string detail = text_member(bad, {"detail"});
                const std::size_t index = from + static_cast<std::size_t>(row) - 1;
                if (index >= file_.rows.size()) continue;
                file_.bad.emplace_back(file_.rows[index].line,
                                       field.empty() ? detail : field + ": " + detail);
            }
            return;
        }
        accepted += parse_int(text_member(answer, {"accepted"})).value_or(0);
        known += parse_int(text_member(answer, {"already_in_list"})).value_or(0);
        const json::value spared = member(answer, {"refused"});
        if (!spared.is_object()) return;
        for (const auto& [code, count] : spared.get_object()) {
            refused[std::string(code.data(), code.size())] +=
                count.is_int64() ? count.get_int64() : 0;
        }
    }

    Console& console_;
    const ApiClient& client_;
    const ListCallOptions& options_;
    ListFile& file_;
};

// ---- Following it ----

std::int64_t number_in(const json::value& answer, const char* path) {
    return parse_int(text_member(answer, {path})).value_or(0);
}

void print_list(Console& console, const json::value& list) {
    console.out << terminal_text(text_member(list, {"name"})) << ": "
                << text_member(list, {"state"});
    const std::string reason = text_member(list, {"reason"});
    if (!reason.empty()) console.out << " (" << terminal_text(reason) << ")";
    console.out << ", " << number_in(list, "rows.done") << " of " << number_in(list, "rows.total")
                << " done, " << number_in(list, "rows.calling") << " calling, "
                << number_in(list, "rows.waiting") << " waiting, " << number_in(list, "attempts")
                << " calls\n";
    const json::value outcomes = member(list, {"outcomes"});
    if (!outcomes.is_object()) return;
    for (const auto& [name, count] : outcomes.get_object()) {
        console.out << "  " << terminal_text(std::string_view(name.data(), name.size())) << "  "
                    << json::serialize(count) << "\n";
    }
}

int follow_list(Console& console, const CommandLine& line, const ApiClient& client,
                const std::string& campaign) {
    ImportMeter meter(console.err, campaign, ::isatty(STDERR_FILENO) == 1);
    for (;;) {
        const auto answer = client.get(path_of(campaign));
        const auto list = answer ? parse_answer_json(answer->body)
                                 : Result<json::value>(Error{Errc::unavailable, ""});
        if (!answer || answer->status != 200 || !list) {
            meter.clear();
            return fail(console, answer ? problem_text(answer->status, answer->body)
                                        : answer.error().detail);
        }
        const std::string state = text_member(*list, {"state"});
        const bool is_idle = number_in(*list, "rows.calling") == 0;
        meter.say(campaign + ", " + state);
        meter.show(static_cast<std::size_t>(number_in(*list, "rows.done")),
                   static_cast<std::size_t>(number_in(*list, "rows.total")));
        if (is_idle && state != "active") {
            meter.clear();
            if (line.is_json) {
                console.out << answer->body << "\n";
            } else {
                print_list(console, *list);
            }
            return state == "done" ? exit_ok : exit_failed;
        }
        std::this_thread::sleep_for(look_every);
    }
}

int ask_of_list(Console& console, const CommandLine& line, const std::string& campaign,
                const std::string& verb) {
    const auto client = open_api(console, line);
    if (!client) {
        console.err << "wrapup: " << client.error().detail << "\n";
        return exit_unusable;
    }
    if (verb == "follow") return follow_list(console, line, *client, campaign);
    const auto answer = verb == "show" ? client->get(path_of(campaign))
                                       : client->post(path_of(campaign, "/" + verb), "{}");
    if (!answer) return fail(console, answer.error().detail);
    const auto list = parse_answer_json(answer->body);
    if (answer->status != 200 || !list) {
        return fail(console, problem_text(answer->status, answer->body));
    }
    if (line.is_json) {
        console.out << answer->body << "\n";
    } else {
        print_list(console, *list);
    }
    return exit_ok;
}

CommandSpec verb_command(const std::string& verb, const std::string& help) {
    const auto id = std::make_shared<std::string>();
    CommandSpec command{verb, help, "Example:\n  wrapup campaign " + verb + " spring", {}, {}, {}};
    command.options = {{"ID", "", "The campaign, e.g. spring", id.get(), true, ""}};
    command.run = [id, verb](Console& console, const CommandLine& line) {
        return ask_of_list(console, line, *id, verb);
    };
    return command;
}

}  // namespace

int run_list_call(Console& console, const CommandLine& line, const ListCallOptions& options) {
    auto file = read_file(options.file);
    const auto client = open_api(console, line);
    if (!file || !client) {
        console.err << "wrapup: " << terminal_text((file ? client.error() : file.error()).detail)
                    << "\n";
        return exit_unusable;
    }
    ListSender sender(console, *client, options, *file);
    const auto checked = sender.check();
    if (!checked) return fail(console, checked.error().detail);
    const auto sent = sender.send();
    if (!sent) {
        return fail(console, sent.error().detail + "; run it again: nobody is called twice");
    }
    if (!line.is_json) {
        console.out << options.file << ": " << sender.accepted << " to be called, " << sender.known
                    << " in the list already, " << file->bad.size() << " bad";
        for (const auto& [code, count] : sender.refused) {
            console.out << ", " << count << " " << terminal_text(code);
        }
        console.out << std::endl;
    }
    if (options.is_left_alone) return exit_ok;
    return follow_list(console, line, *client, options.campaign_id);
}

CommandSpec campaign_command() {
    CommandSpec command{"campaign",
                        "Show, pause, resume or cancel a campaign's calls",
                        "Examples:\n  wrapup campaign show spring\n  wrapup campaign pause spring",
                        {},
                        {},
                        {}};
    command.commands = {verb_command("show", "How many were called, and what came of it"),
                        verb_command("follow", "The same, until all are done"),
                        verb_command("pause", "Call nobody more for now"),
                        verb_command("resume", "Go on where it was paused"),
                        verb_command("cancel", "Call nobody more; who talks goes on talking")};
    return command;
}

}  // namespace wrapup
