#include "adapters/mongo/settings.hpp"

#include "adapters/mongo/connection.hpp"
#include "adapters/mongo/handle.hpp"
#include "base/text.hpp"

namespace wrapup {
namespace {

constexpr std::size_t uri_bytes_max = 4096;
constexpr std::size_t database_bytes_max = 63;  // MongoDB's own bound.

Error refuse(std::string_view why) {
    return {Errc::invalid_input, "MONGODB_URI " + std::string(why)};
}

// What libmongoc does not look at. A password with an unescaped '/' would otherwise be taken for a
// host and a database.
bool is_database_name(std::string_view name) {
    return name.size() <= database_bytes_max &&
           name.find_first_of("/\\. \"$*<>:|?@") == std::string_view::npos;
}

}  // namespace

Result<MongoSettings> parse_mongo_uri(std::string_view text) {
    const std::string uri{trim(text)};
    if (uri.empty()) return refuse("is empty");
    if (uri.size() > uri_bytes_max) return refuse("is too long");
    if (uri.find('\0') != std::string::npos) return refuse("contains a NUL");
    if (!uri.starts_with("mongodb://") && !uri.starts_with("mongodb+srv://")) {
        return refuse("must begin with mongodb:// or mongodb+srv://");
    }
    mongo::start_driver();
    bson_error_t error{};
    const mongo::UriPtr parsed{mongoc_uri_new_with_error(uri.c_str(), &error)};
    if (!parsed) {
        return refuse("is malformed; are user name and password percent-encoded?");
    }
    const char* database = mongoc_uri_get_database(parsed.get());
    if (database == nullptr || *database == '\0') {
        return refuse(
            "names no database: append the name of the dialler's, /DATABASE, behind the host and "
            "before any '?' (mongodb://user:password@host/DATABASE?options)");
    }
    if (!is_database_name(database)) return refuse("names an impossible database");
    return MongoSettings{uri, database};
}

}  // namespace wrapup
