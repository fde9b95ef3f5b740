// Zones as this system knows them, against what its C library makes of the same files.

#include "adapters/files/time_zone_file.hpp"

#include <gtest/gtest.h>

#include <cstdlib>
#include <ctime>

#include "base/prng.hpp"

namespace wrapup {
namespace {

class CLibraryZone {
public:
    explicit CLibraryZone(const char* name) {
        ::setenv("TZ", name, 1);
        ::tzset();
    }
    ~CLibraryZone() {
        ::unsetenv("TZ");
        ::tzset();
    }
    std::int64_t offset_at(std::int64_t at_s) const {
        const std::time_t time = at_s;
        std::tm local{};
        ::localtime_r(&time, &local);
        return local.tm_gmtoff;
    }
};

TEST(TimeZoneFile, says_what_the_c_library_says) {
    Prng prng(4711);
    for (const char* name :
         {"Europe/Berlin", "Europe/Dublin", "America/New_York", "America/St_Johns",
          "Asia/Kathmandu", "Australia/Lord_Howe", "Australia/Sydney", "Pacific/Apia",
          "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Chatham", "Etc/GMT+5", "Etc/UTC"}) {
        const auto zone = load_time_zone(name);
        ASSERT_TRUE(zone) << name << " " << zone.error().detail;
        EXPECT_EQ(zone->name(), name);
        const CLibraryZone library(name);
        for (int i = 0; i < 2000; ++i) {
            const auto at_s = static_cast<std::int64_t>(prng.below(130ULL * 365 * 86'400));
            ASSERT_EQ(zone->offset_at(from_unix_s(at_s)).count(), library.offset_at(at_s))
                << name << " at " << at_s;
        }
    }
}

// What the ledger builds on: whatever the zone, its days begin at a full quarter of an hour.
TEST(TimeZoneFile, days_begin_at_a_quarter_of_an_hour) {
    for (const char* name : {"Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Chatham",
                             "America/St_Johns", "Australia/Eucla", "Asia/Kolkata"}) {
        const auto zone = load_time_zone(name);
        ASSERT_TRUE(zone) << name;
        Date date = *parse_date("2020-01-01");
        for (int i = 0; i < 4000; ++i, date = next_date(date)) {
            ASSERT_EQ(to_unix_s(zone->span_of(date).from) % 900, 0)
                << name << " " << format_date(date);
        }
    }
}

TEST(TimeZoneFile, utc_needs_no_file) {
    const auto zone = load_time_zone("UTC", "/nowhere");
    ASSERT_TRUE(zone);
    EXPECT_EQ(*zone, TimeZone());
}

TEST(TimeZoneFile, takes_nothing_but_the_names_of_zones) {
    for (const char* name : {"", "Berlin", "Mars/Olympus", "/usr/share/zoneinfo/Europe/Berlin",
                             "Europe/../Europe/Berlin", "Europe", "Europe/", "right/Europe/Berlin",
                             "posix/Europe/Berlin", "localtime", "tzdata.zi", "+01:00",
                             "europe/berlin", "Europe/Berlin ", "Factory"}) {
        const auto zone = load_time_zone(name);
        ASSERT_FALSE(zone) << name;
        EXPECT_EQ(zone.error().code, Errc::invalid_input) << name;
    }
}

}  // namespace
}  // namespace wrapup
