#pragma once

// GET /api/settings: what counts here and where it was said, secrets masked; what `wrapup doctor`
// finds without asking anybody; which settings were changed since the start; and the SERVER_URL
// that refused requests would match.

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "http/server/routes.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

struct ShownSetting {
    std::string name;
    std::string value;  // Fit to be shown. Empty: not set.
    std::string source;
    bool is_secret = false;
};
struct ShownFinding {
    std::string_view level;  // good, note, broken.
    std::string text;
    std::string advice;  // Empty: there is nothing to do.
};
struct InstallationFindings {
    std::vector<ShownFinding> findings;
    std::vector<std::string> changed;  // Settings that the sources say otherwise since the start.
};
struct InstallationView {
    std::vector<ShownSetting> settings;
    std::function<InstallationFindings()> examine;  // May block; may be empty.
};

class SettingsRoutes {
public:
    // `matching_url` tells the SERVER_URL that requests were signed for, if they were refused for
    // want of it; on the server's thread.
    SettingsRoutes(InstallationView view, std::function<std::string()> matching_url,
                   BlockingPool& pool)
        : view_(std::move(view)), matching_url_(std::move(matching_url)), pool_(pool) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    Task<Response> show();

    const InstallationView view_;
    const std::function<std::string()> matching_url_;
    BlockingPool& pool_;
};

}  // namespace wrapup
