#include "app/config/header_json.hpp"

#include <algorithm>
#include <array>
#include <boost/json.hpp>

#include "base/text.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;

// What the courier and the transport set themselves; a second one would contradict the first.
constexpr std::array<std::string_view, 13> our_headers = {
    "content-type",      "content-length",    "host",       "user-agent",
    "connection",        "transfer-encoding", "expect",     "idempotency-key",
    "x-wrapup-call",     "x-wrapup-ended-at", "webhook-id", "webhook-timestamp",
    "webhook-signature",
};

Error wrong(std::string why) { return Error{Errc::invalid_input, std::move(why)}; }

bool is_token(std::string_view text) {
    constexpr std::string_view others = "!#$%&'*+-.^_`|~";
    const auto is_token_char = [&](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               others.find(c) != std::string_view::npos;
    };
    return !text.empty() && text.size() <= 100 &&
           std::all_of(text.begin(), text.end(), is_token_char);
}

bool is_field_value(std::string_view text) {
    return std::none_of(text.begin(), text.end(), [](char c) {
        const auto byte = static_cast<unsigned char>(c);
        return (byte < 0x20 && c != '\t') || byte == 0x7f;
    });
}

Result<void> check_header(std::string_view name, const json::value& value, const Headers& before) {
    if (!is_token(name)) return wrong("has a header name that HTTP does not allow");
    const std::string shown(name);
    if (std::find(our_headers.begin(), our_headers.end(), to_lower(name)) != our_headers.end()) {
        return wrong("must not set \"" + shown + "\": wrapup sets it itself");
    }
    const auto is_same = [&](const auto& header) {
        return equals_ignoring_case(header.first, name);
    };
    if (std::any_of(before.begin(), before.end(), is_same)) {
        return wrong("names \"" + shown + "\" twice");
    }
    if (!value.is_string()) return wrong("needs a string as the value of \"" + shown + "\"");
    if (!is_field_value(value.get_string())) {
        return wrong("has a control character in the value of \"" + shown + "\"");
    }
    return {};
}

}  // namespace

Result<Headers> parse_header_object(std::string_view text) {
    json::error_code error;
    const json::value parsed = json::parse({text.data(), text.size()}, error);
    if (error || !parsed.is_object()) {
        return wrong("is not a JSON object such as {\"x-api-key\":\"...\"}");
    }
    Headers headers;
    for (const auto& [key, value] : parsed.get_object()) {
        const std::string_view name(key.data(), key.size());
        WRAPUP_CHECK(check_header(name, value, headers));
        const auto& bytes = value.get_string();
        headers.emplace_back(std::string(name), std::string(trim({bytes.data(), bytes.size()})));
    }
    return headers;
}

}  // namespace wrapup
