#include "domain/dial_list.hpp"

#include "base/text.hpp"

namespace wrapup {

std::string_view to_string(DialListState state) {
    switch (state) {
        case DialListState::active: return "active";
        case DialListState::paused: return "paused";
        case DialListState::cancelled: return "cancelled";
    }
    return "";
}

std::optional<DialListState> parse_dial_list_state(std::string_view name) {
    for (const auto state :
         {DialListState::active, DialListState::paused, DialListState::cancelled}) {
        if (to_string(state) == name) return state;
    }
    return std::nullopt;
}

std::string_view to_string(ListRowState state) {
    switch (state) {
        case ListRowState::waiting: return "waiting";
        case ListRowState::calling: return "calling";
        case ListRowState::done: return "done";
    }
    return "";
}

std::optional<ListRowState> parse_list_row_state(std::string_view name) {
    for (const auto state : {ListRowState::waiting, ListRowState::calling, ListRowState::done}) {
        if (to_string(state) == name) return state;
    }
    return std::nullopt;
}

std::string counted_as(const ListRow& row) {
    std::string key(to_string(row.state));
    if (row.state == ListRowState::done) key += ' ' + row.outcome;
    return key;
}

bool has_ended(const DialList& list) {
    return !list.counts.contains("waiting") && !list.counts.contains("calling");
}

bool needs_person(const DialList& list) {
    return list.state == DialListState::paused && !list.reason.empty();
}

std::string resume_command(const DialList& list) {
    return "wrapup campaign resume " + shell_word(list.id);
}

}  // namespace wrapup
