#include "sim/sim_clock.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace wrapup {
namespace asio = boost::asio;
namespace {

// A healthy instant takes a few hundred steps even when everything falls due at once.
constexpr int steps_per_instant_max = 50'000;

}  // namespace

struct SimClock::Sleeper final : Alarm::Sleep {
    Sleeper(SimClock& of, const WakeKey& at) : clock(of), key(at) {}
    void end() override { clock.wake(key); }

    SimClock& clock;
    const WakeKey key;
};

Task<void> SimClock::sleep_until(UtcTime due_at, Alarm* alarm) {
    const auto executor = co_await asio::this_coro::executor;
    const bool has_rung = alarm != nullptr && alarm->take();
    if (due_at <= now() || has_rung) co_return co_await asio::post(executor, asio::use_awaitable);

    const WakeKey key{due_at - ahead_, sleeps_count_++};
    Sleeper sleeper(*this, key);
    if (alarm != nullptr) alarm->watch(&sleeper);
    const auto start = [this, &key](Resumption caller) {
        sleepers_.emplace(key, std::move(caller));
    };
    co_await until_resumed(start);
    if (alarm != nullptr) {
        alarm->watch(nullptr);
        alarm->take();
    }
}

void SimClock::wake(const WakeKey& key) {
    auto sleeper = sleepers_.extract(key);
    if (!sleeper.empty()) sleeper.mapped().post();
}

std::optional<UtcTime> SimClock::next_wake() const {
    if (sleepers_.empty()) return std::nullopt;
    return std::max(true_now_, sleepers_.begin()->first.first);
}

void SimClock::pass_to(UtcTime now) {
    true_now_ = std::max(true_now_, now);
    if (sleepers_.empty()) return;
    const WakeKey next = sleepers_.begin()->first;
    if (next.first <= true_now_) wake(next);
}

SimClock::End SimClock::run(UtcTime limit, std::uint64_t steps_max,
                            const std::function<bool()>& is_done, Company* company) {
    for (std::uint64_t steps = 0;;) {
        for (int steps_now = 0;;) {
            io_.restart();
            const bool has_worked = io_.poll_one() > 0;
            const bool have_others = company != nullptr && company->step();
            if (!has_worked && !have_others) break;
            if (has_worked && ++steps >= steps_max) return End::steps;
            if (++steps_now == steps_per_instant_max) return End::livelock;
        }
        if (is_done()) return End::done;
        std::optional<UtcTime> next = next_wake();
        const std::optional<UtcTime> theirs = company ? company->next() : std::nullopt;
        if (theirs) next = std::min(next.value_or(*theirs), *theirs);
        if (!next) return End::at_rest;
        if (*next > limit) return End::limit;
        pass_to(*next);
        if (company != nullptr) company->pass_to(true_now_);
    }
}

}  // namespace wrapup
