#include "domain/callable_number.hpp"

#include <algorithm>
#include <array>
#include <optional>

#include "base/text.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

constexpr std::array<std::string_view, 3> schemes{"sip:", "sips:", "client:"};

bool are_digits(std::string_view text) {
    return std::ranges::all_of(text, [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<std::string> read_e164(std::string_view text, const ReadNumber& read) {
    std::string number = normalize_phone_number(text);
    if (is_e164(number)) return number;
    if (text.empty() || !read) return std::nullopt;
    auto known = read(text);
    if (!known || !is_e164(*known)) return std::nullopt;
    return *std::move(known);
}

// "sip:+61413052898;phone-context=x@pbx.example.com" -> "+61413052898".
std::string_view user_of(std::string_view address) {
    address.remove_prefix(address.find(':') + 1);
    return address.substr(0, address.find_first_of("@;:?"));
}

// Without what a country dials first; empty: no number that could be told from another.
std::string significant_digits(std::string_view number) {
    constexpr std::size_t size_min = 7;  // An extension and a short code are in many places.
    const std::string callable = callable_number(number, {});
    std::string_view digits = callable;
    if (is_voice_address(digits)) {
        digits.remove_prefix(digits.find(':') + 1);
        digits = digits.substr(0, digits.find_first_of("@;:?"));
    }
    if (digits.starts_with('+')) digits.remove_prefix(1);
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    const bool is_number = digits.find_first_not_of("0123456789") == std::string_view::npos;
    return is_number && digits.size() >= size_min ? std::string(digits) : std::string();
}

}  // namespace

bool is_e164(std::string_view text) {
    constexpr std::size_t size_min = 8;
    constexpr std::size_t size_max = 16;
    return text.size() >= size_min && text.size() <= size_max && text.front() == '+' &&
           text[1] != '0' && are_digits(text.substr(1));
}

bool is_voice_address(std::string_view text) {
    return std::ranges::any_of(schemes, [text](std::string_view scheme) {
        return starts_with_ignoring_case(text, scheme) && text.size() > scheme.size();
    });
}

bool is_callable(std::string_view number) { return is_e164(number) || is_voice_address(number); }

std::string callable_number(std::string_view text, const ReadNumber& read) {
    text = trim(text);
    const std::string_view number = is_voice_address(text) ? user_of(text) : text;
    return read_e164(number, read).value_or(std::string(text));
}

bool may_be_same_number(std::string_view one, std::string_view other) {
    const std::string a = significant_digits(one);
    const std::string b = significant_digits(other);
    return a.empty() || b.empty() || a.ends_with(b) || b.ends_with(a);
}

}  // namespace wrapup
