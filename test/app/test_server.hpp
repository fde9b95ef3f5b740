#pragma once

// A small HTTP server on loopback that gives canned answers, one connection after the other.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <thread>
#include <vector>

namespace wrapup {

struct CannedAnswer {
    int status = 200;
    std::string body;
    bool is_of_wrapup = true;
};

class TestServer {
public:
    // `answer` is given the request's first line and its body.
    using Answer = std::function<CannedAnswer(const std::string& line, const std::string& body)>;

    explicit TestServer(Answer answer) : answer_(std::move(answer)) {
        listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_, generic, size), 0);
        EXPECT_EQ(::listen(listener_, 64), 0);
        EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { serve(); });
    }
    ~TestServer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    TestServer(const TestServer&) = delete;
    TestServer& operator=(const TestServer&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    // To be read once the client has its answers.
    const std::vector<std::string>& requests() const { return requests_; }

private:
    void serve() {
        for (;;) {
            const int peer = ::accept(listener_, nullptr, nullptr);
            if (peer < 0) return;
            answer_one(peer);
            ::close(peer);
        }
    }

    void answer_one(int peer) {
        std::string request;
        std::size_t head_size = std::string::npos;
        std::size_t size_wanted = std::string::npos;
        while (head_size == std::string::npos || request.size() < size_wanted) {
            char piece[4096];
            const ssize_t size = ::recv(peer, piece, sizeof piece, 0);
            if (size <= 0) return;
            request.append(piece, static_cast<std::size_t>(size));
            head_size = request.find("\r\n\r\n");
            if (head_size != std::string::npos) size_wanted = head_size + 4 + body_size(request);
        }
        requests_.push_back(request);
        const CannedAnswer answer =
            answer_(request.substr(0, request.find("\r\n")), request.substr(head_size + 4));
        const std::string text =
            "HTTP/1.1 " + std::to_string(answer.status) + " X\r\nConnection: close\r\n" +
            (answer.is_of_wrapup ? "Wrapup: 1\r\n" : "") +
            "Content-Length: " + std::to_string(answer.body.size()) + "\r\n\r\n" + answer.body;
        (void)::send(peer, text.data(), text.size(), MSG_NOSIGNAL);
    }

    static std::size_t body_size(const std::string& request) {
        const std::string name = "Content-Length: ";
        const std::size_t at = request.find(name);
        return at == std::string::npos ? 0 : std::stoul(request.substr(at + name.size()));
    }

    Answer answer_;
    int listener_ = -1;
    int port_ = 0;
    std::vector<std::string> requests_;
    std::thread thread_;
};

}  // namespace wrapup
