// `wrapup call` and `wrapup campaign`, as clients of an API that a test plays.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>
#include <filesystem>
#include <fstream>

#include "app/cli/list_call.hpp"
#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;

const std::string number = "+61413052898";
constexpr const char* accepted =
    R"({"accepted":1,"already_in_list":0,"repeated":0,"bad":[],"refused":{},"state":"active"})";
constexpr const char* done =
    R"({"id":"spring","name":"Spring","state":"done","reason":null,"next":null,
        "rows":{"total":1,"waiting":0,"calling":0,"done":1},"outcomes":{"answered":1},
        "attempts":1})";

class ListCall : public testing::Test {
protected:
    ListCall() { write("phone\n" + number + "\n"); }
    ~ListCall() override { std::filesystem::remove(path); }
    void write(const std::string& text) const { std::ofstream(path) << text; }
    CliOutcome call(const TestServer& server, std::vector<std::string> more = {}) const {
        std::vector<std::string> arguments{"call", "--file", path, "--campaign", "spring"};
        arguments.insert(arguments.end(), more.begin(), more.end());
        return run_at(server, std::move(arguments));
    }
    static TestServer::Answer answering(std::string dry_run) {
        return [dry_run = std::move(dry_run)](const std::string& line, const std::string& body) {
            if (line.starts_with("GET")) return CannedAnswer{200, done};
            const bool is_dry_run = body.find(R"("dry_run":true)") != std::string::npos;
            return CannedAnswer{is_dry_run ? 200 : 202, is_dry_run ? dry_run : accepted};
        };
    }

    const std::string path = testing::TempDir() + "wrapup_list_call.csv";
};

TEST(Call, a_flag_of_the_other_kind_is_2_and_is_named) {
    for (const char* const flag : {"--retry-busy", "--retry-no-answer"}) {
        const CliOutcome outcome = run({"call", number, flag, "15m"});
        EXPECT_EQ(outcome.code, exit_unusable);
        EXPECT_EQ(outcome.err, std::string("wrapup: ") + flag + " goes with --file\n");
    }
    EXPECT_EQ(run({"call", number, "--skip-bad"}).code, exit_unusable);
    const CliOutcome named =
        run({"call", "--file", "x.csv", "--campaign", "spring", "--name", "Ada"});
    EXPECT_EQ(named.code, exit_unusable);
    EXPECT_THAT(named.err, HasSubstr("--name is of one call"));
}

TEST(Call, what_is_wrong_is_named_as_it_was_typed) {
    EXPECT_EQ(in_flags("not_after: it is in the past"), "--not-after: it is in the past");
    EXPECT_EQ(in_flags(R"(retry.busy: up to 10 waits are wanted, as in ["15m","1h"])"),
              "--retry-busy: up to 10 waits are wanted, as in 15m,1h");
    EXPECT_EQ(in_flags("calls cannot be placed"), "calls cannot be placed");
}

TEST(Call, one_that_waits_says_until_when_and_a_parked_record_why) {
    TestServer server([](const std::string& line, const std::string&) {
        if (line.starts_with("POST")) return CannedAnswer{202, R"({"intent":"i1"})"};
        if (line.find("/api/calls/") != std::string::npos) {
            return CannedAnswer{200, R"({"call":{"state":"parked"},"why":"The CRM answered 422.",
                "record":{"status":"answered","summary":"All fine"}})"};
        }
        return CannedAnswer{200, R"({"state":"waiting","call_sid":"CA1",
            "created_at":"2026-11-27T12:00:00.000Z","due_at":"2026-11-28T08:00:00.000Z"})"};
    });
    const CliOutcome outcome = run_at(server, {"call", number});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.out, HasSubstr("placing  waiting until 2026-11-28T08:00:00.000Z\n"));
    EXPECT_THAT(outcome.out, HasSubstr("The CRM answered 422.\n  -> wrapup --url " + server.url() +
                                       " show CA1\n"));
}

