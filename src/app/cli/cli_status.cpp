#include <chrono>
#include <memory>
#include <mutex>
#include <ostream>
#include <thread>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/status_view.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr const char* notes =
    R"(Says what is wrong and the next command to type, then what is where. Exit code
1: a person is needed.

Examples:
  wrapup status
  wrapup status --watch
  wrapup status --json)";

constexpr std::chrono::seconds pause_between{2};

struct Asked {
    StatusAnswers answers;
    Result<void> is_there;  // Why nobody answered, or that we may not ask.
};

// Null when there is no such answer; `asked` remembers why when nobody answers at all.
json::value take(const Result<ApiAnswer>& answer, std::string_view target, Asked& asked) {
    if (!answer) {
        asked.is_there = answer.error();
        return {};
    }
    if (answer->status == 401 || answer->status == 429) {
        asked.is_there = Error{Errc::unauthorized, problem_text(answer->status, answer->body)};
    }
    // /readyz tells of a store that is away with 503.
    if (answer->status != 200 && target != "/readyz") return {};
    auto parsed = parse_answer_json(answer->body);
    return parsed ? *std::move(parsed) : json::value{};
}

Asked ask_all(const ApiClient& client) {
    Asked asked;
    std::mutex mutex;
    asked.answers = ask_status([&](std::string_view target) {
        const auto answer = client.get(target);
        const std::lock_guard lock(mutex);
        return take(answer, target, asked);
    });
    return asked;
}

int show_once(Console& console, const CommandLine& line, const ApiClient& client) {
    const Asked asked = ask_all(client);
    if (!asked.is_there) return unusable(console, asked.is_there.error().detail);
    if (line.is_json) {
        console.out << status_json(asked.answers) << "\n";
    } else {
        console.out << render_status(asked.answers, console.has_colour);
    }
    return findings_of(asked.answers).empty() ? exit_ok : exit_failed;
}

int show_status(Console& console, const CommandLine& line, bool watches) {
    const auto client = open_api(console, line);
    if (!client) return unusable(console, client.error().detail);
    int code = show_once(console, line, *client);
    while (watches && console.out.flush()) {
        std::this_thread::sleep_for(pause_between);
        if (console.has_colour) console.out << "\033[H\033[2J";
        code = show_once(console, line, *client);
    }
    return code;
}

}  // namespace

CommandSpec status_command() {
    const auto watches = std::make_shared<bool>(false);
    CommandSpec command{"status", "What is wrong, and the next command", notes, {}, {}, {}};
    command.options = {{"--watch", "", "Again every 2 s, until Ctrl-C", watches.get(), false, ""}};
    command.run = [watches](Console& console, const CommandLine& line) {
        return show_status(console, line, *watches);
    };
    return command;
}

}  // namespace wrapup
