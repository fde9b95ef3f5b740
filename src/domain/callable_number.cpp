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

// Without what a country dials first; nothing: it is no number.
std::optional<std::string> significant_digits(std::string_view number) {
    const std::string callable = callable_number(number, {});
    std::string_view digits = callable;
    if (is_voice_address(digits)) {
        digits.remove_prefix(digits.find(':') + 1);
        digits = digits.substr(0, digits.find_first_of("@;:?"));
    }
    if (digits.starts_with('+')) digits.remove_prefix(1);
    if (digits.empty() || !are_digits(digits)) return std::nullopt;
    digits.remove_prefix(std::min(digits.find_first_not_of('0'), digits.size()));
    return std::string(digits);
}

// Whether `end` is the number `whole` as it is dialled nearer to it. An extension or a short code
// is in many places: of so few digits, nothing but the country's code may be missing.
bool is_dialled_for(std::string_view whole, std::string_view end) {
    constexpr std::size_t local_size_min = 7;
    constexpr std::size_t country_code_max = 3;
    if (!whole.ends_with(end)) return false;
    if (end.size() >= local_size_min || whole.size() == end.size()) return true;
    return whole.size() >= local_size_min && whole.size() - end.size() <= country_code_max;
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
    const auto a = significant_digits(one);
    const auto b = significant_digits(other);
    return !a || !b || is_dialled_for(*a, *b) || is_dialled_for(*b, *a);
}

}  // namespace wrapup
