#include <limits>
#include <memory>
#include <optional>
#include <ostream>
#include <string>

#include "adapters/sqlite/store.hpp"
#include "app/cli/command.hpp"
#include "app/cli/complaint.hpp"
#include "app/demo/demo_folder.hpp"
#include "app/program/exit_codes.hpp"
#include "app/serve/house_placing.hpp"
#include "sim/campaign.hpp"
#include "sim/outage.hpp"
#include "sim/simulate.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Runs the production settler and courier in virtual time against a hostile
world, and checks the promises. A seed that fails is printed; --seed replays it.
With --outage the CRM is in trouble for ten virtual hours (down, throttled or
slow), on a database in a temporary folder, and what came of it is measured.
With --campaign a list of numbers in four time zones is called, from a Friday to
its end: whom it rang, and when, by the clock on the wall there.

Examples:
  wrapup simulate --seeds 1000
  wrapup simulate --seeds 1000 --from 5000
  wrapup simulate --seed 4711
  wrapup simulate --outage down --calls 100000
  wrapup simulate --campaign 5000)";

constexpr std::uint64_t no_seed = std::numeric_limits<std::uint64_t>::max();

struct SimulateOptions {
    std::uint64_t seed = no_seed;
    std::uint64_t seeds_count = 100;
    std::uint64_t from = 0;
    std::string outage;
    std::uint64_t calls_count = 100'000;
    std::uint64_t rows_count = 0;
};

std::optional<OutageOrder::Kind> outage_named(const std::string& name) {
    if (name == "down") return OutageOrder::Kind::down;
    if (name == "throttled") return OutageOrder::Kind::throttled;
    if (name == "slow") return OutageOrder::Kind::slow;
    return std::nullopt;
}

int simulate_an_outage(Console& console, const SimulateOptions& options) {
    const auto kind = outage_named(options.outage);
    constexpr std::uint64_t calls_max = 10'000'000;
    if (!kind || options.calls_count == 0 || options.calls_count > calls_max) {
        return unusable(console, "--outage is one of down, throttled, slow; --calls is 1 to " +
                                     std::to_string(calls_max));
    }
    const DemoFolder folder("wrapup-outage");
    const auto store = SqliteStore::open({.path = (folder.path() / "wrapup.db").string()});
    if (!store) return failed(console, store.error().detail);
    return run_outage(**store, {*kind, static_cast<int>(options.calls_count)});
}

int simulate_a_campaign(Console& console, const SimulateOptions& options) {
    constexpr std::uint64_t rows_max = 100'000;
    if (options.rows_count > rows_max) {
        return unusable(console, "--campaign has at most " + std::to_string(rows_max) + " numbers");
    }
    const DemoFolder folder("wrapup-campaign");
    const auto store = SqliteStore::open({.path = (folder.path() / "wrapup.db").string()});
    const auto hours = parse_calling_hours(campaign_hours);
    if (!store || !hours) {
        return failed(console, (store ? hours.error() : store.error()).detail);
    }
    const PhoneReader phones{""};
    CallingZones zones{phones};
    CampaignOrder order;
    order.rows_count = static_cast<int>(options.rows_count);
    order.hours = [&](const Intent& intent, UtcTime now) {
        return hours_now(*hours, zones, intent, now);
    };
    return run_campaign(**store, order);
}

int simulate(Console& console, const CommandLine& line, const SimulateOptions& options) {
    if (line.is_json) return unusable(console, "simulate prints text: it has no --json");
    if (!options.outage.empty()) return simulate_an_outage(console, options);
    if (options.rows_count > 0) return simulate_a_campaign(console, options);
    if (options.seed != no_seed) return run_simulate(options.seed, 1);
    return run_simulate(options.from, options.seeds_count);
}

}  // namespace

CommandSpec simulate_command() {
    const auto options = std::make_shared<SimulateOptions>();
    CommandSpec command{"simulate", "Check the promises in a simulated world", notes, {}, {}, {}};
    command.options = {
        {"--seed", "S", "Only this one", &options->seed, false, ""},
        {"--seeds", "N", "So many (100)", &options->seeds_count, false, "--seed"},
        {"--from", "S", "The first one (0)", &options->from, false, "--seed"},
        {"--outage", "KIND", "Of the CRM: down, throttled, slow", &options->outage, false,
         "--seed"},
        {"--calls", "N", "So many in an outage (100000)", &options->calls_count, false, "--seed"},
        {"--campaign", "N", "A list of so many numbers", &options->rows_count, false, "--seed"},
    };
    command.run = [options](Console& console, const CommandLine& line) {
        return simulate(console, line, *options);
    };
    return command;
}

}  // namespace wrapup
