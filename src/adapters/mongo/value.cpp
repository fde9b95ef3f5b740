#include "adapters/mongo/value.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstdint>

#include "base/text.hpp"
#include "base/time.hpp"
#include "domain/phone_number.hpp"

namespace wrapup::mongo {
namespace {

constexpr std::size_t text_bytes_max = 4096;
// Beyond it a double no longer holds every whole number.
constexpr double whole_max = 9007199254740992.0;

std::string clean(const char* bytes, std::uint32_t size) {
    std::string text{bytes, std::min<std::size_t>(size, 2 * text_bytes_max)};
    std::erase(text, '\0');  // PostgreSQL takes none.
    const std::string valid = to_valid_utf8(text);
    return truncate_utf8(trim(valid), text_bytes_max);
}

std::string text_of_double(double value) {
    if (!std::isfinite(value)) return {};
    std::array<char, 64> buffer{};
    char* const begin = buffer.data();
    char* const end = begin + buffer.size();
    if (std::trunc(value) == value && std::abs(value) < whole_max) {
        return {begin, std::to_chars(begin, end, static_cast<std::int64_t>(value)).ptr};
    }
    return {begin, std::to_chars(begin, end, value).ptr};
}

std::string text_of_object_id(const bson_oid_t& id) {
    std::array<char, 25> hex{};
    bson_oid_to_string(&id, hex.data());
    return hex.data();
}

std::string text_of_date(std::int64_t unix_ms) {
    // RFC 3339 has four digits for the year.
    constexpr std::int64_t year_10000_ms = 253402300800000;
    if (unix_ms < 0 || unix_ms >= year_10000_ms) return {};
    return format_rfc3339(from_unix_ms(unix_ms));
}

std::string text_of_decimal(const bson_iter_t& iter) {
    bson_decimal128_t value{};
    if (!bson_iter_decimal128(&iter, &value)) return {};
    std::array<char, BSON_DECIMAL128_STRING> buffer{};
    bson_decimal128_to_string(&value, buffer.data());
    const std::string_view text{buffer.data()};
    return text.find_first_of("NI") == std::string_view::npos ? std::string(text) : std::string{};
}

bool is_list(const bson_iter_t& iter) { return bson_iter_type(&iter) == BSON_TYPE_ARRAY; }

void add_text(const bson_iter_t& iter, std::vector<std::string>& texts) {
    std::string text = text_of(iter);
    if (!text.empty()) texts.push_back(std::move(text));
}

// `depth` bounds what a document made to harm could cost.
void add_texts(const bson_iter_t& parent, std::string_view path, int depth,
               std::vector<std::string>& texts);

void add_found(const bson_iter_t& found, std::string_view rest, int depth,
               std::vector<std::string>& texts) {
    if (!rest.empty()) return add_texts(found, rest, depth, texts);
    if (!is_list(found)) return add_text(found, texts);
    bson_iter_t element;
    if (!bson_iter_recurse(&found, &element)) return;
    while (bson_iter_next(&element)) add_text(element, texts);
}

void add_texts(const bson_iter_t& parent, std::string_view path, int depth,
               std::vector<std::string>& texts) {
    if (depth == 0) return;
    const std::size_t dot = path.find('.');
    const std::string step{path.substr(0, dot)};
    const std::string_view rest =
        dot == std::string_view::npos ? std::string_view{} : path.substr(dot + 1);
    bson_iter_t inner;
    if (bson_iter_recurse(&parent, &inner) && bson_iter_find(&inner, step.c_str())) {
        return add_found(inner, rest, depth - 1, texts);
    }
    if (!is_list(parent) || !bson_iter_recurse(&parent, &inner)) return;
    while (bson_iter_next(&inner)) {
        // MongoDB looks through one list on each step, and not into lists within it.
        if (!is_list(inner)) add_texts(inner, path, depth - 1, texts);
    }
}

std::string big_endian(std::uint64_t value) {
    std::string bytes(8, '\0');
    for (char& byte : bytes) {
        byte = static_cast<char>(value >> 56U);
        value <<= 8U;
    }
    return bytes;
}

// Negative numbers have all bits turned, others the sign: the bytes then sort as the numbers do.
std::string sortable(double value) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
    return big_endian((bits & sign) != 0 ? ~bits : bits | sign);
}

}  // namespace

