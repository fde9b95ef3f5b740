#include "codec/bytes/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/assert.hpp"
#include "base/hex.hpp"

namespace wrapup {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view message) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> mac{};
    unsigned int size = 0;
    const unsigned char* const result = HMAC(digest, key.data(), static_cast<int>(key.size()),
                                             bytes_of(message), message.size(), mac.data(), &size);
    WRAPUP_ASSERT(result != nullptr);
    return std::string(mac.begin(), mac.begin() + size);
}

int base64_digit(char c) {
    if (c >= 'A' && c <= 'Z') return c - 'A';
    if (c >= 'a' && c <= 'z') return c - 'a' + 26;
    if (c >= '0' && c <= '9') return c - '0' + 52;
    if (c == '+') return 62;
    if (c == '/') return 63;
    return -1;
}

}  // namespace

std::string hmac_sha1(std::string_view key, std::string_view message) {
    return hmac(EVP_sha1(), key, message);
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
    return hmac(EVP_sha256(), key, message);
}

std::string sha256_hex(std::string_view message) {
    std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
    SHA256(bytes_of(message), message.size(), digest.data());
    return to_hex(std::string(digest.begin(), digest.end()));
}

std::string to_base64(std::string_view bytes) {
    constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t i = 0; i < bytes.size(); i += 3) {
        const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
        std::uint32_t group = 0;
        for (std::size_t k = 0; k < 3; ++k) {
            const auto byte = k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U;
            group = group << 8U | byte;
        }
        for (std::size_t k = 0; k < 4; ++k) {
            text += k <= count ? digits[group >> (18U - 6U * k) & 63U] : '=';
        }
    }
    return text;
}

Result<std::string> from_base64(std::string_view text) {
    const Error broken{Errc::invalid_input, "not base64"};
    if (text.size() % 4 != 0) return broken;
    std::size_t padding = 0;
    while (padding < 2 && !text.empty() && text.back() == '=') {
        text.remove_suffix(1);
        ++padding;
    }
    std::string bytes;
    bytes.reserve(text.size() * 3 / 4);
    std::uint32_t bits = 0;
    unsigned bits_count = 0;
    for (const char c : text) {
        const int digit = base64_digit(c);
        if (digit < 0) return broken;
        bits = bits << 6U | static_cast<std::uint32_t>(digit);
        bits_count += 6;
        if (bits_count < 8) continue;
        bits_count -= 8;
        bytes += static_cast<char>(bits >> bits_count & 0xFFU);
    }
    // What is left over must be zero, so that each value has one spelling.
    if ((bits & ((1U << bits_count) - 1U)) != 0) return broken;
    return bytes;
}

// An OpenSSL MAC context that is bound to SHA-256 and a key.
struct HmacSha256::State {
    struct Free {
        void operator()(EVP_MAC_CTX* done_with) const { EVP_MAC_CTX_free(done_with); }
    };
    std::unique_ptr<EVP_MAC_CTX, Free> context;
};

HmacSha256::HmacSha256(std::string_view key) : state_(std::make_unique<State>()) {
    // Looking an algorithm up is slow, so that it is kept for the life of the process.
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    WRAPUP_ASSERT(algorithm != nullptr);
    state_->context.reset(EVP_MAC_CTX_new(algorithm));
    WRAPUP_ASSERT(state_->context != nullptr);
    std::string digest = "SHA256";
    const std::array<OSSL_PARAM, 2> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    // A null key would mean "the key of before".
    const unsigned char* const key_bytes = key.empty() ? bytes_of("") : bytes_of(key);
    const int ok = EVP_MAC_init(state_->context.get(), key_bytes, key.size(), parameters.data());
    WRAPUP_ASSERT(ok == 1);
}

HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;
HmacSha256::~HmacSha256() = default;

void HmacSha256::update(std::string_view piece) {
    WRAPUP_ASSERT(state_ != nullptr);
    const int ok = EVP_MAC_update(state_->context.get(), bytes_of(piece), piece.size());
    WRAPUP_ASSERT(ok == 1);
}

std::string HmacSha256::finish() {
    WRAPUP_ASSERT(state_ != nullptr);
    std::array<unsigned char, SHA256_DIGEST_LENGTH> mac{};
    std::size_t size = 0;
    const int ok = EVP_MAC_final(state_->context.get(), mac.data(), &size, mac.size());
    WRAPUP_ASSERT(ok == 1 && size == mac.size());
    state_.reset();
    return std::string(mac.begin(), mac.end());
}

}  // namespace wrapup
