#include "service/settler.hpp"

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "codec/elevenlabs_events.hpp"
#include "codec/observation.hpp"
#include "codec/twilio_events.hpp"
#include "domain/phone_number.hpp"
#include "service/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

// Longer than anything one claim does: a few questions of at most 10 s each.
constexpr seconds lease{120};
constexpr seconds idle_max{5};
constexpr seconds store_retry{1};
constexpr milliseconds claim_retry{50};
constexpr seconds claim_patience{20};
// For one question; the adapters' own time-outs are shorter. With news about the call, the question
// of who answered it still gets a moment.
constexpr seconds question_patience{30};
constexpr milliseconds disturbed_patience{1500};
constexpr int claim_max = 64;
// Questions for one call in one claim; what is left waits for the next one.
constexpr int steps_max = 12;

MetadataReply reply_of(MetadataAnswer::Kind kind) {
    switch (kind) {
        case MetadataAnswer::Kind::found: return MetadataReply::found;
        case MetadataAnswer::Kind::not_yet: return MetadataReply::not_yet;
        case MetadataAnswer::Kind::absent: return MetadataReply::absent;
        case MetadataAnswer::Kind::away: return MetadataReply::away;
    }
    return MetadataReply::absent;
}

std::string_view name_of(MetadataAnswer::Kind kind) {
    switch (kind) {
        case MetadataAnswer::Kind::found: return "found";
        case MetadataAnswer::Kind::not_yet: return "not_yet";
        case MetadataAnswer::Kind::absent: return "absent";
        case MetadataAnswer::Kind::away: return "away";
    }
    return "absent";
}

// These run beside the settler, which may have stopped waiting when they end.
Task<void> put_call(TwilioApi& twilio, std::string call_sid,
                    std::shared_ptr<Question<Result<FetchedCall>>> question) {
    Result<FetchedCall> fetched = co_await twilio.fetch_call(std::move(call_sid));
    question->put(std::move(fetched));
}

Task<void> put_conversation(ConversationFinder& finder, ConversationSearch search,
                            std::shared_ptr<Question<ConversationFound>> question) {
    ConversationFound found = co_await finder.find(std::move(search));
    question->put(std::move(found));
}

}  // namespace

Settler::Settler(Ports ports, SettlerSettings settings)
    : ports_(ports), settings_(std::move(settings)) {}

void Settler::stop() {
    is_stopping_ = true;
    alarm_.ring();
    for (const auto& [id, c] : asking_) c->disturb();
}

void Settler::nudge(const std::string& call_id) {
    alarm_.ring();
    const auto waiting = asking_.find(call_id);
    if (waiting != asking_.end()) waiting->second->disturb();
}

Task<void> Settler::run() {
    const auto executor = co_await asio::this_coro::executor;
    while (!is_stopping_) {
        const int room = std::min(claim_max, settings_.in_progress_max - in_progress_);
        if (room <= 0) {
            const UtcTime until = ports_.clock.now() + idle_max;
            co_await ports_.clock.sleep_until(until, &alarm_);
            continue;
        }
        const UtcTime now = ports_.clock.now();
        const UtcTime until = now + lease;
        auto claim = [&] { return ports_.store.claim_calls(now, until, room); };
        auto claims = co_await ports_.commits.run_between(claim);
        if (!claims) {
            ports_.metrics.count(Counter::store_errors, "claim");
            const UtcTime retry_at = now + store_retry;
            co_await ports_.clock.sleep_until(retry_at);
            continue;
        }
        const bool is_all = claims->size() < static_cast<std::size_t>(room);
        in_progress_ += static_cast<int>(claims->size());
        if (!claims->empty()) spawn_root(executor, work_on(*std::move(claims)));
        if (is_all) co_await wait_for_work();
    }
    while (in_progress_ > 0) {
        const UtcTime until = ports_.clock.now() + idle_max;
        co_await ports_.clock.sleep_until(until, &alarm_);
    }
}

Task<void> Settler::wait_for_work() {
    auto read = [&] { return ports_.store.next_call_due(); };
    const auto due = co_await ports_.reads.run(read);
    const UtcTime now = ports_.clock.now();
    UtcTime until = now + (due ? milliseconds{idle_max} : milliseconds{store_retry});
    if (due && due->has_value()) until = std::min(until, **due);
    until = std::max(until, now + milliseconds{1});
    sleeping_until_ = until;
    co_await ports_.clock.sleep_until(until, &alarm_);
    sleeping_until_ = UtcTime{};
}

