#include "service/alerts/alert_watch.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "service/alerts/alert_memory.hpp"
#include "service/alerts/twilio_ear.hpp"
#include "test/service/workers.hpp"

namespace wrapup {
namespace {

namespace json = boost::json;
using std::chrono::hours;
using std::chrono::minutes;

class ScriptedTransport final : public HttpTransport {
public:
    explicit ScriptedTransport(Clock& clock) : clock_(clock) {}
    Task<HttpAnswer> send(HttpRequest request) override {
        requests.push_back(std::move(request));
        const UtcTime until = clock_.now() + latency;
        co_await clock_.sleep_until(until);
        HttpAnswer answer;
        answer.kind = kind;
        answer.status = status;
        co_return answer;
    }
    std::vector<HttpRequest> requests;
    milliseconds latency{5};
    HttpAnswer::Kind kind = HttpAnswer::Kind::answered;
    int status = 200;

private:
    Clock& clock_;
};

class AlertWatchTest : public testing::Test {
protected:
    AlertWatchTest() { spawn_root(w.io.get_executor(), watch.run()); }
    json::value posted(std::size_t i) { return json::parse(transport.requests.at(i).body); }
    std::string field(std::size_t i, const char* name) {
        return std::string(posted(i).at(name).as_string());
    }
    void park_one(int number) {
        std::string digits = std::to_string(number);
        w.crm.answers.push_back(ScriptedCrm::status(422));
        w.busy("CA" + std::string(32 - digits.size(), '0') + digits);
    }

    Workers w;
    ScriptedTransport transport{w.clock};
    AlertEars ears{w.metrics};
    std::optional<DiskSpace> disk = DiskSpace{std::uint64_t{50} << 30, std::uint64_t{100} << 30};
    std::vector<AlertCondition> more;
    AlertWatch watch{{w.clock, w.store, w.reads, transport, ears, w.log, [this] { return disk; },
                      [this] { return more; }},
                     {"https://hooks.test/x", false}};
};

TEST_F(AlertWatchTest, refused_credentials_of_twilio_are_told_and_their_end) {
    ears.count(Counter::alerts, "twilio");
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 1U);
    EXPECT_EQ(field(0, "alert"), "twilio_credentials");
    EXPECT_NE(field(0, "text").find(". Next: wrapup doctor, then mend TWILIO_ACCOUNT_SID"),
              std::string::npos);
    ears.count(Counter::twilio_requests, "ok");
    w.run_for(seconds{11});
    ASSERT_EQ(transport.requests.size(), 2U) << "at once";
    EXPECT_EQ(field(1, "state"), "resolved");
    EXPECT_EQ(field(1, "next"), "");
}

TEST_F(AlertWatchTest, whatever_twilio_takes_ends_the_alert_of_its_credentials) {
    ears.count(Counter::alerts, "twilio");
    w.run_for(minutes{1});
    ScriptedTransport twilio{w.clock};
    TwilioEar ear(twilio, ears);
    const auto ask = [&](int status) {
        twilio.status = status;
        const auto asked = [&]() -> Task<void> {
            HttpRequest request;
            (void)co_await ear.send(std::move(request));
        };
        spawn_root(w.io.get_executor(), asked());
        w.run_for(seconds{11});
    };
    ask(401);
    EXPECT_EQ(transport.requests.size(), 1U);
    ask(201);
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_EQ(field(1, "state"), "resolved");
}

// What the destination answers to records is heard, as in the house.
class CrmWatch {
public:
    CrmWatch(Workers& w, HttpTransport& transport, std::string url)
        : ears(w.metrics),
          watch({w.clock,
                 w.store,
                 w.reads,
                 transport,
                 ears,
                 w.log,
                 {},
                 {},
                 {},
                 &w.store,
                 &w.commits,
                 [&w] {
                     return std::vector{CrmAnswered{"crm", w.courier().refusal()}};
                 }},
                {std::move(url), false}) {
        spawn_root(w.io.get_executor(), watch.run());
    }

