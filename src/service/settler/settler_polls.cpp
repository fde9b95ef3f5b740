// A call that waits for nothing but its summary is put back once, due shortly before its deadline,
// and asked about from memory meanwhile. It is claimed again when there is something to write: the
// answer, or news from elsewhere. After a restart every call that is settling is due at once.

#include <algorithm>
#include <utility>

#include "service/settler/settler.hpp"
#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace {

constexpr seconds idle_max{5};
// What falls due within so long is begun at once: most of it shares a listing.
constexpr milliseconds gathered_for{50};
constexpr seconds turned_away_again{30};
// After that a call that was due is somebody else's, or merged.
constexpr seconds kept_when_due{60};

// What has to be written down: anything but that nothing is known yet.
bool is_news(const ConversationFound& found, const Poll& poll) {
    if (found.reply != ConversationReply::pending) return true;
    if (found.said == said_of_strangers) return poll.progress.conversation_said != found.said;
    return found.document &&
           found.document->conversation.conversation_id != poll.search.conversation_id;
}

}  // namespace

PollPtr Settler::poll_of(const SettleCase& c) const {
    if (ports_.finder == nullptr || !polls_.has_room()) return nullptr;
    SettleQuestion question = c.question();
    question.is_forced = c.is_forced;
    auto polls = polls_of(question, settings_.policy, ports_.clock.now());
    if (!polls) return nullptr;
    auto poll = std::make_shared<Poll>();
    poll->call_id = c.claim.call.id;
    poll->search = search_for(c, std::move(polls->conversation_id));
    poll->progress = c.progress;
    poll->workable_at = polls->workable_at;
    poll->next_at = polls->next_at;
    poll->look_at = polls->look_at;
    return poll;
}

void Settler::remember(const SettleCase& c, PollPtr poll) {
    Poll& kept = *poll;
    polls_.add(std::move(poll));
    const bool has_turn = c.is_queued && (c.slot || turns_.holds(kept.call_id));
    if (has_turn) return;
    schedule(kept, c.is_queued ? ports_.clock.now() + turned_away_again : kept.next_at);
}

void Settler::schedule(Poll& poll, UtcTime at) {
    polls_.schedule(poll, at < poll.look_at ? at : poll.look_at + kept_when_due);
    if (poll.next_at < polls_sleep_until_) polls_alarm_.ring();
}

Task<void> Settler::run_polls() {
    while (!loop_.is_stopping()) {
        const UtcTime now = ports_.clock.now();
        while (const PollPtr poll = polls_.take_due(now)) {
            if (now >= poll->look_at) {
                polls_.remove(poll->call_id);
            } else if (!turns_.add(poll->call_id, poll->next_at)) {
                schedule(*poll, now + turned_away_again);
            }
        }
        serve_turns();
        const UtcTime next_at = polls_.next_at().value_or(UtcTime::max());
        const UtcTime until = std::clamp<UtcTime>(next_at, now + gathered_for, now + idle_max);
        polls_sleep_until_ = until;
        co_await ports_.clock.sleep_until(until, &polls_alarm_);
    }
}

// Asks about a call that nobody has claimed.
Task<void> Settler::ask_again(Turns::Turn turn, Slots::Slot slot) {
    const PollPtr poll = polls_.find(turn.call_id);
    if (!poll) co_return;
    ConversationSearch search = poll->search;
    ConversationFound found = co_await ports_.finder->find(std::move(search), std::move(slot));
    // Somebody else looks at the call by now.
    if (loop_.is_stopping() || polls_.find(turn.call_id) != poll) co_return;
    const UtcTime now = ports_.clock.now();
    if (!is_news(found, *poll)) {
        note_conversation(poll->progress, found.reply, std::move(found.said), found.not_before,
                          now);
        if (found.asked_variable) poll->progress.was_variable_asked = true;
        poll->search.asks_variable = !poll->progress.was_variable_asked;
        schedule(*poll, next_poll_at(poll->workable_at, poll->progress));
        co_return;
    }
    std::optional<Slots::Slot> no_slot;
    std::optional<ConversationFound> answer(std::move(found));
    co_await take_turn(std::move(turn), std::move(no_slot), std::move(answer));
}

}  // namespace wrapup
