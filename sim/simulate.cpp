#include "sim/simulate.hpp"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cstdio>
#include <memory>

#include "base/assert.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "core/store/destination_changes.hpp"
#include "service/call_service.hpp"
#include "service/commit/clock_watch.hpp"
#include "service/commit/held_clock.hpp"
#include "service/courier/couriers.hpp"
#include "service/intake/intake.hpp"
#include "service/intake/own_metadata.hpp"
#include "service/ledger/ledger_sealer.hpp"
#include "service/reconciler/reconciler.hpp"
#include "service/replay/replayer.hpp"
#include "service/settler/settler.hpp"
#include "service/tasks/root_task.hpp"
#include "sim/check.hpp"
#include "sim/check_placing.hpp"
#include "sim/fault_store.hpp"
#include "sim/memory_store.hpp"
#include "sim/null_ports.hpp"
#include "sim/operator.hpp"
#include "sim/peers.hpp"
#include "sim/placing_stage.hpp"
#include "sim/sim_clock.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;

SettlerSettings settler_settings(const Truth& truth, UtcTime started_at) {
    const Faults& faults = truth.faults;
    SettlerSettings settings;
    settings.policy.can_ask_elevenlabs = faults.has_elevenlabs_key;
    settings.policy.awaits_webhook = faults.has_webhook_secret;
    settings.policy.can_ask_twilio = faults.has_twilio_rest;
    settings.policy.checks_open_calls = faults.reconciles;
    settings.policy.process_started_at = started_at;
    settings.routes = {{"crm", true, {}}};
    RecordFilter wanted;
    if (faults.lake_wants_held) wanted.outcomes = {Outcome::held};
    if (truth.lake != LakeState::absent) {
        settings.routes.push_back({"lake", truth.lake == LakeState::active, wanted});
    }
    return settings;
}

AppendSettler::Settings append_settings(const Truth& truth, UtcTime started_at) {
    SettlerSettings same = settler_settings(truth, started_at);
    return {same.policy, std::move(same.routes), !truth.faults.has_metadata_source};
}

std::vector<std::string> destination_names(const Truth& truth) {
    if (truth.lake == LakeState::absent) return {"crm"};
    return {"crm", "lake"};
}

// What the start of the process does about settings that are others than the last time.
void follow_settings(const Truth& truth, MemoryStore& store, UtcTime now) {
    std::vector<ConfiguredDestination> configured;
    for (const std::string& name : destination_names(truth)) {
        configured.push_back({name, name == "crm" || truth.lake == LakeState::active});
    }
    std::vector<std::string> waiting;
    const StoreCounts counts = *store.counts();
    for (const auto& [name, counted] : counts.destinations) waiting.push_back(name);
    const auto known = *store.destinations();
    for (SetDestination& change : destination_changes(configured, known, waiting, now)) {
        const StoreOp op = std::move(change);
        WRAPUP_ASSERT(store.commit(std::span(&op, 1), now).has_value());
    }
}

std::vector<CourierSettings> courier_settings(const Truth& truth, MemoryStore& store) {
    CourierSettings settings;
    settings.policy.retry_schedule = default_retry_schedule();
    settings.breaker.places_max = 4;  // Few, so that handing over and claiming both happen.
    std::vector<CourierSettings> all;
    const auto known = *store.destinations();
    for (const std::string& name : destination_names(truth)) {
        if (name == "lake" && truth.lake != LakeState::active) continue;
        settings.destination = name;
        settings.kept_breaker = {};
        for (const DestinationRow& row : known) {
            if (row.name == name) settings.kept_breaker = row.breaker;
        }
        all.push_back(settings);
    }
    return all;
}

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

// What outlives a crash.
struct Lasting {
    explicit Lasting(std::uint64_t seed) : prng(seed) {
        world.truth = draw_truth(prng);
        world.prng = Prng(prng.next());
    }

    // The process begins anew, by the settings of that time.
    void start(UtcTime now) {
        world.truth.read_settings(now);
        crm.by_hand.clear();
        if (world.truth.lake != LakeState::active) crm.paused_at.erase("lake");
        (void)store.void_leases(now + clock_ahead);
        follow_settings(world.truth, store, now + clock_ahead);
    }

    Prng prng;
    SimWorld world;
    MemoryStore store;
    SimCrm crm{world};
    SimElevenLabs elevenlabs{world};
    SimDialler dialler{world, store};
    std::vector<Receipt> receipts;  // Acknowledged events.
    milliseconds clock_ahead{0};    // Of the wall clock.
};

