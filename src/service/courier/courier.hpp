#pragma once

// Carries records to one destination. Decisions are in core/delivery/delivery_policy; this moves
// values between the store, the gateway and the log. One executor.

#include <boost/asio/any_io_executor.hpp>
#include <optional>
#include <string>

#include "base/prng.hpp"
#include "core/delivery/delivery_policy.hpp"
#include "ports/clock.hpp"
#include "ports/crm_gateway.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"
#include "ports/store.hpp"
#include "service/commit/due_loop.hpp"
#include "service/commit/group_commit.hpp"
#include "service/courier/gate.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

struct CourierSettings {
    std::string destination;
    DeliveryPolicy policy;
    milliseconds timeout{seconds{35}};  // Of one attempt: the lease lasts longer.
    BreakerPolicy breaker{};            // Its places are what is under way at a time.
    std::optional<RateLimit> rate{};
    milliseconds idle_max{5'000};  // DueLoop::Limits.
};

// What the ports name outlives it. An attempt's end that could not be written down is found by the
// next claim, which treats it as unknown: never as not made (P2).
class Courier final : private DueLoop::Worker {
public:
    struct Ports {
        Clock& clock;
        DeliveryClaims& store;
        BlockingPool& reads;
        GroupCommit& commits;
        CrmGateway& gateway;
        EventLog& log;
        Metrics& metrics;
    };

    Courier(Ports ports, CourierSettings settings, std::uint64_t seed);

    // Claims and carries what is due until stop(); returns when the attempts in progress have
    // ended.
    Task<void> run();
    void stop() { loop_.stop(); }
    void wake() { loop_.wake(); }
    int in_progress_count() const { return loop_.in_progress_count(); }  // From any thread.
    // The wall clock was set by `by`, and the store's times with it.
    void clock_was_set(milliseconds by) {
        gate_.clock_was_set(by);
        loop_.wake();
    }

    // A person has mended the destination: the store is asked at once whether it may be probed.
    // From any thread.
    void ask_again() {
        gate_.ask_again(ports_.clock.now());
        loop_.wake();
    }

    // The status of the last answer that says whether the destination takes our records at all:
    // of one that only a person can mend (401, 403, 404 …), 0 of another. Nothing: none since the
    // start. On our executor.
    std::optional<int> refusal() const { return refusal_; }

    const CourierSettings& settings() const { return settings_; }
    const Gate& gate() const { return gate_; }
    // How long a claim by us is good for, from now.
    milliseconds lease() const;

    // For whoever makes deliveries: reserves room for one that is born claimed and will be handed
    // over with carry() or given back (both on our executor). From any thread.
    bool try_reserve();
    void give_back();
    void carry(ClaimedDelivery claimed, boost::asio::any_io_executor executor);

    // What one attempt came to, for a person who waits for it.
    struct Sent {
        Delivery delivery;  // As it was before.
        CrmAnswer answer;
        Verdict verdict;
    };
    // Sends this delivery now, whatever its state; a delivered one again with the same bytes. Waits
    // for an attempt in progress to end, and writes down first that an earlier one has no known
    // end. `attempts_seen`: the attempts that the asker knew of. conflict, and nothing is sent,
    // when somebody else's ended meanwhile, or did not end in time; unavailable when we are
    // stopping.
    Task<Result<Sent>> send_now(std::int64_t delivery_id, std::int64_t attempts_seen);
    // Parks it as given_up. conflict: it is being sent right now, or is not on its way.
    Task<Result<void>> park(std::int64_t delivery_id);
    // The same for one that the caller has claimed.
    Task<Result<Sent>> send_claimed(ClaimedDelivery claimed);
    bool is_stopping() const { return loop_.is_stopping(); }

private:
    // Who wants it sent: the schedule, with a place at the gate; a person at the end of a forced
    // settle, or of a record that waits. A person's attempt needs no place.
    enum class Asker { schedule, forced, person };

    Task<Result<std::size_t>> claim_due(UtcTime now, int count_max) override;
    Result<std::optional<UtcTime>> next_due() override;
    void store_failed(std::string_view doing, const Error& error) override;
    int room(UtcTime now) override;
    std::optional<UtcTime> room_at(UtcTime now) override;

    Task<void> attempt(ClaimedDelivery claimed);
    Task<void> put_back(const ClaimedDelivery& claimed);
    Task<std::optional<Sent>> carry_out(ClaimedDelivery claimed, Asker asker);
    Task<void> close_unresolved(ClaimedDelivery claimed, Asker asker);
    Task<Sent> send(ClaimedDelivery claimed, Asker asker);
    Task<void> write_end(const ClaimedDelivery& claimed, FinishAttempt update, Asker asker);
    Task<void> park_destination();
    Task<void> keep_breaker(Breaker::Change change);
    void hear(const Verdict& verdict, int http_status);
    void tell(const ClaimedDelivery& claimed, const Attempt& attempt, const Verdict& verdict);

    Ports ports_;
    CourierSettings settings_;
    Prng prng_;
    Gate gate_;
    std::optional<int> refusal_;
    int unwritten_count_ = 0;  // Ends of attempts that the store would not take yet.
    DueLoop loop_;             // In progress: attempts and reservations.
};

}  // namespace wrapup
