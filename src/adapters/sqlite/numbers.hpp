#pragma once

#include <cstdint>
#include <optional>

#include "base/time_zone.hpp"

namespace wrapup::sqlite {

// What the writer knows without asking again; absent: not looked up yet. Only the writer changes
// it, so that it is good until one of its transactions fails.
struct Numbers {
    std::optional<std::int64_t> call_no_last;
    std::optional<std::int64_t> delivery_id_last;
    std::optional<std::int64_t> replay_id_last;
    std::optional<std::optional<TimeSpan>> sealed;  // Of the ledger; see RowSource::sealed_span.
};

}  // namespace wrapup::sqlite
