#include "service/fleet/fleet_log.hpp"

#include <gmock/gmock.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::minutes;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class FleetLogTest : public testing::Test {
protected:
    static NodeRow other(const std::string& id, milliseconds seen_at) {
        NodeRow row;
        row.id = id;
        row.host = id;
        row.pid = 7;
        row.seen_at = t0 + seen_at;
        return row;
    }
    static NodeRow with(NodeRow row, SettingDigests settings) {
        row.settings = std::move(settings);
        return row;
    }
    // What this node hears with its beat at that time.
    void hear(milliseconds at, const std::vector<NodeRow>& others,
              const SettingDigests& ours = {}) {
        FleetNews news;
        news.nodes.push_back(with(other("this", at), ours));
        news.nodes.front().is_this = true;
        news.nodes.insert(news.nodes.end(), others.begin(), others.end());
        fleet.heard(news);
    }
    // A beat each second, with `b` heard of at `seen_at` for the last time.
    void hear_until(seconds until, seconds seen_at) {
        while (now < until) {
            now += seconds{1};
            hear(now, {other("b", std::min(now, seen_at))});
        }
    }
    std::vector<std::string> keys() const {
        std::vector<std::string> all;
        for (const AlertCondition& one : fleet.alerts()) all.push_back(one.key);
        return all;
    }

    QuietLog log;
    FleetLog fleet{log};
    seconds now{0};
};

TEST_F(FleetLogTest, says_nothing_of_those_that_were_there_before_it) {
    hear_until(seconds{20}, seconds{20});
    EXPECT_THAT(log.messages, IsEmpty());
}

