#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/result.hpp"

namespace wrapup {

std::string hmac_sha1(std::string_view key, std::string_view message);    // 20 raw bytes
std::string hmac_sha256(std::string_view key, std::string_view message);  // 32 raw bytes
std::string sha256_hex(std::string_view message);
std::string to_base64(std::string_view bytes);
Result<std::string> from_base64(std::string_view text);  // invalid_input

// HMAC-SHA256 over a message that comes in pieces.
class HmacSha256 {
public:
    explicit HmacSha256(std::string_view key);
    HmacSha256(HmacSha256&&) noexcept;
    HmacSha256& operator=(HmacSha256&&) noexcept;
    ~HmacSha256();
    void update(std::string_view piece);
    std::string finish();  // 32 raw bytes; once.

private:
    struct State;
    std::unique_ptr<State> state_;
};

}  // namespace wrapup
