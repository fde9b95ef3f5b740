#include "core/store/ledger.hpp"

#include <gtest/gtest.h>

#include "core/store/store_rules.hpp"
#include "domain/sample_call.hpp"
#include "test/core/store/row_table.hpp"

namespace wrapup {
namespace {

using Kind = LedgerColumn::Kind;

UtcTime at(std::string_view text) { return *parse_rfc3339(text); }
Date date(std::string_view text) { return *parse_date(text); }

const UtcTime noon = at("2026-11-26T12:00:00Z");
const TimeSpan the_day{at("2026-11-26T00:00:00Z"), at("2026-11-27T00:00:00Z")};
constexpr LedgerColumn accepted{Kind::accepted, {}};
constexpr LedgerColumn in_flight{Kind::in_flight, {}};
constexpr LedgerColumn out_of_scope{Kind::out_of_scope, {}};
constexpr LedgerColumn parked(ParkReason reason) { return {Kind::parked, reason}; }
LedgerCell cell(UtcTime time, LedgerColumn column) { return {quarter_of(time), column}; }

// ---- Where a call is counted ----

struct ColumnRow {
    const char* name;
    CallState state;
    std::optional<ParkReason> parked;
    const char* column;  // nullptr: nowhere.

    friend void PrintTo(const ColumnRow& row, std::ostream* out) { *out << row.name; }
};
constexpr ColumnRow columns[] = {
    {"open", CallState::open, {}, "in_flight"},
    {"settling", CallState::settling, {}, "in_flight"},
    {"delivering", CallState::delivering, {}, "in_flight"},
    {"delivered", CallState::delivered, {}, "accepted"},
    {"dead", CallState::parked, ParkReason::dead, "parked.dead"},
    {"rejected", CallState::parked, ParkReason::rejected, "parked.rejected"},
    {"disabled", CallState::parked, ParkReason::disabled, "parked.disabled"},
    {"unlinked", CallState::parked, ParkReason::unlinked, "parked.unlinked"},
    {"silent", CallState::parked, ParkReason::silent, "parked.silent"},
    {"blocked", CallState::parked, ParkReason::blocked_address, "parked.blocked_address"},
    {"gone", CallState::parked, ParkReason::destination_gone, "parked.destination_gone"},
    {"unknown", CallState::parked, ParkReason::unknown_outcome, "parked.unknown_outcome"},
    {"forgotten", CallState::parked, ParkReason::forgotten, "parked.forgotten"},
    {"out_of_scope", CallState::out_of_scope, {}, "out_of_scope"},
    {"merged", CallState::merged, {}, nullptr},
};

class LedgerColumns : public testing::TestWithParam<ColumnRow> {};

TEST_P(LedgerColumns, a_call_is_in_one) {
    Call call;
    call.state = GetParam().state;
    call.parked = GetParam().parked;
    const auto column = ledger_column_of(call);
    ASSERT_EQ(column.has_value(), GetParam().column != nullptr);
    if (!column) return;
    EXPECT_EQ(to_string(*column), GetParam().column);
    EXPECT_EQ(parse_ledger_column(GetParam().column), column);
}

INSTANTIATE_TEST_SUITE_P(Table, LedgerColumns, testing::ValuesIn(columns),
                         [](const auto& row_info) { return std::string(row_info.param.name); });

TEST(LedgerColumn, of_a_sample_is_none) {
    Call call;
    call.state = CallState::delivered;
    for (const bool is_dry : {false, true}) {
        call.call_sid = sample_call_sid("0123456789abcde", is_dry);
        EXPECT_EQ(ledger_column_of(call), std::nullopt);
    }
}

TEST(LedgerColumnNames, that_are_none_are_refused) {
    for (const char* name : {"", "parked", "parked.", "parked.bored", "missing", "accepted "}) {
        EXPECT_EQ(parse_ledger_column(name), std::nullopt) << name;
    }
}

TEST(LedgerTime, is_when_twilio_made_the_call_else_its_first_event) {
    Call call;
    call.first_event_at = noon;
    EXPECT_EQ(ledger_time_of(call), noon);
    call.created_at = noon - seconds{30};
    EXPECT_EQ(ledger_time_of(call), noon - seconds{30});
}

// ---- What a batch changes ----

class LedgerBatch : public testing::Test {
protected:
    CallRow& add(const std::string& id, CallState state = CallState::open) {
        CallRow& row = table.add_call(id, state);
        row.call.call_sid = id;
        row.call.first_event_at = noon;
        return row;
    }
    WorkingCall& work_on(const std::string& id) { return *rows.find_exactly(id); }
    // Everything of noon's day and before is closed.
    void close_the_day() { table.sealed = TimeSpan{at("2026-11-01T00:00:00Z"), the_day.until}; }

