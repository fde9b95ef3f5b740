// Two programs that take turns: the machine's other work meets both alike, so that the ratio within
// one round means something where the figures themselves do not.

#include <array>
#include <boost/json/array.hpp>
#include <cmath>

#include "bench/fill_store.hpp"
#include "bench/flood.hpp"
#include "bench/wire.hpp"

namespace wrapup::bench {
namespace json = boost::json;
namespace {

constexpr std::size_t calls_per_round = 4'000;

double rounded(double value) { return std::round(value * 1000) / 1000; }

double rss_mb(Stage& stage) { return static_cast<double>(stage.server().rss_kb()) / 1024; }

// One figure of both programs, round by round.
struct Figure {
    const char* name;
    std::vector<double> before{};
    std::vector<double> now{};

    json::object summary() const {
        std::vector<double> ratios;
        for (std::size_t i = 0; i < now.size(); ++i) ratios.push_back(now[i] / before[i]);
        return {{"name", name},
                {"before", rounded(median(before))},
                {"now", rounded(median(now))},
                {"ratio", rounded(median(ratios))},
                {"ratio_lower_quartile", rounded(quantile(ratios, 0.25))},
                {"ratio_upper_quartile", rounded(quantile(ratios, 0.75))}};
    }
};

struct Figures {
    Figure cpu{"CPU per record, µs"};
    Figure records{"records per second"};
    Figure acks{"acknowledgements per second"};
    Figure p99{"acknowledgement p99, ms"};
    Figure idle{"memory at the start, MB"};
    Figure used{"memory after the floods, MB"};

    void take_flood(std::vector<double> Figure::*side, Stage& stage, std::size_t connections) {
        const Flood flood = play_flood(stage, connections, calls_per_round);
        (cpu.*side).push_back(flood.cpu_us_per_call);
        (records.*side).push_back(flood.records_per_s);
        (acks.*side).push_back(flood.acks.per_second());
        (p99.*side).push_back(quantile_ms(flood.acks, 0.99));
    }
};

}  // namespace

json::object fill(const Plan& plan) {
    fill_store(plan.store, 1, plan.fill_count);
    return {{"calls", plan.fill_count}};
}

json::object measure_turns(const Plan& plan) {
    if (plan.against.empty()) die("turns wants --against");
    const int rounds_count = plan.is_quick ? 6 : 20;
    Plan other = plan;
    other.binary = plan.against;
    Stage before(other, true);
    Stage now(plan, true);
    Figures figures;
    const std::array<std::pair<Stage*, std::vector<double> Figure::*>, 2> sides{
        {{&before, &Figure::before}, {&now, &Figure::now}}};
    for (const auto& [stage, side] : sides) {
        (void)stage->send_calls(1, 1);
        stage->settle_down();
        (figures.idle.*side).push_back(rss_mb(*stage));
        (void)play_flood(*stage, plan.connections, 1'000);  // Warm: pages, connections, statements.
    }
    for (std::size_t round = 0; round < static_cast<std::size_t>(rounds_count); ++round) {
        for (const std::size_t turn : {round % 2, 1 - round % 2}) {
            figures.take_flood(sides[turn].second, *sides[turn].first, plan.connections);
        }
    }
    for (const auto& [stage, side] : sides) (figures.used.*side).push_back(rss_mb(*stage));
    json::array table;
    for (const Figure* figure : {&figures.cpu, &figures.records, &figures.acks, &figures.p99,
                                 &figures.idle, &figures.used}) {
        table.push_back(figure->summary());
    }
    return {{"rounds", rounds_count},
            {"connections", plan.connections},
            {"calls_per_round", calls_per_round},
            {"figures", table}};
}

}  // namespace wrapup::bench
