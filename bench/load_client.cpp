#include "bench/load_client.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <ctime>
#include <deque>
#include <limits>

#include "bench/wire.hpp"

namespace wrapup::bench {
namespace {

constexpr std::int64_t answer_patience_ns = 20'000'000'000;

struct Connection {
    int socket = -1;
    std::string input;
    std::string_view unsent;  // A socket buffer that is full takes the rest later.
    std::int64_t sent_at_ns = 0;
};

class Client {
public:
    Client(std::uint16_t port, const Load& load)
        : load_(load), poll_(::epoll_create1(EPOLL_CLOEXEC)), connections_(load.connections) {
        for (std::size_t i = 0; i < connections_.size(); ++i) {
            connections_[i].socket = connect_to(port);
            if (connections_[i].socket < 0) die("the server refuses connections");
            make_nonblocking(connections_[i].socket);
            epoll_event event{};
            event.events = EPOLLIN;
            event.data.u64 = i;
            ::epoll_ctl(poll_, EPOLL_CTL_ADD, connections_[i].socket, &event);
            free_.push_back(i);
        }
        result_.latency_us.reserve(load.requests.size());
        if (load.rate > 0) result_.sent_at_ns.reserve(load.requests.size());
    }
    ~Client() {
        for (const Connection& connection : connections_) ::close(connection.socket);
        ::close(poll_);
    }
    Client(const Client&) = delete;
    Client& operator=(const Client&) = delete;

    LoadResult run() {
        started_at_ = steady_ns();
        ends_at_ = load_.duration_s > 0
                       ? started_at_ + static_cast<std::int64_t>(load_.duration_s * 1e9)
                       : std::numeric_limits<std::int64_t>::max();
        std::int64_t now = started_at_;
        while (now < ends_at_ && (has_more() || in_flight_ > 0)) {
            send_what_is_due(now);
            receive(wait_until(now));
            now = steady_ns();
            if (now - progress_at_ > answer_patience_ns && progress_at_ > 0) {
                die("no answer within 20 s");
            }
        }
        result_.started_at_ns = started_at_;
        result_.elapsed_s = static_cast<double>(std::min(now, ends_at_) - started_at_) / 1e9;
        return std::move(result_);
    }

private:
    bool has_more() const { return load_.is_repeated || next_ < load_.requests.size(); }

    std::int64_t due_at(std::uint64_t index) const {
        if (load_.rate <= 0) return 0;
        return started_at_ +
               static_cast<std::int64_t>(static_cast<double>(index) * 1e9 / load_.rate);
    }

    void send_what_is_due(std::int64_t now) {
        while (!free_.empty() && has_more() && due_at(next_) <= now) {
            // In turn: a connection that nobody uses is closed by the server.
            const std::size_t index = free_.front();
            free_.pop_front();
            send_next(connections_[index]);
        }
    }

    void send_next(Connection& connection) {
        connection.unsent = load_.requests[next_ % load_.requests.size()];
        next_ += 1;
        in_flight_ += 1;
        result_.sent += 1;
        connection.sent_at_ns = steady_ns();
        if (progress_at_ == 0) progress_at_ = connection.sent_at_ns;
        if (load_.rate > 0) result_.sent_at_ns.push_back(connection.sent_at_ns);
        while (!connection.unsent.empty()) {  // Loopback takes a callback at once.
            const ssize_t count = ::send(connection.socket, connection.unsent.data(),
                                         connection.unsent.size(), MSG_NOSIGNAL);
            if (count < 0 && errno != EAGAIN) die("the server cut a connection");
            if (count > 0) connection.unsent.remove_prefix(static_cast<std::size_t>(count));
        }
    }

    // How long nothing but an answer can happen.
    timespec wait_until(std::int64_t now) const {
        std::int64_t wait = std::min<std::int64_t>(ends_at_ - now, 1'000'000'000);
        if (load_.rate > 0 && has_more() && !free_.empty()) {
            wait = std::min(wait, due_at(next_) - now);
        }
        wait = std::max<std::int64_t>(wait, 0);
        return {wait / 1'000'000'000, wait % 1'000'000'000};
    }

    void receive(timespec patience) {
        const int count = ::epoll_pwait2(poll_, events_.data(), static_cast<int>(events_.size()),
                                         &patience, nullptr);
        for (int i = 0; i < count; ++i) {
            const auto index =
                static_cast<std::size_t>(events_[static_cast<std::size_t>(i)].data.u64);
            if (!take_answer(connections_[index])) continue;
            if (load_.rate <= 0 && has_more() && steady_ns() < ends_at_) {
                send_next(connections_[index]);
            } else {
                free_.push_back(index);
            }
        }
    }

    bool take_answer(Connection& connection) {
        std::array<char, 4096> piece;
        const ssize_t count = ::recv(connection.socket, piece.data(), piece.size(), 0);
        if (count == 0) die("the server closed a connection");
        if (count < 0) return false;
        std::string_view bytes{piece.data(), static_cast<std::size_t>(count)};
        if (!connection.input.empty()) {
            connection.input += bytes;
            bytes = connection.input;
        }
        const std::size_t size = message_size(bytes);
        if (size == 0) {
            if (connection.input.empty()) connection.input = bytes;
            return false;
        }
        const int status = status_of(bytes);
        connection.input.clear();
        const std::int64_t now = steady_ns();
        progress_at_ = now;
        in_flight_ -= 1;
        (status >= 200 && status < 300 ? result_.answered : result_.refused) += 1;
        result_.latency_us.push_back(static_cast<float>(now - connection.sent_at_ns) / 1000.0F);
        return true;
    }

    const Load& load_;
    const int poll_;
    std::vector<Connection> connections_;
    std::deque<std::size_t> free_;
    std::array<epoll_event, 256> events_{};
    LoadResult result_;
    std::uint64_t next_ = 0;
    std::uint64_t in_flight_ = 0;
    std::int64_t started_at_ = 0;
    std::int64_t ends_at_ = 0;
    std::int64_t progress_at_ = 0;
};

}  // namespace

LoadResult run_load(std::uint16_t port, const Load& load) {
    Client client(port, load);
    return client.run();
}

double quantile(std::vector<double> values, double share) {
    if (values.empty()) return 0;
    const double place = share * static_cast<double>(values.size() - 1);
    const auto nth = values.begin() + static_cast<std::ptrdiff_t>(place + 0.5);
    std::nth_element(values.begin(), nth, values.end());
    return *nth;
}

double quantile_ms(const LoadResult& result, double share) {
    return quantile({result.latency_us.begin(), result.latency_us.end()}, share) / 1000;
}

double median(std::vector<double> values) {
    if (values.empty()) return 0;
    std::sort(values.begin(), values.end());
    const std::size_t middle = values.size() / 2;
    return values.size() % 2 == 1 ? values[middle] : (values[middle - 1] + values[middle]) / 2;
}

}  // namespace wrapup::bench
