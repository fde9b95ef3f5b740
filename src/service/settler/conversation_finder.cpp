#include "service/settler/conversation_finder.hpp"

#include <algorithm>

#include "codec/observation.hpp"
#include "core/settle/settle_answer.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// For a listing that somebody else fetches. A little longer than its request may take.
constexpr seconds listing_patience{12};
// Clocks of the two vendors and the time to set a call up.
constexpr minutes start_tolerance{5};
constexpr minutes window_size{5};
// Shorter than the shortest gap between two polls of one call, so that each poll sees news.
constexpr milliseconds listing_fresh_for{900};
constexpr int listing_pages_max = 10;
constexpr std::size_t listings_max = 64;
constexpr std::size_t remembered_max = 10'000;
// Documents fetched for one call in one go; the others have their turn at the next poll.
constexpr std::size_t candidates_max = 6;
constexpr hours variable_retry{1};

std::string_view word_of(ConversationStatus status) {
    switch (status) {
        case ConversationStatus::initiated: return "initiated";
        case ConversationStatus::in_progress: return "in-progress";
        case ConversationStatus::processing: return "processing";
        case ConversationStatus::done: return "done";
        case ConversationStatus::failed: return "failed";
        case ConversationStatus::unknown: return "unknown";
    }
    return "unknown";
}

std::string_view word_of(Errc code) {
    switch (code) {
        case Errc::not_found: return "404";
        case Errc::unauthorized: return "our API key is refused";
        case Errc::rate_limited: return "429";
        case Errc::unavailable: return "no useful answer";
        case Errc::timeout: return "time-out";
        case Errc::invalid_input: return "an answer we cannot read";
        case Errc::conflict:
        case Errc::corrupt: return "an odd answer";
    }
    return "an odd answer";
}

bool is_final(ConversationStatus status) {
    return status == ConversationStatus::done || status == ConversationStatus::failed;
}

}  // namespace

ConversationFinder::ConversationFinder(Ports ports, int concurrency_max)
    : api_(ports.api),
      clock_(ports.clock),
      store_(ports.store),
      reads_(ports.reads),
      metrics_(ports.metrics),
      slots_(concurrency_max) {}

// `slot` lives as long as this frame.
Task<ConversationFound> ConversationFinder::find(ConversationSearch search, Slots::Slot slot) {
    const Slots::Slot mine = std::move(slot);
    std::string_view named_wrongly;
    if (!search.conversation_id.empty()) {
        ConversationSearch copy = search;
        ConversationFound named = co_await fetch_named(std::move(copy));
        const bool is_of_call = !named.is_strangers && !named.is_unknown;
        if (is_of_call || (named.is_unknown && search.call.call_sid.empty())) co_return named;
        // The other ways are left. Of two agents that were asked for one answered call, one never
        // speaks, and it may be the one that is named.
        named_wrongly = named.is_unknown ? "404" : said_of_strangers;
    }
    // A conversation that belongs to no phone call has no CallSid either: it is not this one's.
    if (search.call.call_sid.empty()) co_return ConversationFound{};
    bool has_asked_variable = false;
    if (search.asks_variable && may_know_variables()) {
        ConversationSearch copy = search;
        ConversationFound found = co_await find_by_variable(std::move(copy));
        // In trouble, the listing may still work; but not for one who was told to wait.
        const bool is_told = found.reply != ConversationReply::pending || found.not_before;
        if (found.document || is_told) co_return found;
        has_asked_variable = found.asked_variable;
    }
    ConversationFound found = co_await find_by_listing(std::move(search));
    found.asked_variable = has_asked_variable;
    const bool is_still_pending = !found.document && found.reply == ConversationReply::pending;
    if (!named_wrongly.empty() && is_still_pending) found.said = named_wrongly;
    co_return found;
}

Task<ConversationFound> ConversationFinder::fetch_named(ConversationSearch search) {
    const std::string mine = search.call.call_sid;
    ConversationFound strangers;
    strangers.is_strangers = true;
    const auto is_taken = [&] {
        const auto known = call_sid_of_.find(search.conversation_id);
        const bool has_owner = known != call_sid_of_.end() && !known->second.empty();
        return has_owner && !mine.empty() && known->second != mine;
    };
    if (is_taken()) co_return strangers;
    std::string id = search.conversation_id;
    ConversationFound found = co_await fetch_any(std::move(id));
    if (!found.document) co_return found;
    if (!may_be_of(found.document->conversation, search.call)) co_return strangers;
    const bool is_only_named = found.document->conversation.call_sid.empty() && !mine.empty();
    if (!is_only_named) co_return found;
    // Nothing but its being named tells whose it is: whoever is named first, in this process or in
    // what is stored.
    if (is_taken()) co_return strangers;
    if (const auto taken = call_sid_of_.find(search.conversation_id); taken != call_sid_of_.end()) {
        taken->second = mine;
    }
    id = search.conversation_id;
    const Result<std::string> owner = co_await owner_of(std::move(id));
    if (!owner) {
        ConversationFound unsure;
        unsure.said = "the store cannot say whose it is";
        co_return unsure;
    }
    if (owner->empty() || *owner == mine) co_return found;
    if (const auto taken = call_sid_of_.find(search.conversation_id); taken != call_sid_of_.end()) {
        taken->second = *owner;
    }
    co_return strangers;
}

