#include "domain/sample_call.hpp"

#include "base/assert.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

// Of random CallSids one in 2^64 begins like this. The stores' schemas have it too.
constexpr std::string_view prefix = "CA7e57ca117e57ca11";
constexpr std::size_t random_size = 15;
constexpr char dry = 'd';
constexpr char told = '0';

}  // namespace

std::string sample_call_sid(std::string_view random, bool is_dry) {
    WRAPUP_ASSERT(random.size() >= random_size);
    return std::string(prefix) + (is_dry ? dry : told) + std::string(random.substr(0, random_size));
}

bool is_sample_call(std::string_view call_sid) {
    return call_sid.starts_with(prefix) && is_call_sid(call_sid);
}

bool is_dry_sample_call(std::string_view call_sid) {
    return is_sample_call(call_sid) && call_sid[prefix.size()] == dry;
}

}  // namespace wrapup
