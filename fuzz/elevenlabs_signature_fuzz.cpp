// Invariant: the verdict does not depend on how the body is cut, and our own signature is genuine.
// First line: the header. The rest: the body.

#include "codec/elevenlabs/elevenlabs_signature.hpp"
#include "fuzz/fuzz.hpp"

namespace wrapup {
namespace {

using Verdict = ElevenLabsVerifier::Verdict;

const std::vector<std::string> secrets = {"old", "wsec_0123456789abcdef0123456789abcdef"};
constexpr UtcTime now = from_unix_s(1762713911);

Verdict verify(std::string_view header, std::string_view body, std::size_t piece_size) {
    ElevenLabsVerifier verifier(header, secrets, now, std::chrono::minutes{30});
    const Verdict early = verifier.early();
    while (!body.empty()) {
        verifier.update(body.substr(0, piece_size));
        body.remove_prefix(std::min(piece_size, body.size()));
    }
    const Verdict verdict = verifier.verdict();
    WRAPUP_ASSERT(early == Verdict::genuine || early == verdict);
    return verdict;
}

}  // namespace
}  // namespace wrapup

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace wrapup;
    std::string_view body = input_of(data, size);
    const std::string_view header = take_line(body);
    WRAPUP_ASSERT(verify(header, body, 1) == verify(header, body, body.size() + 1));
    const std::string own = sign_elevenlabs(secrets.back(), now, body);
    WRAPUP_ASSERT(verify(own, body, 7) == Verdict::genuine);
    WRAPUP_ASSERT(verify(sign_elevenlabs("else", now, body), body, 7) == Verdict::mismatch);
    return 0;
}
