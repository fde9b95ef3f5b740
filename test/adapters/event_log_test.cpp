#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <csignal>
#include <thread>

#include "adapters/log/log_format.hpp"
#include "adapters/log/written_event_log.hpp"
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
        {"\xe2\x80\xae", "\"\\u202e\""},
    };
    const std::string start = format_text_line(line("x"), at);
    for (const auto& [value, shown] : rows) {
        EXPECT_EQ(format_text_line(line(value), at), start.substr(0, start.size() - 1) + shown);
    }
}

TEST(LogFormat, a_json_line_is_one_object) {
    EXPECT_EQ(format_json_line(line("no \"answer\"\n"), at),
              R"({"time":"2026-03-01T12:00:05.250Z","level":"info","tag":"[Twilio CRM]",)"
              R"("message":"call settled","call_id":"CA1","outcome":"no \"answer\"\n"})");
    EXPECT_NE(format_json_line(line("\xc2\x9b\xe2\x81\xa6"), at).find(R"("\u009b\u2066")"),
              std::string::npos);
    const LogLine plain{LogLevel::warning, LogTag::none, "slow", "", {}};
    EXPECT_EQ(format_json_line(plain, at),
              R"({"time":"2026-03-01T12:00:05.250Z","level":"warning","message":"slow"})");
}

// Both ends of a pipe, whose reader reads when it is told to.
class Pipe {
public:
    Pipe() { EXPECT_EQ(::pipe(ends_.data()), 0); }
    ~Pipe() {
        close_reader();
        close_writer();
    }
    int writer() const { return ends_[1]; }
    void close_reader() { close_end(0); }
    void close_writer() { close_end(1); }

    // What there is to read within `wait`, one read's worth; "nothing" when there is none.
    std::string read_some(milliseconds wait) {
        pollfd readable{ends_[0], POLLIN, 0};
        if (::poll(&readable, 1, static_cast<int>(wait.count())) != 1) return "nothing";
        std::array<char, 65536> buffer{};
        const auto count = ::read(ends_[0], buffer.data(), buffer.size());
        return {buffer.data(), static_cast<std::size_t>(std::max<ssize_t>(count, 0))};
    }
    // Everything up to the writer's end.
    std::string read_all() {
        std::string all;
        for (std::string piece = read_some(patience); !piece.empty() && piece != "nothing";
             piece = read_some(patience)) {
            all += piece;
        }
        return all;
    }

private:
    static constexpr seconds patience{20};

    void close_end(std::size_t which) {
        if (ends_[which] >= 0) ::close(ends_[which]);
        ends_[which] = -1;
    }

    std::array<int, 2> ends_{-1, -1};
};

struct CountedDrops final : Metrics {
    void count(Counter counter, std::string_view) override {
        if (counter == Counter::log_lines_dropped) dropped_count += 1;
    }
    void observe(Histogram, double) override {}
    std::atomic<std::uint64_t> dropped_count = 0;
};

struct WrittenEventLogTest : testing::Test {
    WrittenEventLogTest() { std::signal(SIGPIPE, SIG_IGN); }

    const FixedClock clock{at};
    CountedDrops metrics;
    Pipe pipe;
};

TEST_F(WrittenEventLogTest, writes_the_lines_of_its_level) {
    {
        WrittenEventLog log(clock, metrics, LogStyle::text, LogLevel::info, pipe.writer());
        log.write({LogLevel::debug, LogTag::none, "unseen", "", {}});
        log.write(line("{} %s %v"));
    }
    pipe.close_writer();
    EXPECT_EQ(pipe.read_all(),
              "2026-03-01T12:00:05.250Z INFO [Twilio CRM] call settled call_id=CA1 "
              "outcome=\"{} %s %v\"\n");
    EXPECT_EQ(metrics.dropped_count, 0U);
}

TEST_F(WrittenEventLogTest, a_line_is_out_soon_and_a_warning_without_gathering) {
    // Gathering that lasts longer than the test: only what skips it comes out.
    const LogWriterLimits limits{.gathering = std::chrono::hours{1}};
    WrittenEventLog log(clock, metrics, LogStyle::text, LogLevel::info, pipe.writer(), limits);
    log.write(line("gathers"));
    LogLine warning = line("at once");
    warning.level = LogLevel::warning;
    log.write(warning);
    EXPECT_THAT(pipe.read_some(seconds{20}),
                testing::AllOf(testing::HasSubstr("outcome=gathers"),
                               testing::HasSubstr("outcome=\"at once\"")));

    WrittenEventLog usual(clock, metrics, LogStyle::text, LogLevel::info, pipe.writer());
    usual.write(line("soon"));
    EXPECT_THAT(pipe.read_some(seconds{20}), testing::HasSubstr("outcome=soon"));
}

