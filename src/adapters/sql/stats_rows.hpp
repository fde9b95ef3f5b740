#pragma once

// The tables of what is counted over time (domain/stats.hpp).

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <string>

#include "adapters/sql/slots.hpp"
#include "core/store/stats.hpp"

namespace wrapup::sql {

constexpr std::int64_t one_minute = 1;
constexpr std::int64_t one_hour = 60;

void save_outcomes(auto& connection, const OutcomeCells& changes) {
    const SlotWords& slots = slot_words(connection);
    static const std::string sql =
        "INSERT INTO outcomes" + slots.table +
        " AS kept (quarter, campaign, outcome, calls) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (quarter, campaign, outcome" +
        slots.key + ") DO UPDATE SET calls = kept.calls + excluded.calls";
    for (const auto& [cell, by] : changes) {
        connection.run(sql, cell.quarter, cell.campaign, to_string(cell.outcome), by);
    }
}

void add_delays(auto& connection, std::int64_t unit, const DelayCells& cells) {
    constexpr std::ptrdiff_t rows_max = 8;
    const SlotWords& slots = slot_words(connection);
    auto at = cells.begin();
    while (at != cells.end()) {
        const auto count = std::min(rows_max, std::distance(at, cells.end()));
        std::string sql = "INSERT INTO delays" + slots.table +
                          " AS kept (unit, minute, bucket, records) VALUES (?, ?, ?, ?)";
        for (std::ptrdiff_t i = 1; i < count; ++i) sql += ", (?, ?, ?, ?)";
        sql += " ON CONFLICT (unit, minute, bucket" + slots.key +
               ") DO UPDATE SET records = kept.records + excluded.records";
        auto query = connection.query(sql);
        int index = 0;
        for (std::ptrdiff_t i = 0; i < count; ++i, ++at) {
            query.bind(++index, unit);
            query.bind(++index, at->first.minute);
            query.bind(++index, static_cast<std::int64_t>(at->first.bucket));
            query.bind(++index, at->second);
        }
        query.finish();
    }
}

void save_delays(auto& connection, const DelayCells& minutes) {
    if (minutes.empty()) return;
    add_delays(connection, one_minute, minutes);
    add_delays(connection, one_hour, by_hour(minutes));
    const std::int64_t first_kept = minutes.rbegin()->first.minute - minutes_are_kept.count() * 60;
    static const std::string forget =
        "DELETE FROM delays" + slot_words(connection).table + " WHERE unit = 1 AND minute < ?1";
    connection.run(forget, first_kept);
}

DelayCells read_delays(auto& connection, std::int64_t unit, std::int64_t first, std::int64_t end) {
    DelayCells cells;
    auto query = connection.query(
        "SELECT minute, bucket, records FROM delays WHERE unit = ?1 AND minute >= ?2"
        " AND minute < ?3",
        unit, first, end);
    while (query.next()) {
        cells[{query.integer(0), static_cast<int>(query.integer(1))}] = query.integer(2);
    }
    return cells;
}

StatsRows read_stats(auto& connection, const TimeSpan& span) {
    StatsRows rows;
    const std::int64_t first = first_minute_at(span.from);
    const std::int64_t end = first_minute_at(span.until);
    rows.minutes = read_delays(connection, one_minute, first, end);
    rows.hours = read_delays(connection, one_hour, first, end);
    // Summed here: a GROUP BY would sort all of them first.
    std::map<std::string, std::map<Outcome, std::int64_t>, std::less<>> sums;
    auto query = connection.query(
        "SELECT campaign, outcome, calls FROM outcomes WHERE quarter >= ?1 AND quarter < ?2",
        first_quarter_at(span.from), first_quarter_at(span.until));
    while (query.next()) {
        const auto outcome = parse_outcome(query.view(1));
        if (!outcome) continue;
        auto sum = sums.find(query.view(0));
        if (sum == sums.end()) sum = sums.try_emplace(query.text(0)).first;
        sum->second[*outcome] += query.integer(2);
    }
    for (const auto& [campaign, of_campaign] : sums) {
        for (const auto& [outcome, calls] : of_campaign) {
            if (calls != 0) rows.outcomes.push_back({campaign, outcome, calls});
        }
    }
    return rows;
}

void save_stats(auto& connection, const WorkingSet& rows) {
    save_outcomes(connection, outcome_changes(rows));
    save_delays(connection, delay_changes(rows));
}

}  // namespace wrapup::sql
