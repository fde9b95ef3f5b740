#include "codec/standard_webhooks.hpp"

#include <string>

#include "base/text.hpp"
#include "codec/bytes/digest.hpp"

namespace wrapup {

namespace {

constexpr std::string_view secret_prefix = "whsec_";
constexpr std::size_t key_size_min = 24;
constexpr std::size_t key_size_max = 64;

}  // namespace

Result<std::string> parse_webhook_secret(std::string_view text) {
    text = trim(text);
    if (!text.starts_with(secret_prefix)) {
        return Error{Errc::invalid_input, "a signing secret starts with whsec_"};
    }
    WRAPUP_TRY(std::string key, from_base64(text.substr(secret_prefix.size())));
    if (key.size() < key_size_min || key.size() > key_size_max) {
        return Error{Errc::invalid_input, "a signing secret holds 24 to 64 bytes"};
    }
    return key;
}

std::string sign_webhook(std::string_view key, std::string_view webhook_id, UtcTime at,
                         std::string_view body) {
    std::string message(webhook_id);
    message += '.';
    message += std::to_string(to_unix_s(at));
    message += '.';
    message += body;
    return "v1," + to_base64(hmac_sha256(key, message));
}

}  // namespace wrapup
