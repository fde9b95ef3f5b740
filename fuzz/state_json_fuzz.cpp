// Invariant: what was decoded is encoded and decoded again to the same state.

#include "codec/state_json.hpp"
#include "fuzz/fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    const std::string_view json = input_of(data, size);
    if (const auto progress = decode_progress(json)) {
        WRAPUP_ASSERT(decode_progress(encode_progress(*progress)) == *progress);
    }
    if (const auto metadata = decode_metadata(json)) {
        WRAPUP_ASSERT(decode_metadata(encode_metadata(*metadata)) == *metadata);
    }
    return 0;
}
