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

json::object json_of(const ReconcileCounts& counts) {
    json::object out;
    for (const NamedCount& one : named_counts) out[one.name] = counts.*one.count;
    return out;
}

ReconcileCounts counts_of(const json::object* members) {
    ReconcileCounts counts;
    for (const NamedCount& one : named_counts) {
        counts.*one.count = json_count(members, one.name).value_or(0);
    }
    return counts;
}

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

// Of an array, those that are objects.
std::vector<const json::object*> objects_in(const json::object& members, std::string_view key) {
    std::vector<const json::object*> found;
    const json::value* const array = json_member(&members, key);
    if (array == nullptr || !array->is_array()) return found;
    for (const json::value& value : array->get_array()) {
        if (value.is_object()) found.push_back(&value.get_object());
    }
    return found;
}

void put(json::object& out, std::string_view key, const std::optional<UtcTime>& time) {
    if (time) out[key] = to_unix_ms(*time);
}

void put(json::object& out, std::string_view key, const std::optional<ReconcileTrouble>& trouble) {
    if (!trouble) return;
    out[key] = {{"since_ms", to_unix_ms(trouble->since)},
                {"count", trouble->count},
                {"what", trouble->what}};
}

std::optional<ReconcileTrouble> trouble_of(const json::object* members) {
    const auto since = members == nullptr ? std::nullopt : time_of(*members, "since_ms");
    if (!since) return std::nullopt;
    return ReconcileTrouble{*since, json_count(members, "count").value_or(0),
                            json_string(members, "what")};
}

json::object json_of(const WebhookHealth& webhook) {
    json::object out{{"name", webhook.name},
                     {"url", webhook.url},
                     {"disabled", webhook.is_disabled},
                     {"auto_disabled", webhook.is_auto_disabled},
                     {"last_error", webhook.last_error}};
    put(out, "last_failed_at_ms", webhook.last_failed_at);
    return out;
}

WebhookHealth webhook_of(const json::object& members) {
    return {json_string(&members, "name"),       json_string(&members, "url"),
            json_bool(&members, "disabled"),     json_bool(&members, "auto_disabled"),
            json_string(&members, "last_error"), time_of(members, "last_failed_at_ms")};
}

json::object json_of(const ReconcileFinding& finding) {
    json::object out{{"call_sid", finding.call_sid}, {"what", finding.what}, {"why", finding.why}};
    if (finding.status) out["status"] = to_string(*finding.status);
    if (finding.duration_s) out["duration_s"] = *finding.duration_s;
    put(out, "made_at_ms", finding.made_at);
    return out;
}

ReconcileFinding finding_of(const json::object& members) {
    return {json_string(&members, "call_sid"), parse_call_status(json_string(&members, "status")),
            json_int(&members, "duration_s"),  time_of(members, "made_at_ms"),
            json_string(&members, "what"),     json_string(&members, "why")};
}

json::object json_of(const ReconcileRun& run) {
    json::object out{{"id", run.id},
                     {"state", to_string(run.state)},
                     {"ordered", run.is_ordered},
                     {"dry_run", run.is_dry_run},
                     {"from_ms", to_unix_ms(run.from)},
                     {"until_ms", to_unix_ms(run.until)},
                     {"started_at_ms", to_unix_ms(run.started_at)},
                     {"counts", json_of(run.counts)},
                     {"error", run.error}};
    put(out, "ended_at_ms", run.ended_at);
    put(out, "reached_ms", run.reached);
    if (run.findings.empty()) return out;
    json::array findings;
    for (const ReconcileFinding& finding : run.findings) findings.push_back(json_of(finding));
    out["findings"] = std::move(findings);
    return out;
}

std::optional<ReconcileRun> run_of(const json::object& members) {
    const auto id = json_count(&members, "id");
    const auto state = parse_run_state(json_string(&members, "state"));
    const auto from = time_of(members, "from_ms");
    const auto until = time_of(members, "until_ms");
    const auto started_at = time_of(members, "started_at_ms");
    if (!id || !state || !from || !until || !started_at) return std::nullopt;
    ReconcileRun run;
    run.id = *id;
    run.state = *state;
    run.is_ordered = json_bool(&members, "ordered");
    run.is_dry_run = json_bool(&members, "dry_run");
    run.from = *from;
    run.until = *until;
    run.started_at = *started_at;
    run.ended_at = time_of(members, "ended_at_ms");
    run.reached = time_of(members, "reached_ms");
    run.counts = counts_of(json_object(&members, "counts"));
    run.error = json_string(&members, "error");
    for (const json::object* one : objects_in(members, "findings")) {
        run.findings.push_back(finding_of(*one));
    }
    return run;
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
    out["counts"] = json_of(order.counts);
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
    order.counts = counts_of(json_object(&members, "counts"));
    for (const json::value& value : windows->get_array()) {
        const json::object* const window = value.if_object();
        if (window == nullptr) return Error{Errc::invalid_input, "a window that is none"};
        WRAPUP_TRY(ReconcileWindow read, window_of(*window));
        order.windows.push_back(std::move(read));
    }
    return order;
}

std::string encode_status(const ReconcileStatus& status) {
    json::object out{{"node", status.node}, {"windows_left", status.windows_left}};
    put(out, "next_at_ms", status.next_at);
    put(out, "listed_until_ms", status.listed_until);
    put(out, "twilio", status.twilio);
    put(out, "elevenlabs", status.elevenlabs);
    if (status.clock_ahead) out["clock_ahead_ms"] = status.clock_ahead->count();
    json::array runs;
    for (const ReconcileRun& run : status.runs) runs.push_back(json_of(run));
    out["runs"] = std::move(runs);
    put(out, "webhooks_asked_at_ms", status.webhooks_asked_at);
    if (!status.webhooks) return json::serialize(out);
    json::array webhooks;
    for (const WebhookHealth& webhook : *status.webhooks) webhooks.push_back(json_of(webhook));
    out["webhooks"] = std::move(webhooks);
    return json::serialize(out);
}

Result<ReconcileStatus> decode_status(std::string_view text) {
    WRAPUP_TRY(const json::object members, parse_json_object(text));
    ReconcileStatus status;
    status.node = json_string(&members, "node");
    status.windows_left = json_count(&members, "windows_left").value_or(0);
    status.next_at = time_of(members, "next_at_ms");
    status.listed_until = time_of(members, "listed_until_ms");
    status.twilio = trouble_of(json_object(&members, "twilio"));
    status.elevenlabs = trouble_of(json_object(&members, "elevenlabs"));
    const auto ahead = json_int(&members, "clock_ahead_ms");
    if (ahead) status.clock_ahead = milliseconds{*ahead};
    for (const json::object* one : objects_in(members, "runs")) {
        auto run = run_of(*one);
        if (run) status.runs.push_back(*std::move(run));
    }
    status.webhooks_asked_at = time_of(members, "webhooks_asked_at_ms");
    const json::value* const webhooks = json_member(&members, "webhooks");
    if (webhooks == nullptr || !webhooks->is_array()) return status;
    status.webhooks.emplace();
    for (const json::object* one : objects_in(members, "webhooks")) {
        status.webhooks->push_back(webhook_of(*one));
    }
    return status;
}

}  // namespace wrapup