TEST(Call, that_is_interrupted_says_what_goes_on_and_how_to_end_it) {
    TestServer server([](const std::string& line, const std::string&) {
        if (line.starts_with("POST")) return CannedAnswer{202, R"({"intent":"i1"})"};
        std::raise(SIGINT);
        return CannedAnswer{200,
                            R"({"state":"waiting","rows":{"total":2,"waiting":2,"calling":1}})"};
    });
    const CliOutcome placed = run_at(server, {"call", number});
    EXPECT_EQ(placed.code, exit_failed);
    EXPECT_THAT(placed.err, HasSubstr("Interrupted: the call goes on."));
    EXPECT_THAT(placed.err, HasSubstr(" call --cancel i1"));
    const CliOutcome followed = run_at(server, {"campaign", "follow", "spring"});
    EXPECT_EQ(followed.code, exit_failed);
    EXPECT_THAT(followed.err, HasSubstr(" campaign pause spring holds it.\n"));
}

TEST(Call, is_followed_over_a_restart) {
    int asked_count = 0;
    TestServer server([&](const std::string& line, const std::string&) {
        if (line.starts_with("POST")) return CannedAnswer{202, R"({"intent":"i1"})"};
        if (++asked_count == 1) return CannedAnswer{503, R"({"detail":"it stops"})"};
        return CannedAnswer{200, R"({"state":"ended","reason":"expired"})"};
    });
    EXPECT_THAT(run_at(server, {"call", number}).err, HasSubstr("not placed: expired"));
}

TEST(Call, of_which_nobody_tells_any_more_is_not_to_be_asked_for_again) {
    TestServer server([](const std::string& line, const std::string&) {
        if (line.starts_with("POST")) return CannedAnswer{202, R"({"intent":"i1"})"};
        std::raise(SIGINT);  // Nobody waits any longer.
        return CannedAnswer{503, R"({"detail":"it stops"})"};
    });
    const CliOutcome lost = run_at(server, {"call", number});
    EXPECT_EQ(lost.code, exit_failed);
    EXPECT_THAT(lost.err, HasSubstr("The call goes on by itself"));
    EXPECT_THAT(lost.err, HasSubstr("as intent i1. To ask for it again would call twice."));
}

TEST(Call, a_file_that_cannot_be_read_is_2_and_says_why) {
    const auto of = [](const char* path) {
        return run({"call", "--file", path, "--campaign", "spring"});
    };
    EXPECT_EQ(of("/none/x.csv").code, exit_unusable);
    EXPECT_EQ(of("/none/x.csv").err,
              "wrapup: /none/x.csv cannot be read: No such file or directory\n");
    EXPECT_THAT(of("/tmp").err, HasSubstr("/tmp cannot be read: Is a directory"));
}

TEST(Call, a_national_number_is_of_the_country_that_is_said) {
    TestServer server([](auto&, auto&) { return CannedAnswer{202, R"({"intent":"i1"})"}; });
    const CliOutcome placed =
        run_at(server, {"call", "0413 052 898", "--country", "au", "--no-wait"});
    EXPECT_EQ(placed.code, exit_ok) << placed.err;
    EXPECT_THAT(server.requests().at(0), HasSubstr(R"({"to":"+61413052898"})"));
    const CliOutcome wrong = run({"call", "0413 052 898", "--country", "Oz"});
    EXPECT_EQ(wrong.code, exit_unusable);
    EXPECT_THAT(wrong.err, HasSubstr("--country is not the two letters of a country"));
    EXPECT_EQ(run({"call", "12", "--country", "AU"}).code, exit_unusable);
}

TEST_F(ListCall, numbers_of_a_file_are_of_the_country_that_is_said) {
    write("phone\n0413 052 898\nnobody\n");
    TestServer server(
        answering(R"({"bad":[{"row":2,"field":"to","detail":"this is no number"}],"accepted":1})"));
    const CliOutcome outcome = call(server, {"--country", "AU"});
    EXPECT_THAT(server.requests().at(0),
                HasSubstr(R"("calls":[{"to":"+61413052898"},{"to":"nobody"}])"));
    EXPECT_THAT(outcome.out, HasSubstr("The first number is understood as +61413052898\n"));
    EXPECT_THAT(outcome.err, HasSubstr("line 3: phone: this is no number"));
}

