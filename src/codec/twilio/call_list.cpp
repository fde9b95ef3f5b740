#include "codec/twilio/call_list.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "codec/json/json_value.hpp"
#include "codec/twilio/read_call.hpp"

namespace wrapup {
namespace {

constexpr std::size_t uri_size_max = 4096;

// Scheme, host and port.
std::string_view origin_of(std::string_view url) {
    const std::size_t host = url.find("://");
    if (host == std::string_view::npos) return {};
    return url.substr(0, url.find('/', host + 3));
}

}  // namespace

Result<CallList> parse_call_list(std::string_view json) {
    WRAPUP_TRY(const boost::json::object object, parse_json_object(json));
    const boost::json::value* const listed = json_member(&object, "calls");
    if (listed == nullptr || !listed->is_array()) {
        return Error{Errc::invalid_input, "the answer holds no calls"};
    }
    CallList list;
    for (const boost::json::value& value : listed->get_array()) {
        const boost::json::object* const resource = value.if_object();
        auto call = resource == nullptr ? Result<TwilioCall>(Error{Errc::invalid_input, ""})
                                        : read_twilio_call(*resource);
        if (call) {
            list.calls.push_back({*std::move(call), boost::json::serialize(*resource)});
        } else {
            list.unreadable_count += 1;
        }
    }
    const boost::json::value* const next = json_member(&object, "next_page_uri");
    if (next != nullptr && !next->is_null() && !next->is_string()) {
        return Error{Errc::invalid_input, "next_page_uri is no text"};
    }
    list.next_page_uri = json_string(&object, "next_page_uri");
    return list;
}

Result<std::string> next_page_path(std::string_view base_url, std::string_view next_page_uri) {
    std::string_view path = next_page_uri;
    if (path.find("://") < path.find('/')) {
        const std::string_view origin = origin_of(path);
        if (!equals_ignoring_case(origin, origin_of(base_url))) {
            return Error{Errc::invalid_input, "the next page is on another host"};
        }
        path.remove_prefix(origin.size());
    }
    const bool is_path = path.starts_with('/') && !path.starts_with("//");
    const bool is_plain = std::ranges::all_of(
        path, [](char c) { return c > ' ' && c < '\x7f' && c != '\\' && c != '#'; });
    if (!is_path || !is_plain || path.size() > uri_size_max) {
        return Error{Errc::invalid_input, "the next page is no path on this host"};
    }
    return std::string(path);
}

}  // namespace wrapup
