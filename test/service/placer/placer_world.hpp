#pragma once

// The placer in virtual time, between a Twilio that loses its answers and a process that dies.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.hpp"
#include "codec/place_token.hpp"
#include "service/intake/own_metadata.hpp"
#include "test/service/workers.hpp"

namespace wrapup {

using std::chrono::hours;
using std::chrono::minutes;

struct Trouble {
    Ratio lost_before{0, 100};  // The request never arrived, and nobody knows.
    Ratio lost_after{0, 100};   // The call was made, and the answer is lost.
    Ratio late{0, 100};         // Callbacks come after minutes.
    Ratio silent{0, 100};       // Of a call no callback comes at all.
    milliseconds list_lag{0};
};

class WildTwilio final : public CallPlacing, public TwilioApi, public AgentRegistry {
public:
    struct Made {
        TwilioCall call;
        std::string token;
    };
    WildTwilio(SimClock& clock, boost::asio::io_context& io, Prng prng, Trouble trouble)
        : clock_(clock), io_(io), prng_(prng), trouble_(trouble) {}

    Task<CreateAnswer> create_call(OutboundCall order) override {
        CreateAnswer answer;
        const UtcTime until = clock_.now() + milliseconds{50 + prng_.below(300)};
        co_await clock_.sleep_until(until);
        if (prng_.chance(trouble_.lost_before)) co_return answer;
        Made made;
        made.call.sid = sid_number(static_cast<int>(++count_));
        made.call.to = order.to;
        made.call.from = order.from;
        made.call.created_at = clock_.now();
        made.call.status = CallStatus::queued;
        const std::size_t slash = order.twiml_url.rfind('/');
        made.token = order.twiml_url.substr(slash + 1, order.twiml_url.find('#') - slash - 1);
        calls.push_back(made);
        spawn_root(io_.get_executor(), play(calls.size() - 1));
        const UtcTime answer_at = clock_.now() + answer_takes;
        co_await clock_.sleep_until(answer_at);
        if (prng_.chance(trouble_.lost_after)) co_return answer;
        answer.kind = CreateAnswer::Kind::created;
        answer.call = made.call;
        co_return answer;
    }
    Task<Result<std::vector<TwilioCall>>> list_calls_between(std::string, std::string to) override {
        const UtcTime until = clock_.now() + milliseconds{20};
        co_await clock_.sleep_until(until);
        std::vector<TwilioCall> found;
        for (auto made = calls.rbegin(); made != calls.rend(); ++made) {
            const bool is_listed = *made->call.created_at + trouble_.list_lag <= clock_.now();
            if (made->call.to == to && is_listed) found.push_back(made->call);
        }
        co_return found;
    }
    Task<Result<void>> end_call(std::string call_sid, CallStatus status) override {
        ends_asked_at.push_back(clock_.now());
        if (end_trouble) co_return *end_trouble;
        if (ignores_ends) co_return Result<void>();
        for (Made& made : calls) {
            if (made.call.sid != call_sid) continue;
            const bool may_cancel = made.call.status == CallStatus::queued;
            if (status == CallStatus::canceled && !may_cancel) break;
            if (is_terminal(*made.call.status)) break;
            made.call.status = status;
            co_return Result<void>();
        }
        co_return Error{Errc::conflict, "not in this state"};
    }
    Task<Result<FetchedCall>> fetch_call(CallAddress address) override {
        for (const Made& made : calls) {
            if (made.call.sid == address.call_sid) co_return FetchedCall{made.call, "{}"};
        }
        co_return Error{Errc::not_found, "404"};
    }
    Task<CallListAnswer> list_calls(CallListQuery) override {
        co_return CallListAnswer{CallListPage{}, {}, {}};
    }
    Task<Result<RegisteredAgent>> register_call(AgentOrder order) override {
        variables[order.to] = order.variables;
        const UtcTime until = clock_.now() + agent_takes;
        co_await clock_.sleep_until(until);
        registered += 1;
        co_return RegisteredAgent{"<Response/>", "conv_" + std::to_string(registered)};
    }

    std::vector<Made> calls;
    std::map<std::string, int> conversations;  // By number.
    std::vector<UtcTime> talked_at;
    std::map<std::string, std::string> variables;  // Of the agent, by number.
    std::optional<Error> end_trouble;              // Of end_call.
    bool ignores_ends = false;                     // It says that it has, and has not.
    std::vector<UtcTime> ends_asked_at;
    int registered = 0;
    milliseconds agent_takes{100};
    milliseconds answer_takes{0};  // Of create_call, once the call is made.
    milliseconds rings_longer{0};
    PlacedCalls* target = nullptr;  // Null: the process is down.

private:
    // Rings, is answered and ends; every word of it goes to whoever lives then.
    Task<void> play(std::size_t index) {
        const std::string token = calls[index].token;
        const std::string sid = calls[index].call.sid;
        const bool is_silent = prng_.chance(trouble_.silent);
        const milliseconds delay = prng_.chance(trouble_.late) ? minutes{4} : minutes{0};
        const UtcTime answered_at =
            clock_.now() + seconds{3 + static_cast<int>(prng_.below(20))} + rings_longer;
        co_await clock_.sleep_until(answered_at);
        if (is_terminal(*calls[index].call.status)) co_return;
        calls[index].call.status = CallStatus::in_progress;
        if (target != nullptr) {
            const std::string twiml = co_await target->answer(token, sid);
            if (twiml == "<Response/>") {
                conversations[calls[index].call.to] += 1;
                talked_at.push_back(clock_.now());
            }
        }
        const UtcTime over_at = clock_.now() + seconds{30} + delay;
        calls[index].call.status = CallStatus::completed;
        co_await clock_.sleep_until(over_at);
        for (int i = 0; i < 3 && !is_silent; ++i) {
            if (target != nullptr) {
                PlacedCalls::Word word{sid, CallStatus::completed, {}};
                const auto heard = co_await target->hear(token, word);
                if (heard) co_return;
            }
            const UtcTime again_at = clock_.now() + seconds{5};
            co_await clock_.sleep_until(again_at);
        }
    }

