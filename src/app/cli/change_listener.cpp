#include "app/cli/change_listener.hpp"

namespace wrapup {
namespace {

constexpr std::chrono::seconds ask_again{2};
constexpr std::chrono::seconds longest{30};

}  // namespace

ChangeListener::ChangeListener(const ApiClient& client)
    : client_(client), thread_([this] { listen(); }) {}

ChangeListener::~ChangeListener() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    heard_.notify_all();
    thread_.join();
}

void ChangeListener::wait() {
    std::unique_lock lock(mutex_);
    heard_.wait_for(lock, is_connected_ ? longest : ask_again, [this] { return has_changed_; });
    has_changed_ = false;
}

void ChangeListener::listen() {
    while (!is_stopping_) {
        (void)client_.listen(
            "/api/stream", [this] { return !is_stopping_; },
            [this](std::string_view piece) { hear(piece); });
        std::unique_lock lock(mutex_);
        // Who waits for the next word looks whether there is still a server.
        if (is_connected_) has_changed_ = true;
        is_connected_ = false;
        heard_.notify_all();
        heard_.wait_for(lock, ask_again, [this] { return is_stopping_.load(); });
    }
}

void ChangeListener::hear(std::string_view piece) {
    const std::lock_guard lock(mutex_);
    // What changed between the last look and the first word would be missed.
    const bool is_first = !is_connected_;
    is_connected_ = true;
    const bool is_news = piece.find("data:") != std::string_view::npos ||
                         piece.find("event:") != std::string_view::npos;
    if (!is_first && !is_news) return;
    has_changed_ = true;
    heard_.notify_all();
}

}  // namespace wrapup
