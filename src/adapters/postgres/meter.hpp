#pragma once

// What the metrics tell of the database: whether it is there and since when, which timeline it is
// on, and how writes end.

#include <atomic>
#include <cstdint>
#include <mutex>

#include "adapters/postgres/handle.hpp"
#include "ports/metrics.hpp"

namespace wrapup::postgres {

// From any thread.
class Meter {
public:
    struct Standing {
        bool is_up = false;
        std::int64_t since_ms = 0;  // Of 1970, by this machine's clock.
        std::int64_t timeline = 0;
    };
    // Null: nobody counts any more.
    void count_with(Metrics* metrics);
    void connected(const Timeline& timeline);
    void connect_failed();
    // A durable transaction has ended. Without connection there was none to end.
    void wrote(const Connection* connection, bool is_done);
    Standing standing() const;

private:
    void set_up(bool is_up);

    mutable std::mutex mutex_;
    Metrics* metrics_ = nullptr;
    Standing standing_;
};

}  // namespace wrapup::postgres
