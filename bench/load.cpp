// bench_load: measures a wrapup binary from outside, on loopback, with real files. Prints one JSON
// object per run.

#include <CLI/CLI.hpp>
#include <boost/json/serialize.hpp>
#include <csignal>
#include <iostream>

#include "bench/scenarios.hpp"

namespace {

using wrapup::bench::Plan;
using wrapup::bench::Sender;

const std::map<std::string, boost::json::object (*)(const Plan&)> modes = {
    {"disk", wrapup::bench::measure_disk},
    {"acks", [](const Plan& plan) { return measure_acknowledgements(plan, Sender::ours, true); }},
    {"acks-alone",
     [](const Plan& plan) { return measure_acknowledgements(plan, Sender::ours, false); }},
    {"acks-node",
     [](const Plan& plan) { return measure_acknowledgements(plan, Sender::node, true); }},
    {"records", wrapup::bench::measure_records},
    {"delay", wrapup::bench::measure_delay},
    {"idle", wrapup::bench::measure_idle},
    {"backlog", wrapup::bench::measure_backlog},
    {"stored", wrapup::bench::measure_stored},
    {"mongodb", wrapup::bench::measure_mongodb},
    {"postgres", wrapup::bench::measure_postgres},
    {"fill", wrapup::bench::fill},
    {"turns", wrapup::bench::measure_turns},
};

}  // namespace

int main(int argc, char** argv) {
    std::signal(SIGPIPE, SIG_IGN);
    Plan plan;
    std::string mode;
    CLI::App app{"Measures a wrapup binary; script/bench runs it all"};
    app.add_option("mode", mode)->required()->check(CLI::IsMember(modes));
    app.add_option("--binary", plan.binary, "The program to measure")
        ->required()
        ->check(CLI::ExistingFile);
    app.add_option("--data", plan.data_dir, "A folder on the disk to measure")->required();
    app.add_flag("--quick", plan.is_quick, "Shorter, for a first look");
    app.add_option("--against", plan.against, "turns: the program to compare with")
        ->check(CLI::ExistingFile);
    app.add_option("--store", plan.store,
                   "turns: a data folder that both start on a copy of; fill: where to")
        ->check(CLI::ExistingDirectory);
    app.add_option("--calls", plan.fill_count, "fill: how many delivered calls");
    app.add_option("--connections", plan.connections, "turns: of the flood");
    CLI11_PARSE(app, argc, argv);
    plan.binary = std::filesystem::absolute(plan.binary);
    plan.data_dir = std::filesystem::absolute(plan.data_dir);
    if (!plan.against.empty()) plan.against = std::filesystem::absolute(plan.against);
    std::cout << boost::json::serialize(modes.at(mode)(plan)) << '\n';
    return 0;
}
