#include <chrono>
#include <memory>
#include <ostream>
#include <thread>

#include "adapters/sqlite/data_folder.hpp"
#include "adapters/sqlite/store.hpp"
#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/cli/status_view.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Says what is wrong and the next command to type, then what is where. Exit code
1: a person is needed.

Examples:
  wrapup status
  wrapup status --watch
  wrapup status --json)";

constexpr std::chrono::seconds pause_between{2};

// Of a server of this machine that is not there: what keeps it from starting.
std::string why_not_here(const Console& console, const CommandLine& line) {
    if (!line.profile.empty() || !line.url.empty()) return {};
    const auto input = console.read_settings();
    if (!input) return {};
    const Settings settings = inspect_settings(*input).settings;
    if (!settings.client_url.empty() || !settings.database_url.empty()) return {};
    const auto room =
        check_room(settings.data_dir.string(), SqliteStore::OpenOptions{}.free_bytes_min);
    return room ? std::string() : " It cannot start: " + room.error().detail + ".";
}

int show_once(Console& console, const CommandLine& line, const ApiClient& client) {
    const ServerAnswers asked = ask_status(client);
    if (!asked.is_there) {
        return unusable(console, asked.is_there.error().detail + why_not_here(console, line));
    }
    if (line.is_json) {
        console.out << status_json(asked.answers) << "\n";
    } else {
        console.out << render_status(asked.answers, console.has_colour, ListTimes(console));
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
