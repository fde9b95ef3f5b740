#include "service/ledger/ledger_report.hpp"

#include <algorithm>
#include <utility>

#include "codec/ledger_json.hpp"
#include "core/store/ledger.hpp"

namespace wrapup {
namespace {

constexpr std::size_t findings_max = 100;

LedgerDay open_day(Date date, const LedgerRows& rows, const LedgerView& view) {
    const TimeSpan span = ledger_span_of(date, view.zone, rows.last_sealed);
    return account_of(date, view.zone, span, rows, view.is_twilio_asked);
}

// What is unexplained of a closed day now: calls that differ, whenever that was found, and sums
// that did not add up then and still do not. What comes to a day makes no sum wrong, for Twilio's
// list of it is not counted anew.
std::vector<LedgerDifference> unexplained_since(const SealedDay& day, const LedgerRows& rows) {
    const bool is_heard = std::ranges::count(rows.twilio, day.span, &TwilioDay::span) > 0;
    const auto stated = parse_ledger_content(day.content);
    const bool has_twilio = is_heard || (stated && stated->has_twilio);
    LedgerDay now = account_of(day.date, TimeZone(), day.span, rows, has_twilio);
    std::int64_t sums_left = wrong_sums_in(day.content);
    std::erase_if(now.differences, [&sums_left](const LedgerDifference& one) {
        return one.kind == LedgerDifference::Kind::count && sums_left-- <= 0;
    });
    return std::move(now.differences);
}

std::int64_t unexplained_of(Date date, const LedgerRows& rows, const LedgerView& view) {
    const auto sealed = std::ranges::find(rows.sealed, date, &SealedDay::date);
    if (sealed != rows.sealed.end()) return std::ssize(unexplained_since(*sealed, rows));
    return open_day(date, rows, view).unexplained();
}

std::string sealed_json(const SealedDay& day, const LedgerRows& rows) {
    std::vector<LedgerCorrection> own;
    for (const LedgerCorrection& correction : rows.corrections) {
        if (day.span.contains(start_of_quarter(correction.quarter))) own.push_back(correction);
    }
    return sealed_day_json(day, own, unexplained_since(day, rows), rows.corrections_left_out);
}

std::string described(const LedgerCell& cell) {
    return to_string(cell.column) + " of the quarter of an hour from " +
           format_rfc3339(start_of_quarter(cell.quarter));
}

LedgerCount count_at(const LedgerCells& cells, const LedgerCell& cell) {
    const auto found = cells.find(cell);
    return found == cells.end() ? LedgerCount{} : found->second;
}

void compare_cell(const LedgerCell& cell, const LedgerAudit& audit,
                  std::vector<std::string>& findings) {
    const LedgerCount kept = count_at(audit.kept.cells, cell);
    const LedgerCount recounted = count_at(audit.recounted, cell);
    if (kept == recounted) return;
    std::string finding = "the counter of " + described(cell) + " is " +
                          std::to_string(kept.calls) + ", a recount of the calls says " +
                          std::to_string(recounted.calls);
    if (kept.calls == recounted.calls) {
        finding = "of " + described(cell) + " the counter says that " +
                  std::to_string(kept.without_call_sid) + " have no CallSid, a recount says " +
                  std::to_string(recounted.without_call_sid);
    }
    findings.push_back(std::move(finding));
}

void compare_cells(const LedgerAudit& audit, std::vector<std::string>& findings) {
    for (const auto& [cell, count] : audit.kept.cells) compare_cell(cell, audit, findings);
    for (const auto& [cell, count] : audit.recounted) {
        if (!audit.kept.cells.contains(cell)) compare_cell(cell, audit, findings);
    }
}

// Those that a day's hash covers: made since `before` were made.
std::span<const LedgerCorrection> made_between(const std::vector<LedgerCorrection>& corrections,
                                               std::int64_t before, std::int64_t until) {
    const auto first = std::ranges::upper_bound(corrections, before, {}, &LedgerCorrection::number);
    const auto last =
        std::ranges::upper_bound(first, corrections.end(), until, {}, &LedgerCorrection::number);
    return {first, last};
}

void walk_chain(const LedgerRows& rows, std::vector<std::string>& findings) {
    const SealedDay* before = nullptr;
    for (const SealedDay& day : rows.sealed) {
        const std::string name = "the closed day " + format_date(day.date);
        const std::string wanted = before == nullptr ? "" : before->hash;
        if (day.previous_hash != wanted) {
            findings.push_back(name + " does not follow the day before: the hash of that is not " +
                               "the one it names");
        }
        if (before != nullptr && day.span.from != before->span.until) {
            findings.push_back(name + " does not begin where the day before ends");
        }
        const auto corrections =
            made_between(rows.corrections, before == nullptr ? 0 : before->corrections_count,
                         day.corrections_count);
        if (seal_hash(day.previous_hash, day.content, corrections) != day.hash) {
            findings.push_back(name + " was changed after it was closed: its content, or the " +
                               "corrections made before, do not have its hash");
        }
        before = &day;
    }
}

SealedColumns columns_of(const LedgerDay& day) {
    return {day.accepted, day.parked, day.in_flight, day.out_of_scope, day.twilio.has_value()};
}

// The columns as they were before the corrections.
LedgerCells without_corrections(LedgerCells cells,
                                const std::vector<LedgerCorrection>& corrections) {
    for (const LedgerCorrection& one : corrections) {
        const std::int64_t without_call_sid = one.has_call_sid ? 0 : 1;
        if (one.from) cells[{one.quarter, *one.from}] += {1, without_call_sid};
        if (one.to) cells[{one.quarter, *one.to}] += {-1, -without_call_sid};
    }
    return cells;
}

void compare_sealed(const LedgerRows& rows, std::vector<std::string>& findings) {
    LedgerRows as_sealed;
    as_sealed.cells = without_corrections(rows.cells, rows.corrections);
    as_sealed.twilio = rows.twilio;
    for (const SealedDay& day : rows.sealed) {
        const auto stated = parse_ledger_content(day.content);
        const LedgerDay counted =
            account_of(day.date, TimeZone(), day.span, as_sealed, stated && stated->has_twilio);
        if (!stated || *stated != columns_of(counted)) {
            findings.push_back("the closed day " + format_date(day.date) +
                               " and its corrections do not add up to what is counted now");
        }
    }
}

}  // namespace

TimeSpan ledger_reading_of(Date first, Date last, const TimeZone& zone) {
    constexpr std::chrono::days margin{2};
    return {zone.span_of(first).from - margin, zone.span_of(last).until + margin};
}

std::string ledger_day_json(Date date, const LedgerRows& rows, const LedgerView& view) {
    const auto sealed = std::ranges::find(rows.sealed, date, &SealedDay::date);
    if (sealed != rows.sealed.end()) return sealed_json(*sealed, rows);
    const bool follows = rows.last_sealed && next_date(rows.last_sealed->date) == date;
    return open_day_json(open_day(date, rows, view), follows ? rows.last_sealed->hash : "");
}

std::vector<AlertCondition> ledger_alerts(LedgerQueries& store, const LedgerView& view,
                                          UtcTime now) {
    constexpr std::chrono::days watched{30};
    const Date today = view.zone.date_at(now);
    const Date first{std::chrono::sys_days{today} - watched};
    const auto rows = store.ledger(ledger_reading_of(first, today, view.zone));
    if (!rows) return {};
    std::int64_t count = 0;
    std::string last;
    for (Date date = first; date <= today; date = next_date(date)) {
        const std::int64_t more = unexplained_of(date, *rows, view);
        if (more > 0) last = format_date(date);
        count += more;
    }
    if (count == 0) return {};
    return {{"ledger", "the ledger has " + std::to_string(count) + " unexplained, last on " + last,
             "wrapup ledger --date " + last, count}};
}

std::optional<SealDay> next_seal(const LedgerRows& rows, const LedgerView& view,
                                 std::vector<LedgerCorrection> corrections, UtcTime now) {
    const auto date = next_to_seal(view.zone, rows);
    if (!date) return std::nullopt;
    const LedgerDay day = open_day(*date, rows, view);
    if (!may_seal(day, now)) return std::nullopt;
    SealDay op;
    op.day.date = *date;
    op.day.span = day.span;
    op.day.sealed_at = now;
    op.day.content = ledger_content(day);
    if (rows.last_sealed) {
        op.day.previous_hash = rows.last_sealed->hash;
        op.day.corrections_count = rows.last_sealed->corrections_count;
    }
    if (!corrections.empty()) op.day.corrections_count = corrections.back().number;
    op.day.hash = seal_hash(op.day.previous_hash, op.day.content, corrections);
    op.seen = ledger_sums(rows.cells, day.span);
    return op;
}

LedgerVerdict verify_ledger(const LedgerAudit& audit) {
    LedgerVerdict verdict;
    for (const auto& [cell, count] : audit.recounted) verdict.calls_count += count.calls;
    verdict.sealed_days_count = std::ssize(audit.kept.sealed);
    std::vector<std::string>& findings = verdict.findings;
    walk_chain(audit.kept, findings);
    compare_sealed(audit.kept, findings);
    compare_cells(audit, findings);
    if (findings.size() > findings_max) {
        const std::size_t more = findings.size() - findings_max;
        findings.resize(findings_max);
        findings.push_back("and " + std::to_string(more) + " more");
    }
    return verdict;
}

}  // namespace wrapup
