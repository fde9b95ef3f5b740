#pragma once

// Lists of calls, and what an id stands for.

#include <algorithm>
#include <compare>
#include <functional>
#include <variant>

#include "adapters/sql/rows.hpp"
#include "adapters/sql/store.hpp"
#include "base/text.hpp"
#include "domain/ledger.hpp"
#include "domain/phone_number.hpp"

namespace wrapup::sql {

// Identity of a call, merges followed; empty when there is none.
std::string resolve_id(auto& connection, std::string_view any_id) {
    std::string id;
    {
        auto query = connection.query(
            "SELECT id FROM calls WHERE id = ?1 UNION ALL SELECT c.id FROM links l"
            " JOIN calls c ON c.no = l.call_no WHERE l.conversation_id = ?1 LIMIT 1",
            any_id);
        if (query.next()) id = query.text(0);
    }
    while (!id.empty()) {
        const std::string at = id;
        auto query = connection.query("SELECT merged_into FROM calls WHERE id = ?1", at);
        if (!query.next() || query.view(0).empty()) break;
        id = query.text(0);
    }
    return id;
}

// Where a page ended: "<first event, ms>.<number>".
struct Cursor {
    std::int64_t first_event_at_ms = 0;
    std::int64_t no = 0;

    auto operator<=>(const Cursor&) const = default;
};

inline std::string to_string(const Cursor& cursor) {
    return std::to_string(cursor.first_event_at_ms) + "." + std::to_string(cursor.no);
}

inline std::optional<Cursor> parse_cursor(std::string_view text) {
    const auto dot = text.find('.');
    if (dot == std::string_view::npos) return std::nullopt;
    const auto first_event_at_ms = parse_int(text.substr(0, dot));
    const auto no = parse_int(text.substr(dot + 1));
    if (!first_event_at_ms || !no) return std::nullopt;
    return Cursor{*first_event_at_ms, *no};
}

// What is looked at for a page, in its order, as SQL. One index leads, and within it the time. What
// else is asked for is a column of the answer, so that what does not fit can be counted.
class CallSelect {
public:
    using Value = std::variant<std::string, std::int64_t>;

    // Narrows what is looked at. That a row is in a partial index must be said in the index's
    // words.
    void look_at(std::string_view condition, std::string_view comparison, Value value) {
        look_at(std::string(condition) + std::string(comparison) + parameter(std::move(value)));
    }
    void look_at(std::string condition) {
        looked_at_ += (looked_at_.empty() ? " WHERE " : " AND ") + std::move(condition);
    }
    void want(std::string_view column, std::string_view comparison, Value value) {
        want(std::string(column) + std::string(comparison) + parameter(std::move(value)));
    }
    void want(std::string condition) { wanted_ += " AND " + std::move(condition); }
    // The first one leads: the later ones are only wanted.
    void lead(std::string_view column, Value value, std::string_view of_index = {}) {
        if (has_leader_) return want(column, " = ", std::move(value));
        has_leader_ = true;
        look_at(column, " = ", std::move(value));
        if (!of_index.empty()) look_at(std::string(of_index));
    }
    // So few that no index has to have them in order.
    void lead_by(std::string condition) {
        has_leader_ = true;
        look_at(std::move(condition));
    }
    std::string parameter(Value value) {
        values_.push_back(std::move(value));
        return "?" + std::to_string(values_.size());
    }

    // The first so many of them.
    std::string sql(int limit) {
        return "SELECT " WRAPUP_CALL_COLUMNS ", 1 = 1" + wanted_ + " FROM calls" + looked_at_ +
               newest_first + parameter(std::int64_t{limit});
    }
    // Out of an index that is in another order: of what is wanted.
    std::string sql_of(std::string_view index, int limit) {
        return "SELECT " WRAPUP_CALL_COLUMNS ", 1 FROM calls INDEXED BY " + std::string(index) +
               looked_at_ + wanted_ + newest_first + parameter(std::int64_t{limit});
    }
    void bind(auto& query) const {
        int index = 0;
        for (const Value& value : values_) {
            std::visit([&](const auto& one) { query.bind(++index, one); }, value);
        }
    }

private:
    static constexpr const char* newest_first = " ORDER BY first_event_at_ms DESC, no DESC LIMIT ";

