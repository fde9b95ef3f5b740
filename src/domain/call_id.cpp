#include "domain/call_id.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

constexpr std::size_t id_size_max = 128;

bool is_alphanumeric(char letter) {
    return (letter >= '0' && letter <= '9') || (letter >= 'a' && letter <= 'z') ||
           (letter >= 'A' && letter <= 'Z');
}

}  // namespace

bool is_plausible_call_id(std::string_view text) {
    return !text.empty() && text.size() <= id_size_max &&
           std::all_of(text.begin(), text.end(), [](char letter) {
               return is_alphanumeric(letter) || letter == '_' || letter == '-' || letter == '.';
           });
}

bool is_vendors_call_id(std::string_view text) {
    return is_call_sid(text) || (is_plausible_call_id(text) && text.starts_with("conv_"));
}

std::string read_call_sid(std::string_view text) {
    return is_call_sid(text) ? "CA" + to_lower(text.substr(2)) : std::string{};
}

}  // namespace wrapup
