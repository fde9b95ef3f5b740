#pragma once

#include <unistd.h>

#include <atomic>
#include <cstdint>

#include "adapters/log/log_writer.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"

namespace wrapup {

enum class LogStyle { text, json };

// One line per event, on standard output unless told otherwise. Warnings and errors are handed to
// the system at once; other lines gather for at most 10 ms, so that a flood of events costs a few
// writes and not one each. A reader that stops reading loses lines and holds nobody up: what was
// dropped is counted (Counter::log_lines_dropped) and said in a line once there is room.
class WrittenEventLog final : public EventLog {
public:
    // Lines below `level_min` are left out.
    WrittenEventLog(const Clock& clock, Metrics& metrics, LogStyle style,
                    LogLevel level_min = LogLevel::info, int descriptor = STDOUT_FILENO,
                    LogWriterLimits limits = {})
        : clock_(clock),
          metrics_(metrics),
          style_(style),
          level_min_(level_min),
          writer_(descriptor, limits) {}

    bool wants(LogLevel level) const override { return level >= level_min_; }
    void write(const LogLine& line) override;

private:
    bool put(const LogLine& line);
    void note_dropped(std::uint64_t count);
    void say_dropped();

    const Clock& clock_;
    Metrics& metrics_;
    const LogStyle style_;
    const LogLevel level_min_;
    std::atomic<std::uint64_t> unsaid_count_ = 0;  // Dropped, and not said in a line yet.
    LogWriter writer_;
};

}  // namespace wrapup
