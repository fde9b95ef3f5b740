// Invariants: where the network cuts a request makes no difference to what is understood of it, and
// neither do empty lines before it. A head has a bounded number of fields.

#include <string>

#include "fuzz/fuzz.hpp"
#include "http/server/request_parser.hpp"

namespace {

using namespace wrapup;
using Outcome = RequestParser::Outcome;

constexpr std::size_t header_bytes_max = 4096;

struct Understood {
    Outcome outcome = Outcome::need_more;
    std::string target;
    std::string host;
    std::string body;
    bool is_complete = false;

    bool operator==(const Understood&) const = default;
};

// Everything a peer sends, in pieces of that size: first the head, then the body.
Understood read(std::string_view bytes, std::size_t piece_bytes) {
    RequestParser parser(header_bytes_max);
    Request request;
    parser.begin(request);
    Understood result;
    std::string unread;
    bool has_head = false;
    while (!bytes.empty() || !unread.empty()) {
        const std::size_t taken = std::min(piece_bytes, bytes.size());
        unread += bytes.substr(0, taken);
        bytes.remove_prefix(taken);
        const auto step =
            has_head ? parser.feed_body(unread, result.body) : parser.feed_head(unread);
        WRAPUP_ASSERT(step.consumed <= unread.size());
        WRAPUP_ASSERT(request.headers_count() <= RequestParser::header_fields_max);
        unread.erase(0, step.consumed);
        result.outcome = step.outcome;
        if (step.outcome == Outcome::ready && !has_head) {
            has_head = true;
            result.target = request.target();
            result.host = request.header("Host");
            result.outcome = Outcome::need_more;
        } else if (step.outcome != Outcome::need_more) {
            break;
        } else if (taken == 0 && step.consumed == 0) {
            break;
        }
        if (has_head && parser.is_complete()) break;
    }
    result.is_complete = has_head && parser.is_complete();
    if (result.is_complete) result.outcome = Outcome::ready;
    return result;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string_view bytes = input_of(data, size);
    if (bytes.size() >= header_bytes_max) return 0;
    const Understood whole = read(bytes, bytes.size() + 1);
    for (const std::size_t piece_bytes : {1U, 7U}) {
        const Understood cut = read(bytes, piece_bytes);
        WRAPUP_ASSERT(cut.is_complete == whole.is_complete);
        if (whole.is_complete) WRAPUP_ASSERT(cut == whole);
    }
    constexpr std::string_view empty_lines = "\r\n\r\n";
    if (bytes.size() + empty_lines.size() < header_bytes_max && !bytes.starts_with("\r\n")) {
        const std::string longer = std::string(empty_lines) + std::string(bytes);
        WRAPUP_ASSERT(read(longer, longer.size() + 1) == whole);
        WRAPUP_ASSERT(read(longer, 1).is_complete == whole.is_complete);
    }
    return 0;
}
