#include "codec/elevenlabs/elevenlabs_signature.hpp"

#include <chrono>
#include <optional>

#include "base/assert.hpp"
#include "base/hex.hpp"
#include "base/text.hpp"

namespace wrapup {

namespace {

constexpr std::chrono::minutes tolerance_ahead{5};
// Far more than anybody sends; a bound on the work that a header can ask for.
constexpr std::size_t signatures_count_max = 16;
constexpr std::size_t time_digits_max = 12;

// The 32 bytes of a v0 part; nothing when it has another form.
std::optional<std::string> parse_digest(std::string_view hex) {
    if (hex.size() != 64) return std::nullopt;
    return from_hex(hex);
}

struct Header {
    std::string_view time;  // As written: it is part of the message.
    std::vector<std::string> digests;
};

std::optional<Header> parse_header(std::string_view text) {
    Header header;
    while (!text.empty()) {
        const std::size_t end = text.find(',');
        const std::string_view part = trim(text.substr(0, end));
        text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
        if (part.starts_with("t=")) {
            header.time = part.substr(2);
        } else if (part.starts_with("v0=") && header.digests.size() < signatures_count_max) {
            if (auto digest = parse_digest(part.substr(3))) {
                header.digests.push_back(*std::move(digest));
            }
        }
    }
    if (header.digests.empty()) return std::nullopt;
    return header;
}

std::optional<UtcTime> parse_time(std::string_view text) {
    if (text.empty() || text.size() > time_digits_max || text.front() == '-') return std::nullopt;
    const auto unix_s = parse_int(text);
    if (!unix_s) return std::nullopt;
    return from_unix_s(*unix_s);
}

}  // namespace

ElevenLabsVerifier::ElevenLabsVerifier(std::string_view header,
                                       const std::vector<std::string>& secrets, UtcTime now,
                                       milliseconds tolerance_past) {
    if (trim(header).empty()) {
        early_ = Verdict::no_header;
        return;
    }
    auto parsed = parse_header(header);
    const auto signed_at = parsed ? parse_time(parsed->time) : std::nullopt;
    if (!signed_at) {
        early_ = Verdict::malformed;
        return;
    }
    if (*signed_at < now - tolerance_past || *signed_at > now + tolerance_ahead) {
        early_ = Verdict::stale;
        return;
    }
    wanted_ = std::move(parsed->digests);
    for (const std::string& secret : secrets) {
        HmacSha256& hash = hashes_.emplace_back(secret);
        hash.update(parsed->time);
        hash.update(".");
    }
}

void ElevenLabsVerifier::update(std::string_view piece) {
    for (HmacSha256& hash : hashes_) hash.update(piece);
}

ElevenLabsVerifier::Verdict ElevenLabsVerifier::verdict() {
    if (early_ != Verdict::genuine) return early_;
    bool is_match = false;
    for (HmacSha256& hash : hashes_) {
        const std::string digest = hash.finish();
        for (const std::string& wanted : wanted_) {
            if (equals_constant_time(digest, wanted)) is_match = true;
        }
    }
    hashes_.clear();
    early_ = is_match ? Verdict::genuine : Verdict::mismatch;
    return early_;
}

std::string_view to_string(ElevenLabsVerifier::Verdict verdict) {
    using Verdict = ElevenLabsVerifier::Verdict;
    switch (verdict) {
        case Verdict::genuine: return "genuine";
        case Verdict::no_header: return "no ElevenLabs-Signature header";
        case Verdict::malformed: return "malformed ElevenLabs-Signature header";
        case Verdict::stale: return "timestamp outside the tolerance";
        case Verdict::mismatch: return "wrong secret or a forged request";
    }
    WRAPUP_ASSERT(false);
    return {};
}

std::string sign_elevenlabs(std::string_view secret, UtcTime at, std::string_view body) {
    const std::string time = std::to_string(to_unix_s(at));
    HmacSha256 hash(secret);
    hash.update(time);
    hash.update(".");
    hash.update(body);
    return "t=" + time + ",v0=" + to_hex(hash.finish());
}

}  // namespace wrapup
