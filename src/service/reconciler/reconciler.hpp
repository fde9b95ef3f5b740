#pragma once

// Compares with Twilio what wrapup knows, every few minutes and when a person orders it, and
// appends what was missed. Decisions are in core/reconcile_plan; where it is lies in the store, so
// that a restart goes on. One executor.

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time_zone.hpp"
#include "core/reconcile_plan.hpp"
#include "core/watch/alert_book.hpp"
#include "ports/fleet.hpp"
#include "ports/store.hpp"
#include "service/commit/group_commit.hpp"
#include "service/intake/event_sink.hpp"
#include "service/reconciler/conversation_sweep.hpp"
#include "service/reconciler/only_here_check.hpp"
#include "service/reconciler/reconcile_actions.hpp"
#include "service/reconciler/twilio_list.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

inline constexpr std::size_t reconcile_runs_max = 20;  // That are remembered.

struct ReconcilerSettings {
    milliseconds interval{std::chrono::minutes{5}};  // 0: only what a person orders.
    std::optional<UtcTime> since;                    // Absent: the first start.
    std::vector<std::string> our_numbers;            // Normalized; empty: any.
    std::vector<std::string> our_agents;             // Of ElevenLabs; empty: any.
    bool accepts_inbound = false;
    TimeZone zone;     // Of the days that Twilio's calls are counted by.
    std::string node;  // Of several nodes, this one's id.
};

// What the ports name outlives it.
class Reconciler final : public ReconcileActions {
public:
    struct Ports {
        Clock& clock;
        Store& store;
        BlockingPool& reads;
        GroupCommit& commits;
        EventSink& intake;
        TwilioApi& twilio;
        ElevenLabsApi* elevenlabs;  // Null without an API key, and then also:
        Slots* slots;               // of all requests to ElevenLabs.
        EventLog& log;
        Metrics& metrics;
        const Duties* duties = nullptr;  // Null: there is no other node.
    };
    Reconciler(Ports ports, boost::asio::any_io_executor workers, ReconcilerSettings settings);

    // Until stop(), both on the workers' executor.
    Task<void> run();
    void stop();
    // The wall clock was set by `by`.
    void clock_was_set(milliseconds by);
    // What was known of that time is gone: where rounds are made, it is listed as if a person had
    // ordered it. From any thread.
    void list_again(UtcTime from, UtcTime until);
    // Events could not be stored: it compares as soon as the store takes some again. From any
    // thread.
    void events_were_refused();

    Task<Result<ReconcileRun>> order(ReconcileOrder order) override;
    Task<Result<ReconcileRun>> find_run(std::int64_t id) override;
    Task<ReconcileStatus> status() override;
    // What a person should know of ElevenLabs' webhooks; nothing: they were not listed yet. On the
    // workers' executor.
    std::optional<std::vector<AlertCondition>> webhook_alerts() const;

private:
    using RunPtr = std::shared_ptr<ReconcileRun>;
    enum class WalkEnd { done, paused, trouble };
    // What one page led to, to be noted with the place that was reached.
    struct PageNotes {
        NoteReconciliation note;
        std::vector<FetchedCall> missed;
        std::vector<NoteCallCreated> created;
    };

    // What a person ordered, and how far it is.
    struct Ordered {
        RunPtr run;
        KeptOrder place;  // Its counts are the run's.
        bool are_days_put = false;
        // Of ElevenLabs' list, once Twilio's is done.
        std::optional<ConversationSweep::Stretch> conversations;
        int troubles_count = 0;  // In a row.
        std::optional<UtcTime> again_at;
    };

    Task<Result<ReconcileRun>> order_on_workers(ReconcileOrder order);
    Task<void> order_unasked(ReconcileOrder order);
    Task<Result<ReconcileRun>> find_on_workers(std::int64_t id);
    std::optional<UtcTime> compared_until() const;
    ReconcileStatus own_status() const;
    Task<ReconcileStatus> status_on_workers();
    Task<void> tell();
    std::vector<KeptValue> ordered_here() const;
    Task<std::vector<ReconcileRun>> ordered_elsewhere();
    Task<void> tell_ordered();
    Task<void> hear();
    void recall(const std::vector<KeptValue>& values);

