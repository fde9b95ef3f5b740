#include "service/alerts/alert_memory.hpp"

#include <boost/json.hpp>

#include "codec/json/json_value.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

std::optional<UtcTime> time_of(const json::object& object, std::string_view name) {
    const auto ms = json_int(&object, name);
    return ms ? std::optional(from_unix_ms(*ms)) : std::nullopt;
}

}  // namespace

std::string encode_alerts(const AlertBook::Entries& entries) {
    json::object all;
    for (const auto& [key, entry] : entries) {
        json::object one{{"text", entry.text},
                         {"next", entry.next},
                         {"since_ms", to_unix_ms(entry.since)},
                         {"told_at_ms", to_unix_ms(entry.told_at)},
                         {"told_count", entry.told_count},
                         {"is_told", entry.is_told}};
        if (entry.absent_since) one["absent_since_ms"] = to_unix_ms(*entry.absent_since);
        all[key] = std::move(one);
    }
    return json::serialize(all);
}

AlertBook::Entries decode_alerts(std::string_view text) {
    AlertBook::Entries entries;
    const auto all = parse_json_object(text);
    if (!all) return entries;
    for (const auto& member : *all) {
        if (!member.value().is_object()) continue;
        const json::object& one = member.value().get_object();
        const auto since = time_of(one, "since_ms");
        if (!since) continue;
        AlertBook::Entry& entry = entries[std::string(std::string_view(member.key()))];
        entry.text = json_string(&one, "text");
        entry.next = json_string(&one, "next");
        entry.since = *since;
        entry.told_at = time_of(one, "told_at_ms").value_or(*since);
        entry.told_count = json_int(&one, "told_count").value_or(0);
        entry.is_told = json_bool(&one, "is_told");
        entry.absent_since = time_of(one, "absent_since_ms");
    }
    return entries;
}

std::string encode_rhythm(const EventRhythm::Kept& kept) {
    json::object all;
    json::array usual;
    for (const double rate : kept.usual) usual.push_back(rate);
    all["usual"] = std::move(usual);
    if (kept.last_event_at) all["last_event_at_ms"] = to_unix_ms(*kept.last_event_at);
    return json::serialize(all);
}

EventRhythm decode_rhythm(std::string_view text) {
    const auto all = parse_json_object(text);
    if (!all) return EventRhythm{};
    const json::value* const usual = json_member(&*all, "usual");
    if (usual == nullptr || !usual->is_array()) return EventRhythm{};
    const json::array& rates = usual->get_array();
    EventRhythm::Kept kept;
    if (rates.size() != kept.usual.size()) return EventRhythm{};
    for (std::size_t i = 0; i < rates.size(); ++i) {
        kept.usual[i] = rates[i].is_number() ? rates[i].to_number<double>() : -1;
    }
    kept.last_event_at = time_of(*all, "last_event_at_ms");
    return EventRhythm{kept};
}

}  // namespace wrapup
