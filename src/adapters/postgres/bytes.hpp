#pragma once

// Texts that come from outside may hold any bytes, and are kept as they are. The server takes UTF-8
// without NUL only: a byte b that it would refuse is stored as the character U+10FF00 + b, which
// nobody uses, and whose own bytes are stored in the same way.

#include <string>
#include <string_view>

namespace wrapup::postgres {

std::string to_stored(std::string_view bytes);
// Whether from_stored() would change it.
bool has_stand_ins(std::string_view stored);
std::string from_stored(std::string_view stored);

}  // namespace wrapup::postgres
