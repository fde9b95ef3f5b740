#include "sim/simulate.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <memory>

#include "base/assert.hpp"
#include "service/call_service.hpp"
#include "service/commit/clock_watch.hpp"
#include "service/ledger/ledger_sealer.hpp"
#include "service/reconciler/reconciler.hpp"
#include "service/replay/replayer.hpp"
#include "service/tasks/root_task.hpp"
#include "sim/check.hpp"
#include "sim/check_placing.hpp"
#include "sim/operator.hpp"
#include "sim/placing_stage.hpp"
#include "sim/sim_fleet.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;

// Somewhere it is midnight half an hour after the start: days end, and are closed, while calls
// come.
LedgerView ledger_view() {
    constexpr std::int64_t day_s = 86'400;
    constexpr std::int64_t midnight_s = to_unix_s(sim_start) / 900 * 900 + 1'800;
    return {TimeZone("Sim", static_cast<std::int32_t>(-(midnight_s % day_s)), {}), false};
}

ReconcilerSettings reconciler_settings() {
    ReconcilerSettings settings;
    // Retries of a record go on for days, and every round costs.
    settings.interval = std::chrono::minutes{20};
    settings.since = sim_start;
    return settings;
}

// The process that runs what runs once, and whose people they are: from start to crash or end.
class Life {
public:
    Life(Lasting& lasting, SimFleet& fleet, UtcTime started_at)
        : lasting_(lasting),
          fleet_(fleet),
          node_(lasting, started_at, 0),
          watch_({node_.clock, node_.store, node_.commits, node_.log, node_.metrics}),
          sealer_({node_.clock, node_.store, node_.reads, node_.commits, node_.log}, ledger_view()),
          reconciler_(
              {node_.clock, node_.store, node_.reads, node_.commits, node_.intake, node_.twilio,
               lasting.world.truth.faults.has_elevenlabs_key ? &lasting.elevenlabs : nullptr,
               &node_.finder.slots(), node_.log, node_.metrics},
              executor(), reconciler_settings()),
          replayer_({node_.clock, node_.store, node_.reads, node_.reads, node_.commits, node_.log},
                    executor(), settler_settings(lasting.world.truth, node_.clock.now()).routes),
          placing_({lasting.world, node_.clock, node_.store, node_.reads, node_.intake,
                    lasting.dialler, node_.twilio, node_.log, node_.metrics, lasting.prng,
                    [this](const auto& ids) { node_.settler.nudge(ids); },
                    [this](Sending& sending) { spawn_root(executor(), send(sending)); }},
                   executor()),
          calls_({node_.clock, node_.store, node_.reads, node_.commits, node_.intake, node_.settler,
                  node_.couriers,
                  lasting.world.truth.faults.has_twilio_rest ? &node_.twilio : nullptr, node_.log},
                 executor(), destination_names(lasting.world.truth)),
          operator_(lasting.world, lasting.crm, calls_, replayer_) {
        lasting_.world.clock = &node_.wall;
        lasting_.world.believed = &node_.clock;
        watch_.on_step([this](milliseconds by) {
            node_.settler.clock_was_set(by);
            reconciler_.clock_was_set(by);
            node_.couriers.clock_was_set(by);
            placing_.clock_was_set(by);
            lasting_.waits.end(by);
        });
    }

    SimClock::End run(UtcTime limit, std::uint64_t steps_max) {
        node_.begin();
        spawn_root(executor(), watch_.run());
        spawn_root(executor(), sealer_.run());
        if (lasting_.world.truth.faults.reconciles) spawn_root(executor(), reconciler_.run());
        spawn_root(executor(), set_clock());
        spawn_root(executor(), replayer_.run());
        placing_.begin();
        operator_.start(executor());
        for (Sending* sending : sendings_of(lasting_.world.truth, 0)) {
            spawn_root(executor(), send(*sending));
        }
        return node_.wall.run(
            limit, steps_max, [this] { return is_finished(); }, &fleet_);
    }

