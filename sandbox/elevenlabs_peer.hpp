#pragma once

// ElevenLabs' REST API for conversations: fetch, summary, list. Answers from the book.

#include <string>

#include "codec/bytes/form.hpp"
#include "http/server/routes.hpp"
#include "ports/clock.hpp"
#include "sandbox/call_book.hpp"
#include "sandbox/rest_faults.hpp"

namespace wrapup {

struct ElevenLabsWorkspace {
    std::string api_key;
    std::string agent_id;
    std::string webhook_url;  // Empty: it has no webhook.
};

class ElevenLabsPeer {
public:
    ElevenLabsPeer(ElevenLabsWorkspace workspace, const CallBook& book, const Clock& clock);

    void add_to(RouteSet& routes);
    RestFaults& faults() { return faults_; }
    // As ElevenLabs does after failures.
    void set_webhook_disabled(bool is_disabled) { is_webhook_disabled_ = is_disabled; }
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

    ElevenLabsWorkspace workspace_;
    const CallBook& book_;
    const Clock& clock_;
    RestFaults faults_;
    bool is_webhook_disabled_ = false;
    std::size_t requests_count_ = 0;
};

}  // namespace wrapup
