#pragma once

#include <cstdint>
#include <optional>

namespace wrapup::sqlite {

// The last numbers in use; absent: not looked up yet. Only the writer hands them out, so that they
// are good until one of its transactions fails.
struct Numbers {
    std::optional<std::int64_t> call_no_last;
    std::optional<std::int64_t> delivery_id_last;
};

}  // namespace wrapup::sqlite
