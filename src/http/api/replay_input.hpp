#pragma once

#include <string>
#include <string_view>

#include "domain/replay.hpp"
#include "http/api/api_input.hpp"

namespace wrapup {

// POST /api/replays: filter {state, parked, destination, status, campaign, after, before,
// fingerprint}, again, earlier, give_up, to, preview (true unless it says false), token, reason.
struct ReplayRequest {
    ReplayOrder order;
    bool is_preview = true;
    std::string token;
    std::string reason;

    bool operator==(const ReplayRequest&) const = default;
};
Parsed<ReplayRequest> parse_replay_request(std::string_view json, const TimeZone& zone = {});

// GET /api/deliveries: the same filters, and http_status, cursor, limit.
Parsed<DeliveryFilter> parse_delivery_filter(std::string_view query, const TimeZone& zone = {});

}  // namespace wrapup