    UtcTime true_now() const { return node_.wall.true_now(); }
    const SimClock& wall() const { return node_.wall; }

private:
    boost::asio::io_context::executor_type executor() { return node_.io.get_executor(); }

    // Somebody sets the wall clock.
    Task<void> set_clock() {
        auto& steps = lasting_.world.truth.faults.clock_steps;
        while (!steps.empty()) {
            const auto [at, by] = steps.back();
            co_await node_.sleep_until_true(at);
            steps.pop_back();
            lasting_.waits.begin(node_.clock);
            node_.wall.set(by);
            lasting_.clock_ahead = node_.wall.ahead();
        }
    }

    Task<void> send(Sending& sending) {
        return sending.token.empty() ? node_.send(sending) : send_placed(sending);
    }
    // As SimNode::send(), and to whoever placed the call.
    Task<void> send_placed(Sending& sending) {
        while (!sending.is_acknowledged && sending.tries_left > 0) {
            const UtcTime at = sending.at;
            co_await node_.sleep_until_true(at);
            sending.tries_left -= 1;
            sending.at = node_.wall.true_now() + seconds{2};
            const bool is_expected = co_await placing_.hear(sending, false);
            if (!is_expected) continue;
            const bool is_stored = co_await node_.tell(sending);
            if (!is_stored) continue;
            sending.is_acknowledged = co_await placing_.hear(sending, true);
        }
    }

    // The person has done what was planned, and it has come to an end.
    bool is_ordered() const {
        const Truth& truth = lasting_.world.truth;
        const bool has_begun = std::ranges::all_of(truth.replays, &TrueReplay::is_done) &&
                               std::ranges::all_of(truth.pauses, &TruePause::is_over) &&
                               std::ranges::all_of(truth.sends, &TrueSend::is_begun) &&
                               lasting_.crm.by_hand.empty();
        if (!has_begun) return false;
        // A job that was cancelled releases nothing more, but what it released goes on.
        const auto jobs = lasting_.store.list_replays(std::nullopt, 100);
        return jobs.has_value() && std::ranges::all_of(*jobs, [](const ReplayJob& job) {
                   return job.state != ReplayState::running && job.open() == 0;
               });
    }

    bool is_finished() const {
        if (lasting_.world.is_hostile() || !is_ordered()) return false;
        if (!placing_.is_finished() || !is_placing_over(lasting_.store, lasting_.dialler))
            return false;
        const bool is_said = std::ranges::all_of(
            lasting_.world.truth.sendings,
            [](const Sending& s) { return s.is_acknowledged || s.tries_left == 0; });
        const Truth& truth = lasting_.world.truth;
        return is_said && are_all_ended(lasting_.store) &&
               (!truth.faults.reconciles || are_all_known(truth, lasting_.store));
    }

    Lasting& lasting_;
    SimFleet& fleet_;
    SimNode node_;
    ClockWatch watch_;
    LedgerSealer sealer_;
    Reconciler reconciler_;
    Replayer replayer_;
    PlacingStage placing_;
    CallService calls_;
    SimOperator operator_;
};

std::string_view words_of(SimClock::End end) {
    switch (end) {
        case SimClock::End::done: return "done";
        case SimClock::End::limit: return "P4: calls are left without an end after ten days";
        case SimClock::End::at_rest: return "P4: everything came to rest with calls left";
        case SimClock::End::livelock: return "livelock: work goes round without time passing";
        case SimClock::End::steps: return "crash";
    }
    return "";
}

}  // namespace

