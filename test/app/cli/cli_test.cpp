// The command line in this process, against canned answers of the API.

#include "app/cli/cli.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "app/cli/api_client.hpp"
#include "app/cli/command.hpp"
#include "app/config/setting_values.hpp"
#include "app/program/version.hpp"
#include "base/console_text.hpp"
#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

using Path = std::vector<std::string>;

void add_paths(const Path& above, const std::vector<CommandSpec>& commands,
               std::vector<Path>& paths) {
    for (const CommandSpec& command : commands) {
        Path path = above;
        path.push_back(command.name);
        paths.push_back(path);
        add_paths(path, command.commands, paths);
    }
}

TEST(Cli, help_teaches_within_80_columns) {
    std::vector<Path> commands = {{}};
    add_paths({}, all_commands(), commands);
    EXPECT_THAT(commands, testing::Contains(testing::ElementsAre("campaign", "follow")));
    for (auto arguments : commands) {
        arguments.push_back("--help");
        const CliOutcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, exit_ok);
        EXPECT_THAT(outcome.out, HasSubstr(arguments.size() == 1 ? "First steps:" : "Example"));
        std::istringstream lines(outcome.out);
        for (std::string line; std::getline(lines, line);) {
            EXPECT_LE(column_count(line), 80U) << testing::PrintToString(arguments) << line;
        }
    }
}

TEST(Cli, help_is_a_command_too) {
    EXPECT_EQ(run({"help"}).code, exit_ok);
    EXPECT_EQ(run({"help"}).out, run({"--help"}).out);
    EXPECT_EQ(run({"help", "send"}).out, run({"send", "--help"}).out);
    EXPECT_NE(run({"help", "send"}).out, run({"help"}).out);
    const CliOutcome unknown = run({"help", "nosuch"});
    EXPECT_EQ(unknown.code, exit_unusable);
    EXPECT_EQ(unknown.out, "");
    EXPECT_THAT(unknown.err, HasSubstr("there is no command nosuch"));
}

TEST(Cli, wrong_usage_is_2) {
    for (const auto& arguments :
         std::vector<std::vector<std::string>>{{},
                                               {"nonsense"},
                                               {"show"},
                                               {"show", "CA1", "CA2"},
                                               {"calls", "--nonsense"},
                                               {"ledger", "--date", "2026-01-01", "--to", "x"},
                                               {"send"},
                                               {"send", "CA1", "--parked"},
                                               {"destination"},
                                               {"destination", "pause"},
                                               {"simulate", "--seed", "x"},
                                               {"simulate", "--outage", "nonsense"},
                                               {"simulate", "--outage", "down", "--calls", "0"},
                                               {"simulate", "--seed", "1", "--seeds", "2"}}) {
        const CliOutcome outcome = run(arguments);
        EXPECT_EQ(outcome.code, exit_unusable) << testing::PrintToString(arguments);
        EXPECT_FALSE(outcome.err.empty());
        EXPECT_TRUE(outcome.out.empty());
    }
}

TEST(Cli, a_command_that_there_is_not_is_named) {
    EXPECT_THAT(run({"cals", "--state", "parked"}).err,
                testing::StartsWith("wrapup: there is no command cals; did you mean call?\n"
                                    "Run `wrapup --help` for more.\n"));
    EXPECT_THAT(run({"destination", "stop"}).err, testing::HasSubstr("no command stop"));
    EXPECT_THAT(run({"explain", "CA1"}).err, testing::HasSubstr("did you mean show?"));
    EXPECT_THAT(run({"find", "ada"}).err, testing::HasSubstr("did you mean calls?"));
    EXPECT_THAT(run({"forget", "--json"}).err, testing::HasSubstr("forget is not built yet"));
    EXPECT_THAT(run({"show"}).err, testing::HasSubstr("required"));
    EXPECT_THAT(run({"show"}).err, testing::HasSubstr("Run `wrapup show --help` for more."));
}

TEST(Cli, version_is_that_of_the_project) {
    EXPECT_EQ(run({"-V"}).out, run({"version"}).out);
    EXPECT_EQ(run({"--version"}).out, run({"version"}).out);
    EXPECT_EQ(run({"version"}).out, "wrapup " + std::string(version()) + "\n");
    EXPECT_EQ(run({"version", "--json"}).out, "{\"version\":\"" + std::string(version()) + "\"}\n");
}