std::string text_of(const bson_iter_t& iter) {
    std::uint32_t size = 0;
    switch (static_cast<int>(bson_iter_type(&iter))) {
        case BSON_TYPE_UTF8: {
            const char* bytes = bson_iter_utf8(&iter, &size);
            return clean(bytes, size);
        }
        case BSON_TYPE_SYMBOL: {
            const char* bytes = bson_iter_symbol(&iter, &size);
            return clean(bytes, size);
        }
        case BSON_TYPE_INT32: return std::to_string(bson_iter_int32(&iter));
        case BSON_TYPE_INT64: return std::to_string(bson_iter_int64(&iter));
        case BSON_TYPE_DOUBLE: return text_of_double(bson_iter_double(&iter));
        case BSON_TYPE_DECIMAL128: return text_of_decimal(iter);
        case BSON_TYPE_OID: return text_of_object_id(*bson_iter_oid(&iter));
        case BSON_TYPE_DATE_TIME: return text_of_date(bson_iter_date_time(&iter));
        default: return {};
    }
}

std::string text_at(const bson_t& document, const std::string& path) {
    bson_iter_t iter;
    if (bson_iter_init_find(&iter, &document, path.c_str())) return text_of(iter);
    bson_iter_t inner;
    if (!bson_iter_init(&iter, &document)) return {};
    if (!bson_iter_find_descendant(&iter, path.c_str(), &inner)) return {};
    return text_of(inner);
}

std::vector<std::string> texts_at(const bson_t& document, const std::string& path) {
    constexpr int depth_max = 32;
    std::vector<std::string> texts;
    bson_iter_t iter;
    if (bson_iter_init_find(&iter, &document, path.c_str())) {
        add_found(iter, {}, depth_max, texts);
        return texts;
    }
    const std::size_t dot = path.find('.');
    if (dot == std::string::npos) return texts;
    if (bson_iter_init_find(&iter, &document, path.substr(0, dot).c_str())) {
        add_texts(iter, std::string_view{path}.substr(dot + 1), depth_max, texts);
    }
    return texts;
}

std::string order_key_of_id(const bson_t& document) {
    bson_iter_t iter;
    if (!bson_iter_init_find(&iter, &document, "_id")) return {};
    switch (static_cast<int>(bson_iter_type(&iter))) {
        case BSON_TYPE_INT32:
        case BSON_TYPE_INT64:
        case BSON_TYPE_DOUBLE: return "1" + sortable(bson_iter_as_double(&iter));
        case BSON_TYPE_UTF8: {
            std::uint32_t size = 0;
            const char* bytes = bson_iter_utf8(&iter, &size);
            return "2" + std::string(bytes, size);
        }
        case BSON_TYPE_OID: {
            const bson_oid_t& id = *bson_iter_oid(&iter);
            return "4" + std::string(std::begin(id.bytes), std::end(id.bytes));
        }
        case BSON_TYPE_DATE_TIME:
            return "6" + sortable(static_cast<double>(bson_iter_date_time(&iter)));
        default: return "0";
    }
}

bool is_object_id(std::string_view text) {
    const auto is_hex = [](char c) {
        return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
    };
    return text.size() == 24 && std::all_of(text.begin(), text.end(), is_hex);
}

std::string campaign_key(std::string_view id) {
    return is_object_id(id) ? to_lower(id) : std::string(id);
}

std::string phone_key(std::string_view number) {
    const std::string normalized = normalize_phone_number(number);
    return normalized.starts_with('+') ? normalized.substr(1) : normalized;
}

std::vector<std::string> phone_forms(std::string_view number) {
    const std::string key = phone_key(number);
    std::vector<std::string> forms;
    for (std::string form : {std::string(number), std::string(trim(number)), "+" + key, key}) {
        if (form.empty() || form == "+") continue;
        if (std::find(forms.begin(), forms.end(), form) == forms.end()) {
            forms.push_back(std::move(form));
        }
    }
    return forms;
}

}  // namespace wrapup::mongo
