#include "http/api/request_object.hpp"

#include "base/text.hpp"
#include "codec/json/json_repeats.hpp"

namespace wrapup {

Parsed<boost::json::object> parse_request_object(std::string_view text, std::string_view wanted) {
    auto object = parse_json_object(text);
    if (!object) return BadInput{"", std::string(wanted)};
    if (const auto name = find_repeated_member(text)) {
        return BadInput{to_valid_utf8(truncate_utf8(*name, 64)), "given more than once"};
    }
    return *std::move(object);
}

}  // namespace wrapup