TEST(Cli, serve_with_bad_settings_is_2_and_one_line) {
    const CliOutcome outcome = run({"serve"}, {{"PORT", "x"}});
    EXPECT_EQ(outcome.code, exit_unusable);
    EXPECT_EQ(outcome.err, "wrapup: PORT (environment) is not a port from 1 to 65535\n");
}

TEST(Cli, nobody_answers_is_2_and_says_how_to_start) {
    const CliOutcome outcome = run({"calls", "--url", "http://127.0.0.1:1"});
    EXPECT_EQ(outcome.code, exit_unusable);
    EXPECT_THAT(outcome.err, HasSubstr("nobody answers at http://127.0.0.1:1"));
    EXPECT_THAT(outcome.err, HasSubstr("wrapup serve"));
}

TEST(Cli, clients_need_only_their_own_settings) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":[]})"}; });
    const std::string port = server.url().substr(server.url().rfind(':') + 1);
    const CliOutcome outcome = run({"calls"}, {{"PORT", port}, {"CRM_WEBHOOK_URL", "nonsense"}});
    EXPECT_EQ(outcome.code, exit_ok) << outcome.err;
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "No calls.\n");
    EXPECT_EQ(run({"calls"}, {{"PORT", "nonsense"}}).code, exit_unusable);
    EXPECT_THAT(server.requests().at(0),
                HasSubstr(std::string("Authorization: Bearer ") + test_api_token));
}

TEST(Cli, no_token_is_2) {
    const CliOutcome outcome =
        run({"calls"}, {{"WRAPUP_API_TOKEN", ""}, {"WRAPUP_DATA_DIR", "/none"}});
    EXPECT_EQ(outcome.code, exit_unusable);
    EXPECT_THAT(outcome.err, HasSubstr("no API token"));
    EXPECT_THAT(outcome.err,
                HasSubstr("The first `wrapup serve` makes one, in the file api_token"));
    EXPECT_EQ(run({"calls", "--token-file", "/none"}).code, exit_unusable);
}

TEST(Cli, a_refused_token_is_2) {
    TestServer server([](auto&, auto&) { return CannedAnswer{401, "{}"}; });
    const CliOutcome outcome = run_at(server, {"calls"});
    EXPECT_EQ(outcome.code, exit_unusable);
    EXPECT_THAT(outcome.err, HasSubstr("refuses the API token"));
    EXPECT_THAT(outcome.err, Not(HasSubstr(test_api_token)));
}

TEST(Cli, calls_sends_its_filters_and_prints_a_table) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{200, R"({"calls":[{"id":"CA1","state":"parked","parked":"rejected",
            "status":"held","duration_s":7,"to":"+61413052898",
            "first_event_at":"2026-03-01T12:00:00.000Z"}],"next_cursor":"abc"})"};
    });
    const CliOutcome outcome = run_at(server, {"calls", "--state", "parked", "--status",
                                               "no answer", "--phone", "+614", "--no-campaign"});
    EXPECT_EQ(outcome.code, exit_ok) << outcome.err;
    EXPECT_EQ(outcome.out,
              "FIRST EVENT               STATE            STATUS  SECONDS  TO            DUE  "
              "CALL\n"
              "2026-03-01T12:00:00.000Z  parked rejected  held    7        +61413052898       "
              "CA1\n");
    EXPECT_EQ(outcome.err, "More: add --cursor abc, or --all\n");
    EXPECT_THAT(server.requests().at(0),
                HasSubstr("GET /api/calls?state=parked&status=no-answer&no_campaign=true"
                          "&phone=%2B614 HTTP"));
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
    const CliOutcome outcome = run_at(server, {"show", "CA1/.."});
    EXPECT_EQ(outcome.code, exit_failed);
    const std::string at = " --url " + server.url();
    EXPECT_EQ(outcome.err, "wrapup: nobody knows this call\n  -> wrapup" + at +
                               " calls lists those that are known (--phone, --name, --since); "
                               "wrapup" +
                               at + " send SID asks Twilio\n");
}

TEST(Cli, an_answer_that_is_no_json_is_1) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, "<html>"}; });
    EXPECT_EQ(run_at(server, {"show", "CA1"}).code, exit_failed);
    EXPECT_EQ(run_at(server, {"calls"}).code, exit_failed);
    EXPECT_EQ(run_at(server, {"send", "CA1"}).code, exit_failed);
}