// One life of the process, from start to crash or end.
class Life {
public:
    Life(Lasting& lasting, UtcTime started_at)
        : lasting_(lasting),
          wall_(io_, started_at, lasting.clock_ahead),
          twilio_(lasting.world),
          store_(lasting.store, Prng(lasting.prng.next()), store_faults(lasting.world.truth.faults),
                 [this] { return lasting_.world.is_hostile(); }),
          reads_(io_.get_executor()),
          commits_(store_, clock_, metrics_, io_.get_executor()),
          intake_(commits_, clock_, log_, metrics_),
          own_(store_, reads_),
          theirs_(lasting.world),
          chain_(theirs_, own_),
          finder_(lasting.elevenlabs, clock_, metrics_, 3),
          couriers_({clock_, store_, reads_, commits_, lasting.crm, log_, metrics_},
                    courier_settings(lasting.world.truth, lasting.store), lasting.prng.next()),
          settler_(ports(lasting.world.truth.faults),
                   settler_settings(lasting.world.truth, clock_.now())),
          append_settler_({settler_, couriers_, log_, metrics_},
                          append_settings(lasting.world.truth, clock_.now()),
                          [this](Settlements s) { settler_.take_over(std::move(s)); }),
          watch_({clock_, store_, commits_, log_, metrics_}),
          sealer_({clock_, store_, reads_, commits_, log_}, ledger_view()),
          reconciler_(
              {clock_, store_, reads_, commits_, intake_, twilio_,
               lasting.world.truth.faults.has_elevenlabs_key ? &lasting.elevenlabs : nullptr,
               &finder_.slots(), log_, metrics_},
              io_.get_executor(), reconciler_settings()),
          replayer_({clock_, store_, reads_, reads_, commits_, log_}, io_.get_executor(),
                    settler_settings(lasting.world.truth, clock_.now()).routes),
          placing_({lasting.world, clock_, store_, reads_, intake_, lasting.dialler, twilio_, log_,
                    metrics_, lasting.prng, [this](const auto& ids) { settler_.nudge(ids); },
                    [this](Sending& sending) { spawn_root(io_.get_executor(), send(sending)); }},
                   io_.get_executor()),
          calls_({clock_, store_, reads_, commits_, intake_, settler_, couriers_,
                  lasting.world.truth.faults.has_twilio_rest ? &twilio_ : nullptr, log_},
                 io_.get_executor(), destination_names(lasting.world.truth)),
          operator_(lasting.world, lasting.crm, calls_, replayer_) {
        lasting_.world.clock = &wall_;
        lasting_.world.believed = &clock_;
        commits_.settle_with(append_settler_);
        commits_.on_calls_due([this](const auto& ids) { settler_.nudge(ids); });
        commits_.on_delivery_due([this] { couriers_.wake(); });
        commits_.resume_sweeps(store_);
        watch_.on_step([this](milliseconds by) {
            settler_.clock_was_set(by);
            reconciler_.clock_was_set(by);
            couriers_.clock_was_set(by);
            placing_.clock_was_set(by);
        });
    }

    SimClock::End run(UtcTime limit, std::uint64_t steps_max) {
        spawn_root(io_.get_executor(), settler_.run());
        for (const auto& one : couriers_.all()) spawn_root(io_.get_executor(), one->run());
        spawn_root(io_.get_executor(), watch_.run());
        spawn_root(io_.get_executor(), sealer_.run());
        if (lasting_.world.truth.faults.reconciles) {
            spawn_root(io_.get_executor(), reconciler_.run());
        }
        spawn_root(io_.get_executor(), set_clock());
        spawn_root(io_.get_executor(), replayer_.run());
        placing_.begin();
        operator_.start(io_.get_executor());
        for (std::size_t i = 0; i < lasting_.world.truth.sendings.size(); ++i) {
            Sending& sending = lasting_.world.truth.sendings[i];
            const bool is_open = !sending.is_acknowledged && sending.tries_left > 0;
            if (is_open) spawn_root(io_.get_executor(), send(sending));
        }
        return wall_.run(limit, steps_max, [this] { return is_finished(); });
    }

    UtcTime true_now() const { return wall_.true_now(); }

private:
    static FaultStore::Faults store_faults(const Faults& faults) {
        return {faults.store_refuses, faults.store_loses_answer, faults.store_unread};
    }

    Settler::Ports ports(const Faults& faults) {
        Metadata& metadata = faults.has_metadata_source ? static_cast<Metadata&>(chain_) : own_;
        return {clock_,
                store_,
                reads_,
                commits_,
                metadata,
                faults.has_twilio_rest ? &twilio_ : nullptr,
                faults.has_elevenlabs_key ? &finder_ : nullptr,
                couriers_,
                log_,
                metrics_,
                faults.has_metadata_source ? &own_ : nullptr};
    }