// Calls that fell due together have their metadata looked up together; then each goes its own way.
Task<void> Settler::work_on(std::vector<ClaimedCall> claims) {
    const auto executor = co_await asio::this_coro::executor;
    std::vector<CasePtr> cases;
    std::vector<CasePtr> curious;
    for (ClaimedCall& claim : claims) {
        cases.push_back(std::make_shared<SettleCase>(std::move(claim)));
        refold(*cases.back());
        const bool asks = cases.back()->claim.call.record.empty() &&
                          std::holds_alternative<AskMetadata>(plan(*cases.back()));
        if (asks) curious.push_back(cases.back());
    }
    if (!curious.empty()) co_await ask_metadata(std::move(curious));
    for (CasePtr& c : cases) spawn_root(executor, settle(std::move(c)));
}

Task<void> Settler::settle(CasePtr c) {
    co_await carry_on(c);
    in_progress_ -= 1;
    // Only a settler that is full or stopping waits for this.
    if (is_stopping_ || in_progress_ + 1 >= settings_.in_progress_max) alarm_.ring();
}

Task<void> Settler::carry_on(CasePtr c) {
    if (!c->claim.call.record.empty()) {
        co_await finish_late(c);
        co_return;
    }
    for (int step_count = 0; step_count < steps_max && !c->is_disturbed; ++step_count) {
        SettleStep step = plan(*c);
        if (is_stopping_ && !std::holds_alternative<FixRecord>(step)) break;
        if (std::holds_alternative<AskMetadata>(step)) {
            std::vector<CasePtr> alone{c};
            co_await ask_metadata(std::move(alone));
        } else if (std::holds_alternative<FixRecord>(step) && c->may_have_stale_metadata()) {
            co_await refresh_metadata(c);
        } else if (std::holds_alternative<AskTwilio>(step)) {
            co_await ask_twilio(c);
        } else if (auto* ask = std::get_if<AskConversation>(&step)) {
            std::string conversation_id = std::move(ask->conversation_id);
            co_await ask_conversation(c, std::move(conversation_id));
        } else {
            co_await finish(c, std::move(step));
            co_return;
        }
    }
    SettleStep again = WaitUntil{ports_.clock.now()};
    co_await finish(c, std::move(again));
}

void Settler::refold(SettleCase& c) const {
    c.facts = fold(c.observed);
    if (c.facts.call_sid.empty()) c.facts.call_sid = c.claim.call.call_sid;
    if (c.facts.conversation_id.empty()) c.facts.conversation_id = c.claim.call.conversation_id;
}

SettleStep Settler::plan(const SettleCase& c) const {
    const SettleQuestion question{c.facts, c.progress, c.metadata, c.is_forced};
    return plan_settle(question, settings_.policy, ports_.clock.now());
}

void Settler::take_event(SettleCase& c, NewEvent event) const {
    auto said = decode_observation(event.kind, event.payload);
    if (said) c.observed.push_back({event.kind, event.received_at, *std::move(said)});
    c.events.push_back(std::move(event));
    refold(c);
}

Task<void> Settler::ask_metadata(std::vector<CasePtr> cases) {
    std::vector<MetadataQuery> queries;
    for (const CasePtr& c : cases) {
        queries.push_back({c->facts.call_sid, c->facts.conversation_id, c->facts.to});
    }
    const auto answers = co_await ports_.metadata.find(std::move(queries));
    WRAPUP_ASSERT(answers.size() == cases.size());
    const UtcTime now = ports_.clock.now();
    for (std::size_t i = 0; i < cases.size(); ++i) {
        SettleCase& c = *cases[i];
        const bool was_away = c.progress.was_metadata_away;
        c.metadata = merge(answers[i].metadata, c.metadata);
        note_metadata(c.progress, reply_of(answers[i].kind), settings_.policy, now);
        ports_.metrics.count(Counter::metadata_lookups, name_of(answers[i].kind));
        if (answers[i].kind == MetadataAnswer::Kind::away && !was_away) {
            ports_.log.write({LogLevel::warning,
                              LogTag::none,
                              "metadata source does not answer",
                              c.claim.call.id,
                              {{"error", answers[i].detail}}});
        }
    }
}

// While the call waited for its summary, somebody may have handed us metadata for it.
Task<void> Settler::refresh_metadata(CasePtr c) {
    c->is_metadata_fresh = true;
    std::vector<MetadataQuery> queries{{c->facts.call_sid, c->facts.conversation_id, c->facts.to}};
    const auto answers = co_await ports_.metadata.find(std::move(queries));
    WRAPUP_ASSERT(answers.size() == 1);
    c->metadata = merge(answers.front().metadata, c->metadata);
}

