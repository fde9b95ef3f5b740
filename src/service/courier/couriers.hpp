#pragma once

#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "service/courier/courier.hpp"

namespace wrapup {

// The couriers of all destinations that something is sent to. Each has places of its own, so that a
// destination that hangs slows no other.
class Couriers {
public:
    // One for each of `settings`, whose destinations differ.
    Couriers(const Courier::Ports& ports, std::vector<CourierSettings> settings,
             std::uint64_t seed);

    Courier* find(std::string_view destination) const;  // Null: nothing is sent there.
    const std::vector<std::unique_ptr<Courier>>& all() const { return all_; }
    // Of a destination: attempts that it may have under way now, and whether its rate lets no more
    // begin. From any thread.
    int places(std::string_view destination, UtcTime now) const;
    std::optional<RateWait> rate_wait(std::string_view destination, UtcTime now) const;
    void wake();
    void clock_was_set(milliseconds by);
    void stop();

    // Places that were reserved for deliveries that are about to be made.
    using Places = std::map<Courier*, int>;
    // Lets the deliveries be born claimed for whom there is room, and adds that to `places`. From
    // any thread.
    void reserve(std::vector<NewDelivery>& deliveries, Places& places) const;
    // Carries what was claimed, each in its place, and gives back the other places.
    void carry(std::vector<ClaimedDelivery> claimed, Places places,
               const boost::asio::any_io_executor& executor) const;

private:
    std::vector<std::unique_ptr<Courier>> all_;
};

}  // namespace wrapup
