#pragma once

// The tables of the ledger.

#include <algorithm>
#include <iterator>

#include "adapters/sql/slots.hpp"
#include "adapters/sql/texts.hpp"
#include "core/store/ledger.hpp"
#include "core/store/working_set.hpp"
#include "ports/store_queries.hpp"

namespace wrapup::sql {

LedgerColumn known_column(auto& connection, std::string_view name) {
    const auto column = parse_ledger_column(name);
    if (!column) connection.fail_corrupt("an unknown column of the ledger");
    return column.value_or(LedgerColumn{});
}

std::optional<LedgerColumn> optional_column(auto& connection, const auto& query, int column) {
    if (query.is_null(column)) return std::nullopt;
    return known_column(connection, query.view(column));
}

LedgerCells read_cells(auto& connection, auto query) {
    LedgerCells cells;
    while (query.next()) {
        const LedgerCell cell{query.integer(0), known_column(connection, query.view(1))};
        // They come nearly in order.
        cells.emplace_hint(cells.end(), cell, LedgerCount{query.integer(2), query.integer(3)});
    }
    return cells;
}

std::vector<LedgerDifference> read_differences(auto& connection, UtcTime from) {
    std::vector<LedgerDifference> differences;
    constexpr std::string_view missing = "missing";
    auto query = connection.query(
        "SELECT kind, call_sid, reason FROM twilio_day_differences d WHERE from_ms = ?1"
        " AND (kind <> ?2 OR NOT EXISTS (SELECT 1 FROM calls WHERE id = d.call_sid))"
        " ORDER BY call_sid",
        from, missing);
    while (query.next()) {
        LedgerDifference difference;
        if (query.view(0) != missing) difference.kind = LedgerDifference::Kind::only_here;
        difference.call_sid = query.text(1);
        difference.reason = query.text(2);
        differences.push_back(std::move(difference));
    }
    return differences;
}

std::vector<TwilioDay> read_twilio_days(auto& connection, const TimeSpan& span) {
    std::vector<TwilioDay> found;
    {
        auto query = connection.query(
            "SELECT from_ms, until_ms, asked_at_ms, is_complete, calls_count, unkept_count"
            " FROM twilio_days WHERE from_ms >= ?1 AND from_ms < ?2 AND until_ms <= ?2"
            " ORDER BY from_ms",
            span.from, span.until);
        while (query.next()) {
            TwilioDay day;
            day.span = {query.time(0), query.time(1)};
            day.asked_at = query.time(2);
            day.is_complete = query.integer(3) != 0;
            day.calls_count = query.integer(4);
            day.unkept_count = query.integer(5);
            found.push_back(std::move(day));
        }
    }
    for (TwilioDay& day : found) day.differences = read_differences(connection, day.span.from);
    return found;
}

#define WRAPUP_SEALED_COLUMNS                                               \
    "from_ms, until_ms, date, sealed_at_ms, content, previous_hash, hash, " \
    "corrections_count"
SealedDay read_sealed(auto& connection, const auto& query) {
    SealedDay day;
    day.span = {query.time(0), query.time(1)};
    const auto date = parse_date(query.view(2));
    if (!date) connection.fail_corrupt("a closed day without a date");
    day.date = date.value_or(Date{});
    day.sealed_at = query.time(3);
    day.content = query.text(4);
    day.previous_hash = query.text(5);
    day.hash = query.text(6);
    day.corrections_count = query.integer(7);
    return day;
}

std::vector<SealedDay> read_sealed_days(auto& connection, const TimeSpan& span) {
    std::vector<SealedDay> days;
    auto query = connection.query("SELECT " WRAPUP_SEALED_COLUMNS
                                  " FROM sealed_days WHERE until_ms > ?1 AND from_ms < ?2"
                                  " ORDER BY date",
                                  span.from, span.until);
    while (query.next()) days.push_back(read_sealed(connection, query));
    return days;
}

#define WRAPUP_CORRECTION_COLUMNS \
    "number, at_ms, call_id, quarter, from_column, to_column, has_call_sid"
std::vector<LedgerCorrection> read_corrections(auto& connection, auto query) {
    std::vector<LedgerCorrection> corrections;
    while (query.next()) {
        LedgerCorrection correction;
        correction.number = query.integer(0);
        correction.at = query.time(1);
        correction.call_id = query.text(2);
        correction.quarter = query.integer(3);
        correction.from = optional_column(connection, query, 4);
        correction.to = optional_column(connection, query, 5);
        correction.has_call_sid = query.integer(6) != 0;
        corrections.push_back(std::move(correction));
    }
    return corrections;
}

// Several in one statement, and few different ones.
void save_cells(auto& connection, const LedgerCells& changes) {
    constexpr std::ptrdiff_t rows_max = 8;
    const SlotWords& slots = slot_words(connection);
    auto at = changes.begin();
    while (at != changes.end()) {
        const auto count = std::min(rows_max, std::distance(at, changes.end()));
        std::string sql = "INSERT INTO ledger" + slots.table +
                          " AS kept (quarter, column_name, calls, without_call_sid)"
                          " VALUES (?, ?, ?, ?)";
        for (std::ptrdiff_t i = 1; i < count; ++i) sql += ", (?, ?, ?, ?)";
        sql += " ON CONFLICT (quarter, column_name" + slots.key +
               ") DO UPDATE SET calls = kept.calls + excluded.calls,"
               " without_call_sid = kept.without_call_sid + excluded.without_call_sid";
        auto query = connection.query(sql);
        int index = 0;
        for (std::ptrdiff_t i = 0; i < count; ++i, ++at) {
            query.bind(++index, at->first.quarter);
            query.bind_copy(++index, to_string(at->first.column));
            query.bind(++index, at->second.calls);
            query.bind(++index, at->second.without_call_sid);
        }
        query.finish();
    }
}

void save_twilio_day(auto& connection, const TwilioDay& day) {
    static const std::string put = upsert_text(
        "twilio_days", "from_ms, until_ms, asked_at_ms, is_complete, calls_count, unkept_count");
    static const std::string put_difference =
        upsert_text("twilio_day_differences", "from_ms, call_sid, kind, reason", 2);
    connection.run(put, day.span.from, day.span.until, day.asked_at, day.is_complete,
                   day.calls_count, day.unkept_count);
    connection.run("DELETE FROM twilio_day_differences WHERE from_ms = ?1", day.span.from);
    for (const LedgerDifference& difference : day.differences) {
        connection.run(put_difference, day.span.from, difference.call_sid, difference.kind,
                       difference.reason);
    }
}

void save_sealed_day(auto& connection, const SealedDay& day) {
    const std::string date = format_date(day.date);
    connection.run("INSERT INTO sealed_days (" WRAPUP_SEALED_COLUMNS
                   ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
                   day.span.from, day.span.until, date, day.sealed_at, day.content,
                   day.previous_hash, day.hash, day.corrections_count);
}

void save_correction(auto& connection, const LedgerCorrection& correction) {
    const auto name_of = [](const std::optional<LedgerColumn>& column) {
        return column ? std::optional(to_string(*column)) : std::nullopt;
    };
    const auto from = name_of(correction.from);
    const auto to = name_of(correction.to);
    connection.run("INSERT INTO ledger_corrections (" WRAPUP_CORRECTION_COLUMNS
                   ") VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                   correction.number, correction.at, correction.call_id, correction.quarter, from,
                   to, correction.has_call_sid);
}

// As ReconciliationStore::twilio_differences.
std::vector<TwilioDifference> read_twilio_differences(auto& connection, UtcTime from,
                                                      UtcTime until) {
    std::vector<TwilioDifference> differences;
    auto query = connection.query(
        "SELECT call_sid, at_ms, kind, reason, noted_at_ms FROM twilio_differences d"
        " WHERE at_ms >= ?1 AND at_ms < ?2 AND (kind <> 'missing'"
        " OR NOT EXISTS (SELECT 1 FROM calls WHERE id = d.call_sid))"
        " ORDER BY at_ms, call_sid",
        from, until);
    while (query.next()) {
        const bool is_missing = query.view(2) == to_string(DifferenceKind::missing);
        differences.push_back({query.text(0), query.time(1),
                               is_missing ? DifferenceKind::missing : DifferenceKind::only_here,
                               query.text(3), query.time(4)});
    }
    return differences;
}

LedgerCells read_ledger_cells(auto& connection, const TimeSpan& span) {
    return read_cells(
        connection,
        connection.query("SELECT quarter, column_name, calls, without_call_sid FROM ledger"
                         " WHERE quarter >= ?1 AND quarter < ?2",
                         first_quarter_at(span.from), first_quarter_at(span.until)));
}

LedgerCells recount_ledger_cells(auto& connection) {
    return read_cells(
        connection,
        connection.query(
            "SELECT quarter, column_name, calls, without_call_sid FROM ledger_recounted"));
}

std::optional<SealedDay> read_last_sealed(auto& connection) {
    auto query = connection.query("SELECT " WRAPUP_SEALED_COLUMNS
                                  " FROM sealed_days ORDER BY date DESC LIMIT 1");
    if (!query.next()) return std::nullopt;
    return read_sealed(connection, query);
}

std::optional<TimeSpan> read_sealed_span(auto& connection) {
    auto query = connection.query("SELECT min(from_ms), max(until_ms) FROM sealed_days");
    if (!query.next() || query.is_null(0)) return std::nullopt;
    return TimeSpan{query.time(0), query.time(1)};
}

std::vector<LedgerCorrection> read_corrections_after(auto& connection, std::int64_t number) {
    return read_corrections(
        connection, connection.query("SELECT " WRAPUP_CORRECTION_COLUMNS
                                     " FROM ledger_corrections WHERE number > ?1 ORDER BY number",
                                     number));
}

LedgerRows read_ledger(auto& connection, const TimeSpan& span, std::int64_t corrections_max) {
    LedgerRows rows;
    rows.cells = read_ledger_cells(connection, span);
    rows.twilio = read_twilio_days(connection, span);
    rows.sealed = read_sealed_days(connection, span);
    put_differences_of_closed(rows, span,
                              read_twilio_differences(connection, span.from, span.until));
    const std::int64_t first = first_quarter_at(span.from);
    const std::int64_t end = first_quarter_at(span.until);
    rows.corrections = read_corrections(
        connection, connection.query("SELECT " WRAPUP_CORRECTION_COLUMNS
                                     " FROM ledger_corrections WHERE quarter >= ?1 AND quarter < ?2"
                                     " ORDER BY number DESC LIMIT ?3",
                                     first, end, corrections_max));
    std::ranges::reverse(rows.corrections);
    {
        auto query = connection.query(
            "SELECT count(*) FROM ledger_corrections WHERE quarter >= ?1 AND quarter < ?2", first,
            end);
        if (query.next()) {
            rows.corrections_left_out = query.integer(0) - std::ssize(rows.corrections);
        }
    }
    rows.last_sealed = read_last_sealed(connection);
    auto query =
        connection.query("SELECT quarter FROM ledger WHERE calls <> 0 ORDER BY quarter LIMIT 1");
    if (query.next()) rows.first_at = start_of_quarter(query.integer(0));
    return rows;
}

// All that is kept, and a recount.
LedgerAudit read_audit(auto& connection) {
    constexpr TimeSpan everything{from_unix_ms(0), from_unix_ms(INT64_MAX)};
    LedgerAudit audit;
    audit.kept = read_ledger(connection, everything, INT64_MAX);
    audit.recounted = recount_ledger_cells(connection);
    return audit;
}

// What the batch changes of it.
void save_ledger(auto& connection, const WorkingSet& rows, UtcTime now) {
    save_cells(connection, ledger_changes(rows));
    for (const TwilioDay* day : rows.twilio_days()) save_twilio_day(connection, *day);
    for (const SealedDay* day : rows.sealed_days()) save_sealed_day(connection, *day);
    for (const LedgerCorrection& correction : ledger_corrections(rows, now)) {
        save_correction(connection, correction);
    }
}

}  // namespace wrapup::sql
