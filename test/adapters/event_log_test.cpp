#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <poll.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <thread>

#include "adapters/log/log_format.hpp"
#include "adapters/log/spdlog_event_log.hpp"
#include "base/text.hpp"
#include "test/adapters/fake_transport.hpp"

namespace wrapup {
namespace {

const UtcTime at = *parse_rfc3339("2026-03-01T12:00:05.250Z");

LogLine line(std::string value) {
    return {LogLevel::info, LogTag::twilio, "call settled", "CA1", {{"outcome", std::move(value)}}};
}

TEST(LogFormat, a_text_line_has_time_level_tag_message_and_fields) {
    EXPECT_EQ(format_text_line(line("held"), at),
              "2026-03-01T12:00:05.250Z INFO [Twilio CRM] call settled call_id=CA1 outcome=held");
    const LogLine other{LogLevel::warning, LogTag::elevenlabs, "slow", "", {}};
    EXPECT_EQ(format_text_line(other, at), "2026-03-01T12:00:05.250Z WARN [ElevenLabs CRM] slow");
    const LogLine plain{LogLevel::error, LogTag::none, "started", "", {{"to", "+614•••••898"}}};
    EXPECT_EQ(format_text_line(plain, at),
              "2026-03-01T12:00:05.250Z ERROR started to=\"+614•••••898\"");
}

TEST(LogFormat, a_value_cannot_leave_its_quotes) {
    const std::vector<std::pair<std::string, std::string>> rows = {
        {"", "\"\""},
        {"no answer", "\"no answer\""},
        {"a=b", "\"a=b\""},
        {"say \"x\"", "\"say \\\"x\\\"\""},
        {"back\\slash", "\"back\\\\slash\""},
        {"two\nlines\r", "\"two\\nlines\\u000d\""},
        {"\x1b[31m", "\"\\u001b[31m\""},
        {"\xc2\x9b", "\"\\u009b\""},
        {"\xc2\xa0", "\"\xc2\xa0\""},
        {"\xff", "\"\xEF\xBF\xBD\""},
        {"\x7f", "\"\\u007f\""},
    };
    const std::string start = format_text_line(line("x"), at);
    for (const auto& [value, shown] : rows) {
        EXPECT_EQ(format_text_line(line(value), at), start.substr(0, start.size() - 1) + shown);
    }
}

TEST(LogFormat, a_json_line_is_one_object) {
    EXPECT_EQ(format_json_line(line("no \"answer\"\n"), at),
              R"({"time":"2026-03-01T12:00:05.250Z","level":"info","tag":"Twilio CRM",)"
              R"("message":"call settled","call_id":"CA1","outcome":"no \"answer\"\u000a"})");
    const LogLine plain{LogLevel::warning, LogTag::none, "slow", "", {}};
    EXPECT_EQ(format_json_line(plain, at),
              R"({"time":"2026-03-01T12:00:05.250Z","level":"warning","message":"slow"})");
}

TEST(SpdlogEventLog, writes_the_lines_of_its_level) {
    const FixedClock clock{at};
    testing::internal::CaptureStdout();
    {
        SpdlogEventLog log(clock, LogStyle::text);
        log.write({LogLevel::debug, LogTag::none, "unseen", "", {}});
        log.write(line("{} %s %v"));
    }
    const std::string text = testing::internal::GetCapturedStdout();
    EXPECT_EQ(text,
              "2026-03-01T12:00:05.250Z INFO [Twilio CRM] call settled call_id=CA1 "
              "outcome=\"{} %s %v\"\n");
}

// Read from a pipe, because a captured stream is flushed by whoever reads it.
TEST(SpdlogEventLog, a_line_is_out_soon_and_a_warning_at_once) {
    const FixedClock clock{at};
    std::array<int, 2> ends{};
    ASSERT_EQ(::pipe(ends.data()), 0);
    std::fflush(stdout);
    const int saved = ::dup(STDOUT_FILENO);
    ::dup2(ends[1], STDOUT_FILENO);
    std::array<char, 4096> buffer{};
    const auto wait_ms = [&](int limit_ms) {
        pollfd readable{ends[0], POLLIN, 0};
        if (::poll(&readable, 1, limit_ms) != 1) return std::string("nothing");
        const auto count = ::read(ends[0], buffer.data(), buffer.size());
        return std::string(buffer.data(), static_cast<std::size_t>(count));
    };
    std::string soon;
    std::string at_once;
    {
        SpdlogEventLog log(clock, LogStyle::text);
        log.write(line("soon"));
        soon = wait_ms(10'000);
        LogLine warning = line("at once");
        warning.level = LogLevel::warning;
        log.write(warning);
        at_once = wait_ms(0);
    }
    ::dup2(saved, STDOUT_FILENO);
    for (const int descriptor : {saved, ends[0], ends[1]}) ::close(descriptor);
    EXPECT_THAT(soon, testing::HasSubstr("outcome=soon"));
    EXPECT_THAT(at_once, testing::HasSubstr("at once"));
}

TEST(SpdlogEventLog, lines_of_several_threads_do_not_mix) {
    const FixedClock clock{at};
    testing::internal::CaptureStdout();
    {
        SpdlogEventLog log(clock, LogStyle::json);
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&log] {
                for (int n = 0; n < 200; ++n) log.write(line(std::string(100, 'x')));
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    const std::string text = testing::internal::GetCapturedStdout();
    const std::string wanted = format_json_line(line(std::string(100, 'x')), at);
    const auto lines = split_list(text, '\n');
    EXPECT_EQ(lines.size(), 800U);
    EXPECT_THAT(lines, testing::Each(wanted));
}

}  // namespace
}  // namespace wrapup
