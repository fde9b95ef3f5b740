#include "sim/sim_fleet.hpp"

#include <algorithm>

#include "service/tasks/root_task.hpp"

namespace wrapup {

SimFleet::SimFleet(Lasting& lasting) : lasting_(lasting) {
    const Faults& faults = lasting.world.truth.faults;
    for (int i = 1; i < faults.nodes_count; ++i) {
        Place& place = places_.emplace_back();
        place.number = i;
        place.back_at = sim_start;
        for (const NodeFault& fault : faults.node_faults) {
            if (fault.node == i) place.faults.push_back(fault);
        }
        std::ranges::sort(place.faults, std::greater{}, &NodeFault::at);
    }
}

void SimFleet::begin(Place& place, UtcTime now) {
    lasting_.store.void_leases_of(holder_of_node(lasting_, place.number), now);
    place.node = std::make_unique<SimNode>(lasting_, now, place.number);
    place.node->begin();
    for (Sending* sending : sendings_of(lasting_.world.truth, place.number)) {
        spawn_root(place.node->io.get_executor(), place.node->send(*sending));
    }
}

// One handler of each that can.
bool SimFleet::step() {
    bool has_worked = false;
    SimWorld& world = lasting_.world;
    const auto shown = std::pair{world.clock, world.believed};
    for (Place& place : places_) {
        if (!place.node || place.is_frozen) continue;
        world.clock = &place.node->wall;
        world.believed = &place.node->clock;
        place.node->io.restart();
        has_worked |= place.node->io.poll_one() > 0;
    }
    std::tie(world.clock, world.believed) = shown;
    return has_worked;
}

std::optional<UtcTime> SimFleet::next() const {
    std::optional<UtcTime> first;
    const auto add = [&first](UtcTime at) { first = std::min(first.value_or(at), at); };
    for (const Place& place : places_) {
        if (!place.node || place.is_frozen) {
            add(place.back_at);
            continue;
        }
        if (const auto wake = place.node->wall.next_wake()) add(*wake);
        if (!place.faults.empty()) add(place.faults.back().at);
    }
    return first;
}

void SimFleet::strike(Place& place, UtcTime now) {
    const NodeFault fault = place.faults.back();
    place.faults.pop_back();
    place.back_at = now + fault.length;
    if (fault.is_death) {
        crashes_count_ += 1;
        lasting_.forget(place.node->wall);
        place.node.reset();
    } else {
        pauses_count_ += 1;
        place.is_frozen = true;
    }
}

void SimFleet::pass_to(UtcTime now) {
    for (Place& place : places_) {
        const bool is_away = !place.node || place.is_frozen;
        if (is_away && now < place.back_at) continue;
        place.is_frozen = false;
        if (!place.node) begin(place, now);
        const bool is_struck = !is_away && !place.faults.empty() && place.faults.back().at <= now;
        if (is_struck) {
            strike(place, now);
        } else {
            place.node->wall.pass_to(now);
        }
    }
}

}  // namespace wrapup