    static Result<NewEvent> parse(const Sending& sending, UtcTime now) {
        if (sending.kind == Sending::Kind::webhook) return webhook_event(sending.body, {}, now);
        const auto form = parse_form(sending.body);
        WRAPUP_ASSERT(form.has_value());
        return sending.kind == Sending::Kind::amd ? amd_callback_event(*form, now)
                                                  : status_callback_event(*form, now);
    }

    // Somebody sets the wall clock.
    Task<void> set_clock() {
        auto& steps = lasting_.world.truth.faults.clock_steps;
        while (!steps.empty()) {
            const auto [at, by] = steps.back();
            co_await sleep_until_true(at);
            steps.pop_back();
            wall_.set(by);
            lasting_.clock_ahead = wall_.ahead();
        }
    }

    Task<void> sleep_until_true(UtcTime at) {
        const UtcTime until = at + wall_.ahead();
        co_await wall_.sleep_until(until);
    }

    // A sender: at its time, and again every few seconds until it is acknowledged or gives up.
    Task<void> send(Sending& sending) {
        const Faults& faults = lasting_.world.truth.faults;
        const bool is_closed = sending.kind == Sending::Kind::webhook && !faults.has_webhook_secret;
        while (!sending.is_acknowledged && sending.tries_left > 0) {
            const UtcTime at = sending.at;
            co_await sleep_until_true(at);
            if (is_closed) {
                sending.tries_left = 0;
                co_return;
            }
            sending.tries_left -= 1;
            sending.at = wall_.true_now() + seconds{2};
            const bool is_placed = !sending.token.empty();
            if (is_placed) {
                const bool is_heard = co_await placing_.hear(sending, false);
                if (!is_heard) continue;
            }
            auto event = parse(sending, clock_.now());
            WRAPUP_ASSERT(event.has_value());
            std::string payload = event->payload;
            NewEvent copy = *std::move(event);
            const auto appended = co_await intake_.append(std::move(copy));
            if (!appended) continue;
            if (is_placed) {
                const bool is_heard = co_await placing_.hear(sending, true);
                if (!is_heard) continue;
            }
            sending.is_acknowledged = true;
            lasting_.receipts.push_back({appended->call_id, std::move(payload)});
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
    boost::asio::io_context io_{1};
    SimClock wall_;
    HeldClock clock_{wall_};
    NullLog log_;
    NullMetrics metrics_;
    SimTwilio twilio_;
    FaultStore store_;
    BlockingPool reads_;
    GroupCommit commits_;
    Intake intake_;
    OwnMetadata own_;
    SimMetadata theirs_;
    MetadataChain chain_;
    ConversationFinder finder_;
    Couriers couriers_;
    Settler settler_;
    AppendSettler append_settler_;
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
    for (;;) {
        const std::uint64_t steps_max = crashes_left > 0 ? 1 + lasting.prng.below(2'500) : ~0ULL;
        lasting.start(now);
        auto life = std::make_unique<Life>(lasting, now);
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
        life.reset();
        lasting.crm.settle_in_flight();
        lasting.elevenlabs.forget_in_flight();
        lasting.dialler.settle_in_flight(now);
        now += seconds{lasting.prng.below(30)};
    }
    report.virtual_time_ms = (now - sim_start).count();
    report.requests_count = lasting.crm.requests_count;
    report.sent_count = static_cast<int>(lasting.world.truth.sends.size());
    report.paused_count = static_cast<int>(lasting.world.truth.pauses.size());
    check_promises(lasting.world.truth, lasting.store, lasting.crm, lasting.receipts, report);
    check_placing(lasting.world.truth, lasting.store, lasting.dialler, report);
    if (lasting.elevenlabs.in_flight_max > 3) {
        report.violations.emplace_back("more than 3 requests to ElevenLabs at a time");
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
        total.virtual_time_ms += report.virtual_time_ms;
    }
    std::printf(
        "%llu seeds, %lld virtual hours: %d calls known, %d records at the CRM, %d parked (%d "
        "causes); "
        "%d requests, %d repeats after unknown outcomes, %d replayed, %d given up, %d replays "
        "cancelled, "
        "%d sent by hand, %d pauses, %d placed (%d talked), %d rows of lists (%d calls), "
        "%d crashes; %zu seeds failed\n",
        static_cast<unsigned long long>(count),
        static_cast<long long>(total.virtual_time_ms / 3'600'000), total.calls_known_count,
        total.records_count, total.parked_count, total.failures_count, total.requests_count,
        total.repeats_count, total.replayed_count, total.given_up_count, total.cancelled_count,
        total.sent_count, total.paused_count, total.placed_count, total.conversations_count,
        total.list_rows_count, total.list_attempts_count, total.crashes_count,
        total.violations.size());
    return total.violations.empty() ? 0 : 1;
}

}  // namespace wrapup