    RowTable table;
    WorkingSet rows{table};
};

TEST_F(LedgerBatch, moves_a_call_from_column_to_column) {
    add("CA1");
    work_on("CA1").set_state(CallState::delivered);
    EXPECT_EQ(ledger_changes(rows),
              (LedgerCells{{cell(noon, accepted), {1, 0}}, {cell(noon, in_flight), {-1, 0}}}));
}

TEST_F(LedgerBatch, counts_new_calls_and_those_without_a_call_sid) {
    rows.make_call("conv_1", noon);
    rows.make_call("CA1", noon).call.call_sid = "CA1";
    EXPECT_EQ(ledger_changes(rows), (LedgerCells{{cell(noon, out_of_scope), {2, 1}}}));
}

TEST_F(LedgerBatch, moves_a_call_to_another_day_with_its_time) {
    add("CA1");
    NoteCallCreated note{"CA1", at("2026-11-25T23:59:00Z")};
    ASSERT_TRUE(apply(rows, note, noon));
    EXPECT_EQ(ledger_changes(rows), (LedgerCells{{cell(note.created_at, in_flight), {1, 0}},
                                                 {cell(noon, in_flight), {-1, 0}}}));
    // The first word counts.
    ASSERT_TRUE(apply(rows, NoteCallCreated{"CA1", noon}, noon));
    EXPECT_EQ(work_on("CA1").call.created_at, note.created_at);
}

TEST_F(LedgerBatch, believes_no_creation_that_cannot_be_true) {
    add("CA1");
    for (const char* time : {"1970-01-01T00:00:00Z", "2026-11-28T12:00:00Z"}) {
        ASSERT_TRUE(apply(rows, NoteCallCreated{"CA1", at(time)}, noon));
        EXPECT_EQ(work_on("CA1").call.created_at, std::nullopt) << time;
    }
    ASSERT_TRUE(apply(rows, NoteCallCreated{"nobody's", noon}, noon));
    EXPECT_EQ(ledger_changes(rows), LedgerCells{});
}

TEST_F(LedgerBatch, leaves_out_what_stays_where_it_was) {
    add("CA1");
    work_on("CA1").set_state(CallState::settling);
    EXPECT_EQ(ledger_changes(rows), LedgerCells{});
    close_the_day();
    EXPECT_EQ(ledger_corrections(rows, noon).size(), 0U);
}

TEST_F(LedgerBatch, corrects_a_day_that_was_closed) {
    close_the_day();
    table.corrections_count = 7;
    add("CA1", CallState::parked).call.parked = ParkReason::rejected;
    work_on("CA1").set_state(CallState::delivering);
    add("CA2").call.first_event_at = the_day.until;  // Of a day that is open.
    work_on("CA2").set_state(CallState::delivered);
    const std::vector<LedgerCorrection> expected = {
        {8, noon, "CA1", quarter_of(noon), parked(ParkReason::rejected), in_flight, true}};
    EXPECT_EQ(ledger_corrections(rows, noon), expected);
}

TEST_F(LedgerBatch, corrects_two_places_when_a_call_moves_between_them) {
    close_the_day();
    add("CA1");
    const UtcTime before = at("2026-11-25T23:59:00Z");
    ASSERT_TRUE(apply(rows, NoteCallCreated{"CA1", before}, noon));
    const std::vector<LedgerCorrection> expected = {
        {1, noon, "CA1", quarter_of(noon), in_flight, std::nullopt, true},
        {2, noon, "CA1", quarter_of(before), std::nullopt, in_flight, true}};
    EXPECT_EQ(ledger_corrections(rows, noon), expected);
}

TEST_F(LedgerBatch, corrects_nothing_before_the_first_closed_day) {
    table.sealed = the_day;
    add("CA1").call.first_event_at = the_day.from - seconds{1};
    work_on("CA1").set_state(CallState::delivered);
    EXPECT_EQ(ledger_corrections(rows, noon).size(), 0U);
}

// A day is its quarters of an hour, whatever is in its first one and its last.
TEST(LedgerSums, hold_every_column_of_every_quarter) {
    LedgerCells cells;
    for (const auto& row : columns) {
        if (row.column == nullptr) continue;
        const auto column = parse_ledger_column(row.column);
        ASSERT_TRUE(column) << row.column;
        for (const UtcTime time : {the_day.from - std::chrono::minutes{15}, the_day.from,
                                   the_day.until - std::chrono::minutes{15}, the_day.until}) {
            cells[cell(time, *column)] = {1, 0};
        }
    }
    ASSERT_GT(cells.size(), 12U);
    const LedgerSums sums = ledger_sums(cells, the_day);
    EXPECT_EQ(sums.size() * 4, cells.size());
    for (const auto& [column, count] : sums) EXPECT_EQ(count.calls, 2) << to_string(column);
}

// ---- Closing a day ----

class LedgerSeal : public LedgerBatch {
protected:
    SealDay seal() {
        SealDay op;
        op.day.date = date("2026-11-26");
        op.day.span = the_day;
        op.day.hash = "h2";
        op.seen = ledger_sums(table.ledger, the_day);
        return op;
    }
    Errc refusal(const SealDay& op) {
        const auto outcome = apply(rows, op, noon);
        return outcome ? Errc::corrupt : outcome.error().code;
    }
};

TEST_F(LedgerSeal, closes_a_day_that_is_as_it_was_seen) {
    table.ledger[cell(noon, accepted)] = {5, 0};
    const SealDay op = seal();
    ASSERT_TRUE(apply(rows, op, noon));
    EXPECT_EQ(rows.sealed_span(), the_day);
    EXPECT_EQ(rows.sealed_days().size(), 1U);
    EXPECT_EQ(refusal(op), Errc::conflict) << "twice";
}

TEST_F(LedgerSeal, is_refused_when_anything_happened_meanwhile) {
    const SealDay op = seal();
    table.ledger[cell(noon, accepted)] = {1, 0};
    EXPECT_EQ(refusal(op), Errc::conflict) << "a call";
    table.ledger.clear();
    table.corrections_count = 1;
    EXPECT_EQ(refusal(op), Errc::conflict) << "a correction";
    table.corrections_count = 0;
    table.last_sealed = SealedDay{};
    table.last_sealed->hash = "h1";
    table.last_sealed->span = {the_day.from - std::chrono::days{1}, the_day.from};
    EXPECT_EQ(refusal(op), Errc::conflict) << "another day";
    SealDay next = op;
    next.day.previous_hash = "h1";
    EXPECT_TRUE(apply(rows, next, noon));
    EXPECT_EQ(rows.sealed_days().size(), 1U);
}

TEST_F(LedgerSeal, makes_corrections_of_what_its_own_batch_changes) {
    add("CA1");
    table.ledger[cell(noon, in_flight)] = {1, 0};
    const SealDay op = seal();
    ASSERT_TRUE(apply(rows, op, noon));
    work_on("CA1").set_state(CallState::delivered);
    EXPECT_EQ(ledger_corrections(rows, noon).size(), 1U);
}

TEST_F(LedgerSeal, ends_what_twilio_can_say_of_the_day) {
    const PutTwilioDay put{{the_day, noon, true, 1, 0, {}}};
    ASSERT_TRUE(apply(rows, put, noon));
    EXPECT_EQ(rows.twilio_days().size(), 1U);
    close_the_day();
    ASSERT_TRUE(apply(rows, put, noon));
    EXPECT_EQ(rows.twilio_days().size(), 1U);
}

// ---- What a day adds up to ----

class LedgerAccount : public testing::Test {
protected:
    void SetUp() override {
        rows.cells = {{cell(noon, accepted), {500, 1}},
                      {cell(the_day.from, in_flight), {6, 0}},
                      {cell(noon, out_of_scope), {2, 0}},
                      {cell(the_day.until - seconds{1}, parked(ParkReason::dead)), {1, 0}},
                      {cell(noon, parked(ParkReason::rejected)), {2, 0}},
                      // Neighbours.
                      {cell(the_day.from - seconds{1}, accepted), {7, 0}},
                      {cell(the_day.until, accepted), {9, 0}}};
    }
    LedgerDay account(bool is_twilio_asked = true) {
        return account_of(date("2026-11-26"), TimeZone(), the_day, rows, is_twilio_asked);
    }
    TwilioDay& hear(std::int64_t calls_count, UtcTime asked_at) {
        return rows.twilio.emplace_back(TwilioDay{the_day, asked_at, true, calls_count, 0, {}});
    }

