#include "app/cli/calls_view.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json.hpp>
#include <sstream>

#include "app/cli/calls_search.hpp"
#include "app/cli/short_time.hpp"
#include "base/console_text.hpp"
#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;
using testing::Not;

constexpr const char* two_calls =
    R"([{"id":"CA0123456789abcdef0123456789abcd05","state":"parked","parked":"rejected",
    "status":"held","duration_s":7,"to":"+61413052898","name":"Ada \"A\" Example, Ltd",
    "campaign":"Spring","first_event_at":"2026-03-01T23:05:00.000Z"},
   {"id":"CA0123456789abcdef0123456789abcd06","state":"delivering","to":"+14155550126",
    "first_event_at":"2026-03-01T12:00:00.000Z","due_at":"2026-03-01T12:10:00.000Z"}])";

std::string rendered(std::size_t columns, TimeZone zone = {}) {
    return render_calls(boost::json::parse(two_calls).as_array(), {columns, false, zone});
}

TEST(CallsView, fits_80_columns_and_grows_with_the_terminal) {
    const std::string narrow = rendered(80);
    std::istringstream lines(narrow);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(column_count(line), 80U) << line;
    EXPECT_THAT(narrow, HasSubstr("CA0123456789abcdef0123456789abcd05\n"));
    EXPECT_THAT(narrow, HasSubstr("! rejected"));
    EXPECT_THAT(narrow, Not(HasSubstr("Spring")));
    const std::string wide = rendered(140);
    EXPECT_THAT(wide, HasSubstr("NEXT TRY"));
    EXPECT_THAT(wide, HasSubstr("03-01 12:10"));
    EXPECT_THAT(wide, HasSubstr("Spring"));
}

TEST(CallsView, times_of_people_are_in_their_zone) {
    EXPECT_THAT(rendered(80, TimeZone("east", 10 * 3600, {})), HasSubstr("03-02 09:05  +61413"));
    EXPECT_THAT(rendered(0, TimeZone("east", 10 * 3600, {})),
                HasSubstr("2026-03-01T23:05:00.000Z  parked rejected"));
}

TEST(CallsView, a_call_heard_of_late_tells_when_it_ended) {
    const auto shown = [](const char* ended_at) {
        const std::string call = std::string(R"([{"id":"CA1","state":"delivered","to":"+1",)") +
                                 R"("first_event_at":"2026-03-01T23:05:00.000Z","ended_at":)" +
                                 ended_at + "}]";
        return render_calls(boost::json::parse(call).as_array(), {120, false, {}});
    };
    EXPECT_THAT(shown(R"("2026-03-01T19:30:00.000Z")"), HasSubstr("ENDED"));
    EXPECT_THAT(shown(R"("2026-03-01T19:30:00.000Z")"), HasSubstr("03-01 19:30"));
    EXPECT_THAT(shown(R"("2026-03-01T23:04:00.000Z")"), Not(HasSubstr("ENDED")));
    EXPECT_THAT(shown("null"), Not(HasSubstr("ENDED")));
}

TEST(CallsView, csv_keeps_commas_and_quotes) {
    const auto calls = boost::json::parse(two_calls).as_array();
    EXPECT_EQ(calls_csv_head(),
              "id,state,parked,status,duration_s,to,name,campaign,due_at,first_event_at,"
              "conversation_id,call_sid\n");
    EXPECT_EQ(call_csv(calls[0], false),
              "CA0123456789abcdef0123456789abcd05,parked,rejected,held,7,+61413052898,"
              "\"Ada \"\"A\"\" Example, Ltd\",Spring,,2026-03-01T23:05:00.000Z,,\n");
}

