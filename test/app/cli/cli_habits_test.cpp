// What every command has in common: misuse, exit codes, colour, which server, output that fails.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(CliHabits, an_option_that_there_is_not_is_named) {
    EXPECT_EQ(run({"calls", "--limt", "3"}).err,
              "wrapup: there is no option --limt; did you mean --limit?\n"
              "Run `wrapup calls --help` for more.\n");
    EXPECT_THAT(run({"destination", "pause", "crm", "--jsno=1"}).err,
                testing::StartsWith("wrapup: there is no option --jsno; did you mean --json?\n"
                                    "Run `wrapup destination pause --help` for more.\n"));
    EXPECT_EQ(run({"calls", "--nonsense"}).err,
              "wrapup: there is no option --nonsense\nRun `wrapup calls --help` for more.\n");
    EXPECT_THAT(run({"calls", "--color", "sometimes"}).err, testing::HasSubstr("--color"));
}

TEST(CliHabits, what_was_not_expected_is_named_with_the_way_to_it) {
    EXPECT_THAT(run({"calls", "0413", "052", "898"}).err,
                HasSubstr("not expected: 0413 052 898; calls of a number: wrapup show "
                          "\"0413 052 898\", or wrapup calls --phone"));
    EXPECT_THAT(run({"status", "0413052898"}).err, HasSubstr("wrapup show \"0413052898\""));
    EXPECT_THAT(run({"calls", "CA0123"}).err, HasSubstr("wrapup show CA0123\n"));
    EXPECT_THAT(run({"status", "now", "please"}).err, HasSubstr("not expected: now please\n"));
}

TEST(CliHabits, wrong_questions_are_2_and_refusals_1) {
    int status = 400;
    TestServer server([&](auto&, auto&) {
        return CannedAnswer{status, R"({"detail":"state: is none"})"};
    });
    EXPECT_EQ(run_at(server, {"calls", "--state", "x"}).code, exit_unusable);
    EXPECT_EQ(run_at(server, {"call", "+61255501234", "--agent", "x"}).code, exit_unusable);
    status = 503;
    EXPECT_EQ(run_at(server, {"calls"}).code, exit_failed);
    EXPECT_EQ(run_at(server, {"calls"}).err, "wrapup: state: is none\n");
}

TEST(CliHabits, color_is_as_asked_for) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{200, R"({"calls":[{"id":"CA1"}]})"};
    });
    EXPECT_THAT(run_at(server, {"calls", "--color", "always"}).out, HasSubstr("\033["));
    EXPECT_THAT(run_at(server, {"calls", "--color=never"}).out, Not(HasSubstr("\033[")));
    EXPECT_THAT(run_at(server, {"calls"}).out, Not(HasSubstr("\033[")));
}

TEST(CliHabits, the_server_is_that_of_the_option_then_of_the_setting) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":[]})"}; });
    EXPECT_EQ(run({"calls"}, {{"WRAPUP_URL", server.url() + "/"}, {"PORT", "1"}}).code, exit_ok);
    const CliOutcome elsewhere =
        run({"calls", "--url", "http://127.0.0.1:1"}, {{"WRAPUP_URL", server.url()}});
    EXPECT_EQ(elsewhere.code, exit_unusable);
    EXPECT_THAT(run({"calls"}, {{"WRAPUP_URL", "nonsense"}}).err,
                testing::StartsWith("wrapup: WRAPUP_URL (environment) is not"));
}

TEST(CliHabits, init_names_no_line_of_a_file_for_an_answer) {
    const std::string folder = testing::TempDir() + "wrapup_init";
    std::filesystem::create_directory(folder);
    const CliOutcome outcome = run({"init", "--yes", "--unchecked", "--file", folder + "/.env"},
                                   {{"SERVER_URL", "nonsense"}});
    std::filesystem::remove_all(folder);
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.err, HasSubstr("SERVER_URL is not"));
    EXPECT_THAT(outcome.err, Not(HasSubstr(".env line")));
}

TEST(CliHabits, output_that_cannot_be_written_is_a_failure) {
    std::ofstream full("/dev/full");
    std::ostringstream err;
    Console console{full, err, false, [] { return SettingsInput{}; }};
    EXPECT_EQ(run_cli({"version"}, console), exit_failed);
    EXPECT_EQ(err.str(), "wrapup: the output cannot be written: No space left on device\n");
}

}  // namespace
}  // namespace wrapup
