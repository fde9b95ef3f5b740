#include "app/cli/long_wait.hpp"

#include <utility>

namespace wrapup {

LongWait::LongWait(std::ostream& err, std::string words, std::chrono::milliseconds patience) {
    if (words.empty()) return;
    thread_ = std::thread([this, &err, words = std::move(words), patience] {
        std::unique_lock lock(mutex_);
        if (over_.wait_for(lock, patience, [this] { return is_over_; })) return;
        err << words << std::endl;
    });
}

LongWait::~LongWait() {
    {
        const std::lock_guard lock(mutex_);
        is_over_ = true;
    }
    over_.notify_all();
    if (thread_.joinable()) thread_.join();
}

}  // namespace wrapup
