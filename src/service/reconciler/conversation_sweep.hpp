#pragma once

// Lists ElevenLabs' conversations and appends those of which no event reached wrapup: calls that
// only ElevenLabs knows, links to calls that Twilio told of, and summaries that were missed. Reads
// the health of ElevenLabs' webhooks beside it. One request at a time, from the settler's slots,
// so that all requests to ElevenLabs share one bound. One executor.

#include <functional>
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

    // What is left of a time: its conversations are listed newest first, a page at a time.
    struct Stretch {
        UtcTime from{};
        UtcTime until{};                    // All that began later is done.
        std::string cursor;                 // Where the list goes on; empty: at `until`.
        bool is_exact = false;              // None that began at `until`, or before `from`.
        std::optional<UtcTime> open_since;  // The oldest conversation so far that was not over.

        // The page that is worked on, and the list so far; they end with the process.
        std::optional<ConversationList> page;
        std::set<std::string> cursors;

        bool is_done() const { return until <= from; }
    };
    // How far the lists were read: kept by whoever keeps the rest.
    struct Place {
        std::optional<UtcTime> listed_until;
        std::optional<UtcTime> open_since;  // The oldest conversation that was not over.
        std::optional<UtcTime> begun_at;    // Of what is under way, `left`.
        Stretch left;
    };
    enum class Step {
        page,     // `stretch` moved on by a page, and perhaps to its end.
        paused,   // Others have their turn.
        trouble,  // trouble() may tell what.
    };
    using IsOver = std::function<bool()>;

    // What comes after `place`.
    Stretch next_stretch(const Place& place, const SweepScope& scope) const;
    // Works through a page of the stretch, or the rest of one. Counts in `run` what was appended;
    // of a dry run nothing is, only counted. Pauses in the page when `is_over`, but not before
    // something was done, and ends early when `alarm` rings after stop().
    Task<Step> work(Stretch& stretch, SweepScope scope, std::shared_ptr<ReconcileRun> run,
                    Alarm& alarm, const IsOver& is_over);
    Task<void> read_webhooks(Alarm& alarm);
    void stop() { is_stopping_ = true; }

    const std::optional<ReconcileTrouble>& trouble() const { return trouble_; }
    // What ElevenLabs asked to be left alone until.
    std::optional<UtcTime> not_before() const { return not_before_; }
    bool is_left_alone() const;
    const std::optional<std::vector<WebhookHealth>>& webhooks() const { return webhooks_; }
    std::optional<UtcTime> webhooks_asked_at() const { return webhooks_asked_at_; }

private:
    enum class Need { nothing, later, document };

    Task<Step> list_page(Stretch& stretch, SweepScope scope, Alarm& alarm);
    Task<Step> take(ConversationListItem item, SweepScope scope, std::shared_ptr<ReconcileRun> run,
                    Alarm& alarm);
    Task<std::optional<Need>> need_of(const ConversationListItem& item, milliseconds grace);
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
