// The demo's verdict is worth something only if it notices what went wrong.

#include "app/demo/demo_account.hpp"

#include <gtest/gtest.h>

#include "domain/record.hpp"

namespace wrapup {
namespace {

const UtcTime t0 = from_unix_s(1'800'000'000);

class DemoAccountTest : public testing::Test {
protected:
    DemoAccountTest() {
        for (const char* to : {"+12025550100", "+12025550101"}) {
            CallPlan plan;
            plan.sid = "CA" + std::string(to);
            plan.to = to;
            plan.name = "Ada";
            plan.duration_s = 60;
            plan.summary = "All is well.";
            book_.add(plan, t0).ended_at = t0;
        }
    }

    static std::string body_of(const CallPlan& plan) {
        Record record;
        record.subject = "Campaign";
        record.to = plan.to;
        record.name = plan.name;
        record.summary = plan.summary;
        record.status = plan.outcome;
        record.duration_s = plan.duration_s;
        return render_record(record);
    }
    const CallPlan& plan(std::size_t index) const { return book_.calls()[index].plan; }
    void deliver(const std::string& key, const std::string& body) {
        ledger_.file(ledger_.note({key, "wh_" + key, body, true}, t0), t0 + milliseconds{20});
    }
    DemoAccount account() const { return make_account(book_, ledger_); }

    CallBook book_;
    CrmLedger ledger_;
};

TEST_F(DemoAccountTest, is_right_when_every_call_has_its_record) {
    deliver("a", body_of(plan(0)));
    deliver("b", body_of(plan(1)));
    deliver("b", body_of(plan(1)));
    EXPECT_TRUE(account().is_right());
    EXPECT_EQ(account().records_count, 2U);
    EXPECT_EQ(account().requests_count, 3U);
    EXPECT_EQ(account().delay_summary, milliseconds{20});
}

TEST_F(DemoAccountTest, misses_a_record) {
    deliver("a", body_of(plan(0)));
    EXPECT_FALSE(account().is_right());
    EXPECT_EQ(account().missing_count, 1U);
}

TEST_F(DemoAccountTest, finds_a_call_that_is_there_twice_under_different_keys) {
    deliver("a", body_of(plan(0)));
    deliver("a2", body_of(plan(0)));
    EXPECT_FALSE(account().is_right());
    EXPECT_EQ(account().records_count, 2U);
    EXPECT_EQ(account().twice_count, 1U);
}

TEST_F(DemoAccountTest, notices_a_record_that_is_not_as_the_call_was) {
    CallPlan wrong = plan(0);
    wrong.summary = "Another summary.";
    deliver("a", body_of(wrong));
    deliver("b", body_of(plan(1)));
    EXPECT_FALSE(account().is_right());
    EXPECT_EQ(account().wrong_count, 1U);
}

TEST_F(DemoAccountTest, notices_a_repeat_with_other_bytes) {
    deliver("a", body_of(plan(0)));
    deliver("b", body_of(plan(1)));
    deliver("b", body_of(plan(0)));
    EXPECT_FALSE(account().is_right());
    EXPECT_EQ(account().altered_count, 1U);
}

}  // namespace
}  // namespace wrapup