// A call whose summary has a deadline does not wait beyond it: a peer that hangs holds nothing.
UtcTime Settler::patience_until(const SettleCase& c) const {
    const UtcTime now = ports_.clock.now();
    if (!is_over(c.facts) || !c.progress.metadata_resolved_at) return now + question_patience;
    const UtcTime deadline = summary_deadline(c.facts, c.progress, settings_.policy);
    return std::clamp<UtcTime>(deadline, now + milliseconds{1}, now + question_patience);
}

// Returns with the answer, or without one at `until` or when there is news about the call.
template <class T>
Task<void> Settler::wait_for_answer(std::shared_ptr<Question<T>> question, UtcTime until) {
    const CasePtr c = question->asker;
    asking_.insert_or_assign(c->claim.call.id, c);
    while (!question->answer && !c->is_disturbed && ports_.clock.now() < until) {
        co_await ports_.clock.sleep_until(until, &c->alarm);
    }
    asking_.erase(c->claim.call.id);
}

Task<void> Settler::ask_twilio(CasePtr c) {
    WRAPUP_ASSERT(ports_.twilio != nullptr);
    auto question = std::make_shared<Question<Result<FetchedCall>>>();
    question->asker = c;
    const auto executor = co_await asio::this_coro::executor;
    const UtcTime asked_at = ports_.clock.now();
    spawn_root(executor, put_call(*ports_.twilio, c->facts.call_sid, question));
    co_await wait_for_answer(question, patience_until(*c));
    // News does not make who answered the call less worth knowing: a short while longer.
    while (!question->answer && c->is_disturbed && !is_stopping_ &&
           ports_.clock.now() < asked_at + disturbed_patience) {
        const UtcTime until = asked_at + disturbed_patience;
        co_await ports_.clock.sleep_until(until, &c->alarm);
    }
    const UtcTime now = ports_.clock.now();
    if (!question->answer) {
        note_twilio(c->progress, TwilioReply::failed, "no answer in time", now);
        co_return;
    }
    const Result<FetchedCall>& fetched = *question->answer;
    ports_.metrics.count(Counter::twilio_requests, fetched ? "ok" : "failed");
    if (!fetched) {
        const Errc code = fetched.error().code;
        const bool is_final = code == Errc::not_found || code == Errc::unauthorized;
        note_twilio(c->progress, is_final ? TwilioReply::unknown : TwilioReply::failed,
                    fetched.error().detail, now);
        co_return;
    }
    const TwilioCall& call = fetched->call;
    const bool has_ended = call.status && is_terminal(*call.status);
    note_twilio(c->progress, has_ended ? TwilioReply::ended : TwilioReply::running,
                call.status ? std::string(to_string(*call.status)) : "no status", now);
    take_event(*c, twilio_rest_event(call, fetched->payload, now));
}

Task<void> Settler::ask_conversation(CasePtr c, std::string conversation_id) {
    WRAPUP_ASSERT(ports_.finder != nullptr);
    ConversationSearch search;
    search.conversation_id = std::move(conversation_id);
    search.call_sid = c->facts.call_sid;
    const UtcTime ended = ended_at(c->facts);
    search.started_at =
        c->facts.started_at.value_or(ended - seconds{c->facts.duration_s.value_or(0)});
    search.agent_id = c->metadata.agent_id.empty() ? settings_.agent_id : c->metadata.agent_id;
    search.asks_variable = !c->progress.was_variable_asked;
    auto question = std::make_shared<Question<ConversationFound>>();
    question->asker = c;
    const auto executor = co_await asio::this_coro::executor;
    spawn_root(executor, put_conversation(*ports_.finder, std::move(search), question));
    co_await wait_for_answer(question, patience_until(*c));

    const UtcTime now = ports_.clock.now();
    if (!question->answer) {
        if (!c->is_disturbed) {
            note_conversation(c->progress, ConversationReply::pending, "no answer in time", {},
                              now);
        }
        co_return;
    }
    ConversationFound& found = *question->answer;
    if (found.asked_variable) c->progress.was_variable_asked = true;
    if (found.reply == ConversationReply::refused) {
        ports_.metrics.count(Counter::alerts, "elevenlabs");
        ports_.log.write({LogLevel::error,
                          LogTag::elevenlabs,
                          "ElevenLabs refuses our API key",
                          c->claim.call.id,
                          {{"needs", "a person"}}});
    }
    note_conversation(c->progress, found.reply, found.said, found.not_before, now);
    if (found.document && found.reply != ConversationReply::final) {
        c->conversation_id = found.document->conversation.conversation_id;
        c->facts.conversation_id = c->conversation_id;
    }
    if (found.document && found.reply == ConversationReply::final) {
        const FetchedConversation& document = *found.document;
        take_event(*c, conversation_event(document.conversation, document.payload, now));
    }
}

