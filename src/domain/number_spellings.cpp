#include "domain/number_spellings.hpp"

#include <algorithm>
#include <array>

namespace wrapup {
namespace {

struct Plan {
    std::string_view country;
    std::size_t area_digits;  // Before the digit that may be left out.
    char digit;
    std::size_t rest_min;  // Digits behind it.
    std::size_t rest_max;
    bool (*is_written_so)(std::string_view rest);
};

bool any(std::string_view) { return true; }
// A line in the wall begins with 2 to 5, and never had the ninth digit.
bool is_brazilian_mobile(std::string_view rest) { return rest.front() < '2' || rest.front() > '5'; }
// Mobile numbers begin with 3, and have ten digits.
bool is_italian_area(std::string_view rest) {
    return rest.front() != '0' && (rest.front() != '3' || rest.size() < 10);
}

constexpr std::array<Plan, 4> plans = {{
    {"+54", 0, '9', 10, 10, any},
    {"+52", 0, '1', 10, 10, any},
    {"+55", 2, '9', 8, 8, is_brazilian_mobile},
    {"+39", 0, '0', 5, 11, is_italian_area},
}};

}  // namespace

std::string other_spelling_of(std::string_view number) {
    const auto* const plan = std::ranges::find_if(
        plans, [&](const Plan& one) { return number.starts_with(one.country); });
    if (plan == plans.end()) return {};
    const std::size_t at = plan->country.size() + plan->area_digits;
    if (number.size() <= at) return {};
    const std::string head(number.substr(0, at));
    const std::string_view rest = number.substr(at);
    const auto fits = [&](std::string_view digits) {
        return digits.size() >= plan->rest_min && digits.size() <= plan->rest_max &&
               plan->is_written_so(digits);
    };
    if (rest.front() == plan->digit && fits(rest.substr(1))) {
        return head + std::string(rest.substr(1));
    }
    return fits(rest) ? head + plan->digit + std::string(rest) : std::string{};
}

}  // namespace wrapup
