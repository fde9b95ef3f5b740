#pragma once

// GET /api/ledger: the account of a day (?date=, by default today) or of several (?from=&to=, at
// most 366), in the form of docs/ledger.md; GET /api/ledger/verify recounts and walks the chain.

#include <string_view>
#include <variant>

#include "http/api/api_input.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/store_queries.hpp"
#include "service/ledger/ledger_report.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class LedgerRoutes {
public:
    LedgerRoutes(LedgerView view, LedgerQueries& store, BlockingPool& pool,
                 BlockingPool& long_reads, const Clock& clock)
        : view_(std::move(view)),
          store_(store),
          pool_(pool),
          long_reads_(long_reads),
          clock_(clock) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    Task<Response> show(const Request& request);
    Task<Response> verify(const Request& request);

    const LedgerView view_;
    LedgerQueries& store_;
    BlockingPool& pool_;
    BlockingPool& long_reads_;
    const Clock& clock_;
};

struct LedgerQuery {
    Date first{};
    Date last{};
    bool is_list = false;  // Asked for as from and to.

    bool operator==(const LedgerQuery&) const = default;
};
Parsed<LedgerQuery> parse_ledger_query(std::string_view query, Date today);

}  // namespace wrapup
