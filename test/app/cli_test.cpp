// The command line in this process, against canned answers of the API.

#include "app/cli.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <sstream>

#include "app/api_client.hpp"
#include "app/console_text.hpp"
#include "app/version.hpp"
#include "test/app/test_server.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* token = "0123456789abcdef";

struct Outcome {
    int code;
    std::string out;
    std::string err;
};

Outcome run(const std::vector<std::string>& arguments,
            const std::map<std::string, std::string>& environment = {}) {
    std::ostringstream out;
    std::ostringstream err;
    Console console{out, err, false, [&]() -> Result<SettingsInput> {
                        SettingsInput input;
                        input.environment = environment;
                        input.environment.try_emplace("WRAPUP_API_TOKEN", token);
                        return input;
                    }};
    const int code = run_cli(arguments, console);
    return {code, out.str(), err.str()};
}

Outcome run_at(const TestServer& server, std::vector<std::string> arguments) {
    arguments.push_back("--url");
    arguments.push_back(server.url());
    return run(arguments);
}

TEST(Cli, help_teaches_within_80_columns) {
    const std::vector<std::vector<std::string>> commands = {{},
                                                            {"serve"},
                                                            {"calls"},
                                                            {"show"},
                                                            {"send"},
                                                            {"destination"},
                                                            {"doctor"},
                                                            {"import"},
                                                            {"simulate"},
                                                            {"version"},
                                                            {"destination", "list"},
                                                            {"destination", "pause"},
                                                            {"destination", "resume"}};
    for (auto arguments : commands) {
        arguments.push_back("--help");
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, exit_ok);
        EXPECT_THAT(outcome.out, HasSubstr(arguments.size() == 1 ? "First steps:" : "Example"));
        std::istringstream lines(outcome.out);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(column_count(line), 80U) << arguments.front() << ": " << line;
        }
    }
}

TEST(Cli, wrong_usage_is_2) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"nonsense"},
                                               {"show"},
                                               {"show", "CA1", "CA2"},
                                               {"calls", "--nonsense"},
                                               {"send"},
                                               {"send", "CA1", "--parked"},
                                               {"destination"},
                                               {"destination", "pause"},
                                               {"simulate", "--seed", "x"},
                                               {"simulate", "--seed", "1", "--seeds", "2"}}) {
        const Outcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, exit_unusable) << testing::PrintToString(arguments);
        EXPECT_FALSE(outcome.err.empty());
        EXPECT_TRUE(outcome.out.empty());
    }
}

TEST(Cli, version_is_that_of_the_project) {
    EXPECT_EQ(run({"version"}).out, "wrapup " + std::string(version()) + "\n");
    EXPECT_EQ(run({"version", "--json"}).out, "{\"version\":\"" + std::string(version()) + "\"}\n");
}

TEST(Cli, serve_with_bad_settings_is_2_and_one_line) {
    const Outcome outcome = run({"serve"}, {{"PORT", "x"}});
    EXPECT_EQ(outcome.code, exit_unusable);
    EXPECT_EQ(outcome.err, "wrapup: PORT (environment) is not a port from 1 to 65535\n");
}

TEST(Cli, nobody_answers_is_2_and_says_how_to_start) {
    const Outcome outcome = run({"calls", "--url", "http://127.0.0.1:1"});
    EXPECT_EQ(outcome.code, exit_unusable);
    EXPECT_THAT(outcome.err, HasSubstr("nobody answers at http://127.0.0.1:1"));
    EXPECT_THAT(outcome.err, HasSubstr("wrapup serve"));
}

TEST(Cli, clients_need_only_their_own_settings) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":[]})"}; });
    const std::string port = server.url().substr(server.url().rfind(':') + 1);
    const Outcome outcome = run({"calls"}, {{"PORT", port}, {"CRM_WEBHOOK_URL", "nonsense"}});
    EXPECT_EQ(outcome.code, exit_ok) << outcome.err;
    EXPECT_EQ(outcome.out, "No calls.\n");
    EXPECT_EQ(run({"calls"}, {{"PORT", "nonsense"}}).code, exit_unusable);
    EXPECT_THAT(server.requests().at(0), HasSubstr(std::string("Authorization: Bearer ") + token));
}

TEST(Cli, no_token_is_2) {
    const Outcome outcome =
        run({"calls"}, {{"WRAPUP_API_TOKEN", ""}, {"WRAPUP_DATA_DIR", "/none"}});
    EXPECT_EQ(outcome.code, exit_unusable);
    EXPECT_THAT(outcome.err, HasSubstr("no API token"));
    EXPECT_EQ(run({"calls", "--token-file", "/none"}).code, exit_unusable);
}

TEST(Cli, a_refused_token_is_2) {
    TestServer server([](auto&, auto&) { return CannedAnswer{401, "{}"}; });
    const Outcome outcome = run_at(server, {"calls"});
    EXPECT_EQ(outcome.code, exit_unusable);
    EXPECT_THAT(outcome.err, HasSubstr("refuses the API token"));
    EXPECT_THAT(outcome.err, Not(HasSubstr(token)));
}

