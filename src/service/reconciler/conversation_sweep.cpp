#include "service/reconciler/conversation_sweep.hpp"

#include <algorithm>

#include "codec/elevenlabs/elevenlabs_events.hpp"
#include "domain/phone_number.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

constexpr minutes overlap{15};
constexpr hours conversation_max{25};
// What is older at the first start is found by the calls themselves: each asks for its own.
constexpr hours first_look{24};
// One listing covers so much at most; newest first.
constexpr hours chunk_max{6};
constexpr std::ptrdiff_t pages_max = 500;
// As fast as a long list is read: one without an end costs ElevenLabs little.
constexpr std::ptrdiff_t pages_at_once = 5;
constexpr milliseconds page_gap{500};
constexpr std::size_t done_max = 50'000;
// A key that was refused once may be a good one later.
constexpr hours webhooks_again{1};
constexpr seconds slot_patience{30};
constexpr milliseconds slot_again{500};
constexpr minutes trouble_wait{5};
// Then a list is begun anew.
constexpr int cursor_tries = 3;

bool is_final(ConversationStatus status) {
    return status == ConversationStatus::done || status == ConversationStatus::failed;
}

std::optional<UtcTime> end_of(const ConversationListItem& item) {
    if (!item.started_at) return std::nullopt;
    return *item.started_at + seconds{item.duration_s.value_or(0)};
}

bool has_conversation(const CallStory& story) {
    return std::ranges::any_of(story.events, [](const StoredEvent& event) {
        switch (event.kind) {
            case EventKind::elevenlabs_transcription:
            case EventKind::elevenlabs_failure:
            case EventKind::elevenlabs_conversation:
            case EventKind::reconcile_conversation: return true;
            case EventKind::twilio_status:
            case EventKind::twilio_child_status:
            case EventKind::twilio_amd:
            case EventKind::twilio_rest:
            case EventKind::elevenlabs_otel:
            case EventKind::reconcile_call:
            case EventKind::placing_no_agent:
            case EventKind::operator_action: break;
        }
        return false;
    });
}

bool holds(const std::vector<std::string>& list, const std::string& one) {
    return list.empty() || std::ranges::find(list, one) != list.end();
}

// A conversation of which nobody else told us: design 3, "Which calls are ours".
bool is_ours(const Conversation& conversation, const SweepScope& scope) {
    if (conversation.line == PhoneLine::none) return false;
    if (conversation.direction == Direction::inbound && !scope.accepts_inbound) return false;
    if (!holds(scope.our_agents, conversation.agent_id)) return false;
    const std::string number = normalize_phone_number(conversation.agent_number);
    if (!number.empty() && !holds(scope.our_numbers, number)) return false;
    if (!conversation.started_at) return false;
    const UtcTime ended_at =
        *conversation.started_at + seconds{conversation.duration_s.value_or(0)};
    return ended_at >= std::chrono::floor<seconds>(scope.since);
}

// One listing covers so much of the stretch.
UtcTime list_begin(const ConversationSweep::Stretch& stretch) {
    return std::max<UtcTime>(stretch.from, stretch.until - chunk_max);
}

void begin_list_anew(ConversationSweep::Stretch& stretch) {
    stretch.cursor.clear();
    stretch.cursors.clear();
}

}  // namespace

bool ConversationSweep::is_left_alone() const {
    const UtcTime now = ports_.clock.now();
    return not_before_ && now < *not_before_ && *not_before_ - now <= trouble_wait;
}

ConversationSweep::Stretch ConversationSweep::next_stretch(const Place& place,
                                                           const SweepScope& scope) const {
    Stretch stretch;
    stretch.until = ports_.clock.now();
    const UtcTime now = stretch.until;
    stretch.from = std::max<UtcTime>(scope.since, now - first_look) - overlap;
    if (place.listed_until) stretch.from = std::min(*place.listed_until, now) - overlap;
    if (place.open_since) {
        const UtcTime open_since = std::max<UtcTime>(*place.open_since, now - conversation_max);
        stretch.from = std::min(stretch.from, open_since);
    }
    return stretch;
}

Task<ConversationSweep::Step> ConversationSweep::work(Stretch& stretch, SweepScope scope,
                                                      std::shared_ptr<ReconcileRun> run,
                                                      Alarm& alarm, const IsOver& is_over) {
    if (!stretch.page) {
        const Step listed = co_await list_page(stretch, scope, alarm);
        if (listed != Step::page) co_return listed;
    }
    bool is_started = false;
    std::vector<ConversationListItem>& items = stretch.page->items;
    while (!items.empty()) {
        if (is_stopping_ || (is_started && is_over())) co_return Step::paused;
        ConversationListItem item = items.back();
        const auto need = co_await need_of(item, scope.grace);
        if (!need) co_return Step::trouble;
        if (*need == Need::document) {
            is_started = true;
            const Step taken = co_await take(std::move(item), scope, run, alarm);
            if (taken != Step::page) co_return taken;
        } else if (*need == Need::later && item.started_at) {
            stretch.open_since =
                std::min(stretch.open_since.value_or(*item.started_at), *item.started_at);
        }
        items.pop_back();
    }
    stretch.cursor = std::move(stretch.page->next_cursor);
    stretch.page.reset();
    if (stretch.cursor.empty()) {
        stretch.until = list_begin(stretch);
        stretch.cursors.clear();
        end_trouble();
    }
    co_return Step::page;
}