TEST(Cli, calls_tells_when_a_record_is_tried_again) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{200, R"({"calls":[{"id":"CA1","state":"delivering",
            "due_at":"2026-03-01T12:30:00.000Z"}],"next_cursor":null})"};
    });
    EXPECT_THAT(run_at(server, {"calls"}).out, HasSubstr("2026-03-01T12:30:00.000Z  CA1"));
}

bool is_post(const std::string& line) { return line.rfind("POST", 0) == 0; }

TEST(Cli, send_tells_success_from_refusal_and_what_the_crm_said) {
    TestServer server([](auto& line, auto& body) {
        if (!is_post(line)) return CannedAnswer{404, R"({"detail":"nobody knows this call"})"};
        if (body == R"({"callSid":"CA1","again":false})") {
            return CannedAnswer{200, R"({"success":true,"message":"accepted"})"};
        }
        return CannedAnswer{502, R"({"success":false,"message":"the CRM answered 500",
            "details":{"answer":"{\"error\":\"no\u001b[31m\u202efield\"}\n"}})"};
    });
    const CliOutcome sent = run_at(server, {"send", "CA1"});
    EXPECT_EQ(sent.code, exit_ok);
    EXPECT_EQ(sent.out, "sent    CA1  accepted\n");
    const CliOutcome refused = run_at(server, {"send", "CA2"});
    EXPECT_EQ(refused.code, exit_failed);
    EXPECT_EQ(refused.err,
              "failed  CA2  the CRM answered 500\n"
              "        the CRM's answer: {\"error\":\"no\\u001b[31m\\u202efield\"}\\n\n");
}

TEST(Cli, send_shows_the_answer_of_the_destination_that_it_names) {
    TestServer server([](auto& line, auto&) {
        if (!is_post(line)) return CannedAnswer{404, R"({"detail":"nobody knows this call"})"};
        return CannedAnswer{502, R"({"success":false,"message":"crm: ok. lake: 422.","details":
            {"answer":"no field","destinations":[{"name":"crm","success":true,"answer":"17"},
            {"name":"lake","success":false,"answer":"no field"}]}})"};
    });
    EXPECT_EQ(run_at(server, {"send", "CA1"}).err,
              "failed  CA1  crm: ok. lake: 422.\n        lake's answer: no field\n");
}

TEST(Cli, send_of_a_delivered_record_asks_first) {
    TestServer server([](auto& line, auto&) {
        if (is_post(line)) return CannedAnswer{200, R"({"success":true,"message":"again"})"};
        return CannedAnswer{200, R"({"call":{"id":"CA1","state":"delivered"}})"};
    });
    const auto posts = [&] { return std::ranges::count_if(server.requests(), is_post); };
    const CliOutcome piped = run_at(server, {"send", "CA1"});
    EXPECT_EQ(piped.code, exit_unusable);
    EXPECT_THAT(piped.err, HasSubstr("accepted this record already"));
    EXPECT_THAT(piped.err, HasSubstr("--again"));
    std::string asked;
    const CliOutcome declined = run_at(server, {"send", "CA1"}, [&](const std::string& question) {
        asked = question;
        return false;
    });
    EXPECT_EQ(declined.code, exit_unusable);
    EXPECT_EQ(asked, "Send it again?");
    EXPECT_EQ(posts(), 0);
    EXPECT_EQ(run_at(server, {"send", "CA1"}, [](auto&) { return true; }).code, exit_ok);
    EXPECT_EQ(posts(), 1);
    EXPECT_EQ(run_at(server, {"send", "CA1", "--again"}).code, exit_ok);
    EXPECT_EQ(posts(), 2);
}

TEST(Cli, a_dry_run_of_one_call_sends_nothing) {
    TestServer server([](auto& line, auto&) {
        if (line.find("CA2") != std::string::npos) return CannedAnswer{404, R"({"detail":"no"})"};
        return CannedAnswer{200, R"({"call":{"id":"CA1","state":"parked","parked":"rejected"}})"};
    });
    const CliOutcome known = run_at(server, {"send", "CA1", "--dry-run"});
    EXPECT_EQ(known.code, exit_ok);
    EXPECT_EQ(known.out, "would send  CA1  parked rejected\n");
    const CliOutcome unknown = run_at(server, {"send", "CA2", "--dry-run"});
    EXPECT_EQ(unknown.out, "would ask Twilio about  CA2  unknown\n");
    EXPECT_EQ(std::ranges::count_if(server.requests(), is_post), 0);
}

