#include "core/store/ledger.hpp"

#include <algorithm>
#include <utility>

#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

// Callbacks of calls that began before midnight.
constexpr std::chrono::minutes quiet_after_end{15};
constexpr std::chrono::days sealed_at_the_latest{5};

using Kind = LedgerColumn::Kind;

struct Place {
    LedgerCell cell;
    bool has_call_sid = true;

    bool operator==(const Place&) const = default;
};

std::optional<Place> place_of(const CallRow& row) {
    const auto column = ledger_column_of(row.call);
    if (!column) return std::nullopt;
    return Place{{quarter_of(ledger_time_of(row.call)), *column}, !row.call.call_sid.empty()};
}

std::optional<Place> stored_place_of(const WorkingCall& row) {
    return row.stored ? place_of(*row.stored) : std::nullopt;
}

void count(LedgerCells& changes, const std::optional<Place>& place, std::int64_t by) {
    if (place) changes[place->cell] += {by, place->has_call_sid ? 0 : by};
}

std::string signed_count(std::string_view what, std::int64_t count) {
    return std::string(what) + " counts " + std::to_string(count) + " calls";
}

void take_column(LedgerDay& day, const LedgerColumn& column, std::int64_t count) {
    switch (column.kind) {
        case Kind::accepted: day.accepted += count; break;
        case Kind::parked: day.parked[column.reason] += count; break;
        case Kind::in_flight: day.in_flight += count; break;
        case Kind::out_of_scope: day.out_of_scope += count; break;
    }
}

void take_twilio(LedgerDay& day, const TwilioDay& heard, std::int64_t without_call_sid) {
    LedgerDay::Twilio& twilio = *day.twilio;
    twilio.asked_at = heard.asked_at;
    twilio.is_complete = heard.is_complete;
    twilio.calls_count = heard.calls_count;
    twilio.without_call_sid_count = without_call_sid;
    day.out_of_scope += heard.unkept_count;
    for (const LedgerDifference& difference : heard.differences) {
        const bool is_missing = difference.kind == LedgerDifference::Kind::missing;
        (is_missing ? day.missing : twilio.only_here_count) += 1;
        day.differences.push_back(difference);
    }
    // While the day goes on, calls come between the listing and this sum.
    if (!twilio.is_complete || heard.asked_at < day.span.until) return;
    const std::int64_t known = day.calls() - without_call_sid - twilio.only_here_count;
    if (known == twilio.calls_count) return;
    day.differences.push_back({LedgerDifference::Kind::count,
                               {},
                               "Twilio lists " + std::to_string(twilio.calls_count) +
                                   " calls, the columns hold " + std::to_string(known) +
                                   " that it should know"});
}

}  // namespace

std::optional<LedgerColumn> ledger_column_of(const Call& call) {
    if (is_sample_call(call.call_sid)) return std::nullopt;
    switch (call.state) {
        case CallState::open:
        case CallState::settling:
        case CallState::delivering: return LedgerColumn{Kind::in_flight, {}};
        case CallState::delivered: return LedgerColumn{Kind::accepted, {}};
        case CallState::parked:
            return LedgerColumn{Kind::parked, call.parked.value_or(ParkReason{})};
        case CallState::out_of_scope: return LedgerColumn{Kind::out_of_scope, {}};
        case CallState::merged: break;
    }
    return std::nullopt;
}

UtcTime ledger_time_of(const Call& call) { return call.created_at.value_or(call.first_event_at); }

LedgerCells ledger_changes(const WorkingSet& rows) {
    LedgerCells changes;
    for (const WorkingCall& row : rows.calls()) {
        const auto before = stored_place_of(row);
        const auto after = place_of(row);
        if (before == after) continue;
        count(changes, before, -1);
        count(changes, after, 1);
    }
    std::erase_if(changes, [](const auto& change) { return change.second.is_zero(); });
    return changes;
}

std::vector<LedgerCorrection> ledger_corrections(const WorkingSet& rows, UtcTime now) {
    std::vector<LedgerCorrection> corrections;
    const auto sealed = rows.sealed_span();
    if (!sealed) return corrections;
    const auto is_sealed = [&sealed](const std::optional<Place>& place) {
        return place && sealed->contains(start_of_quarter(place->cell.quarter));
    };
    const auto add = [&](const WorkingCall& row, const Place& place,
                         std::optional<LedgerColumn> from, std::optional<LedgerColumn> to) {
        const std::int64_t last =
            corrections.empty() ? rows.last_correction_number() : corrections.back().number;
        corrections.push_back(
            {last + 1, now, row.call.id, place.cell.quarter, from, to, place.has_call_sid});
    };
    for (const WorkingCall& row : rows.calls()) {
        const auto before = stored_place_of(row);
        const auto after = place_of(row);
        if (before == after) continue;
        const bool stays = before && after && before->cell.quarter == after->cell.quarter &&
                           before->has_call_sid == after->has_call_sid;
        if (stays) {
            if (is_sealed(before)) add(row, *before, before->cell.column, after->cell.column);
            continue;
        }
        if (is_sealed(before)) add(row, *before, before->cell.column, std::nullopt);
        if (is_sealed(after)) add(row, *after, std::nullopt, after->cell.column);
    }
    return corrections;
}

