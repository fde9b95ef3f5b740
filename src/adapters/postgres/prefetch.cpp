#include "adapters/postgres/prefetch.hpp"

#include <algorithm>

#include "domain/phone_number.hpp"

namespace wrapup::postgres {
namespace {

// So many numbers are asked for at once, at least.
constexpr std::int64_t numbers_min = 32;
// Deliveries of a record whose destinations are not known before it is fixed.
constexpr std::int64_t deliveries_guess = 2;

#define WRAPUP_NUMBERS_OF_IDS                                                 \
    "SELECT no FROM calls WHERE id = ANY(?1) UNION SELECT call_no FROM links" \
    " WHERE conversation_id = ANY(?1)"

constexpr std::string_view select_calls = "SELECT " WRAPUP_CALL_ROW_COLUMNS(
    "") ", progress, metadata FROM calls WHERE no = ANY(ARRAY(" WRAPUP_NUMBERS_OF_IDS
        " UNION SELECT call_no FROM deliveries WHERE id = ANY(?2)))"
        " ORDER BY no FOR UPDATE";
constexpr std::string_view select_deliveries =
    "SELECT " WRAPUP_DELIVERY_ROW_COLUMNS
    " FROM deliveries d WHERE call_no = ANY(ARRAY("
    "SELECT call_no FROM deliveries WHERE id = ANY(?1))) ORDER BY id FOR UPDATE";
constexpr std::string_view select_links =
    "SELECT conversation_id, call_no FROM links WHERE conversation_id = ANY(?1)";
constexpr std::string_view select_keys =
    "SELECT n.no, e.dedup_key FROM unnest(ARRAY(" WRAPUP_NUMBERS_OF_IDS
    ")) AS n (no), LATERAL (SELECT dedup_key FROM events WHERE place > (n.no << 28)"
    " AND place < ((n.no + 1) << 28) AND dedup_key = ANY(?2)) e";
constexpr std::string_view select_handed_over =
    "SELECT call_id, metadata FROM call_metadata WHERE call_id = ANY(?1 || ARRAY("
    "SELECT conversation_id FROM calls WHERE id = ANY(?1)))";
#define WRAPUP_PHONES \
    "ANY(?2 || ARRAY(SELECT phone FROM calls WHERE no = ANY(ARRAY(" WRAPUP_NUMBERS_OF_IDS "))))"
constexpr std::string_view select_contacts =
    "SELECT phone, name, campaign, time_zone FROM contacts WHERE phone = " WRAPUP_PHONES;
constexpr std::string_view select_intents =
    "SELECT to_number, data FROM intents WHERE holds_number = 1 AND to_number = " WRAPUP_PHONES;
constexpr std::string_view select_destinations =
    "SELECT " WRAPUP_DESTINATION_COLUMNS " FROM destinations";
constexpr std::string_view select_sealed_span =
    "SELECT min(from_ms), max(until_ms) FROM sealed_days";

template <class Value>
std::vector<Value> list_of(const std::set<Value>& values) {
    return {values.begin(), values.end()};
}

}  // namespace

bool runs_alone(std::span<const StoreOp> ops) {
    return !std::ranges::all_of(ops, [](const StoreOp& op) {
        return std::holds_alternative<AppendEvent>(op) || std::holds_alternative<SettleCall>(op) ||
               std::holds_alternative<FinishAttempt>(op) ||
               std::holds_alternative<ReleaseCall>(op) || std::holds_alternative<PutMetadata>(op) ||
               std::holds_alternative<PutContact>(op) || std::holds_alternative<PutCampaign>(op) ||
               std::holds_alternative<NoteAction>(op) || std::holds_alternative<Probe>(op);
    });
}

void Prefetched::Wanted::add(const NewEvent& event) {
    if (!event.call_sid.empty()) ids.insert(event.call_sid);
    if (!event.conversation_id.empty()) ids.insert(event.conversation_id);
    if (!event.to.empty()) phones.insert(normalize_phone_number(event.to));
    keys.insert(event.dedup_key);
}

void Prefetched::Wanted::add(const AppendEvent& op) {
    add(op.event);
    calls_count += 1;
    if (op.settler != nullptr) deliveries_count += deliveries_guess;
}

void Prefetched::Wanted::add(const SettleCall& op) {
    ids.insert(op.call_id);
    if (!op.conversation_id.empty()) ids.insert(op.conversation_id);
    if (!op.to.empty()) phones.insert(normalize_phone_number(op.to));
    for (const NewEvent& event : op.events) add(event);
    const auto* const fix = std::get_if<SettleCall::Fix>(&op.then);
    if (fix != nullptr) deliveries_count += std::ssize(fix->deliveries);
}

void Prefetched::Wanted::add(const PutMetadata& op) {
    ids.insert(op.call_id);
    if (!op.metadata.conversation_id.empty()) ids.insert(op.metadata.conversation_id);
}

// The order is that of the locks: calls first.
Prefetched::Prefetched(Connection& connection, NumberPool& pool, std::span<const StoreOp> ops)
    : TableRows(connection, numbers_of_batch_), database_(connection), pool_(pool) {
    for (const StoreOp& op : ops) {
        std::visit([this](const auto& one) { wanted_.add(one); }, op);
    }
    const auto ask = [this](Query query, std::function<void(Query&)> take) {
        query.send();
        sent_.emplace_back(std::move(query), std::move(take));
    };
    const auto ids = list_of(wanted_.ids);
    const auto phones = list_of(wanted_.phones);
    const auto delivery_ids = list_of(wanted_.delivery_ids);
    if (!ids.empty() || !delivery_ids.empty()) {
        ask(connection.query(select_calls, ids, delivery_ids),
            [this](Query& query) { take_calls(std::move(query)); });
    }
    if (!delivery_ids.empty()) {
        ask(connection.query(select_deliveries, delivery_ids),
            [this](Query& query) { take_deliveries(std::move(query)); });
    }
    if (!ids.empty()) {
        ask(connection.query(select_links, ids), [this](Query& query) {
            while (query.next()) links_[query.text(0)] = query.integer(1);
        });
        ask(connection.query(select_keys, ids, list_of(wanted_.keys)), [this](Query& query) {
            while (query.next()) keys_.emplace(query.integer(0), query.text(1));
        });
        ask(connection.query(select_handed_over, ids), [this](Query& query) {
            while (query.next()) {
                handed_over_[query.text(0)] = sql::read_metadata(database_, query, 1);
            }
        });
        ask(connection.query(select_contacts, ids, phones), [this](Query& query) {
            while (query.next()) {
                contacts_[query.text(0)] =
                    Contact{query.text(0), query.text(1), query.text(2), query.text(3)};
            }
        });
        ask(connection.query(select_intents, ids, phones), [this](Query& query) {
            while (query.next()) intents_[query.text(0)] = sql::decode(database_, query, 1);
        });
    }
    ask(connection.query(select_destinations), [this](Query& query) {
        while (query.next()) {
            KeptDestination kept = sql::read_destination_row(database_, query);
            destinations_.emplace(kept.row.name, std::move(kept));
        }
    });
    ask(connection.query(select_sealed_span), [this](Query& query) {
        if (query.next() && !query.is_null(0)) {
            sealed_span_ = TimeSpan{query.time(0), query.time(1)};
        }
    });
    const auto refill = [&](std::deque<std::int64_t>& numbers, std::int64_t count,
                            std::string_view sql) {
        const std::int64_t missing = count - std::ssize(numbers);
        if (missing <= 0) return;
        ask(connection.query(sql, std::max(missing, numbers_min)), [&numbers](Query& query) {
            while (query.next()) numbers.push_back(query.integer(0));
        });
    };
    refill(pool_.calls, wanted_.calls_count,
           "SELECT nextval('call_numbers') FROM generate_series(1, ?1)");
    refill(pool_.deliveries, wanted_.deliveries_count,
           "SELECT nextval('delivery_ids') FROM generate_series(1, ?1)");
}

void Prefetched::receive() {
    for (auto& [query, take] : sent_) take(query);
    sent_.clear();
    // What was looked up and is not there.
    for (const std::string& id : wanted_.ids) handed_over_.try_emplace(id);
    for (const std::string& phone : wanted_.phones) {
        contacts_.try_emplace(phone);
        intents_.try_emplace(phone);
    }
    for (const auto& [conversation_id, no] : links_) calls_with_known_keys_.insert(no);
    for (const auto& [no, call] : calls_) {
        if (wanted_.ids.contains(call.row.call.id)) calls_with_known_keys_.insert(no);
        const std::string phone = normalize_phone_number(call.row.call.to);
        contacts_.try_emplace(phone);
        intents_.try_emplace(phone);
        if (wanted_.ids.contains(call.row.call.id)) {
            handed_over_.try_emplace(call.row.call.conversation_id);
        }
    }
}

void Prefetched::take_calls(Query query) {
    constexpr int column = sql::call_row_columns_count;
    while (query.next()) {
        KnownCall call;
        call.row = sql::read_call_row(database_, query);
        call.progress = sql::read_progress(database_, query, column);
        call.metadata = sql::read_metadata(database_, query, column + 1);
        numbers_by_id_[call.row.call.id] = call.row.no;
        calls_.emplace(call.row.no, std::move(call));
    }
}

void Prefetched::take_deliveries(Query query) {
    while (query.next()) {
        DeliveryRow row = sql::read_delivery_row(database_, query, 0);
        const auto call = calls_.find(row.call_no);
        if (call == calls_.end()) continue;
        if (!calls_of_deliveries_.emplace(row.delivery.id, row.call_no).second) continue;
        row.delivery.call_id = call->second.row.call.id;
        call->second.deliveries.push_back(std::move(row));
    }
}

// What nobody could know before.
void Prefetched::fetch(const std::vector<std::string>& ids,
                       const std::vector<std::int64_t>& delivery_ids) {
    auto calls = database_.query(select_calls, ids, delivery_ids);
    auto links = database_.query(select_links, ids);
    auto deliveries = database_.query(select_deliveries, delivery_ids);
    for (Query* const query : {&calls, &links, &deliveries}) query->send();
    take_calls(std::move(calls));
    while (links.next()) links_[links.text(0)] = links.integer(1);
    take_deliveries(std::move(deliveries));
    wanted_.ids.insert(ids.begin(), ids.end());
}

std::optional<CallRow> Prefetched::known_call(std::int64_t no) const {
    const auto found = calls_.find(no);
    if (found == calls_.end()) return std::nullopt;
    return found->second.row;
}

std::optional<CallRow> Prefetched::load_call(std::string_view id) {
    const std::string key(id);
    if (!numbers_by_id_.contains(key) && !wanted_.ids.contains(key)) fetch({key}, {});
    const auto found = numbers_by_id_.find(id);
    if (found == numbers_by_id_.end()) return std::nullopt;
    return known_call(found->second);
}

std::optional<CallRow> Prefetched::load_linked_call(std::string_view conversation_id) {
    const std::string key(conversation_id);
    if (!wanted_.ids.contains(key)) fetch({key}, {});
    auto found = links_.find(conversation_id);
    if (found == links_.end()) return std::nullopt;
    // It was linked a moment ago: the calls were looked for before.
    if (!calls_.contains(found->second)) fetch({key}, {});
    return known_call(found->second);
}

SettleProgress Prefetched::load_progress(std::int64_t call_no) {
    const auto found = calls_.find(call_no);
    return found != calls_.end() ? found->second.progress : TableRows::load_progress(call_no);
}

std::optional<CallMetadata> Prefetched::load_metadata(std::int64_t call_no) {
    const auto found = calls_.find(call_no);
    return found != calls_.end() ? found->second.metadata : TableRows::load_metadata(call_no);
}

bool Prefetched::has_event(std::int64_t call_no, std::string_view dedup_key) {
    std::string key(dedup_key);
    if (!calls_with_known_keys_.contains(call_no) || !wanted_.keys.contains(key)) {
        return TableRows::has_event(call_no, dedup_key);
    }
    return keys_.contains({call_no, std::move(key)});
}

std::optional<CallMetadata> Prefetched::load_handed_over(std::string_view call_id) {
    auto found = handed_over_.find(call_id);
    if (found == handed_over_.end()) {
        found = handed_over_.emplace(call_id, TableRows::load_handed_over(call_id)).first;
    }
    return found->second;
}

std::optional<Campaign> Prefetched::load_campaign(std::string_view id) {
    auto found = campaigns_.find(id);
    if (found == campaigns_.end()) {
        found = campaigns_.emplace(id, TableRows::load_campaign(id)).first;
    }
    return found->second;
}

std::optional<Contact> Prefetched::load_contact(std::string_view phone) {
    auto found = contacts_.find(phone);
    if (found == contacts_.end()) {
        found = contacts_.emplace(phone, TableRows::load_contact(phone)).first;
    }
    return found->second;
}

std::optional<Intent> Prefetched::load_intent_to(std::string_view number) {
    auto found = intents_.find(number);
    if (found == intents_.end()) {
        found = intents_.emplace(number, TableRows::load_intent_to(number)).first;
    }
    return found->second;
}

std::optional<RowSource::CallWithDeliveries> Prefetched::load_delivery(std::int64_t delivery_id) {
    if (!calls_of_deliveries_.contains(delivery_id) &&
        !wanted_.delivery_ids.contains(delivery_id)) {
        fetch({}, {delivery_id});
    }
    const auto found = calls_of_deliveries_.find(delivery_id);
    if (found == calls_of_deliveries_.end()) return std::nullopt;
    const KnownCall& call = calls_.at(found->second);
    return CallWithDeliveries{call.row, call.deliveries};
}

std::optional<KeptDestination> Prefetched::load_destination(std::string_view name) {
    const auto found = destinations_.find(name);
    if (found == destinations_.end()) return std::nullopt;
    return found->second;
}

std::optional<TimeSpan> Prefetched::sealed_span() { return sealed_span_; }

std::int64_t Prefetched::take_number(std::deque<std::int64_t>& pool, std::string_view sql) {
    if (pool.empty()) {
        auto query = database_.query(sql, numbers_min);
        while (query.next()) pool.push_back(query.integer(0));
    }
    if (pool.empty()) return 0;  // The connection has failed.
    const std::int64_t number = pool.front();
    pool.pop_front();
    return number;
}

std::int64_t Prefetched::next_call_no() {
    return take_number(pool_.calls, "SELECT nextval('call_numbers') FROM generate_series(1, ?1)");
}

std::int64_t Prefetched::next_delivery_id() {
    last_delivery_id_ =
        take_number(pool_.deliveries, "SELECT nextval('delivery_ids') FROM generate_series(1, ?1)");
    return last_delivery_id_;
}

std::int64_t Prefetched::last_delivery_id() {
    auto query = database_.query("SELECT max(id) FROM deliveries");
    return std::max(query.next() ? query.integer(0) : 0, last_delivery_id_);
}

}  // namespace wrapup::postgres
