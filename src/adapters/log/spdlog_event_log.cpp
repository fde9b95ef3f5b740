#include "adapters/log/spdlog_event_log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <cstdio>

#include "adapters/log/log_format.hpp"

namespace wrapup {

SpdlogEventLog::SpdlogEventLog(const Clock& clock, LogStyle style, LogLevel level_min)
    : clock_(clock),
      style_(style),
      level_min_(level_min),
      logger_(std::make_unique<spdlog::logger>("wrapup",
                                               std::make_shared<spdlog::sinks::stdout_sink_mt>())) {
    logger_->set_pattern("%v");
    logger_->set_level(spdlog::level::trace);
    logger_->flush_on(spdlog::level::trace);
    // A full disk behind standard output must not stop the work, nor fill standard error.
    logger_->set_error_handler([](const std::string&) {});
}

SpdlogEventLog::~SpdlogEventLog() = default;

void SpdlogEventLog::write(const LogLine& line) {
    if (line.level < level_min_) return;
    try {
        const UtcTime at = clock_.now();
        const std::string text =
            style_ == LogStyle::json ? format_json_line(line, at) : format_text_line(line, at);
        logger_->log(spdlog::level::info, spdlog::string_view_t(text));
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wrapup: a log line was lost: %s\n", error.what());
    }
}

}  // namespace wrapup