LedgerDifference ledger_difference_of(const TwilioDifference& found) {
    const bool is_missing = found.kind == DifferenceKind::missing;
    return {is_missing ? LedgerDifference::Kind::missing : LedgerDifference::Kind::only_here,
            found.call_sid, found.reason};
}

void put_differences_of_closed(LedgerRows& rows, const TimeSpan& span,
                               std::span<const TwilioDifference> found) {
    for (const SealedDay& sealed : rows.sealed) {
        if (sealed.span.from < span.from || sealed.span.until > span.until) continue;
        auto day = std::ranges::find(rows.twilio, sealed.span, &TwilioDay::span);
        if (day != rows.twilio.end()) day->differences.clear();
        for (const TwilioDifference& one : found) {
            if (!sealed.span.contains(one.at)) continue;
            if (day == rows.twilio.end()) {
                TwilioDay unheard;
                unheard.span = sealed.span;
                day = rows.twilio.insert(day, std::move(unheard));
            }
            day->differences.push_back(ledger_difference_of(one));
        }
        if (day == rows.twilio.end()) continue;
        std::ranges::sort(day->differences, {}, &LedgerDifference::call_sid);
    }
    std::ranges::sort(rows.twilio, {}, [](const TwilioDay& day) { return day.span.from; });
}

LedgerSums ledger_sums(const LedgerCells& cells, const TimeSpan& span) {
    LedgerSums sums;
    constexpr LedgerColumn least{LedgerColumn::Kind{}, ParkReason{}};
    const std::int64_t end = first_quarter_at(span.until);
    auto at = cells.lower_bound({first_quarter_at(span.from), least});
    for (; at != cells.end() && at->first.quarter < end; ++at) sums[at->first.column] += at->second;
    std::erase_if(sums, [](const auto& sum) { return sum.second.is_zero(); });
    return sums;
}

LedgerDay account_of(Date date, const TimeZone& zone, const TimeSpan& span, const LedgerRows& rows,
                     bool is_twilio_asked) {
    LedgerDay day;
    day.date = date;
    day.zone = zone.name();
    day.span = span;
    std::int64_t without_call_sid = 0;
    for (const auto& [column, count] : ledger_sums(rows.cells, span)) {
        take_column(day, column, count.calls);
        without_call_sid += count.without_call_sid;
        if (count.calls < 0) {
            day.differences.push_back(
                {LedgerDifference::Kind::count, {}, signed_count(to_string(column), count.calls)});
        }
    }
    std::erase_if(day.parked, [](const auto& parked) { return parked.second == 0; });
    if (!is_twilio_asked) return day;
    day.twilio.emplace();
    day.twilio->without_call_sid_count = without_call_sid;
    const auto heard = std::ranges::find(rows.twilio, span, &TwilioDay::span);
    if (heard != rows.twilio.end()) take_twilio(day, *heard, without_call_sid);
    return day;
}

TimeSpan ledger_span_of(Date date, const TimeZone& zone,
                        const std::optional<SealedDay>& last_sealed) {
    TimeSpan span = zone.span_of(date);
    if (!last_sealed || date <= last_sealed->date) return span;
    if (date == next_date(last_sealed->date)) span.from = last_sealed->span.until;
    span.from = std::max(span.from, last_sealed->span.until);
    span.until = std::max(span.from, span.until);
    return span;
}

std::optional<Date> next_to_seal(const TimeZone& zone, const LedgerRows& rows) {
    if (rows.last_sealed) return next_date(rows.last_sealed->date);
    if (rows.first_at) return zone.date_at(*rows.first_at);
    return std::nullopt;
}

bool may_seal(const LedgerDay& day, UtcTime now) {
    if (now < day.span.until + quiet_after_end) return false;
    if (now >= day.span.until + sealed_at_the_latest) return true;
    const bool is_heard = !day.twilio || (day.twilio->is_complete && day.twilio->asked_at &&
                                          *day.twilio->asked_at >= day.span.until);
    return day.in_flight == 0 && is_heard;
}

}  // namespace wrapup
