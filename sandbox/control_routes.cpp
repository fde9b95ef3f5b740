#include "sandbox/control_routes.hpp"

#include <boost/json.hpp>

#include "codec/json/json_value.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t body_bytes_max = 64U << 10U;

// An empty body is an empty object, so that `curl -X POST` does.
Result<json::object> read_body(const Request& request) {
    if (request.body().empty()) return json::object{};
    return parse_json_object(request.body());
}

void set_text(std::string& target, const json::object& body, std::string_view key) {
    const std::string text = json_string(&body, key);
    if (!text.empty()) target = text;
}

void apply(CallPlan& plan, const json::object& body) {
    set_text(plan.to, body, "to");
    set_text(plan.name, body, "name");
    set_text(plan.summary, body, "summary");
    plan.duration_s = json_count(&body, "duration_s").value_or(plan.duration_s);
    plan.faults.has_sentinel = plan.faults.has_sentinel || json_bool(&body, "sentinel");
    if (json_bool(&body, "silent")) plan.faults.webhook_copies = 0;
    if (json_bool(&body, "lost")) {
        plan.faults.webhook_copies = 0;
        plan.status_callback.clear();
        plan.amd_callback.clear();
    }
    if (const auto copies = json_count(&body, "end_copies"); copies && *copies <= 100) {
        plan.faults.end_copies = static_cast<int>(*copies);
    }
    if (const auto wait = json_count(&body, "processing_s"); wait && *wait <= 86'400) {
        plan.faults.processing = seconds{*wait};
    }
}

struct FaultOrder {
    std::string peer;
    std::string kind;
    int status = 503;
    std::optional<seconds> retry_after;
    std::optional<int> count;
};

FaultOrder read_fault(const json::object& body) {
    FaultOrder order;
    order.peer = json_string(&body, "peer");
    order.kind = json_string(&body, "kind");
    const auto status = json_count(&body, "status");
    if (status && *status >= 200 && *status <= 599) order.status = static_cast<int>(*status);
    if (const auto wait = json_count(&body, "retry_after_s"); wait && *wait <= 86'400) {
        order.retry_after = seconds{*wait};
    }
    const auto count = json_count(&body, "count");
    if (count && *count < RestFaults::until_cleared) order.count = static_cast<int>(*count);
    return order;
}

std::optional<RestFault::Kind> parse_rest_kind(std::string_view word) {
    if (word == "status") return RestFault::Kind::status;
    if (word == "nonsense") return RestFault::Kind::nonsense;
    if (word == "half") return RestFault::Kind::half;
    if (word == "same_page") return RestFault::Kind::same_page;
    if (word == "other_host") return RestFault::Kind::other_host;
    return std::nullopt;
}

bool set_rest_fault(RestFaults& faults, const FaultOrder& order) {
    if (order.kind == "none") {
        faults.clear();
        return true;
    }
    const auto kind = parse_rest_kind(order.kind);
    if (!kind) return false;
    faults.set({order.status, order.retry_after, *kind},
               order.count.value_or(RestFaults::until_cleared));
    return true;
}

bool set_webhook_fault(ElevenLabsPeer& elevenlabs, const FaultOrder& order) {
    elevenlabs.set_webhook_disabled(order.kind == "disabled");
    return order.kind == "disabled" || order.kind == "none";
}

std::optional<CrmFault::Kind> parse_crm_kind(std::string_view word) {
    if (word == "status") return CrmFault::Kind::status;
    if (word == "hang") return CrmFault::Kind::hang;
    if (word == "cut") return CrmFault::Kind::cut;
    if (word == "accept_then_cut") return CrmFault::Kind::accept_then_cut;
    return std::nullopt;
}

bool set_crm_fault(CrmPeer& crm, const FaultOrder& order) {
    if (order.kind == "none") {
        crm.clear_fault();
        return true;
    }
    const auto kind = parse_crm_kind(order.kind);
    if (!kind) return false;
    crm.set_fault({*kind, order.status, order.retry_after},
                  order.count.value_or(CrmPeer::until_cleared));
    return true;
}

}  // namespace

void ControlRoutes::add_to(RouteSet& routes) {
    routes.add(Method::post, "/sandbox/calls", body_bytes_max,
               [this](const Request& r) { return place_call(r); });
    routes.add(Method::post, "/sandbox/faults", body_bytes_max,
               [this](const Request& r) { return set_fault(r); });
    routes.add_instant(Method::get, "/sandbox/account",
                       [this](const Request&) { return account(); });
}

Task<Response> ControlRoutes::place_call(const Request& request) {
    const auto body = read_body(request);
    if (!body) co_return problem(400, body.error().detail);
    const std::string word = json_string(&*body, "outcome");
    const auto outcome = parse_outcome(word);
    if (!word.empty() && !outcome) {
        co_return problem(400, "held, no answer, no connection or voicemail", "outcome");
    }
    CallPlan plan = outcome ? traffic_.next(*outcome) : traffic_.next();
    apply(plan, *body);
    const PlayedCall& call = sandbox_.player().place(std::move(plan));
    const json::object answer{{"call_sid", call.plan.sid},
                              {"conversation_id", call.plan.conversation_id},
                              {"to", call.plan.to},
                              {"name", call.plan.name},
                              {"outcome", to_string(call.plan.outcome)}};
    co_return json_response(201, json::serialize(answer));
}

Task<Response> ControlRoutes::set_fault(const Request& request) {
    const auto body = read_body(request);
    if (!body) co_return problem(400, body.error().detail);
    const FaultOrder order = read_fault(*body);
    bool is_set = false;
    if (order.peer == "crm") is_set = set_crm_fault(sandbox_.crm(), order);
    if (order.peer == "twilio") is_set = set_rest_fault(sandbox_.twilio_faults(), order);
    if (order.peer == "webhook") is_set = set_webhook_fault(sandbox_.elevenlabs(), order);
    if (order.peer == "elevenlabs") is_set = set_rest_fault(sandbox_.elevenlabs_faults(), order);
    if (!is_set) co_return problem(400, "no such peer, or no such fault of it", "peer");
    Response response;
    response.status = 204;
    co_return response;
}

Response ControlRoutes::account() const {
    const CrmLedger& ledger = sandbox_.crm().ledger();
    const json::object answer{{"calls_placed", sandbox_.book().calls().size()},
                              {"calls_ended", sandbox_.book().ended_count()},
                              {"records", ledger.filed_count()},
                              {"requests", ledger.requests_count()},
                              {"altered", ledger.altered_count()},
                              {"malformed", ledger.malformed_count()}};
    return json_response(200, json::serialize(answer));
}

}  // namespace wrapup
