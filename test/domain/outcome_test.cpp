#include "domain/outcome.hpp"

#include <gtest/gtest.h>

#include <array>

namespace wrapup {
namespace {

struct Answer {
    const char* answered_by;
    bool is_machine;
};
constexpr std::array<Answer, 14> answers{{
    {"", false},
    {"human", false},
    {"unknown", false},
    {"answered", false},
    {"machine_start", true},
    {"machine_end_beep", true},
    {"machine_end_silence", true},
    {"machine_end_other", true},
    {"machine_something_new", true},
    {"Machine_Start", true},
    {"fax", true},
    {"machine", true},
    {"voicemail", true},
    {"machinery", false},
}};
constexpr std::array<std::int64_t, 3> durations_s{0, 1, 4000};

TEST(Outcome, a_machine_is_voicemail_whatever_twilio_calls_the_call) {
    for (const CallStatus status : {CallStatus::completed, CallStatus::busy, CallStatus::no_answer,
                                    CallStatus::failed, CallStatus::canceled}) {
        for (const std::int64_t duration_s : durations_s) {
            for (const Answer& answer : answers) {
                if (!answer.is_machine) continue;
                EXPECT_EQ(outcome_of(status, duration_s, answer.answered_by), Outcome::voicemail)
                    << to_string(status) << ' ' << duration_s << ' ' << answer.answered_by;
            }
        }
    }
}

struct Row {
    CallStatus status;
    bool has_duration;
    Outcome outcome;
};
constexpr std::array<Row, 10> rows{{
    {CallStatus::completed, true, Outcome::held},
    {CallStatus::completed, false, Outcome::no_connection},
    {CallStatus::no_answer, true, Outcome::no_answer},
    {CallStatus::no_answer, false, Outcome::no_answer},
    {CallStatus::busy, true, Outcome::no_answer},
    {CallStatus::busy, false, Outcome::no_answer},
    {CallStatus::failed, true, Outcome::no_connection},
    {CallStatus::failed, false, Outcome::no_connection},
    {CallStatus::canceled, true, Outcome::no_connection},
    {CallStatus::canceled, false, Outcome::no_connection},
}};

TEST(Outcome, anybody_else_gives_what_the_status_and_duration_say) {
    for (const Row& row : rows) {
        for (const Answer& answer : answers) {
            if (answer.is_machine) continue;
            for (const std::int64_t duration_s : durations_s) {
                if ((duration_s > 0) != row.has_duration) continue;
                EXPECT_EQ(outcome_of(row.status, duration_s, answer.answered_by), row.outcome)
                    << to_string(row.status) << ' ' << duration_s << ' ' << answer.answered_by;
            }
        }
    }
}

TEST(Outcome, has_the_words_of_the_crm) {
    EXPECT_EQ(to_string(Outcome::held), "held");
    EXPECT_EQ(to_string(Outcome::no_answer), "no answer");
    EXPECT_EQ(to_string(Outcome::no_connection), "no connection");
    EXPECT_EQ(to_string(Outcome::voicemail), "voicemail");
}

constexpr Direction out = Direction::outbound;
constexpr Direction in = Direction::inbound;

struct Sentence {
    Outcome outcome;
    Direction direction;
    std::int64_t duration_s;
    const char* name;
    const char* text;
};
constexpr std::array<Sentence, 17> sentences{{
    {Outcome::held, out, 60, "Ada",
     "The call with Ada was held, lasting 1 minute. No summary is available."},
    {Outcome::held, out, 125, "",
     "The call was held, lasting 2 minutes 5 seconds. No summary is available."},
    {Outcome::held, out, 1, "Ada",
     "The call with Ada was held, lasting 1 second. No summary is available."},
    {Outcome::held, out, 0, "Ada", "The call with Ada was held. No summary is available."},
    {Outcome::voicemail, out, 12, "Ada",
     "The call to Ada was answered by voicemail, lasting 12 seconds. No summary is available."},
    {Outcome::voicemail, out, 0, "",
     "The call was answered by voicemail. No summary is available."},
    {Outcome::no_answer, out, 0, "Ada", "Ada did not answer the call."},
    {Outcome::no_answer, out, 30, "", "The call was not answered."},
    {Outcome::no_answer, out, 0, "", "The call was not answered."},
    {Outcome::no_connection, out, 0, "Ada", "The call to Ada could not be connected."},
    {Outcome::no_connection, out, 0, "", "The call could not be connected."},
    {Outcome::no_connection, out, 5, "", "The call could not be connected."},
    {Outcome::held, in, 60, "Ada",
     "The call with Ada was held, lasting 1 minute. No summary is available."},
    {Outcome::voicemail, in, 0, "Ada",
     "The call from Ada was answered by voicemail. No summary is available."},
    {Outcome::no_answer, in, 0, "Ada", "The call from Ada was not answered."},
    {Outcome::no_answer, in, 0, "", "The call was not answered."},
    {Outcome::no_connection, in, 0, "Ada", "The call from Ada could not be connected."},
}};

TEST(Outcome, has_a_sentence_of_our_own_for_each) {
    for (const Sentence& row : sentences) {
        EXPECT_EQ(fallback_summary(row.outcome, row.direction, row.duration_s, row.name), row.text);
    }
}

struct Absence {
    Outcome outcome;
    const char* name;
    const char* why;
    const char* text;
};
constexpr std::array absences{
    Absence{Outcome::held, "Ada", "agent_timeout",
            "The call to Ada was answered, but no agent could be connected: ElevenLabs did not "
            "answer in time."},
    Absence{Outcome::held, "", "outside_hours",
            "The call was answered, but no agent could be connected: it was outside of the "
            "calling hours."},
    Absence{Outcome::no_connection, "Ada", "do_not_call",
            "The call to Ada was answered, but no agent could be connected: the number was on "
            "the do-not-call list."},
    Absence{Outcome::voicemail, "Ada", "agent_refused",
            "The call to Ada was answered by voicemail, but no agent could be connected: "
            "ElevenLabs refused the call."},
    Absence{Outcome::held, "", "from_the_future",
            "The call was answered, but no agent could be connected: nobody knows why."},
};

TEST(Outcome, has_a_sentence_for_an_answered_call_without_an_agent) {
    for (const Absence& row : absences) {
        EXPECT_EQ(no_agent_summary(row.outcome, row.name, row.why), row.text);
    }
}

}  // namespace
}  // namespace wrapup
