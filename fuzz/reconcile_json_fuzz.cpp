// Invariant: a window, an order or a status that is read is written and read again as the same.

#include "codec/reconcile_json.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const auto window = decode_window(input_of(data, size));
    if (window) {
        const auto again = decode_window(encode_window(*window));
        WRAPUP_ASSERT(again.has_value() && *again == *window);
    }
    const auto status = decode_status(input_of(data, size));
    if (status) {
        const auto again = decode_status(encode_status(*status));
        WRAPUP_ASSERT(again.has_value() && *again == *status);
    }
    const auto order = decode_order(input_of(data, size));
    if (!order) return 0;
    const auto again = decode_order(encode_order(*order));
    WRAPUP_ASSERT(again.has_value() && *again == *order);
    return 0;
}
