#pragma once

// Takes connections on loopback and never answers.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

namespace wrapup {

class SilentPeer {
public:
    SilentPeer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_, generic, size), 0);
        EXPECT_EQ(::listen(listener_, 128), 0);
        EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
        port_ = ntohs(address.sin_port);
        thread_ = std::thread([this] { take_all(); });
    }
    ~SilentPeer() {
        ::shutdown(listener_, SHUT_RDWR);
        thread_.join();
        ::close(listener_);
    }
    SilentPeer(const SilentPeer&) = delete;
    SilentPeer& operator=(const SilentPeer&) = delete;

    std::uint16_t port() const { return port_; }
    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
    int connections_count() const { return connections_count_; }

private:
    void take_all() {
        std::vector<int> held;
        for (;;) {
            const int peer = ::accept(listener_, nullptr, nullptr);
            if (peer < 0) break;
            held.push_back(peer);
            connections_count_ += 1;
        }
        for (const int peer : held) ::close(peer);
    }

    int listener_;
    std::uint16_t port_ = 0;
    std::atomic<int> connections_count_{0};
    std::thread thread_;
};

}  // namespace wrapup
