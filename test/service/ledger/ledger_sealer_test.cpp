// Days are closed in virtual time, one after the other, and agree with what is counted.

#include "service/ledger/ledger_sealer.hpp"

#include <gtest/gtest.h>

#include "codec/ledger_json.hpp"
#include "core/store/ledger.hpp"
#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

Date date(std::string_view text) { return *parse_date(text); }

// Without the other workers: what a call becomes is for the test to say.
class LedgerSealing : public testing::Test {
protected:
    void start(LedgerView view = {}) {
        sealer.emplace(LedgerSealer::Ports{clock, store, reads, commits, log}, std::move(view));
        spawn_root(io.get_executor(), sealer->run());
    }
    void TearDown() override {
        if (!sealer) return;
        sealer->stop();
        clock.run(clock.true_now() + hours{1}, ~0ULL, [] { return false; });
        EXPECT_EQ(verify().findings, std::vector<std::string>{});
    }
    void run_until(UtcTime until) {
        clock.run(until, ~0ULL, [] { return false; });
    }
    void commit(StoreOp op) {
        const auto outcomes = store.commit(std::span(&op, 1), clock.now());
        ASSERT_TRUE(outcomes && outcomes->front());
    }
    // A call that began then, and is out of scope unless it is ours and goes on.
    void call(const std::string& sid, UtcTime at, bool is_ours = false) {
        NewEvent event;
        event.call_sid = sid;
        event.dedup_key = sid;
        event.received_at = at;
        event.due_at = at + hours{1000};
        event.is_ours = is_ours;
        commit(AppendEvent{event});
    }
    void end(const std::string& sid) {
        const auto claimed = store.claim_call(sid, clock.now(), hours{1});
        ASSERT_TRUE(claimed);
        SettleCall op;
        op.call_id = sid;
        op.fence = claimed->fence;
        op.seen_events_count = claimed->call.events_count;
        op.then = SettleCall::Park{ParkReason::silent};
        commit(op);
    }
    void note(std::vector<TwilioDifference> found, std::vector<std::string> resolved = {}) {
        NoteReconciliation op;
        op.found = std::move(found);
        op.resolved = std::move(resolved);
        commit(std::move(op));
    }
    std::vector<SealedDay> sealed() { return store.audit_ledger()->kept.sealed; }
    LedgerVerdict verify() { return verify_ledger(*store.audit_ledger()); }
    std::string day_json(std::string_view text, const LedgerView& view = {}) {
        const auto rows = store.ledger(ledger_reading_of(date(text), date(text), view.zone));
        return ledger_day_json(date(text), *rows, view);
    }