Task<ConversationSweep::Step> ConversationSweep::list_page(Stretch& stretch, SweepScope scope,
                                                           Alarm& alarm) {
    if (std::ssize(stretch.cursors) >= pages_at_once) {
        const UtcTime next_page_at = ports_.clock.now() + page_gap;
        co_await ports_.clock.sleep_until(next_page_at, &alarm);
    }
    const auto slot = co_await take_slot(alarm);
    if (!slot || is_stopping_) co_return Step::paused;
    ConversationQuery query;
    query.started_after = list_begin(stretch);
    // ElevenLabs is asked in whole seconds.
    query.started_before = stretch.until + (stretch.is_exact ? seconds{1} : seconds{0});
    query.cursor = stretch.cursor;
    if (scope.our_agents.size() == 1) query.agent_id = scope.our_agents.front();
    auto answer = co_await ports_.elevenlabs.list_conversations(std::move(query));
    if (answer.error) {
        note_trouble(*answer.error);
        // The cursor may be what is wrong.
        if (trouble_->count % cursor_tries == 0) begin_list_anew(stretch);
        co_return Step::trouble;
    }
    ports_.metrics.count(Counter::elevenlabs_requests, "ok");
    ConversationList page = *std::move(answer.value);
    const std::string& next = page.next_cursor;
    const bool is_new = next.empty() || stretch.cursors.insert(next).second;
    if (!is_new || std::ssize(stretch.cursors) > pages_max) {
        const Error error{Errc::invalid_input,
                          is_new ? "the list has more pages than there can be conversations"
                                 : "a page of the list names itself as the next"};
        note_trouble({error, {}});
        begin_list_anew(stretch);
        co_return Step::trouble;
    }
    if (stretch.is_exact) {
        std::erase_if(page.items, [&stretch](const ConversationListItem& item) {
            const auto& at = item.started_at;
            return at && (*at < list_begin(stretch) || *at >= stretch.until);
        });
    }
    std::ranges::reverse(page.items);  // The next one is at the end.
    stretch.page = std::move(page);
    co_return Step::page;
}

// Nothing: the store cannot be read.
Task<std::optional<ConversationSweep::Need>> ConversationSweep::need_of(
    const ConversationListItem& item, milliseconds grace) {
    if (done_.contains(item.conversation_id)) co_return Need::nothing;
    if (!is_final(item.status)) co_return Need::later;
    const auto ended_at = end_of(item);
    if (ended_at && *ended_at + grace > ports_.clock.now()) co_return Need::later;
    auto read = [&]() -> Result<bool> {
        const auto call_id = ports_.store.resolve(item.conversation_id);
        if (!call_id && call_id.error().code == Errc::not_found) return false;
        if (!call_id) return call_id.error();
        WRAPUP_TRY(const CallStory story, ports_.store.find_story(*call_id));
        return has_conversation(story);
    };
    const Result<bool> is_told = co_await ports_.reads.run(read);
    if (!is_told) {
        ports_.metrics.count(Counter::store_errors, "reconcile");
        co_return std::nullopt;
    }
    if (!*is_told) co_return Need::document;
    remember(item.conversation_id);
    co_return Need::nothing;
}

