// The conformance suite for the memory store and for SQLite in a real file. It proves what the
// operations mean (the rules of core/store/store_rules.hpp, which both run), and that each store
// claims, lists and keeps what they decide.

#include "adapters/sqlite/store.hpp"
#include "sim/memory_store.hpp"
#include "test/store/conformance_failures.hpp"
#include "test/store/conformance_intents.hpp"
#include "test/store/conformance_ledger.hpp"
#include "test/store/conformance_listed.hpp"
#include "test/store/conformance_lists.hpp"
#include "test/store/conformance_lists_again.hpp"
#include "test/store/conformance_replays.hpp"
#include "test/store/conformance_stats.hpp"
#include "test/store/temporary_folder.hpp"
#include "test/store_conformance.hpp"

namespace wrapup {
namespace {

std::unique_ptr<EmbeddedStore> make_sqlite() {
    static const TemporaryFolder folder;
    static int files_count = 0;
    const std::string name = "store-" + std::to_string(++files_count) + ".db";
    auto store = SqliteStore::open({folder.file(name), 0});
    return store ? std::move(*store) : nullptr;
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, StoreConformance,
                         testing::Values(StoreKind{
                             "memory", [] { return std::make_unique<MemoryStore>(); }}));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreConformance,
                         testing::Values(StoreKind{"sqlite", make_sqlite}));

INSTANTIATE_TEST_SUITE_P(Memory, StoreLedger,
                         testing::Values(StoreKind{
                             "memory", [] { return std::make_unique<MemoryStore>(); }}));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreLedger, testing::Values(StoreKind{"sqlite", make_sqlite}));

INSTANTIATE_TEST_SUITE_P(Memory, StoreStats,
                         testing::Values(StoreKind{
                             "memory", [] { return std::make_unique<MemoryStore>(); }}));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreStats, testing::Values(StoreKind{"sqlite", make_sqlite}));
INSTANTIATE_TEST_SUITE_P(Memory, ReplayConformance,
                         testing::Values(StoreKind{
                             "memory", [] { return std::make_unique<MemoryStore>(); }}));
INSTANTIATE_TEST_SUITE_P(Sqlite, ReplayConformance,
                         testing::Values(StoreKind{"sqlite", make_sqlite}));

INSTANTIATE_TEST_SUITE_P(Memory, StoreFailures,
                         testing::Values(StoreKind{
                             "memory", [] { return std::make_unique<MemoryStore>(); }}));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreFailures, testing::Values(StoreKind{"sqlite", make_sqlite}));

INSTANTIATE_TEST_SUITE_P(Memory, StoreDeliveries,
                         testing::Values(StoreKind{
                             "memory", [] { return std::make_unique<MemoryStore>(); }}));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreDeliveries,
                         testing::Values(StoreKind{"sqlite", make_sqlite}));

INSTANTIATE_TEST_SUITE_P(Memory, StoreIntents,
                         testing::Values(StoreKind{
                             "memory", [] { return std::make_unique<MemoryStore>(); }}));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreIntents, testing::Values(StoreKind{"sqlite", make_sqlite}));

INSTANTIATE_TEST_SUITE_P(Memory, StoreLists,
                         testing::Values(StoreKind{
                             "memory", [] { return std::make_unique<MemoryStore>(); }}));
INSTANTIATE_TEST_SUITE_P(Sqlite, StoreLists, testing::Values(StoreKind{"sqlite", make_sqlite}));

}  // namespace wrapup