    std::string looked_at_;
    std::string wanted_;
    std::vector<Value> values_;
    bool has_leader_ = false;
};
constexpr int first_event_column = 12;
constexpr int fits_column = call_row_columns_count + 3;

// Calls whose CallSid begins so, by the index of identities.
inline void want_begun(CallSelect& select, const std::string& begin) {
    const std::string from = select.parameter(begin);
    const std::string until = select.parameter(begin + "g");  // Behind every hex digit.
    select.lead_by("no IN (SELECT no FROM calls WHERE id >= " + from + " AND id < " + until +
                   " LIMIT " + select.parameter(std::int64_t{call_scan_max}) + ")");
}

inline void want_name(CallSelect& select, std::string_view part) {
    std::string pattern = "%";
    for (const char c : part) {
        if (c == '%' || c == '_' || c == '\\') pattern += '\\';
        pattern += c;
    }
    select.want("lower(name) LIKE lower(" + select.parameter(pattern + "%") + ") ESCAPE '\\'");
}

inline void want_all(CallSelect& select, const CallFilter& filter, const std::string& id) {
    if (!id.empty()) {
        select.lead("id", id);
    } else if (!filter.id.empty()) {
        want_begun(select, filter.id);
    }
    if (!filter.phone.empty()) {
        select.lead("phone", filter.phone, "phone <> ''");
    } else if (!filter.phone_end.empty()) {
        select.want("phone", " LIKE ", "%" + filter.phone_end);
    }
    if (!filter.name.empty()) want_name(select, filter.name);
    if (filter.parked) {
        select.lead("parked", std::string(to_string(*filter.parked)), "parked IS NOT NULL");
    }
    // Delivered calls are in no index of states: of most stores they are the most by far.
    if (filter.state == CallState::delivered || filter.state == CallState::delivering) {
        select.want("state", " = ", std::string(to_string(*filter.state)));
    } else if (filter.state) {
        select.lead("listed_state", std::string(to_string(*filter.state)),
                    "listed_state IS NOT NULL");
    } else {
        select.want("state <> 'merged'");
    }
    if (!filter.campaign.empty()) select.lead("campaign", filter.campaign, "campaign <> ''");
    if (filter.has_no_campaign) {
        select.lead("campaign", std::string(), "campaign = '' AND settled_at_ms IS NOT NULL");
        select.want("settled_at_ms IS NOT NULL");
    }
    if (filter.outcome) select.want("outcome", " = ", std::string(to_string(*filter.outcome)));
    if (filter.after) select.look_at("first_event_at_ms", " >= ", to_unix_ms(*filter.after));
    if (filter.before) select.look_at("first_event_at_ms", " < ", to_unix_ms(*filter.before));
}

inline void start_behind(CallSelect& select, const std::optional<Cursor>& cursor) {
    if (!cursor) return;
    select.look_at("(first_event_at_ms, no) < (" + select.parameter(cursor->first_event_at_ms) +
                   ", " + select.parameter(cursor->no) + ")");
}

struct Found {
    std::vector<CallRow> rows;         // One more than asked for when there are more.
    std::optional<Cursor> stopped_at;  // Too many were looked at.

