#include "domain/rate_limit.hpp"

#include <algorithm>
#include <charconv>

namespace wrapup {
namespace {

constexpr std::int64_t slices_per_window = 20;
constexpr std::int64_t second_ms = 1'000;
constexpr std::int64_t minute_ms = 60'000;
constexpr std::int64_t hour_ms = 3'600'000;

// A window of so many milliseconds, in slices.
struct Window {
    std::int64_t length_ms;

    std::int64_t slice_ms() const {
        return std::max<std::int64_t>(length_ms / slices_per_window, 1);
    }
    std::int64_t slice_of(std::int64_t at_ms) const { return at_ms / slice_ms(); }
    // Another node's clock may be a little ahead. What is farther away was counted by a clock that
    // was set since.
    bool has(std::int64_t at_ms, std::int64_t now_ms) const {
        const std::int64_t away = slice_of(at_ms) - slice_of(now_ms);
        return away >= -slices_per_window && away <= slices_per_window;
    }
};

Window window_of(const RateLimit& rate) { return {rate.per.count()}; }

std::int64_t ms_of(UtcTime at) { return at.time_since_epoch().count(); }

// The slice of the shortest window that reaches it. Nothing: none does.
std::optional<std::int64_t> slice_begin(std::int64_t at_ms, std::int64_t now_ms) {
    for (const Window window : {Window{second_ms}, Window{minute_ms}, Window{hour_ms}}) {
        if (window.has(at_ms, now_ms)) return window.slice_of(at_ms) * window.slice_ms();
    }
    return std::nullopt;
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
    std::int64_t left = rate.count;
    for (const auto& [begin, count] : begun_) {
        if (window_of(rate).has(begin, ms_of(now))) left -= count;
    }
    return static_cast<int>(std::max<std::int64_t>(0, left));
}

UtcTime RateUse::next_at(const RateLimit& rate, UtcTime now) const {
    const Window window = window_of(rate);
    std::int64_t begun = 0;
    for (const auto& [begin, count] : begun_) begun += window.has(begin, ms_of(now)) ? count : 0;
    for (const auto& [begin, count] : begun_) {
        if (begun < rate.count) break;
        if (!window.has(begin, ms_of(now))) continue;
        begun -= count;
        if (begun >= rate.count) continue;
        const std::int64_t leaves = window.slice_of(begin) + slices_per_window + 1;
        return UtcTime{milliseconds{leaves * window.slice_ms()}};
    }
    return now;
}

void RateUse::add(int count, UtcTime now) {
    std::map<std::int64_t, int> kept;
    for (const auto& [begin, begun] : begun_) {
        if (const auto slice = slice_begin(begin, ms_of(now))) kept[*slice] += begun;
    }
    if (count > 0) kept[*slice_begin(ms_of(now), ms_of(now))] += count;
    begun_ = std::move(kept);
}

std::string RateUse::text() const {
    std::string text;
    for (const auto& [begin, count] : begun_) {
        if (!text.empty()) text += ' ';
        text += std::to_string(begin) + ":" + std::to_string(count);
    }
    return text;
}

std::optional<RateUse> RateUse::parse(std::string_view text) {
    RateUse use;
    while (!text.empty()) {
        std::int64_t begin = 0;
        int count = 0;
        if (!take_number(text, ':', begin) || !take_number(text, ' ', count) || count < 1) {
            return std::nullopt;
        }
        if (!use.begun_.emplace(begin, count).second) return std::nullopt;
    }
    return use;
}

}  // namespace wrapup
