#pragma once

// Sends signed callbacks and webhooks as the vendors do. Sources: Twilio docs "Webhooks: Connection
// Overrides" and "Security"; ElevenLabs docs "Webhooks".

#include <string>
#include <vector>

#include "codec/bytes/form.hpp"
#include "ports/clock.hpp"
#include "ports/http_transport.hpp"

namespace wrapup {

// What follows the # of a callback's URL.
struct ConnectionOverrides {
    milliseconds connect_timeout{5'000};
    milliseconds read_timeout{15'000};
    milliseconds total{15'000};
    int retries_max = 1;
    // On which failures.
    bool retries_connect = true;
    bool retries_read = false;
    bool retries_4xx = false;
    bool retries_5xx = false;

    bool operator==(const ConnectionOverrides&) const = default;
};
// Unknown keys and values out of range are ignored, as Twilio does.
ConnectionOverrides parse_connection_overrides(std::string_view url);

struct SendResult {
    int status = 0;  // Of the last answer; 0: there was none.
    int attempts_count = 0;
    std::string body;  // Of the last answer.

    bool is_taken() const { return status >= 200 && status < 300; }
};

class CallbackSender {
public:
    CallbackSender(HttpTransport& transport, Clock& clock) : transport_(transport), clock_(clock) {}

    // Signed with `auth_token`, which a forger does not know. Repeated as the URL's fragment says.
    Task<SendResult> send_twilio(std::string url, Form form, std::string auth_token) const;
    // Once: ElevenLabs promises no more.
    Task<SendResult> send_elevenlabs(std::string url, std::string body, std::string secret) const;

private:
    HttpTransport& transport_;
    Clock& clock_;
};

}  // namespace wrapup
