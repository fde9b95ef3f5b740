#include "codec/elevenlabs/registered_agent.hpp"

#include <algorithm>

#include "codec/json/json_value.hpp"

namespace wrapup {
namespace json = boost::json;
namespace {

constexpr std::size_t id_size_max = 200;

json::string_view view(std::string_view text) { return {text.data(), text.size()}; }

bool is_id(std::string_view text) {
    const auto is_plain = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
               c == '_' || c == '-';
    };
    return !text.empty() && text.size() <= id_size_max && std::ranges::all_of(text, is_plain);
}

// The value of this attribute of a tag; empty when it has none.
std::string_view attribute(std::string_view tag, std::string_view name) {
    std::size_t at = 0;
    while ((at = tag.find(name, at)) != std::string_view::npos) {
        const bool is_whole = at > 0 && (tag[at - 1] == ' ' || tag[at - 1] == '\n' ||
                                         tag[at - 1] == '\t' || tag[at - 1] == '\r');
        at += name.size();
        std::size_t value = tag.find_first_not_of(" \t\r\n", at);
        if (!is_whole || value == std::string_view::npos || tag[value] != '=') continue;
        value = tag.find_first_not_of(" \t\r\n", value + 1);
        if (value == std::string_view::npos || (tag[value] != '"' && tag[value] != '\'')) continue;
        const std::size_t end = tag.find(tag[value], value + 1);
        if (end == std::string_view::npos) return {};
        return tag.substr(value + 1, end - value - 1);
    }
    return {};
}

}  // namespace

std::string render_agent_order(const AgentOrderFields& order) {
    json::object body{{"agent_id", view(order.agent_id)},
                      {"from_number", view(order.from)},
                      {"to_number", view(order.to)},
                      {"direction", "outbound"}};
    if (const auto variables = parse_json_object(order.variables)) {
        body["conversation_initiation_client_data"] =
            json::object{{"dynamic_variables", *variables}};
    }
    return json::serialize(body);
}

std::string conversation_in_twiml(std::string_view twiml) {
    constexpr std::string_view opening = "<Parameter";
    std::size_t at = 0;
    while ((at = twiml.find(opening, at)) != std::string_view::npos) {
        const std::size_t end = std::min(twiml.find('>', at), twiml.size());
        const std::string_view tag = twiml.substr(at, end - at);
        at = end;
        if (attribute(tag, "name") != "conversation_id") continue;
        const std::string_view id = attribute(tag, "value");
        return is_id(id) ? std::string(id) : std::string();
    }
    return {};
}

}  // namespace wrapup
