#pragma once

// What callers ask to be placed. Total, as api_input.hpp.

#include <boost/json/array.hpp>
#include <string_view>

#include "domain/operations.hpp"
#include "http/api/api_input.hpp"
#include "ports/intent_store.hpp"

namespace wrapup {

// POST /api/calls: to (required), name, campaign {id, name} or campaign_id and campaign_name,
// variables, agent_id, from, timeout_s, not_before, not_after, time_zone.
Parsed<Intent> parse_place_request(std::string_view json, UtcTime now,
                                   const ReadPhone& read_phone = {});

inline constexpr std::size_t list_rows_max = 100'000;
// POST /api/campaigns/{id}/calls.
struct ListRequest {
    PutListRows put;           // Without its rows.
    boost::json::array calls;  // Each as parse_list_row takes it.
    bool skips_bad = false;    // Bad rows are left out; else they refuse the whole.
};
// calls (required), campaign_name, retry {busy, no_answer}, from, agent_id, timeout_s, not_before,
// not_after, skip_bad, dry_run.
Parsed<ListRequest> parse_list_request(std::string_view json, UtcTime now,
                                       const ReadPhone& read_phone = {});
// A number, or an object: to (or phone; required), name, variables, time_zone.
Parsed<ListRow> parse_list_row(const boost::json::value& value, const ReadPhone& read_phone = {});

// GET /api/campaigns/{id}/calls: state, outcome, limit, cursor.
Parsed<ListRowFilter> parse_list_row_filter(std::string_view query);

// GET /api/intents: state, to, list, limit, cursor.
Parsed<IntentFilter> parse_intent_filter(std::string_view query, const ReadPhone& read_phone = {});

}  // namespace wrapup
