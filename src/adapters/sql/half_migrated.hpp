#pragma once

#include <string>

#include "base/result.hpp"

namespace wrapup::sql {

// A table that is in a database while `wrapup migrate` copies into it: how far that is. No store
// opens what holds half of a state.
constexpr const char* half_migrated = "half_migrated";

inline Error half_migrated_error(std::string where) {
    return {Errc::conflict, std::move(where) +
                                ": holds half of a state: a migration into it was not finished; "
                                "give the same `wrapup migrate` again, and it goes on"};
}

}  // namespace wrapup::sql
