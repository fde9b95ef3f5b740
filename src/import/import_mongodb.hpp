#pragma once

// `wrapup import --from mongodb`: the dialler's campaigns, contacts and calls on their way into a
// target, for those who leave MongoDB.

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "adapters/mongo/walk.hpp"
#include "import/import_columns.hpp"
#include "import/import_progress.hpp"
#include "import/import_target.hpp"

namespace wrapup {

// Of one kind. The rules are those of a file's lines.
struct MongoItems {
    ImportKind kind = ImportKind::calls;
    std::vector<ImportItem> items;
    std::vector<std::string> left_out;  // Why, one per document; quotes no value.
    std::size_t dropped_zones_count = 0;
};
// A number that cannot be read is left out of a call, and a contact with it. A contact's time_zone
// that is none is dropped.
std::vector<MongoItems> items_of(const MongoPage& page, const ReadPhone& read_phone);

// Under which its progress is kept: another server, database, mapping or target has another. Holds
// no user and no password.
std::string mongodb_progress_key(const MongoSettings& settings, const MongoMapping& mapping,
                                 const std::string& target);

class MongoImport {
public:
    MongoImport(MongoWalk& walk, ImportTarget& target, ReadPhone read_phone)
        : walk_(walk), target_(target), read_phone_(std::move(read_phone)) {}

    // Writes everything after `from`, page by page; after each, `keep` is told how far it is. An
    // error ends it: what was kept by then is done.
    Result<ImportProgress> run(const ImportProgress& from, bool is_dry_run,
                               const std::function<void(const ImportProgress&)>& keep);
    // Of this run: why documents were left out, and how many.
    const std::map<std::string, std::size_t>& reasons() const { return reasons_; }
    // Contacts that were taken without their time_zone, which is none.
    std::size_t dropped_zones_count() const { return dropped_zones_count_; }

private:
    Result<void> write(const MongoItems& some, bool is_dry_run);
    void leave_out(const std::string& reason);

    MongoWalk& walk_;
    ImportTarget& target_;
    ReadPhone read_phone_;
    ImportProgress progress_;
    std::map<std::string, std::size_t> reasons_;
    std::size_t dropped_zones_count_ = 0;
};

}  // namespace wrapup
