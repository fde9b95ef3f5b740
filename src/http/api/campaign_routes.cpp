#include "http/api/campaign_routes.hpp"

#include <algorithm>
#include <boost/json.hpp>
#include <set>

#include "base/text.hpp"
#include "codec/bytes/digest.hpp"
#include "codec/json/json_value.hpp"
#include "http/api/api_answers.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t body_bytes_max = 20U << 20U;
constexpr std::size_t small_body_bytes_max = 64 * 1024;
constexpr std::size_t id_size_max = 128;
constexpr std::size_t key_size_max = 255;
constexpr std::size_t bad_rows_shown_max = 1'000;
// One transaction: webhooks have their turn between two of them.
constexpr std::size_t slice = 500;

bool is_plausible(const std::string& campaign_id) {
    const auto is_control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; };
    return campaign_id.size() <= id_size_max && to_valid_utf8(campaign_id) == campaign_id &&
           std::ranges::none_of(campaign_id, is_control);
}

// Each slice is a transaction, and its rows are called from then on.
Response stored_in_part(const Error& error, std::size_t stored_count, std::size_t rows_count) {
    Response response = error_response(error);
    if (response.status != 503) return response;
    const std::string detail =
        error.detail + "; " + std::to_string(stored_count) + " of the list's " +
        std::to_string(rows_count) +
        " numbers are stored and are called in their turn: send the same list again, which adds "
        "the others and calls nobody twice";
    const std::string headers = std::move(response.headers);
    response = problem_with(503, detail, {{"stored", stored_count}});
    response.headers = headers;
    return response;
}

json::array json_of(const RetryWaits& waits) {
    json::array out;
    for (const seconds wait : waits) out.emplace_back(format_duration(wait));
    return out;
}

// What was not called when its list was cancelled never will be.
struct Tally {
    std::int64_t waiting = 0;
    std::int64_t calling = 0;
    std::int64_t done = 0;
    std::int64_t attempts = 0;
    std::int64_t refused = 0;  // Attempts, for a reason that every call would meet.
    std::map<std::string, std::int64_t> outcomes;
};

Tally tally_of(const DialList& list) {
    Tally tally;
    for (const auto& [key, count] : list.counts) {
        if (key == "attempts") {
            tally.attempts = count;
        } else if (key == "refused") {
            tally.refused = count;
        } else if (key == "calling") {
            tally.calling = count;
        } else if (key == "waiting" && list.state != DialListState::cancelled) {
            tally.waiting = count;
        } else {
            tally.done += count;
            tally.outcomes[key.starts_with("done ") ? key.substr(5) : "cancelled"] += count;
        }
    }
    return tally;
}

std::string_view state_of(const DialList& list, const Tally& tally) {
    const bool is_over = tally.waiting + tally.calling == 0;
    return is_over && list.state != DialListState::cancelled ? "done" : to_string(list.state);
}

// How far it is, and what a person has to do.
json::object progress_of(const DialList& list, const Tally& tally) {
    const std::string_view state = state_of(list, tally);
    json::object out{{"state", json_text(state)}, {"reason", text_or_null(list.reason)}};
    out["next"] = text_or_null(state == "paused" ? resume_command(list) : std::string());
    out["rows"] = json::object{{"total", tally.waiting + tally.calling + tally.done},
                               {"waiting", tally.waiting},
                               {"calling", tally.calling},
                               {"done", tally.done}};
    return out;
}

// What is said once for all of its numbers.
json::object settings_of(const DialList& list) {
    json::object out;
    out["retry"] = json::object{{"busy", json_of(list.retry_busy)},
                                {"no_answer", json_of(list.retry_no_answer)}};
    out["from"] = text_or_null(list.from);
    out["agent_id"] = text_or_null(list.agent_id);
    out["timeout_s"] = list.timeout_s == 0 ? json::value(nullptr) : json::value(list.timeout_s);
    out["not_before"] = time_or_null(list.not_before);
    out["not_after"] = time_or_null(list.not_after);
    return out;
}

json::array changes_between(const DialList& before, const DialList& after) {
    json::array changes;
    json::object was = settings_of(before);
    was["campaign_name"] = text_or_null(before.campaign_name);
    json::object is = settings_of(after);
    is["campaign_name"] = text_or_null(after.campaign_name);
    for (const auto& [name, value] : is) {
        if (was.at(name) == value) continue;
        changes.push_back(json::object{{"setting", name}, {"was", was.at(name)}, {"is", value}});
    }
    return changes;
}

