#include "app/serve/service_manager.hpp"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <charconv>
#include <cstddef>
#include <cstdlib>
#include <cstring>

namespace wrapup {
namespace {

std::string_view variable(const char* name) {
    const char* const value = std::getenv(name);
    return value == nullptr ? std::string_view() : std::string_view(value);
}

// 0: it is no number.
std::int64_t number(std::string_view text) {
    std::int64_t value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    return read.ec == std::errc() && read.ptr == text.data() + text.size() ? value : 0;
}

}  // namespace

ServiceManager ServiceManager::of_environment() {
    const std::string_view process = variable("WATCHDOG_PID");
    const bool is_for_us = process.empty() || number(process) == getpid();
    const std::chrono::microseconds patience{is_for_us ? number(variable("WATCHDOG_USEC")) : 0};
    return {std::string(variable("NOTIFY_SOCKET")),
            std::chrono::duration_cast<milliseconds>(patience)};
}

void ServiceManager::tell(std::string_view state) const {
    sockaddr_un address{};
    if (socket_.empty() || socket_.size() >= sizeof address.sun_path) return;
    address.sun_family = AF_UNIX;
    std::memcpy(address.sun_path, socket_.data(), socket_.size());
    // A path ends with a zero; an abstract name begins with one and ends with its last character.
    const bool is_abstract = socket_.front() == '@';
    if (is_abstract) address.sun_path[0] = '\0';
    const std::size_t size =
        offsetof(sockaddr_un, sun_path) + socket_.size() + (is_abstract ? 0 : 1);
    const int file = ::socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (file < 0) return;
    (void)::sendto(file, state.data(), state.size(), MSG_NOSIGNAL,
                   reinterpret_cast<const sockaddr*>(&address), static_cast<socklen_t>(size));
    ::close(file);
}

}  // namespace wrapup