    static constexpr UtcTime midnight = from_unix_s(1'750'032'000);  // 2025-06-16
    boost::asio::io_context io{1};
    SimClock clock{io, t0};  // 2025-06-15 15:06 UTC
    WatchedStore store;
    QuietLog log;
    CountingMetrics metrics;
    BlockingPool reads{io.get_executor()};
    GroupCommit commits{store, clock, metrics, io.get_executor()};
    std::optional<LedgerSealer> sealer;
};

TEST_F(LedgerSealing, closes_a_day_a_while_after_its_end) {
    start();
    call("CA1", t0);
    run_until(midnight + minutes{15});
    EXPECT_EQ(sealed().size(), 0U);
    run_until(midnight + minutes{17});
    ASSERT_EQ(sealed().size(), 1U);
    const SealedDay day = sealed().front();
    EXPECT_EQ(day.date, date("2025-06-15"));
    EXPECT_EQ(day.previous_hash, "");
    EXPECT_EQ(day.hash, seal_hash("", day.content, {}));
    EXPECT_NE(day.content.find(R"("calls":1,"accepted":0)"), std::string::npos) << day.content;
    EXPECT_EQ(log.messages, std::vector<std::string>{"a day of the ledger was closed"});
    EXPECT_NE(day_json("2025-06-16").find(R"("previous_hash":")" + day.hash), std::string::npos);
}

TEST_F(LedgerSealing, closes_nothing_by_a_clock_that_was_just_set) {
    start();
    call("CA1", t0);
    run_until(t0 + minutes{1});
    clock.set(hours{72});
    run_until(t0 + minutes{20});
    EXPECT_EQ(sealed().size(), 0U);
    clock.set(-hours{72});
    run_until(midnight + minutes{15});
    EXPECT_EQ(sealed().size(), 0U);
    run_until(midnight + minutes{17});
    EXPECT_EQ(sealed().size(), 1U);
    clock.set(hours{48});  // And this time it stays so.
    run_until(midnight + minutes{40});
    EXPECT_EQ(sealed().size(), 1U);
    run_until(midnight + minutes{50});
    EXPECT_EQ(sealed().size(), 3U);
}

TEST_F(LedgerSealing, has_no_days_before_the_first_call) {
    start();
    run_until(midnight + hours{100});
    EXPECT_EQ(sealed().size(), 0U);
}

TEST_F(LedgerSealing, waits_for_calls_in_flight_and_five_days_at_most) {
    start();
    call("CA1", t0, true);
    call("CA2", t0 + hours{24}, true);
    run_until(midnight + hours{119});
    EXPECT_EQ(sealed().size(), 0U);
    end("CA1");
    run_until(midnight + hours{119} + minutes{2});
    EXPECT_EQ(sealed().size(), 1U);
    EXPECT_EQ(day_json("2025-06-15").find(R"("in_flight":0)") == std::string::npos, false);
    run_until(midnight + hours{24 * 6} + minutes{2});
    ASSERT_EQ(sealed().size(), 6U) << "the second day after five days, and those behind it";
    EXPECT_NE(sealed()[1].content.find(R"("in_flight":1)"), std::string::npos);
    EXPECT_EQ(sealed()[1].previous_hash, sealed()[0].hash);
}

TEST_F(LedgerSealing, appends_what_changes_afterwards) {
    start();
    call("CA1", t0);
    run_until(midnight + minutes{17});
    const std::string before = sealed().front().content;
    commit(NoteCallCreated{"CA1", t0 - minutes{1}});
    call("CA2", t0);
    EXPECT_EQ(sealed().front().content, before);
    const auto json = day_json("2025-06-15");
    EXPECT_TRUE(json.starts_with(before.substr(0, before.size() - 1)));
    EXPECT_NE(json.find(R"("call":"CA2","counted_at":"2025-06-15T15:00:00.000Z","from":null,)"
                        R"("to":"out_of_scope")"),
              std::string::npos)
        << json;
    // The hash of the next day covers them.
    run_until(midnight + hours{24} + minutes{17});
    ASSERT_EQ(sealed().size(), 2U);
    EXPECT_EQ(sealed()[1].corrections_count, 1);
}

TEST_F(LedgerSealing, catches_up_with_days_long_past) {
    call("CA1", t0 - hours{24 * 30});
    start();
    run_until(t0 + minutes{1});
    EXPECT_EQ(sealed().size(), 30U);
}

TEST_F(LedgerSealing, waits_for_twilio_where_it_is_asked) {
    start({TimeZone(), true});
    call("CA1", t0);
    run_until(midnight + hours{10});
    EXPECT_EQ(sealed().size(), 0U);
    const TimeSpan span = TimeZone().span_of(date("2025-06-15"));
    commit(PutTwilioDay{{span, midnight, true, 3, 2, {}}});
    run_until(midnight + hours{10} + minutes{2});
    ASSERT_EQ(sealed().size(), 1U);
    EXPECT_NE(sealed()[0].content.find(R"("out_of_scope":3,"missing":0)"), std::string::npos)
        << sealed()[0].content;
}

TEST_F(LedgerSealing, goes_on_where_it_was_when_the_zone_was_changed) {
    call("CA1", t0 - hours{24 * 3});
    start();
    run_until(t0 + minutes{1});
    ASSERT_EQ(sealed().size(), 3U);
    sealer->stop();
    run_until(t0 + minutes{2});
    start({TimeZone("East", 10 * 3600, {}), false});
    run_until(t0 + minutes{4});
    ASSERT_EQ(sealed().size(), 4U) << "15 June is over in the east";
    EXPECT_EQ(sealed()[3].span.from, sealed()[2].span.until);
    EXPECT_NE(sealed()[3].content.find(R"("timezone":"East")"), std::string::npos);
}

TEST_F(LedgerSealing, survives_a_store_in_trouble) {
    start();
    call("CA1", t0);
    store.trouble = Error{Errc::unavailable, "full"};
    run_until(midnight + hours{1});
    EXPECT_EQ(sealed().size(), 0U);
    store.trouble.reset();
    run_until(midnight + hours{1} + minutes{2});
    EXPECT_EQ(sealed().size(), 1U);
}

TEST_F(LedgerSealing, alerts_to_what_is_unexplained_until_it_is_explained) {
    start({TimeZone(), true});
    call("CA1", t0);
    const LedgerView view{TimeZone(), true};
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 0U);
    const TimeSpan span = TimeZone().span_of(date("2025-06-15"));
    const LedgerDifference missing{LedgerDifference::Kind::missing, "CA9", "x"};
    note({{"CA9", t0, DifferenceKind::missing, "x", t0}});
    commit(PutTwilioDay{{span, midnight, true, 2, 0, {missing}}});
    const auto found = ledger_alerts(store, view, clock.now());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].text, "the ledger has 1 unexplained, last on 2025-06-15");
    EXPECT_EQ(found[0].next, "wrapup ledger --date 2025-06-15");
    run_until(midnight + hours{24 * 3});
    ASSERT_GE(sealed().size(), 1U);
    EXPECT_EQ(ledger_alerts(store, view, clock.now()), found) << "closing a day explains nothing";
    call("CA9", t0);
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 0U);
}

