#pragma once

// One file on its way into a target: what it will be taken for, and the taking.

#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "import/import_columns.hpp"
#include "import/import_progress.hpp"
#include "import/import_table.hpp"
#include "import/import_target.hpp"

namespace wrapup {

struct ImportPlanning {
    std::optional<ImportKind> kind;  // Nothing: guessed.
    std::vector<ColumnRule> rules;
};

// A file that was read and understood as far as its columns.
class ImportFile {
public:
    // invalid_input names the file: it cannot be read, or nothing can be made of its columns.
    static Result<ImportFile> open(const std::string& path, const ImportPlanning& planning);

    ImportFile(ImportFile&&) = default;

    const std::string& name() const { return name_; }
    ImportKind kind() const { return map_.kind; }
    // What a person has to see before anything is written: each column, what it is taken for, and
    // what it holds in the first lines.
    std::string render_preview(bool has_colour) const;
    // Under which its progress is kept: another file, mapping or target has another.
    std::string progress_key(const std::string& target) const;
    bool reaches(TextPosition at) const { return at.offset <= text_->size(); }

private:
    friend class ImportRun;
    ImportFile() = default;

    std::string name_;
    std::string identity_;               // Absolute path, size and time of change.
    std::unique_ptr<std::string> text_;  // At a fixed place: the table points into it.
    std::optional<ImportTable> table_;
    ColumnMap map_;
};

// What the run tells while it runs.
struct ImportListener {
    std::function<void(std::size_t line, const std::string& reason)> on_bad_line;
    std::function<void(std::size_t bytes_done, std::size_t bytes_count)> on_progress;
};

class ImportRun {
public:
    ImportRun(ImportFile& file, ImportTarget& target, ReadPhone read_phone, ImportListener listener)
        : file_(file),
          target_(target),
          read_phone_(std::move(read_phone)),
          listener_(std::move(listener)) {}

    // Writes everything from `from` on, batch by batch; after each, `keep` is told how far it is.
    // An error ends it: what was kept by then is done.
    Result<ImportProgress> run(const ImportProgress& from, bool is_dry_run,
                               const std::function<void(const ImportProgress&)>& keep);

private:
    void take_row(ImportRow row);
    void refuse(std::size_t line, const std::string& reason);
    Result<void> write_batch(bool is_dry_run);

    ImportFile& file_;
    ImportTarget& target_;
    ReadPhone read_phone_;
    ImportListener listener_;
    ImportProgress progress_;
    std::vector<ImportItem> batch_;
    std::vector<std::size_t> batch_lines_;
    std::size_t batch_bytes_ = 0;
};

}  // namespace wrapup
