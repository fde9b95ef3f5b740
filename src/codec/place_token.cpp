#include "codec/place_token.hpp"

#include <algorithm>

#include "base/hex.hpp"
#include "base/text.hpp"
#include "codec/bytes/digest.hpp"

namespace wrapup {
namespace {

constexpr std::size_t proof_bytes = 16;

std::string proof_of(std::string_view secret, std::string_view intent_id) {
    return to_hex(
        hmac_sha256(secret, "wrapup intent " + std::string(intent_id)).substr(0, proof_bytes));
}

}  // namespace

std::string make_place_token(std::string_view secret, std::string_view intent_id) {
    return std::string(intent_id) + proof_of(secret, intent_id);
}

std::optional<std::string> read_place_token(std::string_view secret, std::string_view token) {
    if (token.size() != intent_id_size + 2 * proof_bytes) return std::nullopt;
    const std::string id(token.substr(0, intent_id_size));
    if (!std::ranges::all_of(id, [](char c) { return hex_digit(c) >= 0; })) return std::nullopt;
    if (!equals_constant_time(token.substr(intent_id_size), proof_of(secret, id))) {
        return std::nullopt;
    }
    return id;
}

}  // namespace wrapup