json::object json_of(const DialList& list) {
    const Tally tally = tally_of(list);
    json::object outcomes;
    for (const auto& [name, count] : tally.outcomes) outcomes[name] = count;
    json::object out{{"id", json_text(list.id)}, {"name", text_or_null(list.campaign_name)}};
    for (auto& [name, value] : progress_of(list, tally)) out[name] = value;
    out["waits_for"] = nullptr;
    out["waits_until"] = nullptr;
    out["outcomes"] = std::move(outcomes);
    out["attempts"] = tally.attempts;
    out["refused_attempts"] = tally.refused;
    for (auto& [name, value] : settings_of(list)) out[name] = value;
    out["created_at"] = time_or_null(list.created_at);
    return out;
}

json::object json_of(const ListRow& row, bool is_cancelled) {
    const bool is_given_up = is_cancelled && row.state == ListRowState::waiting;
    json::object out{{"to", row.to}};
    out["name"] = text_or_null(row.name);
    out["state"] = is_given_up ? "done" : json_text(to_string(row.state));
    out["outcome"] = is_given_up ? json::value("cancelled") : text_or_null(row.outcome);
    out["attempts"] = row.attempts_count;
    out["intent"] = text_or_null(row.intent_id);
    out["due_at"] = time_or_null(is_given_up ? std::nullopt : row.due_at);
    out["ended_at"] = time_or_null(row.ended_at);
    return out;
}

// A campaign is known by its name, by its calls, or by both.
std::map<std::string, json::object> overview_of(const std::vector<Campaign>& known,
                                                const std::vector<DialList>& lists) {
    std::map<std::string, json::object> all;
    for (const Campaign& campaign : known) {
        json::object& one = all[campaign.id];
        one["id"] = json_text(campaign.id);
        one["name"] = text_or_null(campaign.name);
        one["description"] = text_or_null(campaign.description);
        one["calls"] = nullptr;
    }
    for (const DialList& list : lists) {
        json::object& one = all[list.id];
        if (one.empty()) {
            one["id"] = json_text(list.id);
            one["name"] = text_or_null(list.campaign_name);
            one["description"] = nullptr;
        }
        one["calls"] = progress_of(list, tally_of(list));
    }
    return all;
}

template <class Bad>
json::array json_of(const std::vector<Bad>& bad) {
    json::array out;
    for (const Bad& one : bad) {
        if (out.size() == bad_rows_shown_max) break;
        out.push_back(json::object{{"row", one.row},
                                   {"field", text_or_null(one.field)},
                                   {"detail", json_text(one.detail)}});
    }
    return out;
}

}  // namespace

Response CampaignRoutes::not_there() const {
    return problem(501, "calls cannot be placed: set " + missing_);
}

void CampaignRoutes::add_to(RouteSet& routes) {
    const std::string one = "/api/campaigns/{}";
    routes.add(Method::get, "/api/campaigns", 0, [this](const Request& r) { return list(r); });
    routes.add(Method::get, one, 0, [this](const Request& r) { return show(r); });
    routes.add(
        Method::post, one + "/calls", body_bytes_max,
        [this](const Request& r) { return put_calls(r); }, refuse_other_than_json);
    routes.add(Method::get, one + "/calls", 0, [this](const Request& r) { return list_calls(r); });
    for (const auto& [verb, state] :
         {std::pair{"/pause", DialListState::paused}, std::pair{"/resume", DialListState::active},
          std::pair{"/cancel", DialListState::cancelled}}) {
        routes.add(Method::post, one + verb, small_body_bytes_max,
                   [this, state = state](const Request& r) { return change(r, state); });
    }
}

CampaignRoutes::CheckedRows CampaignRoutes::read(ListRequest& request) const {
    CheckedRows checked;
    std::size_t number = 0;
    checked.rows.reserve(request.calls.size());
    for (json::value& call : request.calls) {
        const json::value value = std::move(call);
        number += 1;
        auto parsed = parse_list_row(value, read_phone_);
        if (const auto* bad = std::get_if<BadInput>(&parsed)) {
            checked.bad.push_back({number, bad->field, bad->detail});
            continue;
        }
        checked.rows.push_back(std::get<ListRow>(std::move(parsed)));
        checked.rows.back().batch = request.put.batch;
        checked.numbers.push_back(number);
    }
    return checked;
}

