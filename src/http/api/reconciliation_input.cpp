#include "http/api/reconciliation_input.hpp"

#include "codec/json/json_value.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t day_size = 10;  // "2026-11-26"
// Twilio keeps calls for about thirteen months.
constexpr std::chrono::hours span_max{24 * 400};

std::optional<UtcTime> parse_time(std::string_view text, std::chrono::hours day) {
    if (text.size() == day_size) {
        const auto midnight = parse_rfc3339(std::string(text) + "T00:00:00Z");
        return midnight ? std::optional<UtcTime>(*midnight + day) : std::nullopt;
    }
    return parse_rfc3339(text);
}

BadInput no_time(std::string field) {
    return {std::move(field), "a day (2026-11-26) or a time (RFC 3339) is wanted"};
}

}  // namespace

Parsed<ReconcileOrder> parse_reconcile_order(std::string_view text, UtcTime now) {
    const auto body = parse_json_object(text);
    if (!body) return BadInput{"", "a JSON object is wanted"};
    const auto from = parse_time(json_string(&*body, "from"), std::chrono::hours{0});
    if (!from) return no_time("from");
    ReconcileOrder order{*from, now, false};
    const json::value* const to = json_member(&*body, "to");
    if (to != nullptr && !to->is_null()) {
        const auto until = parse_time(json_string(&*body, "to"), std::chrono::hours{24});
        if (!until) return no_time("to");
        order.until = *until;
    }
    if (order.from >= now) return BadInput{"from", "a time in the past is wanted"};
    if (order.until <= order.from) return BadInput{"to", "a time after from is wanted"};
    if (now - order.from > span_max) {
        return BadInput{"from", "at most 400 days ago: Twilio does not keep calls for longer"};
    }
    const json::value* const dry_run = json_member(&*body, "dry_run");
    if (dry_run != nullptr && !dry_run->is_bool()) return BadInput{"dry_run", "true or false"};
    order.is_dry_run = json_bool(&*body, "dry_run");
    return order;
}

}  // namespace wrapup
