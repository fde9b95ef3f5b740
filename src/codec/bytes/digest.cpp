#include "codec/bytes/digest.hpp"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>

#include "base/assert.hpp"
#include "base/hex.hpp"

namespace wrapup {

namespace {

const unsigned char* bytes_of(std::string_view text) {
    return reinterpret_cast<const unsigned char*>(text.data());
}

struct FreeMac {
    void operator()(EVP_MAC_CTX* done_with) const { EVP_MAC_CTX_free(done_with); }
};
using Mac = std::unique_ptr<EVP_MAC_CTX, FreeMac>;

// Looking an algorithm up takes longer than hashing what most senders send: it is kept for the life
// of the process.
Mac make_mac(std::string digest) {
    static EVP_MAC* const algorithm = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
    WRAPUP_ASSERT(algorithm != nullptr);
    Mac mac{EVP_MAC_CTX_new(algorithm)};
    WRAPUP_ASSERT(mac != nullptr);
    const std::array<OSSL_PARAM, 2> parameters = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest.data(), 0),
        OSSL_PARAM_construct_end()};
    WRAPUP_ASSERT(EVP_MAC_CTX_set_params(mac.get(), parameters.data()) == 1);
    return mac;
}

void begin(const Mac& mac, std::string_view key) {
    // A null key would mean "the key of before".
    const unsigned char* const key_bytes = key.empty() ? bytes_of("") : bytes_of(key);
    WRAPUP_ASSERT(EVP_MAC_init(mac.get(), key_bytes, key.size(), nullptr) == 1);
}

void add(const Mac& mac, std::string_view piece) {
    WRAPUP_ASSERT(EVP_MAC_update(mac.get(), bytes_of(piece), piece.size()) == 1);
}

std::string end(const Mac& mac) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> bytes{};
    std::size_t size = 0;
    WRAPUP_ASSERT(EVP_MAC_final(mac.get(), bytes.data(), &size, bytes.size()) == 1);
    return std::string(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size));
}

std::string hmac(const Mac& mac, std::string_view key, std::string_view message) {
    begin(mac, key);
    add(mac, message);
    return end(mac);
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
    thread_local const Mac mac = make_mac("SHA1");
    return hmac(mac, key, message);
}

std::string hmac_sha256(std::string_view key, std::string_view message) {
    thread_local const Mac mac = make_mac("SHA256");
    return hmac(mac, key, message);
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

struct HmacSha256::State {
    Mac mac = make_mac("SHA256");
};

HmacSha256::HmacSha256(std::string_view key) : state_(std::make_unique<State>()) {
    begin(state_->mac, key);
}

HmacSha256::HmacSha256(HmacSha256&&) noexcept = default;
HmacSha256& HmacSha256::operator=(HmacSha256&&) noexcept = default;
HmacSha256::~HmacSha256() = default;

void HmacSha256::update(std::string_view piece) {
    WRAPUP_ASSERT(state_ != nullptr);
    add(state_->mac, piece);
}

std::string HmacSha256::finish() {
    WRAPUP_ASSERT(state_ != nullptr);
    std::string mac = end(state_->mac);
    state_.reset();
    return mac;
}

}  // namespace wrapup