SimReport simulate(std::uint64_t seed) {
    Lasting lasting(seed);
    SimReport report;
    report.seed = seed;
    report.calls_count = static_cast<int>(lasting.world.truth.calls.size());
    const UtcTime limit = sim_start + hours{240};
    UtcTime now = sim_start;
    int crashes_left = lasting.world.truth.faults.crashes_count;
    SimFleet fleet(lasting);
    for (;;) {
        const std::uint64_t steps_max = crashes_left > 0 ? 1 + lasting.prng.below(2'500) : ~0ULL;
        lasting.start(now);
        auto life = std::make_unique<Life>(lasting, fleet, now);
        const SimClock::End end = life->run(limit, steps_max);
        now = life->true_now();
        if (end != SimClock::End::steps) {
            if (end != SimClock::End::done) {
                report.violations.emplace_back(words_of(end));
                add_unfinished(lasting.store, report.violations);
                const Truth& truth = lasting.world.truth;
                if (truth.faults.reconciles && !are_all_known(truth, lasting.store)) {
                    report.violations.emplace_back("P4: Twilio lists a call that was never found");
                }
            }
            break;
        }
        crashes_left -= 1;
        report.crashes_count += 1;
        lasting.forget(life->wall());
        life.reset();
        lasting.dialler.settle_in_flight(now);
        now += seconds{lasting.prng.below(30)};
        lasting.set_clock_while_stopped();
    }
    report.virtual_time_ms = (now - sim_start).count();
    report.requests_count = lasting.crm.requests_count;
    report.sent_count = static_cast<int>(lasting.world.truth.sends.size());
    report.paused_count = static_cast<int>(lasting.world.truth.pauses.size());
    check_promises(lasting.world.truth, lasting.store, lasting.crm, lasting.receipts, report);
    check_placing(lasting.world.truth, lasting.store, lasting.dialler, report);
    const auto& of_waits = lasting.waits.violations();
    report.violations.insert(report.violations.end(), of_waits.begin(), of_waits.end());
    report.waits_kept_count = lasting.waits.kept_count();
    report.crashes_count += fleet.crashes_count();
    report.pauses_count = fleet.pauses_count();
    if (lasting.elevenlabs.in_flight_max > 3) {
        report.violations.emplace_back("more than 3 requests to ElevenLabs at a time by a node");
    }
    return report;
}

int run_simulate(std::uint64_t from, std::uint64_t count) {
    SimReport total;
    for (std::uint64_t seed = from; seed < from + count; ++seed) {
        const SimReport report = simulate(seed);
        for (const std::string& violation : report.violations) {
            std::printf("seed %llu: %s\n", static_cast<unsigned long long>(seed),
                        violation.c_str());
        }
        if (!report.violations.empty()) total.violations.emplace_back("failed");
        total.calls_known_count += report.calls_known_count;
        total.records_count += report.records_count;
        total.parked_count += report.parked_count;
        total.crashes_count += report.crashes_count;
        total.requests_count += report.requests_count;
        total.repeats_count += report.repeats_count;
        total.sealed_days_count += report.sealed_days_count;
        total.failures_count += report.failures_count;
        total.replayed_count += report.replayed_count;
        total.placed_count += report.placed_count;
        total.conversations_count += report.conversations_count;
        total.list_rows_count += report.list_rows_count;
        total.list_attempts_count += report.list_attempts_count;
        total.cancelled_count += report.cancelled_count;
        total.given_up_count += report.given_up_count;
        total.sent_count += report.sent_count;
        total.paused_count += report.paused_count;
        total.pauses_count += report.pauses_count;
        total.virtual_time_ms += report.virtual_time_ms;
    }
    std::printf(
        "%llu seeds, %lld virtual hours: %d calls known, %d records at the CRM, %d parked (%d "
        "causes); "
        "%d requests, %d repeats after unknown outcomes, %d replayed, %d given up, %d replays "
        "cancelled, "
        "%d sent by hand, %d pauses, %d placed (%d talked), %d rows of lists (%d calls), "
        "%d crashes, %d nodes frozen; %zu seeds failed\n",
        static_cast<unsigned long long>(count),
        static_cast<long long>(total.virtual_time_ms / 3'600'000), total.calls_known_count,
        total.records_count, total.parked_count, total.failures_count, total.requests_count,
        total.repeats_count, total.replayed_count, total.given_up_count, total.cancelled_count,
        total.sent_count, total.paused_count, total.placed_count, total.conversations_count,
        total.list_rows_count, total.list_attempts_count, total.crashes_count, total.pauses_count,
        total.violations.size());
    return total.violations.empty() ? 0 : 1;
}

}  // namespace wrapup
