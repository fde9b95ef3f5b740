#include "http/api/import_routes.hpp"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <chrono>
#include <exception>
#include <optional>
#include <utility>

#include "base/json_string.hpp"
#include "base/text.hpp"
#include "codec/bytes/form.hpp"
#include "domain/call_id.hpp"
#include "http/api/api_input.hpp"
#include "http/api/do_not_call_routes.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace json = boost::json;
namespace {

constexpr std::size_t lines_max = 1000;
constexpr std::size_t body_bytes_max = 4 * 1024 * 1024;

struct Query {
    ImportLineKind kind = ImportLineKind::calls;
    bool is_dry_run = false;
};

std::optional<ImportLineKind> parse_line_kind(std::string_view word) {
    if (word == "calls") return ImportLineKind::calls;
    if (word == "campaigns") return ImportLineKind::campaigns;
    if (word == "contacts") return ImportLineKind::contacts;
    if (word == "do-not-call") return ImportLineKind::do_not_call;
    return std::nullopt;
}

Result<Query> parse_import_query(std::string_view text) {
    const auto form = parse_form(text);
    if (!form) return Error{Errc::invalid_input, "the query is not well-formed"};
    Query query;
    bool has_kind = false;
    for (const auto& [name, value] : *form) {
        const auto kind = name == "kind" ? parse_line_kind(value) : std::nullopt;
        if (kind) {
            has_kind = true;
            query.kind = *kind;
        } else if (name == "dry_run" && (value == "true" || value == "false")) {
            query.is_dry_run = value == "true";
        } else {
            return Error{Errc::invalid_input,
                         "kind=calls|campaigns|contacts|do-not-call and dry_run=true"};
        }
    }
    if (!has_kind)
        return Error{Errc::invalid_input, "kind: calls, campaigns, contacts or do-not-call"};
    return query;
}

// Takes the call's id out of the object; the rest is its metadata.
Parsed<ImportedCall> parse_imported_call(std::string_view line, const ReadPhone& read_phone) {
    boost::system::error_code error;
    json::value value = json::parse(json::string_view(line.data(), line.size()), error);
    if (error || !value.is_object()) return BadInput{"", "this is no JSON object"};
    json::object& object = value.get_object();
    ImportedCall call;
    for (const char* name : {"call_sid", "callSid"}) {
        const auto found = object.find(name);
        if (found == object.end()) continue;
        if (!found->value().is_string()) return BadInput{name, "a text is wanted"};
        const json::string& text = found->value().get_string();
        call.call_id.assign(text.data(), text.size());
        object.erase(found);
    }
    if (!is_vendors_call_id(call.call_id)) return BadInput{"call_sid", "this is no call's id"};
    auto metadata = parse_metadata(json::serialize(object), read_phone);
    if (auto* bad = std::get_if<BadInput>(&metadata)) return std::move(*bad);
    call.metadata = std::get<CallMetadata>(std::move(metadata));
    return call;
}

template <class T>
std::optional<BadInput> keep(Parsed<T> parsed, std::vector<ImportItem>& items) {
    if (auto* bad = std::get_if<BadInput>(&parsed)) return std::move(*bad);
    items.push_back(std::get<T>(std::move(parsed)));
    return std::nullopt;
}

Parsed<DoNotCall> parse_imported_number(std::string_view line, const ReadPhone& read_phone) {
    auto parsed = parse_do_not_call(line, read_phone, UtcTime{});
    if (auto* bad = std::get_if<BadInput>(&parsed)) return std::move(*bad);
    auto& entries = std::get<std::vector<DoNotCall>>(parsed);
    if (entries.size() != 1) return BadInput{"numbers", "one number per line"};
    entries.front().source = "import";
    return std::move(entries.front());
}

std::optional<BadInput> take_line(ImportLineKind kind, std::string_view line,
                                  const ReadPhone& read_phone, const CheckTimeZone& check_zone,
                                  std::vector<ImportItem>& items) {
    switch (kind) {
        case ImportLineKind::calls: return keep(parse_imported_call(line, read_phone), items);
        case ImportLineKind::campaigns: return keep(parse_campaign(line), items);
        case ImportLineKind::contacts:
            return keep(parse_contact(line, read_phone, check_zone), items);
        case ImportLineKind::do_not_call:
            return keep(parse_imported_number(line, read_phone), items);
    }
    return std::nullopt;
}

std::string render_answer(const ImportPlan& plan, const std::vector<ImportLines::Bad>& bad) {
    std::string text = R"({"changed":)" + std::to_string(plan.changed_count) + R"(,"unchanged":)" +
                       std::to_string(plan.unchanged_count) + R"(,"bad":[)";
    for (const auto& one : bad) {
        if (&one != &bad.front()) text += ',';
        text += R"({"line":)" + std::to_string(one.line) + R"(,"detail":)" +
                json_quoted(one.detail) + '}';
    }
    return text + "]}";
}

std::optional<Response> refuse_unfit(const Request& request) {
    const std::string media = to_lower(request.header("Content-Type"));
    if (is_json_content_type(media) || media.starts_with("application/x-ndjson")) {
        return std::nullopt;
    }
    return problem(415, "send JSON lines, with Content-Type: application/x-ndjson");
}

}  // namespace