TEST(CallsView, csv_hands_no_formula_to_a_spreadsheet) {
    const auto cell = [](const std::string& name) {
        boost::json::object call{{"name", name}};
        const std::string row = call_csv(call, false);
        return row.substr(6, row.size() - 6 - std::string(",,,,,\n").size());
    };
    EXPECT_EQ(cell("=HYPERLINK(\"x\")"), "\"'=HYPERLINK(\"\"x\"\")\"");
    for (const char* const formula :
         {"=1+1", "+1+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "+", "-A1"}) {
        EXPECT_EQ(cell(formula), "'" + std::string(formula));
    }
    for (const char* const harmless : {"+61413052898", "-1.5", "42", "Ada", "a=b", "x@y", ""}) {
        EXPECT_EQ(cell(harmless), harmless);
    }
    EXPECT_EQ(cell("\r=1"), "\"'\r=1\"");
}

TEST(CallsView, rows_that_follow_line_up_with_their_head) {
    const auto calls = boost::json::parse(two_calls).as_array();
    const CallsLook look{0, false, {}, true};
    const std::string head = render_calls({}, look);
    for (const auto& call : calls) {
        const std::string table = render_calls(boost::json::array{call}, look);
        EXPECT_EQ(table.substr(0, table.find('\n') + 1), head);
        EXPECT_EQ(table.find("CA0", head.size()) - head.size(), head.find("CALL"));
    }
}

TEST(ListTimes, are_short_and_of_people_on_a_terminal_alone) {
    std::ostringstream ignored;
    const auto read = []() -> Result<SettingsInput> {
        SettingsInput input;
        input.environment["WRAPUP_TIMEZONE"] = "Etc/GMT-10";
        return input;
    };
    Console console{ignored, ignored, false, read};
    const auto row = boost::json::parse(R"({"at":"2026-03-01T23:05:00.000Z","none":null})");
    EXPECT_EQ(ListTimes(console).of(row, {"at"}), "2026-03-01T23:05:00.000Z");
    console.terminal_columns = 80;
    EXPECT_EQ(ListTimes(console).of(row, {"at"}), "03-02 09:05");
    EXPECT_EQ(ListTimes(console).of(row, {"none"}), "");
}

TEST(CallsSearch, finds_what_people_remember) {
    const auto calls = boost::json::parse(two_calls).as_array();
    const auto count = [&calls](const CallSearch& search) {
        return found_in(calls, search).size();
    };
    EXPECT_EQ(count({}), 2U);
    EXPECT_EQ(count({last_digits("052 898"), "", ""}), 1U);
    EXPECT_EQ(count({last_digits("0413 052 898"), "", ""}), 1U);
    EXPECT_EQ(count({last_digits("(07) 052 898"), "", ""}), 0U);
    EXPECT_EQ(count({"", "ada", ""}), 1U);
    EXPECT_EQ(count({"", "exam", "spring"}), 1U);
    EXPECT_EQ(count({"", "", "sprin"}), 0U);
    EXPECT_EQ(count({"", "adam", ""}), 0U);
}

// Two pages of one call each.
CannedAnswer page_of(const std::string& request) {
    const bool is_second = request.find("cursor=abc") != std::string::npos;
    return {200, is_second ? R"({"calls":[{"id":"CA2"}],"next_cursor":null})"
                           : R"({"calls":[{"id":"CA1"}],"next_cursor":"abc"})"};
}

TEST(CallsCommand, goes_through_all_pages) {
    TestServer server([](auto& request, auto&) { return page_of(request); });
    const CliOutcome rows = run_at(server, {"calls", "--all", "--output", "jsonl"});
    EXPECT_EQ(rows.out, "{\"id\":\"CA1\"}\n{\"id\":\"CA2\"}\n");
    EXPECT_EQ(rows.err, "");
    EXPECT_EQ(run_at(server, {"calls", "--all", "--json"}).out,
              "{\"calls\":[{\"id\":\"CA1\"},{\"id\":\"CA2\"}],\"next_cursor\":null}\n");
    EXPECT_EQ(run_at(server, {"calls", "--output", "csv"}).out,
              calls_csv_head() + "CA1,,,,,,,,,,,\n");
}

TEST(CallsCommand, since_and_today_are_words_for_after) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":[]})"}; });
    (void)run_at(server, {"calls", "--since", "2h"});
    EXPECT_THAT(server.requests().back(), HasSubstr("/api/calls?after=20"));
    (void)run_at(server, {"calls", "--since", "2026-03-01"});
    EXPECT_THAT(server.requests().back(), HasSubstr("/api/calls?after=2026-03-01 HTTP"));
    (void)run_at(server, {"calls", "--today"});
    EXPECT_THAT(server.requests().back(), HasSubstr("T00%3A00%3A00.000Z HTTP"));
    EXPECT_EQ(run_at(server, {"calls", "--today", "--since", "2h"}).code, exit_unusable);
    EXPECT_EQ(run_at(server, {"calls", "--output", "xml"}).code, exit_unusable);
    EXPECT_EQ(run_at(server, {"calls", "--json", "--output", "csv"}).code, exit_unusable);
}

