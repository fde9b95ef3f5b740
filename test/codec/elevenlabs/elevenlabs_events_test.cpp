#include "codec/elevenlabs/elevenlabs_events.hpp"

#include <gtest/gtest.h>

#include "codec/observation.hpp"

namespace wrapup {
namespace {

const std::string sid = "CA0123456789abcdef0123456789abcdef";
const UtcTime now = from_unix_s(1762713911);

// `data` of a transcription, with parts that tests replace.
struct Data {
    std::string phone =
        R"({"direction":"outbound","agent_number":"+15005550006","external_number":"+14155550123",)"
        R"("type":"twilio","stream_sid":"MZ0","call_sid":"CA0123456789abcdef0123456789abcdef"})";
    std::string analysis =
        R"({"call_successful":"success","transcript_summary":"Moved to Thursday."})";
    std::string variables = R"({"customer_name":"Zoë"})";
    std::string status = "\"done\"";
    std::string agent = "\"agent_1\"";

    std::string json() const {
        return R"({"agent_id":)" + agent + R"(,"conversation_id":"conv_1","status":)" + status +
               R"(,"transcript":[{"role":"user","message":"my secret"}],"metadata":)"
               R"({"start_time_unix_secs":1762713827,"call_duration_secs":79,"phone_call":)" +
               phone + R"(},"analysis":)" + analysis +
               R"(,"conversation_initiation_client_data":{"dynamic_variables":)" + variables +
               R"(},"unknown_member":[1,2.5,null]})";
    }
    std::string webhook(const std::string& type = "post_call_transcription") const {
        return R"({"type": ")" + type + R"(", "event_timestamp": 1762713911, "data": )" + json() +
               "}";
    }
};

NewEvent event_of(const std::string& body, const WebhookScope& scope = {}) {
    return webhook_event(body, scope, now).value();
}
Conversation conversation_of(const Data& data) {
    return parse_conversation(data.json()).value().conversation;
}

TEST(ElevenLabsWebhook, a_transcription_becomes_an_event_without_transcript) {
    const NewEvent event = event_of(Data{}.webhook());
    EXPECT_EQ(event.kind, EventKind::elevenlabs_transcription);
    EXPECT_EQ(event.call_sid, sid);
    EXPECT_EQ(event.conversation_id, "conv_1");
    EXPECT_EQ(event.to, "+14155550123");
    EXPECT_EQ(event.received_at, now);
    EXPECT_EQ(event.due_at, now);
    EXPECT_TRUE(event.is_ours);
    EXPECT_EQ(event.payload.find("my secret"), std::string::npos);
    EXPECT_NE(event.payload.find("unknown_member"), std::string::npos);
}

TEST(ElevenLabsWebhook, a_transcription_is_understood_again) {
    const NewEvent event = event_of(Data{}.webhook());
    const Conversation expected{.conversation_id = "conv_1",
                                .agent_id = "agent_1",
                                .status = ConversationStatus::done,
                                .line = PhoneLine::twilio,
                                .call_sid = sid,
                                .is_phone_call = true,
                                .has_own_call_sid = true,
                                .external_number = "+14155550123",
                                .agent_number = "+15005550006",
                                .direction = Direction::outbound,
                                .summary = "Moved to Thursday.",
                                .contact_name = "Zoë",
                                .call_result = "",
                                .duration_s = 79,
                                .started_at = from_unix_s(1762713827)};
    EXPECT_EQ(decode_observation(event.kind, event.payload).value(), Observation{expected});
    EXPECT_EQ(conversation_of(Data{}), expected);
}

TEST(ElevenLabsWebhook, sent_again_it_has_the_same_key) {
    const std::string body = Data{}.webhook();
    std::string again = body;
    again.replace(again.find("1762713911"), 10, "1762714999");
    EXPECT_EQ(event_of(again).dedup_key, event_of(body).dedup_key);
    Data other;
    other.analysis = R"({"transcript_summary":"Another one."})";
    EXPECT_NE(event_of(other.webhook()).dedup_key, event_of(body).dedup_key);
    EXPECT_NE(event_of(Data{}.webhook("post_call_transcription_otel")).dedup_key,
              event_of(body).dedup_key);
    EXPECT_LE(event_of(body).dedup_key.size(), 120U);
}

TEST(ElevenLabsWebhook, only_the_conversation_id_is_required) {
    const NewEvent bare =
        event_of(R"({"type":"post_call_transcription","data":{"conversation_id":"conv_1"}})");
    EXPECT_EQ(bare.conversation_id, "conv_1");
    EXPECT_FALSE(bare.is_ours);
    // The webhook itself says that the call is over.
    Conversation expected;
    expected.conversation_id = "conv_1";
    expected.status = ConversationStatus::done;
    EXPECT_EQ(decode_observation(bare.kind, bare.payload).value(), Observation{expected});
    for (const char* body : {"", "[]", "{", R"({"type":"post_call_transcription"})",
                             R"({"type":"post_call_transcription","data":[]})",
                             R"({"type":"post_call_transcription","data":{}})",
                             R"({"type":"post_call_transcription","data":{"conversation_id":7}})",
                             R"({"type":"call_initiation_failure","data":{"conversation_id":""}})",
                             R"({"type":"post_call_audio","data":{"conversation_id":"conv_1"}})",
                             R"({"type":"voice_removed","data":{"conversation_id":"conv_1"}})",
                             R"({"data":{"conversation_id":"conv_1"}})"}) {
        const auto event = webhook_event(body, {}, now);
        ASSERT_FALSE(event) << body;
        EXPECT_EQ(event.error().code, Errc::invalid_input);
    }
}

struct ScopeRow {
    const char* name;
    Data data;
    WebhookScope scope;
    bool is_ours;
};

TEST(ElevenLabsWebhook, scope) {
    Data inbound;
    inbound.phone = R"({"type":"twilio","direction":"inbound","agent_number":"+1500"})";
    Data web;
    web.phone = "null";
    Data sip;
    sip.phone = R"({"type":"sip_trunking","direction":"outbound","call_sid":"abc@host"})";
    Data no_agent;
    no_agent.agent = "null";
    const ScopeRow rows[] = {
        {"any agent", {}, {{}, false}, true},
        {"our agent", {}, {{"agent_0", "agent_1"}, false}, true},
        {"another agent", {}, {{"agent_2"}, false}, false},
        {"no agent named", no_agent, {{"agent_2"}, false}, false},
        {"inbound", inbound, {{}, false}, false},
        {"inbound wanted", inbound, {{}, true}, true},
        {"inbound of another agent", inbound, {{"agent_2"}, true}, false},
        {"web widget", web, {{}, true}, false},
        {"sip trunk", sip, {{}, false}, true},
    };
    for (const ScopeRow& row : rows) {
        EXPECT_EQ(event_of(row.data.webhook(), row.scope).is_ours, row.is_ours) << row.name;
    }
    // In lists it stands under the person's number, not under ours.
    inbound.phone = R"({"type":"twilio","direction":"inbound","agent_number":"+1500",)"
                    R"("external_number":"+1415"})";
    EXPECT_EQ(event_of(inbound.webhook()).to, "+1415");
}

struct LineRow {
    const char* name;
    std::string phone;
    std::string variables;
    PhoneLine line;
    std::string call_sid;
};

TEST(Conversation, finds_the_call_sid) {
    const std::string quoted = "\"" + sid + "\"";
    const std::string none = "null";
    const LineRow rows[] = {
        {"twilio", R"({"type":"twilio","call_sid":)" + quoted + "}", none, PhoneLine::twilio, sid},
        {"twilio_without", R"({"type":"twilio"})", none, PhoneLine::twilio, ""},
        {"twilio_odd", R"({"type":"twilio","call_sid":"x"})", none, PhoneLine::twilio, ""},
        {"sip", R"({"type":"sip_trunking","call_sid":"a@b"})", none, PhoneLine::sip, ""},
        {"sip_sid", R"({"type":"sip_trunking","call_sid":)" + quoted + "}", none, PhoneLine::twilio,
         sid},
        {"exotel", R"({"type":"exotel","call_sid":"123"})", none, PhoneLine::other, ""},
        {"web", none, none, PhoneLine::none, ""},
        {"system", none, R"({"system__call_sid":)" + quoted + "}", PhoneLine::twilio, sid},
        {"own_1", none, R"({"twilio_call_sid":)" + quoted + "}", PhoneLine::twilio, sid},
        {"own_2", none, R"({"call_sid":)" + quoted + "}", PhoneLine::twilio, sid},
        {"own_3", none, R"({"callSid":)" + quoted + "}", PhoneLine::twilio, sid},
        {"own_4", none, R"({"CallSid":)" + quoted + "}", PhoneLine::twilio, sid},
        {"own_odd", none, R"({"call_sid":"CA12","callSid":7})", PhoneLine::none, ""},
        {"phone_first", R"({"type":"twilio","call_sid":)" + quoted + "}",
         R"({"call_sid":"CAffffffffffffffffffffffffffffffff"})", PhoneLine::twilio, sid},
    };
    for (const LineRow& row : rows) {
        Data data;
        data.phone = row.phone;
        data.variables = row.variables;
        const Conversation conversation = conversation_of(data);
        EXPECT_EQ(conversation.line, row.line) << row.name;
        EXPECT_EQ(conversation.call_sid, row.call_sid) << row.name;
    }
}

TEST(Conversation, name_comes_from_the_variables_in_order) {
    const std::pair<const char*, const char*> rows[] = {
        {R"({"customer_name":"c","contact_name":"b","name":"a"})", "a"},
        {R"({"customer_name":"c","contact_name":"b","name":" "})", "b"},
        {R"({"customer_name":" c ","contact_name":7,"name":null})", "c"},
        {R"({"name":true})", ""},
        {R"({"name":"null","contact_name":"{{contact_name}}","customer_name":"Ada"})", "Ada"},
        {R"({"name":"undefined","contact_name":"None","customer_name":"{}"})", ""},
        {R"({"name":"Zo\u0000e\u001b[31m"})", "Zoe"},
        {"null", ""},
        {"[]", ""},
    };
    for (const auto& [variables, name] : rows) {
        Data data;
        data.variables = variables;
        EXPECT_EQ(conversation_of(data).contact_name, name) << variables;
    }
}

TEST(Conversation, numbers_may_be_text_or_fractions) {
    const std::pair<std::string, std::optional<std::int64_t>> rows[] = {
        {"79", 79},
        {"79.9", 79},
        {"\"79\"", 79},
        {"\" 79.5 \"", 79},
        {"0", 0},
        {"-1", {}},
        {"null", {}},
        {"\"x\"", {}},
        {"1e300", {}},
        {"[]", {}},
        {"99999999999999999999", {}},
    };
    for (const auto& [number, duration_s] : rows) {
        const std::string json = R"({"conversation_id":"c","metadata":{"call_duration_secs":)" +
                                 number + R"(,"start_time_unix_secs":)" + number + "}}";
        const auto document = parse_conversation(json);
        ASSERT_TRUE(document) << number;
        EXPECT_EQ(document->conversation.duration_s, duration_s) << number;
    }
    const auto far = parse_conversation(
        R"({"conversation_id":"c","metadata":{"start_time_unix_secs":9223372036854775807}})");
    EXPECT_EQ(far->conversation.started_at, std::nullopt);
}

TEST(Conversation, every_status_is_known) {
    const std::pair<const char*, ConversationStatus> rows[] = {
        {"\"initiated\"", ConversationStatus::initiated},
        {"\"in-progress\"", ConversationStatus::in_progress},
        {"\"processing\"", ConversationStatus::processing},
        {"\"done\"", ConversationStatus::done},
        {"\"failed\"", ConversationStatus::failed},
        {"\"else\"", ConversationStatus::unknown},
        {"null", ConversationStatus::unknown},
    };
    for (const auto& [status, expected] : rows) {
        Data data;
        data.status = status;
        EXPECT_EQ(conversation_of(data).status, expected) << status;
    }
}

TEST(Conversation, a_missing_analysis_is_no_summary) {
    for (const char* analysis :
         {"null", "{}", "[]", R"({"transcript_summary":null})", R"({"transcript_summary":""})",
          R"({"transcript_summary":"Summary couldn't be generated for this call."})"}) {
        Data data;
        data.analysis = analysis;
        EXPECT_EQ(conversation_of(data).summary, "") << analysis;
    }
}

TEST(Conversation, a_summary_that_is_a_placeholder_is_none) {
    for (const char* summary : {"null", "undefined", "N/A", "{{summary}}", "-", "\\u0000"}) {
        Data data;
        data.analysis = std::string(R"({"transcript_summary":")") + summary + "\"}";
        EXPECT_EQ(conversation_of(data).summary, "") << summary;
    }
    Data data;
    data.analysis = R"({"transcript_summary":"The agent said {{name}}."})";
    EXPECT_EQ(conversation_of(data).summary, "The agent said {{name}}.");
}

TEST(Conversation, control_characters_are_not_in_its_summary) {
    Data data;
    data.analysis =
        R"({"transcript_summary":"Caller spelled\u0000 the\u0001 name.\u001b[31m\nBye.\u009b0m"})";
    EXPECT_EQ(conversation_of(data).summary, "Caller spelled the name.\nBye.");
}

TEST(Conversation, broken_characters_do_not_lose_the_rest) {
    Data data;
    data.analysis =
        R"({"transcript_summary":"Half \ud83d and \udc00, whole \ud83c\udf89, \\ud83d."})";
    EXPECT_EQ(conversation_of(data).summary, "Half \uFFFD and \uFFFD, whole 🎉, \\ud83d.");
    data.analysis = "{\"transcript_summary\":\"Zo\xEB\"}";
    EXPECT_EQ(conversation_of(data).summary, "Zo\uFFFD");
}

TEST(Conversation, a_fetched_one_becomes_an_event) {
    const ConversationDocument document = parse_conversation(Data{}.json()).value();
    EXPECT_EQ(document.payload.find("my secret"), std::string::npos);
    const NewEvent event = conversation_event(document.conversation, document.payload, now);
    EXPECT_EQ(event.kind, EventKind::elevenlabs_conversation);
    EXPECT_EQ(event.call_sid, sid);
    EXPECT_EQ(event.conversation_id, "conv_1");
    EXPECT_EQ(event.due_at, now);
    EXPECT_TRUE(event.is_ours);
    EXPECT_EQ(decode_observation(event.kind, event.payload).value(),
              Observation{document.conversation});
}

TEST(ElevenLabsWebhook, otel_carries_the_link) {
    const NewEvent event =
        event_of(R"({"type":"post_call_transcription_otel","data":{"conversation_id":"conv_1",)"
                 R"("agent_id":"agent_1","otlp_traces":{"resourceSpans":["my secret"]}}})",
                 {{"agent_1"}, false});
    EXPECT_EQ(event.kind, EventKind::elevenlabs_otel);
    EXPECT_EQ(event.conversation_id, "conv_1");
    EXPECT_TRUE(event.is_ours);
    EXPECT_EQ(event.payload, R"({"conversation_id":"conv_1","agent_id":"agent_1"})");
    EXPECT_EQ(decode_observation(event.kind, event.payload).value(), Observation{Remark{}});
    EXPECT_FALSE(event_of(R"({"type":"post_call_transcription_otel","data":)"
                          R"({"conversation_id":"conv_1","agent_id":"agent_1"}})",
                          {{"agent_2"}, false})
                     .is_ours);
}

std::string failure_body(const std::string& reason, const std::string& metadata) {
    return R"({"type":"call_initiation_failure","event_timestamp":1762713911,"data":)"
           R"({"agent_id":"agent_1","conversation_id":"conv_2","failure_reason":)" +
           reason + R"(,"metadata":)" + metadata + "}}";
}
InitiationFailure failure_of(const std::string& reason, const std::string& metadata) {
    const NewEvent event = event_of(failure_body(reason, metadata));
    return std::get<InitiationFailure>(decode_observation(event.kind, event.payload).value());
}

TEST(InitiationFailure, of_a_twilio_call) {
    const std::string metadata =
        R"({"type":"twilio","body":{"CallSid":"CA0123456789abcdef0123456789abcdef",)"
        R"("AccountSid":"ACfedcba9876543210fedcba9876543210",)"
        R"("CallStatus":"no-answer","To":"+14155550123","From":"+15005550006",)"
        R"("Direction":"outbound-api","Timestamp":"Sun, 09 Nov 2025 18:45:06 +0000"}})";
    const InitiationFailure expected{.conversation_id = "conv_2",
                                     .agent_id = "agent_1",
                                     .line = PhoneLine::twilio,
                                     .call_sid = sid,
                                     .account_sid = "ACfedcba9876543210fedcba9876543210",
                                     .status = CallStatus::no_answer,
                                     .to = "+14155550123",
                                     .from = "+15005550006",
                                     .direction = Direction::outbound,
                                     .at = from_unix_s(1762713906)};
    EXPECT_EQ(failure_of("\"busy\"", metadata), expected);
    const NewEvent event = event_of(failure_body("\"busy\"", metadata));
    EXPECT_EQ(event.kind, EventKind::elevenlabs_failure);
    EXPECT_EQ(event.call_sid, sid);
    EXPECT_EQ(event.conversation_id, "conv_2");
    EXPECT_EQ(event.to, "+14155550123");
    EXPECT_EQ(event.due_at, now);
    EXPECT_TRUE(event.is_ours);
}

TEST(InitiationFailure, of_a_sip_call) {
    const InitiationFailure failure =
        failure_of("\"busy\"", R"({"type":"sip","body":{"from_number":"+1500","to_number":"+1415",)"
                               R"("sip_status_code":486,"call_sid":"abc@host"}})");
    EXPECT_EQ(failure.line, PhoneLine::sip);
    EXPECT_EQ(failure.call_sid, "");
    EXPECT_EQ(failure.to, "+1415");
    EXPECT_EQ(failure.from, "+1500");
    EXPECT_EQ(failure.status, CallStatus::busy);
}

TEST(InitiationFailure, without_a_reason_the_final_sip_answer_counts) {
    const std::pair<const char*, CallStatus> rows[] = {
        {"480", CallStatus::no_answer},     {"408", CallStatus::no_answer},
        {"487", CallStatus::no_answer},     {"603", CallStatus::no_answer},
        {"\"480\"", CallStatus::no_answer}, {"486", CallStatus::busy},
        {"600", CallStatus::busy},          {"404", CallStatus::failed},
        {"484", CallStatus::failed},        {"604", CallStatus::failed},
        {"503", CallStatus::failed},        {"null", CallStatus::failed},
    };
    for (const auto& [code, status] : rows) {
        const std::string metadata =
            R"({"type":"sip","body":{"sip_status_code":)" + std::string(code) + "}}";
        EXPECT_EQ(failure_of("\"unknown\"", metadata).status, status) << code;
        EXPECT_EQ(failure_of("null", metadata).status, status) << code;
        EXPECT_EQ(failure_of("\"busy\"", metadata).status, CallStatus::busy) << code;
        EXPECT_EQ(failure_of("\"no-answer\"", metadata).status, CallStatus::no_answer) << code;
    }
    const char* const twilio =
        R"({"type":"twilio","body":{"CallStatus":"failed","sip_status_code":480}})";
    EXPECT_EQ(failure_of("\"unknown\"", twilio).status, CallStatus::failed);
}

TEST(InitiationFailure, without_twilios_word_the_reason_counts) {
    const std::pair<const char*, CallStatus> rows[] = {
        {"\"busy\"", CallStatus::busy},      {"\"no-answer\"", CallStatus::no_answer},
        {"\"unknown\"", CallStatus::failed}, {"\"completed\"", CallStatus::failed},
        {"null", CallStatus::failed},
    };
    for (const auto& [reason, status] : rows) {
        EXPECT_EQ(failure_of(reason, "null").status, status) << reason;
        EXPECT_EQ(failure_of(reason, R"({"type":"twilio","body":{"CallStatus":"ringing"}})").status,
                  status)
            << reason;
    }
    EXPECT_EQ(failure_of("\"busy\"", "null").line, PhoneLine::other);
}

TEST(WebhookKind, words) {
    EXPECT_EQ(webhook_kind("post_call_transcription"), WebhookKind::transcription);
    EXPECT_EQ(webhook_kind("post_call_transcription_otel"), WebhookKind::otel);
    EXPECT_EQ(webhook_kind("call_initiation_failure"), WebhookKind::failure);
    EXPECT_EQ(webhook_kind("post_call_audio"), WebhookKind::audio);
    EXPECT_EQ(webhook_kind("voice_removed"), WebhookKind::other);
    EXPECT_EQ(webhook_kind(""), WebhookKind::other);
}

TEST(Summary, the_fixed_sentence_is_none) {
    for (const char* text : {"", "  ", "Summary couldn't be generated for this call.",
                             "Summary couldn’t be generated for this call.",
                             " summary couldn't be generated for this call "}) {
        EXPECT_FALSE(is_usable_summary(text)) << text;
    }
    EXPECT_TRUE(is_usable_summary("Moved to Thursday."));
    EXPECT_TRUE(is_usable_summary("Summary couldn't be generated for this call. But he came."));
}

TEST(ErrorText, detail_may_be_anything) {
    const std::pair<const char*, const char*> rows[] = {
        {R"({"detail":"nope"})", "nope"},
        {R"({"detail":{"status":"invalid_api_key","message":"Invalid API key"}})",
         "invalid_api_key: Invalid API key"},
        {R"({"detail":{"message":"m"}})", "m"},
        {R"({"detail":[{"loc":["query","page_size"],"msg":"too big","type":"x"}]})",
         "query.page_size: too big"},
        {R"({"detail":[]})", ""},
        {R"({"detail":[7]})", ""},
        {R"({"detail":7})", ""},
        {R"({"other":1})", ""},
        {"<html>", ""},
    };
    for (const auto& [json, text] : rows) EXPECT_EQ(elevenlabs_error_text(json), text) << json;
    EXPECT_EQ(elevenlabs_error_text("{\"detail\":\"" + std::string(999, 'x') + "\"}").size(), 200U);
}

TEST(Observation, damaged_payloads_are_errors) {
    for (const EventKind kind :
         {EventKind::twilio_status, EventKind::twilio_child_status, EventKind::twilio_amd,
          EventKind::twilio_rest, EventKind::elevenlabs_transcription, EventKind::elevenlabs_otel,
          EventKind::elevenlabs_failure, EventKind::elevenlabs_conversation,
          EventKind::placing_no_agent}) {
        for (const char* payload : {"", "[]", "{", "x"}) {
            EXPECT_FALSE(decode_observation(kind, payload)) << to_string(kind) << payload;
        }
    }
    EXPECT_EQ(decode_observation(EventKind::operator_action, "").value(), Observation{Remark{}});
    EXPECT_EQ(decode_observation(EventKind::placing_no_agent, R"({"reason":"cancelled"})").value(),
              Observation{AgentAbsence{"cancelled"}});
}

}  // namespace
}  // namespace wrapup
