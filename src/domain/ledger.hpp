#pragma once

// The ledger: what became of every call, per day.
//
// Calls are counted in cells, one per quarter of an hour (UTC) and column. Wherever somebody lives,
// his days begin at a full quarter of an hour, so that a day of any zone is a sum of cells, and
// what is kept knows no zone.

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/time_zone.hpp"
#include "domain/call.hpp"

namespace wrapup {

// Where a call is counted: in exactly one column.
struct LedgerColumn {
    enum class Kind { accepted, parked, in_flight, out_of_scope };
    Kind kind = Kind::in_flight;
    ParkReason reason{};  // Of Kind::parked.

    auto operator<=>(const LedgerColumn&) const = default;
};
std::string to_string(const LedgerColumn& column);  // "accepted", "parked.dead"
std::optional<LedgerColumn> parse_ledger_column(std::string_view name);

constexpr std::int64_t quarter_ms = 15 * 60 * 1000;
constexpr std::int64_t quarter_of(UtcTime time) { return to_unix_ms(time) / quarter_ms; }
// The first one that begins at that time or after it.
constexpr std::int64_t first_quarter_at(UtcTime time) {
    return quarter_of(time) + (to_unix_ms(time) % quarter_ms > 0 ? 1 : 0);
}
constexpr UtcTime start_of_quarter(std::int64_t quarter) {
    return from_unix_ms(quarter * quarter_ms);
}

struct LedgerCell {
    std::int64_t quarter = 0;  // Since 1970.
    LedgerColumn column;

    auto operator<=>(const LedgerCell&) const = default;
};
struct LedgerCount {
    std::int64_t calls = 0;
    std::int64_t without_call_sid = 0;  // Of them.

    LedgerCount& operator+=(const LedgerCount& more) {
        calls += more.calls;
        without_call_sid += more.without_call_sid;
        return *this;
    }
    bool is_zero() const { return calls == 0 && without_call_sid == 0; }
    bool operator==(const LedgerCount&) const = default;
};
using LedgerCells = std::map<LedgerCell, LedgerCount>;
using LedgerSums = std::map<LedgerColumn, LedgerCount>;  // Of a day; without those that are zero.

// What does not agree, by the call's name.
struct LedgerDifference {
    enum class Kind {
        missing,    // Twilio knows it, wrapup does not.
        only_here,  // wrapup knows it, Twilio does not.
        count,      // A sum does not add up; of no call.
    };
    Kind kind = Kind::missing;
    std::string call_sid;
    std::string reason;  // A sentence for a person, without personal data.

    bool operator==(const LedgerDifference&) const = default;
};
std::string_view to_string(LedgerDifference::Kind kind);

// What Twilio was last heard to know of a day.
struct TwilioDay {
    TimeSpan span;
    UtcTime asked_at{};
    bool is_complete = false;       // False: the listing failed, or is not finished.
    std::int64_t calls_count = 0;   // Created in the span; legs of other calls left out.
    std::int64_t unkept_count = 0;  // Of them: not ours, and wrapup keeps nothing of them.
    std::vector<LedgerDifference> differences;  // missing and only_here

    bool operator==(const TwilioDay&) const = default;
};

// A day that was closed. Its content and the hash never change; what changes later is a correction.
struct SealedDay {
    Date date{};
    TimeSpan span;
    UtcTime sealed_at{};
    std::string content;                 // The account as JSON, up to its differences.
    std::string previous_hash;           // Of the day before; empty: the first one.
    std::string hash;                    // See codec/ledger_json.hpp.
    std::int64_t corrections_count = 0;  // All that were made before, of whatever day.

    bool operator==(const SealedDay&) const = default;
};

// A call of a sealed day is counted elsewhere now.
struct LedgerCorrection {
    std::int64_t number = 0;  // From 1, in the order in which they were made.
    UtcTime at{};
    std::string call_id;
    std::int64_t quarter = 0;          // Where it was counted, or is now.
    std::optional<LedgerColumn> from;  // Absent: it is new there.
    std::optional<LedgerColumn> to;    // Absent: it is not counted there any more.
    bool has_call_sid = true;

    bool operator==(const LedgerCorrection&) const = default;
};

// What Twilio is known to know of the day, as the account tells it.
struct LedgerTwilio {
    std::optional<UtcTime> asked_at;  // Absent: it was not asked yet.
    bool is_complete = false;
    std::int64_t calls_count = 0;
    std::int64_t only_here_count = 0;
    std::int64_t without_call_sid_count = 0;

    bool operator==(const LedgerTwilio&) const = default;
};

// The account of a day.
struct LedgerDay {
    using Twilio = LedgerTwilio;

    Date date{};
    std::string zone;
    TimeSpan span;
    std::int64_t accepted = 0;
    std::map<ParkReason, std::int64_t> parked;
    std::int64_t in_flight = 0;
    std::int64_t out_of_scope = 0;
    std::int64_t missing = 0;
    std::optional<Twilio> twilio;  // Absent: nobody can ask.
    std::vector<LedgerDifference> differences;

    std::int64_t parked_total() const {
        std::int64_t total = 0;
        for (const auto& [reason, count] : parked) total += count;
        return total;
    }
    std::int64_t calls() const {
        return accepted + parked_total() + in_flight + out_of_scope + missing;
    }
    // Each difference is one.
    std::int64_t unexplained() const { return std::ssize(differences); }

    bool operator==(const LedgerDay&) const = default;
};

// So many corrections are told at a time: a person may send tens of thousands of records again.
constexpr std::int64_t corrections_told_max = 1'000;

// What a store keeps of the ledger within a span.
struct LedgerRows {
    LedgerCells cells;
    std::vector<TwilioDay> twilio;  // Days that lie in it. Calls that are known by now are no
                                    // longer among the missing.
    std::vector<SealedDay> sealed;  // Days that have a part in it, in order.
    // Of quarters in it, in order; the newest ones when there are many.
    std::vector<LedgerCorrection> corrections;
    std::int64_t corrections_left_out = 0;
    std::optional<SealedDay> last_sealed;  // Wherever it lies.
    std::optional<UtcTime> first_at;       // The first cell there is, wherever it lies.
};

}  // namespace wrapup
