#include "domain/rate_limit.hpp"

#include <algorithm>
#include <charconv>

namespace wrapup {
namespace {

constexpr std::int64_t slices_per_window = 20;

// A window of time, in slices.
struct Window {
    milliseconds length;

    milliseconds slice() const { return std::max(length / slices_per_window, milliseconds{1}); }
    std::int64_t slice_of(UtcTime at) const { return at.time_since_epoch() / slice(); }
    UtcTime begin_of(std::int64_t number) const { return UtcTime{number * slice()}; }
    // Another node's clock may be a little ahead. What is farther away was counted by a clock that
    // was set since.
    bool has(UtcTime at, UtcTime now) const {
        const std::int64_t away = slice_of(at) - slice_of(now);
        return away >= -slices_per_window && away <= slices_per_window;
    }
};

constexpr Window windows[] = {{seconds{1}}, {std::chrono::minutes{1}}, {std::chrono::hours{1}}};

// The slice of the shortest window that reaches it. Nothing: none does.
std::optional<UtcTime> slice_begin(UtcTime at, UtcTime now) {
    for (const Window& window : windows) {
        if (window.has(at, now)) return window.begin_of(window.slice_of(at));
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

std::int64_t RateUse::begun_within(milliseconds length, UtcTime now) const {
    const Window window{length};
    std::int64_t begun = 0;
    for (const auto& [begin, count] : begun_) begun += window.has(begin, now) ? count : 0;
    return begun;
}

int RateUse::room(const RateLimit& rate, UtcTime now) const {
    return static_cast<int>(std::max<std::int64_t>(0, rate.count - begun_within(rate.per, now)));
}

UtcTime RateUse::next_at(const RateLimit& rate, UtcTime now) const {
    const Window window{rate.per};
    std::int64_t begun = begun_within(rate.per, now);
    for (const auto& [begin, count] : begun_) {
        if (begun < rate.count) break;
        if (!window.has(begin, now)) continue;
        begun -= count;
        if (begun < rate.count)
            return window.begin_of(window.slice_of(begin) + slices_per_window + 1);
    }
    return now;
}

void RateUse::add(int count, UtcTime now) {
    std::map<UtcTime, int> kept;
    for (const auto& [begin, begun] : begun_) {
        if (const auto slice = slice_begin(begin, now)) kept[*slice] += begun;
    }
    if (count > 0) kept[*slice_begin(now, now)] += count;
    begun_ = std::move(kept);
}

std::string RateUse::text() const {
    std::string text;
    for (const auto& [begin, count] : begun_) {
        if (!text.empty()) text += ' ';
        text += std::to_string(to_unix_ms(begin)) + ":" + std::to_string(count);
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
        if (!use.begun_.emplace(from_unix_ms(begin), count).second) return std::nullopt;
    }
    return use;
}

}  // namespace wrapup
