#pragma once

// POST /api/import: up to 1,000 lines of metadata in one request, for `wrapup import` beside a
// running server. ?kind=calls|campaigns|contacts; ?dry_run=true writes nothing. One JSON object per
// line: what PUT /api/calls/{sid}/metadata (with a call_sid), POST /api/campaigns or
// POST /api/contacts take. Answers {"changed","unchanged","bad":[{"line","detail"}]}; what is known
// already is not written again.

#include <string_view>
#include <utility>

#include "http/server/routes.hpp"
#include "ports/check_time_zone.hpp"
#include "ports/clock.hpp"
#include "ports/read_phone.hpp"
#include "ports/store_queries.hpp"
#include "service/call_actions.hpp"
#include "service/intake/metadata_import.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

class ImportRoutes {
public:
    ImportRoutes(CallActions& actions, StoreQueries& store, BlockingPool& pool, const Clock& clock,
                 ReadPhone read_phone, CheckTimeZone check_time_zone)
        : actions_(actions),
          store_(store),
          pool_(pool),
          clock_(clock),
          read_phone_(std::move(read_phone)),
          check_time_zone_(std::move(check_time_zone)) {}
    // This object outlives the routes. Whoever adds them guards /api/.
    void add_to(RouteSet& routes);

private:
    struct Writing;

    Task<Response> import(const Request& request);
    Task<Result<void>> write(std::vector<StoreOp> ops);
    Task<void> write_one(Writing& writing, std::size_t index);

    CallActions& actions_;
    StoreQueries& store_;
    BlockingPool& pool_;
    const Clock& clock_;
    const ReadPhone read_phone_;
    const CheckTimeZone check_time_zone_;
};

// The lines of a body, for tests.
struct ImportLines {
    struct Bad {
        std::size_t line = 0;  // From 1.
        std::string detail;    // Never quotes a value.
    };
    std::vector<ImportItem> items;
    std::vector<Bad> bad;
};
enum class ImportLineKind { calls, campaigns, contacts, do_not_call };
// invalid_input: more lines than one request may have.
Result<ImportLines> parse_import_lines(ImportLineKind kind, std::string_view body,
                                       const ReadPhone& read_phone = {},
                                       const CheckTimeZone& check_zone = {});

}  // namespace wrapup
