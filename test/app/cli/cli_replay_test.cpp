// `wrapup replay` against canned answers of the API.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;

CliOutcome run(const TestServer& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "replay");
    return run_at(server, std::move(arguments));
}

TEST(CliReplay, speaks_of_its_own_options_and_names_the_destination) {
    std::string refusal;
    TestServer server([&refusal](auto&, auto&) {
        if (refusal.empty()) return CannedAnswer{200, R"({"count":2,"calls":[],"token":"t"})"};
        return CannedAnswer{400, R"({"detail":")" + refusal + R"("})"};
    });
    const std::vector<std::pair<std::string, std::string>> refusals = {
        {"filter.parked: dead or rejected", "--parked: dead or rejected"},
        {"filter.before: a time after filter.after is wanted",
         "--before: a time after --after is wanted"},
        {"again: true is wanted, to send", "--again is wanted, to send"},
        {"to: name in `destination` the one", "--to: name in --destination the one"}};
    for (const auto& [said, shown] : refusals) {
        refusal = said;
        const CliOutcome outcome = run(server, {"--dry-run"});
        EXPECT_EQ(outcome.code, exit_unusable);
        EXPECT_EQ(outcome.err, "wrapup: " + shown + "\n");
    }
    refusal.clear();
    EXPECT_THAT(run(server, {"--destination", "lake", "--dry-run"}).out,
                HasSubstr("2 records in all to lake.\n"));
    EXPECT_THAT(run(server, {"--destination", "lake", "--to", "sea", "--dry-run"}).out,
                HasSubstr("2 records in all to sea instead of lake.\n"));
}

TEST(CliReplay, says_what_a_preview_leaves_out_and_gives_up_with_a_reason_only) {
    std::string asked;
    TestServer server([&asked](auto&, auto& body) {
        asked = body;
        if (body.find("token") == std::string::npos) {
            return CannedAnswer{200, R"({"count":1,"left_out":{"already_there":2,"not_wanted":1,
                "destination_lost":0},"calls":[],"token":"t"})"};
        }
        return CannedAnswer{202, R"({"id":3,"state":"done","count":1,"accepted":0,"failed":0,
            "skipped":0,"given_up":1,"open":0,"reason":"crm has it"})"};
    });
    EXPECT_THAT(run(server, {"--destination", "lake", "--to", "sea", "--dry-run"}).out,
                HasSubstr("1 record in all to sea instead of lake.\n2 more are there already.\n"
                          "1 more is not wanted there (`only`).\n"));
    const CliOutcome unsaid = run(server, {"--destination", "lake", "--give-up", "--yes"});
    EXPECT_EQ(unsaid.code, exit_unusable);
    EXPECT_EQ(unsaid.err, "wrapup: --reason: say why they are given up\n");
    const CliOutcome done =
        run(server, {"--destination", "lake", "--give-up", "--reason", "crm has it", "--yes"});
    EXPECT_EQ(done.code, exit_ok);
    EXPECT_THAT(asked, HasSubstr(R"("give_up":true)"));
    EXPECT_THAT(done.out, HasSubstr("of 1 record 0 accepted"));
    EXPECT_THAT(done.out, HasSubstr("1 given up."));
}

TEST(CliReplay, that_skipped_some_says_why_and_fails) {
    TestServer server([](auto&, auto& body) {
        if (body.find("token") == std::string::npos) {
            return CannedAnswer{200, R"({"count":2,"calls":[],"token":"t"})"};
        }
        return CannedAnswer{202, R"({"id":3,"state":"done","count":2,"accepted":1,"failed":0,
            "skipped":1,"skipped_because":"sales has them already","open":0,"reason":null})"};
    });
    const CliOutcome outcome = run(server, {"--yes"});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.out, HasSubstr("1 skipped"));
    EXPECT_THAT(outcome.out, HasSubstr("Skipped: sales has them already.\n"));
}

TEST(CliReplay, says_at_once_which_one_has_begun) {
    TestServer server([](auto&, auto& body) {
        if (body.find("token") == std::string::npos) {
            return CannedAnswer{200, R"({"count":2,"calls":[],"token":"t"})"};
        }
        return CannedAnswer{202, R"({"id":3,"state":"done","count":2,"accepted":2})"};
    });
    EXPECT_EQ(run(server, {"--yes"}).err, "Replay 3 has begun: 2 records.\n");
    const CliOutcome for_program = run(server, {"--yes", "--json"});
    EXPECT_EQ(boost::json::parse(for_program.err).at("id"), 3);
    EXPECT_EQ(boost::json::parse(for_program.out).at("accepted"), 2);
}

TEST(CliReplay, lists_the_latest_and_shows_one_with_its_exit_code) {
    TestServer server([](auto& target, auto&) {
        const std::string job = R"({"id":3,"state":"cancelled","count":2,"accepted":1,"failed":0,
            "skipped":0,"open":0,"reason":"mended","started_at":"2026-11-27T11:00:00.000Z"})";
        if (target.find("/api/replays/3") != std::string::npos) return CannedAnswer{200, job};
        return CannedAnswer{200, R"({"replays":[)" + job + "]}"};
    });
    const CliOutcome listed = run(server, {"--list"});
    EXPECT_EQ(listed.code, exit_ok);
    EXPECT_THAT(listed.out, HasSubstr("3       cancelled  2        1 "));
    EXPECT_THAT(listed.out, HasSubstr("mended"));
    EXPECT_EQ(run(server, {"--show", "3"}).code, exit_failed);
}

}  // namespace
}  // namespace wrapup