SettleCall Settler::describe(const SettleCase& c) const {
    SettleCall update;
    update.call_id = c.claim.call.id;
    update.fence = c.claim.fence;
    update.seen_events_count = c.claim.call.events_count;
    update.events = c.events;
    update.progress = c.progress;
    if (c.progress.metadata_resolved_at || c.metadata != CallMetadata{}) {
        update.metadata = c.metadata;
    }
    update.conversation_id =
        c.conversation_id.empty() ? c.metadata.conversation_id : c.conversation_id;
    update.to = c.facts.to;
    update.campaign = c.metadata.campaign_name;
    update.name = c.metadata.name.empty() ? c.metadata.contact_name : c.metadata.name;
    update.is_over = is_over(c.facts);
    if (update.is_over) update.ended_at = ended_at(c.facts);
    return update;
}

Task<void> Settler::finish(CasePtr c, SettleStep step) {
    if (const auto* fixing = std::get_if<FixRecord>(&step)) {
        const std::string_view note = fixing->note;
        co_await fix(c, note);
        co_return;
    }
    SettleCall update = describe(*c);
    LogLine line{LogLevel::info, LogTag::twilio, "", c->claim.call.id, {}};
    if (const auto* wait = std::get_if<WaitUntil>(&step)) {
        update.then = SettleCall::Reschedule{wait->due_at};
    } else if (const auto* park = std::get_if<ParkCall>(&step)) {
        update.then = SettleCall::Park{park->reason};
        line.level = LogLevel::warning;
        line.message = "call parked";
        line.fields.emplace_back("reason", to_string(park->reason));
    } else if (const auto* ignore = std::get_if<IgnoreCall>(&step)) {
        update.note = ignore->note;
        update.then = SettleCall::Ignore{};
        line.message = "call out of scope";
        line.fields.emplace_back("why", ignore->note);
    }
    SettleCall retry = update;
    const StoreOutcome outcome = co_await submit(std::move(update));
    if (outcome) {
        if (!line.message.empty()) ports_.log.write(line);
        const auto* wait = std::get_if<WaitUntil>(&step);
        if (wait != nullptr && wait->due_at < sleeping_until_) alarm_.ring();
        if (std::holds_alternative<ParkCall>(step)) {
            ports_.metrics.count(Counter::calls_parked, "silent");
        } else if (std::holds_alternative<IgnoreCall>(step)) {
            ports_.metrics.count(Counter::calls_out_of_scope);
        }
    } else if (outcome.error().code == Errc::conflict && !std::holds_alternative<WaitUntil>(step)) {
        // News arrived meanwhile: what we learned is kept, and the call is looked at afresh.
        retry.note.clear();
        retry.then = SettleCall::Reschedule{ports_.clock.now()};
        (void)co_await submit(std::move(retry));
    }
}

Task<void> Settler::fix(CasePtr c, std::string_view note) {
    const Record record = make_record(c->facts, c->metadata);
    SettleCall update = describe(*c);
    update.name = record.name;
    update.campaign = record.subject;
    update.note = note;
    SettleCall retry = update;
    SettleCall::Fix fixing;
    fixing.record = record;
    fixing.body = render_record(record);
    fixing.webhook_id = webhook_id_of(c->claim.call.id);
    fixing.destinations = {settings_.destination};
    if (!settings_.is_delivery_enabled) fixing.parked = ParkReason::disabled;
    const bool is_handed_over = settings_.is_delivery_enabled && ports_.courier != nullptr &&
                                (c->is_forced || ports_.courier->try_reserve());
    if (is_handed_over) fixing.delivery_lease_until = ports_.courier->lease_until();
    update.then = std::move(fixing);

    StoreOutcome outcome = co_await submit(std::move(update));
    const bool is_mine = outcome && std::get<Settled>(*outcome).claimed.has_value();
    if (is_mine && c->is_forced) {
        c->claimed = std::move(std::get<Settled>(*outcome).claimed);
    } else if (is_mine) {
        const auto executor = co_await asio::this_coro::executor;
        ClaimedDelivery claimed = *std::move(std::get<Settled>(*outcome).claimed);
        ports_.courier->carry(std::move(claimed), executor);
    } else if (is_handed_over && !c->is_forced) {
        ports_.courier->give_back();
    }
    // Joined: this turned out to be another call too, and the two are settled together later.
    c->is_fixed = outcome && !std::get<Settled>(*outcome).is_joined;
    if (c->is_fixed) {
        tell_fixed(*c, record, note);
    } else if (!outcome && outcome.error().code == Errc::conflict) {
        retry.note.clear();
        retry.then = SettleCall::Reschedule{ports_.clock.now()};
        (void)co_await submit(std::move(retry));
    }
}