TEST_F(ListCall, a_time_zone_and_variables_are_sent_with_each_row) {
    TestServer server(answering(accepted));
    const CliOutcome outcome =
        call(server, {"--time-zone", "Europe/Berlin", "--variable", "order=4711"});
    EXPECT_EQ(outcome.code, exit_ok) << outcome.err;
    EXPECT_THAT(server.requests().at(1), HasSubstr(R"("calls":[{"to":"+61413052898",)"
                                                   R"("time_zone":"Europe/Berlin",)"
                                                   R"("variables":{"order":"4711"}}])"));
}

TEST_F(ListCall, tells_what_each_column_is_taken_as_and_asks_where_that_is_doubtful) {
    TestServer server(answering(accepted));
    write("phone,name,Zeitzone\n" + number + ",Ada,Europe/Berlin\n");
    const CliOutcome doubtful = call(server);
    EXPECT_EQ(doubtful.code, exit_unusable);
    EXPECT_THAT(doubtful.out, testing::ContainsRegex("Zeitzone +variable"));
    EXPECT_THAT(doubtful.err, HasSubstr("--map Zeitzone=time_zone"));
    EXPECT_THAT(doubtful.err, HasSubstr("nobody is called: say --map, or --yes"));
    EXPECT_TRUE(server.requests().empty());
    EXPECT_EQ(call(server, {"--yes", "--no-wait"}).code, exit_ok);
    const CliOutcome mapped = call(server, {"--map", "Zeitzone=time_zone", "--no-wait"});
    EXPECT_EQ(mapped.code, exit_ok) << mapped.err;
    EXPECT_THAT(mapped.out, testing::ContainsRegex("Zeitzone +time_zone"));
    EXPECT_THAT(server.requests().back(), HasSubstr(R"("time_zone":"Europe/Berlin")"));
}

TEST_F(ListCall, a_dry_run_calls_nobody) {
    TestServer server(answering(accepted));
    const CliOutcome outcome = call(server, {"--dry-run"});
    EXPECT_EQ(outcome.code, exit_ok) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("1 to be called, 0 in the list already, 0 bad\n"
                                       "A dry run: nobody is called.\n"));
    ASSERT_EQ(server.requests().size(), 1U);
    EXPECT_THAT(server.requests()[0], HasSubstr(R"("dry_run":true)"));
}

TEST_F(ListCall, that_is_sent_again_tells_what_it_changes) {
    constexpr const char* again =
        R"({"accepted":0,"already_in_list":3,"corrected":2,"called_already":1,"repeated":0,"bad":[],
            "refused":{},"changed":[{"setting":"not_before","was":null,
            "is":"2026-12-05T00:00:00.000Z"}]})";
    TestServer server([](const std::string&, const std::string& body) {
        const bool is_dry_run = body.find(R"("dry_run":true)") != std::string::npos;
        return CannedAnswer{is_dry_run ? 200 : 202, again};
    });
    const CliOutcome outcome = call(server, {"--no-wait"});
    EXPECT_EQ(outcome.code, exit_ok) << outcome.err;
    EXPECT_THAT(outcome.out, HasSubstr("0 to be called, 3 in the list already (2 corrected), "
                                       "0 bad\n1 of those in the list stays as it was: "));
    EXPECT_THAT(outcome.out, HasSubstr("--not-before: \"2026-12-05T00:00:00.000Z\" for all of the "
                                       "list from now on, instead of null\n"));
}

TEST_F(ListCall, a_bad_option_is_2_as_of_one_call) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{400, R"({"detail":"not_after: a time after not_before is wanted"})"};
    });
    const CliOutcome outcome = call(server, {"--not-after", "tomorrow"});
    EXPECT_EQ(outcome.code, exit_unusable);
    EXPECT_THAT(outcome.err, HasSubstr("--not-after: a time after --not-before is wanted"));
}

TEST_F(ListCall, a_bad_row_is_named_by_its_column) {
    write("Telephone\nnobody\n");
    TestServer server(
        answering(R"({"bad":[{"row":1,"field":"to","detail":"this is no number"}],"accepted":0})"));
    const CliOutcome outcome = call(server);
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.err,
                HasSubstr(path + " line 2: Telephone: this is no number\n"
                                 "wrapup: 1 line is bad, and nobody is called: correct it, or "
                                 "leave it out with --skip-bad\n"));
}