TEST_F(LedgerSealing, what_comes_to_a_closed_day_is_no_alert) {
    start({TimeZone(), true});
    call("CA1", t0);
    const LedgerView view{TimeZone(), true};
    commit(PutTwilioDay{{TimeZone().span_of(date("2025-06-15")), midnight, true, 1, 0, {}}});
    run_until(midnight + hours{1});
    ASSERT_EQ(sealed().size(), 1U);
    call("CA2", t0);
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 0U);
}

TEST_F(LedgerSealing, names_what_is_found_of_a_closed_day_until_it_is_explained) {
    const LedgerView view{TimeZone(), true};
    start(view);
    call("CA1", t0);
    commit(PutTwilioDay{{TimeZone().span_of(date("2025-06-15")), midnight, true, 1, 0, {}}});
    run_until(midnight + hours{1});
    ASSERT_EQ(sealed().size(), 1U);
    const std::string before = sealed().front().content;
    const auto is_told = [this, &view](std::string_view text) {
        return day_json("2025-06-15", view).find(text) != std::string::npos;
    };
    EXPECT_TRUE(is_told(R"("unexplained_now":0,"differences_now":[]})"));
    note({{"CA9", t0, DifferenceKind::missing, "x", t0}});
    EXPECT_TRUE(is_told(R"("unexplained_now":1,"differences_now":[{"call_sid":"CA9",)"))
        << day_json("2025-06-15", view);
    const auto found = ledger_alerts(store, view, clock.now());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].text, "the ledger has 1 unexplained, last on 2025-06-15");
    note({{"CA1", t0, DifferenceKind::only_here, "y", t0}});
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).at(0).count, 2);
    EXPECT_EQ(sealed().front().content, before);
    call("CA9", t0);
    note({}, {"CA1"});
    EXPECT_TRUE(is_told(R"("unexplained_now":0,"differences_now":[]})"));
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 0U);
}

// Its list failed until it was closed without it, and works again.
TEST_F(LedgerSealing, names_what_is_found_of_a_day_that_was_closed_without_twilio) {
    const LedgerView view{TimeZone(), true};
    start(view);
    call("CA1", t0);
    run_until(midnight + hours{24 * 5} + minutes{2});
    ASSERT_EQ(sealed().size(), 1U);
    note({{"CA9", t0, DifferenceKind::missing, "x", t0}});
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 1U);
    EXPECT_NE(day_json("2025-06-15", view).find(R"("unexplained_now":1)"), std::string::npos);
    note({}, {"CA9"});
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 0U);
}

// Which stays open.
TEST_F(LedgerSealing, names_what_is_found_of_a_day_before_the_first_closed_one) {
    const LedgerView view{TimeZone(), true};
    start(view);
    call("CA1", t0);
    commit(PutTwilioDay{{TimeZone().span_of(date("2025-06-15")), midnight, true, 1, 0, {}}});
    run_until(midnight + hours{1});
    ASSERT_EQ(sealed().size(), 1U);
    const LedgerDifference missing{LedgerDifference::Kind::missing, "CA9", "x"};
    const TimeSpan before = TimeZone().span_of(date("2025-06-14"));
    commit(PutTwilioDay{{before, clock.now(), true, 1, 0, {missing}}});
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 1U);
    EXPECT_NE(day_json("2025-06-14", view).find(R"("call_sid":"CA9")"), std::string::npos);
    call("CA9", t0 - hours{24});
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 0U);
}