TEST(Cli, calls_sends_its_filters_and_prints_a_table) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{200, R"({"calls":[{"id":"CA1","state":"parked","parked":"rejected",
            "status":"held","duration_s":7,"to":"+61413052898",
            "first_event_at":"2026-03-01T12:00:00.000Z"}],"next_cursor":"abc"})"};
    });
    const Outcome outcome =
        run_at(server, {"calls", "--state", "parked", "--status", "no answer", "--phone", "+614"});
    EXPECT_EQ(outcome.code, exit_ok) << outcome.err;
    EXPECT_EQ(outcome.out,
              "FIRST EVENT               STATE            STATUS  SECONDS  TO            CALL\n"
              "2026-03-01T12:00:00.000Z  parked rejected  held    7        +61413052898  CA1\n"
              "More: add --cursor abc\n");
    EXPECT_THAT(server.requests().at(0),
                HasSubstr("GET /api/calls?state=parked&status=no%20answer&phone=%2B614 HTTP"));
}

TEST(Cli, json_is_handed_on_as_it_came) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":[],"x":1})"}; });
    EXPECT_EQ(run_at(server, {"calls", "--json"}).out, "{\"calls\":[],\"x\":1}\n");
    EXPECT_EQ(run_at(server, {"--json", "calls"}).out, "{\"calls\":[],\"x\":1}\n");
}

TEST(Cli, show_of_an_unknown_call_is_1) {
    TestServer server([](auto& line, auto&) {
        EXPECT_EQ(line, "GET /api/calls/CA1%2F.. HTTP/1.1");
        return CannedAnswer{404, R"({"title":"Not Found","detail":"nobody knows this call"})"};
    });
    const Outcome outcome = run_at(server, {"show", "CA1/.."});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_EQ(outcome.err, "wrapup: nobody knows this call\n");
}

TEST(Cli, an_answer_that_is_no_json_is_1) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, "<html>"}; });
    EXPECT_EQ(run_at(server, {"show", "CA1"}).code, exit_failed);
    EXPECT_EQ(run_at(server, {"calls"}).code, exit_failed);
    EXPECT_EQ(run_at(server, {"send", "CA1"}).code, exit_failed);
}

TEST(Cli, send_tells_success_from_refusal) {
    TestServer server([](auto&, auto& body) {
        if (body == R"({"callSid":"CA1"})") {
            return CannedAnswer{200, R"({"success":true,"message":"accepted"})"};
        }
        return CannedAnswer{502, R"({"success":false,"message":"the CRM answered 500"})"};
    });
    const Outcome sent = run_at(server, {"send", "CA1"});
    EXPECT_EQ(sent.code, exit_ok);
    EXPECT_EQ(sent.out, "sent    CA1  accepted\n");
    const Outcome refused = run_at(server, {"send", "CA2"});
    EXPECT_EQ(refused.code, exit_failed);
    EXPECT_EQ(refused.err, "failed  CA2  the CRM answered 500\n");
}

TEST(Cli, send_parked_takes_every_page_and_counts) {
    TestServer server([](auto& line, auto& body) {
        if (line == "GET /api/calls?state=parked&limit=200 HTTP/1.1") {
            return CannedAnswer{200, R"({"calls":[{"id":"CA1"},{"id":"CA2"}],"next_cursor":"n"})"};
        }
        if (line == "GET /api/calls?state=parked&limit=200&cursor=n HTTP/1.1") {
            return CannedAnswer{200, R"({"calls":[{"id":"CA3"}],"next_cursor":null})"};
        }
        const bool is_good = body != R"({"callSid":"CA2"})";
        return CannedAnswer{is_good ? 200 : 409, is_good ? R"({"success":true,"message":"ok"})"
                                                         : R"({"success":false,"message":"no"})"};
    });
    const Outcome outcome = run_at(server, {"send", "--parked"});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_EQ(outcome.out, "sent    CA1  ok\nsent    CA3  ok\n3 parked: 2 sent, 1 failed\n");
    EXPECT_EQ(outcome.err, "failed  CA2  no\n");
    EXPECT_EQ(run_at(server, {"send", "--parked", "--json"}).out,
              "{\"parked\":3,\"sent\":2,\"failed\":1}\n");
}

TEST(Cli, destination_lists_pauses_and_resumes) {
    TestServer server([](auto& line, auto&) {
        if (line.rfind("GET", 0) == 0) {
            return CannedAnswer{
                200, R"({"destinations":[{"name":"crm","state":"active","since":null}]})"};
        }
        if (line == "POST /api/destinations/crm/pause HTTP/1.1" ||
            line == "POST /api/destinations/crm/resume HTTP/1.1") {
            return CannedAnswer{200, "{}"};
        }
        return CannedAnswer{404, R"({"detail":"no destination of this name is configured"})"};
    });
    EXPECT_EQ(run_at(server, {"destination", "list"}).out, "NAME  STATE   SINCE\ncrm   active\n");
    EXPECT_EQ(run_at(server, {"destination", "pause", "crm"}).out, "crm is paused\n");
    EXPECT_EQ(run_at(server, {"destination", "resume", "crm"}).out, "crm is active\n");
    EXPECT_EQ(run_at(server, {"destination", "pause", "erp"}).code, exit_failed);
}

TEST(ApiUrl, is_how_the_server_is_reached_from_here) {
    Settings settings;
    EXPECT_EQ(local_api_url(settings), "http://127.0.0.1:8080");
    settings.listen = {"0.0.0.0", 3000};
    EXPECT_EQ(local_api_url(settings), "http://127.0.0.1:3000");
    settings.listen = {"::", 3000};
    EXPECT_EQ(local_api_url(settings), "http://[::1]:3000");
    settings.admin_listen = ListenAddress{"127.0.0.1", 9090};
    EXPECT_EQ(local_api_url(settings), "http://127.0.0.1:9090");
}

}  // namespace
}  // namespace wrapup
