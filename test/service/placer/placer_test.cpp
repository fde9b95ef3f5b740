// The placer in virtual time, between a Twilio that loses its answers and a process that dies.

#include "service/placer/placer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

#include "base/prng.hpp"
#include "codec/place_token.hpp"
#include "test/service/workers.hpp"

namespace wrapup {
namespace {

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
    Task<Result<RegisteredAgent>> register_call(AgentOrder) override {
        const UtcTime until = clock_.now() + agent_takes;
        co_await clock_.sleep_until(until);
        registered += 1;
        co_return RegisteredAgent{"<Response/>", "conv_" + std::to_string(registered)};
    }

    std::vector<Made> calls;
    std::map<std::string, int> conversations;  // By number.
    std::vector<UtcTime> talked_at;
    int registered = 0;
    milliseconds agent_takes{100};
    PlacedCalls* target = nullptr;  // Null: the process is down.

private:
    // Rings, is answered and ends; every word of it goes to whoever lives then.
    Task<void> play(std::size_t index) {
        const std::string token = calls[index].token;
        const std::string sid = calls[index].call.sid;
        const bool is_silent = prng_.chance(trouble_.silent);
        const milliseconds delay = prng_.chance(trouble_.late) ? minutes{4} : minutes{0};
        const UtcTime answered_at = clock_.now() + seconds{3 + static_cast<int>(prng_.below(20))};
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
class Life final : public StoreWrites {
public:
    Life(SimClock& clock, boost::asio::io_context& io, boost::asio::io_context& commits_io,
         MemoryStore& store, WildTwilio& twilio, PlacerSettings settings,
         std::function<std::string()> make_id)
        : store_(store),
          reads(io.get_executor()),
          commits(*this, clock, metrics, commits_io.get_executor()),
          intake(commits, clock, log, metrics),
          placer({clock,
                  store,
                  reads,
                  commits,
                  intake,
                  twilio,
                  twilio,
                  twilio,
                  log,
                  metrics,
                  std::move(make_id),
                  {}},
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
        lives.push_back(
            std::make_unique<Life>(clock, io, commits_io, store, twilio, settings, make_id));
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
        wish.not_before = clock.now();
        wish.not_after = not_after;
        const auto answer = co_await lives.back()->placer.place(std::move(wish));
        if (answer) answers.push_back(*answer);
    }
    void ask_for(const std::string& to, milliseconds window = hours{1}) {
        spawn_root(io.get_executor(), place(to, clock.now() + window));
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
    std::vector<std::unique_ptr<Life>> lives;
    std::vector<PlaceAnswer> answers;
    int ids = 0;
};

TEST(Placer, places_a_call_and_follows_it_to_its_end) {
    PlacerWorld world(1, {});
    world.ask_for("+61413052898");
    world.run_for(minutes{2});
    ASSERT_EQ(world.answers.size(), 1U);
    EXPECT_EQ(world.answers[0].kind, PlaceAnswer::Kind::placed);
    const Intent intent = world.intents().at(0);
    EXPECT_EQ(intent.state, IntentState::ended);
    EXPECT_EQ(intent.conversation_id, "conv_1");
    EXPECT_EQ(world.twilio.conversations["+61413052898"], 1);
}

TEST(Placer, keeps_its_pace_and_its_limit) {
    PlacerWorld world(1, {});
    for (int i = 0; i < 60; ++i) world.ask_for("+614130528" + std::to_string(10 + i));
    world.run_for(seconds{3});
    EXPECT_EQ(world.twilio.calls.size(), 20U);  // As many as may go on at one time.
    world.run_for(minutes{10});
    EXPECT_EQ(world.twilio.calls.size(), 60U);
    for (std::size_t i = 1; i < world.twilio.calls.size(); ++i) {
        const auto gap = *world.twilio.calls[i].call.created_at -
                         *world.twilio.calls[i >= 10 ? i - 10 : 0].call.created_at;
        if (i < 10) continue;
        EXPECT_GE(gap, milliseconds{500}) << i;
    }
}

Task<void> ask_what_to_say(Placer& placer, std::string token, std::string sid, std::string& said) {
    said = co_await placer.answer(std::move(token), std::move(sid));
}

// Twilio asks once more when no answer came within the 2.5 s it is told to wait.
TEST(Placer, a_call_that_asks_twice_gets_one_agent) {
    PlacerWorld world(1, {});
    world.twilio.agent_takes = milliseconds{2'800};
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    const auto made = world.twilio.calls.front();
    std::string first, again, later;
    Placer& placer = world.lives.back()->placer;
    const auto ask = [&](std::string& said) {
        spawn_root(world.io.get_executor(),
                   ask_what_to_say(placer, made.token, made.call.sid, said));
    };
    ask(first);
    world.run_for(milliseconds{2'500});
    EXPECT_EQ(first, "");
    ask(again);
    world.run_for(milliseconds{500});
    EXPECT_EQ(first, "<Response/>");
    EXPECT_EQ(again, "<Response/>");
    ask(later);
    world.run_for(milliseconds{100});
    EXPECT_EQ(later, "<Response/>");
    EXPECT_EQ(world.twilio.registered, 1);
}

// Twilio waits for 2.5 s: it gets TwiML whatever the store does, and nobody an agent afterwards.
TEST(Placer, a_store_that_hangs_leaves_nobody_waiting) {
    PlacerWorld world(1, {});
    world.settings.sorry = "Sorry.";
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    const auto made = world.twilio.calls.front();
    world.lives.back()->die();
    world.begin(world.stuck);
    std::string said;
    spawn_root(world.io.get_executor(),
               ask_what_to_say(world.lives.back()->placer, made.token, made.call.sid, said));
    world.run_for(milliseconds{2'400});
    EXPECT_THAT(said, testing::HasSubstr("<Response><Say>Sorry.</Say><Hangup/></Response>"));
    for (int i = 0; i < 5; ++i) {
        world.stuck.restart();
        world.stuck.poll();
        world.run_for(milliseconds{10});
    }
    EXPECT_EQ(world.twilio.registered, 0);
    EXPECT_EQ(world.intents().at(0).state, IntentState::answered);
    EXPECT_EQ(world.intents().at(0).no_agent, "store_unavailable");
}

// Then nobody knows whether it is a calling hour.
TEST(Placer, an_intent_that_cannot_be_read_gets_no_agent) {
    PlacerWorld world(1, {});
    world.settings.sorry = "Sorry.";
    world.crash();
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    const auto made = world.twilio.calls.front();
    world.store.cannot_read = true;
    std::string said;
    spawn_root(world.io.get_executor(),
               ask_what_to_say(world.lives.back()->placer, made.token, made.call.sid, said));
    world.run_for(seconds{1});
    world.store.cannot_read = false;
    EXPECT_THAT(said, testing::HasSubstr("<Response><Say>Sorry.</Say><Hangup/></Response>"));
    EXPECT_EQ(world.twilio.registered, 0);
    EXPECT_TRUE(world.intents().at(0).is_abandoned);
    EXPECT_EQ(world.intents().at(0).no_agent, "store_unavailable");
}

// Nobody calls back: Twilio's answers alone make the record, however the call ended.
TEST(Placer, a_call_of_which_no_callback_comes_is_known_nonetheless) {
    Trouble trouble;
    trouble.silent = {100, 100};
    for (const Ratio lost_after : {Ratio{0, 100}, Ratio{100, 100}}) {
        trouble.lost_after = lost_after;
        PlacerWorld world(1, trouble);
        world.ask_for("+61413052898");
        world.run_for(minutes{30});
        ASSERT_EQ(world.twilio.calls.size(), 1U);
        EXPECT_EQ(world.intents().at(0).state, IntentState::ended);
        const auto story = world.store.find_story(world.twilio.calls[0].call.sid);
        ASSERT_TRUE(story);
        ASSERT_EQ(story->events.size(), 1U);
        EXPECT_EQ(story->events[0].kind, EventKind::twilio_rest);
    }
}

TEST(Placer, a_window_that_closes_while_it_waits_places_nobody) {
    PlacerWorld world(1, {});
    for (int i = 0; i < 40; ++i) {
        world.ask_for("+614130528" + std::to_string(10 + i), seconds{10});
    }
    world.run_for(minutes{10});
    for (const UtcTime at : world.twilio.talked_at) EXPECT_LT(at, t0 + seconds{11});
    for (const Intent& intent : world.intents()) EXPECT_FALSE(intent.is_open()) << intent.id;
}

// Another dialler may ring the same number through the same account.
TEST(Placer, takes_none_of_several_calls_for_its_own) {
    Trouble trouble;
    trouble.lost_before = {100, 100};
    PlacerWorld world(1, trouble);
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    for (const int number : {900, 901}) {
        WildTwilio::Made foreign;
        foreign.call.sid = sid_number(number);
        foreign.call.to = "+61413052898";
        foreign.call.created_at = world.clock.now();
        foreign.call.status = CallStatus::queued;
        world.twilio.calls.push_back(foreign);
    }
    world.run_for(minutes{9});
    EXPECT_EQ(world.intents().at(0).state, IntentState::asking);
    world.run_for(minutes{3});
    EXPECT_EQ(world.intents().at(0).state, IntentState::parked);
    EXPECT_EQ(world.intents().at(0).call_sid, "");
    for (const auto& made : world.twilio.calls) EXPECT_EQ(made.call.status, CallStatus::queued);
    EXPECT_EQ(world.twilio.calls.size(), 2U);
}

// Whatever gets lost, and whenever the process dies: nobody has two conversations of one intent,
// none begins outside its window, and every intent ends.
TEST(Placer, holds_its_promises_for_every_seed) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Trouble trouble;
        trouble.lost_before = {static_cast<std::uint32_t>(seed % 4 * 10), 100};
        trouble.lost_after = {static_cast<std::uint32_t>(seed % 5 * 10), 100};
        trouble.late = {static_cast<std::uint32_t>(seed % 3 * 20), 100};
        trouble.silent = {static_cast<std::uint32_t>(seed % 2 * 20), 100};
        trouble.list_lag = seconds{seed % 4 * 10};
        PlacerWorld world(seed, trouble);
        for (int i = 0; i < 20; ++i) {
            world.ask_for("+614130528" + std::to_string(10 + i), minutes{20});
            world.run_for(milliseconds{world.prng.below(2'000)});
            if (world.prng.chance({1, 6})) world.crash();
        }
        for (int i = 0; i < 60 && world.is_anything_open(); ++i) world.run_for(minutes{30});
        world.run_for(minutes{30});  // Nothing begins anew.
        for (const auto& [to, count] : world.twilio.conversations) EXPECT_LE(count, 1) << to;
        for (const UtcTime at : world.twilio.talked_at) EXPECT_LT(at, t0 + minutes{22});
        for (const Intent& intent : world.intents()) {
            EXPECT_FALSE(intent.is_open()) << intent.id << " " << to_string(intent.state);
            EXPECT_EQ(intent.stray_sids, "");
        }
    }
}

}  // namespace
}  // namespace wrapup
