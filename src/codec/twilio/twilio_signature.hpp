#pragma once

// X-Twilio-Signature. Source: Twilio docs "Security"; which URL was signed differs between products
// (port, user:password), so that a small set of candidates is tried.

#include <string>
#include <string_view>
#include <vector>

#include "codec/bytes/form.hpp"

namespace wrapup {

// base64(HMAC-SHA1(token, url + sorted name+value of each field)). Sorted by name; of a name that
// repeats, each distinct value once, sorted.
std::string twilio_signature(std::string_view auth_token, std::string_view url, const Form& form);

struct TwilioRequest {
    std::string_view target;        // Path and query as received, undecoded.
    std::string_view signature;     // The header; empty when missing.
    std::string_view content_type;  // Decides whether the body's fields are signed.
    std::string_view body;
    const Form* form = nullptr;  // The parsed body when it is a form.
    std::string_view host;       // Host header: only to explain a mismatch, never believed.
    std::string_view forwarded_proto;
    std::string_view forwarded_host;
};

// What checking cost: forged requests must stay cheap.
struct SignatureCost {
    std::size_t hashes_count = 0;
    std::size_t hashed_bytes = 0;

    SignatureCost& operator+=(const SignatureCost& other) {
        hashes_count += other.hashes_count;
        hashed_bytes += other.hashed_bytes;
        return *this;
    }
};

struct TwilioVerdict {
    bool is_genuine = false;
    // When not genuine: what is wrong with it, such as "no X-Twilio-Signature header".
    std::string explanation;
    SignatureCost cost;
};

// Whether one of the tokens signed this request for our public URL: `server_url` (SERVER_URL, no
// trailing slash needed) + target, as configured, with the port removed, with the default port
// added, each also without user:password. A target that still has the path of `server_url` in
// front, because the proxy left it there, stands behind scheme and host alone. A body that is not a
// form is checked by bodySHA256 in the query. At most 12 hashes per token.
TwilioVerdict verify_twilio(const TwilioRequest& request, std::string_view server_url,
                            const std::vector<std::string>& auth_tokens);

struct TwilioHint {
    std::string server_url;  // The SERVER_URL that would match; empty when none is found.
    // What an operator should look at: "it would match http://…: SERVER_URL should begin with it",
    // "wrong auth token or a forged request". Holds no token, and of URLs only scheme, host, port.
    std::string text;
    SignatureCost cost;
};

// Why a request that verify_twilio() calls a mismatch may be one: tries the addresses that
// SERVER_URL is most often confused with. Costs up to 24 hashes per token, of requests up to
// 8 KiB; larger ones are not looked into.
TwilioHint explain_twilio(const TwilioRequest& request, std::string_view server_url,
                          const std::vector<std::string>& auth_tokens);

}  // namespace wrapup
