#pragma once

// Hears from GET /api/stream that calls have changed.

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "app/cli/api_client.hpp"

namespace wrapup {

class ChangeListener {
public:
    explicit ChangeListener(const ApiClient& client);
    ~ChangeListener();
    ChangeListener(const ChangeListener&) = delete;
    ChangeListener& operator=(const ChangeListener&) = delete;

    // Until something has changed. Where nobody tells of changes, a moment; and never for long, so
    // that what nobody told of is seen as well.
    void wait();

private:
    void listen();
    void hear(std::string_view piece);

    const ApiClient& client_;
    std::mutex mutex_;
    std::condition_variable heard_;
    bool has_changed_ = false;
    bool is_connected_ = false;
    std::atomic<bool> is_stopping_ = false;
    std::thread thread_;
};

}  // namespace wrapup