Task<void> CampaignRoutes::fill_time_zones(CheckedRows& checked) {
    std::vector<std::string> numbers;
    for (const ListRow& row : checked.rows) {
        if (row.time_zone.empty()) numbers.push_back(row.to);
    }
    if (numbers.empty()) co_return;
    std::vector<std::string> zones = co_await placer_->find_time_zones(std::move(numbers));
    auto zone = zones.begin();
    for (ListRow& row : checked.rows) {
        if (row.time_zone.empty()) row.time_zone = std::move(*zone++);
    }
}

void CampaignRoutes::check(CheckedRows& checked, const std::string& from) const {
    std::set<std::string> seen;
    std::size_t kept = 0;
    for (std::size_t i = 0; i < checked.rows.size(); ++i) {
        ListRow& row = checked.rows[i];
        if (const auto fit = placer_->check_numbers(row.to, from); !fit) {
            checked.bad.push_back({checked.numbers[i], "to", fit.error().detail});
        } else if (const auto zone = placer_->check_time_zone(row.to, row.time_zone); !zone) {
            checked.bad.push_back({checked.numbers[i], "time_zone", zone.error().detail});
        } else if (!seen.insert(row.to).second) {
            checked.repeated_count += 1;
        } else {
            if (kept != i) checked.rows[kept] = std::move(row);
            kept += 1;
        }
    }
    checked.rows.resize(kept);
    std::ranges::sort(checked.bad, {}, &CheckedRows::Bad::row);
}

// A dry run looks at what there is, and changes nothing.
Task<Result<ListOutcome>> CampaignRoutes::put(PutListRows common, std::vector<ListRow> rows,
                                              std::size_t& stored_count) {
    ListOutcome whole;
    for (std::size_t from = 0; from < rows.size(); from += slice) {
        stored_count = from;
        PutListRows some = common;
        const std::size_t end = std::min(from + slice, rows.size());
        for (std::size_t i = from; i < end; ++i) some.rows.push_back(std::move(rows[i]));
        auto done = co_await placer_->put_list_rows(std::move(some));
        if (!done || done->refusal != IntentRefusal::none) co_return done;
        whole.accepted_count += done->accepted_count;
        whole.known_count += done->known_count;
        whole.corrected_count += done->corrected_count;
        whole.kept_count += done->kept_count;
        if (from == 0) whole.before = std::move(done->before);
        for (const auto& [code, count] : done->spared) whole.spared[code] += count;
        whole.list = std::move(done->list);
    }
    co_return whole;
}

Task<Response> CampaignRoutes::put_calls(const Request& request) {
    if (placer_ == nullptr) co_return not_there();
    if (!is_plausible(request.parameter())) co_return problem(400, "this is no campaign's id");
    const std::string_view key = request.header("Idempotency-Key");
    if (key.size() > key_size_max) co_return problem(400, "the Idempotency-Key is too long");
    const UtcTime now = clock_.now();
    ListRequest asked;
    CheckedRows checked;
    auto work = [&]() -> std::optional<BadInput> {
        auto parsed = parse_list_request(request.body(), now, read_phone_);
        if (auto* bad = std::get_if<BadInput>(&parsed)) return std::move(*bad);
        asked = std::get<ListRequest>(std::move(parsed));
        asked.put.list.id = request.parameter();
        asked.put.batch = key;
        if (!key.empty()) {
            asked.put.request_hash = sha256_hex(request.parameter() + "\n" + request.body());
        }
        checked = read(asked);
        return std::nullopt;
    };
    const auto bad = co_await pools_.long_reads.run(work);
    if (bad) co_return bad_input(*bad);
    co_await fill_time_zones(checked);
    auto judge = [&] {
        check(checked, asked.put.list.from);
        return true;
    };
    (void)co_await pools_.long_reads.run(judge);
    json::object answer{{"campaign", json_text(request.parameter())}};
    answer["bad_count"] = checked.bad.size();
    answer["bad"] = json_of(checked.bad);
    const bool is_refused = !checked.bad.empty() && !asked.skips_bad;
    if (is_refused || checked.rows.empty()) {
        co_return problem_with(400,
                               std::to_string(checked.bad.size()) + " of " +
                                   std::to_string(asked.calls.size()) +
                                   (checked.bad.size() == 1 ? " rows is bad" : " rows are bad") +
                                   ", and nobody is called: correct them, or say skip_bad",
                               std::move(answer));
    }
    const bool is_dry_run = asked.put.is_dry_run;
    PutListRows common = std::move(asked.put);
    const std::size_t rows_count = checked.rows.size();
    std::size_t stored_count = 0;
    auto done = co_await put(std::move(common), std::move(checked.rows), stored_count);
    if (!done && stored_count > 0 && !is_dry_run) {
        co_return stored_in_part(done.error(), stored_count, rows_count);
    }
    if (!done) co_return error_response(done.error());
    if (done->refusal == IntentRefusal::key_reused) {
        co_return problem_with(422, "the Idempotency-Key was used for another request",
                               {{"code", to_string(done->refusal)}});
    }
    answer["accepted"] = done->accepted_count;
    answer["already_in_list"] = done->known_count;
    answer["corrected"] = done->corrected_count;
    answer["called_already"] = done->kept_count;
    answer["repeated"] = checked.repeated_count;
    json::object spared;
    for (const auto& [code, count] : done->spared) spared[code] = count;
    answer["refused"] = std::move(spared);
    answer["changed"] = done->before ? changes_between(*done->before, done->list) : json::array();
    if (is_dry_run) {
        answer["dry_run"] = true;
        co_return json_response(200, json::serialize(answer));
    }
    answer["state"] = json_text(state_of(done->list, tally_of(done->list)));
    co_return json_response(202, json::serialize(answer));
}