    AlertEars ears;
    AlertWatch watch;
};

// A second process over the same store, which has heard nothing yet.
class NextWatch {
public:
    NextWatch(Workers& w, HttpTransport& transport, GroupCommit& commits)
        : ears(w.metrics),
          watch({w.clock,
                 w.store,
                 w.reads,
                 transport,
                 ears,
                 w.log,
                 {},
                 {},
                 [this] { return webhooks; },
                 &w.store,
                 &commits,
                 [this] { return answered; }},
                {"https://hooks.test/x", false}) {
        spawn_root(w.io.get_executor(), watch.run());
    }
    ~NextWatch() { watch.stop(); }

    std::optional<std::vector<AlertCondition>> webhooks;
    std::vector<CrmAnswered> answered;
    AlertEars ears;
    AlertWatch watch;
};

TEST_F(AlertWatchTest, a_crm_that_refuses_us_is_told_and_its_end) {
    for (const int status : {401, 500, 403}) w.crm.answers.push_back(ScriptedCrm::status(status));
    watch.stop();
    w.run_for(minutes{1});
    CrmWatch next(w, transport, "https://hooks.test/x");
    w.busy("CA000000000000000000000000000000a1");
    w.run_for(seconds{12});
    ASSERT_EQ(transport.requests.size(), 1U);
    EXPECT_EQ(field(0, "alert"), "crm_refuses:crm");
    EXPECT_EQ(field(0, "state"), "firing");
    EXPECT_NE(field(0, "text").find("destination crm answers 401"), std::string::npos);
    ASSERT_EQ(next.watch.holding().size(), 1U);
    EXPECT_EQ(next.watch.holding()[0].key, "crm_refuses:crm");
    w.run_for(seconds{60});
    EXPECT_EQ(transport.requests.size(), 1U) << "500 says nothing of it";
    w.run_for(minutes{30});
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_EQ(field(1, "alert"), "crm_refuses:crm");
    EXPECT_EQ(field(1, "state"), "resolved");
    EXPECT_TRUE(next.watch.holding().empty());
    next.watch.stop();
    w.run_for(seconds{1});
}

// The mended CRM has every record, and nobody has asked it since the start.
TEST_F(AlertWatchTest, a_restart_does_not_wake_a_trouble_that_was_ending) {
    for (const int status : {401, 401}) w.crm.answers.push_back(ScriptedCrm::status(status));
    watch.stop();
    w.run_for(minutes{1});
    {
        CrmWatch first(w, transport, "https://hooks.test/x");
        w.busy("CA000000000000000000000000000000a1");
        w.run_for(minutes{1});
        ASSERT_EQ(field(0, "text"),
                  "wrapup: destination crm answers 401: its records wait in vain. Next: mend its "
                  "URL or headers and restart, or mend the CRM, then wrapup replay --state pending "
                  "--destination "
                  "crm");
        ASSERT_TRUE(w.send("CA000000000000000000000000000000a1"));
        w.run_for(seconds{30});
        ASSERT_TRUE(first.watch.holding().empty());
        first.watch.stop();
        w.run_for(seconds{1});
    }
    NextWatch next(w, transport, w.commits);
    next.answered.push_back({"crm", std::nullopt});
    w.run_for(seconds{20});
    EXPECT_TRUE(next.watch.holding().empty());
    w.run_for(minutes{2});
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_EQ(field(1, "state"), "resolved");
    next.watch.stop();
    w.run_for(seconds{1});
}

TEST_F(AlertWatchTest, after_a_restart_it_holds_while_records_wait) {
    for (int i = 0; i < 30; ++i) w.crm.answers.push_back(ScriptedCrm::status(401));
    watch.stop();
    w.run_for(minutes{1});
    {
        CrmWatch first(w, transport, "https://hooks.test/x");
        w.busy("CA000000000000000000000000000000a1");
        w.run_for(minutes{1});
        first.watch.stop();
        w.run_for(seconds{1});
    }
    NextWatch next(w, transport, w.commits);
    next.answered.push_back({"crm", std::nullopt});
    w.run_for(seconds{20});
    ASSERT_EQ(next.watch.holding().size(), 1U);
    EXPECT_EQ(next.watch.holding()[0].key, "crm_refuses:crm");
    EXPECT_EQ(transport.requests.size(), 1U);
    next.watch.stop();
    w.run_for(seconds{1});
}

TEST_F(AlertWatchTest, a_campaign_that_paused_itself_is_told_and_its_end) {
    watch.stop();
    w.run_for(minutes{1});
    AlertWatch::Ports ports{w.clock, w.store, w.reads, transport, ears, w.log, {}, {}};
    ports.lists = &w.store;
    AlertWatch next(ports, {"https://hooks.test/x", false});
    spawn_root(w.io.get_executor(), next.run());
    const auto commit = [&](StoreOp op) {
        const auto outcomes = w.store.commit({&op, 1}, w.clock.now());
        ASSERT_TRUE(outcomes && outcomes->at(0));
    };
    PutListRows put;
    put.list.id = "tw 3";
    put.rows.resize(2);
    put.rows[0].to = "+61413052898";
    put.rows[1].to = "+61413052899";
    commit(put);
    commit(SetDialList{"tw 3", DialListState::paused});
    w.run_for(minutes{1});
    EXPECT_TRUE(next.holding().empty()) << "a person wanted it";
    commit(SetDialList{"tw 3", DialListState::active});
    WorkList work;
    work.list_id = "tw 3";
    Intent intent;
    intent.id = std::string(32, 'a');
    intent.to = "+61413052898";
    intent.list_id = "tw 3";
    work.steps.push_back({intent.to, 1, intent, {}});
    commit(work);
    commit(AdvanceIntent{intent.id, BeginAsking{}, 0});
    commit(AdvanceIntent{intent.id, PlacingRefused{"twilio", "check TWILIO_AUTH_TOKEN", 20003}, 0});
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 1U);
    EXPECT_EQ(field(0, "alert"), "campaign_paused:tw 3");
    EXPECT_EQ(field(0, "next"), "mend that, then wrapup campaign resume 'tw 3'");
    EXPECT_NE(field(0, "text").find("check TWILIO_AUTH_TOKEN"), std::string::npos);
    EXPECT_EQ(next.holding().size(), 1U);
    commit(SetDialList{"tw 3", DialListState::active});
    w.run_for(minutes{3});
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_EQ(field(1, "state"), "resolved");
    next.stop();
    w.run_for(seconds{11});
}

