// From what senders said to what the record says, through the workers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using testing::Each;
using testing::HasSubstr;
using testing::SizeIs;

TEST(SettlerFacts, a_subaccounts_call_is_asked_for_under_its_account) {
    Workers w;
    const std::string subaccount = "AC0123456789abcdef0123456789abcdef";
    w.twilio.calls[sid_a] = R"({"sid":")" + sid_a + R"(","status":"completed","duration":"60"})";
    w.callback(sid_a, {{"AccountSid", subaccount}, {"CallStatus", "completed"}});
    w.run_for(seconds{2});
    ASSERT_THAT(w.twilio.accounts, SizeIs(1));
    EXPECT_EQ(w.twilio.accounts[0], subaccount);
}

}  // namespace
}  // namespace wrapup
