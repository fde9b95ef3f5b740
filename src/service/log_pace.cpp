#include "service/log_pace.hpp"

#include <chrono>
#include <utility>

namespace wrapup {
namespace {

constexpr std::chrono::minutes window_length{1};
constexpr int written_max = 10;

}  // namespace

std::optional<std::int64_t> LogPace::take(std::string_view cause, UtcTime now) {
    const std::lock_guard lock{mutex_};
    auto found = windows_.find(cause);
    if (found == windows_.end()) found = windows_.emplace(cause, Window{}).first;
    Window& window = found->second;
    // A clock that was set back begins a new minute too.
    if (now - window.began_at >= window_length || now < window.began_at) {
        window.began_at = now;
        window.written_count = 0;
    }
    if (window.written_count == written_max) {
        window.silent_count += 1;
        return std::nullopt;
    }
    window.written_count += 1;
    return std::exchange(window.silent_count, 0);
}

}  // namespace wrapup