Result<ImportLines> parse_import_lines(ImportLineKind kind, std::string_view body,
                                       const ReadPhone& read_phone,
                                       const CheckTimeZone& check_zone) {
    ImportLines lines;
    std::size_t number = 0;
    while (!body.empty()) {
        const std::size_t end = body.find('\n');
        const std::string_view line = trim(body.substr(0, end));
        body.remove_prefix(end == std::string_view::npos ? body.size() : end + 1);
        number += 1;
        if (line.empty()) continue;
        if (lines.items.size() + lines.bad.size() == lines_max) {
            return Error{Errc::invalid_input, "more than 1000 lines"};
        }
        if (const auto bad = take_line(kind, line, read_phone, check_zone, lines.items)) {
            const std::string field = bad->field.empty() ? "" : bad->field + ": ";
            lines.bad.push_back({number, field + bad->detail});
        }
    }
    return lines;
}

// What several coroutines share that write at once: the group commit makes few transactions of
// them, and lets webhooks go first.
struct ImportRoutes::Writing {
    std::vector<StoreOp> ops;
    std::size_t left_count;
    Result<void> first_failure;
    asio::steady_timer end;
};

void ImportRoutes::add_to(RouteSet& routes) {
    routes.add(
        Method::post, "/api/import", body_bytes_max, [this](const Request& r) { return import(r); },
        refuse_unfit);
}

Task<Response> ImportRoutes::import(const Request& request) {
    const auto query = parse_import_query(request.query());
    if (!query) co_return problem(400, query.error().detail);
    const UtcTime now = clock_.now();
    std::vector<ImportLines::Bad> bad;
    // Parsed where it is compared, so that a long body holds up no webhook.
    auto work = [&]() -> Result<ImportPlan> {
        WRAPUP_TRY(ImportLines lines,
                   parse_import_lines(query->kind, request.body(), read_phone_, check_time_zone_));
        bad = std::move(lines.bad);
        return plan_import(store_, lines.items, now);
    };
    auto plan = co_await pool_.run(work);
    if (!plan && plan.error().code == Errc::invalid_input) {
        co_return problem(400, plan.error().detail);
    }
    if (!plan) co_return unavailable(plan.error().detail);
    if (!query->is_dry_run && !plan->ops.empty()) {
        std::vector<StoreOp> ops = std::move(plan->ops);
        const auto written = co_await write(std::move(ops));
        if (!written) co_return unavailable(written.error().detail);
    }
    co_return json_response(200, render_answer(*plan, bad));
}

Task<Result<void>> ImportRoutes::write(std::vector<StoreOp> ops) {
    auto executor = co_await asio::this_coro::executor;
    Writing writing{std::move(ops), 0, {}, asio::steady_timer(executor)};
    writing.end.expires_at(std::chrono::steady_clock::time_point::max());
    writing.left_count = writing.ops.size();
    for (std::size_t i = 0; i < writing.ops.size(); ++i) {
        asio::co_spawn(executor, write_one(writing, i), [&writing](std::exception_ptr fault) {
            if (fault && writing.first_failure) {
                writing.first_failure = Error{Errc::unavailable, "the write did not take place"};
            }
            writing.left_count -= 1;
            if (writing.left_count == 0) writing.end.cancel();
        });
    }
    while (writing.left_count > 0) {
        boost::system::error_code ignored;
        auto token = asio::redirect_error(asio::use_awaitable, ignored);
        co_await writing.end.async_wait(token);
    }
    co_return std::move(writing.first_failure);
}

Task<void> ImportRoutes::write_one(Writing& writing, std::size_t index) {
    StoreOp& op = writing.ops[index];
    Result<void> done;
    if (auto* call = std::get_if<PutMetadata>(&op)) {
        done = co_await actions_.put_metadata(std::move(call->call_id), std::move(call->metadata));
    } else if (auto* campaign = std::get_if<PutCampaign>(&op)) {
        done = co_await actions_.put_campaign(std::move(campaign->campaign));
    } else if (auto* contact = std::get_if<PutContact>(&op)) {
        done = co_await actions_.put_contact(std::move(contact->contact));
    } else if (auto* spared = std::get_if<PutDoNotCall>(&op)) {
        done = co_await actions_.put_do_not_call(std::move(spared->entries));
    }
    if (!done && writing.first_failure) writing.first_failure = std::move(done);
}

}  // namespace wrapup
