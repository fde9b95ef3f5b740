#include "app/cli/next_commands.hpp"

#include <gtest/gtest.h>

#include <sstream>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

constexpr const char* two = " --profile two";

TEST(NextCommands, go_to_the_server_that_was_asked) {
    EXPECT_EQ(with_server_options("mend the CRM, then wrapup replay --parked dead", two),
              "mend the CRM, then wrapup --profile two replay --parked dead");
    EXPECT_EQ(with_server_options("(wrapup show CA1); `wrapup status`", two),
              "(wrapup --profile two show CA1); `wrapup --profile two status`");
    EXPECT_EQ(with_server_options("-> wrapup\n   replay --parked dead\n", two),
              "-> wrapup --profile two\n   replay --parked dead\n");
}

TEST(NextCommands, of_this_machine_stay_as_they_are) {
    for (const char* text :
         {"start it with `wrapup serve`", "wrapup init", "wrapup runs", "wrapup was told of it",
          "/etc/wrapup show", "wrapup.toml", "wrapup"}) {
        EXPECT_EQ(with_server_options(text, two), text);
    }
}

TEST(NextCommands, name_the_options_as_a_shell_takes_them) {
    CommandLine line;
    EXPECT_EQ(server_options(line), "");
    line.url = "http://10.0.0.7:8080";
    line.token_file = "my token";
    EXPECT_EQ(server_options(line), " --url http://10.0.0.7:8080 --token-file 'my token'");
}

TEST(NextCommands, pass_with_the_end_of_a_line_and_when_flushed) {
    std::ostringstream behind;
    LineFilter buffer = next_commands(behind, two);
    std::ostream out(&buffer);
    out << "wrapup\n";
    EXPECT_EQ(behind.str(), "");
    out << "  ledger\n";
    EXPECT_EQ(behind.str(), "wrapup --profile two\n  ledger\n");
    out << "goes on" << std::flush;
    EXPECT_TRUE(behind.str().ends_with("goes on"));
}

TEST(NextCommands, of_documents_and_of_a_story_name_the_server_too) {
    const TestServer server([](const std::string& line, const std::string&) {
        if (line.find("/api/calls/") != std::string::npos) {
            return CannedAnswer{200, R"({"call":{"id":"CA1","name":"wrapup status"},
                "why":"send it: wrapup send SID."})"};
        }
        if (line.find("/api/settings") != std::string::npos) {
            return CannedAnswer{200, R"({"settings":[],"changed":[],"findings":[
                {"level":"broken","text":"one waits","advice":"wrapup replay --parked dead"}]})"};
        }
        const bool is_calls = line.find("/api/calls?") != std::string::npos ||
                              line.find("/api/calls ") != std::string::npos;
        return is_calls ? CannedAnswer{503, R"({"detail":"see wrapup status"})"}
                        : CannedAnswer{200, "{}"};
    });
    const std::string options = " --url " + server.url() + " ";
    const CliOutcome refused = run_at(server, {"calls", "--json"});
    EXPECT_NE(refused.err.find("wrapup" + options + "status"), std::string::npos) << refused.err;
    const CliOutcome story = run_at(server, {"show", "CA1"});
    EXPECT_NE(story.out.find("wrapup" + options + "send SID"), std::string::npos) << story.out;
    EXPECT_NE(run_at(server, {"show", "CA1", "--json"}).out.find("\"wrapup status\""),
              std::string::npos);
    const CliOutcome seen = run_at(server, {"doctor", "--json"});
    EXPECT_NE(seen.out.find("wrapup" + options + "replay --parked dead"), std::string::npos)
        << seen.out;
}

TEST(NextCommands, of_an_error_name_the_server_too) {
    const TestServer server([](const std::string&, const std::string&) {
        return CannedAnswer{200, R"({"calls":[],"next_cursor":null})"};
    });
    const CliOutcome seen = run_at(server, {"show", "0413", "999", "999"});
    EXPECT_EQ(seen.code, 1);
    EXPECT_NE(seen.err.find("wrapup --url " + server.url() + " reconcile --from"),
              std::string::npos)
        << seen.err;
}

TEST(DoctorElsewhere, asks_a_server_elsewhere_and_judges_nothing_here) {
    const TestServer server([](const std::string& line, const std::string&) {
        if (line.find("/api/settings") == std::string::npos) return CannedAnswer{200, "{}"};
        return CannedAnswer{200, R"({"settings":[{"name":"CRM_WEBHOOK_URL","value":"https://two/…",
            "source":"environment","secret":false}],"changed":[],"findings":[
            {"level":"note","text":"told by the server","advice":null}]})"};
    });
    const CliOutcome seen = run_at(server, {"doctor", "--json"});
    EXPECT_NE(seen.out.find(R"("is_running":true)"), std::string::npos) << seen.out;
    EXPECT_NE(seen.out.find("told by the server"), std::string::npos);
    EXPECT_NE(seen.out.find("https://two/"), std::string::npos);
    EXPECT_EQ(seen.out.find("TWILIO_ACCOUNT_SID"), std::string::npos) << seen.out;
    EXPECT_EQ(run({"doctor", "--url", "http://127.0.0.1:1"}).code, 2);
    EXPECT_EQ(run_at(server, {"doctor", "--test-alert"}).code, 2);
}

TEST(CallsOfPhone, of_a_phone_without_digits_are_a_wrong_question) {
    const CliOutcome seen = run({"calls", "--phone", "abc"});
    EXPECT_EQ(seen.code, 2);
    EXPECT_NE(seen.err.find("--phone"), std::string::npos) << seen.err;
}

}  // namespace
}  // namespace wrapup
