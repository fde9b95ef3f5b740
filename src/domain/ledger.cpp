#include "domain/ledger.hpp"

#include "base/assert.hpp"

namespace wrapup {
namespace {

constexpr std::string_view parked_prefix = "parked.";

// Of all columns but those of parked calls.
constexpr std::string_view name_of(LedgerColumn::Kind kind) {
    switch (kind) {
        case LedgerColumn::Kind::accepted: return "accepted";
        case LedgerColumn::Kind::in_flight: return "in_flight";
        case LedgerColumn::Kind::out_of_scope: return "out_of_scope";
        case LedgerColumn::Kind::parked: break;
    }
    return {};
}

}  // namespace

std::string to_string(const LedgerColumn& column) {
    std::string name(name_of(column.kind));
    if (name.empty()) name.append(parked_prefix).append(to_string(column.reason));
    return name;
}

std::optional<LedgerColumn> parse_ledger_column(std::string_view name) {
    using Kind = LedgerColumn::Kind;
    for (const Kind kind : {Kind::accepted, Kind::in_flight, Kind::out_of_scope}) {
        if (name_of(kind) == name) return LedgerColumn{kind, {}};
    }
    if (!name.starts_with(parked_prefix)) return std::nullopt;
    const auto reason = parse_park_reason(name.substr(parked_prefix.size()));
    if (!reason) return std::nullopt;
    return LedgerColumn{Kind::parked, *reason};
}

std::string_view to_string(LedgerDifference::Kind kind) {
    switch (kind) {
        case LedgerDifference::Kind::missing: return "missing";
        case LedgerDifference::Kind::only_here: return "only_here";
        case LedgerDifference::Kind::count: return "count";
    }
    WRAPUP_ASSERT(false);
}

}  // namespace wrapup
