#pragma once

// What a store tells of intents (domain/intent.hpp); written by PutIntent and AdvanceIntent. See
// ports/store.hpp for threads and errors.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "domain/dial_list.hpp"
#include "domain/intent.hpp"

namespace wrapup {

// Newest first.
struct IntentFilter {
    std::optional<IntentState> state;
    std::string to;
    std::string list_id;
    std::string cursor;  // From the page before.
    int limit = 50;
};
struct IntentPage {
    std::vector<Intent> intents;
    std::string next_cursor;  // Empty at the end.
};

// By the campaign's id.
struct DialListFilter {
    std::optional<DialListState> state;
    std::string after;  // The last id of the page before.
    int limit = 50;
};

// Rows of an active list that are due.
struct DueListRows {
    DialList list;
    std::vector<ListRow> rows;  // Longest due first.
};
// In the order in which they came.
struct ListRowFilter {
    std::string list_id;
    std::optional<ListRowState> state;
    std::string outcome;
    std::string cursor;
    int limit = 50;
};
struct ListRowPage {
    std::vector<ListRow> rows;
    std::string next_cursor;  // Empty at the end.
};

class IntentQueries {
public:
    virtual Result<Intent> find_intent(std::string_view id) = 0;  // not_found
    // The one whose call this is.
    virtual Result<std::optional<Intent>> find_intent_of_call(std::string_view call_sid) = 0;
    // Due at `now`, longest due first: those under way before those that wait for their turn.
    virtual Result<std::vector<Intent>> due_intents(UtcTime now, int limit) = 0;
    virtual Result<std::optional<UtcTime>> next_intent_due() = 0;
    virtual Result<std::int64_t> count_intents_under_way() = 0;
    virtual Result<IntentPage> list_intents(const IntentFilter& filter) = 0;

    virtual Result<DialList> find_dial_list(std::string_view id) = 0;  // not_found
    virtual Result<std::vector<DialList>> list_dial_lists(const DialListFilter& filter) = 0;
    // Of each active list that has any; of each at most `limit`.
    virtual Result<std::vector<DueListRows>> due_list_rows(UtcTime now, int limit) = 0;
    virtual Result<std::optional<UtcTime>> next_list_row_due() = 0;  // Of an active list.
    virtual Result<ListRowPage> list_rows(const ListRowFilter& filter) = 0;

protected:
    ~IntentQueries() = default;
};

}  // namespace wrapup
