#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>

#include "ports/clock.hpp"
#include "ports/event_log.hpp"

namespace spdlog {
class logger;
}

namespace wrapup {

enum class LogStyle { text, json };

// One line per event on standard output. Warnings and errors are written out at once; other lines
// gather for at most 10 ms, so that a flood of events costs a few writes and not one each.
class SpdlogEventLog final : public EventLog {
public:
    // Lines below `level_min` are left out.
    SpdlogEventLog(const Clock& clock, LogStyle style, LogLevel level_min = LogLevel::info);
    ~SpdlogEventLog() override;

    void write(const LogLine& line) override;

private:
    void flush_now_and_then();

    const Clock& clock_;
    const LogStyle style_;
    const LogLevel level_min_;
    const std::unique_ptr<spdlog::logger> logger_;
    std::mutex mutex_;
    std::condition_variable has_changed_;
    bool has_unwritten_ = false;
    bool is_stopping_ = false;
    std::thread flusher_;
};

}  // namespace wrapup
