#pragma once

// Which history of a database this is. A standby that is promoted begins a new timeline, so the
// primary that it replaced is known by an older one, should it come back.

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace wrapup::postgres {

// In the data folder.
inline constexpr const char* timeline_file_name = "postgres_timeline";

struct Timeline {
    std::string system;  // The identifier that initdb gave; a standby has its primary's.
    std::int64_t number = 0;

    // Whether `newer` is a later part of the same history.
    bool is_before(const Timeline& newer) const {
        return system == newer.system && number < newer.number;
    }
    bool operator==(const Timeline&) const = default;
};

// Empty when there is none. corrupt: what is there is no timeline; unavailable: it cannot be read.
Result<Timeline> read_timeline(const std::string& path);
// One that cannot be written is not remembered: an old primary is not known by it.
Result<void> write_timeline(const std::string& path, const Timeline& timeline);

}  // namespace wrapup::postgres
