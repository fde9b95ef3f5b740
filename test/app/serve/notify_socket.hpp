#pragma once

// What a service manager listens on: a datagram socket at a path or at an abstract name.

#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstddef>
#include <cstring>
#include <string>

#include "base/time.hpp"

namespace wrapup {

class NotifySocket {
public:
    explicit NotifySocket(const std::string& name) : file_(::socket(AF_UNIX, SOCK_DGRAM, 0)) {
        sockaddr_un address{};
        address.sun_family = AF_UNIX;
        std::memcpy(address.sun_path, name.data(), name.size());
        const bool is_abstract = name.front() == '@';
        if (is_abstract) address.sun_path[0] = '\0';
        const std::size_t size =
            offsetof(sockaddr_un, sun_path) + name.size() + (is_abstract ? 0 : 1);
        EXPECT_EQ(::bind(file_, reinterpret_cast<sockaddr*>(&address), socklen_t(size)), 0) << name;
    }
    ~NotifySocket() { ::close(file_); }
    NotifySocket(const NotifySocket&) = delete;
    NotifySocket& operator=(const NotifySocket&) = delete;

    // What is told within that time; empty: nothing.
    std::string next(milliseconds patience = seconds{10}) const {
        const auto ms = patience.count();
        const timeval until{ms / 1000, ms % 1000 * 1000};
        ::setsockopt(file_, SOL_SOCKET, SO_RCVTIMEO, &until, sizeof until);
        std::array<char, 1024> text{};
        const auto size = ::recv(file_, text.data(), text.size(), 0);
        return size < 0 ? std::string() : std::string(text.data(), static_cast<std::size_t>(size));
    }

private:
    int file_;
};

}  // namespace wrapup
