#include "http/api/request_object.hpp"

#include <algorithm>

#include "codec/json/json_repeats.hpp"

namespace wrapup {

Parsed<boost::json::object> parse_request_object(std::string_view text) {
    auto object = parse_strict_json_object(text);
    if (!object) return BadInput{"", "the body is " + object.error().detail};
    if (const auto name = find_repeated_member(text)) {
        return BadInput{shown_name(*name), "given more than once"};
    }
    return *std::move(object);
}

std::string shown_name(std::string_view name) {
    constexpr std::string_view digits = "0123456789";
    constexpr std::string_view others = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_.-";
    constexpr std::size_t size_max = 64;
    constexpr std::ptrdiff_t digits_max = 4;
    const auto is_digit = [&](char c) { return digits.find(c) != std::string_view::npos; };
    const auto is_plain = [&](char c) {
        return is_digit(c) || others.find(c) != std::string_view::npos;
    };
    const bool is_identifier = !name.empty() && !is_digit(name.front()) &&
                               name.size() <= size_max && std::ranges::all_of(name, is_plain) &&
                               std::ranges::count_if(name, is_digit) <= digits_max;
    return is_identifier ? std::string(name) : "(" + std::to_string(name.size()) + " bytes)";
}

}  // namespace wrapup
