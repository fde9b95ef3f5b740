#include "http/api/api_input.hpp"

#include <algorithm>
#include <array>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>
#include <optional>
#include <span>
#include <utility>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "codec/bytes/form.hpp"
#include "domain/call.hpp"
#include "domain/call_id.hpp"
#include "domain/outcome.hpp"
#include "domain/phone_number.hpp"
#include "domain/plain_text.hpp"
#include "http/api/request_object.hpp"

namespace wrapup {

namespace {

namespace json = boost::json;

constexpr int limit_max = 200;
constexpr std::size_t text_size_max = 4096;
constexpr std::size_t id_size_max = 128;

// "callSid" -> "call_sid".
std::string snake_case(std::string_view name) {
    std::string out;
    for (const char letter : name) {
        if (letter >= 'A' && letter <= 'Z') {
            out += '_';
            out += static_cast<char>(letter - 'A' + 'a');
        } else {
            out += letter;
        }
    }
    return out;
}

// ---- Queries ----

using Fields = std::vector<std::pair<std::string, std::string>>;  // Name in snake_case, value.

std::optional<BadInput> add_field(Fields& fields, const std::string& name, std::string value,
                                  std::span<const std::string_view> known) {
    const std::string field = snake_case(name);
    if (std::find(known.begin(), known.end(), field) == known.end()) {
        return BadInput{shown_name(name), "there is no such filter"};
    }
    const auto is_same = [&](const auto& other) { return other.first == field; };
    if (std::any_of(fields.begin(), fields.end(), is_same)) {
        return BadInput{name, "given more than once"};
    }
    if (value.size() > text_size_max) return BadInput{name, "too long"};
    fields.emplace_back(field, std::move(value));
    return std::nullopt;
}

Parsed<Fields> parse_query(std::string_view query, std::span<const std::string_view> known) {
    Fields fields;
    if (query.empty()) return fields;
    auto form = parse_form(query);
    if (!form) return BadInput{"", "the query is not well-formed"};
    for (auto& [name, value] : *form) {
        if (auto bad = add_field(fields, name, std::move(value), known)) return *std::move(bad);
    }
    return fields;
}

// A '+' that was not escaped arrived as a blank.
std::string with_plus_restored(std::string value) {
    std::replace(value.begin(), value.end(), ' ', '+');
    return value;
}

std::optional<int> parse_limit(const std::string& value) {
    const auto limit = parse_int(value);
    if (!limit || *limit < 1 || *limit > limit_max) return std::nullopt;
    return static_cast<int>(*limit);
}

constexpr const char* limit_detail = "a whole number from 1 to 200";
constexpr const char* time_detail = "a time as in 2026-03-01T12:00:00Z, or a date";

// One end of the span of quarters that is asked for; the other one is open.
std::string take_end(CallFilter& filter, bool is_from, const std::string& value,
                     const TimeZone& zone) {
    constexpr UtcTime earliest = from_unix_s(0);
    constexpr UtcTime latest = from_unix_s(253'402'300'800);  // The year 10000.
    const auto time = parse_api_time(value, zone);
    if (!time) return time_detail;
    if (!filter.counted_in) filter.counted_in = TimeSpan{earliest, latest};
    (is_from ? filter.counted_in->from : filter.counted_in->until) =
        std::clamp(*time, earliest, latest);
    return {};
}

// What is wrong with the value; empty when it is taken.
std::string take(CallFilter& filter, const std::string& field, std::string& value,
                 const TimeZone& zone) {
    if (value.empty()) return "empty";
    if (field == "state") {
        filter.state = parse_call_state(to_lower(value));
        if (!filter.state) return "open, settling, delivering, delivered, parked or out_of_scope";
    } else if (field == "status") {
        filter.outcome = parse_api_outcome(value);
        if (!filter.outcome) return "held, no answer, no connection or voicemail";
    } else if (field == "campaign") {
        filter.campaign = std::move(value);
    } else if (field == "no_campaign") {
        if (value != "true" && value != "false") return "true or false is wanted";
        filter.has_no_campaign = value == "true";
    } else if (field == "parked") {
        filter.parked = parse_park_reason(to_lower(value));
        if (!filter.parked) return "the reason for which a call is parked, such as rejected";
    } else if (field == "phone") {
        if (value.front() == ' ') value.front() = '+';
        filter.phone = std::move(value);  // Read by parse_call_filter.
    } else if (field == "name") {
        filter.name = std::move(value);
    } else if (field == "call_sid" || field == "conversation_id") {
        if (!filter.id.empty()) return "call_sid and conversation_id exclude each other";
        filter.id = std::move(value);
    } else if (field == "after") {
        filter.after = parse_api_time(value, zone);
        if (!filter.after) return time_detail;
    } else if (field == "before") {
        filter.before = parse_api_time(value, zone);
        if (!filter.before) return time_detail;
    } else if (field == "from" || field == "to") {
        return take_end(filter, field == "from", value, zone);
    } else if (field == "cursor") {
        filter.cursor = std::move(value);
    } else {
        const auto limit = parse_limit(value);
        if (!limit) return limit_detail;
        filter.limit = *limit;
    }
    return {};
}

// ---- Bodies ----

// The members of an object that are texts, by name. `prefix` for a nested one: "campaign".
class TextMembers {
public:
    struct Target {
        std::string_view name;
        std::string* text;
    };
    explicit TextMembers(std::vector<Target> targets) : targets_(std::move(targets)) {}

    std::optional<BadInput> read(const json::object& object, const std::string& prefix = {}) {
        for (const auto& member : object) {
            const std::string given(std::string_view(member.key().data(), member.key().size()));
            const std::string shown = prefix.empty() ? given : prefix + "." + given;
            const std::string name =
                prefix.empty() ? snake_case(given) : prefix + "_" + snake_case(given);
            const json::value& value = member.value();
            if (name == "campaign" && value.is_object()) {
                if (auto bad = read(value.get_object(), name)) return bad;
                continue;
            }
            if (auto bad = take(name, shown, value)) return bad;
        }
        return std::nullopt;
    }

private:
    std::optional<BadInput> take(const std::string& name, const std::string& shown,
                                 const json::value& value) {
        const auto target = std::find_if(targets_.begin(), targets_.end(),
                                         [&](const Target& t) { return t.name == name; });
        if (target == targets_.end()) {
            return BadInput{shown_name(shown), "there is no such field"};
        }
        if (value.is_null()) return std::nullopt;
        if (!value.is_string()) return BadInput{shown, "a text is wanted"};
        const json::string& text = value.get_string();
        if (text.size() > text_size_max) return BadInput{shown, "too long"};
        if (!target->text->empty()) return BadInput{shown, "given more than once"};
        *target->text = plain_text(std::string_view(text));
        return std::nullopt;
    }

    std::vector<Target> targets_;
};

// The members of an object without depth, as if they came in a query.
Parsed<Fields> parse_flat_object(std::string_view text, std::span<const std::string_view> known) {
    auto object = parse_request_object(text);
    if (auto* bad = std::get_if<BadInput>(&object)) return std::move(*bad);
    Fields fields;
    for (const auto& member : std::get<json::object>(object)) {
        const std::string name(std::string_view(member.key().data(), member.key().size()));
        const json::value& value = member.value();
        if (value.is_null()) continue;
        std::string given;
        if (value.is_string()) {
            given = std::string_view(value.get_string());
        } else if (value.is_int64() || value.is_bool()) {
            given = json::serialize(value);
        } else {
            return BadInput{shown_name(name), "a text, a whole number, true or false is wanted"};
        }
        if (auto bad = add_field(fields, name, std::move(given), known)) return *std::move(bad);
    }
    return fields;
}

Result<std::string> read_with(const ReadPhone& read_phone, const std::string& text) {
    return read_phone ? read_phone(text) : Result<std::string>(normalize_phone_number(text));
}

std::optional<BadInput> read_texts(std::string_view text,
                                   std::vector<TextMembers::Target> targets) {
    auto object = parse_request_object(text);
    if (auto* bad = std::get_if<BadInput>(&object)) return std::move(*bad);
    return TextMembers(std::move(targets)).read(std::get<json::object>(object));
}

constexpr std::array<std::string_view, 15> call_filters{
    "state",           "parked", "status", "campaign", "no_campaign", "phone",  "call_sid", "name",
    "conversation_id", "after",  "before", "from",     "to",          "cursor", "limit"};

Parsed<CallFilter> call_filter_of(Fields fields, const TimeZone& zone,
                                  const ReadPhone& read_phone) {
    CallFilter filter;
    for (auto& [field, value] : fields) {
        std::string wrong = take(filter, field, value, zone);
        if (!wrong.empty()) return BadInput{field, std::move(wrong)};
    }
    if (filter.has_no_campaign && !filter.campaign.empty()) {
        return BadInput{"no_campaign", "campaign and no_campaign exclude each other"};
    }
    if (!filter.phone.empty()) {
        const auto number = read_with(read_phone, filter.phone);
        filter.phone_end = last_digits_of(filter.phone);
        filter.phone = number ? *number : normalize_phone_number(filter.phone);
    }
    return filter;
}

}  // namespace

Parsed<CallFilter> parse_call_filter(std::string_view query, const TimeZone& zone,
                                     const ReadPhone& read_phone) {
    auto fields = parse_query(query, call_filters);
    if (auto* bad = std::get_if<BadInput>(&fields)) return std::move(*bad);
    return call_filter_of(std::get<Fields>(std::move(fields)), zone, read_phone);
}

Parsed<CallFilter> parse_call_search(std::string_view body, const TimeZone& zone,
                                     const ReadPhone& read_phone) {
    auto fields = parse_flat_object(body, call_filters);
    if (auto* bad = std::get_if<BadInput>(&fields)) return std::move(*bad);
    return call_filter_of(std::get<Fields>(std::move(fields)), zone, read_phone);
}

Parsed<TimeSpan> parse_stats_query(std::string_view query, const TimeZone& zone, UtcTime now) {
    static constexpr std::array<std::string_view, 2> known{"from", "to"};
    constexpr std::chrono::days longest{92};
    auto fields = parse_query(query, known);
    if (auto* bad = std::get_if<BadInput>(&fields)) return std::move(*bad);
    std::optional<UtcTime> from;
    std::optional<UtcTime> until;
    for (const auto& [field, value] : std::get<Fields>(fields)) {
        std::optional<UtcTime>& time = field == "from" ? from : until;
        time = parse_api_time(value, zone);
        if (!time) return BadInput{field, time_detail};
    }
    TimeSpan span{{}, until.value_or(now)};
    span.from = from.value_or(span.until - std::chrono::days{1});
    if (span.until <= span.from) return BadInput{"to", "lies before from"};
    if (span.until - span.from > longest) return BadInput{"to", "more than 92 days after from"};
    return span;
}

Parsed<ListQuery> parse_list_query(std::string_view query) {
    static constexpr std::array<std::string_view, 2> known{"cursor", "limit"};
    auto fields = parse_query(query, known);
    if (auto* bad = std::get_if<BadInput>(&fields)) return std::move(*bad);
    ListQuery list;
    for (const auto& [field, value] : std::get<Fields>(fields)) {
        if (field == "limit") {
            const auto limit = parse_limit(value);
            if (!limit) return BadInput{field, limit_detail};
            list.limit = *limit;
        } else {
            auto after = from_hex(value);
            if (!after) return BadInput{field, "take it from next_cursor of the page before"};
            list.after = *std::move(after);
        }
    }
    return list;
}

std::string list_cursor(std::string_view id) { return to_hex(id); }

namespace {

std::optional<bool> flag_of(const json::object& object, const char* name) {
    const json::value* const flag = object.if_contains(name);
    if (flag == nullptr || !flag->is_bool()) return std::nullopt;
    return flag->get_bool();
}

}  // namespace

Parsed<SendRequest> parse_send_request(std::string_view text) {
    auto parsed = parse_request_object(text);
    if (auto* bad = std::get_if<BadInput>(&parsed)) return std::move(*bad);
    json::object& object = std::get<json::object>(parsed);
    SendRequest request;
    for (const char* name : {"now", "again"}) {
        const json::value* const flag = object.if_contains(name);
        if (flag != nullptr && !flag->is_null() && !flag->is_bool()) {
            return BadInput{name, "true or false is wanted"};
        }
    }
    if (flag_of(object, "now").value_or(false)) request.when = SendWhen::now;
    if (!flag_of(object, "again").value_or(true)) request.again = SendAgain::no;
    object.erase("now");
    object.erase("again");
    TextMembers members({{"call_sid", &request.any_id}});
    if (auto bad = members.read(object)) return *std::move(bad);
    if (request.any_id.empty()) return BadInput{"callSid", "name the call to send"};
    if (!is_plausible_call_id(request.any_id)) {
        return BadInput{"callSid", "this is no call's id"};
    }
    return request;
}

Parsed<std::string> parse_session_request(std::string_view text) {
    std::string token;
    if (auto bad = read_texts(text, {{"token", &token}})) return *std::move(bad);
    if (token.empty()) return BadInput{"token", "the API's token is wanted"};
    return token;
}

Parsed<CallMetadata> parse_metadata(std::string_view text, const ReadPhone& read_phone) {
    CallMetadata metadata;
    std::vector<TextMembers::Target> targets;
    const auto take = [&targets](std::string_view name, std::string& value) {
        targets.push_back({name, &value});
    };
    visit_fields(take, metadata);
    auto bad = read_texts(text, std::move(targets));
    if (bad) return *std::move(bad);
    if (metadata == CallMetadata{}) return BadInput{"", "nothing is given"};
    if (!metadata.conversation_id.empty() && !is_plausible_call_id(metadata.conversation_id)) {
        return BadInput{"conversation_id", "this is no conversation's id"};
    }
    if (read_phone && !metadata.to.empty()) {
        auto number = read_phone(metadata.to);
        if (!number) return BadInput{"to", number.error().detail};
        metadata.to = *std::move(number);
    }
    return metadata;
}

Parsed<Campaign> parse_campaign(std::string_view text) {
    Campaign campaign;
    auto bad = read_texts(
        text,
        {{"id", &campaign.id}, {"name", &campaign.name}, {"description", &campaign.description}});
    if (bad) return *std::move(bad);
    if (campaign.id.empty()) return BadInput{"id", "a campaign has an id"};
    if (campaign.id.size() > id_size_max) return BadInput{"id", "too long"};
    return campaign;
}

Parsed<Contact> parse_contact(std::string_view text, const ReadPhone& read_phone,
                              const CheckTimeZone& check_zone) {
    Contact contact;
    std::string campaign_name;
    auto bad = read_texts(text, {{"phone", &contact.phone},
                                 {"phone_number", &contact.phone},
                                 {"name", &contact.name},
                                 {"campaign", &contact.campaign},
                                 {"campaign_id", &contact.campaign},
                                 {"campaign_name", &campaign_name},
                                 {"time_zone", &contact.time_zone}});
    if (bad) return *std::move(bad);
    if (contact.campaign.empty()) contact.campaign = std::move(campaign_name);
    if (contact.phone.empty()) return BadInput{"phone", "a contact has a phone number"};
    auto number = read_with(read_phone, contact.phone);
    if (!number) return BadInput{"phone", number.error().detail};
    contact.phone = *std::move(number);
    if (contact.phone.empty()) return BadInput{"phone", "a contact has a phone number"};
    if (contact.phone.size() > id_size_max) return BadInput{"phone", "too long"};
    if (contact.name.empty() && contact.campaign.empty() && contact.time_zone.empty()) {
        return BadInput{"name", "a contact has a name, a campaign or a time_zone"};
    }
    if (contact.time_zone.empty() || !check_zone) return contact;
    const auto zone = check_zone(contact.time_zone);
    if (!zone) return BadInput{"time_zone", zone.error().detail};
    return contact;
}

std::optional<UtcTime> parse_api_time(const std::string& text, const TimeZone& zone) {
    if (const auto date = parse_date(text)) return zone.span_of(*date).from;
    return parse_rfc3339(with_plus_restored(text));
}

std::optional<Outcome> parse_api_outcome(std::string_view word) {
    std::string spelled = to_lower(word);
    for (char& letter : spelled) {
        if (letter == '_' || letter == '-' || letter == '+') letter = ' ';
    }
    return parse_outcome(spelled);
}

bool is_json_content_type(std::string_view content_type) {
    const std::string media = to_lower(trim(content_type.substr(0, content_type.find(';'))));
    return media.empty() || media == "application/json" || media.ends_with("+json");
}

}  // namespace wrapup
