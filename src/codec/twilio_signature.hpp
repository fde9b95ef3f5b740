#pragma once

// X-Twilio-Signature. Source: Twilio docs "Security"; which URL was signed differs between products
// (port, user:password), so that a small set of candidates is tried.

#include <string>
#include <string_view>
#include <vector>

#include "codec/form.hpp"

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

struct TwilioVerdict {
    bool is_genuine = false;
    // When not genuine: what an operator should look at. "no X-Twilio-Signature header",
    // "it would match http://…: SERVER_URL should be …", "wrong auth token or a forged request".
    // Holds no token, and of URLs only scheme, host and port.
    std::string explanation;
};

// Whether one of the tokens signed this request for our public URL: `server_url` (SERVER_URL, no
// trailing slash needed) + target, as configured, with the port removed, with the default port
// added, each also without user:password. A body that is not a form is checked by bodySHA256 in the
// query.
TwilioVerdict verify_twilio(const TwilioRequest& request, std::string_view server_url,
                            const std::vector<std::string>& auth_tokens);

}  // namespace wrapup
