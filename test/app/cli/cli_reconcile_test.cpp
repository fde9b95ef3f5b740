// `wrapup reconcile` against canned answers of the API.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <csignal>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;

CliOutcome run_with(const std::string& state, const std::string& counts) {
    TestServer server([&](auto& line, auto&) {
        if (line.starts_with("POST")) return CannedAnswer{202, R"({"id":1,"state":"running"})"};
        return CannedAnswer{200, R"({"id":1,"state":")" + state +
                                     R"(","dry_run":false,"counts":{)" + counts +
                                     R"(},"findings":[],"error":null})"};
    });
    return run_at(server, {"reconcile", "--from", "2026-11-26"});
}

TEST(CliReconcile, says_of_each_listed_call_what_it_is) {
    const CliOutcome outcome =
        run_with("done", R"("listed":12,"known":6,"missed":2,"running":1,"out_of_scope":2,"legs":1,
            "unadoptable":0,"appended":1,"conversations":1)");
    EXPECT_EQ(outcome.code, exit_ok);
    EXPECT_EQ(
        outcome.out,
        "Twilio lists 12 calls of that time:\n"
        "       6 known here: nothing new\n"
        "       2 missed: over, and no event of the end had come\n"
        "       1 not over, or only just: looked at again\n"
        "       2 out of scope: not ours, or before WRAPUP_SINCE\n"
        "       1 legs of other calls, which make no record\n"
        "       0 ours, and cannot be taken over: the list does not say enough\n"
        "ElevenLabs lists 1 conversation that nobody had told of.\n"
        "Of those missed, 1 was taken over and settles like any other call; 1 was not, because "
        "the store refused: they are looked at again.\n");
}

TEST(CliReconcile, that_did_not_get_to_its_end_says_so_beside_the_sums) {
    const CliOutcome outcome = run_with("failed", R"("listed":1,"known":1)");
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.out, HasSubstr("Twilio lists 1 call of that time, as far as it was read:"));
    EXPECT_THAT(outcome.err, HasSubstr("did not get to its end"));
}

TEST(CliReconcile, that_is_interrupted_says_what_was_done_and_that_it_goes_on) {
    TestServer server([](auto& line, auto&) {
        if (line.starts_with("POST")) return CannedAnswer{202, R"({"id":1,"state":"running"})"};
        std::raise(SIGINT);
        return CannedAnswer{200, R"({"id":1,"state":"running","counts":{"listed":4,"known":4}})"};
    });
    const CliOutcome outcome = run_at(server, {"reconcile", "--from", "2026-11-26"});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.out,
                HasSubstr("Twilio lists 4 calls of that time, as far as it was read:"));
    EXPECT_EQ(outcome.err,
              "Interrupted: the server goes on with it, also after a restart; what it takes over "
              "settles like any other call.\n");
}

TEST(CliReconcile, that_could_not_begin_says_why_once) {
    TestServer server([](auto& line, auto&) {
        if (line.starts_with("POST")) return CannedAnswer{202, R"({"id":1,"state":"running"})"};
        return CannedAnswer{200, R"({"id":1,"state":"failed","counts":{"listed":0},"findings":[],)"
                                 R"("error":"Twilio refuses our credentials"})"};
    });
    const CliOutcome outcome = run_at(server, {"reconcile", "--from", "2026-11-26"});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err, "wrapup: it did not get to its end: Twilio refuses our credentials\n");
}

}  // namespace
}  // namespace wrapup
