#include "app/cli/json_errors.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <fstream>
#include <sstream>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;

TEST(JsonErrors, pass_everything_else_as_it_is) {
    std::ostringstream behind;
    {
        LineFilter errors = json_errors(behind);
        std::ostream err(&errors);
        err << "\r[##  ] 50 %" << std::flush;
        EXPECT_EQ(behind.str(), "\r[##  ] 50 %");
        err << "\nwrapup: no \"x\"\nNothing was sent.\nwrapup is here: yes\nwrapup: give one";
    }
    EXPECT_EQ(behind.str(), "\r[##  ] 50 %\n" + problem_line("no \"x\"") +
                                "Nothing was sent.\nwrapup is here: yes\n" +
                                problem_line("give one"));
    EXPECT_EQ(problem_line("no"),
              "{\"type\":\"about:blank\",\"title\":\"Error\",\"detail\":\"no\"}\n");
}

TEST(JsonErrors, of_a_server_play_no_tricks_on_a_terminal) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{404, "{\"detail\":\"no\",\"title\":\"\xc2\x9b\xe2\x80\xae\"}"};
    });
    EXPECT_EQ(run_at(server, {"show", "CA1", "--json"}).err,
              "{\"detail\":\"no\",\"title\":\"\\u009b\\u202e\"}\n");
}

TEST(JsonOutput, escapes_line_by_line_and_holds_nothing_back) {
    std::ostringstream behind;
    {
        LineFilter documents = json_output(behind);
        std::ostream out(&documents);
        out << "{\"a\":\"\xc2"
            << "\x9b\"}\n{\"b\":1";
        EXPECT_EQ(behind.str(), "{\"a\":\"\\u009b\"}\n");
        out << std::flush << '}';
        EXPECT_EQ(behind.str(), "{\"a\":\"\\u009b\"}\n{\"b\":1");
    }
    EXPECT_EQ(behind.str(), "{\"a\":\"\\u009b\"}\n{\"b\":1}");
}

TEST(JsonOutput, fails_where_nothing_can_be_written) {
    std::ofstream full("/dev/full");
    LineFilter documents = json_output(full);
    std::ostream out(&documents);
    out << "{}\n" << std::flush;
    EXPECT_FALSE(out);
}

TEST(JsonErrors, errors_are_json_where_data_is) {
    const auto error_of = [](const CliOutcome& outcome) {
        const auto parsed = boost::json::parse(outcome.err);
        return std::string(parsed.as_object().at("detail").as_string());
    };
    TestServer server([](auto&, auto&) {
        return CannedAnswer{404, R"({"status":404,"detail":"no such call"})"};
    });
    const CliOutcome refused = run_at(server, {"show", "CA1", "--json"});
    EXPECT_EQ(refused.code, exit_failed);
    EXPECT_EQ(error_of(refused), "no such call");
    EXPECT_EQ(refused.out, "");
    EXPECT_EQ(refused.err, "{\"status\":404,\"detail\":\"no such call\"}\n");
    const CliOutcome wrong = run({"send", "--json"});
    EXPECT_EQ(wrong.code, exit_unusable);
    EXPECT_EQ(error_of(wrong), "give a SID, --parked or --waiting");
    const CliOutcome unknown = run({"calls", "--json", "--colour"});
    EXPECT_EQ(unknown.code, exit_unusable);
    EXPECT_THAT(error_of(unknown), HasSubstr("--colour"));
    EXPECT_THAT(run_at(server, {"show", "CA1"}).err, HasSubstr("wrapup: no such call"));
    for (const auto& arguments : std::vector<std::vector<std::string>>{
             {"send", "CA1"}, {"call", "12"}, {"call", "--cancel", "one"}}) {
        std::vector<std::string> given = arguments;
        given.emplace_back("--json");
        const CliOutcome outcome = run_at(server, given);
        EXPECT_EQ(outcome.code, exit_failed);
        EXPECT_EQ(outcome.out, "") << arguments.front();
        EXPECT_EQ(error_of(outcome), "no such call");
    }
    EXPECT_EQ(error_of(run({"simulate", "--seeds", "1", "--json"})),
              "simulate prints text: it has no --json");
}

}  // namespace
}  // namespace wrapup
