#pragma once

// A CRM that does nothing but note when each record came: keep-alive HTTP on one thread.

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <unordered_map>

namespace wrapup::bench {

class CrmSink {
public:
    explicit CrmSink(std::size_t calls_max);
    ~CrmSink();
    CrmSink(const CrmSink&) = delete;
    CrmSink& operator=(const CrmSink&) = delete;

    std::uint16_t port() const { return port_; }
    // Calls with a record so far, and records that came once more.
    std::uint64_t records_count() const { return records_count_.load(std::memory_order_relaxed); }
    std::uint64_t repeats_count() const { return repeats_count_.load(std::memory_order_relaxed); }
    // When the last one came, and that of a call; 0: never.
    std::int64_t last_at_ns() const { return last_at_ns_.load(std::memory_order_acquire); }
    std::int64_t arrived_at_ns(std::uint64_t number) const {
        return arrivals_[number].load(std::memory_order_acquire);
    }
    // Records that name a campaign and a contact as callbacks.hpp does.
    std::uint64_t named_count() const { return named_count_.load(std::memory_order_relaxed); }
    bool wait_for(std::uint64_t records_count, std::int64_t patience_ms) const;

private:
    struct Peer {
        std::string input;
    };
    void run();
    void accept_peers();
    bool serve(int socket, Peer& peer);
    void note(std::string_view request);

    const std::size_t calls_max_;
    std::unique_ptr<std::atomic<std::int64_t>[]> arrivals_;
    std::atomic<std::uint64_t> records_count_{0};
    std::atomic<std::uint64_t> repeats_count_{0};
    std::atomic<std::uint64_t> named_count_{0};
    std::atomic<std::int64_t> last_at_ns_{0};
    std::atomic<bool> is_stopping_{false};
    std::uint16_t port_ = 0;
    int listener_ = -1;
    int poll_ = -1;
    std::unordered_map<int, Peer> peers_;  // The thread's own.
    std::thread thread_;
};

}  // namespace wrapup::bench
