#include <limits>
#include <memory>
#include <ostream>

#include "app/cli/command.hpp"
#include "sim/simulate.hpp"

namespace wrapup {
namespace {

constexpr const char* notes =
    R"(Runs the production settler and courier in virtual time against a hostile
world, and checks the promises. A seed that fails is printed; --seed replays it.

Examples:
  wrapup simulate --seeds 1000
  wrapup simulate --seeds 1000 --from 5000
  wrapup simulate --seed 4711)";

constexpr std::uint64_t no_seed = std::numeric_limits<std::uint64_t>::max();

struct SimulateOptions {
    std::uint64_t seed = no_seed;
    std::uint64_t seeds_count = 100;
    std::uint64_t from = 0;
};

int simulate(const SimulateOptions& options) {
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
    };
    command.run = [options](Console&, const CommandLine&) { return simulate(*options); };
    return command;
}

}  // namespace wrapup
