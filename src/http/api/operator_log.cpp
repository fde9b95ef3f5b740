#include "http/api/operator_log.hpp"

#include <algorithm>
#include <boost/json.hpp>

#include "base/text.hpp"
#include "codec/json/json_value.hpp"
#include "domain/phone_number.hpp"
#include "domain/plain_text.hpp"
#include "http/api/api_answers.hpp"
#include "http/api/api_input.hpp"
#include "http/api/replay_input.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t text_size_max = 200;
// A list of calls may be 20 MB, and gives no reason.
constexpr std::size_t body_read_max = 64 * 1024;

// One token is everybody's, so that nobody's name is known; the way by which they came is.
std::string_view who_asks(const Request& request) {
    if (request.header("Authorization").empty()) return "dashboard";
    return starts_with_ignoring_case(request.header("User-Agent"), "wrapup/") ? "command line"
                                                                              : "api";
}

std::string text_member(std::string_view body, std::string_view name) {
    const auto object = parse_json_object(body);
    if (!object) return {};
    return truncate_utf8(plain_text(json_string(&*object, name)), text_size_max);
}

// It would be cut off in the middle of a word.
bool is_reason_too_long(const Request& request) {
    if (request.body().size() > body_read_max) return false;
    const auto object = parse_json_object(request.body());
    return object && json_string(&*object, "reason").size() > text_size_max;
}

std::optional<std::int64_t> number_member(std::string_view body, std::string_view name) {
    const auto object = parse_json_object(body);
    if (!object) return std::nullopt;
    return json_int(&*object, name);
}

std::string why_refused(const Response& response) {
    if (response.status < 400) return {};
    std::string detail = text_member(response.body, "detail");
    if (detail.empty()) detail = text_member(response.body, "message");
    return detail.empty() ? std::to_string(response.status) : detail;
}

std::string counted(std::int64_t count, std::string_view what) {
    return std::to_string(count) + " " + std::string(what) + (count == 1 ? "" : "s");
}

bool complete_send(const Request& request, const Response&, OperatorAction& action) {
    const auto parsed = parse_send_request(request.body());
    const auto* const asked = std::get_if<SendRequest>(&parsed);
    if (asked == nullptr) return false;
    action.subject = asked->any_id;
    if (asked->when == SendWhen::now) action.detail = "with what was known";
    return true;
}

bool complete_replay(const Request& request, const Response& answer, OperatorAction& action) {
    const auto parsed = parse_replay_request(request.body());
    const auto* const asked = std::get_if<ReplayRequest>(&parsed);
    if (asked == nullptr || asked->is_preview) return false;
    if (asked->order.gives_up) action.act = OperatorAct::give_up_started;
    if (const auto id = number_member(answer.body, "id")) action.subject = std::to_string(*id);
    if (const auto count = number_member(answer.body, "count")) {
        action.detail = counted(*count, "record");
        if (asked->order.is_again) action.detail += ", again";
    }
    action.reason = truncate_utf8(asked->reason, text_size_max);
    return true;
}

// Why a number is listed is that entry's, and may name somebody.
bool complete_do_not_call(const Request&, const Response& answer, OperatorAction& action) {
    action.reason.clear();
    if (const auto count = number_member(answer.body, "listed")) {
        action.detail = counted(*count, "number");
    }
    return true;
}

bool complete_import(const Request& request, const Response& answer, OperatorAction& action) {
    if (request.query().find("kind=do-not-call") == std::string_view::npos) return false;
    const std::int64_t count = number_member(answer.body, "changed").value_or(0);
    if (action.refused.empty() && count == 0) return false;
    if (request.query().find("dry_run=true") != std::string_view::npos) return false;
    if (count > 0) action.detail = counted(count, "number") + ", from a file";
    return true;
}

// Of what had ended before, it says so.
bool complete_end(const Request&, const Response& answer, OperatorAction& action) {
    const auto object = parse_json_object(answer.body);
    if (object && json_bool(&*object, "already_over")) action.detail = "was already over";
    return true;
}

// Rows that are added, or sent again, are no action; what changes for all of a list's numbers is.
bool complete_list(const Request&, const Response& answer, OperatorAction& action) {
    if (answer.status != 202) return false;
    const auto object = parse_json_object(answer.body);
    const json::value* const changes = object ? json_member(&*object, "changed") : nullptr;
    if (changes == nullptr || !changes->is_array()) return false;
    for (const json::value& one : changes->get_array()) {
        const json::object* const change = one.if_object();
        const std::string setting = json_string(change, "setting");
        const json::value* const is = json_member(change, "is");
        if (!action.detail.empty()) action.detail += ", ";
        action.detail += setting + " ";
        action.detail += setting == "from" ? mask_phone_number(json_string(change, "is"))
                         : is == nullptr   ? "null"
                                           : json::serialize(*is);
    }
    action.detail = truncate_utf8(action.detail, text_size_max);
    return !action.detail.empty();
}

bool complete_number(const Request& request, const Response&, OperatorAction& action) {
    action.subject = mask_phone_number(request.parameter());
    return true;
}

bool complete_reconciliation(const Request& request, const Response&, OperatorAction& action) {
    action.detail =
        text_member(request.body(), "from") + " to " + text_member(request.body(), "to");
    return true;
}

