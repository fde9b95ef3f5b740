#include "http/api/replay_routes.hpp"

#include <boost/json.hpp>

#include "base/text.hpp"
#include "http/api/api_answers.hpp"
#include "http/api/api_bodies.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t body_bytes_max = 64 * 1024;

json::object json_of(const ReplayFilter& filter) {
    json::object out;
    out["state"] = word_or_null(filter.state);
    out["parked"] = word_or_null(filter.parked);
    out["destination"] = text_or_null(filter.destination);
    out["status"] = word_or_null(filter.outcome);
    out["campaign"] = text_or_null(filter.campaign);
    out["after"] = time_or_null(filter.after);
    out["before"] = time_or_null(filter.before);
    out["fingerprint"] = text_or_null(filter.fingerprint);
    return out;
}

// "2 are there already, 1 was sent or changed meanwhile".
std::string why_skipped(const ReplayJob& job) {
    const ReplayObstacles skips = job.skips();
    std::string text;
    const auto add = [&text](std::int64_t count, const char* one, const char* many) {
        if (count == 0) return;
        text += (text.empty() ? "" : ", ") + std::to_string(count) + (count == 1 ? one : many);
    };
    add(skips.there, " is there already", " are there already");
    add(skips.unwanted, " is not wanted there (`only`)", " are not wanted there (`only`)");
    add(skips.lost, " has a destination that is gone or disabled",
        " have a destination that is gone or disabled");
    add(job.skipped - skips.total(), " was sent or changed meanwhile",
        " were sent or changed meanwhile");
    return text;
}

json::object json_of(const ReplayJob& job) {
    json::object out;
    out["id"] = job.id;
    out["state"] = json_text(to_string(job.state));
    out["count"] = job.count;
    out["accepted"] = job.accepted;
    out["failed"] = job.failed;
    out["given_up"] = job.given_up;
    out["skipped"] = job.skipped;
    out["skipped_because"] = text_or_null(why_skipped(job));
    json::object skips = json_of(job.skips());
    skips["changed"] = job.skipped - job.skips().total();
    out["skips"] = std::move(skips);
    out["left_out"] = json_of(job.left_out);
    out["open"] = job.open();
    out["filter"] = json_of(job.order.filter);
    out["again"] = job.order.is_again;
    out["earlier"] = job.order.is_earlier;
    out["give_up"] = job.order.gives_up;
    out["to"] = text_or_null(job.order.to);
    out["reason"] = text_or_null(job.reason);
    out["started_at"] = time_or_null(job.started_at);
    out["ended_at"] = time_or_null(job.ended_at);
    return out;
}

// The service names the field as the first word of what is wrong.
Response bad_order(const Error& error) {
    const std::string& detail = error.detail;
    return problem(400, detail, detail.substr(0, detail.find(':')));
}

Response refusal(const Error& error) {
    return error.code == Errc::invalid_input ? bad_order(error) : error_response(error);
}

Response answer(const Result<ReplayJob>& job, int status) {
    if (!job) return refusal(job.error());
    return json_response(status, json::serialize(json_of(*job)));
}

Response no_such_replay() { return problem(404, "no such replay"); }

}  // namespace

void ReplayRoutes::add_to(RouteSet& routes) {
    if (actions_ == nullptr) return;
    routes.add(
        Method::post, "/api/replays", body_bytes_max, [this](const Request& r) { return order(r); },
        refuse_other_than_json);
    routes.add(Method::get, "/api/replays", 0, [this](const Request&) { return list(); });
    routes.add(Method::get, "/api/replays/{}", 0, [this](const Request& r) { return find(r); });
    routes.add(Method::del, "/api/replays/{}", 0, [this](const Request& r) { return cancel(r); });
}

Task<Response> ReplayRoutes::order(const Request& request) {
    auto parsed = parse_replay_request(request.body(), zone_);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    ReplayRequest& asked = std::get<ReplayRequest>(parsed);
    if (!asked.is_preview) co_return co_await start(std::move(asked));
    co_return co_await preview(std::move(asked.order));
}

Task<Response> ReplayRoutes::preview(ReplayOrder order) {
    const auto found = co_await actions_->preview(std::move(order));
    if (!found) co_return refusal(found.error());
    auto read = [&] {
        std::vector<Call> calls;
        for (const std::string& id : found->call_ids) {
            auto story = store_.find_story(id);
            if (story) calls.push_back(std::move(story->call));
        }
        return render_replay_preview(found->count, found->left_out, calls, found->token);
    };
    std::string body = co_await pool_.run(read);
    co_return json_response(200, std::move(body));
}

Task<Response> ReplayRoutes::start(ReplayRequest request) {
    ReplayOrder order = std::move(request.order);
    std::string token = std::move(request.token);
    std::string reason = std::move(request.reason);
    const auto job =
        co_await actions_->start(std::move(order), std::move(token), std::move(reason));
    co_return answer(job, 202);
}

Task<Response> ReplayRoutes::list() {
    const auto jobs = co_await actions_->list();
    if (!jobs) co_return refusal(jobs.error());
    json::array list;
    for (const ReplayJob& job : *jobs) list.push_back(json_of(job));
    json::object out;
    out["replays"] = std::move(list);
    co_return json_response(200, json::serialize(out));
}

Task<Response> ReplayRoutes::find(const Request& request) {
    const auto id = parse_int(request.parameter());
    if (!id) co_return no_such_replay();
    const auto job = co_await actions_->find(*id);
    co_return answer(job, 200);
}

Task<Response> ReplayRoutes::cancel(const Request& request) {
    const auto id = parse_int(request.parameter());
    if (!id) co_return no_such_replay();
    const auto before = co_await actions_->find(*id);
    const auto job = co_await actions_->cancel(*id);
    if (!job) co_return refusal(job.error());
    json::object out = json_of(*job);
    out["already_over"] = before && before->state != ReplayState::running;
    co_return json_response(200, json::serialize(out));
}

}  // namespace wrapup
