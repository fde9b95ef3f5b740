#pragma once

// What the store tells: stories, counts, metadata, and whether it is whole.

#include <algorithm>

#include "adapters/sql/row_source.hpp"
#include "adapters/sql/store.hpp"
#include "base/text.hpp"
#include "codec/state_json.hpp"
#include "domain/phone_number.hpp"

namespace wrapup::sql {

inline void take_counter(StoreCounts& counts, std::string_view name, std::int64_t count) {
    constexpr std::string_view by_state = "state ";
    constexpr std::string_view by_reason = "parked ";
    constexpr std::string_view pending = "pending to ";
    constexpr std::string_view parked = "parked to ";
    if (count != 0 && name.starts_with(pending)) {
        counts.destinations[std::string(name.substr(pending.size()))].pending = count;
    } else if (count != 0 && name.starts_with(parked)) {
        counts.destinations[std::string(name.substr(parked.size()))].parked = count;
    } else if (name == "late_conflicts") {
        counts.late_conflicts = count;
    } else if (name == "unknown_outcomes") {
        counts.unknown_outcomes = count;
    } else if (count != 0 && name.starts_with(by_state)) {
        const auto state = parse_call_state(name.substr(by_state.size()));
        if (state) counts.calls.emplace_back(*state, count);
    } else if (count != 0 && name.starts_with(by_reason)) {
        const auto reason = parse_park_reason(name.substr(by_reason.size()));
        if (reason) counts.parked.emplace_back(*reason, count);
    }
}

template <class Db>
Result<std::optional<UtcTime>> SqlStore<Db>::next_call_due() {
    std::optional<UtcTime> next;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query(
            "SELECT wakes_at_ms FROM calls WHERE wakes_at_ms IS NOT NULL"
            " ORDER BY wakes_at_ms LIMIT 1");
        if (query.next()) next = query.time(0);
    }));
    return next;
}

template <class Db>
Result<std::optional<UtcTime>> SqlStore<Db>::next_delivery_due(std::string_view destination) {
    std::optional<UtcTime> next;
    WRAPUP_CHECK(read([&](Db& connection) {
        const DestinationRow row = known_destination(connection, destination).row;
        if (row.state != DestinationState::active) return;
        auto query = connection.query(
            "SELECT wakes_at_ms FROM deliveries WHERE destination = ?1"
            " AND wakes_at_ms IS NOT NULL ORDER BY wakes_at_ms LIMIT 1",
            destination);
        if (query.next()) next = query.time(0);
    }));
    return next;
}

template <class Db>
Result<CallStory> SqlStore<Db>::find_story(std::string_view call_id) {
    std::optional<CallStory> story;
    WRAPUP_CHECK(read([&](Db& connection) {
        CallRow row;
        {
            auto query = connection.query("SELECT " WRAPUP_CALL_COLUMNS " FROM calls WHERE id = ?1",
                                          call_id);
            if (!query.next()) return;
            row = read_call(connection, query);
        }
        story.emplace();
        story->call = std::move(row.call);
        story->events = read_events(connection, row.no);
        auto query = connection.query("SELECT " WRAPUP_DELIVERY_COLUMNS
                                      " FROM deliveries d JOIN calls c ON c.no = d.call_no"
                                      " WHERE d.call_no = ?1 ORDER BY d.id",
                                      row.no);
        while (query.next()) {
            auto found = read_delivery(connection, query);
            auto attempts = read_attempts(connection, found.delivery.id);
            story->deliveries.push_back(
                {std::move(found.delivery), found.lease.until.has_value(), std::move(attempts)});
        }
    }));
    if (!story) return Error{Errc::not_found, "no such call"};
    return *std::move(story);
}

template <class Db>
Result<StoreCounts> SqlStore<Db>::counts() {
    StoreCounts counts;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query("SELECT name, count FROM counters");
        while (query.next()) take_counter(counts, query.view(0), query.integer(1));
    }));
    std::sort(counts.calls.begin(), counts.calls.end());
    std::sort(counts.parked.begin(), counts.parked.end());
    return counts;
}

template <class Db>
Result<std::vector<DestinationRow>> SqlStore<Db>::destinations() {
    std::vector<DestinationRow> rows;
    WRAPUP_CHECK(read([&](Db& connection) { rows = read_destinations(connection); }));
    return rows;
}

template <class Db>
Result<std::vector<CallMetadata>> SqlStore<Db>::own_metadata(std::span<const MetadataKey> keys) {
    std::vector<CallMetadata> answers;
    WRAPUP_CHECK(read([&](Db& connection) {
        Numbers none;
        TableRows<Db> rows(connection, none);
        for (const MetadataKey& key : keys) answers.push_back(wrapup::own_metadata(rows, key));
    }));
    return answers;
}

template <class Db>
Result<std::vector<Campaign>> SqlStore<Db>::list_campaigns(std::string_view after, int limit) {
    std::vector<Campaign> page;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query(
            "SELECT id, name, description FROM campaigns WHERE id > ?1 ORDER BY id LIMIT ?2", after,
            std::max(0, limit));
        while (query.next()) page.push_back({query.text(0), query.text(1), query.text(2)});
    }));
    return page;
}

template <class Db>
Result<std::vector<Contact>> SqlStore<Db>::list_contacts(std::string_view after, int limit) {
    std::vector<Contact> page;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query(
            "SELECT phone, name, campaign, time_zone FROM contacts WHERE phone > ?1"
            " ORDER BY phone LIMIT ?2",
            after, std::max(0, limit));
        while (query.next()) {
            page.push_back({query.text(0), query.text(1), query.text(2), query.text(3)});
        }
    }));
    return page;
}

template <class Db>
Result<bool> SqlStore<Db>::is_do_not_call(std::string_view phone) {
    bool is_listed = false;
    const std::string number = normalize_phone_number(phone);
    WRAPUP_CHECK(read([&](Db& connection) {
        is_listed = connection.query("SELECT 1 FROM do_not_call WHERE phone = ?1", number).next();
    }));
    return is_listed;
}

template <class Db>
Result<std::vector<DoNotCall>> SqlStore<Db>::list_do_not_call(std::string_view after, int limit) {
    std::vector<DoNotCall> page;
    WRAPUP_CHECK(read([&](Db& connection) {
        auto query = connection.query(
            "SELECT phone, reason, source, since_ms FROM do_not_call WHERE phone > ?1"
            " ORDER BY phone LIMIT ?2",
            after, std::max(0, limit));
        while (query.next()) {
            page.push_back(
                {query.text(0), query.text(1), query.text(2), from_unix_ms(query.integer(3))});
        }
    }));
    return page;
}

}  // namespace wrapup::sql