    LedgerRows rows;
};

TEST_F(LedgerAccount, is_the_sum_of_its_columns) {
    const LedgerDay day = account(false);
    EXPECT_EQ(day.accepted, 500);
    EXPECT_EQ(day.parked, (std::map<ParkReason, std::int64_t>{{ParkReason::dead, 1},
                                                              {ParkReason::rejected, 2}}));
    EXPECT_EQ(day.in_flight, 6);
    EXPECT_EQ(day.out_of_scope, 2);
    EXPECT_EQ(day.missing, 0);
    EXPECT_EQ(day.calls(), 511);
    EXPECT_EQ(day.unexplained(), 0);
    EXPECT_EQ(day.twilio, std::nullopt);
    EXPECT_EQ(day.zone, "UTC");
}

TEST_F(LedgerAccount, is_incomplete_until_twilio_was_heard) {
    const LedgerDay day = account();
    ASSERT_TRUE(day.twilio);
    EXPECT_FALSE(day.twilio->is_complete);
    EXPECT_EQ(day.twilio->asked_at, std::nullopt);
    EXPECT_EQ(day.unexplained(), 0);
}

TEST_F(LedgerAccount, names_the_calls_that_are_missing_or_only_here) {
    hear(511, noon).differences = {{LedgerDifference::Kind::missing, "CA1", "Twilio: completed"},
                                   {LedgerDifference::Kind::only_here, "CA2", "not listed"}};
    const LedgerDay day = account();
    EXPECT_EQ(day.missing, 1);
    EXPECT_EQ(day.calls(), 512);
    EXPECT_EQ(day.twilio->only_here_count, 1);
    EXPECT_EQ(day.twilio->without_call_sid_count, 1);
    EXPECT_EQ(day.unexplained(), 2);
    EXPECT_EQ(day.differences, rows.twilio[0].differences);
}

TEST_F(LedgerAccount, counts_what_is_not_ours_and_not_kept_as_out_of_scope) {
    hear(513, the_day.until).unkept_count = 3;
    const LedgerDay day = account();
    EXPECT_EQ(day.out_of_scope, 5);
    EXPECT_EQ(day.unexplained(), 0) << day.differences.at(0).reason;
}

TEST_F(LedgerAccount, of_a_day_that_is_over_must_agree_with_twilios_count) {
    hear(509, the_day.until);
    const LedgerDay day = account();
    ASSERT_EQ(day.unexplained(), 1);
    EXPECT_EQ(day.differences[0].kind, LedgerDifference::Kind::count);
    EXPECT_EQ(day.differences[0].reason,
              "Twilio lists 509 calls, the columns hold 510 that it should know");
    rows.twilio[0].asked_at = noon;  // While the day went on.
    EXPECT_EQ(account().unexplained(), 0);
    rows.twilio[0].asked_at = the_day.until;
    rows.twilio[0].is_complete = false;
    EXPECT_EQ(account().unexplained(), 0);
}

TEST_F(LedgerAccount, hears_nothing_of_days_that_begin_elsewhere) {
    hear(1, the_day.until).span.from += std::chrono::hours{1};
    EXPECT_EQ(account().twilio->asked_at, std::nullopt);
}

TEST_F(LedgerAccount, says_when_a_column_cannot_be_true) {
    rows.cells[cell(noon, in_flight)] = {-7, 0};
    const LedgerDay day = account(false);
    ASSERT_EQ(day.unexplained(), 1);
    EXPECT_EQ(day.differences[0].reason, "in_flight counts -1 calls");
}

TEST_F(LedgerAccount, may_be_closed_when_the_day_is_over_and_nothing_is_in_flight) {
    const auto later = [](int minutes) { return the_day.until + std::chrono::minutes{minutes}; };
    constexpr int five_days = 5 * 24 * 60;
    EXPECT_FALSE(may_seal(account(false), later(60))) << "in flight";
    EXPECT_FALSE(may_seal(account(false), later(five_days - 1)));
    EXPECT_TRUE(may_seal(account(false), later(five_days)));
    rows.cells.erase(cell(the_day.from, in_flight));
    EXPECT_FALSE(may_seal(account(false), noon));
    EXPECT_FALSE(may_seal(account(false), later(14)));
    EXPECT_TRUE(may_seal(account(false), later(15)));
    EXPECT_FALSE(may_seal(account(), later(15))) << "Twilio was not heard";
    TwilioDay& heard = hear(504, noon);
    EXPECT_FALSE(may_seal(account(), later(15))) << "heard before its end";
    heard.asked_at = later(10);
    EXPECT_TRUE(may_seal(account(), later(15)));
    heard.is_complete = false;
    EXPECT_FALSE(may_seal(account(), later(15)));
    EXPECT_TRUE(may_seal(account(), later(five_days)));
}

// ---- Days when the zone is changed ----

TEST(LedgerDays, follow_each_other_over_a_change_of_the_zone) {
    const TimeZone east("East", 10 * 3600, {});
    SealedDay last;
    last.date = date("2026-11-25");
    last.span = TimeZone().span_of(last.date);
    // To the east the next day ends early, to the west it is long.
    EXPECT_EQ(ledger_span_of(date("2026-11-26"), east, last),
              (TimeSpan{at("2026-11-26T00:00:00Z"), at("2026-11-26T14:00:00Z")}));
    EXPECT_EQ(ledger_span_of(date("2026-11-27"), east, last), east.span_of(date("2026-11-27")));
    last.span = east.span_of(last.date);
    EXPECT_EQ(ledger_span_of(date("2026-11-26"), TimeZone(), last),
              (TimeSpan{at("2026-11-25T14:00:00Z"), at("2026-11-27T00:00:00Z")}));
}

TEST(LedgerDays, are_closed_from_the_first_call_on) {
    LedgerRows rows;
    EXPECT_EQ(next_to_seal(TimeZone(), rows), std::nullopt);
    rows.first_at = noon;
    EXPECT_EQ(next_to_seal(TimeZone(), rows), date("2026-11-26"));
    rows.last_sealed.emplace().date = date("2026-11-30");
    EXPECT_EQ(next_to_seal(TimeZone(), rows), date("2026-12-01"));
}

}  // namespace
}  // namespace wrapup
