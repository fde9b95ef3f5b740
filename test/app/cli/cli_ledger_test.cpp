// `wrapup ledger` against canned answers of the API.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

CliOutcome run(const TestServer& server, std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "ledger");
    return run_at(server, std::move(arguments));
}

constexpr const char* good_day =
    R"({"date":"2026-11-26","timezone":"Europe/Berlin","calls":512,"accepted":500,)"
    R"("parked":{"total":4,"dead":1,"rejected":3},"in_flight":6,"out_of_scope":2,"missing":0,)"
    R"("twilio":null,"unexplained":0,"differences":[],"sealed_at":null,"hash":null,)"
    R"("previous_hash":null,"corrections":[]})";

constexpr const char* bad_day =
    R"({"date":"2026-11-25","timezone":"UTC","calls":5,"accepted":3,"parked":{"total":0},)"
    R"("in_flight":0,"out_of_scope":1,"missing":1,"twilio":{"asked_at":"2026-11-26T00:10:00.000Z",)"
    R"("complete":true,"calls":5,"only_here":0,"without_call_sid":0},"unexplained":1,)"
    R"("differences":[{"call_sid":"CA1","kind":"missing","reason":"Twilio: completed, 42 s"}],)"
    R"("sealed_at":"2026-11-26T00:15:00.000Z","hash":"f00d","previous_hash":null,)"
    R"("corrections":[{"number":1,"at":"2026-11-26T08:00:00.000Z","call":"CA2",)"
    R"("counted_at":"2026-11-25T10:00:00.000Z","from":"in_flight","to":"accepted"}]})";

class Serving {
public:
    Serving(int status, std::string body)
        : server([status, body = std::move(body)](auto&, auto&) {
              return CannedAnswer{status, body};
          }) {}
    TestServer server;
};

TEST(CliLedger, tells_a_day_for_people) {
    Serving api(200, good_day);
    const CliOutcome outcome = run(api.server, {"--date", "2026-11-26"});
    EXPECT_EQ(outcome.code, exit_ok) << outcome.err;
    EXPECT_EQ(outcome.out,
              "2026-11-26 (Europe/Berlin), not closed yet\n"
              "calls           512\n"
              "  accepted      500\n"
              "  parked        4    dead 1, rejected 3\n"
              "  in flight     6\n"
              "  out of scope  2\n"
              "  missing       0\n"
              "INCOMPLETE: Twilio is not asked (TWILIO_ACCOUNT_SID, "
              "WRAPUP_RECONCILE_INTERVAL), so "
              "nobody knows of calls of which nothing arrived here.\n"
              "Nothing is unexplained of what is known here.\n");
    EXPECT_THAT(api.server.requests().at(0), StartsWith("GET /api/ledger?date=2026-11-26 "));
}

TEST(CliLedger, fails_when_a_call_is_unexplained_and_names_it) {
    Serving api(200, bad_day);
    const CliOutcome outcome = run(api.server, {});
    EXPECT_EQ(outcome.code, exit_failed);
    EXPECT_THAT(outcome.out, HasSubstr("closed 2026-11-26T00:15:00.000Z"));
    EXPECT_THAT(outcome.out, HasSubstr("1 unexplained:\n  CA1  missing  Twilio: completed, 42 s"));
    EXPECT_THAT(outcome.out, HasSubstr("CA2   in_flight  accepted"));
    EXPECT_THAT(outcome.out, HasSubstr("Hash f00d"));
    EXPECT_THAT(api.server.requests().at(0), StartsWith("GET /api/ledger "));
    EXPECT_EQ(run(api.server, {"--json"}).code, exit_failed);
    EXPECT_EQ(run(api.server, {"--csv"}).code, exit_failed);
}

// What is so now, not what was so when the day was closed.
TEST(CliLedger, tells_what_is_unexplained_of_a_closed_day_now) {
    std::string explained = bad_day;
    explained.insert(explained.size() - 1, R"(,"unexplained_now":0,"differences_now":[])");
    Serving good(200, explained);
    const CliOutcome outcome = run(good.server, {});
    EXPECT_EQ(outcome.code, exit_ok);
    EXPECT_THAT(outcome.out, HasSubstr("Nothing is unexplained.\n"
                                       "When it was closed: 1 unexplained.\n"));
    EXPECT_THAT(run(good.server, {"--csv"}).out, HasSubstr(",f00d,0\n"));
    std::string found = bad_day;
    found.replace(found.find(R"("unexplained":1)"), 15, R"("unexplained":0)");
    found.insert(found.size() - 1, R"(,"unexplained_now":1,"differences_now":[{"call_sid":"CA7",)"
                                   R"("kind":"missing","reason":"x"}])");
    Serving bad(200, found);
    EXPECT_EQ(run(bad.server, {}).code, exit_failed);
    EXPECT_THAT(run(bad.server, {}).out, HasSubstr("1 unexplained:\n  CA7  missing  x\n"
                                                   "When it was closed: 0 unexplained.\n"));
    EXPECT_EQ(run(bad.server, {"--json"}).code, exit_failed);
}

