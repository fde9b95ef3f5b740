#include "adapters/postgres/hosts.hpp"

#include <libpq-fe.h>

#include <algorithm>
#include <array>
#include <memory>

namespace wrapup::postgres {
namespace {

// "a,b" is two, "" is one that is empty.
std::vector<std::string> split(std::string_view list) {
    std::vector<std::string> parts{1};
    for (const char c : list) {
        if (c == ',') {
            parts.emplace_back();
        } else {
            parts.back() += c;
        }
    }
    return parts;
}

// A port that is given once is everybody's.
const std::string& part(const std::vector<std::string>& parts, std::size_t at) {
    return parts[parts.size() == 1 ? 0 : at];
}

}  // namespace

Result<std::vector<HostParameters>> read_hosts(const std::string& url) {
    const std::unique_ptr<PQconninfoOption, decltype(&PQconninfoFree)> options{
        PQconninfoParse(url.c_str(), nullptr), &PQconninfoFree};
    if (!options) return Error{Errc::invalid_input, "PostgreSQL: the URL cannot be read"};

    // Lists, an entry for each host.
    std::array lists{std::pair{std::string("host"), std::vector<std::string>{}},
                     std::pair{std::string("hostaddr"), std::vector<std::string>{}},
                     std::pair{std::string("port"), std::vector<std::string>{}}};
    std::vector<std::pair<std::string, std::string>> others;
    for (const PQconninfoOption* option = options.get(); option->keyword != nullptr; ++option) {
        if (option->val == nullptr) continue;
        const auto list = std::ranges::find(
            lists, option->keyword, [](auto& one) -> const auto& { return one.first; });
        if (list != lists.end()) {
            list->second = split(option->val);
        } else {
            others.emplace_back(option->keyword, option->val);
        }
    }

    std::size_t count = 1;
    for (const auto& [name, parts] : lists) count = std::max(count, parts.size());
    for (const auto& [name, parts] : lists) {
        const bool may_be_one = name == "port" && parts.size() == 1;
        if (!parts.empty() && parts.size() != count && !may_be_one) {
            return Error{Errc::invalid_input, "PostgreSQL: " + std::to_string(count) +
                                                  " hosts, and another number of " + name};
        }
    }
    const auto is_number = [](const std::string& port) {
        return std::ranges::all_of(port, [](char c) { return c >= '0' && c <= '9'; });
    };
    if (!std::ranges::all_of(lists.back().second, is_number)) {
        return Error{Errc::invalid_input, "PostgreSQL: a port is a number"};
    }
    std::vector<HostParameters> hosts(count);
    for (std::size_t i = 0; i < count; ++i) {
        HostParameters& host = hosts[i];
        host.values = others;
        for (const auto& [name, parts] : lists) {
            if (parts.empty() || part(parts, i).empty()) continue;
            host.values.emplace_back(name, part(parts, i));
            if (name == "hostaddr" && !host.place.empty()) continue;
            host.place += (name == "port" ? ":" : "") + part(parts, i);
        }
        if (host.place.empty()) host.place = "the default host";
    }
    return hosts;
}

}  // namespace wrapup::postgres
