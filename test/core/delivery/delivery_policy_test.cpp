#include "core/delivery/delivery_policy.hpp"

#include <gtest/gtest.h>

#include <array>
#include <numeric>

namespace wrapup {
namespace {

constexpr UtcTime now{milliseconds{1'750'000'000'000}};

DeliveryPolicy policy() {
    DeliveryPolicy result;
    result.retry_schedule = {seconds{5}, seconds{30}};
    return result;
}

Verdict judge(AttemptEnd end, std::int64_t retries_used = 0, std::uint64_t seed = 0,
              const DeliveryPolicy& by = policy()) {
    Prng prng(seed);
    return judge_attempt(end, retries_used, now, by, prng);
}

AttemptEnd answered(int status) {
    AttemptEnd end;
    end.kind = AttemptEnd::Kind::answered;
    end.http_status = status;
    return end;
}

AttemptEnd ended(AttemptEnd::Kind kind) {
    AttemptEnd end;
    end.kind = kind;
    return end;
}

enum class Fate { accept, retry, reject, gone };
struct Row {
    int status;
    Fate fate;
    bool needs_person;
};
constexpr std::array<Row, 31> rows{{
    {200, Fate::accept, false}, {201, Fate::accept, false}, {202, Fate::accept, false},
    {204, Fate::accept, false}, {299, Fate::accept, false}, {400, Fate::reject, false},
    {409, Fate::reject, false}, {413, Fate::reject, false}, {415, Fate::reject, false},
    {422, Fate::reject, false}, {410, Fate::gone, true},    {408, Fate::retry, false},
    {425, Fate::retry, false},  {429, Fate::retry, false},  {500, Fate::retry, false},
    {502, Fate::retry, false},  {503, Fate::retry, false},  {504, Fate::retry, false},
    {599, Fate::retry, false},  {401, Fate::retry, true},   {403, Fate::retry, true},
    {404, Fate::retry, true},   {405, Fate::retry, true},   {406, Fate::retry, true},
    {301, Fate::retry, true},   {302, Fate::retry, true},   {304, Fate::retry, true},
    {307, Fate::retry, true},   {418, Fate::retry, true},   {451, Fate::retry, true},
    {199, Fate::retry, true},
}};

TEST(DeliveryPolicy, judges_every_answer) {
    for (const Row& row : rows) {
        SCOPED_TRACE(row.status);
        const Verdict verdict = judge(answered(row.status));
        EXPECT_EQ(verdict.needs_person, row.needs_person);
        EXPECT_EQ(verdict.parks_destination, row.fate == Fate::gone);
        switch (row.fate) {
            case Fate::accept:
                EXPECT_TRUE(std::holds_alternative<Verdict::Accept>(verdict.then));
                EXPECT_EQ(verdict.outcome, AttemptOutcome::accepted);
                break;
            case Fate::retry:
                EXPECT_TRUE(std::holds_alternative<Verdict::RetryAt>(verdict.then));
                EXPECT_EQ(verdict.outcome, AttemptOutcome::failed);
                break;
            case Fate::reject:
                EXPECT_EQ(verdict.then,
                          (decltype(verdict.then){Verdict::Park{ParkReason::rejected}}));
                EXPECT_EQ(verdict.outcome, AttemptOutcome::refused);
                break;
            case Fate::gone:
                EXPECT_EQ(verdict.then,
                          (decltype(verdict.then){Verdict::Park{ParkReason::destination_gone}}));
                break;
        }
    }
}

TEST(DeliveryPolicy, accepts_what_the_destination_calls_accepted) {
    DeliveryPolicy lenient = policy();
    lenient.accept_status = {409};
    EXPECT_TRUE(std::holds_alternative<Verdict::Accept>(judge(answered(409), 0, 0, lenient).then));
    EXPECT_FALSE(std::holds_alternative<Verdict::Accept>(judge(answered(422), 0, 0, lenient).then));
}

TEST(DeliveryPolicy, an_unknown_outcome_is_retried_or_parked_as_the_destination_says) {
    const AttemptEnd unknown = ended(AttemptEnd::Kind::unknown);
    EXPECT_EQ(judge(unknown).outcome, AttemptOutcome::unknown);
    EXPECT_TRUE(std::holds_alternative<Verdict::RetryAt>(judge(unknown).then));
    DeliveryPolicy careful = policy();
    careful.on_unknown = OnUnknown::park;
    EXPECT_EQ(judge(unknown, 0, 0, careful).then,
              (decltype(Verdict::then){Verdict::Park{ParkReason::unknown_outcome}}));
    // Nothing was sent: there is nothing to be careful about.
    EXPECT_TRUE(std::holds_alternative<Verdict::RetryAt>(
        judge(ended(AttemptEnd::Kind::not_sent), 0, 0, careful).then));
}

TEST(DeliveryPolicy, a_blocked_address_waits_for_a_person) {
    const Verdict verdict = judge(ended(AttemptEnd::Kind::blocked));
    EXPECT_EQ(verdict.then, (decltype(verdict.then){Verdict::Park{ParkReason::blocked_address}}));
    EXPECT_TRUE(verdict.needs_person);
}

TEST(DeliveryPolicy, waits_as_scheduled_give_or_take_a_fifth) {
    bool was_early = false;
    bool was_late = false;
    for (std::uint64_t seed = 0; seed < 200; ++seed) {
        const Verdict verdict = judge(answered(503), 1, seed);
        const auto wait = std::get<Verdict::RetryAt>(verdict.then).due_at - now;
        EXPECT_GE(wait, seconds{24});
        EXPECT_LE(wait, seconds{36});
        was_early = was_early || wait < seconds{28};
        was_late = was_late || wait > seconds{32};
    }
    EXPECT_TRUE(was_early && was_late);
}

TEST(DeliveryPolicy, is_dead_after_the_last_retry) {
    EXPECT_EQ(judge(answered(503), 2).then,
              (decltype(Verdict::then){Verdict::Park{ParkReason::dead}}));
}

TEST(DeliveryPolicy, is_never_sooner_than_retry_after_of_which_a_day_is_believed) {
    AttemptEnd end = answered(429);
    end.retry_after = seconds{120};
    EXPECT_EQ(std::get<Verdict::RetryAt>(judge(end).then).due_at, now + seconds{120});
    end.retry_after = seconds{1};
    EXPECT_GE(std::get<Verdict::RetryAt>(judge(end).then).due_at, now + seconds{4});
    end.retry_after = seconds{1'000'000};
    EXPECT_EQ(std::get<Verdict::RetryAt>(judge(end).then).due_at, now + std::chrono::hours{24});
}

TEST(DeliveryPolicy, a_try_by_hand_leaves_the_schedule_as_it_was) {
    const UtcTime due_at = now + std::chrono::hours{3};
    const Verdict::RetryAt as_before{due_at, false};
    EXPECT_EQ(std::get<Verdict::RetryAt>(keep_schedule(judge(answered(503)), due_at, false).then),
              as_before);
    EXPECT_EQ(
        std::get<Verdict::RetryAt>(keep_schedule(judge(answered(503), 2), due_at, false).then),
        as_before)
        << "the last step is not used up";
    AttemptEnd end = answered(429);
    end.retry_after = seconds{120};
    EXPECT_EQ(std::get<Verdict::RetryAt>(keep_schedule(judge(end), due_at, true).then),
              (Verdict::RetryAt{now + seconds{120}, false}));
    EXPECT_EQ(keep_schedule(judge(answered(422)), due_at, false), judge(answered(422)));
    EXPECT_EQ(keep_schedule(judge(answered(200)), due_at, false), judge(answered(200)));
    EXPECT_EQ(keep_schedule(judge(answered(503), 2), {}, false), judge(answered(503), 2));
}

TEST(DeliveryPolicy, retries_for_about_76_hours_by_default) {
    const auto schedule = default_retry_schedule();
    ASSERT_EQ(schedule.size(), 13U);
    const milliseconds total = std::accumulate(schedule.begin(), schedule.end(), milliseconds{0});
    EXPECT_EQ(std::chrono::duration_cast<std::chrono::hours>(total).count(), 75);
    EXPECT_EQ(schedule.front(), seconds{5});
    EXPECT_EQ(schedule.back(), std::chrono::hours{24});
}

}  // namespace
}  // namespace wrapup
