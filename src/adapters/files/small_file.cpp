#include "adapters/files/small_file.hpp"

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>

namespace wrapup {

Result<std::string> read_small_file(const std::filesystem::path& path) {
    constexpr std::size_t size_max = 1U << 20U;
    std::error_code error;
    const auto status = std::filesystem::status(path, error);
    if (status.type() == std::filesystem::file_type::not_found) {
        return Error{Errc::not_found, "there is no such file"};
    }
    if (std::filesystem::is_directory(status)) return Error{Errc::unavailable, "is a folder"};
    std::ifstream file(path, std::ios::binary);
    if (!file) return Error{Errc::unavailable, std::string("cannot be read: ") + strerror(errno)};
    std::string text(size_max + 1, '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    text.resize(static_cast<std::size_t>(file.gcount()));
    if (file.bad()) return Error{Errc::unavailable, "cannot be read"};
    if (text.size() > size_max) return Error{Errc::unavailable, "is larger than 1 MiB"};
    return text;
}

}  // namespace wrapup
