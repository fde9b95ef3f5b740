#include "service/replay/replayer.hpp"

#include <algorithm>
#include <limits>
#include <set>

#include "core/store/delivery_rules.hpp"
#include "core/store/replay_token.hpp"
#include "service/replay/new_destinations.hpp"
#include "service/tasks/run_on.hpp"

namespace wrapup {
namespace {

constexpr int calls_shown_max = 10;
constexpr int jobs_shown_max = 50;
constexpr int jobs_at_a_time_max = 100;
constexpr int page_size = 1'000;
// What is on its way goes on when a job is cancelled: so few that little of it does.
constexpr int slice = 50;
constexpr std::int64_t open_max = 100;

// A job that is full looks again after so long, and less and less often while nothing ends.
constexpr milliseconds wait_first{100};
constexpr milliseconds wait_longest{10'000};
constexpr milliseconds store_retry{1'000};
constexpr std::chrono::hours nothing_to_do{1};
// Jobs come to other nodes too, and nobody rings.
constexpr seconds others_idle{1};

Error bad(std::string_view field, std::string_view what) {
    return {Errc::invalid_input, std::string(field) + ": " + std::string(what)};
}

Result<ReplayJob> job_of(StoreOutcome outcome) {
    if (!outcome) return std::move(outcome).error();
    return std::get<Replayed>(*std::move(outcome)).job;
}

}  // namespace

Replayer::Replayer(Ports ports, boost::asio::any_io_executor workers, RecordRoutes routes)
    : ports_(ports), workers_(std::move(workers)), routes_(std::move(routes)) {}

const RecordRoute* Replayer::find_route(std::string_view destination) const {
    const auto found = std::ranges::find(routes_, destination, &RecordRoute::destination);
    return found == routes_.end() ? nullptr : &*found;
}

Result<void> Replayer::check(const ReplayOrder& order) const {
    if (order.gives_up) return {};
    const std::string& from = order.filter.destination;
    const bool is_moved = !order.to.empty();
    if (is_moved && from.empty()) {
        return bad("to", "name in `destination` the one whose records it takes over");
    }
    if (is_moved && from == order.to) return bad("to", "another destination is wanted");
    const std::string& goal = is_moved ? order.to : from;
    const std::string_view field = is_moved ? "to" : "destination";
    if (goal.empty()) return {};
    const RecordRoute* const route = find_route(goal);
    if (route == nullptr) {
        std::string names;
        for (const RecordRoute& one : routes_) {
            names += (names.empty() ? "" : ", ") + one.destination;
        }
        return bad(field, "no settings name this destination, but " + names +
                              (is_moved ? "" : "; `to` says which of them takes its records"));
    }
    if (!route->is_enabled) return bad(field, "delivery to it is disabled in the settings");
    return {};
}

// What a destination may still get is not given to another.
Task<Result<void>> Replayer::check_source(ReplayOrder order) {
    const std::string& from = order.filter.destination;
    const bool takes_away = !order.to.empty() || order.gives_up;
    if (!takes_away || from.empty()) co_return Result<void>{};
    auto read_rows = [&] { return ports_.store.destinations(); };
    const auto rows = co_await ports_.reads.run(read_rows);
    if (!rows) co_return rows.error();
    const auto row = std::ranges::find(*rows, from, &DestinationRow::name);
    const bool is_named = find_route(from) != nullptr;
    if (row == rows->end() && !is_named) {
        co_return bad("destination", "there is no destination of this name, and never was");
    }
    if (order.gives_up || !is_named) co_return Result<void>{};
    const DestinationState state = row == rows->end() ? DestinationState::active : row->state;
    if (state == DestinationState::gone || state == DestinationState::removed) {
        co_return Result<void>{};
    }
    co_return Error{Errc::conflict,
                    "to: destination " + from + " is " + std::string(to_string(state)) +
                        "; another takes over only from one that is gone (it answered 410) or "
                        "removed from the settings"};
}

// In pages, so that nobody waits long for the thread, and the log of the store is not held up.
Task<Result<Replayer::Count>> Replayer::count(ReplayOrder order, std::int64_t last_id) {
    const std::string& goal = order.to.empty() ? order.filter.destination : order.to;
    if (const RecordRoute* route = find_route(goal)) order.only = route->only;
    auto read_rows = [&] { return ports_.store.destinations(); };
    const auto rows = co_await ports_.long_reads.run(read_rows);
    if (!rows) co_return rows.error();
    std::set<std::string, std::less<>> lost;
    for (const DestinationRow& row : *rows) {
        if (is_lost(row.state)) lost.insert(row.name);
    }
    Count counted;
    counted.last_id = last_id;
    for (std::int64_t reached = 0; reached < counted.last_id;) {
        auto read = [&] {
            return ports_.store.walk_replay(order, reached, counted.last_id, page_size);
        };
        const auto walk = co_await ports_.long_reads.run(read);
        if (!walk) co_return walk.error();
        counted.last_id = std::min(counted.last_id, walk->last);
        reached = walk->reached;
        for (const ReplayCandidate& one : walk->found) {
            const bool is_lost = lost.contains(goal_of(order, one));
            if (const auto obstacle = obstacle_to(order, one, is_lost)) {
                counted.left_out.of(*obstacle) += 1;
                continue;
            }
            counted.count += 1;
            const bool is_shown =
                std::ssize(counted.call_ids) < calls_shown_max &&
                std::ranges::find(counted.call_ids, one.call_id) == counted.call_ids.end();
            if (is_shown) counted.call_ids.push_back(one.call_id);
        }
    }
    co_return counted;
}

Task<Result<ReplayPreview>> Replayer::preview(ReplayOrder order) {
    if (auto checked = check(order); !checked) co_return checked.error();
    ReplayOrder counted_order = order;
    const auto may_give = co_await check_source(counted_order);
    if (!may_give) co_return may_give.error();
    const auto everything = std::numeric_limits<std::int64_t>::max();
    const auto counted = co_await count(std::move(counted_order), everything);
    if (!counted) co_return counted.error();
    const ReplayToken token{counted->count, counted->last_id, ports_.clock.now()};
    ReplayPreview preview;
    preview.count = counted->count;
    preview.call_ids = counted->call_ids;
    preview.token = render_token(token, order);
    preview.left_out = counted->left_out;
    co_return preview;
}

Task<Result<ReplayJob>> Replayer::start(ReplayOrder order, std::string token, std::string reason) {
    if (auto checked = check(order); !checked) co_return checked.error();
    const auto seen = parse_token(token);
    if (!seen) co_return bad("token", "take it from the answer to a preview");
    if (!is_token_of(token, order)) {
        co_return Error{Errc::conflict,
                        "the token is of a preview of something else: this filter, `again`, "
                        "`earlier`, `give_up` or `to` is not what was previewed; preview it first"};
    }
    ReplayOrder counted_order = order;
    const auto may_give = co_await check_source(counted_order);
    if (!may_give) co_return may_give.error();
    const auto counted = co_await count(std::move(counted_order), seen->last_id);
    if (!counted) co_return counted.error();
    const UtcTime now = ports_.clock.now();
    StartReplay begin{std::move(order), std::move(token), std::move(reason)};
    begin.count = counted->count;
    begin.last_id = seen->last_id;
    begin.count_seen = seen->count;
    begin.at = now;
    begin.left_out = counted->left_out;
    StoreOp op = std::move(begin);
    auto job = job_of(co_await ports_.commits.submit(op, GroupCommit::Patience::of_senders));
    if (!job) co_return std::move(job).error();
    ports_.log.write({LogLevel::warning,
                      LogTag::none,
                      "a replay was ordered",
                      "",
                      {{"replay", std::to_string(job->id)},
                       {"count", std::to_string(job->count)},
                       {"again", job->order.is_again ? "true" : "false"},
                       {"give_up", job->order.gives_up ? "true" : "false"}}});
    if (job->order.is_earlier) co_await note_sent(job->order.filter.destination);
    auto wake = woken();
    co_await run_on(workers_, std::move(wake));
    co_return job;
}

// Nothing is to be said any more of the records that are sent by this; what it leaves, or meets no
// more when it is cancelled, is counted after it.
Task<void> Replayer::note_sent(std::string destination) {
    NoteReconciliation note;
    note.values.push_back({earlier_key(destination), "0"});
    note.values.push_back(uncounted_mark(destination, ports_.clock.now()));
    StoreOp op = std::move(note);
    (void)co_await ports_.commits.submit(op);
}

// On the workers' executor.
Task<bool> Replayer::woken() {
    waits_.clear();
    alarm_.ring();
    co_return true;
}

Task<Result<ReplayJob>> Replayer::find(std::int64_t id) {
    auto read = [&] { return ports_.store.find_replay(id); };
    co_return co_await ports_.reads.run(read);
}

Task<Result<ReplayJob>> Replayer::cancel(std::int64_t id) {
    const UtcTime now = ports_.clock.now();
    StoreOp op = CancelReplay{id, now};
    auto job = job_of(co_await ports_.commits.submit(op, GroupCommit::Patience::of_senders));
    const bool is_news = job && job->state == ReplayState::cancelled && job->ended_at == now;
    if (is_news) {
        ports_.log.write({LogLevel::warning,
                          LogTag::none,
                          "a replay was cancelled",
                          "",
                          {{"replay", std::to_string(id)}}});
    }
    co_return job;
}

Task<Result<std::vector<ReplayJob>>> Replayer::list() {
    auto read = [&] { return ports_.store.list_replays(std::nullopt, jobs_shown_max); };
    co_return co_await ports_.reads.run(read);
}

// ---- The jobs ----

void Replayer::stop() {
    is_stopping_ = true;
    alarm_.ring();
}

Task<void> Replayer::run() {
    while (!is_stopping_) {
        if (ports_.duties != nullptr && !ports_.duties->has(duty::replay)) {
            const UtcTime look_at = ports_.clock.now() + others_idle;
            co_await ports_.clock.sleep_until(look_at, &alarm_);
            continue;
        }
        auto read = [&] {
            return ports_.store.list_replays(ReplayState::running, jobs_at_a_time_max);
        };
        auto jobs = co_await ports_.reads.run(read);
        milliseconds wait = jobs ? milliseconds{nothing_to_do} : store_retry;
        if (jobs) {
            std::ranges::reverse(*jobs);  // The oldest goes first.
            for (ReplayJob& job : *jobs) {
                if (is_stopping_ || job.is_walked()) continue;
                const milliseconds until_next = co_await advance(std::move(job));
                wait = std::min(wait, until_next);
            }
        }
        if (ports_.duties != nullptr) wait = std::min<milliseconds>(wait, others_idle);
        const UtcTime until = ports_.clock.now() + wait;
        co_await ports_.clock.sleep_until(until, &alarm_);
    }
}

// How long until there may be more to do.
Task<milliseconds> Replayer::advance(ReplayJob job) {
    co_await ports_.commits.let_senders_first(ports_.clock);
    RecordFilter only;
    const std::string& goal = job.order.to.empty() ? job.order.filter.destination : job.order.to;
    if (const RecordRoute* route = find_route(goal)) only = route->only;
    const UtcTime now = ports_.clock.now();
    StoreOp op = AdvanceReplay{job.id, std::move(only), now, slice, open_max};
    const StoreOutcome outcome = co_await ports_.commits.submit(op);
    if (!outcome) co_return store_retry;
    const Replayed& replayed = std::get<Replayed>(*outcome);
    if (!replayed.has_more) {
        waits_.erase(job.id);
        co_return milliseconds{nothing_to_do};
    }
    // Looked through, whether something was found there or not.
    if (replayed.job.walked_to > job.walked_to) {
        waits_.erase(job.id);
        co_return milliseconds{0};
    }
    const auto [waited, is_first] = waits_.try_emplace(job.id, wait_first);
    if (!is_first) waited->second = std::min(2 * waited->second, wait_longest);
    co_return waited->second;
}

}  // namespace wrapup
