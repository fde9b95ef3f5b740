// `wrapup send` and what cannot be sent, against canned answers of the API.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;

// Nothing can be sent to lake; CA2 goes to the CRM as well.
CannedAnswer calls_of_a_removed_destination(const std::string& line, const std::string&) {
    if (line.starts_with("GET /api/calls?state=parked")) {
        return {200, R"({"calls":[{"id":"CA1","parked":"destination_gone"},
            {"id":"CA2","parked":"destination_gone"}],"next_cursor":null})"};
    }
    if (line.starts_with("GET /api/destinations")) {
        return {200, R"({"destinations":[{"name":"crm","state":"active"},
            {"name":"lake","state":"removed"}]})"};
    }
    if (line.starts_with("GET /api/calls/CA1 ")) {
        return {200, R"({"deliveries":[{"destination":"crm","state":"accepted"},
            {"destination":"lake","state":"parked","parked":"destination_gone"}]})"};
    }
    if (line.starts_with("GET /api/calls/CA2 ")) {
        return {200, R"({"deliveries":[{"destination":"crm","state":"parked","parked":"dead"},
            {"destination":"lake","state":"parked","parked":"destination_gone"}]})"};
    }
    return {200, R"({"success":true,"message":"ok"})"};
}

TEST(SendBlocked, send_parked_and_its_rehearsal_say_the_same_of_a_removed_destination) {
    TestServer server(calls_of_a_removed_destination);
    const std::string same =
        "1 cannot be sent: no settings name lake any more. To send them elsewhere:\n"
        "  wrapup --url " +
        server.url() + " replay --destination lake --to NAME\n";
    const CliOutcome dry = run_at(server, {"send", "--parked", "--dry-run"});
    EXPECT_THAT(dry.out, HasSubstr(same));
    EXPECT_THAT(dry.out, HasSubstr("would send  CA2"));
    EXPECT_THAT(dry.out, Not(HasSubstr("would send  CA1")));
    const CliOutcome sent = run_at(server, {"send", "--parked", "--yes"});
    EXPECT_THAT(sent.out, HasSubstr(same));
    EXPECT_THAT(sent.out, HasSubstr("2 chosen: 1 sent, 0 failed, 1 that cannot be sent\n"));
    EXPECT_EQ(sent.code, exit_failed);
    const auto is_post = [](const std::string& line) { return line.starts_with("POST "); };
    EXPECT_EQ(std::ranges::count_if(server.requests(), is_post), 1);
}

}  // namespace
}  // namespace wrapup