TEST(CallsCommand, a_number_without_calls_leads_to_twilio) {
    TestServer server([](auto&, auto&) { return CannedAnswer{200, R"({"calls":[]})"}; });
    for (const std::vector<std::string>& asked :
         {std::vector<std::string>{"calls", "--phone", "+61413052898"},
          {"show", "+61413052898"},
          {"calls", "--phone", "052898"}}) {
        const CliOutcome outcome = run_at(server, asked);
        EXPECT_EQ(outcome.code, asked.front() == "show" ? exit_failed : exit_ok);
        EXPECT_THAT(outcome.err, HasSubstr("No calls.\n  -> Twilio may know"));
        EXPECT_THAT(outcome.err, HasSubstr(" reconcile --from yesterday --dry-run\n"));
    }
    EXPECT_EQ(run_at(server, {"calls", "--state", "open"}).err, "No calls.\n");
}

TEST(CallsCommand, show_tells_times_in_the_zone_of_whoever_sits_at_a_terminal) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{200,
                            R"({"call":{"id":"CA1","settled_at":"2026-11-26T00:15:00.000Z"}})"};
    });
    EXPECT_THAT(run_on_terminal(server, {"show", "CA1"}).out,
                HasSubstr("  2026-11-26 01:15:00 (Europe/Berlin)\n"));
    EXPECT_THAT(run_at(server, {"show", "CA1"}).out, HasSubstr("  2026-11-26T00:15:00.000Z\n"));
}

TEST(CallsCommand, sentences_tell_times_in_the_zone_of_whoever_sits_at_a_terminal) {
    TestServer server([](auto& line, auto&) {
        const bool is_post = line.starts_with("POST");
        return CannedAnswer{is_post ? 502 : 200, is_post ? R"({"success":false,
                                "message":"tried again 2026-11-26T00:15:00.000Z"})"
                                                         : R"({"call":{"id":"CA1"},
                                "why":"The next one is in 20s (2026-11-26T00:15:00.000Z)."})"};
    });
    EXPECT_THAT(run_on_terminal(server, {"show", "CA1"}).out,
                HasSubstr("The next one is in 20s (11-26 01:15).\n"));
    EXPECT_THAT(run_on_terminal(server, {"send", "CA1"}).err,
                HasSubstr("failed  CA1  tried again 11-26 01:15\n"));
    EXPECT_THAT(run_at(server, {"show", "CA1"}).out, HasSubstr("(2026-11-26T00:15:00.000Z)."));
}

TEST(CallsCommand, show_takes_a_number) {
    TestServer server([](auto&, auto&) {
        return CannedAnswer{200, R"({"calls":[{"id":"CA1"}]})"};
    });
    const CliOutcome shown = run_at(server, {"show", "0413 052 898"});
    EXPECT_EQ(shown.code, exit_ok);
    EXPECT_THAT(shown.out, HasSubstr("CA1"));
    EXPECT_THAT(server.requests().back(), HasSubstr("/api/calls?phone=0413%20052%20898 HTTP"));
    (void)run_at(server, {"show", "+61413052898"});
    EXPECT_THAT(server.requests().back(), HasSubstr("phone=%2B61413052898 HTTP"));
    (void)run_at(server, {"show", "CA0123456789"});
    EXPECT_THAT(server.requests().back(), HasSubstr("/api/calls/CA0123456789 HTTP"));
}