Task<Result<std::string>> ConversationFinder::owner_of(std::string conversation_id) {
    const auto read = [&]() -> Result<std::string> {
        const auto call_id = store_.resolve(conversation_id);
        if (!call_id && call_id.error().code == Errc::not_found) return std::string();
        if (!call_id) return call_id.error();
        WRAPUP_TRY(const CallStory story, store_.find_story(*call_id));
        const KnownCall call({story.call, 0, {}}, decode_events(story.events), UtcTime{});
        const bool has_it = std::ranges::any_of(call.observed, [&](const ObservedEvent& event) {
            const auto* const said = std::get_if<Conversation>(&event.said);
            return said != nullptr && said->conversation_id == conversation_id;
        });
        const Facts& facts = call.facts;
        const bool is_fact = !call.has_strangers ||
                             (facts.had_conversation && facts.conversation_id == conversation_id);
        return has_it && is_fact ? story.call.call_sid : std::string();
    };
    co_return co_await reads_.run(read);
}

Task<ConversationFound> ConversationFinder::fetch(std::string id, CallMarks call) {
    ConversationFound found;
    if (is_of_another_call(id, call.call_sid)) {
        found.is_strangers = !call_sid_of_.at(id).empty();
        co_return found;
    }
    found = co_await fetch_any(std::move(id));
    if (!found.document) co_return found;
    const Conversation& conversation = found.document->conversation;
    if (conversation.call_sid == call.call_sid && may_be_of(conversation, call)) co_return found;
    ConversationFound others;
    others.said = found.said;
    others.is_strangers = !conversation.call_sid.empty();
    co_return others;
}

Task<ConversationFound> ConversationFinder::fetch_any(std::string id) {
    ConversationFound found;
    auto answer = co_await api_.fetch_conversation(std::move(id));
    if (answer.error) co_return trouble(*answer.error);
    metrics_.count(Counter::elevenlabs_requests, "ok");
    const Conversation& conversation = answer.value->conversation;
    remember(conversation);
    found.said = word_of(conversation.status);
    if (is_final(conversation.status)) found.reply = ConversationReply::final;
    found.document = std::move(answer.value);
    co_return found;
}

// Only an answer that shows that the filter is not honoured turns this way off for others: a
// conversation of another call. Whatever else goes wrong concerns this question alone.
Task<ConversationFound> ConversationFinder::find_by_variable(ConversationSearch search) {
    ConversationQuery query;
    query.variable_call_sid = search.call.call_sid;
    auto answer = co_await api_.list_conversations(std::move(query));
    ConversationFound found;
    if (answer.error) {
        // An old server may refuse a parameter it does not know: that leaves the listing.
        found.asked_variable = answer.error->error.code == Errc::invalid_input;
        if (!found.asked_variable) found = trouble(*answer.error);
        co_return found;
    }
    metrics_.count(Counter::elevenlabs_requests, "ok");
    found.asked_variable = true;
    if (answer.value->items.empty()) co_return found;
    const std::string id = answer.value->items.front().conversation_id;
    std::string copy = id;
    CallMarks call = search.call;
    found = co_await fetch(std::move(copy), std::move(call));
    if (found.is_strangers && is_of_another_call(id, search.call.call_sid)) {
        variable_ignored_until_ = clock_.now() + variable_retry;
    }
    found.asked_variable = found.document.has_value() || found.is_strangers;
    co_return found;
}

Task<ConversationFound> ConversationFinder::find_by_listing(ConversationSearch search) {
    const Window window{to_unix_s(search.started_at) / seconds{window_size}.count(),
                        search.agent_id};
    const std::optional<ElevenLabsError> error = co_await refresh(window);
    if (error) co_return trouble(*error);
    const auto cached = listings_.find(window);
    if (cached == listings_.end()) co_return ConversationFound{};

    std::vector<ConversationListItem> candidates;
    for (const ConversationListItem& item : cached->second.items) {
        const bool is_near =
            !item.started_at || (*item.started_at >= search.started_at - start_tolerance &&
                                 *item.started_at <= search.started_at + start_tolerance);
        if (is_near && !is_of_another_call(item.conversation_id, search.call.call_sid)) {
            candidates.push_back(item);
        }
    }
    const auto distance = [&](const ConversationListItem& item) {
        return item.started_at ? std::chrono::abs(*item.started_at - search.started_at)
                               : milliseconds{start_tolerance};
    };
    std::ranges::stable_sort(candidates, {}, distance);
    CallMarks call = std::move(search.call);
    co_return co_await try_candidates(std::move(candidates), std::move(call));
}