TEST_F(WrittenEventLogTest, a_flood_is_written_before_the_gathering_ends) {
    const LogWriterLimits limits{.write_bytes_min = 1000, .gathering = std::chrono::hours{1}};
    WrittenEventLog log(clock, metrics, LogStyle::text, LogLevel::info, pipe.writer(), limits);
    log.write(line(std::string(2000, 'x')));
    EXPECT_THAT(pipe.read_some(seconds{20}), testing::HasSubstr("xxxx"));
}

TEST_F(WrittenEventLogTest, lines_of_several_threads_do_not_mix) {
    std::string text;
    std::thread reader([&] { text = pipe.read_all(); });
    {
        WrittenEventLog log(clock, metrics, LogStyle::json, LogLevel::info, pipe.writer());
        std::vector<std::thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&log] {
                for (int n = 0; n < 200; ++n) log.write(line(std::string(100, 'x')));
            });
        }
        for (std::thread& thread : threads) thread.join();
    }
    pipe.close_writer();
    reader.join();
    const std::string wanted = format_json_line(line(std::string(100, 'x')), at);
    const auto lines = split_list(text, '\n');
    EXPECT_EQ(lines.size(), 800U);
    EXPECT_THAT(lines, testing::Each(wanted));
}

TEST_F(WrittenEventLogTest, a_reader_that_stops_reading_holds_nobody_up) {
    constexpr std::uint64_t lines_count = 20'000;
    const std::string text = format_text_line(line("held"), at);
    const LogWriterLimits limits{.kept_bytes_max = 64 * 1024, .gathering = milliseconds{1}};
    std::string read;
    std::uint64_t dropped = 0;
    {
        WrittenEventLog log(clock, metrics, LogStyle::text, LogLevel::info, pipe.writer(), limits);
        for (std::uint64_t n = 0; n < lines_count; ++n) log.write(line("held"));
        dropped = metrics.dropped_count;
        // A pipe holds 64 KiB, one write is under way, and as much is kept: the rest is dropped.
        EXPECT_GT(dropped, lines_count - 3 * 64 * 1024 / text.size() - 1);
        EXPECT_LT(dropped, lines_count);
        // The reader is back: what was kept comes, and what was lost is said.
        while (read.size() < (lines_count - dropped) * (text.size() + 1)) {
            const std::string piece = pipe.read_some(seconds{20});
            ASSERT_NE(piece, "nothing");
            read += piece;
        }
        log.write(line("after"));
        while (read.find("outcome=after") == std::string::npos) {
            const std::string piece = pipe.read_some(seconds{20});
            ASSERT_NE(piece, "nothing");
            read += piece;
        }
    }
    const std::string notice = "WARN log lines were dropped: their reader took none count=";
    std::uint64_t said = 0;
    for (auto found = read.find(notice); found != std::string::npos;
         found = read.find(notice, found + 1)) {
        said += std::stoull(read.substr(found + notice.size()));
    }
    EXPECT_EQ(said, dropped);
    EXPECT_EQ(metrics.dropped_count, dropped);
    const auto lines = split_list(read, '\n');
    EXPECT_EQ(static_cast<std::uint64_t>(std::ranges::count(lines, text)), lines_count - dropped);
}

TEST_F(WrittenEventLogTest, an_end_does_not_wait_for_a_reader_that_is_stuck) {
    static Pipe& stuck = *new Pipe;  // Stays open for the thread that is left behind.
    {
        WrittenEventLog log(clock, metrics, LogStyle::text, LogLevel::info, stuck.writer(),
                            {.end_patience = milliseconds{50}});
        for (int n = 0; n < 5'000; ++n) log.write(line("held"));
    }
    stuck.close_reader();
}

TEST_F(WrittenEventLogTest, what_cannot_be_written_is_counted) {
    pipe.close_reader();
    WrittenEventLog log(clock, metrics, LogStyle::text, LogLevel::info, pipe.writer(),
                        {.gathering = milliseconds{1}});
    for (int n = 0; n < 5'000 && metrics.dropped_count == 0; ++n) {
        log.write(line("lost"));
        std::this_thread::sleep_for(milliseconds{1});
    }
    EXPECT_GT(metrics.dropped_count, 0U);
}

}  // namespace
}  // namespace wrapup
