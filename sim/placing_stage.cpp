#include "sim/placing_stage.hpp"

#include <algorithm>

#include "codec/bytes/form.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace {

constexpr seconds people_wait{2};
// How often somebody looks at a list.
constexpr seconds watch_every{60};

}  // namespace

// A placer with its own group commit. One that is cut off from the store is as good as dead.
class PlacingStage::Node final : public StoreWrites {
public:
    Node(const Ports& ports, const boost::asio::any_io_executor& executor, PlacerSettings settings)
        : store_(ports.store),
          commits(*this, ports.clock, ports.metrics, executor),
          placer({ports.clock, ports.store, ports.reads, commits, ports.sink, ports.dialler,
                  ports.twilio, ports.dialler, ports.log, ports.metrics,
                  [&prng = ports.prng] { return make_id(prng); },
                  [](const Intent& intent, UtcTime now) -> Result<HoursNow> {
                      return sim_hours(intent.to, now);
                  }},
                 executor, std::move(settings)) {
        commits.on_calls_due(ports.calls_due);
        commits.on_number_listed([this] { placer.wake(); });
    }
    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) override {
        if (is_dead) return Error{Errc::unavailable, "cut off"};
        return store_.commit(ops, now);
    }

    bool is_dead = false;

private:
    static std::string make_id(Prng& prng) {
        constexpr char alphabet[] = "0123456789abcdef";
        std::string id;
        for (int i = 0; i < 32; ++i) id += alphabet[prng.below(16)];
        return id;
    }

    Store& store_;

public:
    GroupCommit commits;
    Placer placer;
};

PlacingStage::PlacingStage(Ports ports, boost::asio::any_io_executor executor)
    : ports_(std::move(ports)), executor_(std::move(executor)) {
    if (!ports_.world.truth.placing.is_on) return;
    const int count = ports_.world.truth.placing.has_two_nodes ? 2 : 1;
    for (int i = 0; i < count; ++i) {
        nodes_.push_back(std::make_unique<Node>(ports_, executor_, settings()));
    }
}

PlacingStage::~PlacingStage() = default;

PlacerSettings PlacingStage::settings() const {
    PlacerSettings settings;
    settings.server_url = "https://hooks.example.org";
    settings.secret = sim_place_secret;
    settings.from = sim_own_number;
    settings.agent_id = "agent_1";
    settings.calls_max = 4;
    settings.hangs_up_on_machine = ports_.world.truth.placing.hangs_up_on_machine;
    return settings;
}

PlacingStage::Node& PlacingStage::any_node() {
    Node& last = *nodes_.back();
    const bool is_last = last.is_dead || ports_.world.prng.chance({1, 2});
    return is_last ? *nodes_.front() : last;
}

void PlacingStage::begin() {
    if (nodes_.empty()) return;
    SimDialler::Life life;
    life.target = [this]() -> PlacedCalls& { return any_node().placer; };
    life.send = ports_.send;
    life.spawn = [this](Task<void> task) { spawn_root(executor_, std::move(task)); };
    ports_.dialler.begin(std::move(life));
    for (const auto& node : nodes_) spawn_root(executor_, node->placer.run());
    PlacingTruth& truth = ports_.world.truth.placing;
    if (nodes_.size() > 1 && truth.node_ends_at) spawn_root(executor_, end_node());
    for (TrueIntent& intent : truth.intents) {
        if (!intent.is_over) spawn_root(executor_, ask_for(intent));
    }
    for (TrueOptOut& out : truth.opt_outs) {
        if (!out.known_at) spawn_root(executor_, opt_out(out));
    }
    for (TrueList& list : truth.lists) {
        if (!list.is_over) spawn_root(executor_, lead_list(list));
    }
}

void PlacingStage::clock_was_set(milliseconds by) {
    for (const auto& node : nodes_) node->placer.clock_was_set(by);
}

bool PlacingStage::is_finished() const {
    if (nodes_.empty()) return true;
    const PlacingTruth& truth = ports_.world.truth.placing;
    return std::ranges::all_of(truth.intents, &TrueIntent::is_over) &&
           std::ranges::all_of(truth.lists, &TrueList::is_over) &&
           std::ranges::all_of(truth.opt_outs,
                               [](const TrueOptOut& out) { return out.known_at.has_value(); }) &&
           ports_.dialler.is_quiet();
}

Task<void> PlacingStage::sleep_until_true(UtcTime at) {
    const UtcTime until = at + ports_.clock.ahead();
    co_await ports_.clock.sleep_until(until);
}

Task<void> PlacingStage::end_node() {
    const UtcTime at = *ports_.world.truth.placing.node_ends_at;
    co_await sleep_until_true(at);
    nodes_.back()->is_dead = true;
    nodes_.back()->placer.stop();
}

