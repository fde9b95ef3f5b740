#include <gtest/gtest.h>

#include "app/doctor/doctor.hpp"

namespace wrapup {
namespace {

using Level = Finding::Level;

postgres::Survey good() {
    postgres::Survey seen;
    seen.version = "15.18";
    seen.database = "wrapup";
    seen.timeline = 3;
    seen.standby_names = "ANY 1 (n2,n3)";
    seen.steps_made = 2;
    seen.steps_known = 2;
    return seen;
}

std::vector<Level> levels_of(const std::vector<Finding>& findings) {
    std::vector<Level> levels;
    for (const Finding& one : findings) levels.push_back(one.level);
    return levels;
}

TEST(DoctorDatabase, says_what_the_server_is) {
    const auto findings = judge_database(good());
    EXPECT_EQ(levels_of(findings), (std::vector{Level::good, Level::good, Level::good}));
    EXPECT_EQ(findings[0].text, "PostgreSQL 15.18 answers: database wrapup, timeline 3");
}

TEST(DoctorDatabase, names_what_may_lose_calls) {
    postgres::Survey seen = good();
    seen.has_fsync = false;
    seen.standby_names.clear();
    EXPECT_EQ(levels_of(judge_database(seen)),
              (std::vector{Level::good, Level::broken, Level::note, Level::good}));
}

TEST(DoctorDatabase, tells_a_schema_that_is_not_there_or_not_up_to_date) {
    postgres::Survey seen = good();
    seen.steps_made = 0;
    EXPECT_EQ(judge_database(seen).back().level, Level::good);
    seen.steps_made = 1;
    EXPECT_EQ(judge_database(seen).back().level, Level::note);
}

TEST(DoctorDatabase, tells_what_was_moved_away_though_its_schema_is_older) {
    postgres::Survey seen = good();
    seen.steps_made = 1;
    seen.moved_away = "PostgreSQL: the schema wrapup: was moved to sqlite:home at noon";
    const auto findings = judge_database(seen);
    EXPECT_EQ(findings.back().level, Level::broken);
    EXPECT_EQ(findings.back().text, "DATABASE_URL: " + seen.moved_away);
    EXPECT_EQ(findings.back().advice, "wrapup does not start before that");
}

TEST(DoctorDatabase, finds_broken_what_a_start_is_refused_for) {
    postgres::Survey seen = good();
    seen.steps_made = 0;
    seen.may_not_create = "PostgreSQL: role wp may not create the schema wrapup";
    const Finding may_not = judge_database(seen).back();
    EXPECT_EQ(may_not.level, Level::broken);
    EXPECT_EQ(may_not.text, "DATABASE_URL: " + seen.may_not_create);
    EXPECT_EQ(may_not.advice, "wrapup does not start before that");
    const std::string old = "PostgreSQL: the server is an old primary, on timeline 1";
    const auto findings = judge_database(Error{Errc::unavailable, old});
    ASSERT_EQ(levels_of(findings), std::vector{Level::broken});
    EXPECT_EQ(findings[0].text, "DATABASE_URL: " + old);
    EXPECT_EQ(findings[0].advice,
              "lead DATABASE_URL to the primary of today: wrapup does not start before that");
}

TEST(DoctorDatabase, names_what_living_nodes_were_started_with_otherwise) {
    postgres::Survey seen = good();
    seen.nodes = {{"n1:7", {{"CRM_WEBHOOK_URL", "aa"}}}, {"n2:7", {{"CRM_WEBHOOK_URL", "ab"}}}};
    const auto findings = judge_nodes(seen, {{"CRM_WEBHOOK_URL", "aa"}});
    ASSERT_EQ(levels_of(findings), std::vector{Level::broken});
    EXPECT_EQ(findings[0].text,
              "node n2:7 on the database was started with other settings than these: "
              "CRM_WEBHOOK_URL");
}

TEST(DoctorDatabase, one_that_does_not_answer_is_broken) {
    const auto findings = judge_database(Error{Errc::unavailable, "PostgreSQL at a:1: refused"});
    ASSERT_EQ(levels_of(findings), std::vector{Level::broken});
    EXPECT_EQ(findings[0].text, "DATABASE_URL: PostgreSQL at a:1: refused");
}

}  // namespace
}  // namespace wrapup
