#include "bench/wire.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace wrapup::bench {
namespace {

constexpr std::string_view head_end = "\r\n\r\n";

sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

const sockaddr* general(const sockaddr_in& address) {
    return static_cast<const sockaddr*>(static_cast<const void*>(&address));
}

}  // namespace

std::int64_t steady_ns() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(
               std::chrono::steady_clock::now().time_since_epoch())
        .count();
}

std::string_view header_of(std::string_view message, std::string_view name_and_colon) {
    const std::size_t name = message.find(name_and_colon);
    if (name == std::string_view::npos) return {};
    std::string_view value = message.substr(name + name_and_colon.size());
    value = value.substr(0, value.find('\r'));
    while (value.starts_with(' ')) value.remove_prefix(1);
    return value;
}

std::size_t message_size(std::string_view bytes) {
    const std::size_t end = bytes.find(head_end);
    if (end == std::string_view::npos) return 0;
    const std::string_view length = header_of(bytes.substr(0, end), "Content-Length:");
    std::size_t body_size = 0;
    (void)std::from_chars(length.data(), length.data() + length.size(), body_size);
    const std::size_t size = end + head_end.size() + body_size;
    return bytes.size() >= size ? size : 0;
}

int status_of(std::string_view answer) {
    int status = 0;
    if (answer.size() >= 12) (void)std::from_chars(answer.data() + 9, answer.data() + 12, status);
    return status;
}

int listen_on_loopback(std::uint16_t& port) {
    const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    const int on = 1;
    ::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address = loopback(port);
    if (listener < 0 || ::bind(listener, general(address), sizeof address) != 0 ||
        ::listen(listener, 1024) != 0) {
        die("cannot listen on loopback");
    }
    socklen_t size = sizeof address;
    ::getsockname(listener, static_cast<sockaddr*>(static_cast<void*>(&address)), &size);
    port = ntohs(address.sin_port);
    return listener;
}

std::uint16_t free_port() {
    std::uint16_t port = 0;
    ::close(listen_on_loopback(port));
    return port;
}

int connect_to(std::uint16_t port) {
    const int socket = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const sockaddr_in address = loopback(port);
    if (socket < 0 || ::connect(socket, general(address), sizeof address) != 0) {
        if (socket >= 0) ::close(socket);
        return -1;
    }
    const int on = 1;
    ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    return socket;
}

void make_nonblocking(int socket) {
    ::fcntl(socket, F_SETFL, ::fcntl(socket, F_GETFL) | O_NONBLOCK);
}

Answer ask(std::uint16_t port, std::string_view request) {
    const int socket = connect_to(port);
    if (socket < 0) return {};
    std::string bytes;
    if (::send(socket, request.data(), request.size(), MSG_NOSIGNAL) > 0) {
        std::array<char, 16384> piece{};
        while (message_size(bytes) == 0) {
            const ssize_t count = ::recv(socket, piece.data(), piece.size(), 0);
            if (count <= 0) break;
            bytes.append(piece.data(), static_cast<std::size_t>(count));
        }
    }
    ::close(socket);
    const std::size_t size = message_size(bytes);
    if (size == 0) return {};
    return {status_of(bytes), bytes.substr(bytes.find(head_end) + head_end.size())};
}

void die(std::string_view what) {
    std::fprintf(stderr, "bench_load: %.*s\n", static_cast<int>(what.size()), what.data());
    std::_Exit(1);
}

}  // namespace wrapup::bench