// In the same order as http/webhooks does it.
Task<bool> PlacingStage::hear(const Sending& sending, bool is_stored) {
    const auto form = parse_form(sending.body);
    WRAPUP_ASSERT(form.has_value());
    PlacedCalls::Word word;
    word.call_sid = form_value(*form, "CallSid");
    word.status = parse_call_status(form_value(*form, "CallStatus"));
    word.answered_by = form_value(*form, "AnsweredBy");
    const bool is_end = word.status && is_terminal(*word.status);
    if (is_stored && !is_end) co_return true;
    if (is_end && !is_stored) word = {word.call_sid, {}, {}};
    std::string token = sending.token;
    const auto heard = co_await any_node().placer.hear(std::move(token), std::move(word));
    co_return heard.has_value();
}

// ---- People ----

// Until he knows; with his key he may ask as often as he likes.
Task<void> PlacingStage::ask_for(TrueIntent& intent) {
    const UtcTime at = intent.at;
    co_await sleep_until_true(at);
    while (!intent.is_said) {
        Intent wish;
        wish.to = intent.to;
        wish.name = intent.name;
        wish.campaign_name = intent.campaign;
        wish.not_before = intent.not_before;
        wish.not_after = intent.not_after;
        wish.idempotency_key = intent.key;
        wish.request_hash = intent.key;
        const auto answer = co_await any_node().placer.place(std::move(wish));
        if (answer) {
            intent.is_said = true;
            // Of one that was not made, it is whose number it wanted.
            if (answer->kind != PlaceAnswer::Kind::conflict) intent.id = answer->intent.id;
        } else {
            co_await ports_.world.sleep(people_wait);
        }
    }
    co_await take_back(intent);
    intent.is_over = true;
}

Task<void> PlacingStage::take_back(TrueIntent& intent) {
    if (!intent.cancel_at || intent.id.empty()) co_return;
    const UtcTime at = *intent.cancel_at;
    co_await sleep_until_true(at);
    for (;;) {
        std::string id = intent.id;
        const auto cancelled = co_await any_node().placer.cancel(std::move(id));
        if (cancelled) intent.cancelled_at = ports_.world.now();
        if (cancelled || cancelled.error().code == Errc::conflict) co_return;
        co_await ports_.world.sleep(people_wait);
    }
}

Task<void> PlacingStage::opt_out(TrueOptOut& out) {
    const UtcTime at = out.at;
    co_await sleep_until_true(at);
    while (!out.known_at) {
        StoreOp op = PutDoNotCall{{{out.phone, "", "api", ports_.clock.now()}}};
        const auto stored = co_await nodes_.front()->commits.submit(op);
        if (stored) {
            out.known_at = ports_.world.now();
        } else {
            co_await ports_.world.sleep(people_wait);
        }
    }
}

// ---- Lists ----

Task<void> PlacingStage::lead_list(TrueList& list) {
    while (list.done_count < list.steps.size()) {
        const TrueList::Step& step = list.steps[list.done_count];
        const UtcTime at = step.at;
        co_await sleep_until_true(at);
        const bool is_done = co_await take_step(list, step);
        if (is_done) {
            list.done_count += 1;
        } else {
            co_await ports_.world.sleep(people_wait);
        }
    }
    while (!list.is_over) {
        co_await ports_.world.sleep(watch_every);
        co_await watch_list(list);
    }
}

Task<bool> PlacingStage::take_step(TrueList& list, const TrueList::Step& step) {
    if (!step.numbers.empty()) {
        PutListRows put;
        put.list = list.settings;
        put.has_retry = true;
        put.batch = list.settings.id + "-" + std::to_string(list.done_count);
        put.request_hash = put.batch;
        for (const std::string& number : step.numbers) {
            ListRow row;
            row.to = number;
            row.name = "Listed";
            row.batch = put.batch;
            put.rows.push_back(std::move(row));
        }
        const auto taken = co_await any_node().placer.put_list_rows(std::move(put));
        const bool is_too_late = !taken && taken.error().code == Errc::invalid_input;
        if (is_too_late) list.steps[list.done_count].numbers.clear();
        co_return taken || is_too_late;
    }
    std::string id = list.settings.id;
    const auto set = co_await any_node().placer.set_dial_list(std::move(id), step.state);
    if (set && step.state == DialListState::cancelled) list.cancelled_at = ports_.world.now();
    co_return set || set.error().code == Errc::not_found;  // All of it was refused so far.
}

// Lets it go on when it was paused because Twilio refused.
Task<void> PlacingStage::watch_list(TrueList& list) {
    const auto now_is = ports_.store.find_dial_list(list.settings.id);
    list.is_over = !now_is && list.numbers().empty();
    if (!now_is) co_return;
    const bool is_waiting = now_is->counts.contains("waiting") && !list.cancelled_at;
    list.is_over = !is_waiting && !now_is->counts.contains("calling");
    if (list.is_over || now_is->state != DialListState::paused) co_return;
    std::string id = list.settings.id;
    (void)co_await any_node().placer.set_dial_list(std::move(id), DialListState::active);
}

}  // namespace wrapup
