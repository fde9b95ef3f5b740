#pragma once

// Where an import goes: into the store, or, while a server has it, to that server.

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "import/import_columns.hpp"
#include "import/import_progress.hpp"

namespace wrapup {

// What became of a batch.
struct ImportOutcome {
    std::size_t changed_count = 0;
    std::size_t unchanged_count = 0;
    std::vector<std::pair<std::size_t, std::string>> refused;  // Index of the item, and why.
};

class ImportTarget {
public:
    static constexpr std::size_t batch_max = 1000;

    virtual ~ImportTarget() = default;
    virtual std::string name() const = 0;  // "the store in data".
    // At most batch_max items of one kind. Durable when it returns, or nothing is known of it: to
    // be repeated then. A dry run writes nothing.
    virtual Result<ImportOutcome> write(ImportKind kind, const std::vector<ImportItem>& items,
                                        bool is_dry_run) = 0;

    // How far the import of `key` had come when it was interrupted. Kept where its lines are and
    // after them, so that a store which is made anew, or restored from a backup, tells nothing that
    // it has not got. Nothing: it begins anew, which only takes longer.
    virtual Result<std::optional<ImportProgress>> find_progress(std::string_view key) = 0;
    // After every batch. Not being able to keep it costs no more than time.
    virtual void keep_progress(std::string_view key, const ImportProgress& progress) = 0;
    // The import is through.
    virtual void forget_progress() = 0;
};

}  // namespace wrapup
