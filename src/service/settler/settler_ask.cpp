// The settler's questions: metadata, Twilio, ElevenLabs.

#include <algorithm>
#include <utility>

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "codec/observation.hpp"
#include "codec/twilio/twilio_events.hpp"
#include "core/settle/conversation_match.hpp"
#include "domain/callable_number.hpp"
#include "service/settler/settle_tale.hpp"
#include "service/settler/settler.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace {

// For one question; the adapters' own time-outs are shorter. With news about the call, the question
// of who answered it still gets a moment.
constexpr seconds question_patience{30};
constexpr milliseconds disturbed_patience{1500};
// At the end, for metadata that may have come since it was first looked up.
constexpr seconds refresh_patience{3};

void tell_opt_out(EventLog& log, const Conversation& conversation, const std::string& call_id) {
    if (!conversation.opts_out || is_callable(conversation.external_number)) return;
    log.write({LogLevel::warning,
               LogTag::elevenlabs,
               "somebody asked not to be called again, and the event tells no number to be listed",
               call_id,
               {{"listed", "as soon as the call's number is known"}}});
}

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

MetadataQuery metadata_query(const KnownCall& known) {
    MetadataQuery query;
    query.call_sid = known.facts.call_sid;
    query.conversation_id = known.facts.conversation_id;
    query.to = known.contact_number();
    query.is_inbound = known.facts.direction == Direction::inbound;
    return query;
}

void take_event(SettleCase& c, NewEvent event) {
    auto said = decode_observation(event.kind, event.payload);
    std::optional<Observation> understood;
    if (said) understood = *std::move(said);
    c.take(std::move(event), std::move(understood));
}

// These run beside the settler, which may have stopped waiting when they end.
Task<void> put_metadata(Metadata& metadata, MetadataQuery query,
                        std::shared_ptr<Question<MetadataAnswer>> question) {
    std::vector<MetadataQuery> queries{std::move(query)};
    std::vector<MetadataAnswer> answers = co_await metadata.find(std::move(queries));
    WRAPUP_ASSERT(answers.size() == 1);
    question->put(std::move(answers.front()));
}

Task<void> put_call(TwilioApi& twilio, CallAddress address,
                    std::shared_ptr<Question<Result<FetchedCall>>> question) {
    Result<FetchedCall> fetched = co_await twilio.fetch_call(std::move(address));
    question->put(std::move(fetched));
}

Task<void> put_conversation(ConversationFinder& finder, ConversationSearch search, Slots::Slot slot,
                            std::shared_ptr<Question<ConversationFound>> question) {
    ConversationFound found = co_await finder.find(std::move(search), std::move(slot));
    question->put(std::move(found));
}

}  // namespace

// One call's metadata. A source that does not keep its promise to answer in time is away; what was
// handed to us is known nonetheless.
Task<MetadataAnswer> Settler::look_up(CasePtr c, milliseconds patience) {
    auto question = std::make_shared<Question<MetadataAnswer>>();
    question->asker = c;
    const UtcTime until = ports_.clock.now() + patience;
    MetadataQuery query = metadata_query(*c);
    spawn_root(executor_, put_metadata(ports_.metadata, std::move(query), question));
    while (!question->answer && !loop_.is_stopping() && ports_.clock.now() < until) {
        co_await ports_.clock.sleep_until(until, &c->alarm);
    }
    if (question->answer) co_return *std::move(question->answer);
    MetadataAnswer away;
    away.kind = MetadataAnswer::Kind::away;
    away.detail = "no answer in time";
    if (ports_.own_metadata == nullptr) co_return away;
    std::vector<MetadataQuery> queries{metadata_query(*c)};
    std::vector<MetadataAnswer> own = co_await ports_.own_metadata->find(std::move(queries));
    WRAPUP_ASSERT(own.size() == 1);
    away.metadata = std::move(own.front().metadata);
    co_return away;
}

