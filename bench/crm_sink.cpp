#include "bench/crm_sink.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <chrono>
#include <string_view>

#include "bench/callbacks.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace {

constexpr std::string_view answer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";
constexpr int poll_ms = 50;

void watch(int poll, int socket) {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.fd = socket;
    ::epoll_ctl(poll, EPOLL_CTL_ADD, socket, &event);
}

}  // namespace

CrmSink::CrmSink(std::size_t calls_max)
    : calls_max_(calls_max), arrivals_(new std::atomic<std::int64_t>[calls_max]()) {
    listener_ = listen_on_loopback(port_);
    poll_ = ::epoll_create1(EPOLL_CLOEXEC);
    watch(poll_, listener_);
    thread_ = std::thread([this] { run(); });
}

CrmSink::~CrmSink() {
    is_stopping_ = true;
    thread_.join();
    for (const auto& [socket, peer] : peers_) ::close(socket);
    ::close(poll_);
    ::close(listener_);
}

bool CrmSink::wait_for(std::uint64_t records_count, std::int64_t patience_ms) const {
    const std::int64_t until = steady_ns() + patience_ms * 1'000'000;
    while (this->records_count() < records_count) {
        if (steady_ns() > until) return false;
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    return true;
}

void CrmSink::run() {
    std::array<epoll_event, 128> events{};
    while (!is_stopping_) {
        const int count =
            ::epoll_wait(poll_, events.data(), static_cast<int>(events.size()), poll_ms);
        for (int i = 0; i < count; ++i) {
            const int socket = events[static_cast<std::size_t>(i)].data.fd;
            if (socket == listener_) {
                accept_peers();
            } else if (!serve(socket, peers_[socket])) {
                peers_.erase(socket);
                ::close(socket);
            }
        }
    }
}

void CrmSink::accept_peers() {
    for (;;) {
        const int socket = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
        if (socket < 0) return;
        peers_[socket];
        watch(poll_, socket);
    }
}

// Whether the connection goes on.
bool CrmSink::serve(int socket, Peer& peer) {
    std::array<char, 16384> piece{};
    const ssize_t count = ::recv(socket, piece.data(), piece.size(), 0);
    if (count == 0) return false;
    if (count < 0) return true;
    peer.input.append(piece.data(), static_cast<std::size_t>(count));
    for (;;) {
        const std::size_t size = message_size(peer.input);
        if (size == 0) return true;
        note(std::string_view(peer.input).substr(0, size));
        peer.input.erase(0, size);
        if (::send(socket, answer.data(), answer.size(), MSG_NOSIGNAL) < 0) return false;
    }
}

void CrmSink::note(std::string_view request) {
    const auto number = number_of(header_of(request, "Idempotency-Key:"));
    if (!number || *number >= calls_max_) die("the CRM received a record of an unknown call");
    const auto has = [&](std::string_view field, std::string_view prefix) {
        return request.find("\"" + std::string(field) + "\":\"" + std::string(prefix)) !=
               std::string_view::npos;
    };
    if (has("subject", campaign_prefix) && has("name", contact_prefix)) named_count_ += 1;
    std::int64_t never = 0;
    const std::int64_t now = steady_ns();
    if (arrivals_[*number].compare_exchange_strong(never, now)) {
        last_at_ns_.store(now, std::memory_order_release);
        records_count_.fetch_add(1, std::memory_order_release);
    } else {
        repeats_count_.fetch_add(1, std::memory_order_relaxed);
    }
}

}  // namespace wrapup::bench