// Makes the window's listing fresh, unless it is. One lookup fetches, the others wait for it. What
// goes wrong is told to those who wait and not kept: the next one asks again.
Task<std::optional<ElevenLabsError>> ConversationFinder::refresh(Window window) {
    Listing& listing = listings_[window];  // References into a map stay good.
    if (listing.is_fetching) {
        ListingWaiter me;
        listing.waiting.push_back(&me);
        const UtcTime until = clock_.now() + listing_patience;
        co_await clock_.sleep_until(until, &me.alarm);
        listing.waiting.remove(&me);
        if (me.is_told) co_return std::move(me.error);
        co_return ElevenLabsError{{Errc::timeout, "the listing takes too long"}, {}};
    }
    const milliseconds age = clock_.now() - listing.fetched_at;  // Negative after a step back.
    if (age >= milliseconds{0} && age < listing_fresh_for) co_return std::nullopt;
    listing.is_fetching = true;
    std::vector<ConversationListItem> items;
    std::optional<ElevenLabsError> error;
    ConversationQuery query;
    query.agent_id = window.second;
    query.started_after =
        from_unix_s(window.first * seconds{window_size}.count()) - start_tolerance;
    query.started_before = *query.started_after + window_size + 2 * start_tolerance;
    for (int page = 0; page < listing_pages_max; ++page) {
        ConversationQuery copy = query;
        auto answer = co_await api_.list_conversations(std::move(copy));
        if (answer.error) {
            error = std::move(answer.error);
            break;
        }
        metrics_.count(Counter::elevenlabs_requests, "ok");
        for (auto& item : answer.value->items) items.push_back(std::move(item));
        query.cursor = std::move(answer.value->next_cursor);
        if (query.cursor.empty()) break;
    }
    listing.is_fetching = false;
    if (!error) {
        listing.items = std::move(items);
        listing.fetched_at = clock_.now();
    }
    for (ListingWaiter* waiter : listing.waiting) {
        waiter->is_told = true;
        waiter->error = error;
        waiter->alarm.ring();
    }
    forget_old_listings(window);
    co_return error;
}

void ConversationFinder::forget_old_listings(const Window& kept) {
    while (listings_.size() > listings_max) {
        const auto idle = std::ranges::find_if(listings_, [&](const auto& entry) {
            return !entry.second.is_fetching && entry.second.waiting.empty() && entry.first != kept;
        });
        if (idle == listings_.end()) return;
        listings_.erase(idle);
    }
}

Task<ConversationFound> ConversationFinder::try_candidates(
    std::vector<ConversationListItem> candidates, CallMarks call) {
    ConversationFound result;
    result.said = "no conversation with this CallSid yet";
    std::size_t fetched_count = 0;
    for (const ConversationListItem& candidate : candidates) {
        if (fetched_count++ == candidates_max) break;
        std::string id = candidate.conversation_id;
        CallMarks mine = call;
        ConversationFound found = co_await fetch(std::move(id), std::move(mine));
        if (found.document) co_return found;
        const bool is_hopeless = found.reply == ConversationReply::refused || found.not_before;
        if (is_hopeless) co_return found;
    }
    co_return result;
}

bool ConversationFinder::may_know_variables() const {
    if (!variable_ignored_until_) return true;
    const milliseconds left = *variable_ignored_until_ - clock_.now();
    return left <= milliseconds{0} || left > variable_retry;  // More only after a step back.
}

void ConversationFinder::remember(const Conversation& conversation) {
    if (conversation.call_sid.empty() && !is_final(conversation.status)) return;
    const auto [at, is_new] =
        call_sid_of_.try_emplace(conversation.conversation_id, conversation.call_sid);
    if (!is_new) return;
    remembered_.push_back(conversation.conversation_id);
    if (remembered_.size() <= remembered_max) return;
    call_sid_of_.erase(remembered_.front());
    remembered_.pop_front();
}

bool ConversationFinder::is_of_another_call(const std::string& id,
                                            const std::string& call_sid) const {
    const auto known = call_sid_of_.find(id);
    return known != call_sid_of_.end() && known->second != call_sid;
}

ConversationFound ConversationFinder::trouble(const ElevenLabsError& error) {
    ConversationFound found;
    found.said = word_of(error.error.code);
    found.is_unknown = error.error.code == Errc::not_found;
    metrics_.count(Counter::elevenlabs_requests, found.said);
    if (error.error.code == Errc::unauthorized) found.reply = ConversationReply::refused;
    if (error.retry_after) found.not_before = clock_.now() + *error.retry_after;
    return found;
}

}  // namespace wrapup
