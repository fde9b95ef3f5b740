#pragma once

// A client that says exactly what a test tells it to, byte for byte.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

#include "base/text.hpp"

namespace wrapup {

struct Reply {
    int status = 0;  // 0: the connection ended before there was one.
    std::string head;
    std::string body;

    bool has_header(std::string_view line) const { return head.find(line) != std::string::npos; }
};

class Client {
public:
    explicit Client(std::uint16_t port, int receive_bytes = 0)
        : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
        if (receive_bytes > 0) {
            ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &receive_bytes, sizeof receive_bytes);
        }
        const timeval patience{10, 0};
        ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
        ::setsockopt(socket_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_port = htons(port);
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        is_connected_ =
            ::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    }
    ~Client() { ::close(socket_); }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    bool is_connected() const { return is_connected_; }

    // False when the server closed meanwhile.
    bool send(std::string_view bytes) {
        while (!bytes.empty()) {
            const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
            if (sent <= 0) return false;
            bytes.remove_prefix(static_cast<std::size_t>(sent));
        }
        return true;
    }

    Reply read() {
        Reply reply;
        std::size_t end = std::string::npos;
        while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
            if (!receive()) return reply;
        }
        reply.head = received_.substr(0, end + 2);
        received_.erase(0, end + 4);
        reply.status = std::atoi(reply.head.substr(9, 3).c_str());
        const std::size_t mark = reply.head.find("Content-Length: ");
        if (mark == std::string::npos || is_head_) return reply;
        const auto size = static_cast<std::size_t>(std::atol(reply.head.c_str() + mark + 16));
        while (received_.size() < size && receive()) {
        }
        reply.body = received_.substr(0, size);
        received_.erase(0, size);
        return reply;
    }

    Reply ask(std::string_view request) {
        is_head_ = request.starts_with("HEAD ");
        send(request);
        return read();
    }

    // What comes up to that mark; empty when the connection ends before it.
    std::string read_until(std::string_view mark) {
        std::size_t end = std::string::npos;
        while ((end = received_.find(mark)) == std::string::npos) {
            if (!receive()) return {};
        }
        std::string text = received_.substr(0, end);
        received_.erase(0, end + mark.size());
        return text;
    }

    // Whether the server has closed, within the client's patience.
    bool is_closed() {
        while (receive()) {
        }
        return was_closed_;
    }

private:
    bool receive() {
        char buffer[65536];
        const ssize_t count = ::recv(socket_, buffer, sizeof buffer, 0);
        was_closed_ = count == 0 || (count < 0 && errno == ECONNRESET);
        if (count <= 0) return false;
        received_.append(buffer, static_cast<std::size_t>(count));
        return true;
    }

    int socket_;
    bool is_connected_ = false;
    bool is_head_ = false;
    bool was_closed_ = false;
    std::string received_;
};

inline std::string get(std::string_view target, std::string_view headers = {}) {
    return "GET " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" + std::string(headers) +
           "\r\n";
}

inline std::string request(std::string_view method, std::string_view target, std::string_view body,
                           std::string_view headers = {}) {
    return std::string(method) + " " + std::string(target) + " HTTP/1.1\r\nHost: a\r\n" +
           std::string(headers) + "Content-Length: " + std::to_string(body.size()) + "\r\n\r\n" +
           std::string(body);
}

inline std::string post(std::string_view target, std::string_view body,
                        std::string_view headers = {}) {
    return request("POST", target, body, headers);
}

inline std::string chunk(std::string_view piece) {
    constexpr std::string_view digits = "0123456789abcdef";
    std::string size;
    for (std::size_t rest = piece.size(); rest > 0; rest /= 16) size = digits[rest % 16] + size;
    return (size.empty() ? "0" : size) + "\r\n" + std::string(piece) + "\r\n";
}

}  // namespace wrapup