void Settler::tell_fixed(const SettleCase& c, const Record& record, std::string_view note) {
    const bool is_theirs = !c.facts.summary.empty() && record.summary == c.facts.summary;
    ports_.metrics.count(Counter::calls_settled, to_string(record.status));
    ports_.metrics.count(Counter::summaries, is_theirs ? "elevenlabs" : "own");
    if (!settings_.is_delivery_enabled) ports_.metrics.count(Counter::calls_parked, "disabled");
    ports_.log.write({LogLevel::info,
                      is_theirs ? LogTag::elevenlabs : LogTag::twilio,
                      "record fixed",
                      c.claim.call.id,
                      {{"status", std::string(to_string(record.status))},
                       {"duration_s", std::to_string(record.duration_s)},
                       {"to", mask_phone_number(record.to)},
                       {"summary", is_theirs ? "elevenlabs" : "own"},
                       {"why", std::string(note)}}});
}

// An event came after the record was fixed. It is kept and shown; if it contradicts, it is counted.
Task<void> Settler::finish_late(CasePtr c) {
    SettleCall update = describe(*c);
    SettleCall::NoteLate late;
    late.is_conflict =
        is_over(c->facts) && contradicts(make_record(c->facts, c->metadata), c->claim.call);
    const bool is_new_conflict = late.is_conflict && !c->claim.call.is_late_conflict;
    update.progress = c->claim.call.progress;
    update.metadata.reset();
    update.conversation_id.clear();
    update.to.clear();
    update.name.clear();
    update.campaign.clear();
    update.ended_at.reset();
    update.then = late;
    const StoreOutcome outcome = co_await submit(std::move(update));
    if (!outcome || !is_new_conflict) co_return;
    ports_.metrics.count(Counter::late_conflicts);
    ports_.log.write({LogLevel::warning,
                      LogTag::twilio,
                      "late word contradicts the record",
                      c->claim.call.id,
                      {}});
}

// Keeps at it while the store is in trouble and the lease may be ours.
Task<StoreOutcome> Settler::submit(SettleCall update) {
    const UtcTime give_up_at = ports_.clock.now() + lease / 2;
    for (;;) {
        StoreOp op = update;
        StoreOutcome outcome = co_await ports_.commits.submit(std::move(op));
        const bool is_passing = !outcome && outcome.error().code == Errc::unavailable;
        if (!is_passing || ports_.clock.now() >= give_up_at || is_stopping_) co_return outcome;
        const UtcTime until = ports_.clock.now() + store_retry;
        co_await ports_.clock.sleep_until(until);
    }
}

Task<Result<std::optional<ClaimedDelivery>>> Settler::settle_now(std::string call_id) {
    const UtcTime give_up_at = ports_.clock.now() + claim_patience;
    for (;;) {
        const UtcTime now = ports_.clock.now();
        const UtcTime until = now + lease;
        auto claim = [&] { return ports_.store.claim_call(call_id, now, until); };
        auto claimed = co_await ports_.commits.run_between(claim);
        if (claimed) {
            CasePtr c = std::make_shared<SettleCase>(*std::move(claimed));
            refold(*c);
            const bool was_fixed = !c->claim.call.record.empty();
            const bool can_fix = !was_fixed && is_over(c->facts);
            if (can_fix && !c->progress.metadata_resolved_at) {
                std::vector<CasePtr> alone{c};
                co_await ask_metadata(std::move(alone));
            }
            c->is_forced = can_fix;
            in_progress_ += 1;
            co_await settle(c);
            if (was_fixed || c->is_fixed) co_return std::move(c->claimed);
            if (!can_fix) co_return Error{Errc::conflict, "the call is not over"};
        } else if (claimed.error().code != Errc::conflict) {
            co_return std::move(claimed).error();
        }
        if (ports_.clock.now() >= give_up_at) {
            co_return Error{Errc::unavailable, "the call is being worked on"};
        }
        const UtcTime retry_at = ports_.clock.now() + claim_retry;
        co_await ports_.clock.sleep_until(retry_at);
    }
}

}  // namespace wrapup
