#pragma once

// The senders' endpoints: verify, understand, make durable, acknowledge (P1, P7).

#include <functional>
#include <string>
#include <vector>

#include "codec/bytes/form.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/elevenlabs/elevenlabs_signature.hpp"
#include "http/server/rejection_log.hpp"
#include "http/server/routes.hpp"
#include "http/webhooks/twilio_gate.hpp"
#include "http/webhooks/webhook_collector.hpp"
#include "service/intake/event_sink.hpp"
#include "service/placer/placing_actions.hpp"

namespace wrapup {

struct WebhookOptions {
    // Twilio: open (else 404) when there are tokens or unsigned ones are believed.
    std::string server_url;
    std::vector<std::string> twilio_auth_tokens;
    std::string twilio_account_sid;  // Compared with the callback's where there is one token.
    bool allows_unsigned_twilio = false;
    std::size_t twilio_bytes_max = 64 * 1024;

    // ElevenLabs: open when there are secrets or unsigned ones are believed.
    std::vector<std::string> elevenlabs_secrets;
    bool allows_unsigned_elevenlabs = false;
    milliseconds elevenlabs_tolerance{std::chrono::minutes{30}};
    std::size_t elevenlabs_bytes_max = 64 * 1024 * 1024;       // Of any webhook.
    std::size_t elevenlabs_kept_bytes_max = 16 * 1024 * 1024;  // Of one that we use.
    WebhookScope scope;
    // This machine's clock, where the routes' own is a database's; null: there is no other.
    std::function<UtcTime()> machine_time;

    bool is_twilio_open() const { return !twilio_auth_tokens.empty() || allows_unsigned_twilio; }
    bool is_elevenlabs_open() const {
        return !elevenlabs_secrets.empty() || allows_unsigned_elevenlabs;
    }
};

class WebhookRoutes {
public:
    // `placed`: who placed calls; null: nobody, and paths with a token lead nowhere.
    WebhookRoutes(WebhookOptions options, EventSink& sink, const Clock& clock, EventLog& log,
                  Metrics& metrics, PlacedCalls* placed = nullptr);
    // A slash too many, and the path of SERVER_URL before the endpoint's, lead there too. Whatever
    // else looks like a sender's request is refused with a trace. This object outlives the routes.
    void add_to(RouteSet& routes);
    // For the admin address, where no sender belongs: refuses them all with a trace.
    void refuse_at(RouteSet& routes);
    // The SERVER_URL that Twilio's refused requests were signed for; empty: none were.
    std::string matching_server_url() const { return gate_.matching_server_url(); }
    // The endpoints at which senders were refused for that cause within the last hour.
    std::vector<std::string> paths_refused_for(std::string_view cause) const {
        return rejections_.paths_of(cause);
    }

private:
    enum class TwilioEndpoint { status, machine, twiml };
    struct Endpoint {
        std::string_view path;
        Route served;      // What it does, or that it is closed.
        Route with_token;  // The same of a path with a token behind it.
        Route wrong_path;
        Route wrong_method;
        Route wrong_address;
    };

    static std::string_view path_of(TwilioEndpoint endpoint);
    void add_twilio(TwilioEndpoint endpoint);
    void add_elevenlabs();
    const Route* find(const Request& request) const;
    const Route* find_with_token(const Request& request, std::string_view path) const;
    const Route* find_misdirected(const Request& request) const;
    // A route that refuses whatever comes.
    Route refuse_all(LogTag tag, std::string_view path, std::string_view cause);

    std::optional<Response> check_twilio_head(const Request& request, std::string_view path);
    Task<Response> receive_twilio(const Request& request, TwilioEndpoint endpoint,
                                  std::string token);
    Task<Response> answer_call(const Form& form, std::string token);
    // Ties the callback's call to the intent of the token. False: nothing was placed with it.
    Task<Result<bool>> tie(std::string token, PlacedCalls::Word word, std::string_view path);
    std::optional<Response> refuse_twilio(const Request& request, const Form& form,
                                          std::string_view path);
    Task<Response> receive_elevenlabs(const Request& request, BodyStream& body);
    // Reads the body. An answer when there is nothing more to do.
    Task<std::optional<Response>> collect(BodyStream& body, ElevenLabsVerifier& verifier,
                                          WebhookCollector& collector);
    struct Receipt {
        std::string_view path;
        int status = 204;
    };
    Task<Response> store(NewEvent event, Receipt receipt);
    ElevenLabsVerifier verifier_of(const Request& request) const;
    Response refuse_elevenlabs(std::string_view cause, std::string explanation, int status);

    const WebhookOptions options_;
    const std::string prefix_;  // The path of SERVER_URL, tidy.
    EventSink& sink_;
    const Clock& clock_;
    RejectionLog rejections_;
    TwilioGate gate_;
    PlacedCalls* const placed_;
    std::vector<Endpoint> endpoints_;
};

}  // namespace wrapup
