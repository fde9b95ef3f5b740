#include "app/cli/story_view.hpp"

#include <gtest/gtest.h>

#include <boost/json.hpp>

#include "codec/json/answer_json.hpp"

namespace wrapup {
namespace {

constexpr const char* sample = R"({
 "call": {"id":"CA00000000000000000000000000000001","state":"delivered","parked":null,
  "conversation_id":"conv_1","to":"+61413052898","name":"Ada","campaign":"Spring",
  "status":"held","duration_s":75,"ended_at":"2026-03-01T12:01:15.000Z",
  "settled_at":"2026-03-01T12:01:16.250Z","note":"summary by webhook"},
 "why": "The CRM has accepted the record.",
 "record": {"type":"conversationAICall","subject":"Spring","to":"+61413052898","name":"Ada",
  "summary":"They talked.","status":"held","duration":75},
 "events": [
  {"seq":1,"kind":"twilio.status","received_at":"2026-03-01T12:00:00.000Z","late":false,
   "payload":{"CallStatus":"ringing"}},
  {"seq":2,"kind":"twilio.status","received_at":"2026-03-01T12:01:15.125Z","late":false,
   "payload":{"CallStatus":"completed","CallDuration":"75","AnsweredBy":"human"}},
  {"seq":3,"kind":"elevenlabs.transcription","received_at":"2026-03-01T12:01:16.200Z","late":true,
   "payload":{"type":"post_call_transcription","data":{"status":"done",
    "analysis":{"transcript_summary":"They talked."}}}}],
 "deliveries": [{"destination":"crm","state":"accepted","attempts":[
  {"number":1,"started_at":"2026-03-01T12:01:16.251Z","elapsed_ms":120,"outcome":"failed",
   "http_status":503,"error":"HTTP 503","again":false},
  {"number":2,"started_at":"2026-03-01T15:08:20.000Z","elapsed_ms":80,"outcome":"accepted",
   "http_status":200,"error":null,"again":true}]}]
})";

TEST(StoryView, tells_a_call_as_one_line_of_time) {
    const std::string text = render_story(boost::json::parse(sample), false);
    EXPECT_EQ(text, R"(CA00000000000000000000000000000001  delivered  held · 75 s
  to            +61413052898
  name          Ada
  campaign      Spring
  conversation  conv_1

  The CRM has accepted the record.

  2026-03-01T12:00:00.000Z
      +0.000 s  twilio.status             ringing
     +1 m 15 s  call ended
     +1 m 15 s  twilio.status             completed · 75 s · human
     +1 m 16 s  elevenlabs.transcription  done · with summary · late
     +1 m 16 s  settled                   held · summary by webhook
     +1 m 16 s  attempt 1 to crm          failed · HTTP 503 · 120 ms · HTTP 503
     +3 h 08 m  attempt 2 to crm          accepted · HTTP 200 · 80 ms · sent again

  record
  type          conversationAICall
  subject       Spring
  to            +61413052898
  name          Ada
  summary       They talked.
  status        held
  duration      75
)");
}

TEST(StoryView, colours_only_when_asked) {
    const auto story = boost::json::parse(sample);
    EXPECT_EQ(render_story(story, false).find('\033'), std::string::npos);
    EXPECT_NE(render_story(story, true).find("\033[32mdelivered\033[0m"), std::string::npos);
}

TEST(StoryView, shows_what_waits_for_a_person) {
    const std::string text = render_story(boost::json::parse(R"({
        "call":{"id":"CA1","state":"parked","parked":"rejected"},"events":[],
        "deliveries":[{"destination":"crm","state":"parked","parked":"rejected","attempts":[]}]})"),
                                          false);
    EXPECT_NE(text.find("CA1  parked (rejected)\n"), std::string::npos) << text;
    EXPECT_NE(text.find("  parked for crm  rejected\n"), std::string::npos) << text;
}

TEST(StoryView, names_a_next_attempt) {
    const std::string text = render_story(boost::json::parse(R"({
        "call":{"id":"CA1","state":"delivering"},
        "events":[{"kind":"twilio.status","received_at":"2026-03-01T12:00:00.000Z","payload":{}}],
        "deliveries":[{"destination":"crm","state":"pending",
                       "due_at":"2026-03-01T12:02:05.000Z","attempts":[]}]})"),
                                          false);
    EXPECT_NE(text.find("     +2 m 05 s  next attempt   to crm\n"), std::string::npos) << text;
}

