#pragma once

// GET /api/campaigns. The calls of a campaign: POST and GET /api/campaigns/{id}/calls,
// GET /api/campaigns/{id}, POST /api/campaigns/{id}/pause, resume and cancel.

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "http/api/placing_input.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "ports/intent_store.hpp"
#include "ports/store_queries.hpp"
#include "service/placer/placing_actions.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class CampaignRoutes {
public:
    struct Pools {
        BlockingPool& reads;
        BlockingPool& long_reads;  // A long body is understood there.
    };
    // `placer` null: calls cannot be placed, because `missing` is not set.
    CampaignRoutes(PlacingActions* placer, std::string missing, IntentQueries& store,
                   MetadataQueries& known, Pools pools, const Clock& clock, ReadPhone read_phone)
        : placer_(placer),
          missing_(std::move(missing)),
          store_(store),
          known_(known),
          pools_(pools),
          clock_(clock),
          read_phone_(std::move(read_phone)) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    // The rows of a request, once they are checked.
    struct CheckedRows {
        struct Bad {
            std::size_t row = 0;  // From 1.
            std::string field;
            std::string detail;  // Quotes no value.
        };
        std::vector<ListRow> rows;
        std::vector<std::size_t> numbers;  // Where each stood in the request, from 1.
        std::vector<Bad> bad;
        std::int64_t repeated_count = 0;  // Their numbers stand before them in the same request.
    };

    Task<Response> list(const Request& request);
    Task<Response> put_calls(const Request& request);
    Task<Response> list_calls(const Request& request);
    Task<Response> show(const Request& request);
    Task<Response> change(const Request& request, DialListState state);
    CheckedRows read(ListRequest& request) const;  // Its calls are freed one by one.
    Task<void> fill_time_zones(CheckedRows& checked);
    // Keeps the good ones, each number once. `from`: the number that calls, where it is said.
    void check(CheckedRows& checked, const std::string& from) const;
    // `stored_count`: how many were before one could not be.
    Task<Result<ListOutcome>> put(PutListRows common, std::vector<ListRow> rows,
                                  std::size_t& stored_count);
    Response not_there() const;

    PlacingActions* const placer_;
    const std::string missing_;
    IntentQueries& store_;
    MetadataQueries& known_;
    Pools pools_;
    const Clock& clock_;
    const ReadPhone read_phone_;
};

}  // namespace wrapup
