#pragma once

// Places calls: never one twice, none outside its window. What becomes of an intent is decided in
// core/placing; here Twilio and ElevenLabs are asked, and told to the store.

#include <boost/asio/any_io_executor.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "core/placing/placing_plan.hpp"
#include "ports/call_placing.hpp"
#include "ports/clock.hpp"
#include "ports/event_log.hpp"
#include "ports/fleet.hpp"
#include "ports/metadata.hpp"
#include "ports/metrics.hpp"
#include "ports/store.hpp"
#include "ports/twilio_api.hpp"
#include "service/commit/group_commit.hpp"
#include "service/intake/event_sink.hpp"
#include "service/placer/placing_actions.hpp"
#include "service/tasks/blocking_pool.hpp"

namespace wrapup {

struct PlacerSettings {
    std::string server_url;  // Without a trailing slash.
    std::string secret;      // Of the tokens; kept in the store.
    std::string from;        // Of intents that name none.
    std::string agent_id;
    std::int64_t calls_per_second = 1;
    std::int64_t calls_max = 10;            // At one time.
    std::int64_t attempts_per_day_max = 0;  // Per number, in 24 h; 0: any.
    std::int64_t timeout_s = 30;
    std::int64_t time_limit_s = 900;
    RetryWaits retry_busy;  // Of lists that do not say.
    RetryWaits retry_no_answer;
    std::string sorry;  // Said to somebody for whom there is no agent.
    bool hangs_up_on_machine = false;
};

// The calling hours of an intent's person; from any thread. invalid_input: the intent's time_zone,
// in words that follow the field's name. Other errors: the zones cannot be read.
using HoursOf = std::function<Result<HoursNow>(const Intent&, UtcTime)>;

class Placer final : public PlacingActions, public PlacedCalls {
public:
    struct Ports {
        Clock& clock;
        Store& store;
        BlockingPool& reads;
        GroupCommit& commits;
        EventSink& sink;
        CallPlacing& placing;
        TwilioApi& twilio;
        AgentRegistry& agents;
        EventLog& log;
        Metrics& metrics;
        std::function<std::string()> make_id;  // 32 lower-case hex digits, never the same.
        HoursOf hours;                         // Empty: any.
        Metadata* contacts = nullptr;          // Null: none is known.
        const Duties* duties = nullptr;        // Null: there is no other node.
    };
    // `workers` runs the placing itself.
    Placer(Ports ports, boost::asio::any_io_executor workers, PlacerSettings settings);

    // Until stop(). On the workers' executor; what was begun may go on after it.
    Task<void> run();
    void stop();
    // Something may be due at once. From any thread.
    void wake();
    // The system's clock moved by so much. On the workers' executor.
    void clock_was_set(milliseconds by);

    Task<Result<PlaceAnswer>> place(Intent wish) override;
    Task<Result<Intent>> cancel(std::string id) override;
    Task<Result<ListOutcome>> put_list_rows(PutListRows rows) override;
    Task<Result<DialList>> set_dial_list(std::string id, DialListState state) override;
    ListWait why_waiting(const DialList& list, const ListRow& row) override;
    Result<void> check_numbers(const std::string& to, const std::string& from) override;
    Result<void> check_time_zone(const std::string& to, const std::string& zone) override;
    Task<std::vector<std::string>> find_time_zones(std::vector<std::string> numbers) override;
    Task<Result<void>> hear(std::string token, Word word) override;
    Task<std::string> answer(std::string token, std::string call_sid) override;

private:
    struct Waiter {
        Alarm alarm;
        Intent intent;
    };

    // An answered call asks the store whether it may have the agent.
    struct Claim {
        Alarm alarm;
        std::optional<StoreOutcome> outcome;
        bool is_given_up = false;
    };

    Task<Result<PlaceAnswer>> place_on_workers(Intent wish);
    Task<PlaceAnswer> wait_for_word(Intent intent);
    Task<Result<Intent>> cancel_on_workers(std::string id);
    Task<void> work_through(std::vector<Intent> due);
    // Makes intents of rows that are due, as many as there is room for beside the `due` ones. How
    // many, and when the next row is due.
    struct Fed {
        std::int64_t opened_count = 0;
        std::optional<UtcTime> next;
    };
    std::int64_t room_for_lists(const std::vector<Intent>& due, UtcTime now) const;
    void drop_odd_zones(std::span<const std::string> numbers, std::span<std::string> zones);
    Task<Fed> feed_from_lists(std::int64_t room);
    WorkList plan_list(const DueListRows& due, std::int64_t& room, UtcTime now);
    Task<Result<DialList>> set_list_on_workers(std::string id, DialListState state);
    // Empty `reason`: for good.
    Task<void> tell_attempts(std::string list_id, IntentState state, IntentNews news);
    Task<void> carry_out(Intent intent, PlacingPlan plan);
    Task<void> ask(Intent intent);
    Task<void> tell_asked(Intent intent, CreateAnswer answer);
    Task<void> look_for(Intent intent);
    Task<void> cancel_at_twilio(Intent intent);
    Task<void> tell_not_cancelled(Intent intent, Error trouble);
    Task<void> ask_about(Intent intent);
    // Tells the store the end of its call, by Twilio's word. False: it goes on.
    Task<Result<bool>> hear_end(Intent intent);
    // The call, when it is over; then its end is stored.
    Task<Result<std::optional<TwilioCall>>> fetch_end(std::string call_sid);
    Task<void> end_stray(Intent intent, std::string call_sid);
    Task<void> end_machine_call(std::string call_sid);
    Task<void> claim_call(std::shared_ptr<Claim> claim, std::string id, std::string call_sid);
    Task<std::string> give_agent(Intent intent, UtcTime answer_by);
    Task<std::string> wait_for_agent(Intent intent, UtcTime answer_by);
    void tell_later(std::string intent_id, IntentNews news);
    Task<void> tell_one(std::string intent_id, IntentNews news);
    // One thing that happened, to the store; kept at while it is in trouble.
    Task<Result<IntentOutcome>> tell(std::string id, IntentNews news, std::int64_t seen_version);
    void ring(const Intent& intent);
    Result<HoursNow> find_hours(const Intent& intent, UtcTime now) const;
    HoursNow hours_of(const Intent& intent, UtcTime now) const;  // Outside when not known.
    OutboundCall order_of(const Intent& intent) const;
    bool may_ask(UtcTime now) const;

    Ports ports_;
    boost::asio::any_io_executor workers_;
    const PlacerSettings settings_;
    // On the workers' executor.
    Alarm alarm_;
    // By intent, and whether its call is known: while Twilio's answer hangs, a callback may tell of
    // the call, and it must be looked at.
    using InProgress = std::pair<std::string, bool>;
    std::set<InProgress> in_progress_;
    std::multimap<std::string, Waiter*> waiters_;  // By intent.
    std::int64_t under_way_ = 0;
    UtcTime next_ask_at_{};
    std::size_t first_list_ = 0;  // Lists take turns.
    bool is_stopping_ = false;
};

}  // namespace wrapup
