#include "domain/phone_number.hpp"

#include <algorithm>

#include "domain/callable_number.hpp"

namespace wrapup {
namespace {

bool begins_sid(std::string_view text, std::string_view prefix) {
    return text.starts_with(prefix) && std::ranges::all_of(text.substr(2), [](char c) {
               return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
           });
}

bool is_sid(std::string_view text, std::string_view prefix) {
    return text.size() == 34 && begins_sid(text, prefix);
}

}  // namespace

std::string mask_phone_number(std::string_view number) {
    constexpr std::string_view dots = "•••••";
    const bool is_number =
        number.size() >= 10 && number.size() <= 16 && number.front() == '+' &&
        std::ranges::all_of(number.substr(1), [](char c) { return c >= '0' && c <= '9'; });
    if (!is_number) return std::string(dots);
    std::string masked(number.substr(0, 4));
    masked += dots;
    masked += number.substr(number.size() - 3);
    return masked;
}

std::string normalize_phone_number(std::string_view number) {
    if (is_voice_address(number)) return std::string(number);
    std::string normal;
    for (const char c : number) {
        const bool is_filler = c == ' ' || c == '.' || c == '-' || c == '(' || c == ')' || c == '/';
        if (!is_filler) normal += c;
    }
    if (normal.starts_with("00")) normal.replace(0, 2, "+");
    return normal;
}

std::string last_digits_of(std::string_view number) {
    constexpr std::size_t digits_min = 6;
    std::string digits = normalize_phone_number(number);
    const bool is_end = digits.size() >= digits_min &&
                        std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; });
    if (!is_end) return {};
    if (digits.front() == '0') digits.erase(0, 1);
    return digits;
}

bool is_call_sid(std::string_view text) { return is_sid(text, "CA"); }

bool begins_call_sid(std::string_view text) {
    return text.size() >= 6 && text.size() < 34 && begins_sid(text, "CA");
}

bool is_account_sid(std::string_view text) { return is_sid(text, "AC"); }

}  // namespace wrapup
