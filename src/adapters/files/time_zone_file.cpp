#include "adapters/files/time_zone_file.hpp"

#include <algorithm>

#include "adapters/files/small_file.hpp"
#include "codec/bytes/tzif.hpp"

namespace wrapup {
namespace {

// Names begin with a capital letter; what else lies in the folder (posix/, right/, localtime) does
// not, and nothing leads out of it. "Factory" says that nobody has set the zone yet.
bool is_zone_name(std::string_view name) {
    constexpr std::size_t size_max = 64;
    constexpr std::string_view capitals = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    constexpr std::string_view others = "abcdefghijklmnopqrstuvwxyz0123456789_+-/";
    return !name.empty() && name != "Factory" && name.size() <= size_max &&
           capitals.find(name[0]) != name.npos && name.back() != '/' &&
           std::ranges::all_of(name, [&](char c) {
               return capitals.find(c) != capitals.npos || others.find(c) != others.npos;
           });
}

}  // namespace

Result<TimeZone> load_time_zone(std::string_view name, const std::filesystem::path& folder) {
    if (name == "UTC") return TimeZone();
    if (!is_zone_name(name)) {
        return Error{Errc::invalid_input, "is not the name of a time zone, such as Europe/Berlin"};
    }
    const auto bytes = read_small_file(folder / std::string(name));
    if (!bytes) {
        return Error{Errc::invalid_input,
                     "is no time zone that this system knows (package tzdata: " +
                         bytes.error().detail + ")"};
    }
    return parse_tzif(std::string(name), *bytes);
}

Result<void> check_time_zone(std::string_view name) {
    WRAPUP_CHECK(load_time_zone(name));
    return {};
}

}  // namespace wrapup
