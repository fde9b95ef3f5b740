// How a claim ends: the record is fixed, or the call waits, is parked or left alone.

#include <boost/asio/this_coro.hpp>
#include <utility>

#include "service/commit/keep_submitting.hpp"
#include "service/settler/settle_tale.hpp"
#include "service/settler/settler.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

// Half of what a claim lasts: after that the lease may be somebody else's.
constexpr seconds store_patience{60};

}  // namespace

// Whether it is written down.
Task<bool> Settler::end_claim(CasePtr c, SettleStep step) {
    if (std::holds_alternative<FixRecord>(step)) {
        co_await fix(c, std::move(step));
        co_return c->is_fixed;
    }
    SettleCall answer = answer_of(*c, step, settings_.routes);
    const SettleTale tale(*c, answer, ports_.log);
    const StoreOutcome outcome = co_await write(std::move(answer));
    if (outcome) {
        tale.tell(ports_.log, ports_.metrics);
        const auto* wait = std::get_if<WaitUntil>(&step);
        if (wait != nullptr) loop_.wake_at(wait->due_at);
    } else if (outcome.error().code == Errc::conflict && !std::holds_alternative<WaitUntil>(step)) {
        co_await look_afresh(c);
    }
    co_return outcome.has_value();
}

// News arrived meanwhile: what we learned is kept, and the call is due again.
Task<void> Settler::look_afresh(CasePtr c) {
    SettleCall answer = put_back(*c, ports_.clock.now());
    (void)co_await write(std::move(answer));
}

// Whoever forces a call sends its record himself, whether a courier has room or not.
void Settler::claim_for_asker(std::vector<NewDelivery>& deliveries) const {
    for (NewDelivery& made : deliveries) {
        const Courier* const courier = ports_.couriers.find(made.destination);
        if (courier != nullptr) made.lease = courier->lease();
    }
}

Task<void> Settler::fix(CasePtr c, SettleStep step) {
    SettleCall answer = answer_of(*c, step, settings_.routes);
    const SettleTale tale(*c, answer, ports_.log);
    auto& deliveries = std::get<SettleCall::Fix>(answer.then).deliveries;
    Couriers::Places places;
    if (c->is_forced) {
        claim_for_asker(deliveries);
    } else {
        ports_.couriers.reserve(deliveries, places);
    }
    StoreOutcome outcome = co_await write(std::move(answer));
    std::vector<ClaimedDelivery> claimed;
    if (outcome) claimed = std::get<Settled>(*std::move(outcome)).claimed;
    if (c->is_forced) {
        c->claimed = std::move(claimed);
    } else {
        const auto executor = co_await asio::this_coro::executor;
        ports_.couriers.carry(std::move(claimed), std::move(places), executor);
    }
    // Joined: this turned out to be another call too, and the two are settled together later.
    c->is_fixed = outcome && !std::get<Settled>(*outcome).is_joined;
    if (c->is_fixed) {
        tale.tell(ports_.log, ports_.metrics);
    } else if (!outcome && outcome.error().code == Errc::conflict) {
        co_await look_afresh(c);
    }
}

// An event came after the record was fixed. It is kept and shown; if it contradicts, it is counted.
Task<void> Settler::note_late(CasePtr c) {
    SettleCall answer = late_answer_of(*c);
    const SettleTale tale(*c, answer, ports_.log);
    const StoreOutcome outcome = co_await write(std::move(answer));
    if (outcome) tale.tell(ports_.log, ports_.metrics);
}

// Keeps at it while the store is in trouble and the lease may be ours. What cannot be written is
// told; the call is claimed again when its lease has run out.
Task<StoreOutcome> Settler::write(SettleCall update) {
    const UtcTime give_up_at = ports_.clock.now() + store_patience;
    const std::string call_id = update.call_id;
    const auto may_pass = [&](const Error& error) {
        if (error.code != Errc::conflict) tell_store_error("settle", error, call_id);
        return error.code == Errc::unavailable && !loop_.is_stopping();
    };
    StoreOp op = std::move(update);
    co_return co_await keep_submitting(ports_.commits, ports_.clock, op, give_up_at, may_pass);
}

// Every one is counted.
void Settler::tell_store_error(std::string_view doing, const Error& error,
                               std::string_view call_id) {
    ports_.metrics.count(Counter::store_errors, doing);
    const auto untold_count = store_errors_pace_.take("store", ports_.clock.now());
    if (!untold_count) return;
    LogLine line{LogLevel::error,
                 LogTag::none,
                 "the store failed the settler",
                 std::string(call_id),
                 {{"doing", std::string(doing)}, {"error", error.detail}}};
    if (*untold_count > 0) {
        line.fields.emplace_back("more_since_the_last_line", std::to_string(*untold_count));
    }
    ports_.log.write(line);
}

}  // namespace wrapup
