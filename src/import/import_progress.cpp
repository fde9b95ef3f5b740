#include "import/import_progress.hpp"

#include <boost/json.hpp>

#include "codec/bytes/digest.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

std::size_t count_member(const json::object& entry, const char* name) {
    return static_cast<std::size_t>(json_count(&entry, name).value_or(0));
}

}  // namespace

std::string encode(const ImportProgress& progress, std::string_view key) {
    // A file's name need not be text that a database takes.
    return json::serialize(json::object{{"import", sha256_hex(key)},
                                        {"offset", progress.at.offset},
                                        {"line", progress.at.line},
                                        {"lines", progress.lines_count},
                                        {"changed", progress.changed_count},
                                        {"unchanged", progress.unchanged_count},
                                        {"bad", progress.bad_count},
                                        {"token", progress.token}});
}

std::optional<ImportProgress> decode_import_progress(std::string_view text, std::string_view key) {
    const auto entry = parse_json_object(text);
    if (!entry || json_string(&*entry, "import") != sha256_hex(key)) return {};
    ImportProgress progress;
    progress.at.offset = count_member(*entry, "offset");
    progress.at.line = count_member(*entry, "line");
    progress.lines_count = count_member(*entry, "lines");
    progress.changed_count = count_member(*entry, "changed");
    progress.unchanged_count = count_member(*entry, "unchanged");
    progress.bad_count = count_member(*entry, "bad");
    progress.token = json_string(&*entry, "token");
    const bool is_in_file = progress.at.offset > 0 && progress.at.line > 0;
    if (!is_in_file && progress.token.empty()) return {};
    return progress;
}

}  // namespace wrapup
