// What the memory store keeps and tells of intents.

#include <algorithm>

#include "base/text.hpp"
#include "codec/state_json.hpp"
#include "sim/memory_store.hpp"

namespace wrapup {

void MemoryStore::save_intent(const WorkingIntent& row) {
    if (!row.is_changed()) return;
    const Intent kept = *decode_intent(encode_intent(row.intent));
    const auto known = std::ranges::find(intents_, kept.id, &Intent::id);
    if (known == intents_.end()) {
        intents_.push_back(kept);
    } else {
        *known = kept;
    }
}

Result<Intent> MemoryStore::find_intent(std::string_view id) {
    const std::lock_guard lock{mutex_};
    const auto known = std::ranges::find(intents_, id, &Intent::id);
    if (known == intents_.end()) return Error{Errc::not_found, "no such intent"};
    return *known;
}

Result<std::optional<Intent>> MemoryStore::find_intent_of_call(std::string_view call_sid) {
    const std::lock_guard lock{mutex_};
    const auto known = std::ranges::find(intents_, call_sid, &Intent::call_sid);
    if (known == intents_.end()) return std::optional<Intent>();
    return std::optional<Intent>(*known);
}

Result<std::vector<Intent>> MemoryStore::due_intents(UtcTime now, int limit) {
    const std::lock_guard lock{mutex_};
    std::vector<Intent> due;
    for (const Intent& intent : intents_) {
        if (intent.due_at && *intent.due_at <= now) due.push_back(intent);
    }
    std::ranges::stable_sort(
        due, {}, [](const Intent& one) { return std::pair(!one.is_under_way(), *one.due_at); });
    if (std::ssize(due) > limit) due.resize(static_cast<std::size_t>(limit));
    return due;
}

Result<std::optional<UtcTime>> MemoryStore::next_intent_due() {
    const std::lock_guard lock{mutex_};
    std::optional<UtcTime> next;
    for (const Intent& intent : intents_) {
        if (intent.due_at && (!next || *intent.due_at < *next)) next = intent.due_at;
    }
    return next;
}

Result<std::int64_t> MemoryStore::count_intents_under_way() {
    const std::lock_guard lock{mutex_};
    return std::ranges::count_if(intents_, [](const Intent& one) { return one.is_under_way(); });
}

Result<IntentPage> MemoryStore::list_intents(const IntentFilter& filter) {
    const std::lock_guard lock{mutex_};
    const auto before = filter.cursor.empty()
                            ? std::optional<std::int64_t>(std::ssize(intents_) + 1)
                            : parse_int(filter.cursor);
    if (!before) return Error{Errc::invalid_input, "cursor"};
    IntentPage page;
    std::int64_t last = 0;
    for (std::int64_t no = std::min<std::int64_t>(*before - 1, std::ssize(intents_)); no >= 1;
         --no) {
        const Intent& intent = intents_[static_cast<std::size_t>(no - 1)];
        if (filter.state && intent.state != *filter.state) continue;
        if (!filter.to.empty() && intent.to != filter.to) continue;
        if (!filter.list_id.empty() && intent.list_id != filter.list_id) continue;
        if (std::ssize(page.intents) == filter.limit) {
            page.next_cursor = std::to_string(last);
            break;
        }
        page.intents.push_back(intent);
        last = no;
    }
    return page;
}

}  // namespace wrapup
