#include "core/watch/alert_book.hpp"

#include <algorithm>

namespace wrapup {
namespace {

constexpr std::chrono::minutes ended_after{1};
constexpr std::chrono::minutes again_after{10};
constexpr std::chrono::hours grown_after{1};

// A clock that was set back delays nothing.
bool has_passed(UtcTime since, milliseconds wait, UtcTime now) {
    return now < since || now - since >= wait;
}

}  // namespace

std::vector<Alert> AlertBook::update(const std::vector<AlertCondition>& holding, UtcTime now,
                                     const std::set<std::string>& ended) {
    std::vector<Alert> alerts;
    for (const AlertCondition& condition : holding) {
        const auto [at, is_new] = entries_.try_emplace(condition.key);
        Entry& entry = at->second;
        if (is_new) entry.since = now;
        entry.text = condition.text;
        entry.next = condition.next;
        entry.absent_since.reset();
        bool is_news = false;
        if (!entry.is_told) {
            const auto before = last_told_.find(condition.key);
            is_news = before == last_told_.end() || has_passed(before->second, again_after, now);
        } else {
            is_news =
                condition.count > entry.told_count && has_passed(entry.told_at, grown_after, now);
        }
        if (!is_news) continue;
        entry.is_told = true;
        entry.told_at = now;
        entry.told_count = condition.count;
        last_told_[condition.key] = now;
        alerts.push_back({condition.key, false, entry.text, entry.next, entry.since});
    }
    for (auto at = entries_.begin(); at != entries_.end();) {
        auto& [key, entry] = *at;
        const bool holds = std::ranges::any_of(
            holding, [&key = key](const AlertCondition& one) { return one.key == key; });
        if (!holds && !entry.absent_since) entry.absent_since = now;
        const bool has_ended =
            !holds && (ended.contains(key) || has_passed(*entry.absent_since, ended_after, now));
        if (!has_ended) {
            ++at;
            continue;
        }
        if (entry.is_told) alerts.push_back({key, true, entry.text, entry.next, entry.since});
        at = entries_.erase(at);
    }
    return alerts;
}

}  // namespace wrapup
