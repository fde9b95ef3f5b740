#include "domain/rate_limit.hpp"

#include <algorithm>
#include <charconv>

namespace wrapup {
namespace {

constexpr std::int64_t slices_per_window = 20;

milliseconds slice_length(const RateLimit& rate) {
    return std::max(rate.per / slices_per_window, milliseconds{1});
}

std::int64_t slice_of(const RateLimit& rate, UtcTime now) {
    return now.time_since_epoch() / slice_length(rate);
}

// Another node's clock may be a little ahead. What is farther away was counted by a clock that was
// set since.
bool is_near(std::int64_t slice, std::int64_t current) {
    return slice >= current - slices_per_window && slice <= current + slices_per_window;
}

template <class Number>
bool take_number(std::string_view& text, char end, Number& number) {
    const char* const last = text.data() + text.size();
    const auto [at, error] = std::from_chars(text.data(), last, number);
    if (error != std::errc{}) return false;
    text.remove_prefix(static_cast<std::size_t>(at - text.data()));
    if (text.empty()) return end == ' ';
    if (text.front() != end) return false;
    text.remove_prefix(1);
    return !text.empty();
}

}  // namespace

std::string to_string(const RateLimit& rate) {
    const char* const unit = rate.per == std::chrono::hours{1}     ? "/h"
                             : rate.per == std::chrono::minutes{1} ? "/m"
                                                                   : "/s";
    return std::to_string(rate.count) + unit;
}

int RateUse::room(const RateLimit& rate, UtcTime now) const {
    const std::int64_t current = slice_of(rate, now);
    std::int64_t left = rate.count;
    for (const auto& [slice, count] : slices_) {
        if (is_near(slice, current)) left -= count;
    }
    return static_cast<int>(std::max<std::int64_t>(0, left));
}

UtcTime RateUse::next_at(const RateLimit& rate, UtcTime now) const {
    const std::int64_t current = slice_of(rate, now);
    std::int64_t begun = 0;
    for (const auto& [slice, count] : slices_) begun += is_near(slice, current) ? count : 0;
    for (const auto& [slice, count] : slices_) {
        if (begun < rate.count) break;
        if (!is_near(slice, current)) continue;
        begun -= count;
        if (begun < rate.count) {
            return UtcTime{slice_length(rate) * (slice + slices_per_window + 1)};
        }
    }
    return now;
}

void RateUse::add(int count, const RateLimit& rate, UtcTime now) {
    const std::int64_t current = slice_of(rate, now);
    std::erase_if(slices_, [&](const auto& one) { return !is_near(one.first, current); });
    if (count > 0) slices_[current] += count;
}

std::string RateUse::text() const {
    std::string text;
    for (const auto& [slice, count] : slices_) {
        if (!text.empty()) text += ' ';
        text += std::to_string(slice) + ":" + std::to_string(count);
    }
    return text;
}

std::optional<RateUse> RateUse::parse(std::string_view text) {
    RateUse use;
    while (!text.empty()) {
        std::int64_t slice = 0;
        int count = 0;
        if (!take_number(text, ':', slice) || !take_number(text, ' ', count) || count < 1) {
            return std::nullopt;
        }
        if (!use.slices_.emplace(slice, count).second) return std::nullopt;
    }
    return use;
}

}  // namespace wrapup
