// From what senders said to what the record says, through the workers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

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

TEST(SettlerFacts, a_final_callback_that_says_more_is_heard) {
    WorkersChoice choice;
    choice.has_twilio = false;
    Workers w{choice};
    w.callback(sid_a, {{"CallStatus", "completed"}});
    w.callback(sid_a, {{"CallStatus", "completed"}, {"CallDuration", "47"}});
    w.callback(sid_a, {{"CallStatus", "completed"}, {"AnsweredBy", "machine_start"}});
    w.callback(sid_a, {{"CallStatus", "completed"}, {"AnsweredBy", "machine_start"}});
    EXPECT_THAT(w.story(sid_a).events, SizeIs(3));
    w.webhook(w.document("conv_1", sid_a, "done", "Left a message."));
    w.run_for(seconds{1});
    ASSERT_THAT(w.crm.requests, SizeIs(1));
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("status":"voicemail","duration":47)"));
}

TEST(SettlerFacts, a_voicemail_that_the_agent_heard_is_voicemail_unless_twilio_heard_a_human) {
    const std::string metadata = R"("metadata":{)";
    const auto heard = [&](Workers& w, const std::string& sid) {
        std::string document = w.document("conv_1", sid, "done", "Left a message.");
        document.insert(document.find(metadata) + metadata.size(),
                        R"("features_usage":{"voicemail_detection":{"used":true}},)");
        w.webhook(document);
        w.run_for(seconds{2});
    };
    Workers machine;
    machine.callback(sid_a, {{"CallStatus", "completed"}, {"CallDuration", "60"}});
    heard(machine, sid_a);
    ASSERT_THAT(machine.crm.requests, SizeIs(1));
    EXPECT_THAT(machine.crm.requests[0].body, HasSubstr(R"("status":"voicemail")"));

    Workers human;
    human.completed(sid_a);
    heard(human, sid_a);
    ASSERT_THAT(human.crm.requests, SizeIs(1));
    EXPECT_THAT(human.crm.requests[0].body, HasSubstr(R"("status":"held")"));
}

TEST(SettlerFacts, an_inbound_call_is_the_callers_in_its_record_and_in_lists) {
    WorkersChoice choice;
    choice.accepts_inbound = true;
    Workers w{choice};
    EXPECT_TRUE(w.await(w.service.put_contact({"+61299999999", "Our Front Desk"})));
    EXPECT_TRUE(w.await(w.service.put_contact({"+61413052898", "The Caller"})));
    CallMetadata metadata;
    metadata.to = "+61299999999";
    EXPECT_TRUE(w.await(w.service.put_metadata(sid_a, metadata)));
    w.append(*status_callback_event({{"CallSid", sid_a},
                                     {"CallStatus", "busy"},
                                     {"Direction", "inbound"},
                                     {"From", "+61413052898"},
                                     {"To", "+61299999999"}},
                                    w.clock.now()));
    EXPECT_EQ(w.story(sid_a).call.to, "+61413052898");
    w.run_for(seconds{1});
    ASSERT_THAT(w.crm.requests, SizeIs(1));
    EXPECT_THAT(w.crm.requests[0].body,
                HasSubstr(R"("subject":"Inbound Call","to":"+61413052898","name":"The Caller")"));
    EXPECT_EQ(w.story(sid_a).call.to, "+61413052898");
}

TEST(SettlerFacts, control_characters_reach_no_record) {
    Workers w;
    CallMetadata metadata;
    metadata.name = "Zo\x01\x1b[31me";
    EXPECT_TRUE(w.await(w.service.put_metadata(sid_a, metadata)));
    w.completed(sid_a);
    w.webhook(w.document("conv_1", sid_a, "done", R"(Caller spelled\u0000 the\u009b1m name.)"));
    w.run_for(seconds{1});
    ASSERT_THAT(w.crm.requests, SizeIs(1));
    EXPECT_THAT(w.crm.requests[0].body,
                HasSubstr(R"("name":"Zoe","summary":"Caller spelled the name.")"));
}

}  // namespace
}  // namespace wrapup
