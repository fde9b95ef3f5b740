// Invariant: the scanner finds the same type whether it is fed whole or byte by byte; scanner,
// parser and check mean the same by JSON.

#include "codec/json/json_rules.hpp"
#include "codec/json/json_type_scanner.hpp"
#include "codec/json/json_value.hpp"
#include "fuzz/fuzz.hpp"
#include "http/webhooks/json_check.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view json = input_of(data, size);
    JsonTypeScanner whole;
    whole.feed(json);
    JsonTypeScanner pieces;
    for (const char& byte : json) pieces.feed(std::string_view(&byte, 1));
    WRAPUP_ASSERT(whole.type() == pieces.type());
    WRAPUP_ASSERT(!whole.type() || whole.type()->size() <= 256);
    const auto object = parse_json_object(json);
    if (!object) return 0;
    WRAPUP_ASSERT(is_json(json));
    WRAPUP_ASSERT(parse_json_object(mend_json(without_byte_order_mark(json))) == *object);
    const boost::json::value* const type = json_member(&*object, "type");
    if (type != nullptr && type->is_string()) WRAPUP_ASSERT(whole.type().has_value());
    return 0;
}
