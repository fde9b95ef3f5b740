#pragma once

// Talks to the HTTP API of the running server, for the commands that are its clients.

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "app/cli/cli.hpp"
#include "base/result.hpp"

namespace wrapup {

struct ApiAnswer {
    int status = 0;
    std::string body;
};

struct ApiPatience {
    std::chrono::milliseconds reading{60'000};  // What only reads is answered within it.
    std::chrono::milliseconds silence{45'000};  // Of a stream, which says something every 15 s.
};

// The path with those of the parameters that are not empty.
std::string with_query(std::string_view path,
                       const std::vector<std::pair<std::string_view, std::string>>& parameters);

class ApiClient {
public:
    // `base_url` without a trailing slash.
    ApiClient(std::string base_url, std::string token, ApiPatience patience = {})
        : base_url_(std::move(base_url)), token_(std::move(token)), patience_(patience) {}

    // `target`: path and query. unavailable when nobody answers, or somebody else than wrapup; the
    // words say what to do.
    Result<ApiAnswer> get(std::string_view target) const;
    Result<ApiAnswer> post(std::string_view target, std::string_view json) const;
    Result<ApiAnswer> del(std::string_view target) const;
    // Gives what comes of an answer that does not end to `take`, until `goes_on` is false (asked
    // about once a second), the server ends it, or says nothing for too long. Nothing is taken of
    // an answer other than 200.
    Result<void> listen(std::string_view target, std::function<bool()> goes_on,
                        std::function<void(std::string_view)> take) const;

private:
    Result<ApiAnswer> request(std::string_view target, const std::string* body,
                              const char* verb = nullptr) const;

    std::string base_url_;
    std::string token_;
    ApiPatience patience_;
};

// The client for --url and --token-file, else for the settings: WRAPUP_URL, else
// WRAPUP_ADMIN_LISTEN, WRAPUP_LISTEN or PORT, and WRAPUP_API_TOKEN or the data folder's file. Other
// settings may be wrong: a client needs none of them.
Result<ApiClient> open_api(const Console& console, const CommandLine& line);

}  // namespace wrapup
