#pragma once

// As much of HTTP/1.1 as a load generator needs: where one message ends and what it says first.

#include <cstdint>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup::bench {

// Nanoseconds of the monotonic clock.
std::int64_t steady_ns();

// Length of the first message in `bytes`, 0 while it is incomplete. Knows Content-Length only.
std::size_t message_size(std::string_view bytes);
int status_of(std::string_view answer);
std::string_view header_of(std::string_view message, std::string_view name_and_colon);

int listen_on_loopback(std::uint16_t& port);  // Ends the program when it cannot.
std::uint16_t free_port();
int connect_to(std::uint16_t port);  // -1: refused.
void make_nonblocking(int socket);

struct Answer {
    int status = 0;  // 0: no connection, or it was cut.
    std::string body;
};
// One request on a connection of its own, waited for.
Answer ask(std::uint16_t port, std::string_view request);

[[noreturn]] void die(std::string_view what);

}  // namespace wrapup::bench
