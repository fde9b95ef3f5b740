// Invariant: any bytes are an answer of MongoDB or are refused; libbson goes through every document
// of one that is taken without meeting one that it cannot begin. A question takes it once at most,
// and only where it names that question.

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

// The bytes that ask for `answer`, as far as it says what was asked.
std::string question_of(std::string_view answer, char opcode_low) {
    std::string head{answer.substr(0, wrapup::mongo::Exchange::head_bytes)};
    head.replace(4, 4, answer.substr(8, 4));
    head[12] = opcode_low;
    head[13] = 7;
    return head;
}

void exchange(std::string_view answer) {
    constexpr char op_msg_low = static_cast<char>(2013 & 0xFF);
    constexpr char op_query_low = static_cast<char>(2004 & 0xFF);
    for (const char opcode_low : {op_msg_low, op_query_low}) {
        wrapup::mongo::Exchange exchange;
        WRAPUP_ASSERT(!exchange.take(answer));
        std::string head = question_of(answer, opcode_low);
        exchange.ask(head);
        const bool is_taken = exchange.take(answer);
        const bool names_itself = answer.substr(4, 4) == answer.substr(8, 4);
        WRAPUP_ASSERT(names_itself || !exchange.take(answer));
        head[4] = static_cast<char>(head[4] + 1);
        exchange.ask(head);
        WRAPUP_ASSERT(!exchange.take(answer));
        WRAPUP_ASSERT(!is_taken || (opcode_low == op_msg_low) == (answer[12] == op_msg_low));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    constexpr std::size_t document_offset = 21;  // Of an OP_MSG, the usual answer.
    constexpr int levels_max = 1000;
    const std::string_view answer = wrapup::input_of(data, size);
    if (!wrapup::mongo::is_sound_answer(answer)) return 0;
    exchange(answer);
    constexpr std::uint8_t op_msg_low = 2013 & 0xFF;
    if (data[12] != op_msg_low) return 0;
    go_through(data + document_offset, size - document_offset, levels_max);
    return 0;
}
