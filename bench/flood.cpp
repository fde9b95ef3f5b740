#include "bench/flood.hpp"

#include "bench/wire.hpp"

namespace wrapup::bench {
namespace {

constexpr std::int64_t patience_ms = 120'000;

}  // namespace

Flood play_flood(Stage& stage, std::size_t connections, std::size_t calls_count) {
    Flood flood;
    const std::uint64_t wanted = stage.crm().records_count() + calls_count;
    flood.cpu_before = stage.server().cpu();
    flood.acks = stage.send_calls(connections, calls_count);
    if (!stage.crm().wait_for(wanted, patience_ms)) die("records are missing at the CRM");
    const std::int64_t ended_at = stage.crm().last_at_ns();
    stage.settle_down();
    flood.cpu_after = stage.server().cpu();
    const auto count = static_cast<double>(calls_count);
    flood.records_per_s = count * 1e9 / static_cast<double>(ended_at - flood.acks.started_at_ns);
    flood.cpu_us_per_call = (flood.cpu_after.total_s - flood.cpu_before.total_s) * 1e6 / count;
    return flood;
}

}  // namespace wrapup::bench
