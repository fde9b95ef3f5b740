#pragma once

// Plays calls: moves each through its states, and sends what both vendors would send meanwhile.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <string>

#include "sandbox/call_book.hpp"
#include "sandbox/callback_sender.hpp"

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
