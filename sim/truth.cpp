#include "sim/truth.hpp"

#include <algorithm>
#include <array>

#include "codec/bytes/form.hpp"

namespace wrapup {
namespace {

std::string hex_name(const char* prefix, Prng& prng, int digits) {
    constexpr char alphabet[] = "0123456789abcdef";
    std::string name = prefix;
    for (int i = 0; i < digits; ++i) name += alphabet[prng.below(16)];
    return name;
}

milliseconds up_to(Prng& prng, std::int64_t ms_max) {
    return milliseconds{prng.below(static_cast<std::uint64_t>(ms_max) + 1)};
}

CallStatus draw_status(Prng& prng) {
    constexpr std::array<CallStatus, 8> statuses{
        CallStatus::completed, CallStatus::completed, CallStatus::completed, CallStatus::completed,
        CallStatus::busy,      CallStatus::no_answer, CallStatus::failed,    CallStatus::canceled};
    return statuses.at(prng.below(statuses.size()));
}

void draw_conversation(TrueCall& call, Prng& prng) {
    TrueConversation conversation;
    conversation.id = hex_name("conv_", prng, 12);
    conversation.appears_at = call.started_at + up_to(prng, 4'000);
    conversation.done_at = call.ended_at + up_to(prng, prng.chance({1, 5}) ? 400'000 : 20'000);
    const std::string summary = prng.chance({1, 5}) ? "Summary couldn't be generated for this call."
                                                    : "They talked about " + call.sid + ".";
    conversation.document = conversation_document(call, conversation.id, true, summary);
    conversation.unfinished = conversation_document(call, conversation.id, false, "");
    call.conversation = std::move(conversation);
}

TrueCall draw_call(Prng& prng) {
    TrueCall call;
    call.sid = hex_name("CA", prng, 32);
    call.to = "+6141300" + std::to_string(1000 + prng.below(9000));
    call.status = draw_status(prng);
    call.started_at = sim_start + up_to(prng, 600'000);
    if (call.status == CallStatus::completed && !prng.chance({1, 8})) {
        call.duration_s = static_cast<std::int64_t>(1 + prng.below(90));
        if (prng.chance({1, 3})) call.answered_by = prng.chance({1, 2}) ? "machine_start" : "human";
        if (!prng.chance({1, 8})) {
            call.ended_at = call.started_at + seconds{call.duration_s};
            draw_conversation(call, prng);
        }
    }
    call.ended_at = call.started_at + seconds{call.duration_s};
    call.is_twilio_silent = call.conversation && prng.chance({1, 8});
    if (prng.chance({1, 2})) {
        CallMetadata metadata;
        metadata.name = "Ada";
        metadata.campaign_name = "Spring";
        if (call.conversation && prng.chance({1, 3})) {
            metadata.conversation_id = call.conversation->id;
        }
        call.metadata = metadata;
        call.metadata_at = call.ended_at + up_to(prng, 4'000) - milliseconds{2'000};
    }
    return call;
}

std::string status_form(TrueCall& call, CallStatus status, int sequence, Prng& prng) {
    Form form{{"CallSid", call.sid},         {"To", call.to},
              {"From", "+15005550006"},      {"CallStatus", std::string(to_string(status))},
              {"Direction", "outbound-api"}, {"SequenceNumber", std::to_string(sequence)}};
    if (is_terminal(status)) {
        form.emplace_back("Timestamp", format_rfc2822(call.ended_at));
        if (!prng.chance({1, 10})) {
            form.emplace_back("CallDuration", std::to_string(call.duration_s));
            call.has_told_duration = true;
        }
        const bool says_who = !call.answered_by.empty() && prng.chance({1, 4});
        if (says_who) form.emplace_back("AnsweredBy", call.answered_by);
    }
    return render_form(form);
}

// Now and then a request is repeated, or held up so long that later ones overtake it.
void add(Truth& truth, Sending sending, Prng& prng) {
    if (prng.chance({1, 5})) sending.at += up_to(prng, 20'000);
    truth.sendings.push_back(sending);
    while (prng.chance({1, 5})) {
        sending.at += up_to(prng, 30'000);
        truth.sendings.push_back(sending);
    }
}

void draw_sendings(Truth& truth, TrueCall& call, Prng& prng) {
    const auto at = [&](UtcTime time) { return time + up_to(prng, 500); };
    if (!call.is_twilio_silent) {
        int sequence = 0;
        for (const CallStatus status : {CallStatus::initiated, CallStatus::ringing}) {
            if (prng.chance({1, 2})) continue;
            add(truth,
                {.body = status_form(call, status, sequence++, prng), .at = at(call.started_at)},
                prng);
        }
        add(truth,
            {.body = status_form(call, call.status, sequence, prng), .at = at(call.ended_at)},
            prng);
        if (!call.answered_by.empty() && prng.chance({1, 2})) {
            const Form form{{"CallSid", call.sid}, {"AnsweredBy", call.answered_by}};
            // Often together with the final status: news while the call is being settled.
            const UtcTime said_at = prng.chance({1, 2}) ? call.started_at : call.ended_at;
            add(truth, {.kind = Sending::Kind::amd, .body = render_form(form), .at = at(said_at)},
                prng);
        }
    }
    if (!call.conversation) return;
    // ElevenLabs may never call back; but of a call on which Twilio is silent it is the only word.
    if (!call.is_twilio_silent && prng.chance({1, 3})) return;
    add(truth,
        {.kind = Sending::Kind::webhook,
         .body = R"({"type":"post_call_transcription","event_timestamp":1,"data":)" +
                 call.conversation->document + "}",
         .at = at(call.conversation->done_at),
         .tries_left = 40},
        prng);
}

// Of a call that dialled on: the callback of its leg names it, and says nothing of it.
void draw_leg(Truth& truth, const TrueCall& call, Prng& prng) {
    const Form form{{"CallSid", hex_name("CA", prng, 32)},
                    {"ParentCallSid", call.sid},
                    {"CallStatus", "completed"},
                    {"CallDuration", "5"},
                    {"Direction", "outbound-dial"}};
    add(truth, {.body = render_form(form), .at = call.started_at + up_to(prng, 30'000)}, prng);
}

Ratio draw_ratio(Prng& prng, std::uint32_t percent_max) {
    if (prng.chance({1, 2})) return {0, 100};
    return {static_cast<std::uint32_t>(prng.below(percent_max + 1)), 100};
}

// Whoever shares the store has the same settings, and the store's time.
void draw_fleet(Faults& faults, Prng& prng) {
    faults.nodes_count = prng.chance({1, 2}) ? 2 : 3;
    faults.lake_absent.clear();
    faults.lake_disabled.clear();
    faults.clock_steps.clear();
    faults.is_clock_set = false;
    const auto hostile_ms = (faults.hostile_until - sim_start).count();
    for (int node = 1; node < faults.nodes_count; ++node) {
        while (prng.chance({3, 4})) {
            NodeFault& fault = faults.node_faults.emplace_back();
            fault.node = node;
            fault.at = sim_start + up_to(prng, hostile_ms);
            fault.is_death = prng.chance({1, 2});
            fault.length = up_to(prng, fault.is_death ? 60'000 : 300'000);
        }
    }
}

Faults draw_faults(Prng& prng) {
    Faults faults;
    faults.crm_refuses = draw_ratio(prng, 70);
    faults.crm_cuts_before = draw_ratio(prng, 30);
    faults.crm_cuts_after = draw_ratio(prng, 30);
    faults.crm_rejects = draw_ratio(prng, 5);
    faults.crm_latency_max = milliseconds{prng.chance({1, 4}) ? 60'000 : 1'500};
    if (prng.chance({1, 4})) {
        faults.crm_rate = RateLimit{1 + static_cast<int>(prng.below(4)),
                                    prng.chance({1, 2}) ? milliseconds{seconds{1}} : seconds{60}};
    }
    faults.elevenlabs_fails = draw_ratio(prng, 80);
    faults.elevenlabs_refuses_key = prng.chance({1, 10});
    faults.elevenlabs_hangs = prng.chance({1, 10});
    faults.elevenlabs_knows_variables = prng.chance({1, 2});
    faults.twilio_fails = draw_ratio(prng, 80);
    faults.twilio_is_behind = draw_ratio(prng, 50);
    faults.is_twilio_down = prng.chance({1, 8});
    faults.twilio_hangs = prng.chance({1, 8});
    faults.store_refuses = draw_ratio(prng, 20);
    faults.store_loses_answer = draw_ratio(prng, 10);
    faults.store_unread = draw_ratio(prng, 20);
    faults.crashes_count = prng.chance({1, 3}) ? 0 : static_cast<int>(prng.below(12));
    faults.has_lake = prng.chance({1, 2});
    faults.lake_wants_held = prng.chance({1, 2});
    faults.lake_hangs = prng.chance({1, 3});
    faults.has_metadata_source = prng.chance({1, 2});
    faults.has_elevenlabs_key = !prng.chance({1, 6});
    faults.has_webhook_secret = !prng.chance({1, 6});
    faults.has_twilio_rest = !prng.chance({1, 6});
    faults.twilio_lists_nonsense = draw_ratio(prng, 50);
    faults.reconciles = faults.has_twilio_rest && prng.chance({1, 2});
    if (faults.reconciles) faults.calls_lost = draw_ratio(prng, 100);
    faults.hostile_until = sim_start + seconds{900 + prng.below(7200)};
    const auto draw_window = [&prng](TimeWindows& windows, std::int64_t length_ms_max) {
        if (!prng.chance({1, 3})) return;
        const UtcTime from = sim_start + up_to(prng, 700'000);
        windows.emplace_back(from, from + up_to(prng, length_ms_max));
    };
    if (faults.has_lake) {
        draw_window(faults.lake_absent, 1'800'000);
        draw_window(faults.lake_disabled, 1'800'000);
        draw_window(faults.lake_gone, 600'000);
    }
    draw_window(faults.metadata_away, 1'200'000);
    draw_window(faults.metadata_hangs, 300'000);
    for (int i = 0; i < 3; ++i) draw_window(faults.elevenlabs_bursts, 20'000);
    while (prng.chance({1, 4})) {
        const UtcTime at = sim_start + up_to(prng, 900'000);
        faults.clock_steps.emplace_back(at, up_to(prng, 20'000'000) - milliseconds{10'000'000});
        faults.is_clock_set = true;
    }
    return faults;
}

// Now and then while the world is hostile, and often when it is not any more.
TrueReplay draw_replay(const Faults& faults, Prng& prng) {
    TrueReplay replay;
    const auto hostile_ms = (faults.hostile_until - sim_start).count();
    replay.at = sim_start + up_to(prng, 2 * hostile_ms);
    replay.order.is_again = prng.chance({1, 3});
    if (prng.chance({1, 4})) replay.order.filter.parked = ParkReason::unknown_outcome;
    if (faults.has_lake && prng.chance({1, 3})) replay.order.filter.destination = "lake";
    if (!faults.lake_absent.empty() && prng.chance({1, 2})) {
        replay.order = {};
        replay.order.filter.destination = "lake";
        replay.order.is_earlier = true;
    }
    if (prng.chance({1, 5})) {
        const std::string destination = replay.order.filter.destination;
        replay.order = {};
        replay.order.gives_up = true;
        replay.order.filter.destination = destination;
    }
    if (prng.chance({1, 4})) replay.cancelled_after = up_to(prng, 20'000);
    return replay;
}

void draw_pauses(Truth& truth, Prng& prng) {
    const Faults& faults = truth.faults;
    const auto hostile_ms = (faults.hostile_until - sim_start).count();
    while (prng.chance({1, 3})) {
        TruePause pause;
        pause.destination = faults.has_lake && prng.chance({1, 2}) ? "lake" : "crm";
        pause.at = sim_start + up_to(prng, hostile_ms);
        pause.until = pause.at + up_to(prng, 2'400'000);
        truth.pauses.push_back(std::move(pause));
    }
    for (const auto& [from, until] : faults.lake_gone) {
        TruePause pause;
        pause.destination = "lake";
        pause.is_mending = pause.is_begun = true;
        // Nothing that it answered then is still on its way.
        pause.until = until + std::chrono::minutes{4} + up_to(prng, 1'200'000);
        truth.pauses.push_back(std::move(pause));
    }
}

// Often at the very end of the call, when its events are still coming.
TrueSend draw_send(const TrueCall& call, Prng& prng) {
    TrueSend send;
    send.sid = call.sid;
    const bool is_near = prng.chance({1, 2});
    send.at =
        is_near ? call.ended_at + up_to(prng, 10'000) : call.started_at + up_to(prng, 7'200'000);
    send.is_at_once = prng.chance({1, 2});
    return send;
}

// Whoever begins a conversation in a web page can name a call that never was. Where Twilio can say
// so, it is none; check_filed() tells. The stream of the other draws is left as it is.
void draw_forged(Truth& truth, Prng prng) {
    const Faults& faults = truth.faults;
    // Some question of ten minutes is answered.
    const bool can_tell = faults.has_twilio_rest && !faults.is_twilio_down &&
                          !faults.twilio_hangs && faults.twilio_fails.numerator <= 30;
    if (!can_tell || !faults.has_webhook_secret || !prng.chance({1, 4})) return;
    const UtcTime at = sim_start + up_to(prng, 600'000);
    truth.sendings.push_back(
        {.kind = Sending::Kind::webhook,
         .body = R"({"type":"post_call_transcription","event_timestamp":1,"data":{)"
                 R"("conversation_id":")" +
                 hex_name("conv_", prng, 12) +
                 R"(","agent_id":"agent_1","status":"done","metadata":{"start_time_unix_secs":)" +
                 std::to_string(to_unix_s(at) - 30) +
                 R"(,"call_duration_secs":30},"analysis":{"transcript_summary":"A talk."},)"
                 R"("conversation_initiation_client_data":{"dynamic_variables":{)"
                 R"("system__call_sid":")" +
                 hex_name("CA", prng, 32) + R"("}}}})",
         .at = at,
         .tries_left = 40});
}

}  // namespace

std::string conversation_document(const TrueCall& call, const std::string& id, bool is_done,
                                  const std::string& summary) {
    std::string text = R"({"conversation_id":")" + id + R"(","agent_id":"agent_1","status":")" +
                       (is_done ? "done" : "processing") +
                       R"(","metadata":{"start_time_unix_secs":)" +
                       std::to_string(to_unix_s(call.started_at)) + R"(,"call_duration_secs":)" +
                       std::to_string(call.duration_s) +
                       R"(,"phone_call":{"type":"twilio","direction":"outbound",)"
                       R"("external_number":")" +
                       call.to + R"(","agent_number":"+15005550006","call_sid":")" + call.sid +
                       R"("}},"analysis":)";
    text += is_done ? R"({"transcript_summary":")" + summary + "\"}" : "null";
    return text + R"(,"conversation_initiation_client_data":{"dynamic_variables":{"name":"Zoë"}}})";
}

Truth draw_truth(Prng& prng) {
    Truth truth;
    truth.faults = draw_faults(prng);
    const std::uint64_t calls_count = 1 + prng.below(16);
    for (std::uint64_t i = 0; i < calls_count; ++i) {
        truth.calls.push_back(draw_call(prng));
        if (prng.chance({1, 8})) draw_leg(truth, truth.calls.back(), prng);
        if (prng.chance(truth.faults.calls_lost)) continue;
        draw_sendings(truth, truth.calls.back(), prng);
    }
    draw_forged(truth, prng);
    std::ranges::stable_sort(truth.sendings, {}, &Sending::at);
    while (prng.chance({1, 2})) truth.replays.push_back(draw_replay(truth.faults, prng));
    draw_pauses(truth, prng);
    while (prng.chance({1, 2})) {
        const TrueCall& call = truth.calls.at(prng.below(truth.calls.size()));
        truth.sends.push_back(draw_send(call, prng));
    }
    const Faults& faults = truth.faults;
    if (faults.has_twilio_rest && faults.has_elevenlabs_key && prng.chance({1, 2})) {
        truth.placing = draw_placing(sim_start, !faults.clock_steps.empty(), prng);
    }
    if (prng.chance({1, 3})) draw_fleet(truth.faults, prng);
    int told = 0;
    for (Sending& sending : truth.sendings) sending.node = told++ % truth.faults.nodes_count;
    return truth;
}

void Truth::read_settings(UtcTime at) {
    const auto is_within = [at](const TimeWindows& windows) {
        return std::ranges::any_of(
            windows, [at](const auto& window) { return at >= window.first && at < window.second; });
    };
    lake = LakeState::active;
    if (is_within(faults.lake_disabled)) lake = LakeState::disabled;
    if (is_within(faults.lake_absent) || !faults.has_lake) lake = LakeState::absent;
    was_lake_absent |= lake == LakeState::absent;
}

}  // namespace wrapup