json::object json_of(const OperatorAction& action) {
    json::object out;
    out["id"] = action.id;
    out["at"] = format_rfc3339(action.at);
    out["action"] = json_text(to_string(action.act));
    out["who"] = json_text(action.who);
    const std::string_view kind = subject_kind_of(action.act);
    out["subject_kind"] = action.subject.empty() ? json::value(nullptr) : text_or_null(kind);
    out["subject"] = text_or_null(action.subject);
    out["detail"] = text_or_null(action.detail);
    out["reason"] = text_or_null(action.reason);
    out["refused"] = text_or_null(action.refused);
    return out;
}

std::string render(const ActionPage& page) {
    json::array entries;
    for (const OperatorAction& action : page.actions) entries.push_back(json_of(action));
    json::object out;
    out["entries"] = std::move(entries);
    out["next_cursor"] = nullptr;
    if (page.has_more) out["next_cursor"] = list_cursor(std::to_string(page.actions.back().id));
    return json::serialize(out);
}

}  // namespace

struct OperatorLog::Noted {
    // Completes what is known of every action: who, the path's parameter as its subject, the
    // body's reason, and why it was refused. False: it is no action.
    using Complete = bool (*)(const Request& request, const Response& answer,
                              OperatorAction& action);

    Method method;
    std::string_view pattern;
    OperatorAct act;
    Complete complete = nullptr;
};

const std::vector<OperatorLog::Noted>& OperatorLog::noted_routes() {
    using enum OperatorAct;
    static const std::vector<Noted> routes{
        {Method::post, "/api/test-crm-webhook", record_sent, complete_send},
        {Method::post, "/api/calls/{}/park", record_parked},
        {Method::post, "/api/destinations/{}/pause", destination_paused},
        {Method::post, "/api/destinations/{}/resume", destination_resumed},
        {Method::post, "/api/replays", replay_started, complete_replay},
        {Method::del, "/api/replays/{}", replay_cancelled, complete_end},
        {Method::post, "/api/campaigns/{}/pause", campaign_paused, complete_end},
        {Method::post, "/api/campaigns/{}/resume", campaign_resumed},
        {Method::post, "/api/campaigns/{}/cancel", campaign_cancelled, complete_end},
        {Method::post, "/api/campaigns/{}/calls", campaign_changed, complete_list},
        {Method::del, "/api/intents/{}", intent_cancelled},
        {Method::post, "/api/do-not-call", do_not_call_added, complete_do_not_call},
        {Method::del, "/api/do-not-call/{}", do_not_call_removed, complete_number},
        {Method::post, "/api/import", do_not_call_added, complete_import},
        {Method::post, "/api/reconciliation", reconciliation_ordered, complete_reconciliation},
    };
    return routes;
}

void OperatorLog::add_to(RouteSet& routes) {
    routes.add(Method::get, "/api/log", 0, [this](const Request& r) { return list(r); });
}

void OperatorLog::listen_to(RouteSet& routes) {
    for (const Noted& noted : noted_routes()) {
        routes.wrap(noted.method, noted.pattern, [this, &noted](Handler handler) -> Handler {
            return [this, &noted, handler = std::move(handler)](const Request& request) {
                return note(request, handler(request), noted);
            };
        });
    }
}

bool OperatorLog::notes(Method method, std::string_view pattern) {
    return std::ranges::any_of(noted_routes(), [&](const Noted& noted) {
        return noted.method == method && noted.pattern == pattern;
    });
}

Task<Response> OperatorLog::note(const Request& request, Task<Response> work, const Noted& route) {
    // Of what is done to one that the path names, the reason is for the log alone.
    if (route.pattern.find("{}") != std::string_view::npos && is_reason_too_long(request)) {
        co_return bad_input({"reason", "longer than 200 bytes"});
    }
    Response response = co_await std::move(work);
    if (response.status == 400 || response.status == 415) co_return response;
    OperatorAction action;
    action.at = clock_.now();
    action.act = route.act;
    action.who = who_asks(request);
    action.subject = to_valid_utf8(truncate_utf8(request.parameter(), text_size_max));
    if (request.body().size() <= body_read_max) {
        action.reason = text_member(request.body(), "reason");
    }
    action.refused = why_refused(response);
    if (route.complete != nullptr && !route.complete(request, response, action)) {
        co_return response;
    }
    const std::string name(to_string(action.act));
    const auto noted = co_await actions_.note(std::move(action));
    if (!noted) {
        log_.write({LogLevel::error,
                    LogTag::none,
                    "what an operator did could not be noted",
                    "",
                    {{"action", name}, {"error", noted.error().detail}}});
    }
    co_return response;
}

Task<Response> OperatorLog::list(const Request& request) {
    const auto parsed = parse_list_query(request.query());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const ListQuery& query = std::get<ListQuery>(parsed);
    const auto before_id = query.after.empty() ? 0 : parse_int(query.after).value_or(0);
    if (!query.after.empty() && before_id <= 0) {
        const BadInput bad{"cursor", "take it from next_cursor of the page before"};
        co_return bad_input(bad);
    };
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const ActionPage found, store_.list_actions(before_id, query.limit));
        return render(found);
    };
    auto body = co_await pool_.run(work);
    if (!body) co_return unavailable(body.error().detail);
    co_return json_response(200, *std::move(body));
}

}  // namespace wrapup