TEST_F(FleetLogTest, tells_once_that_a_node_fell_silent_and_that_it_is_back) {
    hear_until(seconds{30}, seconds{10});
    EXPECT_THAT(log.messages,
                ElementsAre("another node has fallen silent: the others do its work"));
    EXPECT_EQ(log.lines[0].level, LogLevel::warning);
    EXPECT_EQ(log.lines[0].fields[0].second, "b:7");
    EXPECT_THAT(keys(), ElementsAre("node_silent:b:7"));
    hear_until(seconds{35}, seconds{35});
    EXPECT_EQ(log.messages.back(), "another node is back");
    EXPECT_EQ(log.messages.size(), 2U);
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(FleetLogTest, a_silent_node_that_is_forgotten_is_an_alert_for_an_hour) {
    hear_until(seconds{30}, seconds{10});
    hear(seconds{31}, {});
    EXPECT_EQ(log.messages.back(), "a silent node is counted no longer: others have its work");
    EXPECT_THAT(fleet.alerts().at(0).text, HasSubstr("node b:7 fell silent at 2025-"));
    hear(minutes{59}, {});
    EXPECT_THAT(keys(), ElementsAre("node_silent:b:7"));
    hear(minutes{61}, {});
    EXPECT_THAT(keys(), IsEmpty());
    EXPECT_EQ(log.messages.size(), 2U);
}

TEST_F(FleetLogTest, tells_who_joins_who_stops_and_who_starts_anew) {
    hear(seconds{1}, {});
    hear(seconds{2}, {other("b", seconds{2})});
    NodeRow again = other("b", seconds{3});
    again.started_at = t0 + seconds{3};
    hear(seconds{3}, {again});
    again.has_stopped = true;
    hear(seconds{4}, {again});
    hear(minutes{2}, {});
    EXPECT_THAT(log.messages,
                ElementsAre("another node has joined", "another node was started anew",
                            "another node has stopped"));
}

// Nor was anybody heard of while the database was away.
TEST_F(FleetLogTest, takes_nobody_for_silent_who_could_not_be_heard) {
    hear_until(seconds{10}, seconds{10});
    hear(minutes{2}, {other("b", seconds{10})});
    hear(minutes{2} + seconds{1}, {other("b", minutes{2})});
    EXPECT_THAT(log.messages, IsEmpty());
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(FleetLogTest, a_node_that_is_silent_stays_so_over_a_gap) {
    hear_until(seconds{30}, seconds{10});
    hear(minutes{2}, {other("b", seconds{10})});
    EXPECT_EQ(log.messages.size(), 1U);
}

TEST_F(FleetLogTest, names_what_another_node_has_otherwise_once_for_each_of_its_starts) {
    const SettingDigests ours{{"CRM_WEBHOOK_URL", "aa"}, {"WRAPUP_INBOUND", "cc"}};
    const SettingDigests theirs{{"CRM_WEBHOOK_URL", "ab"}, {"WRAPUP_INBOUND", "cc"}};
    for (int s = 1; s < 5; ++s) {
        hear(seconds{s}, {with(other("b", seconds{s}), theirs)}, ours);
    }
    ASSERT_THAT(log.messages, ElementsAre("another node has other settings than this one"));
    EXPECT_EQ(log.lines[0].level, LogLevel::warning);
    EXPECT_EQ(log.lines[0].fields[0].second, "b:7");
    EXPECT_EQ(log.lines[0].fields[1].second, "CRM_WEBHOOK_URL");
    EXPECT_EQ(log.lines[0].fields.size(), 3U);
    NodeRow again = with(other("b", seconds{5}), {{"WRAPUP_API_TOKEN", "dd"}});
    again.started_at = t0;
    hear(seconds{5}, {again}, ours);
    ASSERT_EQ(log.messages.size(), 3U);
    EXPECT_EQ(log.lines[2].fields[1].second, "CRM_WEBHOOK_URL, WRAPUP_API_TOKEN, WRAPUP_INBOUND");
    EXPECT_EQ(log.lines[2].fields[3].second, "that of one node is refused by the other");
}

TEST_F(FleetLogTest, compares_nothing_with_the_same_an_older_program_or_one_that_is_gone) {
    const SettingDigests ours{{"CRM_WEBHOOK_URL", "aa"}};
    for (int s = 1; s < 4; ++s) {
        hear(seconds{s},
             {with(other("b", seconds{s}), ours), other("c", seconds{s}),
              with(other("d", seconds{-30}), {{"A", "1"}})},
             ours);
    }
    EXPECT_THAT(log.messages, IsEmpty());
}

TEST_F(FleetLogTest, tells_when_beats_begin_to_fail_and_when_they_do_not_any_more) {
    hear_until(seconds{1}, seconds{1});
    for (int i = 0; i < 3; ++i) fleet.beat_failed({Errc::unavailable, "no answer"});
    EXPECT_THAT(log.messages,
                ElementsAre("this node is not heard of by the others: its beat fails"));
    EXPECT_EQ(log.lines[0].fields[0].second, "no answer");
    hear_until(seconds{3}, seconds{3});
    EXPECT_EQ(log.messages.back(), "this node is heard of again");
    EXPECT_EQ(log.messages.size(), 2U);
}

TEST_F(FleetLogTest, tells_once_that_another_process_has_its_place) {
    FleetNews news;
    news.is_replaced = true;
    for (int i = 0; i < 3; ++i) fleet.heard(news);
    ASSERT_EQ(log.messages.size(), 1U);
    EXPECT_THAT(log.messages[0], HasSubstr("another process has taken this node's place"));
    EXPECT_THAT(keys(), ElementsAre("node_replaced"));
    news.is_replaced = false;
    for (int i = 0; i < 3; ++i) fleet.heard(news);
    ASSERT_EQ(log.messages.size(), 2U);
    EXPECT_THAT(log.messages[1], HasSubstr("this node has its place again"));
    EXPECT_THAT(keys(), IsEmpty());
}

TEST_F(FleetLogTest, tells_of_sessions_that_were_ended_each_time) {
    FleetNews news;
    news.stalled_sessions = 2;
    for (int i = 0; i < 2; ++i) fleet.heard(news);
    ASSERT_EQ(log.messages.size(), 2U);
    EXPECT_EQ(log.lines[0].fields[0].second, "2");
}

TEST_F(FleetLogTest, tells_a_clock_that_was_set_and_alerts_for_an_hour) {
    hear(seconds{1}, {});
    FleetNews news;
    news.nodes.push_back(other("this", seconds{2}));
    news.nodes.front().is_this = true;
    news.clock_set_by = -std::chrono::hours{5};
    fleet.heard(news);
    EXPECT_THAT(log.messages, ElementsAre(HasSubstr("the database's clock was set")));
    EXPECT_THAT(keys(), ElementsAre("database_clock"));
    EXPECT_THAT(fleet.alerts().front().text, HasSubstr("set back by 18000 s"));
    hear(minutes{59}, {});
    EXPECT_THAT(keys(), ElementsAre("database_clock"));
    hear(minutes{62}, {});
    EXPECT_THAT(keys(), IsEmpty());
}

}  // namespace
}  // namespace wrapup
