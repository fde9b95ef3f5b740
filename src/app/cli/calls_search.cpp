#include "app/cli/calls_search.hpp"

#include "base/text.hpp"
#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

std::string digits_of(std::string_view text) {
    std::string digits;
    for (const char c : text) {
        if (c >= '0' && c <= '9') digits += c;
    }
    return digits;
}

bool fits(const boost::json::value& call, const CallSearch& search) {
    const auto lower = [&call](std::string_view name) {
        return to_lower(text_member(call, {name}));
    };
    return digits_of(text_member(call, {"to"})).ends_with(search.digits) &&
           lower("name").find(search.name) != std::string::npos &&
           (search.campaign.empty() || lower("campaign") == search.campaign);
}

}  // namespace

bool is_written_number(std::string_view text) {
    constexpr std::size_t digits_min = 6;
    return digits_of(text).size() >= digits_min &&
           text.find_first_not_of("+0123456789 ()-./") == text.npos;
}

std::string last_digits(std::string_view number) {
    std::string digits = digits_of(number);
    digits.erase(0, digits.find_first_not_of('0'));
    return digits;
}

boost::json::array found_in(const boost::json::array& calls, const CallSearch& search) {
    boost::json::array found;
    for (const auto& call : calls) {
        if (fits(call, search)) found.push_back(call);
    }
    return found;
}

}  // namespace wrapup
