#include "sim/sim_node.hpp"

#include "base/assert.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "core/store/destination_changes.hpp"
#include "service/commit/clock_watch.hpp"
#include "service/tasks/root_task.hpp"
#include "sim/null_ports.hpp"

namespace wrapup {

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

std::vector<std::string> destination_names(const Truth& truth) {
    if (truth.lake == LakeState::absent) return {"crm"};
    return {"crm", "lake"};
}

namespace {

AppendSettler::Settings append_settings(const Truth& truth, UtcTime started_at) {
    SettlerSettings same = settler_settings(truth, started_at);
    return {same.policy, std::move(same.routes), !truth.faults.has_metadata_source};
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

std::vector<CourierSettings> courier_settings(const Truth& truth) {
    CourierSettings settings;
    settings.policy.retry_schedule = default_retry_schedule();
    settings.breaker.places_max = 4;  // Few, so that handing over and claiming both happen.
    settings.rate = truth.faults.crm_rate;
    std::vector<CourierSettings> all;
    for (const std::string& name : destination_names(truth)) {
        if (name == "lake" && truth.lake != LakeState::active) continue;
        settings.destination = name;
        all.push_back(settings);
    }
    return all;
}

FaultStore::Faults store_faults(const Faults& faults) {
    return {faults.store_refuses, faults.store_loses_answer, faults.store_unread};
}

Result<NewEvent> parse(const Sending& sending, UtcTime now) {
    if (sending.kind == Sending::Kind::webhook) return webhook_event(sending.body, {}, now);
    const auto form = parse_form(sending.body);
    WRAPUP_ASSERT(form.has_value());
    return sending.kind == Sending::Kind::amd ? amd_callback_event(*form, now)
                                              : status_callback_event(*form, now);
}

bool is_shared(const Lasting& lasting) { return lasting.world.truth.faults.nodes_count > 1; }

// Up to ten minutes to either side.
milliseconds draw_skew(Lasting& lasting) {
    if (!is_shared(lasting)) return milliseconds{0};
    return milliseconds{static_cast<std::int64_t>(lasting.prng.below(1'200'000)) - 600'000};
}

// What a process goes by: its own clock, or the store's, which it hears of before anything else.
Clock& clock_of(SimNode& node, UtcTime store_time) {
    if (!is_shared(node.lasting)) return node.wall;
    node.shared.heard(node.shared.steady(), node.shared.steady(), store_time);
    return node.shared;
}

Settler::Ports settler_ports(SimNode& node) {
    const Faults& faults = node.lasting.world.truth.faults;
    Metadata& metadata = faults.has_metadata_source ? static_cast<Metadata&>(node.chain) : node.own;
    return {node.clock,
            node.store,
            node.reads,
            node.commits,
            metadata,
            faults.has_twilio_rest ? &node.twilio : nullptr,
            faults.has_elevenlabs_key ? &node.finder : nullptr,
            node.couriers,
            node.log,
            node.metrics,
            faults.has_metadata_source ? &node.own : nullptr};
}

}  // namespace

std::int64_t holder_of_node(const Lasting& lasting, int number) {
    return is_shared(lasting) ? number + 1 : 0;
}

std::vector<Sending*> sendings_of(Truth& truth, int node) {
    const bool is_closed = !truth.faults.has_webhook_secret;
    std::vector<Sending*> found;
    for (Sending& sending : truth.sendings) {
        if (is_closed && sending.kind == Sending::Kind::webhook) sending.tries_left = 0;
        const bool is_open = !sending.is_acknowledged && sending.tries_left > 0;
        if (is_open && sending.node == node) found.push_back(&sending);
    }
    return found;
}

Lasting::Lasting(std::uint64_t seed) : prng(seed) {
    world.truth = draw_truth(prng);
    world.prng = Prng(prng.next());
}

void Lasting::start(UtcTime now) {
    world.truth.read_settings(now);
    crm.by_hand.clear();
    if (world.truth.lake != LakeState::active) crm.paused_at.erase("lake");
    if (is_shared(*this)) {
        store.void_leases_of(holder_of_node(*this, 0), now + clock_ahead);
    } else {
        NullLog log;
        const UtcTime wall_now = now + clock_ahead;
        waits.start(wall_now, std::exchange(set_while_stopped, {}),
                    [&] { WRAPUP_ASSERT(take_over_last_run(store, log, wall_now).has_value()); });
    }
    follow_settings(world.truth, store, now + clock_ahead);
}

void Lasting::set_clock_while_stopped() {
    if (is_shared(*this) || !prng.chance({1, 20})) return;
    Faults& faults = world.truth.faults;
    const milliseconds by{static_cast<std::int64_t>(prng.below(20'000'000)) - 10'000'000};
    clock_ahead += by;
    set_while_stopped = by;
    faults.is_clock_set = true;
    faults.was_set_forward_while_stopped |= by > milliseconds{0};
}

void Lasting::forget(const SimClock& wall) {
    crm.settle_in_flight(wall);
    elevenlabs.forget_in_flight(wall);
}

SimNode::SimNode(Lasting& of, UtcTime started_at, int number)
    : lasting(of),
      wall(io, started_at, of.clock_ahead + draw_skew(of)),
      clock(clock_of(*this, started_at)),
      twilio(of.world),
      store(
          of.store, of.claims, holder_of_node(of, number), Prng(of.prng.next()),
          store_faults(of.world.truth.faults), [this] { return lasting.world.is_hostile(); },
          of.waits),
      reads(io.get_executor()),
      commits(store, clock, metrics, io.get_executor()),
      intake(commits, clock, log, metrics),
      own(store, reads),
      theirs(of.world),
      chain(theirs, own),
      finder({of.elevenlabs, clock, store, reads, metrics}, 3),
      couriers({clock, store, reads, commits, of.crm, log, metrics},
               courier_settings(of.world.truth), of.prng.next()),
      settler(settler_ports(*this), settler_settings(of.world.truth, clock.now())),
      append_settler({settler, couriers, log, metrics},
                     append_settings(of.world.truth, clock.now()),
                     [this](Settlements s) { settler.take_over(std::move(s)); }) {
    commits.settle_with(append_settler);
    commits.on_calls_due([this](const auto& ids) { settler.nudge(ids); });
    commits.on_delivery_due([this] { couriers.wake(); });
    commits.resume_sweeps(store);
}

Result<std::vector<StoreOutcome>> SimStore::commit(std::span<const StoreOp> ops, UtcTime now) {
    shared_.act_for(holder_);
    auto outcomes = written(FaultStore::commit(ops, now));
    if (!outcomes) return outcomes;
    for (const StoreOutcome& outcome : *outcomes) {
        if (!outcome) continue;
        const auto* settled = std::get_if<Settled>(&*outcome);
        const auto* appended = std::get_if<Appended>(&*outcome);
        if (appended != nullptr && appended->settled) settled = &*appended->settled;
        if (settled != nullptr) claims_.made(settled->claimed);
    }
    return outcomes;
}

Result<ClaimedDeliveries> SimStore::claim_deliveries(std::string_view destination, UtcTime now,
                                                     milliseconds lease, int limit,
                                                     const std::optional<RateLimit>& rate) {
    shared_.act_for(holder_);
    claims_.before(destination);
    auto all = written(FaultStore::claim_deliveries(destination, now, lease, limit, rate));
    if (all) claims_.claimed(destination, now, *all);
    return all;
}

void SimNode::begin() {
    spawn_root(io.get_executor(), settler.run());
    for (const auto& one : couriers.all()) spawn_root(io.get_executor(), one->run());
}

Task<void> SimNode::sleep_until_true(UtcTime at) {
    const UtcTime until = at + wall.ahead();
    co_await wall.sleep_until(until);
}

Task<bool> SimNode::tell(Sending& sending) {
    auto event = parse(sending, clock.now());
    WRAPUP_ASSERT(event.has_value());
    std::string payload = event->payload;
    NewEvent copy = *std::move(event);
    const auto appended = co_await intake.append(std::move(copy));
    if (!appended) co_return false;
    lasting.receipts.push_back({appended->call_id, std::move(payload)});
    co_return true;
}

Task<void> SimNode::send(Sending& sending) {
    while (!sending.is_acknowledged && sending.tries_left > 0) {
        const UtcTime at = sending.at;
        co_await sleep_until_true(at);
        sending.tries_left -= 1;
        sending.at = wall.true_now() + seconds{2};
        sending.is_acknowledged = co_await tell(sending);
    }
}

}  // namespace wrapup