    SimClock& clock_;
    boost::asio::io_context& io_;
    Prng prng_;
    Trouble trouble_;
    int count_ = 0;
};

// Processes of wrapup, one after the other, on one store. One that died keeps its coroutines, cut
// off from the store: what it would still do is nothing.
class PlacerLife final : public StoreWrites {
public:
    PlacerLife(SimClock& clock, boost::asio::io_context& io, boost::asio::io_context& commits_io,
               MemoryStore& store, WildTwilio& twilio, PlacerSettings settings,
               std::function<std::string()> make_id, HoursOf hours_of)
        : store_(store),
          reads(io.get_executor()),
          commits(*this, clock, metrics, commits_io.get_executor()),
          intake(commits, clock, log, metrics),
          contacts(store, reads),
          placer({clock, store, reads, commits, intake, twilio, twilio, twilio, log, metrics,
                  std::move(make_id), std::move(hours_of), &contacts},
                 io.get_executor(), std::move(settings)) {
        spawn_root(io.get_executor(), placer.run());
    }
    Result<std::vector<StoreOutcome>> commit(std::span<const StoreOp> ops, UtcTime now) override {
        if (is_dead) return Error{Errc::unavailable, "the process died"};
        return store_.commit(ops, now);
    }
    void die() {
        is_dead = true;
        placer.stop();
    }

    bool is_dead = false;

private:
    MemoryStore& store_;

public:
    QuietLog log;
    CountingMetrics metrics;
    BlockingPool reads;
    GroupCommit commits;
    Intake intake;
    OwnMetadata contacts;
    Placer placer;
};

class UnreadStore final : public MemoryStore {
public:
    Result<Intent> find_intent(std::string_view id) override {
        if (cannot_read) return Error{Errc::unavailable, "a disk error"};
        return MemoryStore::find_intent(id);
    }
    bool cannot_read = false;
};

class PlacerWorld {
public:
    PlacerWorld(std::uint64_t seed, Trouble trouble)
        : prng(seed), twilio(clock, io, Prng(seed + 1), trouble) {
        settings.server_url = "https://hooks.example.org";
        settings.secret = "secret";
        settings.from = "+15005550006";
        settings.agent_id = "agent_1";
        settings.calls_per_second = 10;
        settings.calls_max = 20;
        begin();
    }
    ~PlacerWorld() {
        for (const auto& life : lives) life->die();
        run_for(minutes{10});
    }
    void begin() { begin(io); }
    void begin(boost::asio::io_context& commits_io) {
        const auto make_id = [this] {
            std::string id(32, '0');
            const std::string digits = std::to_string(++ids);
            return id.replace(32 - digits.size(), digits.size(), digits);
        };
        lives.push_back(std::make_unique<PlacerLife>(clock, io, commits_io, store, twilio, settings,
                                                     make_id, hours_of));
        twilio.target = &lives.back()->placer;
    }
    void crash() {
        lives.back()->die();
        begin();
    }
    void run_for(milliseconds time) {
        bool is_over = false;
        spawn_root(io.get_executor(), sleep(clock.now() + time, is_over));
        ASSERT_EQ(clock.run(UtcTime::max(), ~0ULL, [&] { return is_over; }), SimClock::End::done);
    }
    Task<void> sleep(UtcTime until, bool& is_over) {
        co_await clock.sleep_until(until);
        is_over = true;
    }
    Task<void> place(std::string to, UtcTime not_after) {
        Intent wish;
        wish.to = std::move(to);
        wish.not_after = not_after;
        const auto answer = co_await lives.back()->placer.place(std::move(wish));
        if (answer) answers.push_back(*answer);
    }
    void ask_for(const std::string& to, milliseconds window = hours{1}) {
        spawn_root(io.get_executor(), place(to, clock.now() + window));
    }
    // The hours end 3 s later, and nobody answers for a minute.
    void ring_at_closing_time() {
        hours_of = [](const Intent&, UtcTime now) -> Result<HoursNow> {
            if (now < t0 + seconds{3}) return HoursNow{true, std::nullopt, t0 + seconds{3}};
            return HoursNow{false, t0 + hours{12}, std::nullopt};
        };
        twilio.rings_longer = minutes{1};
        crash();
        ask_for("+61413052898", hours{24});
    }
    std::vector<Intent> intents() {
        IntentFilter filter;
        filter.limit = 1'000;
        return store.list_intents(filter)->intents;
    }

    bool is_anything_open() {
        return std::ranges::any_of(
            intents(), [](const Intent& one) { return one.is_open() || !one.stray_sids.empty(); });
    }

    boost::asio::io_context io;
    boost::asio::io_context stuck;  // A disk that hangs.
    SimClock clock{io, t0};
    UnreadStore store;
    Prng prng;
    WildTwilio twilio;
    PlacerSettings settings;
    HoursOf hours_of;  // Of the lives that begin.
    std::vector<std::unique_ptr<PlacerLife>> lives;
    std::vector<PlaceAnswer> answers;
    int ids = 0;
};

}  // namespace wrapup