TEST(CliLedger, tells_times_in_the_zone_of_whoever_sits_at_a_terminal) {
    Serving api(200, bad_day);
    const CliOutcome outcome = run_on_terminal(api.server, {"ledger"});
    EXPECT_THAT(outcome.out, HasSubstr(", closed 2026-11-26 01:15:00 (Europe/Berlin)\n"));
    EXPECT_THAT(outcome.out, HasSubstr("Twilio, asked 2026-11-26 01:10:00 (Europe/Berlin), lists"));
    EXPECT_THAT(outcome.out, HasSubstr("11-26 09:00  CA2"));
}

TEST(CliLedger, says_incomplete_and_no_zero) {
    std::string body = good_day;
    body.replace(body.find(R"("twilio":null)"), 13,
                 R"("twilio":{"asked_at":null,"complete":false,"calls":null,"only_here":null,)"
                 R"("without_call_sid":0})");
    Serving api(200, body);
    const CliOutcome outcome = run(api.server, {});
    EXPECT_EQ(outcome.code, exit_ok);
    EXPECT_THAT(outcome.out, HasSubstr("INCOMPLETE: Twilio was not asked for this day yet."));
    EXPECT_THAT(run(api.server, {"--csv"}).out, HasSubstr(",0,,false,,,0,,,\n"));
}

TEST(CliLedger, lists_days) {
    Serving api(200, R"({"days":[)" + std::string(good_day) + "," + bad_day + "]}");
    const std::vector<std::string> range = {"--from", "2026-11-25", "--to", "2026-11-26"};
    const CliOutcome outcome = run(api.server, range);
    EXPECT_EQ(outcome.code, exit_failed) << "one of them is unexplained";
    EXPECT_THAT(outcome.out, StartsWith("DATE        CALLS  ACCEPTED  PARKED  IN FLIGHT  "));
    EXPECT_THAT(outcome.out, HasSubstr("\n2026-11-26  512    500       4 "));
    EXPECT_THAT(api.server.requests().at(0),
                StartsWith("GET /api/ledger?from=2026-11-25&to=2026-11-26 "));
}

TEST(CliLedger, writes_csv) {
    Serving api(200, bad_day);
    EXPECT_EQ(run(api.server, {"--csv"}).out,
              "date,timezone,calls,accepted,parked,in_flight,out_of_scope,missing,unexplained,"
              "twilio_asked_at,twilio_complete,twilio_calls,only_here,without_call_sid,sealed_at,"
              "hash,unexplained_now\n"
              "2026-11-25,UTC,5,3,0,0,1,1,1,2026-11-26T00:10:00.000Z,true,5,0,0,"
              "2026-11-26T00:15:00.000Z,f00d,\n");
}

TEST(CliLedger, passes_json_through) {
    Serving api(200, good_day);
    EXPECT_EQ(run(api.server, {"--json"}).out, std::string(good_day) + "\n");
}

TEST(CliLedger, verifies) {
    Serving well(200, R"({"calls":7,"sealed_days":2,"findings":[]})");
    const CliOutcome good = run(well.server, {"--verify"});
    EXPECT_EQ(good.code, exit_ok);
    EXPECT_EQ(good.out, "ok  7 calls recounted, 2 closed days follow each other\n");
    EXPECT_THAT(well.server.requests().at(0), StartsWith("GET /api/ledger/verify "));
    Serving few(200, R"({"calls":1,"sealed_days":1,"findings":[]})");
    EXPECT_EQ(run(few.server, {"--verify"}).out,
              "ok  1 call recounted, 1 closed day follows the one before\n");
    Serving ill(200, R"({"calls":7,"sealed_days":2,"findings":["a day was changed"]})");
    const CliOutcome bad = run(ill.server, {"--verify"});
    EXPECT_EQ(bad.code, exit_failed);
    EXPECT_EQ(bad.out, "wrong  a day was changed\n");
}

TEST(CliLedger, tells_wrong_dates_from_trouble) {
    Serving wrong(400, R"({"status":400,"detail":"date: a date as in 2026-03-01"})");
    const CliOutcome usage = run(wrong.server, {"--date", "x"});
    EXPECT_EQ(usage.code, exit_unusable);
    EXPECT_THAT(usage.err, HasSubstr("a date as in 2026-03-01"));
    Serving away(503, R"({"status":503,"detail":"the disk is full"})");
    EXPECT_EQ(run(away.server, {}).code, exit_failed);
}

}  // namespace
}  // namespace wrapup