TEST_F(AlertWatchTest, without_a_url_the_log_has_it) {
    watch.stop();
    w.run_for(minutes{1});
    CrmWatch next(w, transport, "");
    park_one(1);
    w.run_for(minutes{5});
    EXPECT_TRUE(transport.requests.empty());
    EXPECT_EQ(std::ranges::count(w.log.messages, "alert"), 1);
    EXPECT_EQ(next.watch.holding().size(), 1U);
    next.watch.stop();
    w.run_for(seconds{1});
}

TEST_F(AlertWatchTest, what_was_told_is_not_told_again_after_a_restart) {
    watch.stop();
    w.run_for(minutes{1});
    {
        NextWatch first(w, transport, w.commits);
        first.ears.count(Counter::alerts, "twilio");
        first.webhooks = {{std::string(webhook_alert_key), "switched off", "enable it"}};
        w.run_for(minutes{1});
        ASSERT_EQ(transport.requests.size(), 2U);
        first.watch.stop();
        w.run_for(seconds{1});
    }
    NextWatch second(w, transport, w.commits);
    w.run_for(minutes{20});
    EXPECT_EQ(transport.requests.size(), 2U);
    second.ears.count(Counter::twilio_requests, "ok");
    second.webhooks.emplace();
    w.run_for(minutes{5});
    ASSERT_EQ(transport.requests.size(), 4U);
    EXPECT_EQ(field(2, "state"), "resolved");
    EXPECT_EQ(field(3, "state"), "resolved");
    second.watch.stop();
    w.run_for(seconds{1});
}

TEST_F(AlertWatchTest, a_store_that_hangs_holds_up_no_alert) {
    watch.stop();
    w.run_for(minutes{1});
    boost::asio::io_context frozen;
    GroupCommit hangs(w.store, w.clock, w.metrics, frozen.get_executor());
    NextWatch next(w, transport, hangs);
    next.ears.count(Counter::alerts, "twilio");
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 1U);
    next.ears.count(Counter::twilio_requests, "ok");
    w.run_for(minutes{5});
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_EQ(field(1, "state"), "resolved");
    next.watch.stop();
    frozen.poll();
    w.run_for(seconds{1});
}

