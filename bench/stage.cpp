#include "bench/stage.hpp"

#include <chrono>
#include <thread>

#include "bench/callbacks.hpp"
#include "bench/node_load.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace {

constexpr std::size_t calls_max = 4'000'000;
constexpr std::int64_t patience_ms = 300'000;
constexpr std::chrono::milliseconds poll_interval{20};

Load load_of(std::span<const std::string> requests, std::size_t connections, double duration_s) {
    Load load;
    load.requests = requests;
    load.connections = connections;
    load.duration_s = duration_s;
    return load;
}

Load healthz_load(std::size_t connections, double duration_s) {
    static const std::vector<std::string> requests{healthz_request()};
    Load load = load_of(requests, connections, duration_s);
    load.is_repeated = true;
    return load;
}

}  // namespace

Stage::Stage(const Plan& plan, bool is_delivery_enabled, std::vector<std::string> settings)
    : plan_(plan),
      is_delivery_enabled_(is_delivery_enabled),
      settings_(std::move(settings)),
      folder_(plan.data_dir),
      crm_(calls_max) {
    if (!plan.store.empty()) {
        std::filesystem::copy(plan.store, folder_.path() / "data");
        skip_numbers(calls_max / 2);  // Theirs are in use.
    }
    start();
}

void Stage::start() {
    server_ = std::make_unique<ServerProcess>(ServerOptions{
        plan_.binary, folder_.path() / "data", crm_.port(), is_delivery_enabled_, settings_});
}

std::vector<std::string> Stage::take_callbacks(std::size_t count) {
    auto requests = callback_requests(next_number_, count, "busy");
    next_number_ += count;
    return requests;
}

LoadResult Stage::counted(LoadResult result) {
    if (result.refused > 0) die("callbacks were refused");
    sent_count_ += result.sent;
    return result;
}

LoadResult Stage::send_calls(std::size_t connections, std::size_t count, double duration_s,
                             double rate) {
    const auto requests = take_callbacks(count);
    Load load = load_of(requests, connections, duration_s);
    load.rate = rate;
    return counted(run_load(server_->port(), load));
}

LoadResult Stage::send_calls_by_node(std::size_t connections, std::size_t count,
                                     double duration_s) {
    const auto requests = take_callbacks(count);
    const Load load = load_of(requests, connections, duration_s);
    return counted(run_node_load(server_->port(), load, folder_.path()));
}

LoadResult Stage::send_healthz(std::size_t connections, double duration_s) {
    return run_load(server_->port(), healthz_load(connections, duration_s));
}

LoadResult Stage::send_healthz_by_node(std::size_t connections, double duration_s) {
    return run_node_load(server_->port(), healthz_load(connections, duration_s), folder_.path());
}

// What was sent when the time was over is acknowledged a moment later, or not: the last
// connections' worth of calls may be missing at the CRM.
void Stage::settle_down() {
    if (is_delivery_enabled_) {
        std::uint64_t before = crm_.records_count();
        const std::int64_t until = steady_ns() + patience_ms * 1'000'000;
        for (int quiet_count = 0; quiet_count < 25; ++quiet_count) {
            std::this_thread::sleep_for(poll_interval);
            if (crm_.records_count() == sent_count_) break;
            if (crm_.records_count() != before) quiet_count = 0;
            before = crm_.records_count();
            if (steady_ns() > until) die("records do not arrive");
        }
        // The last answers are still being written down.
        std::this_thread::sleep_for(5 * poll_interval);
        return;
    }
    double before = -1;
    for (;;) {
        const double settled = server_->metric("wrapup_calls_settled_total");
        if (settled == before) return;
        before = settled;
        std::this_thread::sleep_for(10 * poll_interval);
    }
}

}  // namespace wrapup::bench
