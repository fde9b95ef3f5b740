// P3: the fold of a call's events is independent of their order and repetition.

#include "core/settle/fold.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "base/prng.hpp"

namespace wrapup {
namespace {

constexpr UtcTime t0{milliseconds{1'750'000'000'000}};

ObservedEvent status(CallStatus said, std::optional<std::int64_t> sequence = {},
                     std::optional<std::int64_t> duration_s = {}, std::string answered_by = "",
                     seconds at = seconds{0}) {
    StatusReport report;
    report.status = said;
    report.sequence_number = sequence;
    report.duration_s = duration_s;
    report.answered_by = std::move(answered_by);
    report.to = "+61413052898";
    report.direction = Direction::outbound;
    report.at = t0 + at;
    return {EventKind::twilio_status, t0 + at + seconds{1}, report};
}

ObservedEvent machine(std::string answered_by) {
    return {EventKind::twilio_amd, t0, MachineReport{std::move(answered_by), ""}};
}

ObservedEvent rest(CallStatus said, std::optional<std::int64_t> duration_s,
                   std::string answered_by = "") {
    TwilioCall call;
    call.status = said;
    call.duration_s = duration_s;
    call.answered_by = std::move(answered_by);
    call.to = "+61000000000";
    return {EventKind::twilio_rest, t0 + seconds{90}, call};
}

ObservedEvent conversation(std::string summary, std::optional<std::int64_t> duration_s,
                           ConversationStatus said = ConversationStatus::done,
                           std::string call_result = "") {
    Conversation c;
    c.conversation_id = "conv_1";
    c.status = said;
    c.line = PhoneLine::twilio;
    c.call_sid = "CA1";
    c.is_phone_call = true;
    c.external_number = "+61413052898";
    c.summary = std::move(summary);
    c.contact_name = "Zoë";
    c.call_result = std::move(call_result);
    c.duration_s = duration_s;
    c.started_at = t0 - seconds{60};
    return {EventKind::elevenlabs_transcription, t0 + seconds{5}, c};
}

TEST(Fold, the_highest_sequence_number_wins_among_callbacks) {
    const std::vector<ObservedEvent> events{status(CallStatus::completed, 2, 10),
                                            status(CallStatus::busy, 3, 0)};
    EXPECT_EQ(fold(events).terminal->status, CallStatus::busy);
    EXPECT_EQ(fold(events).duration_s, 0);
}

TEST(Fold, a_late_word_that_is_not_final_changes_nothing) {
    const std::vector<ObservedEvent> events{status(CallStatus::completed, 2, 10),
                                            status(CallStatus::ringing, 7)};
    EXPECT_EQ(fold(events).terminal->status, CallStatus::completed);
}

TEST(Fold, a_callback_outranks_rest_and_rest_outranks_elevenlabs) {
    const std::vector<ObservedEvent> all{conversation("s", 50), rest(CallStatus::failed, {}),
                                         status(CallStatus::no_answer)};
    EXPECT_EQ(fold(all).terminal->status, CallStatus::no_answer);
    const std::vector<ObservedEvent> without{conversation("s", 50), rest(CallStatus::failed, {})};
    EXPECT_EQ(fold(without).terminal->status, CallStatus::failed);
    const std::vector<ObservedEvent> alone{conversation("s", 50)};
    EXPECT_EQ(fold(alone).terminal->status, CallStatus::completed);
    EXPECT_EQ(fold(alone).terminal->authority, Authority::elevenlabs);
}

TEST(Fold, equal_weights_are_decided_by_the_order_of_statuses) {
    const std::vector<ObservedEvent> events{status(CallStatus::failed, 3),
                                            status(CallStatus::completed, 3, 5)};
    EXPECT_EQ(fold(events).terminal->status, CallStatus::completed);
}

TEST(Fold, who_answered_is_taken_from_the_best_witness) {
    const std::vector<ObservedEvent> all{status(CallStatus::completed, 3, 5, "human"),
                                         machine("machine_start"),
                                         rest(CallStatus::completed, 5, "fax")};
    EXPECT_EQ(fold(all).answered_by, "human");
    const std::vector<ObservedEvent> amd{machine("machine_start"),
                                         rest(CallStatus::completed, 5, "human")};
    EXPECT_EQ(fold(amd).answered_by, "machine_start");
}

TEST(Fold, unknown_is_no_word_on_who_answered) {
    const std::vector<ObservedEvent> events{status(CallStatus::completed, 3, 5, "unknown"),
                                            rest(CallStatus::completed, 5, "machine_start")};
    EXPECT_EQ(fold(events).answered_by, "machine_start");
}

TEST(Fold, a_missing_duration_comes_from_rest_then_from_the_conversation) {
    const std::vector<ObservedEvent> both{status(CallStatus::completed, 3), conversation("s", 50),
                                          rest(CallStatus::completed, 48)};
    EXPECT_EQ(fold(both).duration_s, 48);
    const std::vector<ObservedEvent> one{status(CallStatus::completed, 3), conversation("s", 50)};
    EXPECT_EQ(fold(one).duration_s, 50);
    const std::vector<ObservedEvent> none{status(CallStatus::completed, 3)};
    EXPECT_EQ(fold(none).duration_s, std::nullopt);
}

TEST(Fold, a_conversation_does_not_lend_its_duration_to_a_call_that_was_busy) {
    const std::vector<ObservedEvent> events{status(CallStatus::busy, 3), conversation("s", 50)};
    EXPECT_EQ(fold(events).duration_s, std::nullopt);
}

TEST(Fold, a_processing_conversation_ends_nothing) {
    const std::vector<ObservedEvent> events{conversation("", 10, ConversationStatus::processing)};
    EXPECT_FALSE(fold(events).terminal.has_value());
    EXPECT_TRUE(fold(events).had_conversation);
    EXPECT_FALSE(fold(events).is_conversation_over);
}

// Somebody on a web page can begin a conversation and name any call.
ObservedEvent widget(std::string name, std::string summary, std::int64_t duration_s) {
    ObservedEvent event = conversation(std::move(summary), duration_s);
    auto& c = std::get<Conversation>(event.said);
    c.conversation_id = "conv_9";
    c.is_phone_call = false;
    c.contact_name = std::move(name);
    c.external_number.clear();
    c.has_agent_voicemail = true;
    return event;
}

TEST(Fold, a_phone_calls_own_conversation_counts_before_one_that_names_it) {
    const Facts own = fold({{conversation("They talked.", 60)}});
    for (const auto& events :
         {std::vector{conversation("They talked.", 60), widget("Eve", "No.", 900)},
          std::vector{widget("Eve", "No.", 900), conversation("They talked.", 60)}}) {
        const Facts facts = fold(events);
        EXPECT_EQ(facts.summary, "They talked.");
        EXPECT_EQ(facts.dynamic_name, "Zoë");
        EXPECT_EQ(facts.duration_s, own.duration_s);
        EXPECT_FALSE(facts.has_agent_voicemail);
    }
    // Where the dialler bridges the voice itself, it is all there is.
    const Facts alone = fold({{widget("Ada", "A talk.", 30)}});
    EXPECT_EQ(alone.summary, "A talk.");
    EXPECT_EQ(alone.dynamic_name, "Ada");
    EXPECT_EQ(alone.duration_s, 30);
    EXPECT_TRUE(alone.has_agent_voicemail);
}

TEST(Fold, a_conversation_that_names_a_call_makes_no_phone_call) {
    EXPECT_FALSE(fold({{widget("Ada", "A talk.", 30)}}).is_phone_call);
    EXPECT_TRUE(fold({{conversation("They talked.", 60)}}).is_phone_call);
    for (const ObservedEvent& word :
         {status(CallStatus::ringing), machine("human"), rest(CallStatus::completed, 5),
          ObservedEvent{EventKind::twilio_child_status, t0, ChildLegReport{}},
          ObservedEvent{EventKind::elevenlabs_failure, t0, InitiationFailure{}}}) {
        EXPECT_TRUE(fold({{widget("Ada", "A talk.", 30), word}}).is_phone_call);
    }
}

TEST(Fold, a_calls_life_is_told_by_twilio_alone) {
    const Facts theirs = fold({{conversation("They talked.", 60)}});
    EXPECT_EQ(theirs.twilio_began_at, std::nullopt);
    EXPECT_EQ(theirs.twilio_ended_at, std::nullopt);
    const Facts ended = fold({{status(CallStatus::completed, 3, 60, "", seconds{90})}});
    EXPECT_EQ(ended.twilio_began_at, t0 + seconds{30});
    EXPECT_EQ(ended.twilio_ended_at, t0 + seconds{90});
    const Facts busy = fold({{status(CallStatus::busy, 3, {}, "", seconds{90})}});
    EXPECT_EQ(busy.twilio_began_at, std::nullopt) << "it rang as long as nobody says";
    const Facts whole = fold({{status(CallStatus::ringing, 1, {}, "", seconds{5}),
                               status(CallStatus::completed, 3, 60, "", seconds{90})}});
    EXPECT_EQ(whole.twilio_began_at, t0 + seconds{5});
    TwilioCall listed;
    listed.created_at = t0 - seconds{10};
    listed.started_at = t0;
    listed.ended_at = t0 + seconds{60};
    listed.status = CallStatus::completed;
    listed.duration_s = INT64_MAX;
    const Facts known = fold({{{EventKind::reconcile_call, t0, listed}}});
    EXPECT_LT(known.twilio_began_at, t0) << "whatever the duration says";
    EXPECT_EQ(known.twilio_ended_at, t0 + seconds{60});
}

TEST(Fold, the_name_is_that_of_whose_summary_counts) {
    ObservedEvent other = conversation("A longer talk.", 90);
    std::get<Conversation>(other.said).contact_name = "Ada";
    const Facts facts = fold({{conversation("Short.", 5), other}});
    EXPECT_EQ(facts.summary, "A longer talk.");
    EXPECT_EQ(facts.dynamic_name, "Ada");
    ObservedEvent silent = conversation("", 200);
    std::get<Conversation>(silent.said).contact_name = "Zacharias";
    EXPECT_EQ(fold({{other, silent}}).dynamic_name, "Ada");
}

TEST(Fold, elevenlabs_own_result_implies_a_status) {
    const std::vector<ObservedEvent> events{
        conversation("", 0, ConversationStatus::done, "no_answer")};
    EXPECT_EQ(fold(events).terminal->status, CallStatus::no_answer);
}

TEST(Fold, the_number_called_is_twilios_when_twilio_gave_it) {
    const std::vector<ObservedEvent> events{rest(CallStatus::completed, 5),
                                            status(CallStatus::completed, 3, 5)};
    EXPECT_EQ(fold(events).to, "+61413052898");
}

TEST(Fold, of_two_equal_final_words_the_one_that_says_more_counts) {
    const ObservedEvent bare = status(CallStatus::completed);
    const ObservedEvent with_duration = status(CallStatus::completed, {}, 47);
    const ObservedEvent with_machine = status(CallStatus::completed, {}, {}, "machine_start");
    for (const auto& events : {std::vector{bare, with_duration, with_machine},
                               std::vector{with_machine, with_duration, bare}}) {
        EXPECT_EQ(fold(events).duration_s, 47);
        EXPECT_EQ(fold(events).terminal->duration_s, 47);
        EXPECT_EQ(fold(events).answered_by, "machine_start");
    }
    // Numbered alike, too.
    const std::vector<ObservedEvent> numbered{status(CallStatus::completed, 3, 47),
                                              status(CallStatus::completed, 3)};
    EXPECT_EQ(fold(numbered).duration_s, 47);
}

TEST(Fold, the_agents_own_ears_are_a_word_apart) {
    ObservedEvent event = conversation("s", 50);
    std::get<Conversation>(event.said).has_agent_voicemail = true;
    const std::vector<ObservedEvent> events{event, conversation("s", 50)};
    EXPECT_TRUE(fold(events).has_agent_voicemail);
    EXPECT_EQ(fold(events).answered_by, "");
    EXPECT_EQ(fold(events).call_result, "");
}

TEST(Fold, the_other_party_is_the_one_called_or_the_caller) {
    Facts facts;
    facts.to = "+61413052898";
    facts.from = "+61299999999";
    EXPECT_EQ(other_party(facts), "+61413052898");
    facts.direction = Direction::outbound;
    EXPECT_EQ(other_party(facts), "+61413052898");
    facts.direction = Direction::inbound;
    EXPECT_EQ(other_party(facts), "+61299999999");
}

TEST(Fold, of_an_inbound_sip_call_the_other_party_is_the_external_number) {
    Conversation c;
    c.line = PhoneLine::sip;
    c.status = ConversationStatus::done;
    c.direction = Direction::inbound;
    c.external_number = "+61413052898";
    c.agent_number = "+61299999999";
    const std::vector<ObservedEvent> events{{EventKind::elevenlabs_transcription, t0, c}};
    EXPECT_EQ(other_party(fold(events)), "+61413052898");
}

TEST(Fold, the_account_is_the_one_of_the_callbacks) {
    StatusReport report;
    report.status = CallStatus::completed;
    report.account_sid = "ACsub";
    TwilioCall call;
    call.account_sid = "ACmain";
    const ObservedEvent callback{EventKind::twilio_status, t0, report};
    const ObservedEvent answer{EventKind::twilio_rest, t0, call};
    EXPECT_EQ(fold(std::vector{callback, answer}).account_sid, "ACsub");
    EXPECT_EQ(fold(std::vector{answer}).account_sid, "ACmain");
    const std::vector<ObservedEvent> amd{
        {EventKind::twilio_amd, t0, MachineReport{"human", "ACsub"}}};
    EXPECT_EQ(fold(amd).account_sid, "ACsub");
}

TEST(Fold, a_child_leg_says_nothing_about_its_parent_but_that_there_is_one) {
    const std::vector<ObservedEvent> events{{EventKind::twilio_child_status, t0, ChildLegReport{}}};
    Facts parent;
    parent.is_phone_call = true;
    EXPECT_EQ(fold(events), parent);
}

// Everything the senders might say of one call, contradictions included.
std::vector<ObservedEvent> everything() {
    InitiationFailure failure;
    failure.conversation_id = "conv_2";
    failure.status = CallStatus::busy;
    failure.at = t0;
    ObservedEvent heard = conversation("C", 61);
    std::get<Conversation>(heard.said).has_agent_voicemail = true;
    return {status(CallStatus::completed),
            status(CallStatus::completed, {}, 47),
            status(CallStatus::completed, {}, {}, "machine_start"),
            heard,
            status(CallStatus::initiated, 0, {}, "", seconds{-70}),
            status(CallStatus::completed, 3, 61, ""),
            status(CallStatus::completed, 3, 60, "human"),
            status(CallStatus::no_answer, 3, 0, "unknown"),
            machine("machine_start"),
            rest(CallStatus::in_progress, {}, "fax"),
            rest(CallStatus::completed, 59, "human"),
            conversation("A", 60),
            conversation("B", 60, ConversationStatus::failed, "voicemail"),
            {EventKind::elevenlabs_failure, t0 + seconds{3}, failure}};
}

TEST(Fold, every_permutation_of_up_to_seven_events_gives_the_same_facts) {
    const std::vector<ObservedEvent> all = everything();
    for (std::size_t skip = 0; skip + 7 <= all.size(); ++skip) {
        const auto first = all.begin() + static_cast<std::ptrdiff_t>(skip);
        const std::vector<ObservedEvent> events(first, first + 7);
        const Facts expected = fold(events);
        std::vector<std::size_t> order{0, 1, 2, 3, 4, 5, 6};
        do {
            std::vector<ObservedEvent> permuted;
            for (const std::size_t i : order) permuted.push_back(events[i]);
            ASSERT_EQ(fold(permuted), expected);
        } while (std::ranges::next_permutation(order).found);
    }
}

TEST(Fold, random_orders_with_repetitions_give_the_same_facts) {
    const std::vector<ObservedEvent> all = everything();
    for (std::uint64_t seed = 0; seed < 2'000; ++seed) {
        SCOPED_TRACE(seed);
        Prng prng(seed);
        std::vector<ObservedEvent> some;
        for (const ObservedEvent& event : all) {
            if (prng.chance({1, 2})) some.push_back(event);
        }
        const Facts expected = fold(some);
        std::vector<ObservedEvent> shuffled = some;
        for (const ObservedEvent& event : some) {
            while (prng.chance({1, 3})) shuffled.push_back(event);
        }
        for (std::size_t i = shuffled.size(); i > 1; --i) {
            std::swap(shuffled[i - 1], shuffled[prng.below(i)]);
        }
        ASSERT_EQ(fold(shuffled), expected);
    }
}

TEST(Fold, a_conversation_shows_that_there_was_an_agent) {
    const ObservedEvent absence{EventKind::placing_no_agent, t0, AgentAbsence{"agent_timeout"}};
    const std::vector<ObservedEvent> alone{absence};
    EXPECT_EQ(fold(alone).no_agent, "agent_timeout");
    const std::vector<ObservedEvent> both{absence, conversation("They talked.", 60)};
    const std::vector<ObservedEvent> reversed{both[1], both[0]};
    EXPECT_EQ(fold(both).no_agent, "");
    EXPECT_EQ(fold(reversed), fold(both));
}

}  // namespace
}  // namespace wrapup
