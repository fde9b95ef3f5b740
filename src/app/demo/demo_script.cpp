#include "app/demo/demo_script.hpp"

#include <algorithm>
#include <array>

namespace wrapup {
namespace {

constexpr std::uint64_t hour_s = 3'600;
// The last calls need time to end before the hour is over.
constexpr std::uint64_t starting_percent = 86;

// A run of calls as it might be; each stretch of twelve has all four outcomes.
constexpr std::array<Outcome, 12> outcomes = {
    Outcome::held, Outcome::no_answer,     Outcome::held, Outcome::voicemail,
    Outcome::held, Outcome::no_connection, Outcome::held, Outcome::no_answer,
    Outcome::held, Outcome::voicemail,     Outcome::held, Outcome::no_answer};

// Every second call is a conversation. Five of them, spread over the hour, have a fault each.
constexpr std::int64_t stretches_count = 6;

std::int64_t stretch_begun_at(std::int64_t held_index, std::int64_t held_count) {
    for (std::int64_t stretch = 1; stretch < stretches_count; ++stretch) {
        if (held_index == stretch * held_count / stretches_count) return stretch;
    }
    return 0;
}

void add_fault(CallFaults& faults, std::int64_t stretch, milliseconds window) {
    switch (stretch) {
        case 1: faults.end_copies = 2; break;
        case 2: faults.is_end_first = true; break;
        case 3:
            faults.processing = std::clamp(window / 12, milliseconds{1'500}, milliseconds{5'000});
            break;
        case 4: faults.webhook_copies = 0; break;
        case 5: faults.has_sentinel = true; break;
        default: break;
    }
}

std::vector<DemoMoment> choose_moments(milliseconds window) {
    const auto at = [&](int percent) { return window * percent / 100; };
    const milliseconds outage =
        std::clamp(window * 7 / 100, milliseconds{1'200}, milliseconds{5'000});
    return {{DemoIncident::forged_callback, at(14)},
            {DemoIncident::outage_begins, at(34)},
            {DemoIncident::outage_ends, at(34) + outage},
            {DemoIncident::lost_answer, at(56)},
            {DemoIncident::kill, at(70)}};
}

}  // namespace

DemoScript write_demo_script(const DemoOptions& options, const std::string& server_url) {
    WRAPUP_ASSERT(options.seconds_count > 0 && options.seconds_count <= hour_s);
    const milliseconds window = seconds{options.seconds_count};
    DemoScript script;
    script.speed = static_cast<int>(hour_s / options.seconds_count);
    TrafficOptions traffic_options;
    traffic_options.seed = 7;
    traffic_options.server_url = server_url;
    traffic_options.speed = script.speed;
    traffic_options.delay_max = milliseconds{40};
    traffic_options.processing = milliseconds{200};
    Traffic traffic(traffic_options);

    const auto count = static_cast<std::int64_t>(options.calls_count);
    for (std::int64_t i = 0; i < count; ++i) {
        const auto index = static_cast<std::size_t>(i);
        DemoCall call;
        call.plan = traffic.next(outcomes[index % outcomes.size()]);
        if (index % 2 == 0) {
            add_fault(call.plan.faults, stretch_begun_at(i / 2, count / 2), window);
        }
        call.starts_after = window * starting_percent / 100 * i / count;
        script.calls.push_back(std::move(call));
    }
    script.moments = choose_moments(window);
    return script;
}

}  // namespace wrapup
