#include "service/tasks/log_pace.hpp"

#include <utility>

namespace wrapup {

LogPace::Window& LogPace::window_of(std::string_view cause) {
    const auto found = windows_.find(cause);
    if (found != windows_.end()) return found->second;
    return windows_.emplace(cause, fresh_).first->second;
}

std::optional<std::int64_t> LogPace::take(std::string_view cause, UtcTime now) {
    const std::lock_guard lock{mutex_};
    Window& window = window_of(cause);
    if (window.written.take(now)) return std::exchange(window.silent_count, 0);
    window.silent_count += 1;
    return std::nullopt;
}

bool LogPace::has_room(std::string_view cause, UtcTime now) {
    const std::lock_guard lock{mutex_};
    return window_of(cause).written.has_room(now);
}

}  // namespace wrapup
