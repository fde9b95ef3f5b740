#include "codec/reconcile_json.hpp"

#include "codec/json/json_value.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

std::optional<UtcTime> time_of(const json::object& members, std::string_view key) {
    const auto ms = json_int(&members, key);
    if (!ms) return std::nullopt;
    return from_unix_ms(*ms);
}

struct NamedCount {
    const char* name;
    std::int64_t ReconcileCounts::*count;
};
constexpr NamedCount named_counts[] = {
    {"requests", &ReconcileCounts::requests},
    {"listed", &ReconcileCounts::listed},
    {"legs", &ReconcileCounts::legs},
    {"known", &ReconcileCounts::known},
    {"strangers", &ReconcileCounts::strangers},
    {"running", &ReconcileCounts::running},
    {"missed", &ReconcileCounts::missed},
    {"appended", &ReconcileCounts::appended},
    {"unadoptable", &ReconcileCounts::unadoptable},
    {"only_here", &ReconcileCounts::only_here},
    {"conversations", &ReconcileCounts::conversations},
};

json::object json_of(const ReconcileWindow& window) {
    json::object out{{"number", window.number},
                     {"from_ms", to_unix_ms(window.from)},
                     {"until_ms", to_unix_ms(window.until)}};
    if (window.begun_at) out["begun_at_ms"] = to_unix_ms(*window.begun_at);
    if (window.open_since) out["open_since_ms"] = to_unix_ms(*window.open_since);
    if (window.has_gaps) out["has_gaps"] = true;
    if (!window.next_page.empty()) out["next_page"] = window.next_page;
    json::array slots;
    for (const TwilioSlot& slot : window.slots) {
        slots.push_back({{"from_ms", to_unix_ms(slot.from)},
                         {"calls", slot.calls_count},
                         {"strangers", slot.strangers_count}});
    }
    out["slots"] = std::move(slots);
    return out;
}

Result<ReconcileWindow> window_of(const json::object& members) {
    const auto from = time_of(members, "from_ms");
    const auto until = time_of(members, "until_ms");
    constexpr std::chrono::hours longest{24 * 8};
    if (!from || !until || *until < *from || *until - longest > *from)
        return Error{Errc::invalid_input, "a window without its times"};
    ReconcileWindow window;
    window.number = json_count(&members, "number").value_or(0);
    window.from = *from;
    window.until = *until;
    window.begun_at = time_of(members, "begun_at_ms");
    window.open_since = time_of(members, "open_since_ms");
    window.has_gaps = json_bool(&members, "has_gaps");
    window.next_page = json_string(&members, "next_page");
    const json::value* const slots = json_member(&members, "slots");
    if (slots == nullptr || !slots->is_array()) return window;
    for (const json::value& value : slots->get_array()) {
        const json::object* const slot = value.if_object();
        const auto at = slot == nullptr ? std::nullopt : time_of(*slot, "from_ms");
        if (!at) continue;
        TwilioSlot& counted = window.slots.emplace_back();
        counted.from = *at;
        counted.calls_count = json_count(slot, "calls").value_or(0);
        counted.strangers_count = json_count(slot, "strangers").value_or(0);
    }
    return window;
}

}  // namespace

std::string encode_window(const ReconcileWindow& window) {
    return json::serialize(json_of(window));
}

Result<ReconcileWindow> decode_window(std::string_view text) {
    WRAPUP_TRY(const json::object members, parse_json_object(text));
    return window_of(members);
}

std::string encode_order(const KeptOrder& order) {
    json::object out{{"id", order.id},
                     {"from_ms", to_unix_ms(order.from)},
                     {"until_ms", to_unix_ms(order.until)},
                     {"dry_run", order.is_dry_run},
                     {"conversations_until_ms", to_unix_ms(order.conversations_until)}};
    json::object counts;
    for (const NamedCount& one : named_counts) counts[one.name] = order.counts.*one.count;
    out["counts"] = std::move(counts);
    json::array windows;
    for (const ReconcileWindow& window : order.windows) windows.push_back(json_of(window));
    out["windows"] = std::move(windows);
    return json::serialize(out);
}

Result<KeptOrder> decode_order(std::string_view text) {
    WRAPUP_TRY(const json::object members, parse_json_object(text));
    const auto id = json_count(&members, "id");
    const auto from = time_of(members, "from_ms");
    const auto until = time_of(members, "until_ms");
    const auto conversations_until = time_of(members, "conversations_until_ms");
    const json::value* const windows = json_member(&members, "windows");
    const bool has_windows = windows != nullptr && windows->is_array();
    if (!id || !from || !until || *until < *from || !conversations_until || !has_windows)
        return Error{Errc::invalid_input, "an order without its id, times or windows"};
    KeptOrder order;
    order.id = *id;
    order.from = *from;
    order.until = *until;
    order.conversations_until = *conversations_until;
    order.is_dry_run = json_bool(&members, "dry_run");
    const json::value* const counts = json_member(&members, "counts");
    const json::object* const counted = counts == nullptr ? nullptr : counts->if_object();
    for (const NamedCount& one : named_counts) {
        order.counts.*one.count = json_count(counted, one.name).value_or(0);
    }
    for (const json::value& value : windows->get_array()) {
        const json::object* const window = value.if_object();
        if (window == nullptr) return Error{Errc::invalid_input, "a window that is none"};
        WRAPUP_TRY(ReconcileWindow read, window_of(*window));
        order.windows.push_back(std::move(read));
    }
    return order;
}

}  // namespace wrapup
