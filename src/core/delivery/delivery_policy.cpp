#include "core/delivery/delivery_policy.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr hours retry_after_max{24};

// The wait after this failure, spread by a fifth either way so that deliveries that failed together
// do not come back together. Nothing when the schedule is used up.
std::optional<milliseconds> wait_after(std::int64_t retries_used, const DeliveryPolicy& policy,
                                       Prng& prng) {
    if (retries_used >= static_cast<std::int64_t>(policy.retry_schedule.size())) {
        return std::nullopt;
    }
    const milliseconds wait = policy.retry_schedule[static_cast<std::size_t>(retries_used)];
    const auto fifth = static_cast<std::uint64_t>(wait.count() / 5);
    return wait - milliseconds{fifth} + milliseconds{prng.below(2 * fifth + 1)};
}

Verdict retry_or_die(AttemptOutcome outcome, const AttemptEnd& end, std::int64_t retries_used,
                     UtcTime now, const DeliveryPolicy& policy, Prng& prng) {
    const auto wait = wait_after(retries_used, policy, prng);
    if (!wait) return {.outcome = outcome, .then = Verdict::Park{ParkReason::dead}};
    milliseconds believed{0};
    if (end.retry_after) believed = std::min<milliseconds>(*end.retry_after, retry_after_max);
    return {.outcome = outcome, .then = Verdict::RetryAt{now + std::max(*wait, believed)}};
}

bool is_accepted(int status, const DeliveryPolicy& policy) {
    return (status >= 200 && status < 300) ||
           std::ranges::find(policy.accept_status, status) != policy.accept_status.end();
}

bool is_rejection(int status) {
    return status == 400 || status == 409 || status == 413 || status == 415 || status == 422;
}

bool is_passing_trouble(int status) {
    return status == 408 || status == 425 || status == 429 || status >= 500;
}

Verdict judge_answer(const AttemptEnd& end, std::int64_t retries_used, UtcTime now,
                     const DeliveryPolicy& policy, Prng& prng) {
    const int status = end.http_status;
    if (is_accepted(status, policy)) {
        return {.outcome = AttemptOutcome::accepted, .then = Verdict::Accept{}};
    }
    if (is_rejection(status)) {
        return {.outcome = AttemptOutcome::refused, .then = Verdict::Park{ParkReason::rejected}};
    }
    if (status == 410) {
        return {.outcome = AttemptOutcome::refused,
                .then = Verdict::Park{ParkReason::destination_gone},
                .parks_destination = true,
                .needs_person = true};
    }
    Verdict verdict = retry_or_die(AttemptOutcome::failed, end, retries_used, now, policy, prng);
    verdict.needs_person = !is_passing_trouble(status);
    return verdict;
}

}  // namespace

std::vector<milliseconds> default_retry_schedule() {
    return {seconds{5}, seconds{30}, minutes{2}, minutes{5}, minutes{15}, minutes{30}, hours{1},
            hours{2},   hours{4},    hours{8},   hours{12},  hours{24},   hours{24}};
}

Verdict keep_schedule(Verdict judged, std::optional<UtcTime> due_at, bool has_named_time) {
    if (!due_at) return judged;
    if (auto* retry = std::get_if<Verdict::RetryAt>(&judged.then)) {
        if (!has_named_time) retry->due_at = *due_at;
        retry->uses_schedule = false;
        return judged;
    }
    const auto* park = std::get_if<Verdict::Park>(&judged.then);
    if (park != nullptr && park->reason == ParkReason::dead) {
        judged.then = Verdict::RetryAt{*due_at, false};
    }
    return judged;
}

Verdict judge_attempt(const AttemptEnd& end, std::int64_t retries_used, UtcTime now,
                      const DeliveryPolicy& policy, Prng& prng) {
    WRAPUP_ASSERT(retries_used >= 0);
    switch (end.kind) {
        case AttemptEnd::Kind::answered: return judge_answer(end, retries_used, now, policy, prng);
        case AttemptEnd::Kind::not_sent:
            return retry_or_die(AttemptOutcome::failed, end, retries_used, now, policy, prng);
        case AttemptEnd::Kind::unknown:
            if (policy.on_unknown == OnUnknown::park) {
                return {.outcome = AttemptOutcome::unknown,
                        .then = Verdict::Park{ParkReason::unknown_outcome}};
            }
            return retry_or_die(AttemptOutcome::unknown, end, retries_used, now, policy, prng);
        case AttemptEnd::Kind::blocked:
            return {.outcome = AttemptOutcome::refused,
                    .then = Verdict::Park{ParkReason::blocked_address},
                    .needs_person = true};
    }
    WRAPUP_ASSERT(false);
}

}  // namespace wrapup