Task<void> Settler::ask_metadata(CasePtr c) {
    const MetadataAnswer answer = co_await look_up(c, question_patience);
    const bool is_away = answer.kind == MetadataAnswer::Kind::away;
    if (is_away && loop_.is_stopping()) co_return;
    const bool was_away = c->progress.was_metadata_away;
    c->take_metadata(answer.metadata);
    note_metadata(c->progress, reply_of(answer.kind), settings_.policy, ports_.clock.now());
    ports_.metrics.count(Counter::metadata_lookups, name_of(answer.kind));
    if (is_away && !was_away) {
        ports_.log.write({LogLevel::warning,
                          LogTag::none,
                          "metadata source does not answer",
                          c->claim.call.id,
                          {{"error", answer.detail}}});
    }
}

// While the call waited for its summary, somebody may have handed us metadata for it.
Task<void> Settler::refresh_metadata(CasePtr c) {
    c->is_metadata_fresh = true;
    const MetadataAnswer answer = co_await look_up(c, refresh_patience);
    if (answer.kind == MetadataAnswer::Kind::found) c->progress.was_metadata_away = false;
    c->take_metadata(answer.metadata);
}

// A call whose summary has a deadline does not wait beyond it: a peer that hangs holds nothing.
UtcTime Settler::patience_until(const SettleCase& c) const {
    const UtcTime now = ports_.clock.now();
    if (!is_over(c.facts) || !c.progress.metadata_resolved_at) return now + question_patience;
    const UtcTime deadline = summary_deadline(c.facts, c.progress, settings_.policy);
    return std::clamp<UtcTime>(deadline, now + milliseconds{1}, now + question_patience);
}

void Settler::start_twilio(const CasePtr& c) {
    WRAPUP_ASSERT(ports_.twilio != nullptr && !c->twilio);
    c->twilio = std::make_shared<Question<Result<FetchedCall>>>();
    c->twilio->asker = c;
    c->twilio->asked_at = ports_.clock.now();
    c->twilio->give_up_at = patience_until(*c);
    CallAddress address{c->facts.call_sid, c->facts.account_sid};
    spawn_root(executor_, put_call(*ports_.twilio, std::move(address), c->twilio));
}

ConversationSearch Settler::search_for(const SettleCase& c, std::string conversation_id) const {
    ConversationSearch search;
    search.conversation_id = std::move(conversation_id);
    search.call = marks_of(c.facts, c.metadata.agent_id);
    // By the vendors' clocks, as far as they told: ours may be set wrong.
    const UtcTime ended = c.facts.ended_at.value_or(ports_.clock.now());
    search.started_at =
        c.facts.started_at.value_or(ended - seconds{c.facts.duration_s.value_or(0)});
    search.agent_id = c.metadata.agent_id.empty() ? settings_.agent_id : c.metadata.agent_id;
    search.asks_variable = !c.progress.was_variable_asked;
    return search;
}

// When it is its turn; else it is put into the queue.
void Settler::start_conversation(const CasePtr& c, std::string conversation_id) {
    WRAPUP_ASSERT(ports_.finder != nullptr && !c->conversation);
    const std::string& id = c->claim.call.id;
    const UtcTime now = ports_.clock.now();
    // A free slot while others wait is on its way to the first of them.
    if (!c->slot && turns_.empty()) {
        auto slot = ports_.finder->slots().try_take();
        if (slot) c->slot.emplace(*std::move(slot));
    }
    c->is_queued = !c->slot;
    if (c->is_queued) {
        (void)turns_.add(id, std::min(now, c->claim.call.due_at.value_or(now)));
        return;
    }
    turns_.remove(id);
    ConversationSearch search = search_for(*c, std::move(conversation_id));
    c->conversation = std::make_shared<Question<ConversationFound>>();
    c->conversation->asker = c;
    c->conversation->asked_at = now;
    c->conversation->give_up_at = patience_until(*c);
    spawn_root(executor_, put_conversation(*ports_.finder, std::move(search), *std::move(c->slot),
                                           c->conversation));
    c->slot.reset();
}

// Until something is heard of the questions that are out, or it is time for another step.
Task<void> Settler::wait_for_news(CasePtr c, UtcTime due_at) {
    UtcTime until = due_at;
    if (c->twilio) until = std::min(until, c->twilio->give_up_at);
    if (c->conversation) until = std::min(until, c->conversation->give_up_at);
    until = std::max(until, ports_.clock.now() + milliseconds{1});
    co_await ports_.clock.sleep_until(until, &c->alarm);
}

