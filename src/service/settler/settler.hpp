#pragma once

// Takes calls that are due from facts to a fixed record. Decisions are in core/settle/settle_plan;
// this asks whom the plan names and writes down what came of it. One executor.

#include <atomic>
#include <boost/asio/any_io_executor.hpp>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/settle/settle_plan.hpp"
#include "domain/event.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/metadata.hpp"
#include "ports/metrics.hpp"
#include "ports/store.hpp"
#include "ports/twilio_api.hpp"
#include "service/commit/due_loop.hpp"
#include "service/commit/group_commit.hpp"
#include "service/courier/couriers.hpp"
#include "service/settler/append_settler.hpp"
#include "service/settler/conversation_finder.hpp"
#include "service/settler/polls.hpp"
#include "service/settler/settle_case.hpp"
#include "service/tasks/blocking_pool.hpp"
#include "service/tasks/log_pace.hpp"
#include "service/tasks/turns.hpp"

namespace wrapup {

struct SettlerSettings {
    SettlePolicy policy;
    std::string agent_id;  // Narrows listings when exactly one agent is ours.
    RecordRoutes routes;
    int in_progress_max = 1024;
    milliseconds idle_max{5'000};  // DueLoop::Limits.
};

// What the ports name outlives it. Whatever the store or a peer does, a claimed call ends written
// down, or its lease runs out and it is claimed again (P4).
class Settler final : private DueLoop::Worker {
public:
    struct Ports {
        Clock& clock;
        CallClaims& store;
        BlockingPool& reads;
        GroupCommit& commits;
        Metadata& metadata;
        TwilioApi* twilio;           // Null without credentials.
        ConversationFinder* finder;  // Null without an API key.
        Couriers& couriers;
        EventLog& log;
        Metrics& metrics;
        // What of `metadata` is in the store, where it asks others too; else null.
        Metadata* own_metadata = nullptr;
    };

    Settler(Ports ports, SettlerSettings settings);

    // Settles what is due until stop(); returns when the calls in progress are done.
    Task<void> run();
    void stop();
    void wake() { loop_.wake(); }
    int in_progress_count() const { return loop_.in_progress_count(); }  // From any thread.
    // The wall clock was set by `by`, and the store's times with it.
    void clock_was_set(milliseconds by);
    // Since when calls can be worked on: the process started, or the clock was set forward. From
    // any thread.
    UtcTime able_since() const { return able_since_; }
    // What was settled together with the event that made it due, or claimed for us with it.
    void take_over(Settlements settlements);
    // Longer than anything one claim does.
    static constexpr seconds lease{120};
    // A place for a call that is about to be claimed for us and will come with take_over(). From
    // any thread.
    bool try_reserve() { return loop_.try_enter(); }
    // Something new is known about these calls: whoever works on one stops asking and lets it be
    // looked at afresh.
    void nudge(const std::vector<std::string>& call_ids);

    // Fixes the record of a call that is over with what is known now, and returns its deliveries
    // claimed for the caller to send (none when it had its record already, or when nothing is
    // sent). Errors: not_found; conflict when it is not over; unavailable when it is being worked
    // on and did not come free in time.
    Task<Result<std::vector<ClaimedDelivery>>> settle_now(std::string call_id);

private:
    Task<Result<std::size_t>> claim_due(UtcTime now, int count_max) override;
    Result<std::optional<UtcTime>> next_due() override;
    void store_failed(std::string_view doing, const Error& error) override;

    Task<void> settle(CasePtr c);
    Task<void> carry_on(CasePtr c);
    Task<std::optional<SettleStep>> take_steps(CasePtr c);
    SettleStep plan(const SettleCase& c) const;

    Task<void> ask_metadata(CasePtr c);
    Task<void> refresh_metadata(CasePtr c);
    Task<MetadataAnswer> look_up(CasePtr c, milliseconds patience);
    void start_twilio(const CasePtr& c);
    void start_conversation(const CasePtr& c, std::string conversation_id);
    void take_answers(SettleCase& c);
    void take_twilio(SettleCase& c);
    void take_conversation(SettleCase& c);
    void abandon_questions(SettleCase& c);
    Task<void> wait_for_news(CasePtr c, UtcTime due_at);
    Task<void> give_twilio_a_moment(CasePtr c);
    UtcTime patience_until(const SettleCase& c) const;

    void serve_turns();
    void start_turn(Turns::Turn turn, Slots::Slot slot);
    Task<void> take_turn(Turns::Turn turn, std::optional<Slots::Slot> slot,
                         std::optional<ConversationFound> found);

    ConversationSearch search_for(const SettleCase& c, std::string conversation_id) const;
    PollPtr poll_of(const SettleCase& c) const;
    void remember(const SettleCase& c, PollPtr poll);
    void schedule(Poll& poll, UtcTime at);
    Task<void> run_polls();
    Task<void> ask_again(Turns::Turn turn, Slots::Slot slot);

    Task<bool> end_claim(CasePtr c, SettleStep step);
    Task<void> note_late(CasePtr c);
    Task<void> look_afresh(CasePtr c);
    Task<StoreOutcome> write(SettleCall update);
    Task<void> fix(CasePtr c, SettleStep step);
    void claim_for_asker(std::vector<NewDelivery>& deliveries) const;
    void tell_store_error(std::string_view doing, const Error& error, std::string_view call_id);

    Ports ports_;
    SettlerSettings settings_;
    std::atomic<UtcTime> able_since_;
    DueLoop loop_;
    boost::asio::any_io_executor executor_;            // Of run().
    std::unordered_map<std::string, CasePtr> active_;  // Cases under work, by call.
    Turns turns_;  // Calls that want to ask ElevenLabs when a slot is free.
    Polls polls_;
    Alarm polls_alarm_;
    UtcTime polls_sleep_until_{};
    // A store in trouble fails for all calls at once: one line tells as much as all.
    LogPace store_errors_pace_{1, seconds{10}};
};

}  // namespace wrapup
