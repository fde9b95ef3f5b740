#include "base/retry_after.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr seconds wait_max = std::chrono::hours{24};

bool is_number(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

}  // namespace

std::optional<seconds> parse_retry_after(std::string_view value, UtcTime now) {
    const std::string_view text = trim(value);
    if (is_number(text)) {
        // More than fits is more than is believed.
        return std::min(seconds{parse_int(text).value_or(wait_max.count())}, wait_max);
    }
    const std::optional<UtcTime> at = parse_rfc2822(text);
    if (!at) return std::nullopt;
    return std::clamp(std::chrono::ceil<seconds>(*at - now), seconds::zero(), wait_max);
}

}  // namespace wrapup