TEST_F(LedgerSealing, a_sum_that_was_wrong_is_told_until_it_adds_up) {
    const LedgerView view{TimeZone(), true};
    start(view);
    call("CA1", t0);
    commit(PutTwilioDay{{TimeZone().span_of(date("2025-06-15")), midnight, true, 2, 0, {}}});
    run_until(midnight + hours{1});
    ASSERT_EQ(sealed().size(), 1U);
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 1U);
    call("CA2", t0);
    EXPECT_EQ(ledger_alerts(store, view, clock.now()).size(), 0U);
}

// ---- What a verification finds ----

class LedgerVerification : public LedgerSealing {
protected:
    void SetUp() override {
        start();
        call("CA1", t0);
        call("CA2", t0 + hours{24});
        run_until(midnight + hours{25});
        call("CA3", t0);
        run_until(midnight + hours{49});
        audit = *store.audit_ledger();
        ASSERT_EQ(audit.kept.sealed.size(), 3U);
        ASSERT_EQ(verify_ledger(audit).findings.size(), 0U);
    }
    std::string finding() {
        const auto findings = verify_ledger(audit).findings;
        return findings.empty() ? "nothing" : findings.front();
    }

    LedgerAudit audit;
};

TEST_F(LedgerVerification, counts_what_it_looked_at) {
    EXPECT_EQ(verify_ledger(audit).calls_count, 3);
    EXPECT_EQ(verify_ledger(audit).sealed_days_count, 3);
}

TEST_F(LedgerVerification, finds_a_content_that_was_changed) {
    std::string& content = audit.kept.sealed[1].content;
    content.replace(content.find(R"("unexplained":0)"), 15, R"("unexplained":1)");
    EXPECT_EQ(finding(),
              "the closed day 2025-06-16 was changed after it was closed: its content, or the "
              "corrections made before, do not have its hash");
}

TEST_F(LedgerVerification, finds_a_day_that_was_closed_anew) {
    SealedDay& day = audit.kept.sealed[1];
    day.content.replace(day.content.find(R"("unexplained":0)"), 15, R"("unexplained":1)");
    day.hash = seal_hash(day.previous_hash, day.content, {});
    EXPECT_EQ(finding(),
              "the closed day 2025-06-17 does not follow the day before: the hash of that is not "
              "the one it names");
}

TEST_F(LedgerVerification, finds_a_day_that_is_gone) {
    audit.kept.sealed.erase(audit.kept.sealed.begin() + 1);
    EXPECT_NE(finding(), "nothing");
}

TEST_F(LedgerVerification, finds_a_correction_that_was_changed) {
    audit.kept.corrections.at(0).call_id = "CA4";
    EXPECT_NE(finding().find("2025-06-17 was changed"), std::string::npos) << finding();
}

TEST_F(LedgerVerification, finds_a_correction_that_is_gone) {
    audit.kept.corrections.clear();
    EXPECT_NE(finding(), "nothing");
}

TEST_F(LedgerVerification, finds_columns_that_do_not_add_up) {
    audit.kept.cells.begin()->second.calls += 1;
    audit.recounted = audit.kept.cells;
    EXPECT_EQ(finding(),
              "the closed day 2025-06-15 and its corrections do not add up to what is counted now");
}

TEST_F(LedgerVerification, finds_counters_that_a_recount_contradicts) {
    audit.recounted.begin()->second.calls -= 1;
    EXPECT_EQ(finding(),
              "the counter of out_of_scope of the quarter of an hour from "
              "2025-06-15T15:00:00.000Z is 2, a recount of the calls says 1");
    audit.recounted = audit.kept.cells;
    audit.recounted.begin()->second.without_call_sid += 1;
    EXPECT_NE(finding().find("a recount says 1"), std::string::npos) << finding();
    audit.recounted.clear();
    EXPECT_EQ(verify_ledger(audit).findings.size(), 2U);
    audit.recounted = audit.kept.cells;
    audit.kept.cells.clear();
    EXPECT_GE(verify_ledger(audit).findings.size(), 2U);
}

}  // namespace
}  // namespace wrapup
