#include "app/program/version.hpp"

namespace wrapup {

std::string_view version() { return WRAPUP_VERSION; }

}  // namespace wrapup
