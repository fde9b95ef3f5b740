#include "codec/placing_text.hpp"

#include "base/text.hpp"
#include "codec/json/json_value.hpp"

namespace wrapup {
namespace {

constexpr std::string_view xml_head = R"(<?xml version="1.0" encoding="UTF-8"?>)";

std::string escape_xml(std::string_view text) {
    std::string out;
    for (const char c : to_valid_utf8(text)) {
        if (c == '&') {
            out += "&amp;";
        } else if (c == '<') {
            out += "&lt;";
        } else if (c == '>') {
            out += "&gt;";
        } else if (static_cast<unsigned char>(c) < ' ') {
            out += ' ';
        } else {
            out += c;
        }
    }
    return out;
}

}  // namespace

std::string twiml_hang_up() { return std::string(xml_head) + "<Response><Hangup/></Response>"; }

std::string twiml_sorry(std::string_view sorry) {
    if (sorry.empty()) return twiml_hang_up();
    return std::string(xml_head) + "<Response><Say>" + escape_xml(sorry) +
           "</Say><Hangup/></Response>";
}

std::string agent_variables(const Intent& intent) {
    boost::json::object variables;
    if (auto given = parse_json_object(intent.variables)) variables = *std::move(given);
    const auto put = [&](const char* name, const std::string& value) {
        if (!value.empty()) variables[name] = value;
    };
    put("twilio_call_sid", intent.owner_sid);
    put("contact_name", intent.name);
    put("campaign", intent.campaign_name.empty() ? intent.campaign_id : intent.campaign_name);
    put("intent", intent.id);
    return boost::json::serialize(variables);
}

}  // namespace wrapup
