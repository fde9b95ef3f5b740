#include "adapters/log/written_event_log.hpp"

#include <cstdio>
#include <exception>

#include "adapters/log/log_format.hpp"

namespace wrapup {

void WrittenEventLog::write(const LogLine& line) {
    if (!wants(line.level)) return;
    try {
        note_dropped(writer_.take_lost_count());
        if (unsaid_count_.load(std::memory_order_relaxed) > 0) say_dropped();
        if (!put(line)) note_dropped(1);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "wrapup: a log line was lost: %s\n", error.what());
    }
}

bool WrittenEventLog::put(const LogLine& line) {
    const UtcTime at = clock_.now();
    const std::string text =
        style_ == LogStyle::json ? format_json_line(line, at) : format_text_line(line, at);
    return writer_.put(text, line.level >= LogLevel::warning);
}

void WrittenEventLog::note_dropped(std::uint64_t count) {
    if (count == 0) return;
    unsaid_count_ += count;
    for (; count > 0; --count) metrics_.count(Counter::log_lines_dropped);
}

void WrittenEventLog::say_dropped() {
    const std::uint64_t count = unsaid_count_.exchange(0);
    if (count == 0) return;
    const bool is_said = put({LogLevel::warning,
                              LogTag::none,
                              "log lines were dropped: their reader took none",
                              "",
                              {{"count", std::to_string(count)}}});
    if (!is_said) unsaid_count_ += count;
}

}  // namespace wrapup
