// What the memory store keeps and tells of lists of calls.

#include <algorithm>

#include "base/text.hpp"
#include "codec/state_json.hpp"
#include "sim/memory_store.hpp"

namespace wrapup {

void MemoryStore::save_lists(const WorkingSet& rows) {
    for (const auto& [id, kept] : rows.dial_lists()) {
        dial_lists_.insert_or_assign(id, *decode_dial_list(encode_dial_list(kept.list)));
    }
    for (const WorkingListRow& kept : rows.list_rows()) {
        if (!kept.is_changed()) continue;
        ListRow row = *decode_list_row(encode_list_row(kept.row));
        const auto [place, is_new] =
            list_row_places_.try_emplace({row.list_id, row.to}, list_rows_.size());
        if (is_new) {
            list_rows_.push_back(std::move(row));
        } else {
            list_rows_[place->second] = std::move(row);
        }
    }
    for (const auto& [key, hash] : rows.list_batches()) list_batches_.insert_or_assign(key, hash);
}

Result<DialList> MemoryStore::find_dial_list(std::string_view id) {
    const std::lock_guard lock{mutex_};
    const auto known = dial_lists_.find(id);
    if (known != dial_lists_.end()) return known->second;
    return Error{Errc::not_found, "no calls were asked for of this campaign"};
}

Result<std::vector<DialList>> MemoryStore::list_dial_lists(const DialListFilter& filter) {
    const std::lock_guard lock{mutex_};
    std::vector<DialList> lists;
    for (const auto& [id, list] : dial_lists_) {
        const bool is_meant = id > filter.after && (!filter.state || list.state == *filter.state);
        if (is_meant && std::ssize(lists) < filter.limit) lists.push_back(list);
    }
    return lists;
}

Result<std::vector<DueListRows>> MemoryStore::due_list_rows(UtcTime now, int limit) {
    const std::lock_guard lock{mutex_};
    std::vector<DueListRows> due;
    for (const auto& [id, list] : dial_lists_) {
        if (list.state != DialListState::active) continue;
        DueListRows found{list, {}};
        for (const ListRow& row : list_rows_) {
            if (row.list_id == id && row.due_at && *row.due_at <= now) found.rows.push_back(row);
        }
        std::ranges::stable_sort(found.rows, {}, &ListRow::due_at);
        if (std::ssize(found.rows) > limit) found.rows.resize(static_cast<std::size_t>(limit));
        if (!found.rows.empty()) due.push_back(std::move(found));
    }
    return due;
}

Result<std::optional<UtcTime>> MemoryStore::next_list_row_due() {
    const std::lock_guard lock{mutex_};
    std::optional<UtcTime> next;
    for (const ListRow& row : list_rows_) {
        if (!row.due_at || (next && *row.due_at >= *next)) continue;
        if (dial_lists_[row.list_id].state == DialListState::active) next = row.due_at;
    }
    return next;
}

Result<ListRowPage> MemoryStore::list_rows(const ListRowFilter& filter) {
    const std::lock_guard lock{mutex_};
    const auto after =
        filter.cursor.empty() ? std::optional<std::int64_t>(0) : parse_int(filter.cursor);
    if (!after) return Error{Errc::invalid_input, "cursor"};
    ListRowPage page;
    std::int64_t last = 0;
    for (std::int64_t no = *after + 1; no <= std::ssize(list_rows_); ++no) {
        const ListRow& row = list_rows_[static_cast<std::size_t>(no - 1)];
        if (row.list_id != filter.list_id) continue;
        if (filter.state && row.state != *filter.state) continue;
        if (!filter.outcome.empty() && row.outcome != filter.outcome) continue;
        if (std::ssize(page.rows) == filter.limit) {
            page.next_cursor = std::to_string(last);
            break;
        }
        page.rows.push_back(row);
        last = no;
    }
    return page;
}

}  // namespace wrapup
