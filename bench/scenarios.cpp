#include "bench/scenarios.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <chrono>
#include <cmath>
#include <thread>

#include "bench/fill_store.hpp"
#include "bench/flood.hpp"
#include "bench/stage.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace json = boost::json;
namespace {

double rounded(double value) { return std::round(value * 1000) / 1000; }

// What each thread used between two looks, in the order in which the threads were made.
json::array thread_shares(const CpuUse& before, const CpuUse& after, double elapsed_s) {
    json::array shares;
    for (const auto& [thread, used_s] : after.threads_s) {
        const auto earlier = before.threads_s.find(thread);
        const double used = used_s - (earlier == before.threads_s.end() ? 0 : earlier->second);
        shares.emplace_back(rounded(used / elapsed_s));
    }
    return shares;
}

struct BatchMeter {
    explicit BatchMeter(const ServerProcess& server)
        : ops(server.metric("wrapup_commit_batch_ops_sum")),
          batches(server.metric("wrapup_commit_batch_ops_count")) {}
    double ops = 0;
    double batches = 0;
};

// One round at so many connections: healthz, then callbacks.
struct AckRounds {
    std::vector<double> acks_per_s, healthz_per_s, ratio, p50_ms, p99_ms, cpu_us, healthz_cpu_us,
        ops_per_batch;
    json::array threads;
    double records_per_s = 0;

    void play(Stage& stage, Sender sender, std::size_t connections, double duration_s) {
        const auto count =
            static_cast<std::size_t>((connections == 1 ? 5'000 : 50'000) * duration_s);
        const bool is_ours = sender == Sender::ours;
        const CpuUse cpu_first = stage.server().cpu();
        const LoadResult healthz = is_ours ? stage.send_healthz(connections, duration_s)
                                           : stage.send_healthz_by_node(connections, duration_s);
        const CpuUse cpu_before = stage.server().cpu();
        const BatchMeter batches_before(stage.server());
        const std::uint64_t records_before = stage.crm().records_count();
        const LoadResult acks = is_ours ? stage.send_calls(connections, count, duration_s)
                                        : stage.send_calls_by_node(connections, count, duration_s);
        const std::uint64_t records_after = stage.crm().records_count();
        const CpuUse cpu_after = stage.server().cpu();
        const BatchMeter batches_after(stage.server());
        threads = thread_shares(cpu_before, cpu_after, acks.elapsed_s);
        stage.settle_down();
        healthz_per_s.push_back(healthz.per_second());
        acks_per_s.push_back(acks.per_second());
        ratio.push_back(acks.per_second() / healthz.per_second());
        if (!acks.latency_us.empty()) {
            p50_ms.push_back(rounded(quantile_ms(acks, 0.5)));
            p99_ms.push_back(rounded(quantile_ms(acks, 0.99)));
        }
        cpu_us.push_back((cpu_after.total_s - cpu_before.total_s) * 1e6 /
                         static_cast<double>(std::max<std::uint64_t>(acks.answered, 1)));
        healthz_cpu_us.push_back((cpu_before.total_s - cpu_first.total_s) * 1e6 /
                                 static_cast<double>(std::max<std::uint64_t>(healthz.answered, 1)));
        ops_per_batch.push_back((batches_after.ops - batches_before.ops) /
                                std::max(1.0, batches_after.batches - batches_before.batches));
        records_per_s = static_cast<double>(records_after - records_before) / acks.elapsed_s;
    }

    json::object summary(std::size_t connections) const {
        json::object result{{"connections", connections},
                            {"rounds", acks_per_s.size()},
                            {"acks_per_s", rounded(median(acks_per_s))},
                            {"healthz_per_s", rounded(median(healthz_per_s))},
                            {"ratio", rounded(median(ratio))},
                            {"server_cpu_us_per_ack", rounded(median(cpu_us))},
                            {"server_cpu_us_per_healthz", rounded(median(healthz_cpu_us))},
                            {"ops_per_commit", rounded(median(ops_per_batch))},
                            {"records_per_s_meanwhile", rounded(records_per_s)},
                            {"cpu_share_by_thread", threads}};
        if (p99_ms.empty()) return result;
        result["ack_p50_ms"] = median(p50_ms);
        result["ack_p99_ms"] = median(p99_ms);
        return result;
    }
};

}  // namespace

