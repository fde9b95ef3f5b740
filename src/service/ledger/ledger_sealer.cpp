#include "service/ledger/ledger_sealer.hpp"

#include "core/store/ledger.hpp"

namespace wrapup {
namespace {

constexpr seconds look_every{60};
constexpr seconds step_min{60};
constexpr std::chrono::minutes calm_time{30};

// Rows of the day that may be closed next, and what else its hash covers.
struct Candidate {
    LedgerRows rows;
    std::vector<LedgerCorrection> corrections;
};

Result<Candidate> read_candidate(LedgerQueries& store, const TimeZone& zone, UtcTime now) {
    Candidate candidate;
    // Which day it is costs little to find out.
    WRAPUP_TRY(candidate.rows, store.ledger({now, now}));
    const auto date = next_to_seal(zone, candidate.rows);
    if (!date || zone.span_of(*date).until > now) return candidate;
    WRAPUP_TRY(candidate.rows, store.ledger(ledger_reading_of(*date, *date, zone)));
    const auto& last = candidate.rows.last_sealed;
    WRAPUP_TRY(candidate.corrections, store.corrections_after(last ? last->corrections_count : 0));
    return candidate;
}

}  // namespace

bool LedgerSealer::is_clock_calm() {
    const milliseconds ahead = ports_.clock.ahead();
    if (std::chrono::abs(ahead - ahead_) >= step_min) {
        ahead_ = ahead;
        calm_at_ = ports_.clock.now() + calm_time;
    }
    return ports_.clock.now() >= calm_at_;
}

Task<void> LedgerSealer::run() {
    while (!is_stopping_) {
        bool was_sealed = false;
        const bool is_ours = ports_.duties == nullptr || ports_.duties->has(duty::seal);
        if (is_ours && is_clock_calm()) was_sealed = co_await seal_next();
        const UtcTime until = ports_.clock.now() + (was_sealed ? seconds{0} : look_every);
        co_await ports_.clock.sleep_until(until, &alarm_);
    }
}

Task<bool> LedgerSealer::seal_next() {
    const UtcTime now = ports_.clock.now();
    auto read = [&] { return read_candidate(ports_.store, view_.zone, now); };
    auto candidate = co_await ports_.reads.run(read);
    if (!candidate) co_return false;
    auto seal = next_seal(candidate->rows, view_, std::move(candidate->corrections), now);
    if (!seal) co_return false;
    const std::string date = format_date(seal->day.date);
    StoreOp op = *std::move(seal);
    const StoreOutcome outcome = co_await ports_.commits.submit(op);
    if (!outcome) co_return false;
    ports_.log.write(
        {LogLevel::info, LogTag::none, "a day of the ledger was closed", "", {{"date", date}}});
    co_return true;
}

}  // namespace wrapup
