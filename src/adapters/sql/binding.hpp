#pragma once

// How values become parameters.

#include <concepts>
#include <cstdint>
#include <optional>
#include <string_view>
#include <type_traits>

#include "base/time.hpp"

namespace wrapup::sql {

// The end of a lease, which counts by the clock of whoever hands leases out (ports/store.hpp); rows
// have it by the caller's.
struct LeaseEnd {
    std::optional<UtcTime> at;
};

// What a null stands in the place of.
enum class NullOf { any, integer, text };

// `query` binds integers, texts and null.
template <class Query, class Value>
void bind_any(Query& query, int index, const Value& value) {
    if constexpr (std::is_same_v<Value, UtcTime>) {
        query.bind(index, to_unix_ms(value));
    } else if constexpr (std::is_same_v<Value, LeaseEnd>) {
        query.bind_lease(index, value.at);
    } else if constexpr (std::is_enum_v<Value>) {
        query.bind(index, std::string_view{to_string(value)});
    } else if constexpr (std::integral<Value>) {
        query.bind(index, static_cast<std::int64_t>(value));
    } else if constexpr (std::convertible_to<Value, std::string_view>) {
        query.bind(index, std::string_view{value});
    } else if constexpr (requires { value.has_value(); }) {
        if (value) return bind_any(query, index, *value);
        using Held = std::remove_cvref_t<decltype(*value)>;
        constexpr bool is_text =
            std::is_enum_v<Held> || std::convertible_to<Held, std::string_view>;
        query.bind_null(index, is_text ? NullOf::text : NullOf::integer);
    } else {
        query.bind(index, value);
    }
}

}  // namespace wrapup::sql
