#include "codec/json/answer_json.hpp"

#include <boost/json.hpp>

#include "base/console_text.hpp"
#include "codec/json/json_rules.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

const json::value nothing;
const json::array no_list;

const json::value& at_path(const json::value& object, std::string_view path) {
    const json::value* found = &object;
    while (!path.empty()) {
        const std::size_t dot = path.find('.');
        const std::string_view name = path.substr(0, dot);
        path = dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
        const auto* members = found->if_object();
        found = members == nullptr ? nullptr : members->if_contains({name.data(), name.size()});
        if (found == nullptr) return nothing;
    }
    return *found;
}

}  // namespace

Result<json::value> parse_answer_json(std::string_view text) {
    // A story holds the events' own JSON some levels down.
    json::parse_options options;
    options.max_depth = 2 * json_depth_max;
    json::error_code error;
    json::value parsed = json::parse({text.data(), text.size()}, error, {}, options);
    if (error) return Error{Errc::unavailable, "the server's answer is not JSON"};
    return parsed;
}

const json::value& member(const json::value& object, Names names) {
    for (const auto name : names) {
        const json::value& found = at_path(object, name);
        if (!found.is_null()) return found;
    }
    return nothing;
}

std::string text_member(const json::value& object, Names names) {
    const json::value& found = member(object, names);
    if (const auto* text = found.if_string()) return {text->data(), text->size()};
    if (found.is_number() || found.is_bool()) return json::serialize(found);
    return {};
}

bool flag_member(const json::value& object, Names names) {
    const auto* flag = member(object, names).if_bool();
    return flag != nullptr && *flag;
}

std::optional<UtcTime> time_member(const json::value& object, Names names) {
    const json::value& found = member(object, names);
    constexpr std::int64_t ms_max = 4'000'000'000'000;  // The year 2096.
    if (const auto* ms = found.if_int64(); ms != nullptr && *ms >= 0 && *ms <= ms_max) {
        return from_unix_ms(*ms);
    }
    if (const auto* text = found.if_string()) return parse_rfc3339({text->data(), text->size()});
    return {};
}

const json::array& list_member(const json::value& object, Names names) {
    const auto* list = member(object, names).if_array();
    return list == nullptr ? no_list : *list;
}

std::string problem_text(int status, std::string_view body) {
    const auto parsed = parse_answer_json(body);
    std::string said;
    if (parsed) said = text_member(*parsed, {"detail", "message", "title"});
    if (said.empty()) said = "the server answered " + std::to_string(status);
    return terminal_text(said);
}

}  // namespace wrapup
