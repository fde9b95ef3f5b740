// SQLite against the memory store. WRAPUP_SIM_SEED replays one seed.

#include "test/store/differential.hpp"

#include <cstdlib>

#include "adapters/sqlite/store.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup {
namespace {

void compare(std::uint64_t seed) {
    SCOPED_TRACE("WRAPUP_SIM_SEED=" + std::to_string(seed));
    const TemporaryFolder folder;
    const auto sqlite = SqliteStore::open({folder.file("wrapup.db"), 0});
    ASSERT_TRUE(sqlite) << sqlite.error().detail;
    Differential{seed, **sqlite}.run(150);
}

TEST(StoreDifferential, memory_and_sqlite_agree) {
    if (const char* seed = std::getenv("WRAPUP_SIM_SEED")) {
        compare(std::strtoull(seed, nullptr, 10));
        return;
    }
    for (std::uint64_t seed = 0; seed < 60 && !HasFailure(); ++seed) compare(seed);
}

}  // namespace
}  // namespace wrapup
