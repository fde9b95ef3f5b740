// `wrapup doctor` looks into the store.

#include "adapters/sqlite/data_folder.hpp"
#include "adapters/sqlite/store.hpp"
#include "app/doctor.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

Finding explain_failure(const Error& error) {
    const char* advice =
        "see that the file belongs to the user that runs wrapup and that the disk "
        "has room";
    if (error.code == Errc::corrupt) {
        advice = "the file was left as it is: put it aside and restore a backup";
    } else if (error.code == Errc::conflict) {
        advice = "run the version that wrote it, or a newer one";
    }
    return {Level::broken, "the store cannot be used: " + error.detail, advice};
}

std::vector<Finding> examine_open_store(Store& store) {
    const auto broken = store.check_integrity();
    if (!broken) return {explain_failure(broken.error())};
    std::vector<Finding> findings;
    for (const auto& what : *broken) {
        findings.push_back({Level::broken, "the store is damaged: " + what,
                            "put the file aside and restore a backup"});
    }
    if (findings.empty()) findings.push_back({Level::good, "the store is intact", ""});
    return findings;
}

}  // namespace

std::vector<Finding> examine_store(const Settings& settings) {
    const auto path = store_path(settings);
    std::error_code error;
    if (!std::filesystem::exists(path, error)) {
        return {{Level::good, "there is no store yet; `wrapup serve` makes it", ""}};
    }
    const auto lock = DataFolderLock::acquire(settings.data_dir.string());
    if (!lock && lock.error().code == Errc::conflict) {
        return {{Level::good, "the store is in use by a running wrapup, and was not opened", ""}};
    }
    if (!lock) return {explain_failure(lock.error())};
    const auto store = SqliteStore::open({.path = path.string(), .pages_max = 0});
    if (!store) return {explain_failure(store.error())};
    return examine_open_store(**store);
}

}  // namespace wrapup
