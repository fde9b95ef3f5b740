#pragma once

// Lists ElevenLabs' conversations and appends those of which no event reached wrapup: calls that
// only ElevenLabs knows, links to calls that Twilio told of, and summaries that were missed. Reads
// the health of ElevenLabs' webhooks beside it. One request at a time, from the settler's slots,
// so that all requests to ElevenLabs share one bound. One executor.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "ports/clock.hpp"
#include "ports/elevenlabs_api.hpp"
#include "ports/event_log.hpp"
#include "ports/metrics.hpp"
#include "ports/store.hpp"
#include "service/intake/event_sink.hpp"
#include "service/reconciler/reconcile_actions.hpp"
#include "service/tasks/blocking_pool.hpp"
#include "service/tasks/log_pace.hpp"
#include "service/tasks/slots.hpp"

namespace wrapup {

struct SweepScope {
    UtcTime since{};
    std::vector<std::string> our_agents;   // Empty: any.
    std::vector<std::string> our_numbers;  // Normalized; empty: any.
    bool accepts_inbound = false;
    // So long after its end a conversation's webhook may be on its way.
    milliseconds grace{std::chrono::minutes{2}};
};

class ConversationSweep {
public:
    struct Ports {
        Clock& clock;
        Store& store;
        BlockingPool& reads;
        EventSink& intake;
        ElevenLabsApi& elevenlabs;
        Slots& slots;
        EventLog& log;
        Metrics& metrics;
    };
    explicit ConversationSweep(Ports ports) : ports_(ports) {}

    // How far the lists were read: kept by whoever keeps the rest.
    struct Place {
        std::optional<UtcTime> listed_until;
        std::optional<UtcTime> open_since;  // The oldest conversation that was not over.
    };
    // Goes on from `place` and returns how far it got: the same when it did not get to the end.
    // Counts in `run` what was appended. Ends early when `alarm` rings after stop().
    Task<Place> run(Place place, SweepScope scope, std::shared_ptr<ReconcileRun> run, Alarm& alarm);
    // The conversations that began in [from, until), hours and not weeks, wherever run() is. Of a
    // dry run nothing is appended, only counted. False: it did not get to the end; trouble() may
    // tell why.
    Task<bool> look_at(UtcTime from, UtcTime until, SweepScope scope,
                       std::shared_ptr<ReconcileRun> run, Alarm& alarm);
    void stop() { is_stopping_ = true; }

    const std::optional<ReconcileTrouble>& trouble() const { return trouble_; }
    // What ElevenLabs asked to be left alone until.
    std::optional<UtcTime> not_before() const { return not_before_; }
    const std::optional<std::vector<WebhookHealth>>& webhooks() const { return webhooks_; }
    std::optional<UtcTime> webhooks_asked_at() const { return webhooks_asked_at_; }

private:
    enum class Need { nothing, later, document };

    Task<std::optional<std::vector<ConversationListItem>>> list(UtcTime from, UtcTime until,
                                                                SweepScope scope, Alarm& alarm);
    Task<bool> take_all(std::vector<ConversationListItem> items, SweepScope scope,
                        std::shared_ptr<ReconcileRun> run, std::optional<UtcTime>& open_since,
                        Alarm& alarm);
    Task<bool> take(ConversationListItem item, SweepScope scope, std::shared_ptr<ReconcileRun> run,
                    Alarm& alarm);
    Task<std::optional<Need>> need_of(const ConversationListItem& item, milliseconds grace);
    Task<void> read_webhooks(Alarm& alarm);
    Task<std::optional<Slots::Slot>> take_slot(Alarm& alarm);
    void note_trouble(const ElevenLabsError& error);
    void end_trouble();
    void note_webhooks(std::vector<WebhookHealth> webhooks);
    void remember(const std::string& conversation_id);

    Ports ports_;
    bool is_stopping_ = false;
    std::set<std::string> done_;  // Conversations that need nothing any more.
    std::optional<ReconcileTrouble> trouble_;
    std::optional<UtcTime> not_before_;
    std::optional<UtcTime> webhooks_refused_at_;  // The API key may not list them.
    std::optional<std::vector<WebhookHealth>> webhooks_;
    std::optional<UtcTime> webhooks_asked_at_;
    LogPace pace_{1, std::chrono::minutes{10}};
    LogPace webhook_pace_{1, std::chrono::hours{1}};
};

}  // namespace wrapup
