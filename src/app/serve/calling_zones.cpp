#include "app/serve/calling_zones.hpp"

#include <algorithm>

#include "adapters/files/country_zones.hpp"
#include "adapters/files/time_zone_file.hpp"

namespace wrapup {

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
