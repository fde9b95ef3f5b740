// From what senders said to what the record says, through the workers.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/service/workers.hpp"

namespace wrapup {
namespace {

using std::chrono::minutes;
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

// Begun in a web page, or by a dialler that bridges the voice itself: no phone call of its own.
std::string naming(const std::string& call_sid, UtcTime started_at = t0 - seconds{60}) {
    return R"({"conversation_id":"conv_9","agent_id":"agent_1","status":"done","metadata":{)"
           R"("start_time_unix_secs":)" +
           std::to_string(to_unix_s(started_at)) +
           R"(,"call_duration_secs":60,"phone_call":null},"analysis":{"transcript_summary":)"
           R"("A debt."},"conversation_initiation_client_data":{"dynamic_variables":{)"
           R"("name":"Eve","system__called_number":"+61413052898","system__call_sid":")" +
           call_sid + R"("}}})";
}

TEST(SettlerFacts, a_call_that_twilio_does_not_know_is_none_because_a_web_page_names_it) {
    Workers w;
    w.webhook(naming(sid_a));
    w.run_for(minutes{5});
    EXPECT_THAT(w.crm.requests, SizeIs(0));
    EXPECT_EQ(w.story(sid_a).call.parked, ParkReason::unlinked);
    EXPECT_EQ((w.metrics.counts[{Counter::calls_parked, "unlinked"}]), 1);
    EXPECT_THAT(w.log.messages, testing::Contains("call parked"));
    // It is one after all.
    CallMetadata metadata;
    metadata.name = "Ada";
    EXPECT_TRUE(w.await(w.service.put_metadata(sid_a, metadata)));
    w.run_for(seconds{1});
    ASSERT_THAT(w.crm.requests, SizeIs(1));
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("name":"Ada","summary":"A debt.")"));
}

TEST(SettlerFacts, a_call_that_a_conversation_names_is_one_where_twilio_knows_or_cannot_say) {
    Workers known;
    known.twilio.calls[sid_a] =
        R"({"sid":")" + sid_a + R"(","status":"completed","duration":"60","to":"+61413052898"})";
    known.webhook(naming(sid_a));
    known.run_for(minutes{1});
    EXPECT_THAT(known.crm.requests, SizeIs(1));

    WorkersChoice choice;
    choice.has_twilio = false;
    Workers alone{choice};
    alone.webhook(naming(sid_a));
    alone.run_for(minutes{1});
    EXPECT_THAT(alone.crm.requests, SizeIs(1));

    Workers away;
    away.twilio.trouble = Error{Errc::unavailable, "HTTP 503"};
    away.webhook(naming(sid_a));
    away.run_for(minutes{9});
    EXPECT_THAT(away.crm.requests, SizeIs(0)) << "Twilio may still say";
    EXPECT_LT(away.twilio.requests.size(), 30U);
    away.run_for(minutes{2});
    EXPECT_THAT(away.crm.requests, SizeIs(1));
}

TEST(SettlerFacts, a_conversation_of_another_time_gives_a_call_neither_summary_nor_name) {
    for (const std::chrono::hours apart : {std::chrono::hours{-3}, std::chrono::hours{3}}) {
        for (const bool is_named_by_metadata : {true, false}) {
            Workers w;
            const UtcTime then = t0 + apart;
            std::string other = w.document("conv_9", "", "done", "A debt.");
            const std::string begun_at = std::to_string(to_unix_s(t0) - 60);
            other.replace(other.find(begun_at), begun_at.size(), std::to_string(to_unix_s(then)));
            if (!is_named_by_metadata) other = naming(sid_a, then);
            CallMetadata metadata;
            metadata.conversation_id = "conv_9";
            w.elevenlabs.documents["conv_9"] = other;
            if (is_named_by_metadata) {
                EXPECT_TRUE(w.await(w.service.put_metadata(sid_a, metadata)));
            } else {
                w.webhook(other);
            }
            w.callback(sid_a, {{"CallStatus", "completed"},
                               {"CallDuration", "60"},
                               {"AnsweredBy", "human"},
                               {"Timestamp", format_rfc2822(t0)}});
            w.run_for(minutes{5});
            ASSERT_THAT(w.crm.requests, SizeIs(1)) << apart.count();
            EXPECT_THAT(w.crm.requests[0].body, testing::Not(HasSubstr("A debt.")));
            EXPECT_THAT(w.crm.requests[0].body, testing::Not(HasSubstr("Eve")));
        }
    }
}

// No question of this process was answered with it, as after a restart.
TEST(SettlerFacts, a_conversation_that_a_call_has_by_the_store_is_given_to_no_other) {
    Workers w;
    const std::string document = w.document("conv_9", "", "done", "A debt.");
    w.elevenlabs.documents["conv_9"] = document;
    CallMetadata same;
    same.conversation_id = "conv_9";
    EXPECT_TRUE(w.await(w.service.put_metadata(sid_a, same)));
    w.completed(sid_a);
    w.run_for(milliseconds{500});
    w.webhook(document);
    w.run_for(seconds{1});
    ASSERT_THAT(w.crm.requests, SizeIs(1));
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr("A debt."));
    EXPECT_THAT(w.elevenlabs.fetches, SizeIs(0));
    EXPECT_TRUE(w.await(w.service.put_metadata(sid_number(2), same)));
    w.completed(sid_number(2));
    w.run_for(minutes{5});
    ASSERT_THAT(w.crm.requests, SizeIs(2));
    EXPECT_THAT(w.crm.requests[1].body, testing::Not(HasSubstr("A debt.")));
}

TEST(SettlerFacts, a_sip_call_has_what_was_known_before_of_the_call_that_names_it) {
    Workers w;
    CallMetadata metadata;
    metadata.name = "Ada";
    metadata.campaign_name = "Spring";
    metadata.conversation_id = "conv_1";
    EXPECT_TRUE(w.await(w.service.put_metadata(sid_a, metadata)));
    std::string document = w.document("conv_1", "x", "done", "They talked.");
    document.replace(document.find(R"("twilio")"), 8, R"("sip_trunking")");
    w.webhook(document);
    w.run_for(seconds{1});
    ASSERT_THAT(w.crm.requests, SizeIs(1));
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("subject":"Spring")"));
    EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("name":"Ada")"));
}

TEST(SettlerFacts, a_contact_is_found_however_a_trunk_spells_the_number) {
    for (const char* const spelled : {"sip:+61413052898@pbx.test", "+61 413 052 898"}) {
        Workers w;
        EXPECT_TRUE(w.await(w.service.put_contact({"+61413052898", "Ada"})));
        std::string document = w.document("conv_1", "x", "done", "They talked.");
        document.replace(document.find(R"("twilio")"), 8, R"("sip_trunking")");
        document.replace(document.find("+61413052898"), 12, spelled);
        w.webhook(document);
        w.run_for(seconds{1});
        ASSERT_THAT(w.crm.requests, SizeIs(1));
        EXPECT_THAT(w.crm.requests[0].body, HasSubstr(R"("name":"Ada")")) << spelled;
    }
}

}  // namespace
}  // namespace wrapup
