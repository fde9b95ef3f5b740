#pragma once

// What callers ask to be placed. Total, as api_input.hpp.

#include <string_view>

#include "domain/intent.hpp"
#include "http/api/api_input.hpp"
#include "ports/intent_store.hpp"

namespace wrapup {

// POST /api/calls: to (required), name, campaign {id, name} or campaign_id and campaign_name,
// variables, agent_id, from, timeout_s, not_before, not_after, time_zone.
Parsed<Intent> parse_place_request(std::string_view json, UtcTime now,
                                   const ReadPhone& read_phone = {});

// GET /api/intents: state, to, list, limit, cursor.
Parsed<IntentFilter> parse_intent_filter(std::string_view query, const ReadPhone& read_phone = {});

}  // namespace wrapup
