#pragma once

// A URL with several hosts, one by one. libpq would go through them by itself, but one deadline
// would then count for all, and a first host that is frozen would use it up.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace wrapup::postgres {

// What libpq needs to reach one of them.
struct HostParameters {
    std::string place;  // "host:port", for people.
    std::vector<std::pair<std::string, std::string>> values;
};

// In the order of the URL, at least one. Errors: invalid_input, without what the URL says.
Result<std::vector<HostParameters>> read_hosts(const std::string& url);

}  // namespace wrapup::postgres
