#pragma once

// Twilio, ElevenLabs and a CRM as real HTTP servers on loopback, with calls that are played on
// them. One thread; the executor's io_context and the transport outlive it.

#include <boost/asio/any_io_executor.hpp>
#include <string>
#include <utility>
#include <vector>

#include "adapters/clock/asio_clock.hpp"
#include "http/server/server.hpp"
#include "ports/http_transport.hpp"
#include "sandbox/calls/call_book.hpp"
#include "sandbox/calls/callback_sender.hpp"
#include "sandbox/crm/crm_peer.hpp"
#include "sandbox/elevenlabs/elevenlabs_peer.hpp"
#include "sandbox/player.hpp"
#include "sandbox/quiet.hpp"
#include "sandbox/twilio/twilio_peer.hpp"

namespace wrapup {

struct SandboxOptions {
    std::string host = "127.0.0.1";
    std::uint16_t twilio_port = 0;  // 0: any that is free.
    std::uint16_t elevenlabs_port = 0;
    std::uint16_t crm_port = 0;
    std::string target_url;  // The wrapup under test, without a trailing slash.

    // Whom the callbacks claim to be from, and what the REST APIs ask for.
    std::string account_sid = "AC00000000000000000000000000005a9d";
    std::string auth_token = "sandbox-auth-token";
    std::string api_key = "sandbox-api-key";
    std::string webhook_secret = "sandbox-webhook-secret";
    std::string agent_id = "agent_sandbox";
    // The account's own: what a call may be placed from.
    std::vector<std::string> numbers = {"+442079460999"};
    bool sends_webhooks = true;
    milliseconds crm_latency{};
};

class Sandbox {
public:
    Sandbox(boost::asio::any_io_executor executor, HttpTransport& transport,
            SandboxOptions options);
    Sandbox(const Sandbox&) = delete;
    Sandbox& operator=(const Sandbox&) = delete;

    // Binds and begins to answer. unavailable: names the address.
    Result<void> start();

    // What a wrapup needs to be told to live in this sandbox, in the order to show it.
    std::vector<std::pair<std::string, std::string>> environment() const;

    const SandboxOptions& options() const { return options_; }
    const CallBook& book() const { return book_; }
    Player& player() { return player_; }
    CallbackSender& sender() { return sender_; }
    CrmPeer& crm() { return crm_; }
    RestFaults& twilio_faults() { return twilio_.faults(); }
    RestFaults& elevenlabs_faults() { return elevenlabs_.faults(); }
    TwilioPeer& twilio() { return twilio_; }
    ElevenLabsPeer& elevenlabs() { return elevenlabs_; }
    // What POST Calls.json starts.
    void on_order(TwilioPeer::Place place) { place_ = std::move(place); }

    Clock& clock() { return clock_; }
    Server& server() { return server_; }  // For a listener beside the vendors'.

private:
    Result<std::string> listen(std::uint16_t port, RouteSet routes);
    PlayerOptions player_options() const;

    SandboxOptions options_;
    AsioClock clock_;
    QuietLog log_;
    QuietMetrics metrics_;
    CallBook book_;
    CallbackSender sender_;
    Player player_;
    TwilioPeer::Place place_;
    TwilioPeer twilio_;
    ElevenLabsPeer elevenlabs_;
    CrmPeer crm_;
    Server server_;
    std::string twilio_url_;
    std::string elevenlabs_url_;
};

}  // namespace wrapup
