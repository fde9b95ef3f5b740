#include "service/courier/couriers.hpp"

#include <algorithm>

#include "base/assert.hpp"

namespace wrapup {

Couriers::Couriers(const Courier::Ports& ports, std::vector<CourierSettings> settings,
                   std::uint64_t seed) {
    Prng prng(seed);
    for (CourierSettings& one : settings) {
        WRAPUP_ASSERT(find(one.destination) == nullptr);
        all_.push_back(std::make_unique<Courier>(ports, std::move(one), prng.next()));
    }
}

Courier* Couriers::find(std::string_view destination) const {
    const auto found = std::ranges::find_if(
        all_, [&](const auto& one) { return one->settings().destination == destination; });
    return found == all_.end() ? nullptr : found->get();
}

int Couriers::places(std::string_view destination, UtcTime now) const {
    const Courier* const courier = find(destination);
    return courier == nullptr ? 0 : courier->gate().places(now);
}

std::optional<RateWait> Couriers::rate_wait(std::string_view destination, UtcTime now) const {
    const Courier* const courier = find(destination);
    return courier == nullptr ? std::nullopt : courier->gate().rate_wait(now);
}

void Couriers::wake() {
    for (const auto& courier : all_) courier->wake();
}

void Couriers::clock_was_set(milliseconds by) {
    for (const auto& courier : all_) courier->clock_was_set(by);
}

void Couriers::stop() {
    for (const auto& courier : all_) courier->stop();
}

void Couriers::reserve(std::vector<NewDelivery>& deliveries, Places& places) const {
    for (NewDelivery& made : deliveries) {
        Courier* const courier = made.parked ? nullptr : find(made.destination);
        if (courier == nullptr || !courier->try_reserve()) continue;
        made.lease = courier->lease();
        places[courier] += 1;
    }
}

void Couriers::carry(std::vector<ClaimedDelivery> claimed, Places places,
                     const boost::asio::any_io_executor& executor) const {
    for (ClaimedDelivery& one : claimed) {
        Courier* const courier = find(one.delivery.destination);
        WRAPUP_ASSERT(courier != nullptr && places[courier] > 0);
        places[courier] -= 1;
        courier->carry(std::move(one), executor);
    }
    for (const auto& [courier, left] : places) {
        for (int i = 0; i < left; ++i) courier->give_back();
    }
}

}  // namespace wrapup
