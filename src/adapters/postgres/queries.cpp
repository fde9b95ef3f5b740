// The queries of the store, for PostgreSQL.

#include "adapters/postgres/handle.hpp"
#include "adapters/sql/store_calls.hpp"
#include "adapters/sql/store_check.hpp"
#include "adapters/sql/store_counts.hpp"
#include "adapters/sql/store_deliveries.hpp"
#include "adapters/sql/store_intents.hpp"
#include "adapters/sql/store_lists.hpp"
#include "adapters/sql/store_read.hpp"
#include "adapters/sql/store_reconciliation.hpp"
#include "adapters/sql/store_replay.hpp"

namespace wrapup::sql {

template class SqlStore<postgres::Connection>;

}  // namespace wrapup::sql
