#pragma once

// MONGODB_URI, checked once at the start.

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wrapup {

struct MongoSettings {
    std::string uri;       // Secret: it may hold a password.
    std::string database;  // From the URI's path.
};

// Accepts mongodb:// and mongodb+srv:// with a database name. invalid_input says what is wrong
// without repeating any of the text. Looks nothing up and connects nowhere.
Result<MongoSettings> parse_mongo_uri(std::string_view text);

}  // namespace wrapup
