#pragma once

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <ostream>
#include <string>
#include <thread>

namespace wrapup {

// While it lives, something is waited for. Once that takes long, says so; nobody else writes there
// meanwhile. Without words it is silent.
class LongWait {
public:
    LongWait(std::ostream& err, std::string words,
             std::chrono::milliseconds patience = std::chrono::seconds{2});
    ~LongWait();
    LongWait(const LongWait&) = delete;
    LongWait& operator=(const LongWait&) = delete;

private:
    std::mutex mutex_;
    std::condition_variable over_;
    bool is_over_ = false;
    std::thread thread_;
};

}  // namespace wrapup
