// Invariant: any bytes are an answer of MongoDB or are refused; libbson goes through every document
// of one that is taken without meeting one that it cannot begin.

#include "adapters/mongo/checked_stream.hpp"
#include "fuzz/fuzz.hpp"

namespace {

void go_through(const std::uint8_t* bytes, std::size_t size, int levels_left) {
    bson_t document;
    bson_iter_t iter;
    WRAPUP_ASSERT(bson_init_static(&document, bytes, size));
    WRAPUP_ASSERT(bson_iter_init(&iter, &document));
    while (levels_left > 0 && bson_iter_next(&iter)) {
        const std::uint8_t* inner = nullptr;
        std::uint32_t inner_size = 0;
        if (BSON_ITER_HOLDS_DOCUMENT(&iter)) bson_iter_document(&iter, &inner_size, &inner);
        if (BSON_ITER_HOLDS_ARRAY(&iter)) bson_iter_array(&iter, &inner_size, &inner);
        if (inner != nullptr) go_through(inner, inner_size, levels_left - 1);
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t document_offset = 21;  // Of an OP_MSG, the usual answer.
    constexpr int levels_max = 1000;
    if (!wrapup::mongo::is_sound_answer(wrapup::input_of(data, size))) return 0;
    constexpr std::uint8_t op_msg_low = 2013 & 0xFF;
    if (data[12] != op_msg_low) return 0;
    go_through(data + document_offset, size - document_offset, levels_max);
    return 0;
}
