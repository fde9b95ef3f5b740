#pragma once

#include <initializer_list>
#include <string>
#include <string_view>

namespace wrapup {

// Joins what identifies an event to a key of at most 120 bytes; a longer one becomes a hash of
// itself, so that no sender can fill an index.
std::string make_dedup_key(std::initializer_list<std::string_view> parts);

}  // namespace wrapup
