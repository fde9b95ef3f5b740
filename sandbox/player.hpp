#pragma once

// Plays calls: moves each through its states, and sends what both vendors would send meanwhile.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>

#include "sandbox/calls/call_book.hpp"
#include "sandbox/calls/callback_sender.hpp"

namespace wrapup {

struct PlayerOptions {
    std::string account_sid;
    std::string auth_token;
    std::string agent_id;
    std::string webhook_url;  // Empty: ElevenLabs sends none.
    std::string webhook_secret;
};

// What came of sending one callback or webhook.
struct PlayerEvent {
    std::string_view sender;  // "twilio", "elevenlabs"
    const PlayedCall& call;
    bool is_end = false;  // The final status callback.
    SendResult result;
};

class Player {
public:
    Player(boost::asio::any_io_executor executor, PlayerOptions options, CallBook& book,
           const CallbackSender& sender, Clock& clock);

    // Places the call and returns; the rest happens by itself.
    const PlayedCall& place(CallPlan plan);
    void on_event(std::function<void(const PlayerEvent&)> listener);
    // Calls and messages that are not over.
    std::size_t busy_count() const { return busy_count_; }

private:
    Task<void> run(PlayedCall* call);
    Task<void> answer(PlayedCall& call);
    // What the call's instructions make of it once somebody answered.
    Task<void> follow(PlayedCall& call);
    Task<std::string> fetch_twiml(PlayedCall& call);
    Task<SendResult> ask_for_twiml(PlayedCall& call, const std::string& url,
                                   const std::string& failed_url);
    // Until then, or until somebody ends the call.
    Task<void> wait(PlayedCall& call, milliseconds duration);
    void end(PlayedCall& call);
    void send_status(const PlayedCall& call, CallStatus status, int sequence, milliseconds wait);
    Task<void> send_form(const PlayedCall* call, std::string url, Form form, milliseconds wait,
                         bool is_end);
    Task<void> send_webhooks(const PlayedCall* call);
    Task<void> sleep(milliseconds duration);
    void begin(Task<void> task);

    boost::asio::any_io_executor executor_;
    PlayerOptions options_;
    CallBook& book_;
    const CallbackSender& sender_;
    Clock& clock_;
    std::function<void(const PlayerEvent&)> listener_;
    std::size_t busy_count_ = 0;
};

}  // namespace wrapup
