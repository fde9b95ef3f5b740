// What the parts cost by themselves. SQLite works on a real file: WRAPUP_TEST_BENCH_DIR names a
// folder on the disk that is to be measured (else the working folder).

#include <benchmark/benchmark.h>

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "adapters/sqlite/store.hpp"
#include "bench/callbacks.hpp"
#include "bench/wire.hpp"
#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/observation.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "codec/twilio/twilio_signature.hpp"
#include "core/settle/fold.hpp"
#include "core/settle/settle_plan.hpp"

namespace wrapup::bench {
namespace {

constexpr UtcTime noon = from_unix_s(1'772'366'400);

std::string body_of_callback(std::uint64_t number) {
    return render_form(callback_form(number, "busy", noon));
}

Facts facts_of_callback() {
    const auto event = status_callback_event(callback_form(1, "busy", noon), noon);
    std::vector<ObservedEvent> events{
        {event->kind, noon, decode_observation(event->kind, event->payload).value()}};
    return fold(events);
}

// A call of three minutes: 40 turns.
std::string transcription() {
    std::string json = R"({"type":"post_call_transcription","event_timestamp":1772366400,"data":)"
                       R"({"agent_id":"agent_1","conversation_id":"conv_1","status":"done",)"
                       R"("transcript":[)";
    for (int i = 0; i < 40; ++i) {
        if (i > 0) json += ',';
        json += R"({"role":"agent","message":"Would Thursday at ten suit you, or rather Friday?",)"
                R"("tool_calls":null,"time_in_call_secs":12,"conversation_turn_metrics":)"
                R"({"metrics":{"convai_llm_service_ttfb":{"elapsed_time":0.41}}}})";
    }
    return json + R"(],"metadata":{"start_time_unix_secs":1772366200,"call_duration_secs":179,)"
                  R"("phone_call":{"direction":"outbound","agent_number":"+15005550006",)"
                  R"("external_number":"+14155550123","type":"twilio","stream_sid":"MZ0",)"
                  R"("call_sid":"CA0123456789abcdef0123456789abcdef"}},)"
                  R"("analysis":{"call_successful":"success",)"
                  R"("transcript_summary":"The appointment was moved to Thursday at ten."},)"
                  R"("conversation_initiation_client_data":{"dynamic_variables":{"name":"Ada"}}}})";
}

void verify_signature(benchmark::State& state) {
    const Form form = callback_form(1, "busy", noon);
    const std::string body = render_form(form);
    const std::string target = "/call-status-callback";
    const std::string signature =
        twilio_signature(auth_token, std::string(server_url) + target, form);
    const std::vector<std::string> tokens{std::string(auth_token)};
    TwilioRequest request;
    request.target = target;
    request.signature = signature;
    request.content_type = "application/x-www-form-urlencoded";
    request.body = body;
    request.form = &form;
    for (auto _ : state) {
        const TwilioVerdict verdict = verify_twilio(request, server_url, tokens);
        if (!verdict.is_genuine) die("the signature does not fit");
    }
}
BENCHMARK(verify_signature);

void parse_callback_form(benchmark::State& state) {
    const std::string body = body_of_callback(1);
    for (auto _ : state) benchmark::DoNotOptimize(parse_form(body));
}
BENCHMARK(parse_callback_form);

void make_event(benchmark::State& state) {
    const Form form = callback_form(1, "busy", noon);
    for (auto _ : state) benchmark::DoNotOptimize(status_callback_event(form, noon));
}
BENCHMARK(make_event);

void decode_event(benchmark::State& state) {
    const auto event = status_callback_event(callback_form(1, "busy", noon), noon);
    for (auto _ : state) {
        benchmark::DoNotOptimize(decode_observation(event->kind, event->payload));
    }
}
BENCHMARK(decode_event);

// A whole call: four callbacks, the machine's answer, the conversation.
void fold_call(benchmark::State& state) {
    std::vector<ObservedEvent> events;
    for (const char* status : {"initiated", "ringing", "in-progress", "completed"}) {
        const auto event = status_callback_event(callback_form(1, status, noon), noon);
        events.push_back(
            {event->kind, noon, decode_observation(event->kind, event->payload).value()});
    }
    events.push_back({EventKind::twilio_amd, noon, MachineReport{"human", {}}});
    const NewEvent webhook = webhook_event(transcription(), {}, noon).value();
    events.push_back(
        {webhook.kind, noon, decode_observation(webhook.kind, webhook.payload).value()});
    for (auto _ : state) benchmark::DoNotOptimize(fold(events));
}
BENCHMARK(fold_call);

void plan_record(benchmark::State& state) {
    const Facts facts = facts_of_callback();
    SettleProgress progress;
    progress.metadata_resolved_at = noon;
    const CallMetadata metadata;
    const SettlePolicy policy;
    for (auto _ : state) {
        benchmark::DoNotOptimize(plan_settle({facts, progress, metadata, false}, policy, noon));
    }
}
BENCHMARK(plan_record);

void render_one_record(benchmark::State& state) {
    const Record record = make_record(facts_of_callback(), {});
    for (auto _ : state) benchmark::DoNotOptimize(render_record(record));
}
BENCHMARK(render_one_record);

void parse_webhook(benchmark::State& state) {
    const std::string body = transcription();
    for (auto _ : state) benchmark::DoNotOptimize(webhook_event(body, {}, noon));
    state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(body.size()));
}
BENCHMARK(parse_webhook);

// One transaction with so many new calls: what the fsync costs and what the rest does.
void append_batch(benchmark::State& state) {
    const char* chosen = std::getenv("WRAPUP_TEST_BENCH_DIR");
    const std::filesystem::path folder =
        std::filesystem::path(chosen == nullptr ? "." : chosen) / "micro";
    std::filesystem::remove_all(folder);
    auto store = SqliteStore::open({.path = (folder / "wrapup.db").string()});
    if (!store) die(store.error().detail);
    std::uint64_t number = 1;
    for (auto _ : state) {
        state.PauseTiming();
        std::vector<StoreOp> ops;
        for (std::int64_t i = 0; i < state.range(0); ++i) {
            auto event = status_callback_event(callback_form(number, "busy", noon), noon);
            number += 1;
            ops.emplace_back(AppendEvent{*std::move(event)});
        }
        state.ResumeTiming();
        const auto outcomes = (*store)->commit(ops, noon);
        if (!outcomes) die(outcomes.error().detail);
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
    store->reset();
    std::filesystem::remove_all(folder);
}
BENCHMARK(append_batch)->Arg(1)->Arg(64)->Arg(256)->UseRealTime();

}  // namespace
}  // namespace wrapup::bench
