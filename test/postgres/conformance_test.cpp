// The conformance suite and the comparison with the memory store, for a real PostgreSQL. Leases
// count by the tests' own time.

#include <cstdlib>

#include "test/postgres/fixture.hpp"
#include "test/store/conformance_failures.hpp"
#include "test/store/conformance_intents.hpp"
#include "test/store/conformance_ledger.hpp"
#include "test/store/conformance_listed.hpp"
#include "test/store/conformance_lists.hpp"
#include "test/store/conformance_lists_again.hpp"
#include "test/store/conformance_replays.hpp"
#include "test/store/conformance_stats.hpp"
#include "test/store/differential.hpp"
#include "test/store_conformance.hpp"

namespace wrapup {
namespace {

PostgresStore::OpenOptions by_time_of_the_test(std::string url) {
    return {.url = std::move(url), .lease_clock = PostgresStore::LeaseClock::caller};
}

// Each is a copy of one that was brought up to date.
std::unique_ptr<EmbeddedStore> make_postgres() {
    PostgresServer& server = PostgresTest::server();
    EXPECT_TRUE(server.is_started()) << "PostgreSQL cannot be started: is it installed?";
    if (!server.is_started()) return nullptr;
    static const bool has_model = [&server] {
        server.execute("CREATE DATABASE model");
        return PostgresStore::open(by_time_of_the_test(server.url("model"))).has_value();
    }();
    EXPECT_TRUE(has_model);
    auto store = PostgresStore::open(by_time_of_the_test(server.make_database("model")));
    EXPECT_TRUE(store) << store.error().detail;
    return store ? *std::move(store) : nullptr;
}

const auto postgres_store = testing::Values(StoreKind{"postgres", make_postgres});

void compare(std::uint64_t seed) {
    SCOPED_TRACE("WRAPUP_SIM_SEED=" + std::to_string(seed));
    const auto postgres = make_postgres();
    ASSERT_NE(postgres, nullptr);
    Differential{seed, *postgres}.run(150);
}

TEST(StoreDifferential, memory_and_postgres_agree) {
    if (const char* seed = std::getenv("WRAPUP_SIM_SEED")) {
        compare(std::strtoull(seed, nullptr, 10));
        return;
    }
    for (std::uint64_t seed = 0; seed < 20 && !HasFailure(); ++seed) compare(seed);
}

}  // namespace

INSTANTIATE_TEST_SUITE_P(Postgres, StoreConformance, postgres_store);
INSTANTIATE_TEST_SUITE_P(Postgres, StoreLedger, postgres_store);
INSTANTIATE_TEST_SUITE_P(Postgres, StoreStats, postgres_store);
INSTANTIATE_TEST_SUITE_P(Postgres, ReplayConformance, postgres_store);
INSTANTIATE_TEST_SUITE_P(Postgres, StoreFailures, postgres_store);
INSTANTIATE_TEST_SUITE_P(Postgres, StoreDeliveries, postgres_store);
INSTANTIATE_TEST_SUITE_P(Postgres, StoreIntents, postgres_store);
INSTANTIATE_TEST_SUITE_P(Postgres, StoreLists, postgres_store);

}  // namespace wrapup
