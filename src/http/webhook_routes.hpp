#pragma once

// The senders' endpoints: verify, understand, make durable, acknowledge (P1, P7).

#include <string>
#include <vector>

#include "codec/elevenlabs_events.hpp"
#include "codec/elevenlabs_signature.hpp"
#include "codec/form.hpp"
#include "http/rejection_log.hpp"
#include "http/routes.hpp"
#include "http/webhook_collector.hpp"
#include "service/event_sink.hpp"

namespace wrapup {

struct WebhookOptions {
    // Twilio: open (else 404) when there are tokens or unsigned ones are believed.
    std::string server_url;
    std::vector<std::string> twilio_auth_tokens;
    bool allows_unsigned_twilio = false;
    std::size_t twilio_bytes_max = 64 * 1024;

    // ElevenLabs: open when there are secrets or unsigned ones are believed.
    std::vector<std::string> elevenlabs_secrets;
    bool allows_unsigned_elevenlabs = false;
    milliseconds elevenlabs_tolerance{std::chrono::minutes{30}};
    std::size_t elevenlabs_bytes_max = 64 * 1024 * 1024;       // Of any webhook.
    std::size_t elevenlabs_kept_bytes_max = 16 * 1024 * 1024;  // Of one that we use.
    WebhookScope scope;

    bool is_twilio_open() const { return !twilio_auth_tokens.empty() || allows_unsigned_twilio; }
    bool is_elevenlabs_open() const {
        return !elevenlabs_secrets.empty() || allows_unsigned_elevenlabs;
    }
};

class WebhookRoutes {
public:
    WebhookRoutes(WebhookOptions options, EventSink& sink, const Clock& clock, EventLog& log,
                  Metrics& metrics);
    // This object outlives the routes.
    void add_to(RouteSet& routes);

private:
    enum class TwilioEndpoint { status, machine };

    std::optional<Response> check_twilio_head(const Request& request, std::string_view path);
    Task<Response> receive_twilio(const Request& request, TwilioEndpoint endpoint);
    std::optional<Response> refuse_twilio(const Request& request, const Form& form,
                                          std::string_view path);
    Task<Response> receive_elevenlabs(const Request& request, BodyStream& body);
    // Reads the body. An answer when there is nothing more to do.
    Task<std::optional<Response>> collect(BodyStream& body, ElevenLabsVerifier& verifier,
                                          WebhookCollector& collector);
    Task<Response> store(NewEvent event, int status);
    Response refuse_elevenlabs(std::string_view cause, std::string explanation, int status);

    const WebhookOptions options_;
    EventSink& sink_;
    const Clock& clock_;
    RejectionLog rejections_;
};

}  // namespace wrapup
