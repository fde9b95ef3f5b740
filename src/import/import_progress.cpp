#include "import/import_progress.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <boost/json.hpp>
#include <cerrno>
#include <cstring>

#include "adapters/files/small_file.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

// Imports that nobody went on with must not make the file grow for ever.
constexpr std::size_t entries_max = 32;

json::object read_entries(const std::filesystem::path& path) {
    const auto text = read_small_file(path);
    if (!text) return {};
    auto object = parse_json_object(*text);
    return object ? *std::move(object) : json::object{};
}

std::size_t count_member(const json::object* entry, const char* name) {
    return static_cast<std::size_t>(json_count(entry, name).value_or(0));
}

}  // namespace

std::optional<ImportProgress> ImportProgressFile::find(std::string_view key) const {
    const json::object entries = read_entries(path_);
    const json::object* entry = json_object(&entries, key);
    if (entry == nullptr) return {};
    ImportProgress progress;
    progress.at.offset = count_member(entry, "offset");
    progress.at.line = count_member(entry, "line");
    progress.lines_count = count_member(entry, "lines");
    progress.changed_count = count_member(entry, "changed");
    progress.unchanged_count = count_member(entry, "unchanged");
    progress.bad_count = count_member(entry, "bad");
    progress.token = json_string(entry, "token");
    const bool is_in_file = progress.at.offset > 0 && progress.at.line > 0;
    if (!is_in_file && progress.token.empty()) return {};
    return progress;
}

Result<void> ImportProgressFile::save(std::string_view key, const ImportProgress& progress) const {
    json::object entries = read_entries(path_);
    if (entries.size() >= entries_max) entries.clear();
    entries[json::string_view(key.data(), key.size())] = {
        {"offset", progress.at.offset},
        {"line", progress.at.line},
        {"lines", progress.lines_count},
        {"changed", progress.changed_count},
        {"unchanged", progress.unchanged_count},
        {"bad", progress.bad_count},
        {"token", progress.token},
    };
    return write(json::serialize(entries));
}

Result<void> ImportProgressFile::forget(std::string_view key) const {
    json::object entries = read_entries(path_);
    if (entries.erase(json::string_view(key.data(), key.size())) == 0) return {};
    if (!entries.empty()) return write(json::serialize(entries));
    std::error_code ignored;
    std::filesystem::remove(path_, ignored);
    return {};
}

Result<void> ImportProgressFile::write(const std::string& text) const {
    std::error_code error;
    if (!std::filesystem::is_directory(path_.parent_path(), error)) return {};
    const std::string next = path_.string() + ".new";
    const auto fail = [&] {
        return Error{Errc::unavailable, path_.string() + ": " + strerror(errno)};
    };
    const int file = ::open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    if (file < 0) return fail();
    const bool is_written =
        ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size());
    ::close(file);
    if (!is_written || ::rename(next.c_str(), path_.c_str()) != 0) return fail();
    return {};
}

}  // namespace wrapup