TEST(Cli, send_of_what_the_crm_may_have_asks_first) {
    TestServer server([](auto& line, auto&) {
        if (is_post(line)) return CannedAnswer{200, R"({"success":true,"message":"sent"})"};
        return CannedAnswer{200,
                            R"({"call":{"id":"CA1","state":"parked","parked":"unknown_outcome"}})"};
    });
    const auto posts = [&] { return std::ranges::count_if(server.requests(), is_post); };
    const CliOutcome piped = run_at(server, {"send", "CA1"});
    EXPECT_EQ(piped.code, exit_unusable);
    EXPECT_THAT(piped.err, HasSubstr("may have this record already"));
    EXPECT_EQ(posts(), 0);
    EXPECT_EQ(run_at(server, {"send", "CA1", "--again"}).code, exit_ok);
    EXPECT_EQ(posts(), 1);
}

TEST(Cli, a_reason_that_is_none_is_refused) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":[]})"}; });
    for (const char* reason : {"wrong", "dead,rejected", ""}) {
        const CliOutcome outcome =
            run_at(server, {"send", "--parked", "--reason", reason, "--yes"});
        EXPECT_EQ(outcome.code, exit_unusable) << reason;
        EXPECT_THAT(outcome.err, HasSubstr("--reason")) << reason;
    }
    EXPECT_TRUE(server.requests().empty());
}

TEST(Cli, send_waits_for_the_record_of_an_adopted_call) {
    int looks = 0;
    TestServer server([&looks](auto& line, auto& body) {
        if (is_post(line)) {
            if (body == R"({"callSid":"CA1","now":true,"again":false})") {
                return CannedAnswer{200, R"({"success":true,"message":"now"})"};
            }
            return CannedAnswer{202, R"({"success":true,"message":"it follows"})"};
        }
        looks += 1;
        if (looks == 1) return CannedAnswer{404, R"({"detail":"nobody knows this call"})"};
        if (looks == 2) return CannedAnswer{200, R"({"call":{"state":"settling"}})"};
        if (looks == 3) {
            return CannedAnswer{200, R"({"call":{"state":"delivering"},
                "deliveries":[{"in_progress":true,"attempts":[]}]})"};
        }
        return CannedAnswer{200, R"({"call":{"state":"delivered"},"why":"The CRM has it.",
            "deliveries":[{"attempts":[{"answer":"ok 7"}]}]})"};
    });
    const CliOutcome sent = run_at(server, {"send", "CA1"});
    EXPECT_EQ(sent.code, exit_ok) << sent.err;
    EXPECT_EQ(sent.out, "sent    CA1  The CRM has it.\n        the CRM's answer: ok 7\n");
    EXPECT_EQ(looks, 4);
    looks = 0;
    EXPECT_EQ(run_at(server, {"send", "CA1", "--now"}).out, "sent    CA1  now\n");
}

TEST(Cli, send_waits_for_every_destination_of_an_adopted_call) {
    int looks = 0;
    TestServer server([&looks](auto& line, auto&) {
        if (is_post(line)) return CannedAnswer{202, R"({"success":true,"message":"it follows"})"};
        if (line.find("/api/destinations") != std::string::npos) {
            return CannedAnswer{200, R"({"destinations":[
                {"name":"sea","state":"paused","breaker":"closed"},
                {"name":"lake","state":"active","breaker":"closed"}]})"};
        }
        const std::string crm = R"({"destination":"crm","state":"accepted",
            "attempts":[{"http_status":200,"answer":"{\"id\":17}"}]})";
        const std::string sea = R"(,{"destination":"sea","state":"pending","attempts":[]})";
        const bool is_under_way = ++looks < 4;
        const std::string lake =
            is_under_way ? R"(,{"destination":"lake","state":"pending","in_progress":true})"
                         : R"(,{"destination":"lake","state":"parked","parked":"rejected",
                               "attempts":[{"http_status":422,"answer":"no field"}]})";
        return CannedAnswer{200, std::string(R"({"call":{"state":")") +
                                     (is_under_way ? "delivering" : "parked") +
                                     R"("},"why":"The record is being sent right now.",
                                     "deliveries":[)" +
                                     crm + lake + sea + "]}"};
    });
    const CliOutcome outcome = run_at(server, {"send", "CA1"});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.err, HasSubstr("failed  CA1  crm: accepted (HTTP 200). lake: parked as "
                                       "rejected (HTTP 422). sea: waits until the destination "
                                       "takes records.\n        lake's answer: no field\n"));
    EXPECT_EQ(looks, 4);
}

