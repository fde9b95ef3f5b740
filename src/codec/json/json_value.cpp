#include "codec/json/json_value.hpp"

#include <algorithm>
#include <cmath>

#include "base/text.hpp"
#include "codec/json/json_rules.hpp"

namespace wrapup {

namespace json = boost::json;

namespace {

constexpr std::int64_t unix_s_max = 253402300799;        // The end of the year 9999.
constexpr double exact_double_max = 9007199254740992.0;  // 2^53

// Numbers beyond the range of a double are read as infinite, which no JSON text can say: null.
void drop_infinite(json::value& value) {
    if (const double* const number = value.if_double()) {
        if (!std::isfinite(*number)) value = nullptr;
    } else if (json::array* const list = value.if_array()) {
        for (json::value& element : *list) drop_infinite(element);
    } else if (json::object* const object = value.if_object()) {
        for (auto& member : *object) drop_infinite(member.value());
    }
}

std::optional<json::value> try_parse(std::string_view text) {
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::error_code error;
    json::value value =
        json::parse(json::string_view(text.data(), text.size()), error, {}, options);
    if (error) return std::nullopt;
    return value;
}

std::optional<std::int64_t> to_int(double number) {
    if (!(std::abs(number) <= exact_double_max)) return std::nullopt;
    return static_cast<std::int64_t>(number);
}

std::optional<std::int64_t> to_int(std::string_view text) {
    text = trim(text);
    const std::size_t point = text.find('.');
    if (point != std::string_view::npos) {
        const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
        const std::string_view fraction = text.substr(point + 1);
        if (!std::all_of(fraction.begin(), fraction.end(), is_digit)) return std::nullopt;
    }
    return parse_int(text.substr(0, point));
}

Result<json::object> object_of(std::optional<json::value> value) {
    if (!value) return Error{Errc::invalid_input, "not JSON"};
    if (!value->is_object()) return Error{Errc::invalid_input, "not a JSON object"};
    drop_infinite(*value);
    return std::move(value->as_object());
}

}  // namespace

Result<json::object> parse_json_object(std::string_view text) {
    text = without_byte_order_mark(text);
    std::optional<json::value> value = try_parse(text);
    if (!value) {
        const std::string mended = mend_json(text);
        if (mended != text) value = try_parse(mended);
    }
    return object_of(std::move(value));
}

Result<json::object> parse_strict_json_object(std::string_view text) {
    auto object = object_of(try_parse(without_byte_order_mark(text)));
    if (!object && to_valid_utf8(text) != text) return Error{Errc::invalid_input, "not UTF-8"};
    return object;
}

const json::value* json_member(const json::object* object, std::string_view key) {
    if (object == nullptr) return nullptr;
    return object->if_contains(json::string_view(key.data(), key.size()));
}

const json::object* json_object(const json::object* object, std::string_view key) {
    const json::value* const value = json_member(object, key);
    return value == nullptr ? nullptr : value->if_object();
}

std::string json_string(const json::object* object, std::string_view key) {
    const json::value* const value = json_member(object, key);
    const json::string* const text = value == nullptr ? nullptr : value->if_string();
    return text == nullptr ? std::string{} : std::string(text->data(), text->size());
}

std::optional<std::int64_t> json_int(const json::object* object, std::string_view key) {
    const json::value* const value = json_member(object, key);
    if (value == nullptr) return std::nullopt;
    if (const auto* number = value->if_int64()) return *number;
    if (const auto* number = value->if_double()) return to_int(*number);
    if (const auto* text = value->if_string()) {
        return to_int(std::string_view(text->data(), text->size()));
    }
    return std::nullopt;
}

std::optional<std::int64_t> parse_count(std::string_view text) {
    const auto number = to_int(text);
    return number && *number >= 0 ? number : std::nullopt;
}

std::optional<std::int64_t> json_count(const json::object* object, std::string_view key) {
    const auto number = json_int(object, key);
    return number && *number >= 0 ? number : std::nullopt;
}

bool json_bool(const json::object* object, std::string_view key) {
    const json::value* const value = json_member(object, key);
    const bool* const flag = value == nullptr ? nullptr : value->if_bool();
    return flag != nullptr && *flag;
}

std::optional<UtcTime> json_unix_s(const json::object* object, std::string_view key) {
    const auto unix_s = json_count(object, key);
    if (!unix_s || *unix_s == 0 || *unix_s > unix_s_max) return std::nullopt;
    return from_unix_s(*unix_s);
}

}  // namespace wrapup
