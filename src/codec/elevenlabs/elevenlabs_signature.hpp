#pragma once

// ElevenLabs-Signature: t=<unix seconds>,v0=<hex>. Source: ElevenLabs docs "Webhooks".

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/time.hpp"
#include "codec/bytes/digest.hpp"

namespace wrapup {

// Verifies a body that is read in pieces. The key is the secret's text; the message is
// "<t>.<raw body>". Any of several v0 and any of several secrets may match.
class ElevenLabsVerifier {
public:
    enum class Verdict { genuine, no_header, malformed, stale, mismatch };

    // `tolerance_past`: older is stale. More than five minutes ahead is stale too.
    ElevenLabsVerifier(std::string_view header, const std::vector<std::string>& secrets,
                       UtcTime now, milliseconds tolerance_past);

    // What can be said before the body: genuine here only means "so far nothing against it".
    Verdict early() const { return early_; }
    void update(std::string_view piece);
    Verdict verdict();

private:
    Verdict early_ = Verdict::genuine;
    std::vector<std::string> wanted_;  // Raw 32-byte values of the v0 parts.
    std::vector<HmacSha256> hashes_;
};
std::string_view to_string(ElevenLabsVerifier::Verdict verdict);

// For tests, the sandbox and the simulator.
std::string sign_elevenlabs(std::string_view secret, UtcTime at, std::string_view body);

}  // namespace wrapup