TEST(Cli, send_tells_when_the_record_of_an_adopted_call_is_not_taken) {
    TestServer server([](auto& line, auto&) {
        if (is_post(line)) return CannedAnswer{202, R"({"success":true,"message":"it follows"})"};
        return CannedAnswer{200, R"({"call":{"state":"delivering"},"why":"Attempt 1 failed.",
            "deliveries":[{"in_progress":false,"attempts":[{"answer":"busy"}]}]})"};
    });
    const CliOutcome outcome = run_at(server, {"send", "CA1"});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.err, HasSubstr("failed  CA1  Attempt 1 failed.\n"));
}

// Four parked calls on two pages; CA2 is refused.
CannedAnswer parked_calls(const std::string& line, const std::string& body) {
    if (line == "GET /api/calls?state=parked&limit=200 HTTP/1.1") {
        return {200, R"({"calls":[{"id":"CA1","parked":"rejected"},
            {"id":"CA2","parked":"disabled"}],"next_cursor":"n"})"};
    }
    if (line == "GET /api/calls?state=parked&limit=200&cursor=n HTTP/1.1") {
        return {200, R"({"calls":[{"id":"CA3","parked":"rejected"},
            {"id":"CA4","parked":"unknown_outcome"}],"next_cursor":null})"};
    }
    if (body == R"({"callSid":"CA2","again":false})")
        return {409, R"({"success":false,"message":"no"})"};
    return {200, R"({"success":true,"message":"ok"})"};
}

TEST(Cli, send_parked_counts_by_reason_and_sends_nothing_unasked) {
    TestServer server(parked_calls);
    const auto posts = [&] { return std::ranges::count_if(server.requests(), is_post); };
    const CliOutcome piped = run_at(server, {"send", "--parked"});
    EXPECT_EQ(piped.code, exit_unusable);
    EXPECT_THAT(piped.out, HasSubstr("4 parked: 1 disabled, 2 rejected, 1 unknown_outcome\n"));
    EXPECT_THAT(piped.out, HasSubstr("1 left out, unknown_outcome: the CRM may have it already; "
                                     "--reason unknown_outcome sends it\n"));
    EXPECT_THAT(piped.err, HasSubstr("--yes"));
    std::string asked;
    const CliOutcome declined =
        run_at(server, {"send", "--parked"}, [&](const std::string& question) {
            asked = question;
            return false;
        });
    EXPECT_EQ(declined.code, exit_unusable);
    EXPECT_EQ(asked, "Send 3 now?");
    const CliOutcome dry = run_at(server, {"send", "--parked", "--dry-run"});
    EXPECT_EQ(dry.code, exit_ok);
    EXPECT_THAT(dry.out, HasSubstr("would send  CA3  rejected\n"));
    EXPECT_THAT(dry.out, Not(HasSubstr("CA4")));
    EXPECT_EQ(posts(), 0);
}

TEST(Cli, send_says_of_what_was_given_up_that_nobody_waits_for_it) {
    TestServer server([](const std::string& line, const std::string&) {
        if (line.starts_with("GET /api/calls?")) {
            return CannedAnswer{200, R"({"calls":[{"id":"CA1","parked":"given_up"},
                {"id":"CA2","parked":"unknown_outcome"},{"id":"CA3","parked":"unknown_outcome"}],
                "next_cursor":null})"};
        }
        return CannedAnswer{200, R"({"call":{"id":"CA1","state":"parked","parked":"given_up"}})"};
    });
    const CliOutcome many = run_at(server, {"send", "--parked", "--dry-run"});
    EXPECT_THAT(many.out, AllOf(HasSubstr("2 left out, unknown_outcome: the CRM may have it"),
                                HasSubstr("1 left out, given_up: nobody waits for it any more;")));
    const CliOutcome one = run_at(server, {"send", "CA1"});
    EXPECT_EQ(one.code, exit_unusable);
    EXPECT_THAT(one.err, AllOf(HasSubstr("was given up"), Not(HasSubstr("The CRM may have"))));
}

