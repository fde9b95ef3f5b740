#include "adapters/files/country_zones.hpp"

#include "adapters/files/small_file.hpp"
#include "base/text.hpp"

namespace wrapup {

// Lines are code, coordinates, zone and comments, with tabs between; # begins a comment.
Result<std::vector<std::string>> list_country_zones(std::string_view country,
                                                    const std::filesystem::path& folder) {
    const auto bytes = read_small_file(folder / "zone.tab");
    if (!bytes) {
        return Error{Errc::unavailable, "the zones of countries cannot be read (package tzdata: " +
                                            bytes.error().detail + ")"};
    }
    std::vector<std::string> zones;
    for (const std::string& line : split_list(*bytes, '\n')) {
        if (line.starts_with('#')) continue;
        const std::vector<std::string> cells = split_list(line, '\t');
        if (cells.size() >= 3 && cells[0] == country) zones.push_back(cells[2]);
    }
    return zones;
}

}  // namespace wrapup
