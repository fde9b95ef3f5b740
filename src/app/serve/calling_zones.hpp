#pragma once

// In which time zones somebody with a number may be.

#include <map>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "adapters/phone/phone_reader.hpp"
#include "base/result.hpp"
#include "base/time_zone.hpp"
#include "core/placing/calling_hours.hpp"
#include "core/placing/placing_plan.hpp"

namespace wrapup {

// Reads the system's files, each once, and loads libphonenumber with the first number. From any
// thread; may block.
class CallingZones {
public:
    explicit CallingZones(const PhoneReader& phones) : phones_(phones) {}

    // `time_zone`, the person's own, when it is set (an IANA name); else every zone of the number's
    // country. Empty: the number has no country. invalid_input: there is no such zone, in words
    // that follow the field's name. unavailable: the files, or libphonenumber, are missing.
    Result<std::vector<TimeZone>> find(std::string_view phone, std::string_view time_zone);

    // The calling hours of somebody there. Remembered until they begin or end, because many live in
    // the same zones. Errors as of find().
    Result<HoursNow> look(const CallingHours& hours, std::string_view phone,
                          std::string_view time_zone, UtcTime now);

private:
    struct Known {
        HoursNow hours;
        UtcTime since;
        UtcTime until;
    };
    // Who has the same is in the same zones.
    Result<std::string> place_of(std::string_view phone, std::string_view time_zone) const;
    Result<TimeZone> load(const std::string& name);
    Result<std::vector<TimeZone>> load_country(const std::string& country);

    const PhoneReader& phones_;
    std::mutex mutex_;
    std::map<std::string, TimeZone, std::less<>> zones_;
    std::map<std::string, std::vector<TimeZone>, std::less<>> countries_;
    CallingHours known_hours_;  // Those of known_.
    std::map<std::string, Known, std::less<>> known_;
};

}  // namespace wrapup
