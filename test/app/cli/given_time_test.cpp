#include "app/cli/given_time.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;

// Sydney's clocks around the end of summer time 2026: 3:00 of 5 April became 2:00.
GivenTimes at_sydney(const char* now) {
    const std::int64_t summer_ends = to_unix_s(*parse_rfc3339("2026-04-04T16:00:00Z"));
    const TimeZone sydney("Australia/Sydney", 11 * 3600, {{summer_ends, 10 * 3600}});
    return {[sydney] { return sydney; }, *parse_rfc3339(now)};
}

TEST(GivenTimes, reads_what_people_type) {
    // It is the 28th there already.
    const GivenTimes times = at_sydney("2026-03-27T14:00:00Z");
    struct Row {
        const char* typed;
        DateAs as;
        const char* read;
    };
    const Row rows[] = {
        {"", DateAs::start, ""},
        {"2026-03-01", DateAs::date, "2026-03-01"},
        {"today", DateAs::date, "2026-03-28"},
        {"Yesterday", DateAs::date, "2026-03-27"},
        {"tomorrow", DateAs::date, "2026-03-29"},
        {"yesterday", DateAs::start, "2026-03-26T13:00:00.000Z"},
        {"yesterday", DateAs::end, "2026-03-27T13:00:00.000Z"},
        {"2026-03-27 12:00", DateAs::date, "2026-03-27T01:00:00.000Z"},
        {"2026-03-27T12:00", DateAs::date, "2026-03-27T01:00:00.000Z"},
        {" 2026-03-27 12:00:30 ", DateAs::date, "2026-03-27T01:00:30.000Z"},
        {"2026-04-05 12:00", DateAs::date, "2026-04-05T02:00:00.000Z"},
        {"2026-04-05 01:30", DateAs::date, "2026-04-04T14:30:00.000Z"},
        {"2026-03-27T12:00:00Z", DateAs::date, "2026-03-27T12:00:00.000Z"},
        {"2026-03-27 12:00:00+02:00", DateAs::date, "2026-03-27T10:00:00.000Z"},
    };
    for (const Row& row : rows) {
        std::string text = row.typed;
        EXPECT_TRUE(times.read("--after", text, row.as)) << row.typed;
        EXPECT_EQ(text, row.read) << row.typed;
    }
    for (const char* typed :
         {"12:00", "2026-02-30", "2026-03-27 25:00", "lately", "2026-03-27 1"}) {
        std::string text = typed;
        const auto read = times.read("--since", text);
        ASSERT_FALSE(read) << typed;
        EXPECT_THAT(read.error().detail, testing::StartsWith("--since takes '2026-11-27 12:00'"));
    }
    std::string day = "yesterday";
    EXPECT_TRUE(times.read_date("--from", day));
    EXPECT_EQ(day, "2026-03-27");
    day = "2026-03-27 12:00";
    EXPECT_THAT(times.read_date("--from", day).error().detail, HasSubstr("--from takes a date"));
}

// The settings of a machine from where one only looks say no zone.
TEST(GivenTimes, are_those_of_a_server_elsewhere) {
    TestServer server([](const std::string& line, auto&) {
        if (line.starts_with("GET /api/ledger"))
            return CannedAnswer{200, R"({"timezone":"Australia/Brisbane"})"};
        return CannedAnswer{202, R"({"intent":"i1","to":"+61413052898","calls":[]})"};
    });
    const std::vector<std::string> call{"call", "+61413052898", "--no-wait", "--not-before",
                                        "2026-03-01 12:00"};
    const CliOutcome placed = run_at(server, call);
    EXPECT_THAT(server.requests().back(), HasSubstr(R"("not_before":"2026-03-01T02:00:00.000Z")"));
    EXPECT_THAT(placed.out,
                HasSubstr("number  +61413052898, not before 2026-03-01T02:00:00.000Z\n"));
    const CliOutcome shown = run(call, {{"WRAPUP_URL", server.url()}}, {}, 80);
    EXPECT_THAT(shown.out, HasSubstr("not before 2026-03-01 12:00:00 (Australia/Brisbane)\n"));
    // What is said here counts, and nobody is asked who need not be.
    (void)run(call, {{"WRAPUP_URL", server.url()}, {"WRAPUP_TIMEZONE", "UTC"}});
    EXPECT_THAT(server.requests().back(), HasSubstr(R"("not_before":"2026-03-01T12:00:00.000Z")"));
    const std::size_t before = server.requests().size();
    (void)run_at(server, {"calls", "--since", "2026-03-01T12:00:00Z"});
    EXPECT_EQ(server.requests().size(), before + 1);
}

TEST(GivenTimes, are_taken_by_every_command) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":[]})"}; });
    const auto asked = [&](std::vector<std::string> arguments) {
        arguments.insert(arguments.end(), {"--url", server.url()});
        (void)run(arguments, {{"WRAPUP_TIMEZONE", "Australia/Brisbane"}});
        return server.requests().back();
    };
    const std::string noon = "2026-03-01 12:00";
    for (const char* flag : {"--since", "--after", "--before", "--from", "--to"}) {
        EXPECT_THAT(asked({"calls", flag, noon}), HasSubstr("=2026-03-01T02%3A00%3A00.000Z HTTP"));
    }
    EXPECT_THAT(asked({"replay", "--parked", "dead", "--after", noon, "--dry-run"}),
                HasSubstr(R"("after":"2026-03-01T02:00:00.000Z")"));
    EXPECT_THAT(asked({"reconcile", "--from", noon}),
                HasSubstr(R"("from":"2026-03-01T02:00:00.000Z")"));
    EXPECT_THAT(asked({"call", "+61413052898", "--not-after", "2026-03-01"}),
                HasSubstr(R"("not_after":"2026-03-01T14:00:00.000Z")"));
    EXPECT_THAT(asked({"ledger", "--date", "yesterday"}), HasSubstr("/api/ledger?date=20"));
    EXPECT_THAT(run({"calls", "--since", "3x"}).err, HasSubstr(", or an age as in 2h or 3d"));
    // The flag that was typed is the one that is named.
    for (const auto& [command, flag] : {std::pair{"calls", "--since"},
                                        {"calls", "--before"},
                                        {"replay", "--after"},
                                        {"reconcile", "--from"},
                                        {"ledger", "--to"},
                                        {"call", "--not-before"}}) {
        std::vector<std::string> arguments{command, flag, "lately"};
        if (std::string(command) == "call") arguments.emplace_back("+61413052898");
        const CliOutcome refused = run_at(server, arguments);
        EXPECT_EQ(refused.code, exit_unusable);
        EXPECT_THAT(refused.err, testing::StartsWith("wrapup: " + std::string(flag) + " takes "));
    }
}

}  // namespace
}  // namespace wrapup
