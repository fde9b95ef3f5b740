#pragma once

// Decides, while an ElevenLabs webhook is still being received, what of it is worth memory: kinds
// that we use are kept, audio and what we do not know is only hashed.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/json/json_type_scanner.hpp"

namespace wrapup {

class WebhookCollector {
public:
    explicit WebhookCollector(std::size_t kept_bytes_max) : kept_bytes_max_(kept_bytes_max) {}

    enum class Need {
        memory,    // Keep this piece: call keep() with it.
        nothing,   // It is of no interest.
        too_much,  // A kind that we use, and larger than we take.
    };
    Need look_at(std::string_view piece);
    void keep(std::string_view piece) { body_.append(piece); }

    // Of no interest, whatever may follow. Then nothing is kept.
    bool is_ignored() const { return is_ignored_; }
    bool has_type() const { return scanner_.type().has_value(); }
    bool is_oversize() const { return is_oversize_; }
    const std::string& body() const { return body_; }

private:
    void forget_body() { std::string().swap(body_); }

    std::size_t kept_bytes_max_;
    JsonTypeScanner scanner_;
    std::string body_;
    bool is_ignored_ = false;
    bool is_oversize_ = false;  // Grew beyond what is kept before its type was seen.
};

}  // namespace wrapup