// News does not make who answered the call less worth knowing: a short while longer.
Task<void> Settler::give_twilio_a_moment(CasePtr c) {
    if (!c->twilio) co_return;
    const UtcTime until = c->twilio->asked_at + disturbed_patience;
    while (!c->twilio->answer && !loop_.is_stopping() && ports_.clock.now() < until) {
        co_await ports_.clock.sleep_until(until, &c->alarm);
    }
}

void Settler::take_answers(SettleCase& c) {
    const UtcTime now = ports_.clock.now();
    if (c.twilio && (c.twilio->answer || now >= c.twilio->give_up_at)) take_twilio(c);
    const bool has_told =
        c.conversation && (c.conversation->answer || now >= c.conversation->give_up_at);
    if (has_told) take_conversation(c);
}

// What has no answer by now gets none in this claim.
void Settler::abandon_questions(SettleCase& c) {
    if (c.twilio && (c.twilio->answer || !loop_.is_stopping())) take_twilio(c);
    c.twilio.reset();
    // When there is news, that it was asked in vain is not worth a step of its schedule.
    if (c.conversation && (c.conversation->answer || !c.is_disturbed)) take_conversation(c);
    c.conversation.reset();
}

void Settler::take_twilio(SettleCase& c) {
    const auto question = std::exchange(c.twilio, nullptr);
    const UtcTime now = ports_.clock.now();
    if (!question->answer) {
        ports_.metrics.count(Counter::twilio_requests, "failed");
        note_twilio(c.progress, TwilioReply::failed, "no answer in time", now);
        return;
    }
    const Result<FetchedCall>& fetched = *question->answer;
    ports_.metrics.count(Counter::twilio_requests, fetched ? "ok" : "failed");
    if (!fetched) {
        const Errc code = fetched.error().code;
        const TwilioReply reply = code == Errc::not_found      ? TwilioReply::unknown
                                  : code == Errc::unauthorized ? TwilioReply::refused
                                                               : TwilioReply::failed;
        note_twilio(c.progress, reply, fetched.error().detail, now);
        return;
    }
    const TwilioCall& call = fetched->call;
    const bool has_ended = call.status && is_terminal(*call.status);
    note_twilio(c.progress, has_ended ? TwilioReply::ended : TwilioReply::running,
                call.status ? std::string(to_string(*call.status)) : "no status", now);
    take_event(c, twilio_rest_event(call, fetched->payload, now));
}

void Settler::take_conversation(SettleCase& c) {
    const auto question = std::exchange(c.conversation, nullptr);
    const UtcTime now = ports_.clock.now();
    if (!question->answer) {
        note_conversation(c.progress, ConversationReply::pending, "no answer in time", {}, now);
        return;
    }
    ConversationFound& found = *question->answer;
    if (found.asked_variable) c.progress.was_variable_asked = true;
    if (found.reply == ConversationReply::refused) {
        ports_.metrics.count(Counter::alerts, "elevenlabs");
        ports_.log.write({LogLevel::error,
                          LogTag::elevenlabs,
                          "ElevenLabs refuses our API key",
                          c.claim.call.id,
                          {{"needs", "a person"}}});
    }
    const bool is_strangers = found.said == said_of_strangers;
    if (is_strangers && c.progress.conversation_said != found.said) {
        tell_strangers(ports_.log, c.claim.call.id);
    }
    note_conversation(c.progress, found.reply, found.said, found.not_before, now);
    if (found.document && found.reply != ConversationReply::final) {
        c.conversation_id = found.document->conversation.conversation_id;
        c.facts.conversation_id = c.conversation_id;
    }
    if (found.document && found.reply == ConversationReply::final) {
        const FetchedConversation& document = *found.document;
        tell_opt_out(ports_.log, document.conversation, c.claim.call.id);
        take_event(c, conversation_event(document.conversation, document.payload, now));
    }
}

}  // namespace wrapup
