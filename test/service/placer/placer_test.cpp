// The placer in virtual time, between a Twilio that loses its answers and a process that dies.

#include "service/placer/placer.hpp"

#include <gmock/gmock.h>

#include "test/service/placer/placer_world.hpp"

namespace wrapup {
namespace {

TEST(Placer, places_a_call_and_follows_it_to_its_end) {
    PlacerWorld world(1, {});
    world.ask_for("+61413052898");
    world.run_for(minutes{2});
    ASSERT_EQ(world.answers.size(), 1U);
    EXPECT_EQ(world.answers[0].kind, PlaceAnswer::Kind::placed);
    const Intent intent = world.intents().at(0);
    EXPECT_EQ(intent.state, IntentState::ended);
    EXPECT_EQ(intent.conversation_id, "conv_1");
    EXPECT_EQ(world.twilio.conversations["+61413052898"], 1);
}

TEST(Placer, keeps_its_pace_and_its_limit) {
    PlacerWorld world(1, {});
    for (int i = 0; i < 60; ++i) world.ask_for("+614130528" + std::to_string(10 + i));
    world.run_for(seconds{3});
    EXPECT_EQ(world.twilio.calls.size(), 20U);  // As many as may go on at one time.
    world.run_for(minutes{10});
    EXPECT_EQ(world.twilio.calls.size(), 60U);
    for (std::size_t i = 1; i < world.twilio.calls.size(); ++i) {
        const auto gap = *world.twilio.calls[i].call.created_at -
                         *world.twilio.calls[i >= 10 ? i - 10 : 0].call.created_at;
        if (i < 10) continue;
        EXPECT_GE(gap, milliseconds{500}) << i;
    }
}

Task<void> ask_what_to_say(Placer& placer, std::string token, std::string sid, std::string& said) {
    said = co_await placer.answer(std::move(token), std::move(sid));
}

// Berlin sleeps; there is no zone Mars; elsewhere it is day.
HoursNow hours_in(const Intent& intent, UtcTime now) {
    if (intent.time_zone != "Berlin") return {};
    return {false, now + hours{8}, std::nullopt};
}

TEST(Placer, who_says_no_time_zone_has_that_of_the_contact) {
    PlacerWorld world(1, {});
    world.hours_of = [](const Intent& intent, UtcTime now) -> Result<HoursNow> {
        if (intent.time_zone == "Mars") return Error{Errc::invalid_input, "is no time zone"};
        return hours_in(intent, now);
    };
    world.crash();
    const std::string berlin = "+4930123456", mars = "+4930123457", nobody = "+4930123458";
    const std::vector<StoreOp> ops{PutContact{{berlin, "Ada", "", "Berlin"}},
                                   PutContact{{mars, "Bob", "", "Mars"}}};
    ASSERT_TRUE(world.store.commit(ops, world.clock.now()));
    for (const std::string& to : {berlin, mars, nobody}) world.ask_for(to, hours{24});
    world.run_for(minutes{1});
    std::map<std::string, Intent> made;
    for (Intent& intent : world.intents()) made[intent.to] = std::move(intent);
    EXPECT_EQ(made[berlin].state, IntentState::waiting);
    EXPECT_EQ(made[berlin].time_zone, "Berlin");
    EXPECT_EQ(made[mars].state, IntentState::ended);
    EXPECT_EQ(made[mars].time_zone, "");
    EXPECT_EQ(made[nobody].state, IntentState::ended);
    EXPECT_THAT(world.lives.back()->log.messages,
                testing::Contains("the time_zone of a contact is none, and counts for nothing"));
}

TEST(Placer, the_agent_is_told_what_the_record_will_know) {
    PlacerWorld world(1, {});
    const std::string gwen = "+61413054000", ada = "+61413054001", nobody = "+61413054002";
    DialList gold;
    gold.id = "gold";
    gold.not_after = t0 + hours{24};
    ListRow gwens, adas, nobodys;
    gwens.to = gwen;
    adas.to = ada;
    adas.name = "Ada of the list";
    nobodys.to = nobody;
    const std::vector<StoreOp> ops{PutContact{{gwen, "Gwen", "gold"}},
                                   PutContact{{ada, "Ada of the contacts", "gold"}},
                                   PutCampaign{{"gold", "Gold offer", ""}}};
    ASSERT_TRUE(world.store.commit(ops, world.clock.now()));
    world.ask_for(gwen);
    world.run_for(minutes{2});
    const auto said = [](const std::string& variable, const std::string& value) {
        return testing::HasSubstr("\"" + variable + "\":\"" + value + "\"");
    };
    EXPECT_THAT(world.twilio.variables[gwen], said("contact_name", "Gwen"));
    EXPECT_THAT(world.twilio.variables[gwen], said("campaign", "Gold offer"));
    world.twilio.variables.clear();
    const std::vector<StoreOp> list{PutListRows{gold, false, "", "", {gwens, adas, nobodys}}};
    ASSERT_TRUE(world.store.commit(list, world.clock.now()));
    world.run_for(minutes{2});
    EXPECT_THAT(world.twilio.variables[gwen], said("contact_name", "Gwen"));
    EXPECT_THAT(world.twilio.variables[gwen], said("campaign", "Gold offer"));
    EXPECT_THAT(world.twilio.variables[ada], said("contact_name", "Ada of the list"));
    EXPECT_THAT(world.twilio.variables[nobody], testing::Not(testing::HasSubstr("contact_name")));
    EXPECT_THAT(world.twilio.variables[nobody], said("campaign", "Gold offer"));
}

// Nobody knows whether it was made, and it may not be asked for again: somebody has to look.
TEST(Placer, a_lost_answer_whose_hours_end_while_it_is_looked_for_is_parked) {
    PlacerWorld world(1, {.lost_before = {100, 100}});
    world.hours_of = [](const Intent&, UtcTime now) -> Result<HoursNow> {
        if (now < t0 + seconds{30}) return HoursNow{true, std::nullopt, t0 + seconds{30}};
        return HoursNow{false, t0 + hours{12}, std::nullopt};
    };
    world.crash();
    world.ask_for("+61413052898", hours{24});
    world.run_for(minutes{5});
    const Intent intent = world.intents().at(0);
    EXPECT_EQ(intent.state, IntentState::parked);
    EXPECT_EQ(intent.reason, "unknown_outcome");
    EXPECT_EQ(world.twilio.calls.size(), 0U);
}

void expect_cancelled(PlacerWorld& world) {
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    EXPECT_EQ(world.twilio.calls[0].call.status, CallStatus::canceled);
    EXPECT_EQ(world.intents().at(0).state, IntentState::expired);
    EXPECT_EQ(world.intents().at(0).reason, "window_closed");
}

TEST(Placer, a_call_whose_hours_ended_before_twilio_answered_does_not_ring_on) {
    PlacerWorld world(1, {});
    world.twilio.answer_takes = seconds{4};
    world.ring_at_closing_time();
    world.run_for(seconds{7});
    expect_cancelled(world);
}

Task<void> tell_ringing(PlacerWorld& world) {
    PlacedCalls::Word word{world.twilio.calls.at(0).call.sid, CallStatus::ringing, {}};
    std::string token = world.twilio.calls.at(0).token;
    (void)co_await world.twilio.target->hear(std::move(token), std::move(word));
}

TEST(Placer, nor_one_that_only_a_callback_told_of_while_twilios_answer_hung) {
    PlacerWorld world(1, {.lost_after = {100, 100}});
    world.twilio.answer_takes = seconds{30};
    world.ring_at_closing_time();
    world.run_for(seconds{5});
    spawn_root(world.io.get_executor(), tell_ringing(world));
    world.run_for(seconds{2});
    expect_cancelled(world);
}

TEST(Placer, nor_one_over_a_restart) {
    PlacerWorld world(1, {});
    world.ring_at_closing_time();
    world.run_for(seconds{1});
    EXPECT_EQ(world.intents().at(0).state, IntentState::placed);
    world.lives.back()->die();
    world.run_for(seconds{4});
    world.begin();
    world.run_for(seconds{2});
    expect_cancelled(world);
}

void set_clock(PlacerWorld& world, milliseconds by) {
    world.clock.set(by);
    ASSERT_TRUE(world.store.shift_times(by, world.clock.now()));
    world.lives.back()->placer.clock_was_set(by);
}

TEST(Placer, a_clock_that_is_set_on_calls_nobody_twice) {
    PlacerWorld world(1, {.lost_after = {100, 100}, .silent = {100, 100}, .list_lag = seconds{60}});
    world.ask_for("+61413052898", hours{24});
    world.run_for(seconds{5});
    set_clock(world, hours{1});
    world.run_for(minutes{10});
    EXPECT_EQ(world.twilio.calls.size(), 1U);
}

TEST(Placer, a_clock_that_is_set_back_makes_nobody_wait_for_it) {
    PlacerWorld world(1, {.lost_before = {100, 100}});
    world.ask_for("+61413052898", hours{24});
    world.run_for(seconds{5});
    set_clock(world, -hours{1});
    world.ask_for("+61413052899", hours{24});
    world.run_for(minutes{10});
    for (const Intent& intent : world.intents()) {
        EXPECT_EQ(intent.state, IntentState::parked) << intent.to;
    }
}

TEST(Placer, a_number_does_not_call_itself) {
    PlacerWorld world(1, {});
    world.ask_for("+15005550006");
    world.run_for(seconds{5});
    ASSERT_EQ(world.answers.size(), 1U);
    EXPECT_EQ(world.answers[0].kind, PlaceAnswer::Kind::invalid);
    EXPECT_EQ(world.answers[0].field, "to");
    EXPECT_TRUE(world.intents().empty());
}

// Twilio asks once more when no answer came within the 2.5 s it is told to wait.
TEST(Placer, a_call_that_asks_twice_gets_one_agent) {
    PlacerWorld world(1, {});
    world.twilio.agent_takes = milliseconds{2'800};
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    const auto made = world.twilio.calls.front();
    std::string first, again, later;
    Placer& placer = world.lives.back()->placer;
    const auto ask = [&](std::string& said) {
        spawn_root(world.io.get_executor(),
                   ask_what_to_say(placer, made.token, made.call.sid, said));
    };
    ask(first);
    world.run_for(milliseconds{2'500});
    EXPECT_EQ(first, "");
    ask(again);
    world.run_for(milliseconds{500});
    EXPECT_EQ(first, "<Response/>");
    EXPECT_EQ(again, "<Response/>");
    ask(later);
    world.run_for(milliseconds{100});
    EXPECT_EQ(later, "<Response/>");
    EXPECT_EQ(world.twilio.registered, 1);
}

// The first request is answered by one node, the repeated one by another.
TEST(Placer, two_nodes_ask_for_one_agent) {
    PlacerWorld world(1, {});
    world.twilio.agent_takes = milliseconds{2'800};
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    const auto made = world.twilio.calls.front();
    Placer& one = world.lives.back()->placer;
    world.begin();
    Placer& other = world.lives.back()->placer;
    std::string first, again;
    spawn_root(world.io.get_executor(), ask_what_to_say(one, made.token, made.call.sid, first));
    world.run_for(milliseconds{2'500});
    spawn_root(world.io.get_executor(), ask_what_to_say(other, made.token, made.call.sid, again));
    world.run_for(milliseconds{600});
    EXPECT_EQ(first, "<Response/>");
    EXPECT_EQ(again, "<Response/>");
    EXPECT_EQ(world.twilio.registered, 1);
    EXPECT_EQ(world.intents().at(0).conversation_id, "conv_1");
}

// Its lease runs out while the repeated request waits.
TEST(Placer, a_node_that_died_while_it_asked_for_an_agent_leaves_the_person_one) {
    PlacerWorld world(1, {});
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    const auto made = world.twilio.calls.front();
    world.twilio.agent_takes = seconds{30};
    std::string first, again;
    spawn_root(world.io.get_executor(),
               ask_what_to_say(world.lives.back()->placer, made.token, made.call.sid, first));
    world.run_for(milliseconds{500});
    world.twilio.agent_takes = milliseconds{100};
    world.crash();
    world.run_for(milliseconds{2'500});
    spawn_root(world.io.get_executor(),
               ask_what_to_say(world.lives.back()->placer, made.token, made.call.sid, again));
    world.run_for(seconds{3});
    EXPECT_EQ(first, "");
    EXPECT_EQ(again, "<Response/>");
    EXPECT_EQ(world.twilio.registered, 1);
}

// Twilio waits for 2.5 s: it gets TwiML whatever the store does, and nobody an agent afterwards.
TEST(Placer, a_store_that_hangs_leaves_nobody_waiting) {
    PlacerWorld world(1, {});
    world.settings.sorry = "Sorry.";
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    const auto made = world.twilio.calls.front();
    world.lives.back()->die();
    world.begin(world.stuck);
    std::string said;
    spawn_root(world.io.get_executor(),
               ask_what_to_say(world.lives.back()->placer, made.token, made.call.sid, said));
    world.run_for(milliseconds{2'400});
    EXPECT_THAT(said, testing::HasSubstr("<Response><Say>Sorry.</Say><Hangup/></Response>"));
    for (int i = 0; i < 5; ++i) {
        world.stuck.restart();
        world.stuck.poll();
        world.run_for(milliseconds{10});
    }
    EXPECT_EQ(world.twilio.registered, 0);
    EXPECT_EQ(world.intents().at(0).state, IntentState::answered);
    EXPECT_EQ(world.intents().at(0).no_agent, "store_unavailable");
}

// Then nobody knows whether it is a calling hour.
TEST(Placer, whoever_is_hung_up_on_counts_as_abandoned) {
    bool is_open = true;
    PlacerWorld world(1, {});
    world.hours_of = [&](const Intent&, UtcTime) -> Result<HoursNow> {
        return HoursNow{is_open, std::nullopt, std::nullopt};
    };
    world.crash();
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    const auto made = world.twilio.calls.front();
    is_open = false;
    PlacerLife& life = *world.lives.back();
    std::string said;
    spawn_root(world.io.get_executor(),
               ask_what_to_say(life.placer, made.token, made.call.sid, said));
    world.run_for(milliseconds{200});
    EXPECT_THAT(said, testing::HasSubstr("<Response><Hangup/></Response>"));
    EXPECT_TRUE(world.intents().at(0).is_abandoned);
    EXPECT_EQ((life.metrics.counts[{Counter::answered_calls, "abandoned"}]), 1);
    EXPECT_EQ((life.metrics.counts[{Counter::answered_calls, "hung_up"}]), 0);
}

TEST(Placer, an_intent_that_cannot_be_read_gets_no_agent) {
    PlacerWorld world(1, {});
    world.settings.sorry = "Sorry.";
    world.crash();
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    ASSERT_EQ(world.twilio.calls.size(), 1U);
    const auto made = world.twilio.calls.front();
    world.store.cannot_read = true;
    std::string said;
    spawn_root(world.io.get_executor(),
               ask_what_to_say(world.lives.back()->placer, made.token, made.call.sid, said));
    world.run_for(seconds{1});
    world.store.cannot_read = false;
    EXPECT_THAT(said, testing::HasSubstr("<Response><Say>Sorry.</Say><Hangup/></Response>"));
    EXPECT_EQ(world.twilio.registered, 0);
    EXPECT_TRUE(world.intents().at(0).is_abandoned);
    EXPECT_EQ(world.intents().at(0).no_agent, "store_unavailable");
}

// Nobody calls back: Twilio's answers alone make the record, however the call ended.
TEST(Placer, a_call_of_which_no_callback_comes_is_known_nonetheless) {
    Trouble trouble;
    trouble.silent = {100, 100};
    for (const Ratio lost_after : {Ratio{0, 100}, Ratio{100, 100}}) {
        trouble.lost_after = lost_after;
        PlacerWorld world(1, trouble);
        world.ask_for("+61413052898");
        world.run_for(minutes{30});
        ASSERT_EQ(world.twilio.calls.size(), 1U);
        EXPECT_EQ(world.intents().at(0).state, IntentState::ended);
        const auto story = world.store.find_story(world.twilio.calls[0].call.sid);
        ASSERT_TRUE(story);
        ASSERT_EQ(story->events.size(), 1U);
        EXPECT_EQ(story->events[0].kind, EventKind::twilio_rest);
    }
}

TEST(Placer, a_window_that_closes_while_it_waits_places_nobody) {
    PlacerWorld world(1, {});
    for (int i = 0; i < 40; ++i) {
        world.ask_for("+614130528" + std::to_string(10 + i), seconds{10});
    }
    world.run_for(minutes{10});
    for (const UtcTime at : world.twilio.talked_at) EXPECT_LT(at, t0 + seconds{11});
    for (const Intent& intent : world.intents()) EXPECT_FALSE(intent.is_open()) << intent.id;
}

// Another dialler may ring the same number through the same account.
TEST(Placer, takes_none_of_several_calls_for_its_own) {
    Trouble trouble;
    trouble.lost_before = {100, 100};
    PlacerWorld world(1, trouble);
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    for (const int number : {900, 901}) {
        WildTwilio::Made foreign;
        foreign.call.sid = sid_number(number);
        foreign.call.to = "+61413052898";
        foreign.call.created_at = world.clock.now();
        foreign.call.status = CallStatus::queued;
        world.twilio.calls.push_back(foreign);
    }
    world.run_for(minutes{9});
    EXPECT_EQ(world.intents().at(0).state, IntentState::asking);
    world.run_for(minutes{3});
    EXPECT_EQ(world.intents().at(0).state, IntentState::parked);
    EXPECT_EQ(world.intents().at(0).reason, "lost");
    EXPECT_EQ(world.intents().at(0).call_sid, "");
    for (const auto& made : world.twilio.calls) EXPECT_EQ(made.call.status, CallStatus::queued);
    EXPECT_EQ(world.twilio.calls.size(), 2U);
}

WildTwilio::Made foreign_call(UtcTime at, CallStatus status, std::int64_t duration_s) {
    WildTwilio::Made foreign;
    foreign.call.sid = sid_number(900);
    foreign.call.to = "+61413052898";
    foreign.call.created_at = at;
    foreign.call.status = status;
    foreign.call.duration_s = duration_s;
    return foreign;
}

TEST(Placer, takes_no_single_call_of_another_program_for_its_own) {
    Trouble trouble;
    trouble.lost_before = {100, 100};
    PlacerWorld world(1, trouble);
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    world.twilio.calls.push_back(foreign_call(world.clock.now(), CallStatus::queued, 0));
    world.run_for(minutes{1});
    EXPECT_EQ(world.intents().at(0).state, IntentState::asking);
    world.twilio.calls[0].call.status = CallStatus::no_answer;
    world.run_for(minutes{2});
    const Intent intent = world.intents().at(0);
    EXPECT_EQ(intent.state, IntentState::parked);
    EXPECT_EQ(intent.reason, "lost");
    EXPECT_THAT(intent.advice, testing::HasSubstr(sid_number(900)));
    EXPECT_EQ(intent.call_sid, "");
    EXPECT_EQ(intent.asks_count, 1);
}

// Nobody led it of whom we know: then ours is not there, and is asked for again.
TEST(Placer, a_talk_that_nobody_told_of_is_another_programs) {
    Trouble trouble;
    trouble.lost_before = {100, 100};
    PlacerWorld world(1, trouble);
    world.ask_for("+61413052898");
    world.run_for(seconds{1});
    world.twilio.calls.push_back(foreign_call(world.clock.now(), CallStatus::completed, 60));
    world.run_for(minutes{5});
    EXPECT_GE(world.intents().at(0).asks_count, 2);
    EXPECT_EQ(world.intents().at(0).call_sid, "");
}

// Whatever gets lost, and whenever the process dies: nobody has two conversations of one intent,
// none begins outside its window, and every intent ends.
TEST(Placer, holds_its_promises_for_every_seed) {
    for (std::uint64_t seed = 1; seed <= 40; ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Trouble trouble;
        trouble.lost_before = {static_cast<std::uint32_t>(seed % 4 * 10), 100};
        trouble.lost_after = {static_cast<std::uint32_t>(seed % 5 * 10), 100};
        trouble.late = {static_cast<std::uint32_t>(seed % 3 * 20), 100};
        trouble.silent = {static_cast<std::uint32_t>(seed % 2 * 20), 100};
        trouble.list_lag = seconds{seed % 4 * 10};
        PlacerWorld world(seed, trouble);
        for (int i = 0; i < 20; ++i) {
            world.ask_for("+614130528" + std::to_string(10 + i), minutes{20});
            world.run_for(milliseconds{world.prng.below(2'000)});
            if (world.prng.chance({1, 6})) world.crash();
        }
        for (int i = 0; i < 60 && world.is_anything_open(); ++i) world.run_for(minutes{30});
        world.run_for(minutes{30});  // Nothing begins anew.
        for (const auto& [to, count] : world.twilio.conversations) EXPECT_LE(count, 1) << to;
        for (const UtcTime at : world.twilio.talked_at) EXPECT_LT(at, t0 + minutes{22});
        for (const Intent& intent : world.intents()) {
            EXPECT_FALSE(intent.is_open()) << intent.id << " " << to_string(intent.state);
            EXPECT_EQ(intent.stray_sids, "");
        }
    }
}

}  // namespace
}  // namespace wrapup
