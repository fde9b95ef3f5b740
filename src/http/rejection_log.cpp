#include "http/rejection_log.hpp"

#include <utility>

namespace wrapup {

namespace {

constexpr std::chrono::minutes window_length{1};
constexpr int written_max = 10;

}  // namespace

void RejectionLog::note(const Rejection& rejection) {
    metrics_.count(Counter::rejected, rejection.cause);
    const UtcTime now = clock_.now();
    Window& window = windows_[rejection.cause];
    if (now - window.began_at >= window_length) {
        window.began_at = now;
        window.written_count = 0;
    }
    if (window.written_count == written_max) {
        window.silent_count += 1;
        return;
    }
    window.written_count += 1;
    LogLine line;
    line.level = LogLevel::warning;
    line.tag = rejection.tag;
    line.message = "request refused";
    if (!rejection.path.empty()) line.fields.emplace_back("path", rejection.path);
    line.fields.emplace_back("cause", rejection.cause);
    line.fields.emplace_back("reason", rejection.explanation);
    if (const std::int64_t silent = std::exchange(window.silent_count, 0); silent > 0) {
        line.fields.emplace_back("not_logged", std::to_string(silent));
    }
    log_.write(line);
}

}  // namespace wrapup
