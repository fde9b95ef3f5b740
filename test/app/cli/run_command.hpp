#pragma once

// A command of the program, as if typed where nobody sits at a terminal.

#include <functional>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include "app/cli/cli.hpp"
#include "test/app/test_server.hpp"

namespace wrapup {

constexpr const char* test_api_token = "0123456789abcdef";

struct CliOutcome {
    int code;
    std::string out;
    std::string err;
};

using Confirm = std::function<bool(const std::string&)>;

inline CliOutcome run(const std::vector<std::string>& arguments,
                      const std::map<std::string, std::string>& environment = {},
                      Confirm confirm = {}, std::size_t columns = 0) {
    std::ostringstream out;
    std::ostringstream err;
    Console console{out, err, false, [&]() -> Result<SettingsInput> {
                        SettingsInput input;
                        for (const auto& [name, value] : environment) {
                            input.environment[name] = value;
                        }
                        input.environment.try_emplace("WRAPUP_API_TOKEN", test_api_token);
                        return input;
                    }};
    console.confirm = std::move(confirm);
    console.terminal_columns = columns;
    console.error_columns = columns;
    const int code = run_cli(arguments, console);
    return {code, out.str(), err.str()};
}

// What a person sees in Berlin.
inline CliOutcome run_on_terminal(const TestServer& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.end(), {"--url", server.url()});
    return run(arguments, {{"WRAPUP_TIMEZONE", "Europe/Berlin"}}, {}, 80);
}

inline CliOutcome run_at(const TestServer& server, std::vector<std::string> arguments,
                         Confirm confirm = {}) {
    arguments.insert(arguments.end(), {"--url", server.url()});
    return run(arguments, {}, std::move(confirm));
}

}  // namespace wrapup
