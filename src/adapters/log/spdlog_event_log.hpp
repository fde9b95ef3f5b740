#pragma once

#include <memory>

#include "ports/clock.hpp"
#include "ports/event_log.hpp"

namespace spdlog {
class logger;
}

namespace wrapup {

enum class LogStyle { text, json };

// One line per event on standard output, written out at once.
class SpdlogEventLog final : public EventLog {
public:
    // Lines below `level_min` are left out.
    SpdlogEventLog(const Clock& clock, LogStyle style, LogLevel level_min = LogLevel::info);
    ~SpdlogEventLog() override;

    void write(const LogLine& line) override;

private:
    const Clock& clock_;
    const LogStyle style_;
    const LogLevel level_min_;
    const std::unique_ptr<spdlog::logger> logger_;
};

}  // namespace wrapup
