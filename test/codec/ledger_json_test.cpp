#include "codec/ledger_json.hpp"

#include <gtest/gtest.h>

#include "codec/bytes/digest.hpp"

namespace wrapup {
namespace {

UtcTime at(std::string_view text) { return *parse_rfc3339(text); }

LedgerDay whole_day() {
    LedgerDay day;
    day.date = *parse_date("2026-11-26");
    day.zone = "UTC";
    day.accepted = 500;
    day.parked = {{ParkReason::dead, 1}, {ParkReason::rejected, 2}};
    day.in_flight = 6;
    day.out_of_scope = 2;
    day.missing = 1;
    day.twilio = LedgerDay::Twilio{at("2026-11-26T10:15:00Z"), true, 511, 0, 1};
    day.differences = {{LedgerDifference::Kind::missing, "CA1",
                        "Twilio: completed, 42 s; no event reached wrapup"}};
    return day;
}

const LedgerCorrection a_correction{7,
                                    at("2026-12-01T08:00:00Z"),
                                    "CA2",
                                    quarter_of(at("2026-11-26T10:20:00Z")),
                                    LedgerColumn{LedgerColumn::Kind::in_flight, {}},
                                    std::nullopt,
                                    true};

constexpr std::string_view a_correction_json =
    R"({"number":7,"at":"2026-12-01T08:00:00.000Z","call":"CA2",)"
    R"("counted_at":"2026-11-26T10:15:00.000Z","from":"in_flight","to":null})";

TEST(LedgerJson, has_the_form_that_was_promised) {
    EXPECT_EQ(
        open_day_json(whole_day(), "abc"),
        R"({"date":"2026-11-26","timezone":"UTC","calls":512,"accepted":500,)"
        R"("parked":{"total":3,"dead":1,"rejected":2},"in_flight":6,"out_of_scope":2,"missing":1,)"
        R"("twilio":{"asked_at":"2026-11-26T10:15:00.000Z","complete":true,"calls":511,)"
        R"("only_here":0,"without_call_sid":1},)"
        R"("unexplained":1,"differences":[{"call_sid":"CA1","kind":"missing",)"
        R"("reason":"Twilio: completed, 42 s; no event reached wrapup"}],)"
        R"("sealed_at":null,"hash":null,"previous_hash":"abc","corrections":[]})");
}

TEST(LedgerJson, claims_no_zero_where_nobody_was_asked) {
    LedgerDay day;
    day.date = *parse_date("2026-11-26");
    EXPECT_NE(ledger_content(day).find(R"("twilio":null)"), std::string::npos);
    day.twilio.emplace();
    EXPECT_NE(ledger_content(day).find(R"("twilio":{"asked_at":null,"complete":false,)"
                                       R"("calls":null,"only_here":null,"without_call_sid":0})"),
              std::string::npos);
    day.differences = {{LedgerDifference::Kind::count, "", "x"}};
    EXPECT_NE(ledger_content(day).find(R"("call_sid":null,"kind":"count")"), std::string::npos);
}

TEST(LedgerJson, of_a_closed_day_is_what_was_closed) {
    SealedDay day;
    day.content = R"({"date":"2026-11-26"})";
    day.sealed_at = at("2026-11-27T00:15:00Z");
    day.hash = "f00";
    EXPECT_EQ(sealed_day_json(day, std::vector{a_correction}, {}),
              R"({"date":"2026-11-26","sealed_at":"2026-11-27T00:15:00.000Z","hash":"f00",)"
              R"("previous_hash":null,"corrections":[)" +
                  std::string(a_correction_json) +
                  R"(],"unexplained_now":0,"differences_now":[]})");
    const std::vector<LedgerDifference> differences = {
        {LedgerDifference::Kind::missing, "CA1", "x"}};
    EXPECT_TRUE(sealed_day_json(day, {}, differences, 9)
                    .ends_with(R"("corrections":[],"corrections_left_out":9,"unexplained_now":1,)"
                               R"("differences_now":[{"call_sid":"CA1","kind":"missing",)"
                               R"("reason":"x"}]})"));
}

TEST(LedgerJson, tells_how_many_sums_did_not_add_up) {
    LedgerDay day = whole_day();
    EXPECT_EQ(wrong_sums_in(ledger_content(day)), 0);
    day.differences.push_back({LedgerDifference::Kind::count, "", "x"});
    EXPECT_EQ(wrong_sums_in(ledger_content(day)), 1);
    for (const char* text : {"", "[]", "{}", R"({"differences":1})", R"({"differences":[1,{}]})"}) {
        EXPECT_EQ(wrong_sums_in(text), 0) << text;
    }
}

// As docs/ledger.md tells others to compute it.
TEST(LedgerJson, is_hashed_with_the_day_before_and_the_corrections) {
    EXPECT_EQ(seal_hash("abc", "{}", std::vector{a_correction}),
              sha256_hex("abc\n{}\n" + std::string(a_correction_json) + "\n\n"));
    EXPECT_EQ(seal_hash("", "{}", {}), sha256_hex("\n{}\n\n"));
}

TEST(LedgerJson, tells_its_columns_again) {
    const auto columns = parse_ledger_content(ledger_content(whole_day()));
    ASSERT_TRUE(columns);
    EXPECT_EQ(*columns,
              (SealedColumns{500, {{ParkReason::dead, 1}, {ParkReason::rejected, 2}}, 6, 2, true}));
    for (const char* text : {"", "[]", "{}", R"({"parked":1})", R"({"parked":{"bored":1}})"}) {
        EXPECT_FALSE(parse_ledger_content(text)) << text;
    }
}

}  // namespace
}  // namespace wrapup