TEST_F(ListCall, a_time_zone_that_there_is_not_is_the_flags_fault) {
    TestServer server(
        answering(R"({"bad":[{"row":1,"field":"time_zone","detail":"there is no such zone"}]})"));
    const CliOutcome outcome = call(server, {"--time-zone", "Mars/Base"});
    EXPECT_THAT(outcome.err, HasSubstr("wrapup: --time-zone: there is no such zone\n"));
}

TEST_F(ListCall, what_cannot_be_repeated_is_not_said_to_be) {
    TestServer server([](const std::string&, const std::string& body) {
        const bool is_dry_run = body.find(R"("dry_run":true)") != std::string::npos;
        if (is_dry_run) return CannedAnswer{200, accepted};
        return CannedAnswer{409, R"({"detail":"the calls of this campaign were cancelled"})"};
    });
    const CliOutcome outcome = call(server);
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.err, HasSubstr("wrapup: the calls of this campaign were cancelled\n"));
}

TEST_F(ListCall, is_followed_through_a_restart) {
    int asked_count = 0;
    const auto answer = answering(accepted);
    TestServer server([&](const std::string& line, const std::string& body) {
        if (!line.starts_with("GET")) return answer(line, body);
        asked_count += 1;
        if (asked_count == 2) return CannedAnswer{503, R"({"detail":"stopping"})"};
        return CannedAnswer{200, asked_count == 1 ? R"({"state":"active","rows":{"calling":1}})"
                                                  : std::string(done)};
    });
    const CliOutcome outcome = call(server);
    EXPECT_EQ(outcome.code, exit_ok) << outcome.err;
    EXPECT_EQ(asked_count, 3);
    EXPECT_THAT(outcome.out, HasSubstr("Spring: done, 1 of 1 done"));
}

TEST(Campaign, one_that_paused_itself_names_the_next_command) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{200, R"({"name":"Spring","state":"paused","reason":"Twilio refuses",
            "next":"wrapup campaign resume spring","rows":{"total":1,"waiting":1}})"};
    });
    const CliOutcome outcome = run_at(server, {"campaign", "show", "spring"});
    EXPECT_THAT(outcome.out, HasSubstr("paused (Twilio refuses)"));
    EXPECT_THAT(outcome.out, HasSubstr(" campaign resume spring\n"));
}

TEST(Campaign, one_that_is_done_cannot_be_held_and_says_so) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, done}; });
    for (const char* const verb : {"pause", "cancel"}) {
        const CliOutcome outcome = run_at(server, {"campaign", verb, "spring"});
        EXPECT_EQ(outcome.code, exit_ok);
        EXPECT_THAT(outcome.out, HasSubstr(std::string("nothing left to ") + verb));
    }
    EXPECT_THAT(run_at(server, {"campaign", "show", "spring"}).out, Not(HasSubstr("nothing")));
}

TEST(Campaign, all_are_listed_page_after_page) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{200, R"({"campaigns":[{"id":"spring","name":"Spring","calls":
            {"state":"paused","rows":{"waiting":3,"calling":0,"done":4}}},
            {"id":"c2","name":"Names alone","calls":null}],"next_cursor":"c2"})"};
    });
    const CliOutcome listed = run_at(server, {"campaign", "list", "--limit", "2"});
    EXPECT_EQ(listed.code, exit_ok);
    EXPECT_THAT(listed.out, HasSubstr("spring    Spring       paused  4     0        3\n"));
    EXPECT_THAT(listed.out, HasSubstr("c2        Names alone"));
    EXPECT_EQ(listed.err, "More: add --cursor c2\n");
    EXPECT_THAT(server.requests().back(), testing::StartsWith("GET /api/campaigns?limit=2 HTTP"));
}

TEST(Campaign, one_that_is_called_as_a_folder_is_asked_for) {
    TestServer server([](auto&, auto&) { return CannedAnswer{404, R"({"detail":"none"})"}; });
    (void)run_at(server, {"campaign", "show", ".."});
    EXPECT_THAT(server.requests().back(), testing::StartsWith("GET /api/campaigns/.. HTTP"));
}

}  // namespace
}  // namespace wrapup
