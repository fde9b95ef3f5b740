// Lists of calls: rows become intents when it is their turn.

#include <algorithm>

#include "core/placing/intent_machine.hpp"
#include "core/placing/list_plan.hpp"
#include "domain/phone_number.hpp"
#include "service/commit/keep_submitting.hpp"
#include "service/placer/placer.hpp"
#include "service/tasks/run_on.hpp"

namespace wrapup {
namespace {

// Of each list, at one look. Rows outside their hours are put off so many at a time.
constexpr int due_rows_max = 256;
constexpr int attempts_max = 1'000;
constexpr std::size_t contacts_at_once = 1'000;

}  // namespace

WorkList Placer::plan_list(const DueListRows& due, std::int64_t& room, UtcTime now) {
    using Kind = ListRowPlan::Kind;
    WorkList work;
    work.list_id = due.list.id;
    work.attempts_max = settings_.attempts_per_day_max;
    work.attempts_since = now - std::chrono::hours{24};
    for (const ListRow& row : due.rows) {
        if (room == 0) break;  // The others are looked at when it is their turn.
        Intent intent = intent_of(due.list, row, now);
        if (intent.timeout_s == 0) intent.timeout_s = settings_.timeout_s;
        ListRowPlan plan =
            plan_list_row(due.list, hours_of(intent, now), seconds{intent.timeout_s}, now);
        if (!check_numbers(intent.to, intent.from)) plan = {Kind::end, {}, to_is_from};
        WorkList::Step step{row.to, row.version, {}, {}};
        if (plan.kind == Kind::open) {
            room -= 1;
            intent.id = ports_.make_id();
            if (intent.from.empty()) intent.from = settings_.from;
            if (intent.agent_id.empty()) intent.agent_id = settings_.agent_id;
            step.intent = std::move(intent);
        } else if (plan.kind == Kind::wait) {
            step.due_at = plan.at;
        } else {
            step.outcome = plan.outcome;
        }
        work.steps.push_back(std::move(step));
    }
    return work;
}

Task<Placer::Fed> Placer::feed_from_lists(std::int64_t room) {
    Fed fed;
    const UtcTime now = ports_.clock.now();
    auto read_next = [&] { return ports_.store.next_list_row_due(); };
    const auto next = co_await ports_.reads.run(read_next);
    if (!next || !*next) co_return fed;
    if (**next > now) {
        fed.next = *next;
        co_return fed;
    }
    // What is due waits for the pace, or for room: whatever makes some rings the alarm.
    if (next_ask_at_ > now) fed.next = next_ask_at_;
    if (room <= 0 || is_stopping_) co_return fed;
    auto read_due = [&] { return ports_.store.due_list_rows(now, due_rows_max); };
    const auto due = co_await ports_.reads.run(read_due);
    if (!due || due->empty()) co_return fed;
    first_list_ += 1;
    for (std::size_t i = 0; i < due->size(); ++i) {
        WorkList work = plan_list((*due)[(first_list_ + i) % due->size()], room, now);
        if (work.steps.empty()) continue;
        const auto is_put_off = [](const WorkList::Step& step) { return !step.intent; };
        const bool has_put_off = std::ranges::any_of(work.steps, is_put_off);
        StoreOp op = std::move(work);
        const auto done = co_await ports_.commits.submit(op);
        if (!done) continue;  // They are still due, or already opened.
        fed.opened_count += std::get<ListOutcome>(*done).accepted_count;
        if (has_put_off) fed.next = now;  // Behind them others may be due.
    }
    co_return fed;
}

// ---- People ----

Task<Result<ListOutcome>> Placer::put_list_rows(PutListRows rows) {
    if (!rows.has_retry) {
        rows.list.retry_busy = settings_.retry_busy;
        rows.list.retry_no_answer = settings_.retry_no_answer;
    }
    StoreOp op = std::move(rows);
    auto outcome = co_await ports_.commits.submit(op, GroupCommit::Patience::of_senders);
    if (!outcome) co_return std::move(outcome).error();
    wake();
    ListOutcome done = std::get<ListOutcome>(*std::move(outcome));
    co_return done;
}

Task<Result<DialList>> Placer::set_dial_list(std::string id, DialListState state) {
    return run_on(workers_, set_list_on_workers(std::move(id), state));
}

Task<Result<DialList>> Placer::set_list_on_workers(std::string id, DialListState state) {
    const std::string list_id = id;
    StoreOp op = SetDialList{std::move(id), state};
    auto outcome = co_await ports_.commits.submit(op, GroupCommit::Patience::of_senders);
    if (!outcome) co_return std::move(outcome).error();
    DialList list = std::get<ListOutcome>(*std::move(outcome)).list;
    if (state == DialListState::paused) {
        IntentNews news = ListPaused{};
        co_await tell_attempts(list_id, IntentState::waiting, std::move(news));
    } else if (state == DialListState::cancelled) {
        for (const auto open : {IntentState::waiting, IntentState::asking, IntentState::placed}) {
            IntentNews news = CancelWanted{};
            co_await tell_attempts(list_id, open, std::move(news));
        }
    }
    if (state != DialListState::active) {
        auto read = [&] { return ports_.store.find_dial_list(list_id); };
        auto now_is = co_await ports_.reads.run(read);
        if (now_is) list = *std::move(now_is);
    }
    alarm_.ring();
    co_return list;
}

// A few: as many as are under way at one time.
Task<void> Placer::tell_attempts(std::string list_id, IntentState state, IntentNews news) {
    IntentFilter filter;
    filter.list_id = std::move(list_id);
    filter.state = state;
    filter.limit = attempts_max;
    auto read = [&] { return ports_.store.list_intents(filter); };
    const auto page = co_await ports_.reads.run(read);
    if (!page) co_return;
    for (const Intent& intent : page->intents) {
        IntentNews copy = news;
        const auto told = co_await tell(intent.id, std::move(copy), 0);
        if (told) ring(told->intent);
    }
}

Task<std::vector<std::string>> Placer::find_time_zones(std::vector<std::string> numbers) {
    std::vector<std::string> zones(numbers.size());
    if (ports_.contacts == nullptr) co_return zones;
    for (std::size_t from = 0; from < numbers.size(); from += contacts_at_once) {
        const std::size_t count = std::min(contacts_at_once, numbers.size() - from);
        std::vector<MetadataQuery> queries(count);
        for (std::size_t i = 0; i < count; ++i) queries[i].to = numbers[from + i];
        const auto answers = co_await ports_.contacts->find(std::move(queries));
        for (std::size_t i = 0; i < count; ++i) zones[from + i] = answers[i].metadata.time_zone;
        auto check = [&] {
            drop_odd_zones(std::span(numbers).subspan(from, count),
                           std::span(zones).subspan(from, count));
            return true;
        };
        (void)co_await ports_.reads.run(check);
    }
    co_return zones;
}

void Placer::drop_odd_zones(std::span<const std::string> numbers, std::span<std::string> zones) {
    Intent intent;
    for (std::size_t i = 0; i < zones.size(); ++i) {
        if (zones[i].empty()) continue;
        intent.to = numbers[i];
        intent.time_zone = zones[i];
        const auto hours = find_hours(intent, ports_.clock.now());
        if (hours || hours.error().code != Errc::invalid_input) continue;
        ports_.log.write({LogLevel::warning,
                          LogTag::none,
                          "the time_zone of a contact is none, and counts for nothing",
                          "",
                          {{"to", mask_phone_number(numbers[i])}}});
        zones[i].clear();
    }
}

ListWait Placer::why_waiting(const DialList& list, const ListRow& row) {
    const UtcTime now = ports_.clock.now();
    return wrapup::why_waiting(list, row, hours_of(intent_of(list, row, now), now), now);
}

Result<void> Placer::check_numbers(const std::string& to, const std::string& from) {
    if (to != (from.empty() ? settings_.from : from)) return {};
    return Error{Errc::invalid_input, "this is the number that calls: it cannot call itself"};
}

Result<void> Placer::check_time_zone(const std::string& to, const std::string& zone) {
    Intent intent;
    intent.to = to;
    intent.time_zone = zone;
    const auto hours = find_hours(intent, ports_.clock.now());
    const bool is_never = hours && !hours->is_inside && !hours->opens_at;
    if (is_never) {
        return Error{Errc::invalid_input,
                     "one is wanted, as in Europe/Berlin: where this number is there is no calling "
                     "hour, or nobody knows where it is"};
    }
    if (hours || hours.error().code != Errc::invalid_input) return {};
    return hours.error();
}

}  // namespace wrapup