TEST(AlertMemory, is_read_as_it_was_written) {
    AlertBook::Entries entries;
    entries["parked"] = {"3 wait", "look", t0, t0 + minutes{1}, 3, true, t0 + minutes{2}};
    entries["disk"] = {"full", "", t0, t0, 0, false, {}};
    EXPECT_EQ(decode_alerts(encode_alerts(entries)), entries);
    EXPECT_TRUE(decode_alerts("{").empty());
    EXPECT_TRUE(decode_alerts(R"({"parked":3,"disk":{}})").empty());
    EventRhythm::Kept kept;
    kept.usual.fill(-1);
    kept.usual[7] = 12.5;
    kept.last_event_at = t0;
    const EventRhythm rhythm = decode_rhythm(encode_rhythm(kept));
    EXPECT_EQ(rhythm.kept().usual, kept.usual);
    EXPECT_EQ(rhythm.kept().last_event_at, kept.last_event_at);
    EXPECT_EQ(decode_rhythm("nonsense").kept().usual, EventRhythm().kept().usual);
}

TEST_F(AlertWatchTest, says_nothing_while_all_is_well) {
    w.busy("CA000000000000000000000000000000a1");
    w.run_for(hours{1});
    EXPECT_TRUE(transport.requests.empty());
}

TEST_F(AlertWatchTest, a_parked_record_is_told_once_and_its_end_once) {
    park_one(1);
    w.run_for(minutes{5});
    ASSERT_EQ(transport.requests.size(), 1U);
    EXPECT_EQ(transport.requests[0].url, "https://hooks.test/x");
    EXPECT_EQ(transport.requests[0].method, "POST");
    EXPECT_TRUE(transport.requests[0].refuses_private_targets);
    EXPECT_EQ(field(0, "alert"), "parked:rejected");
    EXPECT_EQ(field(0, "state"), "firing");
    EXPECT_EQ(field(0, "text"),
              "wrapup: 1 call waits for a person: rejected. Next: wrapup calls --state parked");
    ASSERT_TRUE(w.send("CA" + std::string(31, '0') + "1"));
    w.run_for(minutes{5});
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_EQ(field(1, "state"), "resolved");
    EXPECT_EQ(field(1, "alert"), "parked:rejected");
}

TEST_F(AlertWatchTest, a_reason_that_holds_hides_no_other) {
    park_one(1);
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 1U);
    w.crm.answers.push_back(ScriptedCrm::status(410));
    w.busy("CA" + std::string(31, '0') + "2");
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 3U);
    EXPECT_EQ(field(1, "alert"), "parked:destination_gone");
    EXPECT_EQ(field(1, "state"), "firing");
    EXPECT_EQ(field(2, "alert"), "gone:crm");
}

// A call that is parked elsewhere too counts for one reason alone.
TEST_F(AlertWatchTest, a_destination_that_is_gone_is_told_by_its_name) {
    const StoreOp op = SetDestination{"crm", DestinationState::gone, w.clock.now()};
    ASSERT_TRUE(w.store.commit(std::span(&op, 1), w.clock.now()));
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 1U);
    EXPECT_EQ(field(0, "alert"), "gone:crm");
}

TEST_F(AlertWatchTest, no_number_and_no_call_is_in_an_alert) {
    park_one(1);
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 1U);
    EXPECT_EQ(transport.requests[0].body.find("0413"), std::string::npos);
    EXPECT_EQ(transport.requests[0].body.find("CA00"), std::string::npos);
}

TEST_F(AlertWatchTest, an_open_breaker_is_told_and_its_end) {
    for (int i = 0; i < 12; ++i) w.crm.answers.push_back(ScriptedCrm::status(500));
    for (int i = 0; i < 10; ++i) {
        w.busy("CA" + std::string(31, '0') + std::to_string(i));
    }
    w.run_for(seconds{12});
    ASSERT_EQ(transport.requests.size(), 1U);
    EXPECT_EQ(field(0, "alert"), "breaker:crm");
    w.run_for(minutes{5});
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_EQ(field(1, "state"), "resolved");
}

