#include "app/serve/calling_zones.hpp"

#include <algorithm>

#include "adapters/files/country_zones.hpp"
#include "adapters/files/time_zone_file.hpp"

namespace wrapup {
namespace {

// What neither begins nor ends within two weeks is looked at again so much later.
constexpr std::chrono::hours known_for{1};

}  // namespace

Result<std::vector<TimeZone>> CallingZones::find(std::string_view phone,
                                                 std::string_view time_zone) {
    const std::scoped_lock lock{mutex_};
    if (!time_zone.empty()) {
        WRAPUP_TRY(TimeZone zone, load(std::string(time_zone)));
        return std::vector<TimeZone>{std::move(zone)};
    }
    WRAPUP_TRY(const std::vector<std::string> countries, phones_.countries_of(phone));
    std::vector<TimeZone> all;
    for (const std::string& country : countries) {
        WRAPUP_TRY(const std::vector<TimeZone> zones, load_country(country));
        for (const TimeZone& zone : zones) {
            if (std::ranges::find(all, zone) == all.end()) all.push_back(zone);
        }
    }
    return all;
}

Result<std::string> CallingZones::place_of(std::string_view phone,
                                           std::string_view time_zone) const {
    if (!time_zone.empty()) return "zone " + std::string(time_zone);
    WRAPUP_TRY(const std::vector<std::string> countries, phones_.countries_of(phone));
    std::string place = "countries";
    for (const std::string& country : countries) place += " " + country;
    return place;
}

Result<HoursNow> CallingZones::look(const CallingHours& hours, std::string_view phone,
                                    std::string_view time_zone, UtcTime now) {
    WRAPUP_TRY(const std::string place, place_of(phone, time_zone));
    {
        const std::scoped_lock lock{mutex_};
        if (known_hours_ != hours) known_.clear();
        known_hours_ = hours;
        const auto found = known_.find(place);
        const bool holds = found != known_.end() && found->second.since <= now;
        if (holds && now < found->second.until) return found->second.hours;
    }
    WRAPUP_TRY(const std::vector<TimeZone> where, find(phone, time_zone));
    Known known{{}, now, now + known_for};
    known.hours.is_inside = is_inside(hours, where, now);
    if (known.hours.is_inside) {
        known.hours.closes_at = next_closing(hours, where, now);
    } else {
        known.hours.opens_at = next_opening(hours, where, now);
    }
    const auto changes_at = known.hours.is_inside ? known.hours.closes_at : known.hours.opens_at;
    known.until = changes_at.value_or(known.until);
    const std::scoped_lock lock{mutex_};
    return known_.insert_or_assign(place, known).first->second.hours;
}

Result<TimeZone> CallingZones::load(const std::string& name) {
    if (const auto found = zones_.find(name); found != zones_.end()) return found->second;
    WRAPUP_TRY(TimeZone zone, load_time_zone(name));
    return zones_.emplace(name, std::move(zone)).first->second;
}

Result<std::vector<TimeZone>> CallingZones::load_country(const std::string& country) {
    if (const auto found = countries_.find(country); found != countries_.end()) {
        return found->second;
    }
    WRAPUP_TRY(const std::vector<std::string> names, list_country_zones(country));
    std::vector<TimeZone> zones;
    for (const std::string& name : names) {
        WRAPUP_TRY(TimeZone zone, load(name));
        zones.push_back(std::move(zone));
    }
    return countries_.emplace(country, std::move(zones)).first->second;
}

}  // namespace wrapup
