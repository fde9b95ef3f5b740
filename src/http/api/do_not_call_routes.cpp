#include "http/api/do_not_call_routes.hpp"

#include <boost/json.hpp>

#include "base/text.hpp"
#include "codec/json/json_value.hpp"
#include "domain/phone_number.hpp"
#include "http/api/api_answers.hpp"
#include "http/api/request_object.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t body_bytes_max = 512U << 10U;
constexpr std::size_t numbers_max = 1000;
constexpr std::size_t reason_size_max = 500;
constexpr std::size_t phone_size_max = 128;

// A member that is a text or not there; false: it is something else.
bool take_text(const json::object& object, std::string_view name, std::string& text) {
    const json::value* const value = json_member(&object, name);
    if (value == nullptr || value->is_null()) return true;
    if (!value->is_string()) return false;
    text = trim(std::string_view(value->get_string()));
    return true;
}

std::string name_of(const json::key_value_pair& member) {
    return shown_name({member.key().data(), member.key().size()});
}

Parsed<DoNotCall> read_entry(const json::value& value, const std::string& at,
                             const ReadPhone& read_phone, UtcTime now) {
    DoNotCall entry{"", "", "api", now};
    if (const json::object* const object = value.if_object()) {
        for (const auto& member : *object) {
            if (member.key() == "phone" || member.key() == "reason") continue;
            return BadInput{at + name_of(member), "there is no such field"};
        }
        if (!take_text(*object, "phone", entry.phone)) return BadInput{at + "phone", "a text"};
        if (!take_text(*object, "reason", entry.reason)) return BadInput{at + "reason", "a text"};
    } else if (value.is_string()) {
        entry.phone = trim(std::string_view(value.get_string()));
    } else {
        return BadInput{at + "phone", "a phone number is wanted"};
    }
    if (entry.phone.empty()) return BadInput{at + "phone", "a phone number is wanted"};
    if (entry.reason.size() > reason_size_max) {
        return BadInput{at + "reason", "longer than 500 bytes"};
    }
    auto number = read_phone ? read_phone(entry.phone)
                             : Result<std::string>(normalize_phone_number(entry.phone));
    if (!number) return BadInput{at + "phone", number.error().detail};
    entry.phone = *std::move(number);
    const bool is_fit = !entry.phone.empty() && entry.phone.size() <= phone_size_max;
    if (!is_fit) return BadInput{at + "phone", "this is no phone number"};
    return entry;
}

json::object json_of(const DoNotCall& entry) {
    return {{"phone", entry.phone},
            {"reason", entry.reason},
            {"source", entry.source},
            {"since", format_rfc3339(entry.since)}};
}

std::string render(const std::vector<DoNotCall>& entries, int limit) {
    json::array list;
    for (const DoNotCall& entry : entries) list.push_back(json_of(entry));
    const bool has_more = !entries.empty() && entries.size() >= static_cast<std::size_t>(limit);
    json::object out;
    out["do_not_call"] = std::move(list);
    out["next_cursor"] = nullptr;
    if (has_more) out["next_cursor"] = list_cursor(entries.back().phone);
    return json::serialize(out);
}

}  // namespace

Parsed<std::vector<DoNotCall>> parse_do_not_call(std::string_view text, const ReadPhone& read_phone,
                                                 UtcTime now) {
    auto body = parse_request_object(text);
    if (auto* bad = std::get_if<BadInput>(&body)) return std::move(*bad);
    json::object& object = std::get<json::object>(body);
    const json::value* const numbers = json_member(&object, "numbers");
    std::vector<DoNotCall> entries;
    if (numbers == nullptr) {
        auto entry = read_entry(std::move(object), "", read_phone, now);
        if (auto* bad = std::get_if<BadInput>(&entry)) return std::move(*bad);
        entries.push_back(std::get<DoNotCall>(std::move(entry)));
        return entries;
    }
    for (const auto& member : object) {
        if (member.key() == "numbers") continue;
        return BadInput{name_of(member), "each entry of numbers has its own"};
    }
    const json::array* const list = numbers->if_array();
    if (list == nullptr || list->empty() || list->size() > numbers_max) {
        return BadInput{"numbers", "a list of 1 to 1000 is wanted"};
    }
    for (std::size_t i = 0; i < list->size(); ++i) {
        const std::string at = "numbers[" + std::to_string(i) + "].";
        auto entry = read_entry((*list)[i], at, read_phone, now);
        if (auto* bad = std::get_if<BadInput>(&entry)) return std::move(*bad);
        entries.push_back(std::get<DoNotCall>(std::move(entry)));
    }
    return entries;
}

void DoNotCallRoutes::add_to(RouteSet& routes) {
    const std::string path = "/api/do-not-call";
    routes.add(Method::get, path, 0, [this](const Request& r) { return list(r); });
    routes.add(
        Method::post, path, body_bytes_max, [this](const Request& r) { return put(r); },
        refuse_other_than_json);
    routes.add(Method::del, path + "/{}", 0, [this](const Request& r) { return drop(r); });
}

Task<Response> DoNotCallRoutes::put(const Request& request) {
    const UtcTime now = clock_.now();
    auto parse = [&] { return parse_do_not_call(request.body(), read_phone_, now); };
    auto parsed = co_await pool_.run(parse);
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    auto entries = std::get<std::vector<DoNotCall>>(std::move(parsed));
    const std::string body = R"({"listed":)" + std::to_string(entries.size()) + "}";
    const auto done = co_await actions_.put_do_not_call(std::move(entries));
    if (!done) co_return error_response(done.error());
    co_return json_response(201, body);
}

Task<Response> DoNotCallRoutes::list(const Request& request) {
    auto parsed = parse_list_query(request.query());
    if (const auto* bad = std::get_if<BadInput>(&parsed)) co_return bad_input(*bad);
    const ListQuery& query = std::get<ListQuery>(parsed);
    auto work = [&]() -> Result<std::string> {
        WRAPUP_TRY(const auto entries, store_.list_do_not_call(query.after, query.limit));
        return render(entries, query.limit);
    };
    auto body = co_await pool_.run(work);
    if (!body) co_return error_response(body.error());
    co_return json_response(200, *std::move(body));
}

Task<Response> DoNotCallRoutes::drop(const Request& request) {
    auto read = [&]() -> Result<std::string> {
        if (read_phone_) return read_phone_(request.parameter());
        return normalize_phone_number(request.parameter());
    };
    auto phone = co_await pool_.run(read);
    if (!phone) co_return problem(400, phone.error().detail, "phone");
    const auto done = co_await actions_.drop_do_not_call(*std::move(phone));
    if (!done) co_return error_response(done.error());
    Response response;
    response.status = 204;
    co_return response;
}

}  // namespace wrapup
