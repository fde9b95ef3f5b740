#include "app/config/api_token.hpp"

#include <fcntl.h>
#include <openssl/rand.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "adapters/files/small_file.hpp"
#include "app/config/setting_values.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"
#include "codec/bytes/digest.hpp"

namespace wrapup {
namespace {

Error failed(const char* step) {
    return Error{Errc::unavailable, std::string("api_token: ") + step + ": " + strerror(errno)};
}

Result<std::string> random_token() {
    std::array<unsigned char, 32> bytes{};
    if (RAND_bytes(bytes.data(), static_cast<int>(bytes.size())) != 1) {
        return Error{Errc::unavailable, "api_token: no random numbers to be had"};
    }
    return to_hex(std::string(bytes.begin(), bytes.end()));
}

Result<void> write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t written = ::write(file, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written <= 0) return failed("write");
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    if (::fsync(file) != 0) return failed("fsync");
    return {};
}

Result<void> write_new_file(const std::filesystem::path& path, std::string_view text) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return failed("create");
    auto written = write_all(file, text);
    ::close(file);
    if (!written) ::unlink(path.c_str());
    return written;
}

}  // namespace

Result<std::string> read_api_token(const std::filesystem::path& folder) {
    auto text = read_small_file(folder / api_token_file_name);
    if (!text) return Error{text.error().code, "api_token: " + text.error().detail};
    auto token = parse_api_token(trim(*text));
    if (!token) return Error{Errc::invalid_input, "api_token: " + token.error().detail};
    return token;
}

Result<ApiToken> load_or_make_api_token(const std::filesystem::path& folder) {
    auto present = read_api_token(folder);
    if (present) return ApiToken{*std::move(present), false};
    if (present.error().code != Errc::not_found) return std::move(present).error();

    WRAPUP_TRY(std::string token, random_token());
    // Written beside and linked into place, so that nobody ever reads half a token.
    const auto path = folder / api_token_file_name;
    const auto draft = folder / (".api_token." + sha256_hex(token).substr(0, 16));
    WRAPUP_CHECK(write_new_file(draft, token + "\n"));
    bool is_ours = ::link(draft.c_str(), path.c_str()) == 0;
    // Not every file system has links.
    if (!is_ours && errno != EEXIST) is_ours = ::rename(draft.c_str(), path.c_str()) == 0;
    const int place_errno = errno;
    ::unlink(draft.c_str());
    if (is_ours) return ApiToken{std::move(token), true};
    errno = place_errno;
    if (place_errno != EEXIST) return failed("create");
    WRAPUP_TRY(std::string theirs, read_api_token(folder));
    return ApiToken{std::move(theirs), false};
}

}  // namespace wrapup
