#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "domain/replay.hpp"

namespace wrapup {

// Ties a preview to what it counted: a job is begun with the token of the preview that a person
// saw, and with the order that it was made for.
struct ReplayToken {
    std::int64_t count = 0;
    std::int64_t last_id = 0;
    UtcTime at{};  // So that each preview has a token of its own.

    bool operator==(const ReplayToken&) const = default;
};
std::string render_token(const ReplayToken& token, const ReplayOrder& order);

// Nothing: this is no token.
std::optional<ReplayToken> parse_token(std::string_view text);
// Whether it was made for this very order.
bool is_token_of(std::string_view text, const ReplayOrder& order);

}  // namespace wrapup
