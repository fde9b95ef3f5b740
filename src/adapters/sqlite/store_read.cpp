// What the store tells: stories, counts, metadata, and whether it is whole.

#include <algorithm>

#include "adapters/sqlite/row_source.hpp"
#include "adapters/sqlite/store.hpp"
#include "base/text.hpp"
#include "codec/state_json.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

using sqlite::Connection;
using sqlite::Query;

void take_counter(StoreCounts& counts, std::string_view name, std::int64_t count) {
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

// Promises of ours that no constraint of the schema expresses.
constexpr const char* broken_promises =
    "SELECT id || ' is open and not due' FROM calls"
    " WHERE state IN ('open', 'settling') AND due_at_ms IS NULL"
    " UNION ALL SELECT id || ' is parked without a reason, or has one without being parked'"
    " FROM calls WHERE (state = 'parked') <> (parked IS NOT NULL)"
    " UNION ALL SELECT id || ' counts its events wrongly' FROM calls WHERE events_count <>"
    " (SELECT count(*) FROM events WHERE place > (no << 28) AND place < ((no + 1) << 28))"
    " UNION ALL SELECT id || ' has a record without bytes' FROM calls"
    " WHERE (settled_at_ms IS NOT NULL) <> (record <> '')"
    " UNION ALL SELECT id || ' was merged into a call that is not there' FROM calls c"
    " WHERE state = 'merged' AND NOT EXISTS (SELECT 1 FROM calls s WHERE s.id = c.merged_into)"
    " UNION ALL SELECT 'delivery ' || id || ' is due and has ended, or not' FROM deliveries"
    " WHERE (state = 'pending' OR (state = 'accepted' AND replay_id <> 0))"
    " <> (due_at_ms IS NOT NULL)"
    // An attempt by hand that a dead process left behind is to be written down.
    " AND (due_at_ms IS NULL OR ifnull(attempt_started_at_ms, unresolved_since_ms) IS NULL)"
    " UNION ALL SELECT 'delivery ' || id || ' counts its attempts wrongly' FROM deliveries"
    " WHERE attempts_count <> (SELECT count(*) FROM attempts WHERE delivery_id = deliveries.id)"
    " UNION ALL SELECT 'the counter of ' || name || ' is ' || ifnull((SELECT count FROM counters c"
    " WHERE c.name = r.name), 0) || ', a recount says ' || count FROM counters_recounted r"
    " WHERE count <> ifnull((SELECT count FROM counters c WHERE c.name = r.name), 0)"
    " UNION ALL SELECT 'the counter of ' || name || ' is ' || count || ', a recount says 0'"
    " FROM counters WHERE count <> 0 AND name NOT IN (SELECT name FROM counters_recounted)";

// The same of the ledger, in the words of its columns. Cells that are zero may be there.
#define WRAPUP_LEDGER_CELL                                                              \
    " || calls || ' calls as ' || column_name || ' (' || without_call_sid || ' of them" \
    " without a CallSid) in the quarter of an hour from '"                              \
    " || strftime('%Y-%m-%dT%H:%MZ', quarter * 900, 'unixepoch')"
constexpr const char* broken_ledger =
    "SELECT 'the ledger counts '" WRAPUP_LEDGER_CELL
    " || ', a recount says otherwise'"
    " FROM (SELECT * FROM ledger WHERE calls <> 0 OR without_call_sid <> 0"
    " EXCEPT SELECT * FROM ledger_recounted)"
    " UNION ALL SELECT 'a recount finds '" WRAPUP_LEDGER_CELL
    " || ', the ledger says otherwise'"
    " FROM (SELECT * FROM ledger_recounted EXCEPT SELECT * FROM ledger)";
// The same of outcomes.
constexpr const char* broken_stats =
    "SELECT 'outcomes are counted wrongly in the quarter of an hour from '"
    " || strftime('%Y-%m-%dT%H:%MZ', quarter * 900, 'unixepoch') FROM ("
    "SELECT quarter FROM (SELECT * FROM outcomes WHERE calls <> 0"
    " EXCEPT SELECT * FROM outcomes_recounted) UNION"
    " SELECT quarter FROM (SELECT * FROM outcomes_recounted EXCEPT SELECT * FROM outcomes))";
// The same of groups of failures.
constexpr const char* broken_failures =
    "SELECT 'failures of cause ' || fingerprint || ' are counted wrongly' FROM ("
    "SELECT fingerprint FROM (SELECT fingerprint, open FROM failures"
    " EXCEPT SELECT * FROM failures_recounted) UNION"
    " SELECT fingerprint FROM (SELECT * FROM failures_recounted"
    " EXCEPT SELECT fingerprint, open FROM failures))"
    " UNION ALL SELECT 'delivery ' || id || ' is not owed and has a cause of failure'"
    " FROM deliveries WHERE fingerprint <> '' AND (state = 'accepted' OR parked IS 'given_up')";

}  // namespace

Result<std::optional<UtcTime>> SqliteStore::next_call_due() {
    std::optional<UtcTime> next;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query(
            "SELECT wakes_at_ms FROM calls WHERE wakes_at_ms IS NOT NULL"
            " ORDER BY wakes_at_ms LIMIT 1");
        if (query.next()) next = query.time(0);
    }));
    return next;
}

