#pragma once

#include <cstdint>
#include <optional>
#include <unordered_map>

#include "base/time_zone.hpp"
#include "core/store/working_set.hpp"

namespace wrapup::sql {

// Calls of which a delivery is claimed, as they are stored: the end of its attempt comes next, and
// needs no look at the tables. A write that is no batch forgets them.
class CallsOnTheWay {
public:
    using Rows = RowSource::CallWithDeliveries;

    // The rows of the delivery's call, no longer kept.
    std::optional<Rows> take(std::int64_t delivery_id);
    // After a batch: what it left of them.
    void keep(const WorkingSet& batch);

private:
    void forget(std::int64_t call_no);

    std::unordered_map<std::int64_t, Rows> calls_;
    std::unordered_map<std::int64_t, std::int64_t> call_of_;  // By delivery.
};

// What the writer knows without asking again; absent: not looked up yet. Only the writer changes
// it, so that it is good until one of its transactions fails.
struct Numbers {
    std::optional<std::int64_t> call_no_last;
    std::optional<std::int64_t> delivery_id_last;
    std::optional<std::int64_t> replay_id_last;
    std::optional<std::optional<TimeSpan>> sealed;  // Of the ledger; see RowSource::sealed_span.
    // Whether the table has rows at all: most calls have nothing in one that is not used.
    std::optional<bool> has_intents;
    std::optional<bool> has_handed_over;
    std::optional<bool> has_contacts;
    CallsOnTheWay on_the_way{};

    void note_saved(const WorkingSet& batch);
};

}  // namespace wrapup::sql