    Task<void> load();
    Task<void> follow_duty();
    Task<bool> load_place();
    Task<Result<void>> read_place();
    Task<void> run_round();
    Task<UtcTime> look_for_store(UtcTime until);
    Task<bool> wait_until_loaded();
    void take_orders(const std::vector<KeptValue>& values);
    Task<void> run_order();
    Task<WalkEnd> walk_order(RunPtr run);
    bool is_order_due() const;
    bool puts_off(const ReconcileRun& run, WalkEnd end);
    Task<WalkEnd> list_conversations(RunPtr run);
    Task<void> wait_for_elevenlabs(const Ordered& ordered);
    static KeptValue value_of(const Ordered& ordered);
    Task<void> sweep_conversations(RunPtr run);
    Task<bool> keep_conversations();
    bool is_round_due() const { return next_at_ && *next_at_ <= ports_.clock.now(); }
    SweepScope sweep_scope() const;
    Task<void> look_for_only_here(RunPtr run);
    Task<void> put_days(UtcTime from, UtcTime until);
    Task<void> note_created(std::vector<NoteCallCreated> created);
    UtcTime next_round_at(WalkEnd end);
    Task<bool> keep_windows(std::vector<ReconcileWindow> windows);
    Task<WalkEnd> walk(ReconcileWindow& window, RunPtr run);
    Task<bool> end_page(ReconcileWindow& window, RunPtr run, NoteReconciliation note, bool is_end);
    Task<std::optional<PageNotes>> read_page(std::vector<FetchedCall> calls,
                                             ReconcileWindow& window, RunPtr run);
    void take_verdict(FetchedCall listed, CallStanding standing, ReconcileWindow& window,
                      ReconcileRun& run, PageNotes& notes);
    Task<void> append(std::vector<FetchedCall> missed, ReconcileWindow& window, RunPtr run);
    void begin(ReconcileWindow& window, const ReconcileRun& run);
    static void begin_anew(ReconcileWindow& window);
    static void look_again(ReconcileWindow& window, std::optional<UtcTime> at);
    static void add_finding(ReconcileRun& run, ReconcileFinding finding);
    Task<void> keep_pace();
    Task<bool> commit(NoteReconciliation note);

    RunPtr begin_run(UtcTime from, UtcTime until);
    void end_run(ReconcileRun& run, WalkEnd end);
    bool is_busy_elsewhere(const ReconcileRun& run) const;
    std::vector<KeptValue> values_of(const ReconcileProgress& progress) const;
    static std::string key_of(const ReconcileWindow& window);

    static constexpr const char* window_prefix = "twilio.window.";

    Ports ports_;
    boost::asio::any_io_executor workers_;
    ReconcilerSettings settings_;
    ReconcileScope scope_;
    TwilioList list_;
    std::optional<ConversationSweep> sweep_;
    ConversationSweep::Place sweep_place_;
    OnlyHereCheck only_here_;
    std::optional<UtcTime> checked_until_;  // Calls first heard of before: for only_here_.
    Alarm alarm_;
    bool is_stopping_ = false;
    ReconcileProgress progress_;
    std::vector<ReconcileWindow> windows_;        // Newest first.
    std::optional<UtcTime> compared_until_;       // When the last of them was done.
    std::map<std::string, UtcTime> differences_;  // Noted, by CallSid: the time they belong to.
    std::deque<RunPtr> runs_;                     // Newest first.
    std::deque<Ordered> waiting_;                 // The first one may be running.
    std::optional<UtcTime> order_again_at_;       // The first one waits for Twilio.
    int order_troubles_ = 0;                      // In a row.
    bool yields_to_rounds_ = false;               // The first one is at ElevenLabs' list.
    bool is_loaded_ = false;
    bool was_ours_ = true;  // Where the comparison is was not moved by others since it was loaded.
    std::int64_t last_run_id_ = 0;
    int requests_left_ = 0;
    std::optional<UtcTime> first_start_;  // By Twilio's clock, once that was told.
    bool has_fresh_ = false;              // The round saw calls that had only just ended.
    bool is_second_look_ = false;         // At those.
    std::optional<UtcTime> next_at_;
    std::atomic<bool> has_missed_events_{false};
    std::optional<UtcTime> early_round_at_;  // The last one that was due to that.
    // By whoever made the rounds before, or makes them: until a round of this process has ended.
    std::optional<ReconcileStatus> told_;
    std::vector<ReconcileRun> runs_before_;  // Of it, those that had ended.
    bool has_told_ = false;
    std::optional<UtcTime> heard_at_;
    std::int64_t appended_since_pause_ = 0;
};

}  // namespace wrapup
