#include "adapters/log/spdlog_event_log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdio>
#include <utility>

#include "adapters/log/log_format.hpp"

namespace wrapup {
namespace {

constexpr milliseconds gathering{10};

}  // namespace

SpdlogEventLog::SpdlogEventLog(const Clock& clock, LogStyle style, LogLevel level_min)
    : clock_(clock),
      style_(style),
      level_min_(level_min),
      logger_(std::make_unique<spdlog::logger>("wrapup",
                                               std::make_shared<spdlog::sinks::stdout_sink_mt>())) {
    logger_->set_pattern("%v");
    logger_->set_level(spdlog::level::trace);
    logger_->flush_on(spdlog::level::warn);
    // A full disk behind standard output must not stop the work, nor fill standard error.
    logger_->set_error_handler([](const std::string&) {});
    flusher_ = std::thread([this] { flush_now_and_then(); });
}

SpdlogEventLog::~SpdlogEventLog() {
    {
        const std::lock_guard lock(mutex_);
        is_stopping_ = true;
    }
    has_changed_.notify_one();
    flusher_.join();
    logger_->flush();
}

void SpdlogEventLog::flush_now_and_then() {
    std::unique_lock lock(mutex_);
    while (!is_stopping_) {
        has_changed_.wait(lock, [this] { return has_unwritten_ || is_stopping_; });
        has_changed_.wait_for(lock, gathering, [this] { return is_stopping_; });
        has_unwritten_ = false;
        lock.unlock();
        logger_->flush();
        lock.lock();
    }
}

void SpdlogEventLog::write(const LogLine& line) {
    if (line.level < level_min_) return;
    try {
        const UtcTime at = clock_.now();
        const std::string text =
            style_ == LogStyle::json ? format_json_line(line, at) : format_text_line(line, at);
        const bool is_urgent = line.level >= LogLevel::warning;
        logger_->log(is_urgent ? spdlog::level::warn : spdlog::level::info,
                     spdlog::string_view_t(text));
        if (is_urgent) return;
        {
            const std::lock_guard lock(mutex_);
            if (std::exchange(has_unwritten_, true)) return;
        }
        has_changed_.notify_one();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wrapup: a log line was lost: %s\n", error.what());
    }
}

}  // namespace wrapup
