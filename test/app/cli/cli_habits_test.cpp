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

TEST(CliHabits, a_command_that_there_is_not_is_named_with_what_was_meant) {
    const auto said = [](const std::vector<std::string>& arguments) {
        const CliOutcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, exit_unusable);
        EXPECT_EQ(outcome.out, "");
        return outcome.err.substr(0, outcome.err.find('\n'));
    };
    const std::string none = "wrapup: there is no command ";
    EXPECT_EQ(said({"fnd", "ada"}), none + "fnd; did you mean calls?");
    EXPECT_EQ(said({"parked"}), none + "parked; did you mean calls --state parked?");
    EXPECT_EQ(said({"parked", "--help"}), none + "parked; did you mean calls --state parked?");
    EXPECT_EQ(said({"log"}), none + "log; did you mean calls --follow?");
    EXPECT_EQ(said({"--profile", "two", "nope"}), none + "nope; did you mean nodes?");
    EXPECT_EQ(said({"destination", "stop"}), none + "stop; did you mean list, pause or resume?");
    for (const char* const word : {"forget", "delete", "export"}) {
        EXPECT_THAT(said({word, "--phone", "+61413052898"}),
                    testing::StartsWith("wrapup: " + std::string(word) + " is not built yet: "));
    }
    EXPECT_THAT(run({"--json", "nope"}).err, HasSubstr("\"there is no command nope;"));
}

TEST(CliHabits, without_a_command_it_says_which_there_are) {
    const CliOutcome alone = run({});
    EXPECT_EQ(alone.code, exit_unusable);
    EXPECT_THAT(alone.err, testing::StartsWith("wrapup: a command is wanted\n\n"));
    EXPECT_THAT(alone.err, HasSubstr("First steps:"));
    EXPECT_EQ(run({"destination"}).err,
              "wrapup: a command is wanted: list, pause or resume\n"
              "Run `wrapup destination --help` for more.\n");
    EXPECT_THAT(run({"-v"}).err, HasSubstr("there is no option -v; did you mean -V?"));
    EXPECT_THAT(run({"calls", "-o", "csv"}).err, HasSubstr("did you mean --output?"));
    EXPECT_THAT(run({"calls", "-s"}).err,
                HasSubstr("did you mean --state, --status, --sid or --since?"));
}

TEST(CliHabits, a_value_is_judged_before_a_token_and_a_server_are_wanted) {
    const std::map<std::string, std::string> nowhere{{"WRAPUP_API_TOKEN", ""}};
    for (const std::vector<std::string>& asked :
         {std::vector<std::string>{"calls", "--state", "parkd"},
          {"calls", "--parked", "regected"},
          {"calls", "--status", "vocemail"},
          {"calls", "--output", "jsn"},
          {"replay", "--state", "pendin"},
          {"send", "--parked", "--reason", "ded"},
          {"trigger", "bussy"},
          {"ledger", "--date", "tomorrow"},
          {"ledger", "--from", "2999-01-01"}}) {
        const CliOutcome outcome = run(asked, nowhere);
        EXPECT_EQ(outcome.code, exit_unusable);
        EXPECT_THAT(outcome.err,
                    testing::AnyOf(HasSubstr("; did you mean "), HasSubstr("has not begun yet"),
                                   HasSubstr("takes a date")));
    }
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":[]})"}; });
    EXPECT_EQ(
        run_at(server, {"calls", "--parked", "Unknown-Outcome", "--status", "No answer"}).code,
        exit_ok);
    EXPECT_THAT(server.requests().back(), HasSubstr("parked=unknown_outcome&status=no-answer"));
}

TEST(CliHabits, a_refusal_names_the_option_and_a_destination_its_list) {
    TestServer server([](const std::string& line, auto&) {
        const bool is_calls = line.find("/api/calls") != std::string::npos;
        return is_calls ? CannedAnswer{400, R"({"detail":"limit: a whole number from 1 to 200"})"}
                        : CannedAnswer{404, R"({"detail":"no such destination"})"};
    });
    EXPECT_EQ(run_at(server, {"calls", "--limit", "0"}).err,
              "wrapup: --limit: a whole number from 1 to 200\n");
    const CliOutcome paused = run_at(server, {"destination", "pause", "nope"});
    EXPECT_EQ(paused.code, exit_failed);
    EXPECT_THAT(paused.err, testing::MatchesRegex("wrapup: no such destination\n  -> wrapup .*"
                                                  "destination list .*\n"));
}

TEST(CliHabits, what_every_command_has_is_told_by_each) {
    EXPECT_THAT(run({"calls", "--help"}).out,
                HasSubstr("Every command has --json, --color, --profile, --url, --token-file"));
}

TEST(CliHabits, complaints_stay_within_a_terminal) {
    const std::map<std::string, std::string> nowhere{{"WRAPUP_API_TOKEN", ""}};
    TestServer server([](auto&, auto&) {
        return CannedAnswer{502, R"({"success":false,"message":"the CRM answered 422, and so it is
parked until a person has mended it or the record","details":{"answer":"a long word and others,
more than eighty columns of them, as CRMs are used to write"}})"};
    });
    const std::vector<std::vector<std::string>> said{
        {"calls"}, {"calls", "--after", "x"}, {"calls", "--parked", "nope"}};
    std::vector<CliOutcome> outcomes;
    for (const auto& asked : said) outcomes.push_back(run(asked, nowhere, {}, 80));
    outcomes.push_back(run_on_terminal(server, {"send", "CA0123456789abcdef0123456789abcdef"}));
    for (const CliOutcome& outcome : outcomes) {
        std::istringstream lines(outcome.err);
        for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << line;
    }
}

TEST(CliHabits, a_start_in_another_folder_says_that_it_has_no_settings) {
    const std::string said = run({"serve"}).err;
    EXPECT_THAT(said, HasSubstr("TWILIO_ACCOUNT_SID is missing"));
    EXPECT_THAT(said, HasSubstr("There is no .env in ."));
    EXPECT_THAT(said, HasSubstr("`wrapup init`"));
    EXPECT_THAT(run({"calls"}, {{"WRAPUP_API_TOKEN", ""}}).err,
                HasSubstr("There is no .env in this folder; `wrapup init` makes one."));
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
    EXPECT_EQ(run_at(server, {"calls"}).err, "wrapup: --state: is none\n");
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
