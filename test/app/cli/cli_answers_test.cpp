// Answers of a server that is broken, hostile or of another version.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;

using Arguments = std::vector<std::string>;

// Clears the screen, turns what follows around, and the same by C1.
constexpr const char* hostile = "\"x\\u001b[2J\xe2\x80\xae\xc2\x9b\xe2\x81\xa6y\"";

// With what every command looks for, as text.
std::string hostile_answer() {
    const std::string h = hostile;
    std::string members;
    for (const char* const name :
         {"id",          "name",    "state",  "reason",     "next",           "waits_for",
          "waits_until", "why",     "date",   "timezone",   "hash",           "intent",
          "host",        "version", "status", "to",         "campaign",       "breaker",
          "advice",      "label",   "due_at", "started_at", "first_event_at", "text",
          "cause"}) {
        members += (members.empty() ? "\"" : ",\"") + std::string(name) + "\":" + h;
    }
    const std::string row = "{" + members + ",\"pid\":1,\"duties\":[" + h + "]}";
    std::string lists;
    for (const char* const name : {"nodes", "calls", "intents", "destinations", "replays",
                                   "deliveries", "events", "days", "settings", "alerts"}) {
        if (name == std::string("calls") || name == std::string("days")) continue;
        lists += ",\"" + std::string(name) + "\":[" + row + "]";
    }
    return "{" + members + lists + ",\"call\":" + row + ",\"record\":" + row + ",\"outcomes\":{" +
           h + ":" + h + "},\"refused\":[" + row +
           "],\"unexplained\":1,\"count\":1,\"differences\":[{\"call_sid\":" + h +
           "}],\"now\":{\"parked\":{" + h + ":1}}," +
           "\"dependencies\":{\"store\":\"ok\"},\"twilio\":{},\"calls\":";
}

class HostileServer {
public:
    // `calls`: what the member of that name holds, a list or a number.
    explicit HostileServer(const std::string& calls)
        : server([body = hostile_answer() + calls + "}"](auto& line, auto&) {
              return CannedAnswer{line.starts_with("POST /api/calls ") ? 201 : 200, body};
          }) {}
    TestServer server;
};

void expect_harmless(const std::string& text, const Arguments& arguments) {
    for (const char* const raw : {"\x1b", "\xc2\x9b", "\xe2\x80\xae", "\xe2\x81\xa6"}) {
        EXPECT_THAT(text, Not(HasSubstr(raw))) << testing::PrintToString(arguments);
    }
}

TEST(CliAnswers, play_no_tricks_on_a_terminal) {
    const HostileServer listing("[{\"id\":" + std::string(hostile) + ",\"to\":" + hostile + "}]");
    const HostileServer counting("1");
    const std::vector<std::pair<const TestServer*, Arguments>> rows = {
        {&listing.server, {"nodes"}},
        {&listing.server, {"calls"}},
        {&listing.server, {"calls", "--output", "csv"}},
        {&listing.server, {"calls", "--output", "jsonl"}},
        {&listing.server, {"calls", "--output", "json"}},
        {&listing.server, {"show", "CA1"}},
        {&listing.server, {"status"}},
        {&listing.server, {"campaign", "show", "spring"}},
        {&listing.server, {"campaign", "follow", "spring"}},
        {&listing.server, {"destination", "list"}},
        {&listing.server, {"destination", "pause", "crm"}},
        {&listing.server, {"replay", "--list"}},
        {&listing.server, {"replay", "--show", "1"}},
        {&listing.server, {"replay", "--dry-run"}},
        {&listing.server, {"call", "--list"}},
        {&listing.server, {"call", "+61255501234", "--no-wait"}},
        {&counting.server, {"ledger"}},
    };
    for (const auto& [server, arguments] : rows) {
        const CliOutcome shown = run_on_terminal(*server, arguments);
        EXPECT_THAT(shown.out + shown.err, HasSubstr("x\\u001b[2J\\u202e\\u009b\\u2066y"))
            << testing::PrintToString(arguments);
        expect_harmless(shown.out + shown.err, arguments);
        if (arguments.size() > 2 && arguments[1] == "--output") continue;
        Arguments as_json = arguments;
        as_json.emplace_back("--json");
        const CliOutcome document = run_on_terminal(*server, as_json);
        expect_harmless(document.out + document.err, as_json);
        if (document.out.empty()) continue;
        boost::json::error_code error;
        (void)boost::json::parse(document.out, error);
        EXPECT_FALSE(error) << testing::PrintToString(arguments) << document.out;
    }
    const CliOutcome nodes = run_at(listing.server, {"nodes", "--json"});
    const auto told = boost::json::parse(nodes.out);
    EXPECT_EQ(told.at("nodes").at(0).at("host"), boost::json::parse(hostile));
}

// What is not said is not "none".
TEST(CliAnswers, without_what_was_asked_for_are_no_good_news) {
    std::string body = "{}";
    TestServer server([&body](auto& line, auto&) {
        const bool begins = line.starts_with("POST /api/reconciliation");
        return CannedAnswer{begins ? 202 : 200, begins ? R"({"id":1})" : body};
    });
    const std::vector<Arguments> commands = {
        {"ledger"},
        {"ledger", "--verify"},
        {"ledger", "--csv"},
        {"nodes"},
        {"calls"},
        {"calls", "--output", "jsonl"},
        {"show", "CA1"},
        {"status"},
        {"call", "--list"},
        {"campaign", "show", "spring"},
        {"destination", "list"},
        {"destination", "resume", "crm"},
        {"replay", "--dry-run"},
        {"replay", "--list"},
        {"replay", "--show", "1"},
        {"send", "--parked", "--dry-run"},
        {"reconcile", "--from", "2026-11-26"},
    };
    for (const char* const answer : {"{}", "[]", "null", "7"}) {
        body = answer;
        for (Arguments arguments : commands) {
            const CliOutcome outcome = run_at(server, arguments);
            EXPECT_NE(outcome.code, exit_ok) << testing::PrintToString(arguments) << answer;
            arguments.emplace_back("--json");
            EXPECT_NE(run_at(server, arguments).code, exit_ok)
                << testing::PrintToString(arguments) << answer;
        }
    }
}

TEST(CliAnswers, name_what_they_lack) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":7})"}; });
    const CliOutcome outcome = run_at(server, {"ledger", "--verify"});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_EQ(outcome.out, "");
    EXPECT_EQ(outcome.err,
              "wrapup: the server's answer has no `sealed_days`: is it another version of "
              "wrapup?\n");
    TestServer text([](auto&, auto&) {
        return CannedAnswer{200, R"({"calls":7,"sealed_days":1,"findings":"a day was changed"})"};
    });
    EXPECT_EQ(run_at(text, {"ledger", "--verify"}).code, exit_failed);
}

TEST(CliAnswers, nodes_that_need_a_person_are_1) {
    const auto code_of = [](const std::string& node) {
        TestServer server([&](auto&, auto&) {
            return CannedAnswer{200, R"({"nodes":[{"host":"n1",)" + node + "}]}"};
        });
        return run_at(server, {"nodes"}).code;
    };
    EXPECT_EQ(code_of(R"("state":"alive","other_settings":[])"), exit_ok);
    EXPECT_EQ(code_of(R"("state":"alive","other_settings":["PORT"])"), exit_failed);
    EXPECT_EQ(code_of(R"("state":"silent")"), exit_failed);
    EXPECT_EQ(code_of(R"("state":"stopped","other_settings":["PORT"])"), exit_ok);
}

}  // namespace
}  // namespace wrapup