    // In pieces, for a database may read all of an answer before it tells its first row.
    void look(auto& connection, const CallSelect& select, int limit) {
        const int piece = std::max(limit + 1, 500);
        std::optional<Cursor> at;
        int looked_at = 0;
        for (std::int64_t count = 0; count <= limit;) {
            CallSelect next = select;
            start_behind(next, at);
            const std::string sql = next.sql(piece);
            auto query = connection.query(sql);
            next.bind(query);
            int read = 0;
            for (; count <= limit && query.next(); ++read) {
                if (looked_at++ == call_scan_max) {
                    stopped_at = std::max(*at, stopped_at.value_or(*at));
                    return;
                }
                at = {query.integer(first_event_column), query.integer(0)};
                if (query.integer(fits_column) == 0) continue;
                rows.push_back(read_call(connection, query));
                count += 1;
            }
            if (read < piece) return;
        }
    }
    void look_out_of(std::string_view index, auto& connection, CallSelect select, int limit) {
        const std::string sql = select.sql_of(index, limit);
        auto query = connection.query(sql);
        select.bind(query);
        while (query.next()) rows.push_back(read_call(connection, query));
    }
};

// The calls that are counted in a span of the ledger: all but a few had their first event in it.
void look_in_ledger(auto& connection, const CallSelect& select, const TimeSpan& span, int limit,
                    Found& found) {
    const std::int64_t from_ms = first_quarter_at(span.from) * quarter_ms;
    const std::int64_t until_ms = first_quarter_at(span.until) * quarter_ms;
    CallSelect here = select;
    here.look_at("first_event_at_ms", " >= ", from_ms);
    here.look_at("first_event_at_ms", " < ", until_ms);
    here.want("coalesce(created_at_ms, first_event_at_ms)", " >= ", from_ms);
    here.want("coalesce(created_at_ms, first_event_at_ms)", " < ", until_ms);
    found.look(connection, here, limit);

    CallSelect moved = select;
    moved.look_at("created_at_ms / 900000 <> first_event_at_ms / 900000");
    moved.look_at("created_at_ms", " >= ", from_ms);
    moved.look_at("created_at_ms", " < ", until_ms);
    const std::string from = moved.parameter(from_ms);
    const std::string until = moved.parameter(until_ms);
    moved.want("(first_event_at_ms < " + from + " OR first_event_at_ms >= " + until + ")");
    found.look_out_of("calls_moved", connection, std::move(moved), limit + 1);
}

inline CallPage page_of(Found found, int limit) {
    const auto cursor_of = [](const CallRow& row) {
        return Cursor{to_unix_ms(row.call.first_event_at), row.no};
    };
    CallPage page;
    std::ranges::sort(found.rows, std::greater{}, cursor_of);
    if (found.stopped_at) {
        std::erase_if(found.rows,
                      [&](const CallRow& row) { return cursor_of(row) < *found.stopped_at; });
        page.next_cursor = to_string(*found.stopped_at);
    }
    if (std::ssize(found.rows) > limit) {
        found.rows.resize(static_cast<std::size_t>(limit));
        page.next_cursor = to_string(cursor_of(found.rows.back()));
    }
    for (CallRow& row : found.rows) page.calls.push_back(std::move(row.call));
    return page;
}

template <class Db>
Result<std::string> SqlStore<Db>::resolve(std::string_view any_id) {
    std::string id;
    WRAPUP_CHECK(read([&](Db& connection) { id = resolve_id(connection, any_id); }));
    if (id.empty()) return Error{Errc::not_found, "no such call"};
    return id;
}

// Those whose records are on their way are found by these, where they are few; otherwise they are
// among the newest calls.
void lead_by_deliveries(auto& connection, CallSelect& select) {
    auto more = connection.query(
        "SELECT 1 FROM deliveries WHERE wakes_at_ms IS NOT NULL LIMIT 1 OFFSET ?1", call_scan_max);
    if (more.next()) return;
    select.lead_by(
        "no IN (SELECT call_no FROM deliveries WHERE wakes_at_ms IS NOT NULL UNION ALL"
        " SELECT call_no FROM deliveries WHERE lease_until_ms IS NOT NULL AND due_at_ms IS NULL)");
}

Found find_calls(auto& connection, const CallFilter& filter, const std::optional<Cursor>& cursor,
                 int limit) {
    std::string id;
    if (!filter.id.empty()) {
        id = filter.state == CallState::merged ? filter.id : resolve_id(connection, filter.id);
        if (id.empty() && !begins_call_sid(filter.id)) return {};
    }
    CallSelect select;
    want_all(select, filter, id);
    if (filter.state == CallState::delivering) lead_by_deliveries(connection, select);
    start_behind(select, cursor);
    Found found;
    if (filter.counted_in) {
        look_in_ledger(connection, select, *filter.counted_in, limit, found);
    } else {
        found.look(connection, select, limit);
    }
    return found;
}

template <class Db>
Result<CallPage> SqlStore<Db>::list_calls(const CallFilter& filter) {
    std::optional<Cursor> cursor;
    if (!filter.cursor.empty()) {
        cursor = parse_cursor(filter.cursor);
        if (!cursor) return Error{Errc::invalid_input, "cursor"};
    }
    const int limit = std::clamp(filter.limit, 1, 1'000'000);
    Found found;
    WRAPUP_CHECK(read([&](Db& connection) {
        found = find_calls(connection, filter, cursor, limit);
        const bool has_any = !found.rows.empty() || found.stopped_at;
        if (has_any || filter.phone.empty() || filter.phone_end.empty()) return;
        CallFilter by_end = filter;
        by_end.phone.clear();
        found = find_calls(connection, by_end, cursor, limit);
    }));
    return page_of(std::move(found), limit);
}

}  // namespace wrapup::sql