json::object measure_disk(const Plan& plan) {
    constexpr int appends_count = 200;
    constexpr std::size_t append_bytes = 4096;
    const TemporaryFolder folder(plan.data_dir);
    const std::string path = (folder.path() / "probe").string();
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    const std::array<char, append_bytes> bytes{};
    std::vector<double> each_us;
    for (int i = 0; i < appends_count; ++i) {
        const std::int64_t started_at = steady_ns();
        if (::write(file, bytes.data(), bytes.size()) < 0 || ::fdatasync(file) != 0) {
            die("the disk cannot be written");
        }
        each_us.push_back(static_cast<double>(steady_ns() - started_at) / 1000);
    }
    ::close(file);
    return {{"appends", appends_count},
            {"append_bytes", append_bytes},
            {"fdatasync_p50_us", rounded(quantile(each_us, 0.5))},
            {"fdatasync_p99_us", rounded(quantile(each_us, 0.99))}};
}

json::object measure_acknowledgements(const Plan& plan, Sender sender, bool is_delivery_enabled) {
    const double duration_s = plan.is_quick ? 1 : 3;
    const int rounds_count = plan.is_quick ? 2 : 5;
    Stage stage(plan, is_delivery_enabled);
    (void)stage.send_calls(64, 2'000);  // Warm: pages, connections, statements.
    stage.settle_down();
    json::array levels;
    for (const std::size_t connections : {std::size_t{1}, std::size_t{64}, std::size_t{256}}) {
        AckRounds rounds;
        for (int i = 0; i < rounds_count; ++i) rounds.play(stage, sender, connections, duration_s);
        levels.push_back(rounds.summary(connections));
    }
    return {{"sender", sender == Sender::ours ? "epoll" : "node"},
            {"delivery", is_delivery_enabled ? "on" : "off"},
            {"round_s", duration_s},
            {"levels", levels}};
}

json::object measure_records(const Plan& plan) {
    const std::size_t calls_count = plan.is_quick ? 5'000 : 20'000;
    const int rounds_count = plan.is_quick ? 2 : 5;
    Stage stage(plan, true);
    (void)stage.send_calls(64, 1'000);
    stage.settle_down();
    std::vector<double> records_per_s;
    std::vector<double> acks_per_s;
    std::vector<double> cpu_us;
    json::array threads;
    for (int i = 0; i < rounds_count; ++i) {
        const Flood flood = play_flood(stage, 64, calls_count);
        records_per_s.push_back(flood.records_per_s);
        acks_per_s.push_back(flood.acks.per_second());
        cpu_us.push_back(flood.cpu_us_per_call);
        threads = thread_shares(flood.cpu_before, flood.cpu_after,
                                static_cast<double>(calls_count) / flood.records_per_s);
    }
    return {{"connections", 64},
            {"calls", calls_count},
            {"rounds", rounds_count},
            {"records_per_s", rounded(median(records_per_s))},
            {"acks_per_s", rounded(median(acks_per_s))},
            {"server_cpu_us_per_call", rounded(median(cpu_us))},
            {"repeats", stage.crm().repeats_count()},
            {"cpu_share_by_thread", threads}};
}

json::object measure_delay(const Plan& plan) {
    constexpr double rate = 100;
    const std::size_t calls_count = plan.is_quick ? 500 : 3'000;
    Stage stage(plan, true);
    (void)stage.send_calls(16, 500);
    stage.settle_down();
    const std::uint64_t first = stage.next_number();
    const CpuUse before = stage.server().cpu();
    const LoadResult sent = stage.send_calls(16, calls_count, 0, rate);
    stage.settle_down();
    const CpuUse after = stage.server().cpu();
    std::vector<double> delays_ms;
    for (std::size_t i = 0; i < sent.sent_at_ns.size(); ++i) {
        const std::int64_t arrived_at = stage.crm().arrived_at_ns(first + i);
        if (arrived_at == 0) die("a record is missing at the CRM");
        delays_ms.push_back(static_cast<double>(arrived_at - sent.sent_at_ns[i]) / 1e6);
    }
    return {{"calls", calls_count},
            {"calls_per_s", rounded(static_cast<double>(sent.sent) / sent.elapsed_s)},
            {"p50_ms", rounded(quantile(delays_ms, 0.5))},
            {"p90_ms", rounded(quantile(delays_ms, 0.9))},
            {"p99_ms", rounded(quantile(delays_ms, 0.99))},
            {"max_ms", rounded(quantile(delays_ms, 1))},
            {"ack_p50_ms", rounded(quantile_ms(sent, 0.5))},
            {"ack_p99_ms", rounded(quantile_ms(sent, 0.99))},
            {"server_cpu_us_per_call",
             rounded((after.total_s - before.total_s) * 1e6 / static_cast<double>(calls_count))}};
}

json::object measure_idle(const Plan& plan) {
    const int rounds_count = plan.is_quick ? 3 : 9;
    std::vector<double> new_ready_ms;
    std::vector<double> again_ready_ms;
    std::vector<double> rss_mb;
    for (int i = 0; i < rounds_count; ++i) {
        Stage stage(plan, true);
        new_ready_ms.push_back(stage.server().ready_after_ms());
        (void)stage.send_calls(1, 1);
        stage.settle_down();
        rss_mb.push_back(static_cast<double>(stage.server().rss_kb()) / 1024);
        stage.stop();
        stage.start();
        again_ready_ms.push_back(stage.server().ready_after_ms());
    }
    return {{"rounds", rounds_count},
            {"rss_mb", rounded(median(rss_mb))},
            {"ready_new_folder_ms", rounded(median(new_ready_ms))},
            {"ready_ms", rounded(median(again_ready_ms))}};
}

json::object measure_backlog(const Plan& plan) {
    const std::size_t deliveries_count = plan.is_quick ? 10'000 : 100'000;
    Stage stage(plan, true);
    (void)stage.send_calls(64, 500);
    stage.settle_down();
    if (stage.server().post("/api/destinations/crm/pause") / 100 != 2) die("cannot pause");
    const double settled_before = stage.server().metric("wrapup_calls_settled_total");
    const std::uint64_t records_before = stage.crm().records_count();
    for (std::size_t done = 0; done < deliveries_count; done += 10'000) {
        (void)stage.send_calls(64, std::min<std::size_t>(10'000, deliveries_count - done));
    }
    while (stage.server().metric("wrapup_calls_settled_total") <
           settled_before + static_cast<double>(deliveries_count)) {
        std::this_thread::sleep_for(std::chrono::milliseconds{100});
    }
    if (stage.crm().records_count() != records_before) die("a paused destination got a record");

    const CpuUse before = stage.server().cpu();
    const auto rss_mb = [&] { return static_cast<double>(stage.server().rss_kb()) / 1024; };
    std::vector<double> samples_mb{rss_mb()};
    const std::int64_t started_at = steady_ns();
    if (stage.server().post("/api/destinations/crm/resume") / 100 != 2) die("cannot resume");
    while (!stage.crm().wait_for(records_before + deliveries_count, 200)) {
        samples_mb.push_back(rss_mb());
        if (steady_ns() - started_at > 600'000'000'000) die("the backlog does not leave");
    }
    const double elapsed_s = static_cast<double>(stage.crm().last_at_ns() - started_at) / 1e9;
    const CpuUse after = stage.server().cpu();
    samples_mb.push_back(rss_mb());
    return {{"deliveries", deliveries_count},
            {"drained_per_s", rounded(static_cast<double>(deliveries_count) / elapsed_s)},
            {"rss_start_mb", rounded(samples_mb.front())},
            {"rss_median_mb", rounded(median(samples_mb))},
            {"rss_max_mb", rounded(quantile(samples_mb, 1))},
            {"repeats", stage.crm().repeats_count()},
            {"server_cpu_us_per_delivery", rounded((after.total_s - before.total_s) * 1e6 /
                                                   static_cast<double>(deliveries_count))},
            {"cpu_share_by_thread", thread_shares(before, after, elapsed_s)}};
}

json::object measure_stored(const Plan& plan) {
    const std::vector<std::uint64_t> sizes =
        plan.is_quick ? std::vector<std::uint64_t>{1'000, 50'000}
                      : std::vector<std::uint64_t>{1'000, 100'000, 1'000'000};
    const std::size_t calls_count = plan.is_quick ? 3'000 : 10'000;
    const int rounds_count = plan.is_quick ? 2 : 3;
    Stage stage(plan, true);
    std::uint64_t stored = 0;
    json::array levels;
    for (const std::uint64_t size : sizes) {
        stage.stop();
        fill_store(stage.folder() / "data", stage.next_number(), size - std::min(size, stored));
        stage.skip_numbers(size - std::min(size, stored));
        stage.start();
        (void)stage.send_calls(64, 1'000);
        stage.settle_down();
        std::vector<double> records_per_s;
        std::vector<double> cpu_us;
        for (int i = 0; i < rounds_count; ++i) {
            const Flood flood = play_flood(stage, 64, calls_count);
            records_per_s.push_back(flood.records_per_s);
            cpu_us.push_back(flood.cpu_us_per_call);
        }
        stored =
            std::max(stored, size) + 1'000 + static_cast<std::uint64_t>(rounds_count) * calls_count;
        levels.push_back(
            json::object{{"stored_calls", size},
                         {"records_per_s", rounded(median(records_per_s))},
                         {"server_cpu_us_per_call", rounded(median(cpu_us))},
                         {"ready_ms", rounded(stage.server().ready_after_ms())},
                         {"rss_mb", rounded(static_cast<double>(stage.server().rss_kb()) / 1024)}});
    }
    return {{"calls", calls_count}, {"rounds", rounds_count}, {"levels", levels}};
}

}  // namespace wrapup::bench
