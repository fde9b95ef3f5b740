// The ledger of the memory store, and what else it counts over time.

#include <algorithm>

#include "core/store/ledger.hpp"
#include "core/store/stats.hpp"
#include "sim/memory_store.hpp"

namespace wrapup {

void MemoryStore::save_ledger(const WorkingSet& rows, UtcTime now) {
    const auto corrections = ledger_corrections(rows, now);
    corrections_.insert(corrections_.end(), corrections.begin(), corrections.end());
    for (const auto& [cell, change] : ledger_changes(rows)) {
        LedgerCount& count = ledger_[cell];
        count += change;
        if (count.is_zero()) ledger_.erase(cell);
    }
    for (const TwilioDay* day : rows.twilio_days()) {
        twilio_days_.insert_or_assign(day->span.from, *day);
    }
    for (const SealedDay* day : rows.sealed_days()) sealed_days_.push_back(*day);
}

LedgerCells MemoryStore::recount_ledger() const {
    LedgerCells cells;
    for (const CallRow& row : calls_) {
        const auto column = ledger_column_of(row.call);
        if (!column) continue;
        cells[{quarter_of(ledger_time_of(row.call)), *column}] +=
            {1, row.call.call_sid.empty() ? 1 : 0};
    }
    return cells;
}

LedgerRows MemoryStore::read_ledger(const TimeSpan& span) {
    LedgerRows rows;
    const auto is_inside = [&span](std::int64_t quarter) {
        return span.contains(start_of_quarter(quarter));
    };
    for (const auto& [cell, count] : ledger_) {
        if (!rows.first_at && count.calls != 0) rows.first_at = start_of_quarter(cell.quarter);
        if (is_inside(cell.quarter)) rows.cells.emplace(cell, count);
    }
    for (const auto& [from, day] : twilio_days_) {
        if (!span.contains(from) || day.span.until > span.until) continue;
        TwilioDay& found = rows.twilio.emplace_back(day);
        std::erase_if(found.differences, [&](const LedgerDifference& difference) {
            return difference.kind == LedgerDifference::Kind::missing &&
                   find_exactly(difference.call_sid) != nullptr;
        });
        std::ranges::sort(found.differences, {}, &LedgerDifference::call_sid);
    }
    for (const SealedDay& day : sealed_days_) {
        if (day.span.until > span.from && day.span.from < span.until) rows.sealed.push_back(day);
        rows.last_sealed = day;
    }
    put_differences_of_closed(rows, span, read_differences(span));
    for (const LedgerCorrection& correction : corrections_) {
        if (is_inside(correction.quarter)) rows.corrections.push_back(correction);
    }
    return rows;
}

Result<LedgerRows> MemoryStore::ledger(const TimeSpan& span) {
    const std::lock_guard lock{mutex_};
    LedgerRows rows = read_ledger(span);
    rows.corrections_left_out =
        std::max(std::int64_t{0}, std::ssize(rows.corrections) - corrections_told_max);
    rows.corrections.erase(rows.corrections.begin(),
                           rows.corrections.begin() + rows.corrections_left_out);
    return rows;
}

Result<std::vector<LedgerCorrection>> MemoryStore::corrections_after(std::int64_t number) {
    const std::lock_guard lock{mutex_};
    std::vector<LedgerCorrection> corrections;
    for (const LedgerCorrection& correction : corrections_) {
        if (correction.number > number) corrections.push_back(correction);
    }
    return corrections;
}

void MemoryStore::save_stats(const WorkingSet& rows) {
    for (const auto& [cell, by] : outcome_changes(rows)) outcomes_[cell] += by;
    for (const auto& [cell, count] : delay_changes(rows)) delays_[cell] += count;
}

Result<StatsRows> MemoryStore::stats(const TimeSpan& span) {
    const std::lock_guard lock{mutex_};
    StatsRows rows;
    std::map<std::pair<std::string, Outcome>, std::int64_t> sums;
    for (const auto& [cell, calls] : outcomes_) {
        if (span.contains(start_of_quarter(cell.quarter))) {
            sums[{cell.campaign, cell.outcome}] += calls;
        }
    }
    for (const auto& [of, calls] : sums) {
        if (calls != 0) rows.outcomes.push_back({of.first, of.second, calls});
    }
    const auto inside = [&span](const DelayCells& cells) {
        DelayCells found;
        for (const auto& [cell, count] : cells) {
            if (span.contains(start_of_minute(cell.minute))) found.emplace(cell, count);
        }
        return found;
    };
    const std::int64_t newest = delays_.empty() ? 0 : delays_.rbegin()->first.minute;
    rows.minutes = inside(delays_);
    std::erase_if(rows.minutes, [&](const auto& counted) {
        return counted.first.minute < newest - first_minute_at(UtcTime{minutes_are_kept});
    });
    rows.hours = inside(by_hour(delays_));
    return rows;
}

Result<LedgerAudit> MemoryStore::audit_ledger() {
    const std::lock_guard lock{mutex_};
    return LedgerAudit{read_ledger({from_unix_ms(0), UtcTime::max()}), recount_ledger()};
}

}  // namespace wrapup
