#include "codec/twilio/twilio_events.hpp"

#include <gtest/gtest.h>

#include "codec/observation.hpp"

namespace wrapup {
namespace {

using namespace std::string_literals;

const std::string sid = "CA0123456789abcdef0123456789abcdef";
const std::string parent_sid = "CAffffffffffffffffffffffffffffffff";
const UtcTime now = from_unix_s(1762713911);

Form status_form(const std::string& status) {
    return {{"CallSid", sid},
            {"AccountSid", "ACfedcba9876543210fedcba9876543210"},
            {"From", "+15005550006"},
            {"To", "+14155550123"},
            {"CallStatus", status},
            {"Direction", "outbound-api"},
            {"Duration", "2"},
            {"CallDuration", "79"},
            {"Timestamp", "Sun, 09 Nov 2025 18:45:06 +0000"},
            {"SequenceNumber", "3"},
            {"FromCity", ""}};
}

Form with(Form form, const std::string& name, const std::string& value) {
    for (auto& field : form) {
        if (field.first == name) return field.second = value, form;
    }
    form.emplace_back(name, value);
    return form;
}

Form without(Form form, const std::string& name) {
    std::erase_if(form, [&](const auto& field) { return field.first == name; });
    return form;
}

NewEvent event_of(const Form& form) { return status_callback_event(form, now).value(); }
Observation observation_of(const NewEvent& event) {
    return decode_observation(event.kind, event.payload).value();
}

TEST(StatusCallback, becomes_an_event_with_all_its_fields) {
    const NewEvent event = event_of(with(status_form("completed"), "Unknown", "\"quoted\" Zoë\n"));
    EXPECT_EQ(event.kind, EventKind::twilio_status);
    EXPECT_EQ(event.call_sid, sid);
    EXPECT_EQ(event.conversation_id, "");
    EXPECT_EQ(event.to, "+14155550123");
    EXPECT_EQ(event.received_at, now);
    EXPECT_TRUE(event.is_ours);
    EXPECT_EQ(event.payload,
              R"({"CallSid":"CA0123456789abcdef0123456789abcdef",)"
              R"("AccountSid":"ACfedcba9876543210fedcba9876543210","From":"+15005550006",)"
              R"("To":"+14155550123","CallStatus":"completed","Direction":"outbound-api",)"
              R"("Duration":"2","CallDuration":"79",)"
              R"("Timestamp":"Sun, 09 Nov 2025 18:45:06 +0000","SequenceNumber":"3",)"
              R"("FromCity":"","Unknown":"\"quoted\" Zoë\n"})");
}

TEST(StatusCallback, is_understood_again) {
    const Form form = with(status_form("completed"), "AnsweredBy", "human");
    const StatusReport expected{.status = CallStatus::completed,
                                .sequence_number = 3,
                                .duration_s = 79,
                                .answered_by = "human",
                                .to = "+14155550123",
                                .from = "+15005550006",
                                .direction = Direction::outbound,
                                .at = from_unix_s(1762713906),
                                .account_sid = "ACfedcba9876543210fedcba9876543210"};
    EXPECT_EQ(observation_of(event_of(form)), Observation{expected});
}

TEST(StatusCallback, an_account_that_is_none_is_not_kept) {
    for (const char* odd : {"", "AC1", "CA0123456789abcdef0123456789abcdef", "AC/../x"}) {
        const NewEvent event = event_of(with(status_form("busy"), "AccountSid", odd));
        EXPECT_EQ(std::get<StatusReport>(observation_of(event)).account_sid, "") << odd;
    }
}

TEST(StatusCallback, a_final_status_is_due_at_once) {
    for (const char* status : {"completed", "busy", "no-answer", "failed", "canceled"}) {
        EXPECT_EQ(event_of(status_form(status)).due_at, now) << status;
    }
    for (const char* status : {"queued", "initiated", "ringing"}) {
        EXPECT_EQ(event_of(status_form(status)).due_at, now + open_ring_max) << status;
    }
    EXPECT_EQ(event_of(status_form("in-progress")).due_at, now + open_talk_max);
    EXPECT_EQ(event_of(status_form("new-word")).due_at, now + silence_max);
}

struct MissingRow {
    const char* field;
    const char* value;
    const char* detail;
};

TEST(StatusCallback, only_the_sid_and_the_status_are_required) {
    const MissingRow rows[] = {
        {"CallSid", "", "CallSid is missing"},
        {"CallSid", "CA123", "CallSid is malformed"},
        {"CallSid", "CA../../../../../../../../../../../", "CallSid is malformed"},
        {"CallStatus", " ", "CallStatus is missing"},
    };
    for (const MissingRow& row : rows) {
        const auto event =
            status_callback_event(with(status_form("busy"), row.field, row.value), now);
        ASSERT_FALSE(event) << row.field;
        EXPECT_EQ(event.error(), (Error{Errc::invalid_input, row.detail}));
    }
    const std::string loud = "CA0123456789ABCDEF0123456789ABCDEF";  // Twilio writes lower case.
    const NewEvent same = event_of(with(status_form("busy"), "CallSid", loud));
    EXPECT_EQ(same.call_sid, sid);
    EXPECT_EQ(same.dedup_key, event_of(status_form("busy")).dedup_key);
    EXPECT_EQ(event_of(with(status_form("busy"), "ParentCallSid", loud)).kind,
              EventKind::twilio_status);
    EXPECT_FALSE(status_callback_event(without(status_form("busy"), "CallSid"), now));
    EXPECT_FALSE(status_callback_event(without(status_form("busy"), "CallStatus"), now));
    EXPECT_FALSE(status_callback_event({}, now));

    const NewEvent bare = event_of({{"CallSid", sid}, {"CallStatus", "busy"}});
    StatusReport expected;
    expected.status = CallStatus::busy;
    EXPECT_EQ(observation_of(bare), Observation{expected});
}

TEST(StatusCallback, an_unknown_status_is_kept_as_a_remark) {
    const NewEvent event = event_of(status_form("teleported"));
    EXPECT_EQ(event.kind, EventKind::twilio_status);
    EXPECT_EQ(observation_of(event), Observation{Remark{}});
    EXPECT_NE(event.dedup_key, event_of(status_form("abducted")).dedup_key);
}

TEST(StatusCallback, a_leg_belongs_to_its_parent) {
    const NewEvent event = event_of(with(status_form("completed"), "ParentCallSid", parent_sid));
    EXPECT_EQ(event.kind, EventKind::twilio_child_status);
    EXPECT_EQ(event.call_sid, parent_sid);
    EXPECT_FALSE(event.is_ours);
    EXPECT_EQ(event.to, "");
    EXPECT_EQ(event.due_at, now + silence_max);
    EXPECT_EQ(observation_of(event), Observation{ChildLegReport{}});
    EXPECT_EQ(event_of(with(status_form("busy"), "ParentCallSid", "")).kind,
              EventKind::twilio_status);
    EXPECT_EQ(event_of(with(status_form("busy"), "ParentCallSid", sid)).kind,
              EventKind::twilio_status);
}

TEST(StatusCallback, odd_numbers_are_missing_numbers) {
    for (const char* text : {"", "-1", "x", "1e3", "99999999999999999999", "1.x"}) {
        Form form = with(status_form("completed"), "CallDuration", text);
        form = with(form, "SequenceNumber", text);
        const auto report = std::get<StatusReport>(observation_of(event_of(form)));
        EXPECT_EQ(report.duration_s, std::nullopt) << text;
        EXPECT_EQ(report.sequence_number, std::nullopt) << text;
    }
    const Form minutes_only = without(status_form("completed"), "CallDuration");
    EXPECT_EQ(std::get<StatusReport>(observation_of(event_of(minutes_only))).duration_s,
              std::nullopt);
}

TEST(StatusCallback, one_that_says_more_is_no_repeat) {
    const Form form = without(without(status_form("completed"), "SequenceNumber"), "CallDuration");
    const std::string key = event_of(form).dedup_key;
    const std::pair<const char*, const char*> rows[] = {
        {"CallDuration", "47"},     {"AnsweredBy", "machine_start"}, {"SequenceNumber", "0"},
        {"SipResponseCode", "487"}, {"ErrorCode", "31005"},          {"CallStatus", "busy"},
        {"To", "+14155550124"},     {"From", "+15005550007"},        {"Direction", "inbound"},
    };
    for (const auto& [name, value] : rows) {
        EXPECT_NE(event_of(with(form, name, value)).dedup_key, key) << name;
        EXPECT_LE(event_of(with(form, name, value)).dedup_key.size(), 120U) << name;
    }
    const Form numbered = status_form("completed");
    EXPECT_NE(event_of(with(numbered, "CallDuration", "80")).dedup_key,
              event_of(numbered).dedup_key);
}

TEST(StatusCallback, one_that_is_sent_again_is_a_repeat) {
    const Form form = with(status_form("completed"), "AnsweredBy", "human");
    const std::string key = event_of(form).dedup_key;
    const std::pair<const char*, const char*> rows[] = {
        {"Timestamp", "Sun, 09 Nov 2025 18:45:09 +0000"},
        {"CallStatus", "Completed"},
        {"CallDuration", " 79 "},
        {"SequenceNumber", "03"},
        {"AnsweredBy", "human "},
        {"Direction", "outbound-dial"},
        {"Duration", "3"},
        {"ToCity", "SAN FRANCISCO"},
        {"StirVerstat", "TN-Validation-Passed-A"},
    };
    for (const auto& [name, value] : rows) {
        EXPECT_EQ(event_of(with(form, name, value)).dedup_key, key) << name;
    }
    Form other_order(form.rbegin(), form.rend());
    EXPECT_EQ(event_of(other_order).dedup_key, key);
}

TEST(StatusCallback, an_inbound_call_stands_under_the_callers_number) {
    const Form form = with(status_form("completed"), "Direction", "inbound");
    EXPECT_EQ(event_of(form).to, "+15005550006");
    EXPECT_EQ(event_of(with(form, "From", "anon\x01ymous")).to, "anonymous");
}

TEST(StatusCallback, keys_stay_short_and_plain) {
    const NewEvent huge = event_of(status_form(std::string(60000, 'x')));
    EXPECT_LE(huge.dedup_key.size(), 120U);
    EXPECT_NE(huge.dedup_key, event_of(status_form(std::string(60001, 'x'))).dedup_key);
    const NewEvent odd = event_of(status_form("a|b\xff\0"s));
    EXPECT_EQ(odd.dedup_key.find('\xff'), std::string::npos);
    EXPECT_NE(odd.dedup_key, event_of(status_form("a|b\xfe\0"s)).dedup_key);
}

TEST(StatusCallback, what_is_no_utf8_still_makes_valid_json) {
    Form form = with(status_form("completed"), "To", "Zo\xEB");
    form.emplace_back("bad\xFFname\"", "\x01\x80\\");
    const NewEvent event = event_of(form);
    EXPECT_EQ(event.to, "Zo\uFFFD");
    EXPECT_EQ(std::get<StatusReport>(observation_of(event)).to, "Zo\uFFFD");
    EXPECT_NE(event.payload.find("\"bad\uFFFDname\\\"\":\"\\u0001\uFFFD\\\\\""), std::string::npos);
}

TEST(StatusCallback, the_first_of_a_repeated_name_counts) {
    Form form = status_form("completed");
    form.emplace_back("CallStatus", "busy");
    const NewEvent event = event_of(form);
    EXPECT_EQ(std::get<StatusReport>(observation_of(event)).status, CallStatus::completed);
    EXPECT_EQ(event.payload.find("busy"), std::string::npos);
}

TEST(AmdCallback, becomes_an_event) {
    const Form form = {{"CallSid", sid},
                       {"AccountSid", "ACfedcba9876543210fedcba9876543210"},
                       {"AnsweredBy", "machine_start"},
                       {"MachineDetectionDuration", "4000"}};
    const NewEvent event = amd_callback_event(form, now).value();
    EXPECT_EQ(event.kind, EventKind::twilio_amd);
    EXPECT_EQ(event.call_sid, sid);
    EXPECT_EQ(event.dedup_key, "ta|" + sid + "|machine_start");
    const MachineReport expected{"machine_start", "ACfedcba9876543210fedcba9876543210"};
    EXPECT_EQ(observation_of(event), Observation{expected});
    EXPECT_EQ(amd_callback_event({{"CallSid", sid}}, now).error().detail, "AnsweredBy is missing");
    EXPECT_EQ(amd_callback_event({{"AnsweredBy", "human"}}, now).error().detail,
              "CallSid is missing");
}

constexpr std::string_view call_json =
    R"({"sid":"CA0123456789abcdef0123456789abcdef","status":"completed","duration":"79",)"
    R"("account_sid":"ACfedcba9876543210fedcba9876543210",)"
    R"("date_created":"Sun, 09 Nov 2025 18:43:40 +0000",)"
    R"("start_time":"Sun, 09 Nov 2025 18:43:47 +0000",)"
    R"("end_time":"Sun, 09 Nov 2025 18:45:06 +0000","answered_by":"machine_start","price":null,)"
    R"("direction":"outbound-api","to":"+14155550123","from":"+15005550006",)"
    R"("parent_call_sid":null,"queue_time":"0"})";

TEST(TwilioCallJson, is_read) {
    const TwilioCall expected{.sid = sid,
                              .account_sid = "ACfedcba9876543210fedcba9876543210",
                              .parent_sid = "",
                              .status = CallStatus::completed,
                              .duration_s = 79,
                              .answered_by = "machine_start",
                              .to = "+14155550123",
                              .from = "+15005550006",
                              .direction = Direction::outbound,
                              .created_at = from_unix_s(1762713820),
                              .started_at = from_unix_s(1762713827),
                              .ended_at = from_unix_s(1762713906)};
    const TwilioCall call = parse_twilio_call(call_json).value();
    EXPECT_EQ(call, expected);
    const NewEvent event = twilio_rest_event(call, call_json, now);
    EXPECT_EQ(event.kind, EventKind::twilio_rest);
    EXPECT_EQ(event.call_sid, sid);
    EXPECT_EQ(event.due_at, now);
    EXPECT_EQ(event.created_at, expected.created_at);
    EXPECT_EQ(observation_of(event), Observation{expected});
}

TEST(TwilioCallJson, an_answer_that_says_more_is_another_event) {
    const TwilioCall call = parse_twilio_call(call_json).value();
    const std::string key = twilio_rest_event(call, call_json, now).dedup_key;
    EXPECT_EQ(twilio_rest_event(call, "{}", now + seconds{1}).dedup_key, key);
    EXPECT_LE(key.size(), 120U);
    TwilioCall other = call;
    other.duration_s.reset();
    EXPECT_NE(twilio_rest_event(other, call_json, now).dedup_key, key);
    other = call;
    other.ended_at.reset();
    EXPECT_NE(twilio_rest_event(other, call_json, now).dedup_key, key);
    other = call;
    other.answered_by.clear();
    EXPECT_NE(twilio_rest_event(other, call_json, now).dedup_key, key);
    other = call;
    other.direction = Direction::inbound;
    EXPECT_NE(twilio_rest_event(other, call_json, now).dedup_key, key);
    EXPECT_EQ(twilio_rest_event(other, call_json, now).to, "+15005550006");
}

TEST(TwilioCallJson, only_the_sid_is_required) {
    TwilioCall expected;
    expected.sid = sid;
    EXPECT_EQ(parse_twilio_call("{\"sid\":\"" + sid + "\"}").value(), expected);
    const std::string odd = "{\"sid\":\"" + sid +
                            R"(","status":null,"duration":null,"answered_by":null,"to":{},)"
                            R"("from":[],"direction":null,"start_time":"","end_time":7})";
    EXPECT_EQ(parse_twilio_call(odd).value(), expected);
    expected.to = "14155554007";
    EXPECT_EQ(parse_twilio_call("{\"sid\":\"" + sid + "\",\"to\":14155554007}").value(), expected);
    for (const char* json :
         {"", "{}", "[]", "null", "{\"sid\":1}", "{\"sid\":\"CA1\"}", "{\"sid\""}) {
        const auto call = parse_twilio_call(json);
        ASSERT_FALSE(call) << json;
        EXPECT_EQ(call.error().code, Errc::invalid_input);
    }
}

TEST(TwilioCallJson, hostile_json_is_refused_without_harm) {
    EXPECT_FALSE(parse_twilio_call("{\"sid\":" + std::string(1000000, '[')));
    EXPECT_FALSE(parse_twilio_call(std::string(1000000, '{')));
}

}  // namespace
}  // namespace wrapup
