#include "http/api/placing_input.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"
#include "codec/bytes/form.hpp"
#include "codec/json/json_value.hpp"
#include "domain/phone_number.hpp"
#include "domain/plain_text.hpp"
#include "domain/retry_waits.hpp"
#include "http/api/request_object.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

constexpr std::size_t text_size_max = 1024;
constexpr std::size_t variables_size_max = 16 * 1024;
constexpr std::int64_t timeout_least = 5;
constexpr std::int64_t timeout_most = 600;
constexpr std::int64_t limit_most = 200;

constexpr std::array known_members{
    "to",        "name",      "campaign",   "campaign_id", "campaign_name", "variables", "agent_id",
    "from",      "timeout_s", "not_before", "not_after",   "time_zone",     "agentId",   "timeoutS",
    "notBefore", "notAfter",  "timeZone",   "campaignId",  "campaignName"};

constexpr std::array known_list_members{
    "calls",      "campaign_name", "retry",    "from",    "agent_id",    "timeout_s",
    "not_before", "not_after",     "skip_bad", "dry_run", "agentId",     "timeoutS",
    "notBefore",  "notAfter",      "skipBad",  "dryRun",  "campaignName"};
constexpr std::array known_row_members{"to",        "phone",     "phone_number", "name",
                                       "variables", "time_zone", "timeZone",     "phoneNumber"};

std::string camel_case(std::string_view snake) {
    std::string camel;
    for (std::size_t i = 0; i < snake.size(); ++i) {
        if (snake[i] == '_' && i + 1 < snake.size()) {
            camel += static_cast<char>(snake[++i] - 'a' + 'A');
        } else {
            camel += snake[i];
        }
    }
    return camel;
}

const json::value* value_at(const json::object& body, std::string_view name) {
    const json::value* const found = json_member(&body, name);
    return found == nullptr || found->is_null() ? nullptr : found;
}

// The member under its name or in camelCase; null when it is missing.
const json::value* member_of(const json::object& body, std::string_view snake) {
    const json::value* const found = value_at(body, snake);
    return found != nullptr ? found : value_at(body, camel_case(snake));
}

// Members that we do not know, or that are there under both of their names.
template <class Names>
std::optional<BadInput> refuse_unknown(const json::object& body, const Names& known) {
    for (const auto& [key, value] : body) {
        const std::string_view name(key.data(), key.size());
        if (std::ranges::find(known, name) == known.end()) {
            return BadInput{shown_name(name), "there is no such field"};
        }
        const std::string camel = camel_case(name);
        if (camel != name && !value.is_null() && value_at(body, camel) != nullptr) {
            return BadInput{std::string(name), "given more than once"};
        }
    }
    return std::nullopt;
}

std::optional<BadInput> take_text(const json::object& body, std::string_view name,
                                  std::string& text) {
    const json::value* const found = member_of(body, name);
    if (found == nullptr) return std::nullopt;
    if (!found->is_string()) return BadInput{std::string(name), "a text is wanted"};
    const json::string& given = found->get_string();
    if (given.size() > text_size_max) return BadInput{std::string(name), "too long"};
    text = plain_text(std::string_view(given.data(), given.size()));
    return std::nullopt;
}

std::optional<BadInput> take_phone(const json::object& body, std::string_view name,
                                   const ReadPhone& read_phone, std::string& phone) {
    std::string text;
    if (auto bad = take_text(body, name, text)) return bad;
    if (text.empty()) return std::nullopt;
    if (!read_phone) {
        phone = normalize_phone_number(text);
    } else {
        auto read = read_phone(text);
        if (!read) return BadInput{std::string(name), read.error().detail};
        phone = *std::move(read);
    }
    if (!phone.starts_with('+')) {
        return BadInput{std::string(name), "a phone number with its country is wanted"};
    }
    return std::nullopt;
}

std::optional<BadInput> take_time(const json::object& body, std::string_view name,
                                  std::optional<UtcTime>& time) {
    std::string text;
    if (auto bad = take_text(body, name, text)) return bad;
    if (text.empty()) return std::nullopt;
    time = parse_rfc3339(text);
    if (time) return std::nullopt;
    return BadInput{std::string(name), "a time as in 2026-03-01T12:00:00Z is wanted"};
}

std::optional<BadInput> take_campaign(const json::object& body, Intent& intent) {
    if (auto bad = take_text(body, "campaign_id", intent.campaign_id)) return bad;
    if (auto bad = take_text(body, "campaign_name", intent.campaign_name)) return bad;
    const json::value* const campaign = member_of(body, "campaign");
    if (campaign == nullptr) return std::nullopt;
    if (campaign->is_string()) return take_text(body, "campaign", intent.campaign_name);
    if (!campaign->is_object()) return BadInput{"campaign", "an object with id and name is wanted"};
    const json::object& fields = campaign->get_object();
    if (auto bad = take_text(fields, "id", intent.campaign_id)) return bad;
    return take_text(fields, "name", intent.campaign_name);
}

