#include <algorithm>
#include <chrono>
#include <thread>

#include "bench/mongo_server.hpp"
#include "bench/scenarios.hpp"
#include "bench/stage.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace json = boost::json;
namespace {

constexpr std::size_t warm_calls = 500;
constexpr double calls_per_s = 100;  // While MongoDB stands still.

// How fast a burst settles, from its first record to its last: before that the senders have their
// acknowledgements, with or without MongoDB.
double records_per_s(Stage& stage, std::size_t calls_count) {
    const std::uint64_t wanted = stage.crm().records_count() + calls_count;
    const std::uint64_t first_number = stage.next_number();
    (void)stage.send_calls(64, calls_count);
    if (!stage.crm().wait_for(wanted, 300'000)) die("records are missing at the CRM");
    const std::int64_t ended_at = stage.crm().last_at_ns();
    std::int64_t began_at = ended_at;
    for (std::uint64_t i = 0; i < calls_count; ++i) {
        began_at = std::min(began_at, stage.crm().arrived_at_ns(first_number + i));
    }
    stage.settle_down();
    return static_cast<double>(calls_count) * 1e9 / static_cast<double>(ended_at - began_at);
}

// What a minute in which MongoDB's process is stopped does to acknowledgements; then its calls
// settle by themselves, each with its names.
json::object stand_still(const Plan& plan, double duration_s) {
    const auto count = static_cast<std::size_t>(duration_s * calls_per_s);
    const TemporaryFolder folder(plan.data_dir);
    const MongoServer server(folder.path());
    server.fill(warm_calls + 2 * count);
    Stage stage(plan, true, {"MONGODB_URI=" + server.uri()});
    (void)stage.send_calls(16, warm_calls);
    stage.settle_down();
    const LoadResult before = stage.send_calls(16, count, 0, calls_per_s);
    stage.settle_down();
    const std::uint64_t records_before = stage.crm().records_count();
    server.freeze();
    const LoadResult during = stage.send_calls(16, count, 0, calls_per_s);
    const std::uint64_t records_during = stage.crm().records_count() - records_before;
    server.thaw();
    const std::int64_t thawed_at = steady_ns();
    if (!stage.crm().wait_for(records_before + count, 120'000)) die("calls stay where they are");
    const double caught_up_s = static_cast<double>(stage.crm().last_at_ns() - thawed_at) / 1e9;
    stage.settle_down();
    if (stage.crm().named_count() != warm_calls + 2 * count) die("records lack their names");
    return {{"stopped_s", duration_s},
            {"calls_per_s", calls_per_s},
            {"acknowledged", during.answered},
            {"ack_p99_before_ms", quantile_ms(before, 0.99)},
            {"ack_p99_stopped_ms", quantile_ms(during, 0.99)},
            {"records_while_stopped", records_during},
            {"caught_up_s", caught_up_s},
            {"repeats", stage.crm().repeats_count()}};
}

}  // namespace

json::object measure_mongodb(const Plan& plan) {
    const std::size_t calls_count = plan.is_quick ? 1'000 : 3'000;
    const std::size_t rounds_count = plan.is_quick ? 2 : 5;
    const double loop_s = plan.is_quick ? 0.5 : 2;
    const double stopped_s = plan.is_quick ? 5 : 60;
    const std::uint64_t calls_in_all = warm_calls + rounds_count * calls_count;
    const TemporaryFolder folder(plan.data_dir);
    const MongoServer server(folder.path());
    server.fill(calls_in_all);

    Stage with(plan, true, {"MONGODB_URI=" + server.uri()});
    Stage without(plan, true);
    for (Stage* stage : {&with, &without}) {
        (void)stage->send_calls(16, warm_calls);
        stage->settle_down();
    }
    std::vector<double> one, all, with_it, without_it, to_one, to_all, to_none;
    for (std::size_t i = 0; i < rounds_count; ++i) {
        using Questions = MongoServer::Questions;
        one.push_back(server.find_one_loop(calls_in_all, Questions::call_only, loop_s));
        all.push_back(server.find_one_loop(calls_in_all, Questions::all, loop_s));
        with_it.push_back(records_per_s(with, calls_count));
        without_it.push_back(records_per_s(without, calls_count));
        to_one.push_back(with_it.back() / one.back());
        to_all.push_back(with_it.back() / all.back());
        to_none.push_back(with_it.back() / without_it.back());
    }
    if (with.crm().named_count() != calls_in_all) die("records lack their names");
    return {{"calls", calls_count},
            {"rounds", rounds_count},
            {"records_per_s", median(with_it)},
            {"records_per_s_without", median(without_it)},
            {"calls_per_s_by_one_find_one", median(one)},
            {"calls_per_s_by_find_ones", median(all)},
            {"ratio_to_one_find_one", median(to_one)},
            {"ratio_to_find_ones", median(to_all)},
            {"ratio_to_no_mongodb", median(to_none)},
            {"repeats", with.crm().repeats_count()},
            {"stopped", stand_still(plan, stopped_s)}};
}

}  // namespace wrapup::bench