Result<std::optional<UtcTime>> SqliteStore::next_delivery_due(std::string_view destination) {
    std::optional<UtcTime> next;
    WRAPUP_CHECK(read([&](Connection& connection) {
        if (!is_active(connection, destination)) return;
        Query query = connection.query(
            "SELECT wakes_at_ms FROM deliveries WHERE destination = ?1"
            " AND wakes_at_ms IS NOT NULL ORDER BY wakes_at_ms LIMIT 1",
            destination);
        if (query.next()) next = query.time(0);
    }));
    return next;
}

Result<CallStory> SqliteStore::find_story(std::string_view call_id) {
    std::optional<CallStory> story;
    WRAPUP_CHECK(read([&](Connection& connection) {
        CallRow row;
        {
            Query query = connection.query(
                "SELECT " WRAPUP_CALL_COLUMNS " FROM calls WHERE id = ?1", call_id);
            if (!query.next()) return;
            row = sqlite::read_call(connection, query);
        }
        story.emplace();
        story->call = std::move(row.call);
        story->events = sqlite::read_events(connection, row.no);
        Query query = connection.query("SELECT " WRAPUP_DELIVERY_COLUMNS
                                       " FROM deliveries d JOIN calls c ON c.no = d.call_no"
                                       " WHERE d.call_no = ?1 ORDER BY d.id",
                                       row.no);
        while (query.next()) {
            auto found = sqlite::read_delivery(connection, query);
            auto attempts = sqlite::read_attempts(connection, found.delivery.id);
            story->deliveries.push_back(
                {std::move(found.delivery), found.lease.until.has_value(), std::move(attempts)});
        }
    }));
    if (!story) return Error{Errc::not_found, "no such call"};
    return *std::move(story);
}

Result<StoreCounts> SqliteStore::counts() {
    StoreCounts counts;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query("SELECT name, count FROM counters");
        while (query.next()) take_counter(counts, query.view(0), query.integer(1));
    }));
    std::sort(counts.calls.begin(), counts.calls.end());
    std::sort(counts.parked.begin(), counts.parked.end());
    return counts;
}

Result<std::vector<DestinationRow>> SqliteStore::destinations() {
    std::vector<DestinationRow> rows;
    WRAPUP_CHECK(
        read([&](Connection& connection) { rows = sqlite::read_destinations(connection); }));
    return rows;
}

Result<std::vector<CallMetadata>> SqliteStore::own_metadata(std::span<const MetadataKey> keys) {
    std::vector<CallMetadata> answers;
    WRAPUP_CHECK(read([&](Connection& connection) {
        sqlite::Numbers none;
        sqlite::TableRows rows(connection, none);
        for (const MetadataKey& key : keys) answers.push_back(wrapup::own_metadata(rows, key));
    }));
    return answers;
}

Result<std::vector<Campaign>> SqliteStore::list_campaigns(std::string_view after, int limit) {
    std::vector<Campaign> page;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query(
            "SELECT id, name, description FROM campaigns WHERE id > ?1 ORDER BY id LIMIT ?2", after,
            std::max(0, limit));
        while (query.next()) page.push_back({query.text(0), query.text(1), query.text(2)});
    }));
    return page;
}

Result<std::vector<Contact>> SqliteStore::list_contacts(std::string_view after, int limit) {
    std::vector<Contact> page;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query(
            "SELECT phone, name, campaign, time_zone FROM contacts WHERE phone > ?1"
            " ORDER BY phone LIMIT ?2",
            after, std::max(0, limit));
        while (query.next()) {
            page.push_back({query.text(0), query.text(1), query.text(2), query.text(3)});
        }
    }));
    return page;
}

Result<bool> SqliteStore::is_do_not_call(std::string_view phone) {
    bool is_listed = false;
    const std::string number = normalize_phone_number(phone);
    WRAPUP_CHECK(read([&](Connection& connection) {
        is_listed = connection.query("SELECT 1 FROM do_not_call WHERE phone = ?1", number).next();
    }));
    return is_listed;
}

Result<std::vector<DoNotCall>> SqliteStore::list_do_not_call(std::string_view after, int limit) {
    std::vector<DoNotCall> page;
    WRAPUP_CHECK(read([&](Connection& connection) {
        Query query = connection.query(
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

Result<std::vector<std::string>> SqliteStore::check_integrity() {
    std::vector<std::string> findings;
    WRAPUP_CHECK(read([&](Connection& connection) {
        {
            Query query = connection.query("PRAGMA integrity_check(20)");
            while (query.next()) {
                if (query.view(0) != "ok") findings.push_back(query.text(0));
            }
        }
        {
            Query query = connection.query("PRAGMA foreign_key_check");
            while (query.next()) {
                findings.push_back("table " + query.text(0) + ", row " + query.text(1) +
                                   ": what it belongs to is not there");
            }
        }
        for (const char* const broken :
             {broken_promises, broken_ledger, broken_stats, broken_failures}) {
            Query query = connection.query(broken);
            while (query.next()) findings.push_back(query.text(0));
        }
    }));
    return findings;
}

}  // namespace wrapup
