#pragma once

// How far an import that did not end has come, as text that the store keeps.

#include <optional>
#include <string>
#include <string_view>

#include "import/import_csv.hpp"

namespace wrapup {

struct ImportProgress {
    TextPosition at;    // Everything before is written.
    std::string token;  // The same where no file is read; empty there.
    std::size_t lines_count = 0;
    std::size_t changed_count = 0;
    std::size_t unchanged_count = 0;
    std::size_t bad_count = 0;

    bool operator==(const ImportProgress&) const = default;
};

// Of one import at a time: the next one takes its place.
constexpr std::string_view import_progress_key = "import.progress";

// `key`: an opaque text that changes with the file, its columns and where it goes.
std::string encode(const ImportProgress& progress, std::string_view key);
// Nothing when it is another import's, or cannot be understood.
std::optional<ImportProgress> decode_import_progress(std::string_view text, std::string_view key);

}  // namespace wrapup
