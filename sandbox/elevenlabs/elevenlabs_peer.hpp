#pragma once

// ElevenLabs' REST API for conversations: fetch, summary, list. Answers from the book.

#include <string>

#include "codec/bytes/form.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "sandbox/calls/call_book.hpp"
#include "sandbox/calls/rest_faults.hpp"
#include "sandbox/elevenlabs/register_desk.hpp"

namespace wrapup {

struct ElevenLabsWorkspace {
    std::string api_key;
    std::string agent_id;
    std::string webhook_url;  // Empty: it has no webhook.
};

class ElevenLabsPeer {
public:
    ElevenLabsPeer(ElevenLabsWorkspace workspace, CallBook& book, Clock& clock);

    void add_to(RouteSet& routes);
    RestFaults& faults() { return faults_; }
    // As ElevenLabs does after failures.
    void set_webhook_disabled(bool is_disabled) { is_webhook_disabled_ = is_disabled; }
    RegisterDesk& desk() { return desk_; }
    // What its audio is; a telephone needs ulaw_8000.
    void set_audio_format(std::string format) { audio_format_ = std::move(format); }
    std::size_t requests_count() const { return requests_count_; }

private:
    std::optional<Response> refuse(const Request& request);
    // Null: there is no such conversation, or not yet.
    const PlayedCall* find(const std::string& conversation_id) const;
    bool fits(const Form& query, const PlayedCall& call) const;
    Response fetch(const Request& request) const;
    Response summary(const Request& request) const;
    Response list(const Request& request);
    Response webhooks() const;
    Response agent(const Request& request) const;

    ElevenLabsWorkspace workspace_;
    const CallBook& book_;
    const Clock& clock_;
    RegisterDesk desk_;
    std::string audio_format_ = "ulaw_8000";
    RestFaults faults_;
    bool is_webhook_disabled_ = false;
    std::size_t requests_count_ = 0;
};

}  // namespace wrapup
