#include "adapters/postgres/claims.hpp"

#include <vector>

#include "adapters/sql/save.hpp"
#include "core/store/claim_rules.hpp"

namespace wrapup::postgres {
namespace {

using Fences = std::map<std::int64_t, std::int64_t>;

template <class Row>
bool is_claimed(const Row& row) {
    return row.lease.until && (!row.stored || row.stored->lease.fence != row.lease.fence);
}

std::vector<std::int64_t> keys_of(const Fences& fences) {
    std::vector<std::int64_t> keys;
    for (const auto& [key, fence] : fences) keys.push_back(key);
    return keys;
}

void remove_all(Fences& from, const Fences& others) {
    std::erase_if(from, [&](const auto& one) {
        const auto found = others.find(one.first);
        return found != others.end() && found->second == one.second;
    });
}

}  // namespace

void Claims::add(const WorkingSet& rows) {
    for (const WorkingCall& call : rows.calls()) {
        if (is_claimed(call)) calls[call.no] = call.lease.fence;
        for (const WorkingDelivery* row : call.deliveries) {
            if (is_claimed(*row)) deliveries[row->delivery.id] = row->lease.fence;
        }
    }
}

void Claims::add(const Claims& others) {
    for (const auto& [no, fence] : others.calls) calls[no] = fence;
    for (const auto& [id, fence] : others.deliveries) deliveries[id] = fence;
}

void Claims::remove(const Claims& others) {
    remove_all(calls, others.calls);
    remove_all(deliveries, others.deliveries);
}

Claims give_back(Connection& connection, const Claims& claims, UtcTime now) {
    Claims found;
    std::vector<CallRow> calls;
    auto held_calls = connection.query("SELECT " WRAPUP_CALL_ROW_COLUMNS(
                                           "") " FROM calls WHERE no = ANY(?1)"
                                               " FOR UPDATE SKIP LOCKED",
                                       keys_of(claims.calls));
    while (held_calls.next()) calls.push_back(sql::read_call_row(connection, held_calls));
    std::vector<DeliveryRow> deliveries;
    auto held_deliveries = connection.query("SELECT " WRAPUP_DELIVERY_ROW_COLUMNS
                                            " FROM deliveries d WHERE d.id = ANY(?1)"
                                            " FOR UPDATE SKIP LOCKED",
                                            keys_of(claims.deliveries));
    while (held_deliveries.next()) {
        deliveries.push_back(sql::read_delivery_row(connection, held_deliveries, 0));
    }
    for (const CallRow& stored : calls) {
        const std::int64_t fence = claims.calls.at(stored.no);
        found.calls[stored.no] = fence;
        if (!stored.lease.is_held_by(fence)) continue;
        CallRow row = stored;
        void_lease(row, now);
        sql::save_changes(connection, stored, row);
    }
    for (const DeliveryRow& stored : deliveries) {
        const std::int64_t fence = claims.deliveries.at(stored.delivery.id);
        found.deliveries[stored.delivery.id] = fence;
        if (!stored.lease.is_held_by(fence)) continue;
        DeliveryRow row = stored;
        row.attempt_started_at.reset();
        void_lease(row, now);
        sql::save_changes(connection, stored, row);
    }
    return found;
}

}  // namespace wrapup::postgres
