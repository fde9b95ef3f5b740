// The settler's questions: metadata, Twilio, ElevenLabs.

#include <algorithm>
#include <boost/asio/this_coro.hpp>

#include "codec/elevenlabs_events.hpp"
#include "codec/twilio_events.hpp"
#include "service/root_task.hpp"
#include "service/settler.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

// For one question; the adapters' own time-outs are shorter. With news about the call, the question
// of who answered it still gets a moment.
constexpr seconds question_patience{30};
constexpr milliseconds disturbed_patience{1500};

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

MetadataQuery metadata_query(const Facts& facts) {
    MetadataQuery query;
    query.call_sid = facts.call_sid;
    query.conversation_id = facts.conversation_id;
    query.to = other_party(facts);
    query.is_inbound = facts.direction == Direction::inbound;
    return query;
}

// These run beside the settler, which may have stopped waiting when they end.
Task<void> put_call(TwilioApi& twilio, CallAddress address,
                    std::shared_ptr<Question<Result<FetchedCall>>> question) {
    Result<FetchedCall> fetched = co_await twilio.fetch_call(std::move(address));
    question->put(std::move(fetched));
}

Task<void> put_conversation(ConversationFinder& finder, ConversationSearch search,
                            std::shared_ptr<Question<ConversationFound>> question) {
    ConversationFound found = co_await finder.find(std::move(search));
    question->put(std::move(found));
}

}  // namespace

Task<void> Settler::ask_metadata(std::vector<CasePtr> cases) {
    std::vector<MetadataQuery> queries;
    for (const CasePtr& c : cases) {
        queries.push_back(metadata_query(c->facts));
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
    std::vector<MetadataQuery> queries{metadata_query(c->facts)};
    const auto answers = co_await ports_.metadata.find(std::move(queries));
    WRAPUP_ASSERT(answers.size() == 1);
    if (answers.front().kind == MetadataAnswer::Kind::found) c->progress.was_metadata_away = false;
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
    CallAddress address{c->facts.call_sid, c->facts.account_sid};
    spawn_root(executor, put_call(*ports_.twilio, std::move(address), question));
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

}  // namespace wrapup
