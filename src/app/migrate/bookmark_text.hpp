#pragma once

// How the target keeps what it remembers of an unfinished migration: rows of texts.

#include <map>
#include <string>

#include "app/migrate/state_side.hpp"

namespace wrapup::migrate {

std::string bookmark_key(const std::string& table);
std::string to_text(const Bookmark& bookmark);
std::map<std::string, std::string> texts_of(const BegunMigration& migration);
// corrupt: not what the functions above made.
Result<BegunMigration> parse_begun(const std::map<std::string, std::string>& texts);

}  // namespace wrapup::migrate