Task<Response> CampaignRoutes::list(const Request& request) {
    auto parsed = parse_list_query(request.query());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const ListQuery& query = std::get<ListQuery>(parsed);
    auto read = [&]() -> Result<std::map<std::string, json::object>> {
        WRAPUP_TRY(const auto known, known_.list_campaigns(query.after, query.limit));
        const DialListFilter filter{std::nullopt, query.after, query.limit};
        WRAPUP_TRY(const auto lists, store_.list_dial_lists(filter));
        return overview_of(known, lists);
    };
    const auto all = co_await pools_.reads.run(read);
    if (!all) co_return error_response(all.error());
    json::array page;
    std::string last;
    for (const auto& [id, campaign] : *all) {
        if (std::ssize(page) == query.limit) break;
        page.push_back(campaign);
        last = id;
    }
    const bool is_full = std::ssize(page) == query.limit;
    const json::object body{{"campaigns", std::move(page)},
                            {"next_cursor", text_or_null(is_full ? list_cursor(last) : "")}};
    co_return json_response(200, json::serialize(body));
}

Task<Response> CampaignRoutes::list_calls(const Request& request) {
    auto parsed = parse_list_row_filter(request.query());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    ListRowFilter filter = std::get<ListRowFilter>(std::move(parsed));
    filter.list_id = request.parameter();
    DialList list;
    auto read = [&]() -> Result<ListRowPage> {
        WRAPUP_TRY(list, store_.find_dial_list(filter.list_id));
        return store_.list_rows(filter);
    };
    const auto page = co_await pools_.long_reads.run(read);
    if (!page) co_return error_response(page.error());
    json::array calls;
    for (const ListRow& row : page->rows) {
        calls.push_back(json_of(row, list.state == DialListState::cancelled));
    }
    const json::object body{{"calls", std::move(calls)},
                            {"next_cursor", text_or_null(page->next_cursor)}};
    co_return json_response(200, json::serialize(body));
}

Task<Response> CampaignRoutes::show(const Request& request) {
    auto read = [&]() -> Result<json::object> {
        WRAPUP_TRY(const auto list, store_.find_dial_list(request.parameter()));
        json::object shown = json_of(list);
        if (placer_ == nullptr || list.state != DialListState::active) return shown;
        WRAPUP_TRY(const auto next, store_.due_list_rows(UtcTime::max(), 1));
        for (const DueListRows& one : next) {
            if (one.list.id != list.id) continue;
            const ListWait wait = placer_->why_waiting(one.list, one.rows.front());
            shown["waits_for"] = json_text(wait.why);
            shown["waits_until"] = time_or_null(wait.until);
        }
        return shown;
    };
    const auto shown = co_await pools_.reads.run(read);
    if (!shown) co_return error_response(shown.error());
    co_return json_response(200, json::serialize(*shown));
}

Task<Response> CampaignRoutes::change(const Request& request, DialListState state) {
    if (placer_ == nullptr) co_return not_there();
    std::string id = request.parameter();
    auto read = [&] { return store_.find_dial_list(id); };
    const auto before = co_await pools_.reads.run(read);
    const auto list = co_await placer_->set_dial_list(std::move(id), state);
    if (!list) co_return error_response(list.error());
    json::object out = json_of(*list);
    if (state != DialListState::active) {
        out["already_over"] =
            before && (before->state == DialListState::cancelled || has_ended(*before));
    }
    co_return json_response(200, json::serialize(out));
}

}  // namespace wrapup