TEST(Cli, send_parked_takes_every_page_and_leaves_out_what_the_crm_may_have) {
    TestServer server(parked_calls);
    const CliOutcome outcome = run_at(server, {"send", "--parked", "--yes"});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.out,
                HasSubstr("sent    CA1  ok\nsent    CA3  ok\n3 chosen: 2 sent, 1 failed\n"));
    EXPECT_EQ(outcome.err, "failed  CA2  no\n");
    EXPECT_EQ(run_at(server, {"send", "--parked", "--yes", "--json"}).out,
              "{\"found\":4,\"reasons\":{\"disabled\":1,\"rejected\":2,\"unknown_outcome\":1},"
              "\"left_out\":1,\"sent\":2,\"failed\":1,\"accepted_meanwhile\":0,\"blocked\":0}\n");
    const CliOutcome named =
        run_at(server, {"send", "--parked", "--reason", "unknown_outcome", "--yes"});
    EXPECT_EQ(named.code, exit_ok);
    EXPECT_THAT(named.out, HasSubstr("sent    CA4  ok\n1 chosen: 1 sent, 0 failed\n"));
    EXPECT_THAT(named.out, Not(HasSubstr("CA1")));
}

TEST(Cli, send_waiting_sends_what_waits_for_its_next_try) {
    TestServer server([](auto& line, auto&) {
        if (line == "GET /api/calls?state=delivering&limit=200 HTTP/1.1") {
            return CannedAnswer{200, R"({"calls":[{"id":"CA1"}],"next_cursor":null})"};
        }
        return CannedAnswer{200, R"({"success":true,"message":"ok"})"};
    });
    EXPECT_EQ(run_at(server, {"send", "--waiting"}).code, exit_unusable);
    const CliOutcome sent = run_at(server, {"send", "--waiting", "--yes"});
    EXPECT_EQ(sent.code, exit_ok);
    EXPECT_THAT(sent.out, HasSubstr("sent    CA1  ok\n1 chosen: 1 sent, 0 failed\n"));
    EXPECT_EQ(run_at(server, {"send", "--waiting", "--reason", "dead"}).code, exit_unusable);
}

TEST(Cli, destination_lists_pauses_and_resumes) {
    TestServer server([](auto& line, auto&) {
        if (line.rfind("GET", 0) == 0) {
            return CannedAnswer{
                200,
                R"({"destinations":[{"name":"crm","state":"active","breaker":"open",)"
                R"("since":"2026-11-26T08:00:00.000Z","breaker_since":"2026-11-27T11:58:00.000Z",)"
                R"("pending":3,"parked":0,"retry_at":"2026-11-27T12:05:00.000Z"},)"
                R"({"name":"lake","state":"paused","breaker":"half_open",)"
                R"("since":"2026-11-26T08:00:00.000Z","breaker_since":"2026-11-25T11:58:00.000Z",)"
                R"("pending":0,"parked":0,"retry_at":null}]})"};
        }
        if (line == "POST /api/destinations/crm/pause HTTP/1.1") {
            return CannedAnswer{200, R"({"name":"crm","state":"paused"})"};
        }
        if (line == "POST /api/destinations/crm/resume HTTP/1.1") {
            return CannedAnswer{200, R"({"name":"crm","state":"active","probe":true})"};
        }
        return CannedAnswer{404, R"({"detail":"no destination of this name is configured"})"};
    });
    EXPECT_EQ(run_at(server, {"destination", "list"}).out,
              "NAME  STATE   BREAKER    PENDING  PARKED  SINCE                     NEXT TRY\n"
              "crm   active  open       3        0       2026-11-27T11:58:00.000Z"
              "  2026-11-27T12:05:00.000Z\n"
              "lake  paused  half_open  0        0       2026-11-26T08:00:00.000Z\n");
    EXPECT_EQ(run_at(server, {"destination", "pause", "crm"}).out, "crm is paused\n");
    EXPECT_EQ(run_at(server, {"destination", "resume", "crm"}).out,
              "crm is active; it was in trouble, a record is tried now\n");
    EXPECT_EQ(run_at(server, {"destination", "pause", "erp"}).code, exit_failed);
}

TEST(ApiUrl, is_how_the_server_is_reached_from_here) {
    Settings settings = inspect_settings({}).settings;
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
