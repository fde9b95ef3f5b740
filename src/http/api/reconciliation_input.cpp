#include "http/api/reconciliation_input.hpp"

#include "http/api/request_object.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

// Twilio keeps calls for about thirteen months.
constexpr std::chrono::hours span_max{24 * 400};

// A day is there with all that it has.
std::optional<UtcTime> parse_end(const std::string& text, const TimeZone& zone) {
    if (const auto date = parse_date(text)) return zone.span_of(*date).until;
    return parse_api_time(text, zone);
}

BadInput no_time(std::string field) {
    return {std::move(field), "a day (2026-11-26) or a time (RFC 3339) is wanted"};
}

}  // namespace

Parsed<ReconcileOrder> parse_reconcile_order(std::string_view text, const TimeZone& zone,
                                             UtcTime now) {
    auto parsed = parse_request_object(text);
    if (auto* bad = std::get_if<BadInput>(&parsed)) return std::move(*bad);
    const json::object* const body = &std::get<json::object>(parsed);
    const auto from = parse_api_time(std::string(json_string(body, "from")), zone);
    if (!from) return no_time("from");
    ReconcileOrder order{*from, now, false};
    const json::value* const to = json_member(body, "to");
    if (to != nullptr && !to->is_null()) {
        const auto until = parse_end(std::string(json_string(body, "to")), zone);
        if (!until) return no_time("to");
        order.until = *until;
    }
    if (order.from >= now) return BadInput{"from", "a time in the past is wanted"};
    if (order.until <= order.from) return BadInput{"to", "a time after from is wanted"};
    if (now - order.from > span_max) {
        return BadInput{"from", "at most 400 days ago: Twilio does not keep calls for longer"};
    }
    const json::value* const dry_run = json_member(body, "dry_run");
    if (dry_run != nullptr && !dry_run->is_bool()) return BadInput{"dry_run", "true or false"};
    order.is_dry_run = json_bool(body, "dry_run");
    return order;
}

}  // namespace wrapup
