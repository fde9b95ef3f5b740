#include "service/send_answers.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace wrapup {
namespace {

TEST(SendAnswers, name_the_setting_that_allows_a_private_address) {
    Courier::Sent sent;
    sent.answer.kind = CrmAnswer::Kind::blocked;
    sent.answer.error = "the address is private";
    sent.verdict.outcome = AttemptOutcome::refused;
    const SendNowAnswer answer = answer_of(sent);
    EXPECT_EQ(answer.kind, SendNowAnswer::Kind::unreachable);
    EXPECT_THAT(answer.message, testing::HasSubstr("WRAPUP_ALLOW_PRIVATE_TARGETS=true"));
}

}  // namespace
}  // namespace wrapup