std::optional<BadInput> take_variables(const json::object& body, std::string& variables) {
    const json::value* const found = member_of(body, "variables");
    if (found == nullptr) return std::nullopt;
    if (!found->is_object()) return BadInput{"variables", "an object is wanted"};
    for (const auto& [key, value] : found->get_object()) {
        const std::string_view name(key.data(), key.size());
        const std::string field = "variables." + shown_name(name);
        if (name.starts_with("system__")) {
            return BadInput{field, "names that begin with system__ are ElevenLabs' own"};
        }
        if (value.is_object() || value.is_array()) {
            return BadInput{field, "a text, a number, true, false or null is wanted"};
        }
    }
    variables = json::serialize(*found);
    if (variables.size() > variables_size_max) return BadInput{"variables", "too long"};
    return std::nullopt;
}

std::optional<BadInput> take_window(const json::object& body, UtcTime now, Intent& intent) {
    if (auto bad = take_time(body, "not_before", intent.not_before)) return bad;
    if (auto bad = take_time(body, "not_after", intent.not_after)) return bad;
    const json::value* const timeout = member_of(body, "timeout_s");
    if (timeout != nullptr) {
        const auto seconds =
            timeout->is_number()
                ? json_int(&body, "timeout_s").value_or(json_int(&body, "timeoutS").value_or(0))
                : 0;
        if (seconds < timeout_least || seconds > timeout_most) {
            return BadInput{"timeout_s", "a number of seconds from 5 to 600 is wanted"};
        }
        intent.timeout_s = seconds;
    }
    if (!intent.not_after) return std::nullopt;
    if (*intent.not_after <= now) return BadInput{"not_after", "it is in the past"};
    if (intent.not_before && *intent.not_after <= *intent.not_before) {
        return BadInput{"not_after", "a time after not_before is wanted"};
    }
    return std::nullopt;
}

std::optional<BadInput> take_flag(const json::object& body, std::string_view name, bool& flag) {
    const json::value* const found = member_of(body, name);
    if (found == nullptr) return std::nullopt;
    if (!found->is_bool()) return BadInput{std::string(name), "true or false is wanted"};
    flag = found->get_bool();
    return std::nullopt;
}

BadInput bad_wait(std::string_view name) {
    return {"retry." + std::string(name),
            R"(up to 10 waits from 1s to 30d are wanted, as in ["15m","1h"])"};
}

std::optional<BadInput> take_waits(const json::object& retry, std::string_view name,
                                   RetryWaits& waits) {
    const json::value* const found = json_member(&retry, name);
    if (found == nullptr || found->is_null()) return std::nullopt;
    if (!found->is_array()) return bad_wait(name);
    std::vector<std::string> texts;
    for (const json::value& one : found->get_array()) {
        if (!one.is_string()) return bad_wait(name);
        texts.emplace_back(std::string_view(one.get_string()));
    }
    auto parsed = parse_retry_waits(texts);
    if (!parsed) return bad_wait(name);
    waits = *std::move(parsed);
    return std::nullopt;
}

std::optional<BadInput> take_retry(const json::object& body, PutListRows& put) {
    const json::value* const retry = member_of(body, "retry");
    if (retry == nullptr) return std::nullopt;
    if (!retry->is_object()) return BadInput{"retry", "an object with busy and no_answer"};
    const json::object& fields = retry->get_object();
    constexpr std::array known{"busy", "no_answer"};
    if (auto bad = refuse_unknown(fields, known)) {
        return BadInput{"retry." + bad->field, bad->detail};
    }
    put.has_retry = true;
    if (auto bad = take_waits(fields, "busy", put.list.retry_busy)) return bad;
    return take_waits(fields, "no_answer", put.list.retry_no_answer);
}

}  // namespace

Parsed<Intent> parse_place_request(std::string_view text, UtcTime now,
                                   const ReadPhone& read_phone) {
    auto parsed = parse_request_object(text);
    if (auto* bad = std::get_if<BadInput>(&parsed)) return std::move(*bad);
    const auto* const body = &std::get<json::object>(parsed);
    if (auto bad = refuse_unknown(*body, known_members)) return *std::move(bad);
    Intent intent;
    if (auto bad = take_phone(*body, "to", read_phone, intent.to)) return *std::move(bad);
    if (intent.to.empty()) return BadInput{"to", "the number to be called is wanted"};
    if (auto bad = take_phone(*body, "from", read_phone, intent.from)) return *std::move(bad);
    if (auto bad = take_text(*body, "name", intent.name)) return *std::move(bad);
    if (auto bad = take_text(*body, "agent_id", intent.agent_id)) return *std::move(bad);
    if (auto bad = take_text(*body, "time_zone", intent.time_zone)) return *std::move(bad);
    if (auto bad = take_campaign(*body, intent)) return *std::move(bad);
    if (auto bad = take_variables(*body, intent.variables)) return *std::move(bad);
    if (auto bad = take_window(*body, now, intent)) return *std::move(bad);
    return intent;
}