TEST(CallsCommand, show_joins_a_number_and_knows_the_beginning_of_an_id) {
    TestServer server([](auto& request, auto&) {
        const auto asks = [&](const char* target) {
            return request.find(std::string("GET ") + target) != std::string::npos;
        };
        if (asks("/api/calls/CA17eb01 ")) return CannedAnswer{200, R"({"call":{"id":"CA17eb01"}})"};
        if (asks("/api/calls/")) return CannedAnswer{404, R"({"detail":"nobody knows this call"})"};
        return asks("/api/calls?limit=200&cursor=abc")
                   ? CannedAnswer{200, R"({"calls":[{"id":"CA17eb01"},
                       {"id":"CA3","conversation_id":"conv_1x"}],"next_cursor":null})"}
                   : CannedAnswer{200, R"({"calls":[{"id":"CA2222aa"},
                       {"id":"CA2222bb"}],"next_cursor":"abc"})"};
    });
    (void)run_at(server, {"show", "0413", "052", "898"});
    EXPECT_THAT(server.requests().back(), HasSubstr("phone=0413%20052%20898 HTTP"));
    EXPECT_EQ(run_at(server, {"show", "CA17eb"}).code, exit_ok);
    EXPECT_THAT(server.requests().back(), HasSubstr("GET /api/calls/CA17eb01 HTTP"));
    (void)run_at(server, {"show", "conv_1"});
    EXPECT_THAT(server.requests().back(), HasSubstr("GET /api/calls/CA3 HTTP"));
    const CliOutcome several = run_at(server, {"show", "CA2222"});
    EXPECT_EQ(several.code, exit_failed);
    EXPECT_EQ(several.err, "wrapup: 2 calls begin with CA2222: CA2222aa CA2222bb\n");
    const CliOutcome none = run_at(server, {"show", "898"});
    EXPECT_EQ(none.code, exit_failed);
    EXPECT_THAT(none.err, HasSubstr("nobody knows this call"));
    EXPECT_THAT(none.err, HasSubstr(" calls --phone 898\n"));
    EXPECT_EQ(run_at(server, {"show", "CA17eb01", "CA3"}).code, exit_unusable);
}

// More calls than a search looks at without --all.
TEST(CallsView, a_search_says_where_it_stopped) {
    TestServer server([](auto& line, auto&) {
        std::string calls;
        if (line.find("limit=1 ") == std::string::npos &&
            line.find("limit=1&") == std::string::npos) {
            for (int i = 0; i < 200; ++i) calls += R"({"id":"CA1","name":"Bo"},)";
        }
        if (!calls.empty()) calls.pop_back();
        return CannedAnswer{200, R"({"calls":[)" + calls + R"(],"next_cursor":"abc"})"};
    });
    const std::string stopped = "Looked at 10000 calls and no further: older ones may fit too.\n";
    const CliOutcome few = run_at(server, {"calls", "--name", "ada"});
    EXPECT_EQ(few.code, exit_ok);
    EXPECT_THAT(few.err, HasSubstr(stopped + "None so far.\nMore: add --cursor abc, or --all\n"));
    EXPECT_THAT(run_at(server, {"calls", "--name", "ada", "--json"}).err, HasSubstr(stopped));
    EXPECT_THAT(run_at(server, {"calls", "--name", "bo"}).err, Not(HasSubstr("no further")));
}

TEST(CallsView, a_search_keeps_to_its_limit_and_goes_on_after_it) {
    TestServer server([](auto& line, auto&) {
        const bool is_cut = line.find("limit=3") != std::string::npos;
        const std::string three = R"({"id":"CA1","name":"Bo"},{"id":"CA2","name":"Al"},)"
                                  R"({"id":"CA3","name":"Bo"})";
        const std::string rest = R"(,{"id":"CA4","name":"Bo"},{"id":"CA5","name":"Bo"})";
        const std::string cursor = is_cut ? "after3" : "after5";
        return CannedAnswer{200, R"({"calls":[)" + three + (is_cut ? "" : rest) +
                                     R"(],"next_cursor":")" + cursor + R"("})"};
    });
    const CliOutcome two =
        run_at(server, {"calls", "--name", "bo", "--limit", "2", "--output", "jsonl"});
    EXPECT_EQ(std::ranges::count(two.out, '\n'), 2);
    EXPECT_THAT(two.out, HasSubstr("CA3"));
    EXPECT_THAT(two.err, HasSubstr("More: add --cursor after3"));
}

}  // namespace
}  // namespace wrapup
