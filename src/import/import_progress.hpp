#pragma once

// How far imports that did not end have come: a small file in the data folder.

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.hpp"
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

constexpr const char* import_progress_file_name = "import_progress.json";

// By key: an opaque text that changes with the file, its columns and where it goes.
class ImportProgressFile {
public:
    explicit ImportProgressFile(std::filesystem::path folder)
        : path_(std::move(folder) / import_progress_file_name) {}

    // Nothing when there is none, or when the file cannot be understood: importing once more from
    // the beginning changes nothing that is known already.
    std::optional<ImportProgress> find(std::string_view key) const;
    // Replaces the file as a whole. Nothing is kept while the folder does not exist.
    Result<void> save(std::string_view key, const ImportProgress& progress) const;
    Result<void> forget(std::string_view key) const;

private:
    Result<void> write(const std::string& text) const;

    std::filesystem::path path_;
};

}  // namespace wrapup