Parsed<ListRequest> parse_list_request(std::string_view text, UtcTime now,
                                       const ReadPhone& read_phone) {
    auto parsed = parse_request_object(text);
    if (auto* bad = std::get_if<BadInput>(&parsed)) return std::move(*bad);
    auto* const body = &std::get<json::object>(parsed);
    if (auto bad = refuse_unknown(*body, known_list_members)) return *std::move(bad);
    ListRequest request;
    Intent common;
    if (auto bad = take_phone(*body, "from", read_phone, common.from)) return *std::move(bad);
    if (auto bad = take_text(*body, "agent_id", common.agent_id)) return *std::move(bad);
    if (auto bad = take_text(*body, "campaign_name", common.campaign_name)) return *std::move(bad);
    if (auto bad = take_window(*body, now, common)) return *std::move(bad);
    if (auto bad = take_retry(*body, request.put)) return *std::move(bad);
    if (auto bad = take_flag(*body, "skip_bad", request.skips_bad)) return *std::move(bad);
    if (auto bad = take_flag(*body, "dry_run", request.put.is_dry_run)) return *std::move(bad);
    DialList& list = request.put.list;
    list.from = std::move(common.from);
    list.agent_id = std::move(common.agent_id);
    list.campaign_name = std::move(common.campaign_name);
    list.timeout_s = common.timeout_s;
    list.not_before = common.not_before;
    list.not_after = common.not_after;
    json::value* const calls = body->if_contains("calls");
    if (calls == nullptr || !calls->is_array()) return BadInput{"calls", "a list is wanted"};
    if (calls->get_array().empty()) return BadInput{"calls", "it is empty"};
    if (calls->get_array().size() > list_rows_max) {
        return BadInput{"calls", "more than 100000 are too many for one request"};
    }
    request.calls = std::move(calls->get_array());
    return request;
}

Parsed<ListRow> parse_list_row(const json::value& value, const ReadPhone& read_phone) {
    if (value.is_string()) {
        json::object only;
        only["to"] = value;
        return parse_list_row(json::value(std::move(only)), read_phone);
    }
    if (!value.is_object()) return BadInput{"", "an object or a phone number is wanted"};
    const json::object& object = value.get_object();
    if (auto bad = refuse_unknown(object, known_row_members)) return *std::move(bad);
    ListRow row;
    for (const char* const name : {"to", "phone", "phone_number"}) {
        if (member_of(object, name) == nullptr) continue;
        if (!row.to.empty()) return BadInput{name, "the number was given under another name too"};
        if (auto bad = take_phone(object, name, read_phone, row.to)) return *std::move(bad);
    }
    if (row.to.empty()) return BadInput{"to", "the number to be called is wanted"};
    if (auto bad = take_text(object, "name", row.name)) return *std::move(bad);
    if (auto bad = take_text(object, "time_zone", row.time_zone)) return *std::move(bad);
    if (auto bad = take_variables(object, row.variables)) return *std::move(bad);
    return row;
}

namespace {

// What every filter has: `cursor` and `limit`.
template <class Filter>
std::optional<BadInput> take_page(const std::string& name, const std::string& value,
                                  Filter& filter) {
    const auto number = parse_int(value).value_or(0);
    if (name == "cursor") {
        if (number < 1) return BadInput{name, "this is no cursor"};
        filter.cursor = value;
        return std::nullopt;
    }
    if (name == "limit") {
        if (number < 1 || number > limit_most) {
            return BadInput{name, "a whole number from 1 to 200"};
        }
        filter.limit = static_cast<int>(number);
        return std::nullopt;
    }
    return BadInput{shown_name(name), "there is no such filter"};
}

}  // namespace

Parsed<ListRowFilter> parse_list_row_filter(std::string_view query) {
    ListRowFilter filter;
    const auto form = parse_form(query);
    if (!form) return BadInput{"", "the query is not well-formed"};
    for (const auto& [name, value] : *form) {
        if (name == "state") {
            filter.state = parse_list_row_state(to_lower(value));
            if (!filter.state) return BadInput{name, "waiting, calling or done"};
        } else if (name == "outcome") {
            filter.outcome = value;
        } else if (auto bad = take_page(name, value, filter)) {
            return *std::move(bad);
        }
    }
    return filter;
}

Parsed<IntentFilter> parse_intent_filter(std::string_view query, const ReadPhone& read_phone) {
    IntentFilter filter;
    const auto form = parse_form(query);
    if (!form) return BadInput{"", "the query is not well-formed"};
    for (const auto& [name, value] : *form) {
        if (name == "state") {
            filter.state = parse_intent_state(to_lower(value));
            if (!filter.state) return BadInput{name, "this is no state of an intent"};
        } else if (name == "to") {
            std::string text = value;
            if (text.starts_with(' ')) text.front() = '+';
            const auto read = read_phone ? read_phone(text) : Result<std::string>(text);
            filter.to = read ? *read : normalize_phone_number(text);
        } else if (name == "list") {
            filter.list_id = value;
        } else if (auto bad = take_page(name, value, filter)) {
            return *std::move(bad);
        }
    }
    return filter;
}

}  // namespace wrapup
