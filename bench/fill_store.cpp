#include "bench/fill_store.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "adapters/sqlite/store.hpp"
#include "bench/callbacks.hpp"
#include "bench/wire.hpp"
#include "codec/observation.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "core/settle/fold.hpp"
#include "core/settle/settle_plan.hpp"

namespace wrapup::bench {
namespace {

constexpr std::uint64_t batch_calls = 2'000;
constexpr seconds lease{120};

void apply(SqliteStore& store, const std::vector<StoreOp>& ops, UtcTime now,
           std::vector<StoreOutcome>& outcomes) {
    auto done = store.commit(ops, now);
    if (!done) die("the store cannot be filled: " + done.error().detail);
    outcomes = *std::move(done);
    for (const StoreOutcome& outcome : outcomes) {
        if (!outcome) die("the store refuses a call: " + outcome.error().detail);
    }
}

SettleCall settle_of(const ClaimedCall& claim) {
    const Facts facts = fold(decode_events(claim.events));
    SettleCall update;
    update.call_id = claim.call.id;
    update.fence = claim.fence;
    update.seen_events_count = claim.call.events_count;
    update.metadata = CallMetadata{};
    update.to = other_party(facts);
    update.ended_at = ended_at(facts);
    update.is_over = true;
    SettleCall::Fix fixing;
    fixing.record = make_record(facts, {});
    fixing.body = render_record(fixing.record);
    fixing.deliveries.push_back({"crm", webhook_id_of(claim.call.id), {}, lease});
    update.name = fixing.record.name;
    update.campaign = fixing.record.subject;
    update.then = std::move(fixing);
    return update;
}

StoreOp accepted(const StoreOutcome& outcome, UtcTime now) {
    const auto& settled = std::get<Settled>(*outcome);
    if (settled.claimed.empty()) die("a record was fixed without its delivery");
    FinishAttempt update;
    update.delivery_id = settled.claimed.front().delivery.id;
    update.fence = settled.claimed.front().fence;
    update.attempt = Attempt{.number = 0,
                             .started_at = now,
                             .elapsed = milliseconds{1},
                             .outcome = AttemptOutcome::accepted,
                             .http_status = 200,
                             .error = {},
                             .answer = "ok",
                             .is_again = false};
    update.then = FinishAttempt::Accept{};
    return update;
}

void fill_batch(SqliteStore& store, std::uint64_t first, std::uint64_t count, UtcTime now) {
    std::vector<StoreOp> ops;
    std::vector<StoreOutcome> outcomes;
    for (std::uint64_t i = 0; i < count; ++i) {
        auto event = status_callback_event(callback_form(first + i, "busy", now), now);
        if (!event) die("a callback cannot be understood");
        ops.emplace_back(AppendEvent{*std::move(event)});
    }
    apply(store, ops, now, outcomes);
    auto claims = store.claim_calls(now, lease, static_cast<int>(count));
    if (!claims || claims->size() != count) die("the filled calls cannot be claimed");
    ops.clear();
    for (const ClaimedCall& claim : *claims) ops.emplace_back(settle_of(claim));
    apply(store, ops, now, outcomes);
    ops.clear();
    for (const StoreOutcome& outcome : outcomes) ops.push_back(accepted(outcome, now));
    apply(store, ops, now, outcomes);
}

}  // namespace

void fill_store(const std::filesystem::path& data_dir, std::uint64_t first, std::uint64_t count) {
    auto store = SqliteStore::open({.path = (data_dir / "wrapup.db").string()});
    if (!store) die(store.error().detail);
    for (std::uint64_t done = 0; done < count; done += batch_calls) {
        const auto now =
            std::chrono::time_point_cast<milliseconds>(std::chrono::system_clock::now());
        fill_batch(**store, first + done, std::min(batch_calls, count - done), now);
    }
}

}  // namespace wrapup::bench
