#pragma once

// Saves what the rules changed: each row that differs from what is stored, once, and of it the
// columns that differ, because what is indexed costs most.

#include <array>
#include <bit>
#include <cstdint>
#include <string>
#include <unordered_map>

#include "adapters/sql/binding.hpp"
#include "adapters/sql/failure_rows.hpp"
#include "adapters/sql/intent_rows.hpp"
#include "adapters/sql/ledger_rows.hpp"
#include "adapters/sql/list_rows.hpp"
#include "adapters/sql/replay_rows.hpp"
#include "adapters/sql/rows.hpp"
#include "adapters/sql/slots.hpp"
#include "adapters/sql/stats_rows.hpp"
#include "adapters/sql/texts.hpp"
#include "codec/state_json.hpp"
#include "core/store/counters.hpp"
#include "domain/phone_number.hpp"

namespace wrapup::sql {

// A column of a table: whether two rows have the same in it, and how a row's is bound.
template <class Query, class Row>
struct Column {
    const char* name;
    bool (*is_same)(const Row& stored, const Row& row);
    void (*bind)(Query& query, int index, const Row& row);
    bool has_default = true;  // In the schema.
};

template <class Query, class Row>
constexpr Column<Query, Row> always_given(Column<Query, Row> column) {
    column.has_default = false;
    return column;
}

template <class Query, class Row, class Get>
constexpr Column<Query, Row> column(const char* name, Get) {
    return {name, [](const Row& stored, const Row& row) { return Get{}(stored) == Get{}(row); },
            [](Query& query, int index, const Row& row) { query.bind_any(index, Get{}(row)); }};
}

template <class Query, class Row>
constexpr Column<Query, Row> lease_column() {
    return {
        "lease_until_ms",
        [](const Row& stored, const Row& row) { return stored.lease.until == row.lease.until; },
        [](Query& query, int index, const Row& row) { query.bind_lease(index, row.lease.until); }};
}

#define WRAPUP_COLUMN(Row, name, member) \
    column<Query, Row>(                  \
        name, [](const Row& row) -> const auto& { return row.member; })

// The table `calls`, but for the row's number.
template <class Query>
constexpr std::array call_columns{
    always_given(WRAPUP_COLUMN(CallRow, "id", call.id)),
    always_given(WRAPUP_COLUMN(CallRow, "state", call.state)),
    WRAPUP_COLUMN(CallRow, "parked", call.parked),
    always_given(WRAPUP_COLUMN(CallRow, "call_sid", call.call_sid)),
    always_given(WRAPUP_COLUMN(CallRow, "conversation_id", call.conversation_id)),
    WRAPUP_COLUMN(CallRow, "merged_into", call.merged_into),
    always_given(WRAPUP_COLUMN(CallRow, "to_number", call.to)),
    Column<Query, CallRow>{
        "phone", [](const CallRow& a, const CallRow& b) { return a.call.to == b.call.to; },
        [](Query& query, int index, const CallRow& row) {
            query.bind_copy(index, normalize_phone_number(row.call.to));
        },
        false},
    WRAPUP_COLUMN(CallRow, "campaign", call.campaign),
    WRAPUP_COLUMN(CallRow, "name", call.name),
    WRAPUP_COLUMN(CallRow, "outcome", call.outcome),
    WRAPUP_COLUMN(CallRow, "duration_s", call.duration_s),
    always_given(WRAPUP_COLUMN(CallRow, "first_event_at_ms", call.first_event_at)),
    always_given(WRAPUP_COLUMN(CallRow, "last_event_at_ms", call.last_event_at)),
    WRAPUP_COLUMN(CallRow, "created_at_ms", call.created_at),
    WRAPUP_COLUMN(CallRow, "ended_at_ms", call.ended_at),
    WRAPUP_COLUMN(CallRow, "settled_at_ms", call.settled_at),
    WRAPUP_COLUMN(CallRow, "due_at_ms", call.due_at),
    WRAPUP_COLUMN(CallRow, "is_late_conflict", call.is_late_conflict),
    always_given(WRAPUP_COLUMN(CallRow, "events_count", call.events_count)),
    WRAPUP_COLUMN(CallRow, "note", call.note),
    lease_column<Query, CallRow>(),
    WRAPUP_COLUMN(CallRow, "fence", lease.fence),
    WRAPUP_COLUMN(CallRow, "is_touched", is_touched),
    WRAPUP_COLUMN(CallRow, "unlisted_opt_out_at_ms", unlisted_opt_out_at),
    Column<Query, CallRow>{
        "progress",
        [](const CallRow& stored, const CallRow& row) {
            return !row.is_progress_known ||
                   (stored.is_progress_known && stored.call.progress == row.call.progress);
        },
        [](Query& query, int index, const CallRow& row) {
            const bool is_empty = row.call.progress == SettleProgress{};
            query.bind_copy(index, is_empty ? "" : encode_progress(row.call.progress));
        }},
    Column<Query, CallRow>{"metadata",
                           [](const CallRow& stored, const CallRow& row) {
                               return !row.is_metadata_known ||
                                      (stored.is_metadata_known &&
                                       stored.call.metadata == row.call.metadata);
                           },
                           [](Query& query, int index, const CallRow& row) {
                               if (!row.call.metadata) return query.bind_null(index, NullOf::text);
                               query.bind_copy(index, encode_metadata(*row.call.metadata));
                           }},
    WRAPUP_COLUMN(CallRow, "record", fixed_record),
};

// What changes of a delivery.
template <class Query>
constexpr std::array delivery_columns{
    WRAPUP_COLUMN(DeliveryRow, "destination", delivery.destination),
    WRAPUP_COLUMN(DeliveryRow, "state", delivery.state),
    WRAPUP_COLUMN(DeliveryRow, "parked", delivery.parked),
    WRAPUP_COLUMN(DeliveryRow, "attempts_count", delivery.attempts_count),
    WRAPUP_COLUMN(DeliveryRow, "retries_used", delivery.retries_used),
    WRAPUP_COLUMN(DeliveryRow, "unknown_count", delivery.unknown_count),
    WRAPUP_COLUMN(DeliveryRow, "due_at_ms", delivery.due_at),
    WRAPUP_COLUMN(DeliveryRow, "accepted_at_ms", delivery.accepted_at),
    lease_column<Query, DeliveryRow>(),
    WRAPUP_COLUMN(DeliveryRow, "fence", lease.fence),
    WRAPUP_COLUMN(DeliveryRow, "attempt_started_at_ms", attempt_started_at),
    WRAPUP_COLUMN(DeliveryRow, "unresolved_since_ms", unresolved_since),
    WRAPUP_COLUMN(DeliveryRow, "replay_id", replay_id),
    WRAPUP_COLUMN(DeliveryRow, "fingerprint", delivery.fingerprint),
};

// Some columns of a table, one bit each.
using ColumnSet = std::uint32_t;

template <class Query, class Row, std::size_t count, class Wanted>
ColumnSet columns_that(const std::array<Column<Query, Row>, count>& columns, Wanted is_wanted) {
    static_assert(count <= 32);
    ColumnSet set = 0;
    for (std::size_t i = 0; i < count; ++i) {
        if (is_wanted(columns[i])) set |= ColumnSet{1} << i;
    }
    return set;
}

template <class Query, class Row, std::size_t count, class Visit>
void for_each(const std::array<Column<Query, Row>, count>& columns, ColumnSet set, Visit visit) {
    for (; set != 0; set &= set - 1) {
        visit(columns[static_cast<std::size_t>(std::countr_zero(set))]);
    }
}

// The texts of statements on sets of columns: a program meets a dozen of them, over and over.
class StatementTexts {
public:
    template <class Write>
    const std::string& of(ColumnSet set, Write write) {
        std::string& text = texts_[set];
        if (text.empty()) text = write();
        return text;
    }

private:
    std::unordered_map<ColumnSet, std::string> texts_;
};

template <class Query, class Row, std::size_t count>
void bind_and_run(auto& connection, const std::string& sql,
                  const std::array<Column<Query, Row>, count>& columns, ColumnSet set,
                  const Row& row, std::int64_t key) {
    auto query = connection.query(sql, key);
    int index = 1;
    for_each(columns, set, [&](const Column<Query, Row>& one) { one.bind(query, ++index, row); });
    query.finish();
}

template <class Query, class Row, std::size_t count>
void update(auto& connection, StatementTexts& texts, std::string_view table,
            std::string_view key_name, std::int64_t key,
            const std::array<Column<Query, Row>, count>& columns, const Row& stored,
            const Row& row) {
    const ColumnSet changed = columns_that(
        columns, [&](const Column<Query, Row>& one) { return !one.is_same(stored, row); });
    if (changed == 0) return;
    const std::string& sql = texts.of(changed, [&] {
        std::string text = "UPDATE " + std::string(table) + " SET ";
        int index = 1;
        for_each(columns, changed, [&](const Column<Query, Row>& one) {
            if (index > 1) text += ", ";
            text.append(one.name).append(" = ?").append(std::to_string(++index));
        });
        return text.append(" WHERE ").append(key_name).append(" = ?1");
    });
    bind_and_run(connection, sql, columns, changed, row, key);
}

// What a new call does not tell is left to the defaults of the schema.
void insert(auto& connection, const CallRow& row) {
    using Query = typename std::remove_cvref_t<decltype(connection)>::Query;
    static const CallRow nothing = [] {
        CallRow blank;
        blank.is_progress_known = true;
        blank.is_metadata_known = true;
        return blank;
    }();
    static thread_local StatementTexts texts;
    const ColumnSet told =
        columns_that(call_columns<Query>, [&](const Column<Query, CallRow>& one) {
            return !one.has_default || !one.is_same(nothing, row);
        });
    const std::string& sql = texts.of(told, [&] {
        std::string text = "INSERT INTO calls (no";
        for_each(call_columns<Query>, told,
                 [&](const Column<Query, CallRow>& one) { text.append(", ").append(one.name); });
        text += ") VALUES (?1";
        for (int i = 0; i < std::popcount(told); ++i) {
            text.append(", ?").append(std::to_string(i + 2));
        }
        return text += ")";
    });
    bind_and_run(connection, sql, call_columns<Query>, told, row, row.no);
}

void insert(auto& connection, const WorkingDelivery& row) {
    const Delivery& delivery = row.delivery;
    // The record's bytes are kept once, with the call.
    std::optional<std::string_view> body;
    if (row.new_body != row.call->fixed_record) body = row.new_body;
    connection.run(
        "INSERT INTO deliveries (id, call_no, destination, state, parked, webhook_id, body,"
        " ended_at_ms, due_at_ms, fence, lease_until_ms, attempt_started_at_ms, replay_id)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13)",
        delivery.id, row.call_no, delivery.destination, delivery.state, delivery.parked,
        delivery.webhook_id, body, delivery.ended_at, delivery.due_at, row.lease.fence,
        LeaseEnd{row.lease.until}, row.attempt_started_at, row.replay_id);
}

void save_events(auto& connection, const WorkingCall& row) {
    for (const ArrivedEvent& event : row.arrived) {
        const std::int64_t place = place_of(row.no, event.seq);
        if (event.added == nullptr) {
            connection.run(
                "UPDATE events SET place = ?1, call_no = ?2, is_late = ?3 WHERE place = ?4", place,
                row.no, event.is_late, place_of(event.moved_from.call_no, event.moved_from.seq));
        } else {
            const NewEvent& added = *event.added;
            connection.run(
                "INSERT INTO events (place, call_no, kind, received_at_ms, is_late, dedup_key,"
                " payload) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
                place, row.no, added.kind, added.received_at, event.is_late, added.dedup_key,
                added.payload);
        }
    }
}

// An attempt's destination is kept where it is not its delivery's.
void save_attempts(auto& connection, const WorkingDelivery& row) {
    if (row.stored && row.stored->delivery.destination != row.delivery.destination) {
        connection.run(
            "UPDATE attempts SET destination = ?2 WHERE delivery_id = ?1 AND destination IS NULL",
            row.delivery.id, row.stored->delivery.destination);
    }
    for (const Attempt& attempt : row.new_attempts) {
        std::optional<std::string_view> destination;
        if (!attempt.destination.empty()) destination = attempt.destination;
        connection.run(
            "INSERT INTO attempts (delivery_id, number, started_at_ms, elapsed_ms, outcome,"
            " http_status, error, answer, is_again, destination)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)",
            row.delivery.id, attempt.number, attempt.started_at, attempt.elapsed.count(),
            attempt.outcome, attempt.http_status, attempt.error, attempt.answer, attempt.is_again,
            destination);
    }
}

void save_destination(auto& connection, const KeptDestination& kept) {
    std::optional<std::string_view> sweep;
    const Sweep left = kept.sweep.value_or(Sweep{});
    if (kept.sweep) sweep = left.parks ? "park" : "resume";
    connection.run(
        "INSERT INTO destinations (name, state, since_ms, sweep, sweep_at_ms, sweep_last_id,"
        " breaker, breaker_since_ms, breaker_retry_at_ms, failed_probes_count, rate_use)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11)"
        " ON CONFLICT (name) DO UPDATE SET state = excluded.state,"
        " since_ms = excluded.since_ms, sweep = excluded.sweep,"
        " sweep_at_ms = excluded.sweep_at_ms, sweep_last_id = excluded.sweep_last_id,"
        " breaker = excluded.breaker, breaker_since_ms = excluded.breaker_since_ms,"
        " breaker_retry_at_ms = excluded.breaker_retry_at_ms,"
        " failed_probes_count = excluded.failed_probes_count, rate_use = excluded.rate_use",
        kept.row.name, kept.row.state, kept.row.since, sweep, left.at, left.last_id,
        kept.row.breaker.state, kept.row.breaker.since, kept.row.breaker.retry_at,
        kept.row.breaker.failed_probes_count, kept.rate_use.text());
}

// All in one statement.
void save_counters(auto& connection, const CounterChanges& changes) {
    std::vector<std::pair<std::string, std::int64_t>> counters{
        {"late_conflicts", changes.late_conflicts}, {"unknown_outcomes", changes.unknown_outcomes}};
    for (const auto& [state, by] : changes.calls) {
        counters.emplace_back("state " + std::string(to_string(state)), by);
    }
    for (const auto& [reason, by] : changes.parked) {
        counters.emplace_back("parked " + std::string(to_string(reason)), by);
    }
    for (const auto& [of, by] : changes.deliveries) {
        counters.emplace_back(std::string(to_string(of.first)) + " to " + std::string(of.second),
                              by);
    }
    std::erase_if(counters, [](const auto& counter) { return counter.second == 0; });
    if (counters.empty()) return;
    const SlotWords& slots = slot_words(connection);
    std::string sql = "INSERT INTO counters" + slots.table + " AS kept (name, count) VALUES (?, ?)";
    for (std::size_t i = 1; i < counters.size(); ++i) sql += ", (?, ?)";
    sql += " ON CONFLICT (name" + slots.key + ") DO UPDATE SET count = kept.count + excluded.count";
    auto query = connection.query(sql);
    int index = 0;
    for (const auto& [name, by] : counters) {
        query.bind(++index, name);
        query.bind(++index, by);
    }
    query.finish();
}

void save_what_was_given(auto& connection, const WorkingSet& rows) {
    for (const PutMetadata* given : rows.handed_over()) {
        const std::string metadata = encode_metadata(given->metadata);
        connection.run(
            "INSERT INTO call_metadata (call_id, metadata) VALUES (?1, ?2)"
            " ON CONFLICT (call_id) DO UPDATE SET metadata = excluded.metadata",
            given->call_id, metadata);
    }
    for (const Campaign* campaign : rows.campaigns()) {
        connection.run(
            "INSERT INTO campaigns (id, name, description) VALUES (?1, ?2, ?3)"
            " ON CONFLICT (id) DO UPDATE SET name = excluded.name,"
            " description = excluded.description",
            campaign->id, campaign->name, campaign->description);
    }
    for (const Contact& contact : rows.contacts()) {
        connection.run(
            "INSERT INTO contacts (phone, name, campaign, time_zone) VALUES (?1, ?2, ?3, ?4)"
            " ON CONFLICT (phone) DO UPDATE SET name = excluded.name,"
            " campaign = excluded.campaign, time_zone = excluded.time_zone",
            contact.phone, contact.name, contact.campaign, contact.time_zone);
    }
}

void save_do_not_call(auto& connection, const WorkingSet& rows) {
    for (const auto& [phone, row] : rows.do_not_call()) {
        if (!row.is_changed()) continue;
        if (row.entry) {
            static const std::string put =
                upsert_text("do_not_call", "phone, reason, source, since_ms");
            connection.run(put, row.entry->phone, row.entry->reason, row.entry->source,
                           row.entry->since);
        } else {
            connection.run("DELETE FROM do_not_call WHERE phone = ?1", phone);
        }
    }
}

void save_reconciliation(auto& connection, const NoteReconciliation& noted) {
    for (const TwilioSlot& slot : noted.slots) {
        static const std::string put = upsert_text(
            "twilio_slots", "from_ms, calls_count, strangers_count, is_complete, asked_at_ms");
        connection.run(put, slot.from, slot.calls_count, slot.strangers_count, slot.is_complete,
                       slot.asked_at);
    }
    for (const TwilioDifference& found : noted.found) {
        static const std::string put =
            upsert_text("twilio_differences", "call_sid, at_ms, kind, reason, noted_at_ms");
        connection.run(put, found.call_sid, found.at, found.kind, found.reason, found.noted_at);
    }
    for (const std::string& call_sid : noted.resolved) {
        connection.run("DELETE FROM twilio_differences WHERE call_sid = ?1", call_sid);
    }
    for (const KeptValue& kept : noted.values) {
        if (kept.value.empty()) {
            connection.run("DELETE FROM kept_values WHERE key = ?1", kept.key);
        } else {
            static const std::string put = upsert_text("kept_values", "key, value");
            connection.run(put, kept.key, kept.value);
        }
    }
}

void save_actions(auto& connection, const WorkingSet& rows) {
    for (const OperatorAction* action : rows.actions()) {
        connection.run(
            "INSERT INTO operator_actions (at_ms, act, who, subject, detail, reason, refused)"
            " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
            action->at, action->act, action->who, action->subject, action->detail, action->reason,
            action->refused);
    }
    if (rows.actions().empty()) return;
    connection.run(
        "DELETE FROM operator_actions WHERE id <= (SELECT max(id) FROM operator_actions) - ?1",
        operator_actions_max);
}

void save_changes(auto& connection, const CallRow& stored, const CallRow& row) {
    static thread_local StatementTexts texts;
    using Query = typename std::remove_cvref_t<decltype(connection)>::Query;
    update(connection, texts, "calls", "no", row.no, call_columns<Query>, stored, row);
}

void save_changes(auto& connection, const DeliveryRow& stored, const DeliveryRow& row) {
    static thread_local StatementTexts texts;
    using Query = typename std::remove_cvref_t<decltype(connection)>::Query;
    update(connection, texts, "deliveries", "id", row.delivery.id, delivery_columns<Query>, stored,
           row);
}

void save(auto& connection, const WorkingSet& rows, UtcTime now) {
    // Rows of one table that are new come one after the other: PostgreSQL takes them together.
    for (const WorkingCall& row : rows.calls()) {
        if (row.stored) save_changes(connection, *row.stored, row);
    }
    for (const WorkingCall& row : rows.calls()) {
        if (!row.stored) insert(connection, row);
    }
    for (const auto& [conversation_id, call_no] : rows.new_links()) {
        connection.run("INSERT INTO links (conversation_id, call_no) VALUES (?1, ?2)",
                       conversation_id, call_no);
    }
    for (const EventPlace& place : rows.dropped_events()) {
        connection.run("DELETE FROM events WHERE place = ?1", place_of(place.call_no, place.seq));
    }
    for (const WorkingCall& row : rows.calls()) save_events(connection, row);
    for (const WorkingDelivery& row : rows.deliveries()) {
        if (row.stored) save_changes(connection, *row.stored, row);
    }
    for (const WorkingDelivery& row : rows.deliveries()) {
        if (!row.stored) insert(connection, row);
    }
    for (const WorkingDelivery& row : rows.deliveries()) save_attempts(connection, row);
    for (const auto& [name, kept] : rows.destinations()) {
        if (kept.is_changed()) save_destination(connection, kept);
    }
    for (const auto& [id, job] : rows.replays()) {
        if (job.is_changed()) save_replay(connection, job);
    }
    save_what_was_given(connection, rows);
    save_do_not_call(connection, rows);
    for (const NoteReconciliation* noted : rows.reconciliations()) {
        save_reconciliation(connection, *noted);
    }
    save_actions(connection, rows);
    save_failures(connection, rows);
    save_intents(connection, rows);
    save_lists(connection, rows);
    save_counters(connection, counter_changes(rows));
    save_ledger(connection, rows, now);
    save_stats(connection, rows);
    if (rows.is_probed()) {
        static const std::string put = upsert_text("probes", "id, at_ms");
        connection.run(put, 1, now);
    }
}

}  // namespace wrapup::sql