TEST(StoryView, senders_cannot_write_to_the_terminal) {
    const std::string text = render_story(
        boost::json::parse(R"({"call":{"id":"CA1","name":"A\u001b[2J\u0007\u009bB\nC"}})"), false);
    EXPECT_NE(text.find(R"(name          A\u001b[2J\u0007\u009bB\nC)"), std::string::npos) << text;
}

TEST(StoryView, shows_the_crms_answer_cut_and_made_visible) {
    const std::string text = render_story(boost::json::parse(R"({
        "call":{"id":"CA1","state":"parked"},
        "deliveries":[{"destination":"crm","state":"parked","attempts":[
          {"number":1,"outcome":"refused","http_status":422,"answer":"{\"ok\":true}\n\u202ex"},
          {"number":2,"outcome":"refused","http_status":500,"answer":")" +
                                                             std::string(5000, 'y') + R"("}]}]})"),
                                          false);
    EXPECT_NE(text.find("the CRM's answer: {\"ok\":true}\\n\\u202ex\n"), std::string::npos) << text;
    EXPECT_NE(text.find("yyy ... (5000 bytes)\n"), std::string::npos) << text;
    EXPECT_LT(text.size(), 1000U);
}

TEST(StoryView, says_why_a_name_or_a_campaign_is_missing) {
    const auto shown = [](const std::string& metadata, const std::string& name,
                          const std::string& subject) {
        return render_story(boost::json::parse(R"({"call":{"id":"CA1","metadata":)" + metadata +
                                               R"(},"record":{"name":")" + name +
                                               R"(","subject":")" + subject + R"("}})"),
                            false);
    };
    for (const char* none : {"null", R"({"name":null,"campaign_name":null})"}) {
        const std::string text = shown(none, "Unknown", "Outbound Call");
        EXPECT_NE(text.find("  name          Unknown (no metadata)\n"), std::string::npos) << text;
        EXPECT_NE(text.find("  campaign      Outbound Call (no metadata)\n"), std::string::npos);
    }
    const std::string partly = shown(R"({"to":"+61"})", "Unknown", "Inbound Call");
    EXPECT_NE(partly.find("Unknown (the metadata has no name)\n"), std::string::npos) << partly;
    EXPECT_NE(partly.find("Inbound Call (the metadata has no campaign)\n"), std::string::npos);
    const std::string known = shown(R"({"name":"Ada"})", "Ada", "Spring");
    EXPECT_NE(known.find("  name          Ada\n"), std::string::npos) << known;
    EXPECT_NE(known.find("  campaign      Spring\n"), std::string::npos);
}

TEST(StoryView, a_call_heard_of_late_tells_when_it_ended) {
    const auto shown = [](const std::string& ended_at) {
        return render_story(boost::json::parse(R"({"call":{"id":"CA1",)"
                                               R"("first_event_at":"2026-03-01T15:08:20.000Z",)"
                                               R"("ended_at":)" +
                                               ended_at + "}}"),
                            false);
    };
    const std::string late = shown(R"("2026-03-01T12:01:15.000Z")");
    EXPECT_NE(late.find("  ended         2026-03-01T12:01:15.000Z; first heard of 3 h 07 m later"),
              std::string::npos)
        << late;
    EXPECT_EQ(shown(R"("2026-03-01T15:08:15.000Z")").find("first heard"), std::string::npos);
    EXPECT_EQ(shown("null").find("first heard"), std::string::npos);
}

TEST(StoryView, survives_any_shape) {
    for (const char* odd : {"{}", "[]", "null", "7", R"({"call":[],"events":{},"deliveries":7})",
                            R"({"events":[1,null,{"payload":[]}],"deliveries":[null,[]]})",
                            R"({"call":{"settled_at":-9223372036854775808},"record":"{"})"}) {
        EXPECT_FALSE(render_story(boost::json::parse(odd), false).empty()) << odd;
    }
}

TEST(StoryView, offsets_are_as_fine_as_needed) {
    using std::chrono::hours;
    using std::chrono::minutes;
    EXPECT_EQ(format_offset(milliseconds{0}), "+0.000 s");
    EXPECT_EQ(format_offset(milliseconds{-40}), "-0.040 s");
    EXPECT_EQ(format_offset(milliseconds{59'999}), "+59.999 s");
    EXPECT_EQ(format_offset(seconds{60}), "+1 m 00 s");
    EXPECT_EQ(format_offset(hours{1} + minutes{5}), "+1 h 05 m");
    EXPECT_EQ(format_offset(hours{76} + minutes{5}), "+3 d 04 h");
}

TEST(ApiJson, is_read_with_events_as_deep_as_senders_may_write_them) {
    const std::string levels(200, '[');
    const std::string deep = levels + std::string(200, ']');
    EXPECT_TRUE(parse_answer_json(R"({"events":[{"payload":)" + deep + "}]}"));
}

}  // namespace
}  // namespace wrapup
