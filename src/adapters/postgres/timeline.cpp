#include "adapters/postgres/timeline.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string_view>

#include "base/text.hpp"

namespace wrapup::postgres {
namespace {

constexpr std::size_t bytes_max = 64;

bool is_digits(std::string_view text) {
    return !text.empty() &&
           std::ranges::all_of(text, [](char one) { return one >= '0' && one <= '9'; });
}

// "SYSTEM NUMBER" and the end of the line, as it is written.
std::optional<Timeline> parse(std::string_view text) {
    const std::size_t space = text.find(' ');
    if (space == std::string_view::npos || !text.ends_with('\n')) return std::nullopt;
    const std::string_view system = text.substr(0, space);
    const std::string_view digits = text.substr(space + 1, text.size() - space - 2);
    if (!is_digits(system) || !is_digits(digits)) return std::nullopt;
    const auto number = parse_int(digits);
    if (!number || *number < 1) return std::nullopt;
    return Timeline{std::string(system), *number};
}

}  // namespace

Result<Timeline> read_timeline(const std::string& path) {
    std::error_code error;
    if (!std::filesystem::exists(path, error) && !error) return Timeline{};
    std::string text(bytes_max + 1, '\0');
    errno = 0;
    std::ifstream file(path, std::ios::binary);
    if (!file.read(text.data(), std::ssize(text)) && !file.eof()) {
        return Error{Errc::unavailable, path + ": cannot be read: " + std::strerror(errno)};
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    auto read = parse(text);
    if (!read) return Error{Errc::corrupt, path + ": is damaged"};
    return *std::move(read);
}

Result<void> write_timeline(const std::string& path, const Timeline& timeline) {
    const std::string next = path + ".new";
    const auto failed = [&] {
        return Error{Errc::unavailable, path + ": cannot be written: " + std::strerror(errno)};
    };
    {
        std::ofstream file(next, std::ios::trunc);
        file << timeline.system << ' ' << timeline.number << '\n';
        if (!file.flush()) return failed();
    }
    if (std::rename(next.c_str(), path.c_str()) != 0) return failed();
    return {};
}

}  // namespace wrapup::postgres