TEST_F(AlertWatchTest, people_who_forgot_their_token_are_no_burst) {
    for (const char* cause :
         {"no_token", "bad_token", "token_rate", "session_over", "other_site"}) {
        for (int i = 0; i < 9; ++i) ears.count(Counter::rejected, cause);
    }
    w.run_for(minutes{1});
    EXPECT_TRUE(transport.requests.empty());
}

TEST_F(AlertWatchTest, a_burst_of_refused_requests_is_told) {
    for (int i = 0; i < 9; ++i) ears.count(Counter::rejected, "bad_signature");
    w.run_for(minutes{1});
    EXPECT_TRUE(transport.requests.empty());
    for (int i = 0; i < 9; ++i) ears.count(Counter::rejected, "connections");
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 1U);
    EXPECT_EQ(field(0, "alert"), "refused");
    EXPECT_NE(field(0, "text").find("the last with cause connections"), std::string::npos);
    w.run_for(minutes{10});
    ASSERT_EQ(transport.requests.size(), 2U);
    EXPECT_EQ(field(1, "state"), "resolved");
}

TEST_F(AlertWatchTest, what_a_store_could_not_take_is_no_wrong_request) {
    for (int round = 0; round < 3; ++round) {
        for (int i = 0; i < 40; ++i) ears.count(Counter::rejected, "not_stored");
        w.run_for(minutes{1});
    }
    EXPECT_TRUE(transport.requests.empty());
}

TEST_F(AlertWatchTest, a_refused_key_and_a_full_disk_and_what_others_know) {
    ears.count(Counter::elevenlabs_requests, "our API key is refused");
    disk = DiskSpace{std::uint64_t{100} << 20, std::uint64_t{100} << 30};
    more = {{"ledger", "2 calls of 2026-03-01 are unexplained", "wrapup ledger"}};
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 3U);
    EXPECT_EQ(field(0, "alert"), "disk");
    EXPECT_EQ(field(1, "alert"), "elevenlabs_key");
    EXPECT_EQ(field(2, "alert"), "ledger");
    ears.count(Counter::elevenlabs_requests, "404");
    w.run_for(minutes{5});
    EXPECT_EQ(transport.requests.size(), 3U);
    ears.count(Counter::elevenlabs_requests, "ok");
    disk.reset();
    more.clear();
    w.run_for(minutes{5});
    EXPECT_EQ(transport.requests.size(), 6U);
}

TEST_F(AlertWatchTest, one_that_does_not_arrive_is_posted_again_and_then_only_logged) {
    transport.status = 500;
    park_one(1);
    w.run_for(minutes{20});
    EXPECT_EQ(transport.requests.size(), 5U);
    EXPECT_EQ(std::ranges::count(w.log.messages, "alert could not be posted"), 1);
    EXPECT_EQ(std::ranges::count(w.log.messages, "alert"), 1);
}

TEST_F(AlertWatchTest, what_is_dropped_because_too_many_wait_leaves_a_line) {
    transport.latency = hours{1};
    for (int i = 0; i < 70; ++i) more.push_back({"trouble:" + std::to_string(i), "bad", "look"});
    w.run_for(minutes{1});
    // One look queues all before the first is sent.
    EXPECT_EQ(std::ranges::count(w.log.messages, "alert"), 70);
    EXPECT_EQ(std::ranges::count(w.log.messages, "alert could not be posted"), 70 - 64);
}

TEST_F(AlertWatchTest, a_url_that_hangs_delays_nothing) {
    transport.latency = hours{1};
    park_one(1);
    w.run_for(minutes{1});
    ASSERT_EQ(transport.requests.size(), 1U);
    w.busy("CA000000000000000000000000000000a1");
    w.run_for(seconds{1});
    EXPECT_EQ(w.story("CA000000000000000000000000000000a1").call.state, CallState::delivered);
    // What came meanwhile is told when it answers.
    ears.count(Counter::elevenlabs_requests, "our API key is refused");
    w.run_for(hours{2});
    EXPECT_EQ(transport.requests.size(), 2U);
}

}  // namespace
}  // namespace wrapup
