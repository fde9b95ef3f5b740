#pragma once

// Talks to the HTTP API of the running server, for the commands that are its clients.

#include <functional>
#include <string>
#include <string_view>

#include "app/cli/cli.hpp"
#include "base/result.hpp"

namespace wrapup {

struct ApiAnswer {
    int status = 0;
    std::string body;
};

class ApiClient {
public:
    // `base_url` without a trailing slash.
    ApiClient(std::string base_url, std::string token)
        : base_url_(std::move(base_url)), token_(std::move(token)) {}

    // `target`: path and query. unavailable when nobody answers; the words say what to do.
    Result<ApiAnswer> get(std::string_view target) const;
    Result<ApiAnswer> post(std::string_view target, std::string_view json) const;
    Result<ApiAnswer> del(std::string_view target) const;
    // Gives what comes of an answer that does not end to `take`, until `goes_on` is false (asked
    // about once a second) or the server ends it. Nothing is taken of an answer other than 200.
    Result<void> listen(std::string_view target, std::function<bool()> goes_on,
                        std::function<void(std::string_view)> take) const;

private:
    Result<ApiAnswer> request(std::string_view target, const std::string* body,
                              const char* verb = nullptr) const;

    std::string base_url_;
    std::string token_;
};

// The client for --url and --token-file, else for the settings: WRAPUP_URL, else
// WRAPUP_ADMIN_LISTEN, WRAPUP_LISTEN or PORT, and WRAPUP_API_TOKEN or the data folder's file. Other
// settings may be wrong: a client needs none of them.
Result<ApiClient> open_api(const Console& console, const CommandLine& line);

}  // namespace wrapup
