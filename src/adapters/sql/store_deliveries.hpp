#pragma once

// What the store tells of deliveries.

#include <limits>

#include "adapters/sql/rows.hpp"
#include "adapters/sql/store.hpp"
#include "base/text.hpp"

namespace wrapup::sql {

#define WRAPUP_LISTED_COLUMNS                                                               \
    "d.id, d.destination, d.state, d.parked, d.ended_at_ms, d.attempts_count,"              \
    " d.retries_used, d.unknown_count, d.due_at_ms, d.accepted_at_ms, d.fingerprint, c.id," \
    " c.outcome, c.campaign, c.first_event_at_ms, c.no, (SELECT http_status FROM attempts"  \
    " WHERE delivery_id = d.id AND number = d.attempts_count)"
constexpr int call_no_column = 15;

ListedDelivery read_listed(auto& connection, const auto& query) {
    ListedDelivery listed;
    Delivery& delivery = listed.delivery;
    delivery.id = query.integer(0);
    delivery.destination = query.text(1);
    delivery.state = read_delivery_state(connection, query, 2).value_or(DeliveryState::pending);
    delivery.parked = read_parked(connection, query, 3);
    delivery.ended_at = query.optional_time(4);
    delivery.attempts_count = query.integer(5);
    delivery.retries_used = query.integer(6);
    delivery.unknown_count = query.integer(7);
    delivery.due_at = query.optional_time(8);
    delivery.accepted_at = query.optional_time(9);
    delivery.fingerprint = query.text(10);
    delivery.call_id = query.text(11);
    listed.outcome = read_outcome(connection, query, 12);
    listed.campaign = query.text(13);
    listed.first_event_at = query.time(14);
    listed.http_status = static_cast<int>(query.optional_integer(16).value_or(0));
    return listed;
}

// ---- What waits, is parked or failed: by id, out of an index of those alone ----

#define WRAPUP_OF_FEW "SELECT " WRAPUP_LISTED_COLUMNS " FROM deliveries d"
#define WRAPUP_WITH_CALL " CROSS JOIN calls c ON c.no = d.call_no WHERE d.id < ?1"
#define WRAPUP_NEWEST " ORDER BY d.id DESC LIMIT ?2"
// The index is in another order: the newest ids first, and the rows of those alone.
#define WRAPUP_OF_IDS(ids)                                                        \
    WRAPUP_OF_FEW WRAPUP_WITH_CALL " AND d.id IN (SELECT id FROM deliveries " ids \
                                   " AND id < ?1 ORDER BY id DESC LIMIT ?2)" WRAPUP_NEWEST

auto query_few(auto& connection, const DeliveryFilter& filter, std::int64_t before_id) {
    const ReplayFilter& what = filter.what;
    const std::int64_t limit = delivery_scan_max + 1;
    if (!what.fingerprint.empty()) {
        return connection.query(WRAPUP_OF_FEW
                                " INDEXED BY deliveries_failed" WRAPUP_WITH_CALL
                                " AND d.fingerprint = ?3 AND d.fingerprint <> ''" WRAPUP_NEWEST,
                                before_id, limit, what.fingerprint);
    }
    if (filter.http_status) {
        return connection.query(
            WRAPUP_OF_IDS("INDEXED BY deliveries_failed WHERE fingerprint <> '' AND fingerprint IN"
                          " (SELECT fingerprint FROM failures WHERE http_status = ?3)"),
            before_id, limit, *filter.http_status);
    }
    if (what.parked && !what.destination.empty()) {
        return connection.query(
            WRAPUP_OF_FEW
            " INDEXED BY deliveries_parked" WRAPUP_WITH_CALL
            " AND d.destination = ?3 AND d.parked = ?4 AND d.parked IS NOT NULL" WRAPUP_NEWEST,
            before_id, limit, what.destination, *what.parked);
    }
    if (what.parked || what.state == DeliveryState::parked) {
        return connection.query(WRAPUP_OF_FEW " INDEXED BY deliveries_parked_ids" WRAPUP_WITH_CALL
                                              " AND d.parked IS NOT NULL" WRAPUP_NEWEST,
                                before_id, limit);
    }
    if (!what.destination.empty()) {
        return connection.query(
            WRAPUP_OF_IDS("INDEXED BY deliveries_wakes WHERE wakes_at_ms IS NOT NULL"
                          " AND destination = ?3"),
            before_id, limit, what.destination);
    }
    return connection.query(
        WRAPUP_OF_IDS("INDEXED BY deliveries_wakes WHERE wakes_at_ms IS NOT NULL"), before_id,
        limit);
}

void list_few(auto& connection, const DeliveryFilter& filter, std::int64_t before_id,
              DeliveryPage& page) {
    auto query = query_few(connection, filter, before_id);
    std::int64_t last_id = 0;
    for (int looked_at = 0; query.next(); ++looked_at) {
        if (looked_at == delivery_scan_max || std::ssize(page.deliveries) == filter.limit) {
            page.next_cursor = std::to_string(last_id);
            return;
        }
        ListedDelivery listed = read_listed(connection, query);
        last_id = listed.delivery.id;
        if (matches(filter, listed)) page.deliveries.push_back(std::move(listed));
    }
}

// ---- All others: by their calls, newest first ----

// Where a page ended: at that call, of which so many were looked at.
struct CallCursor {
    std::int64_t first_event_at_ms = 0;
    std::int64_t no = 0;
    std::int64_t seen = 0;
};

inline std::optional<CallCursor> parse_call_cursor(std::string_view text) {
    const auto first = text.find('.');
    const auto second = text.rfind('.');
    if (first == std::string_view::npos || first == second) return std::nullopt;
    const auto at_ms = parse_int(text.substr(0, first));
    const auto no = parse_int(text.substr(first + 1, second - first - 1));
    const auto seen = parse_int(text.substr(second + 1));
    if (!at_ms || !no || !seen) return std::nullopt;
    return CallCursor{*at_ms, *no, *seen};
}

inline std::string to_string(const CallCursor& cursor) {
    return std::to_string(cursor.first_event_at_ms) + "." + std::to_string(cursor.no) + "." +
           std::to_string(cursor.seen);
}

void list_by_call(auto& connection, const DeliveryFilter& filter, const CallCursor& from,
                  DeliveryPage& page) {
    const std::int64_t after_ms = filter.what.after ? to_unix_ms(*filter.what.after)
                                                    : std::numeric_limits<std::int64_t>::min();
    // Calls without deliveries are told as well, so that what is looked at can be counted.
    auto query = connection.query(
        "SELECT " WRAPUP_LISTED_COLUMNS
        " FROM calls c INDEXED BY calls_first_event LEFT JOIN deliveries d ON d.call_no = c.no"
        " WHERE c.first_event_at_ms >= ?1 AND c.first_event_at_ms <= ?2"
        " AND (c.first_event_at_ms < ?2 OR c.no <= ?3)"
        " ORDER BY c.first_event_at_ms DESC, c.no DESC, d.id LIMIT ?4",
        after_ms, from.first_event_at_ms, from.no, std::int64_t{delivery_scan_max} + 1);
    CallCursor at = from;
    std::int64_t seen_before = from.seen;
    for (int looked_at = 0; query.next(); ++looked_at) {
        if (looked_at >= delivery_scan_max || std::ssize(page.deliveries) == filter.limit) {
            page.next_cursor = to_string(at);
            return;
        }
        const std::int64_t no = query.integer(call_no_column);
        if (no != at.no) {
            at = {to_unix_ms(query.time(14)), no, 0};
            seen_before = 0;
        }
        if (seen_before > 0) {
            seen_before -= 1;
            continue;
        }
        at.seen += 1;
        if (query.is_null(0)) continue;
        ListedDelivery listed = read_listed(connection, query);
        if (matches(filter, listed)) page.deliveries.push_back(std::move(listed));
    }
}

template <class Db>
Result<DeliveryPage> SqlStore<Db>::list_deliveries(const DeliveryFilter& filter) {
    constexpr std::int64_t greatest = std::numeric_limits<std::int64_t>::max();
    DeliveryPage page;
    if (is_of_few(filter)) {
        const auto before_id =
            filter.cursor.empty() ? std::optional(greatest) : parse_int(filter.cursor);
        if (!before_id) return Error{Errc::invalid_input, "cursor"};
        WRAPUP_CHECK(read([&](Db& connection) { list_few(connection, filter, *before_id, page); }));
        return page;
    }
    CallCursor from{filter.what.before ? to_unix_ms(*filter.what.before) - 1 : greatest, greatest,
                    0};
    if (!filter.cursor.empty()) {
        const auto cursor = parse_call_cursor(filter.cursor);
        if (!cursor) return Error{Errc::invalid_input, "cursor"};
        from = *cursor;
    }
    WRAPUP_CHECK(read([&](Db& connection) { list_by_call(connection, filter, from, page); }));
    return page;
}

}  // namespace wrapup::sql