Task<ConversationSweep::Step> ConversationSweep::take(ConversationListItem item, SweepScope scope,
                                                      std::shared_ptr<ReconcileRun> run,
                                                      Alarm& alarm) {
    const auto slot = co_await take_slot(alarm);
    if (!slot) co_return Step::paused;
    std::string id = item.conversation_id;
    auto answer = co_await ports_.elevenlabs.fetch_conversation(std::move(id));
    const bool is_gone = answer.error && answer.error->error.code == Errc::not_found;
    const bool is_odd = answer.error && answer.error->error.code == Errc::invalid_input;
    if (answer.error && !is_gone && !is_odd) {
        note_trouble(*answer.error);
        co_return Step::trouble;
    }
    if (answer.error) {
        remember(item.conversation_id);
        co_return Step::page;
    }
    ports_.metrics.count(Counter::elevenlabs_requests, "ok");
    const FetchedConversation& document = *answer.value;
    const Conversation& conversation = document.conversation;
    auto read = [&]() -> Result<bool> {
        for (const std::string& any_id : {conversation.conversation_id, conversation.call_sid}) {
            if (any_id.empty()) continue;
            const auto call_id = ports_.store.resolve(any_id);
            if (call_id) return true;
            if (call_id.error().code != Errc::not_found) return call_id.error();
        }
        return false;
    };
    const Result<bool> is_known = co_await ports_.reads.run(read);
    if (!is_known) co_return Step::trouble;
    const bool is_in_scope = is_ours(conversation, scope);
    const bool is_wanted = *is_known || is_in_scope;
    if (is_wanted && run->is_dry_run) {
        // Not remembered: it is still to be taken over.
        run->counts.conversations += 1;
        co_return Step::page;
    }
    if (is_wanted) {
        NewEvent event =
            reconciled_conversation_event(conversation, document.payload, ports_.clock.now());
        event.is_ours = is_in_scope;
        const auto appended = co_await ports_.intake.append(std::move(event));
        if (!appended) co_return Step::trouble;
        run->counts.conversations += appended->is_repeat ? 0 : 1;
        ports_.metrics.count(Counter::reconciled_calls, "conversation");
    }
    remember(item.conversation_id);
    co_return Step::page;
}

Task<std::optional<Slots::Slot>> ConversationSweep::take_slot(Alarm& alarm) {
    const UtcTime give_up_at = ports_.clock.now() + slot_patience;
    for (;;) {
        std::optional<Slots::Slot> slot = ports_.slots.try_take();
        if (slot) co_return slot;
        if (is_stopping_ || ports_.clock.now() >= give_up_at) co_return std::nullopt;
        const UtcTime until = ports_.clock.now() + slot_again;
        co_await ports_.clock.sleep_until(until, &alarm);
    }
}

void ConversationSweep::remember(const std::string& conversation_id) {
    if (done_.size() >= done_max) done_.clear();
    done_.insert(conversation_id);
}

void ConversationSweep::note_trouble(const ElevenLabsError& error) {
    const UtcTime now = ports_.clock.now();
    if (!trouble_) trouble_ = ReconcileTrouble{now, 0, {}};
    trouble_->count += 1;
    const bool is_refused = error.error.code == Errc::unauthorized;
    ports_.metrics.count(Counter::elevenlabs_requests,
                         is_refused ? "our API key is refused" : "no useful answer");
    trouble_->what = (is_refused ? "ElevenLabs refuses our API key: " : "") + error.error.detail;
    if (is_refused) ports_.metrics.count(Counter::alerts, "elevenlabs");
    not_before_.reset();
    if (error.retry_after) {
        not_before_ = now + std::min<milliseconds>(*error.retry_after, trouble_wait);
    }
    if (!pace_.take("trouble", now)) return;
    ports_.log.write({is_refused ? LogLevel::error : LogLevel::warning,
                      LogTag::elevenlabs,
                      "ElevenLabs' conversations cannot be listed; it is tried again",
                      "",
                      {{"error", trouble_->what}, {"count", std::to_string(trouble_->count)}}});
}

void ConversationSweep::end_trouble() {
    if (!trouble_) return;
    ports_.log.write({LogLevel::info,
                      LogTag::elevenlabs,
                      "ElevenLabs' conversations can be listed again",
                      "",
                      {}});
    trouble_.reset();
}

// ---- Webhooks ----

Task<void> ConversationSweep::read_webhooks(Alarm& alarm) {
    const UtcTime now = ports_.clock.now();
    const auto& refused_at = webhooks_refused_at_;
    if (refused_at && *refused_at <= now && now - *refused_at < webhooks_again) co_return;
    const auto slot = co_await take_slot(alarm);
    if (!slot) co_return;
    auto answer = co_await ports_.elevenlabs.list_webhooks();
    if (answer.value) {
        note_webhooks(*std::move(answer.value));
        co_return;
    }
    const Errc code = answer.error->error.code;
    // A key that may only read conversations is no trouble: then nobody knows.
    if (code == Errc::unauthorized || code == Errc::not_found) webhooks_refused_at_ = now;
}

void ConversationSweep::note_webhooks(std::vector<WebhookHealth> webhooks) {
    webhooks_asked_at_ = ports_.clock.now();
    for (const WebhookHealth& webhook : webhooks) {
        if (!webhook.is_auto_disabled) continue;
        if (!webhook_pace_.take(webhook.url, *webhooks_asked_at_)) continue;
        ports_.metrics.count(Counter::alerts, "webhook");
        ports_.log.write({LogLevel::error,
                          LogTag::elevenlabs,
                          "ElevenLabs has switched a webhook off after failures",
                          "",
                          {{"name", webhook.name},
                           {"last_error", webhook.last_error},
                           {"needs", "a person: mend it and switch it on at ElevenLabs"}}});
    }
    webhooks_ = std::move(webhooks);
}

}  // namespace wrapup
