#include "core/settle/settle_plan.hpp"

#include <algorithm>
#include <array>

#include "base/assert.hpp"
#include "domain/plain_text.hpp"
#include "domain/sample_call.hpp"

namespace wrapup {
namespace {

using std::chrono::hours;
using std::chrono::minutes;

// Design 2, `silent`: no word for so long after the last.
constexpr hours silence_limit{24};
constexpr minutes silent_ask_again{10};
constexpr seconds workable_min{30};
// A call that is looked at a moment late was not left alone.
constexpr seconds absence_min{10};
// While Twilio still says "in progress", or did not answer.
constexpr seconds running_ask_again{10};
constexpr seconds failed_ask_again{2};
constexpr seconds failed_ask_again_max{30};
// For an answer of Twilio that is on its way when all else is there: its request takes at most 5 s.
constexpr seconds twilio_patience{6};
constexpr seconds while_asking{30};
// Twilio is waited for so long where there may be no such call; then it is taken for one.
constexpr minutes doubt_max{10};
// An open call is likely to be over so long after its last word: Twilio lets a phone ring for 60 s,
// and adds some; most conversations are shorter than five minutes.
constexpr seconds ring_time{65};
constexpr seconds talk_time{300};
constexpr minutes open_check_again{5};
constexpr std::int64_t twilio_asks_max = 20;
// Seconds after the call became workable; then every 30 s.
constexpr std::array<int, 6> poll_offsets_s{1, 2, 4, 8, 15, 30};
constexpr seconds poll_every{30};
constexpr seconds refused_look_again{60};
// Polls are remembered by the process that makes them. Whoever goes on after it asks once more
// before the deadline.
constexpr seconds last_look{15};
// The gaps between asking at 0, 0.2, 0.5, 1, 2 and 5 s: a dialler may insert the call after its
// callback came.
constexpr std::array<int, 5> metadata_gaps_ms{200, 300, 500, 1000, 3000};

// A key that was refused is not used again, until a start has perhaps another one.
bool can_ask_elevenlabs(const SettleProgress& progress, const SettlePolicy& policy) {
    const bool is_refused =
        progress.was_conversation_refused &&
        progress.conversation_asked_at.value_or(UtcTime::max()) >= policy.process_started_at;
    return policy.can_ask_elevenlabs && !is_refused;
}

bool is_word(std::string_view answered_by) { return !is_placeholder(answered_by); }

// Callback, AMD callback and REST are folded already; then metadata, then ElevenLabs. Its
// call_result "answered" does not say by whom, so the agent's own ears may still do.
std::string_view answered_by(const Facts& facts, const CallMetadata& metadata) {
    if (is_word(facts.answered_by)) return facts.answered_by;
    if (is_word(metadata.answered_by)) return metadata.answered_by;
    if (is_machine(facts.call_result)) return facts.call_result;
    return facts.has_agent_voicemail ? "voicemail" : std::string_view{};
}

bool is_duration_missing(const Facts& facts) {
    return facts.terminal->status == CallStatus::completed && !facts.duration_s;
}

Outcome outcome_of_facts(const Facts& facts, const CallMetadata& metadata) {
    const std::string_view who = answered_by(facts, metadata);
    if (is_duration_missing(facts) && !is_machine(who)) {
        return facts.had_conversation ? Outcome::held : Outcome::no_connection;
    }
    return outcome_of(facts.terminal->status, facts.duration_s.value_or(0), who);
}

UtcTime workable_at(const Facts& facts, const SettleProgress& progress,
                    const SettlePolicy& policy) {
    // Metadata is asked for once the call is over: what is later was heard before a step back.
    const UtcTime known_at = progress.metadata_resolved_at.value_or(*facts.end_heard_at);
    const UtcTime able_at = progress.workable_again_at.value_or(policy.process_started_at);
    return std::max({known_at, policy.process_started_at, able_at});
}

// So long after a start, or after the clock was set forward, nothing is over that was waited for:
// how long it had been nobody knows.
UtcTime able_until(milliseconds wait, const SettlePolicy& policy) {
    return policy.process_started_at + std::min<milliseconds>(workable_min, wait);
}

class Planner {
public:
    Planner(const SettleQuestion& question, const SettlePolicy& policy, UtcTime now)
        : facts_(question.facts),
          progress_(question.progress),
          metadata_(question.metadata),
          question_(question),
          policy_(policy),
          now_(now) {}

    SettleStep plan() const {
        if (facts_.direction == Direction::inbound && !policy_.accepts_inbound) {
            return IgnoreCall{"inbound call; WRAPUP_INBOUND is not set"};
        }
        if (!facts_.terminal) return plan_open();
        if (question_.is_forced) return FixRecord{"sent by an operator before it had settled"};
        if (is_sample_call(facts_.call_sid)) return FixRecord{"a test of wrapup trigger"};
        if (const auto step = plan_grace()) return *step;
        if (const auto step = plan_metadata()) return *step;
        if (is_only_named() && progress_.is_unknown_to_twilio && !is_known_to_dialler()) {
            return ParkCall{ParkReason::unlinked};
        }
        if (const auto step = plan_twilio()) return *step;
        return hold_for_twilio(plan_summary());
    }

    std::optional<ConversationPolls> polls() const {
        const bool is_settling = facts_.terminal && !plan_grace() && !plan_metadata();
        if (!is_settling || question_.is_forced) return std::nullopt;
        if (may_twilio_tell() && is_duration_missing(facts_)) return std::nullopt;
        const SettleStep step = plan();
        const UtcTime base = workable_at(facts_, progress_, policy_);
        const UtcTime poll_at = next_poll_at(base, progress_);
        const auto* const wait = std::get_if<WaitUntil>(&step);
        const bool is_poll = wait != nullptr ? wait->due_at == poll_at
                                             : std::holds_alternative<AskConversation>(step);
        const UtcTime look_at = summary_deadline(facts_, progress_, policy_) - last_look;
        const UtcTime next_at = std::max(poll_at, now_);
        if (!is_poll || next_at >= look_at) return std::nullopt;
        return ConversationPolls{conversation_id(), base, next_at, look_at};
    }

private:
    const std::string& conversation_id() const {
        return !facts_.conversation_id.empty() ? facts_.conversation_id : metadata_.conversation_id;
    }
    bool can_ask_twilio() const { return policy_.can_ask_twilio && !facts_.call_sid.empty(); }

    // The variables of a conversation name it, which whoever begins one sets, in a web page too.
    // Twilio tells whether there is such a call.
    bool is_only_named() const { return can_ask_twilio() && !facts_.is_phone_call; }
    // What a contact with that number adds tells of no call.
    bool is_known_to_dialler() const {
        const CallMetadata& told = metadata_;
        return !told.name.empty() || !told.to.empty() || !told.conversation_id.empty() ||
               !told.agent_id.empty() || !told.answered_by.empty();
    }

    // Not over by anybody's word.
    SettleStep plan_open() const {
        UtcTime word_at = facts_.last_word_at.value_or(now_);
        if (progress_.twilio_running_at) word_at = std::max(word_at, *progress_.twilio_running_at);
        const UtcTime silent_at = word_at + silence_limit;
        if (const auto step = plan_told_over()) return *step;
        if (now_ < silent_at) return plan_open_check(silent_at);
        const bool was_asked = progress_.twilio_asked_at && *progress_.twilio_asked_at >= silent_at;
        if (!can_ask_twilio() || (was_asked && progress_.was_twilio_answered)) {
            return ParkCall{ParkReason::silent};
        }
        if (!was_asked || now_ >= *progress_.twilio_asked_at + silent_ask_again) {
            if (question_.twilio_asked_at) return WaitUntil{now_ + while_asking};
            return AskTwilio{};
        }
        return WaitUntil{*progress_.twilio_asked_at + silent_ask_again};
    }

    // Its end may have been lost: Twilio is asked a minute after the call is likely to be over, and
    // again while it runs, ever more seldom.
    SettleStep plan_open_check(UtcTime silent_at) const {
        const bool is_answer_final = progress_.was_twilio_answered;
        if (!policy_.checks_open_calls || !can_ask_twilio() || is_answer_final) {
            return WaitUntil{silent_at};
        }
        if (question_.twilio_asked_at) return WaitUntil{std::min(now_ + while_asking, silent_at)};
        const UtcTime check_at = next_open_check();
        if (now_ >= check_at) return AskTwilio{};
        return WaitUntil{std::min(check_at, silent_at)};
    }

    UtcTime next_open_check() const {
        const seconds likely = question_.is_answered ? talk_time : ring_time;
        const UtcTime over_at = facts_.last_word_at.value_or(now_) + likely + minutes{1};
        if (!progress_.twilio_asked_at) return over_at;
        const auto doublings = std::clamp<std::int64_t>(progress_.twilio_asks_count - 1, 0, 3);
        return std::max(over_at, *progress_.twilio_asked_at + open_check_again * (1 << doublings));
    }

    // The word that ends the call is in the conversation, which is there to be fetched. As long as
    // for a summary, after which the call is as silent as any other.
    std::optional<SettleStep> plan_told_over() const {
        const bool can_ask = question_.told_over_at && can_ask_elevenlabs(progress_, policy_) &&
                             !facts_.conversation_id.empty();
        if (!can_ask) return std::nullopt;
        const UtcTime base = std::max(*question_.told_over_at, policy_.process_started_at);
        const UtcTime until = base + std::max<milliseconds>(workable_min, policy_.summary_wait);
        if (now_ >= until) return std::nullopt;
        if (question_.is_conversation_asked) return WaitUntil{until};
        const bool was_asked =
            progress_.conversation_asked_at && *progress_.conversation_asked_at >= base;
        const UtcTime poll_at = was_asked ? next_poll_at(base, progress_)
                                          : progress_.conversation_not_before.value_or(now_);
        if (now_ < poll_at) return WaitUntil{std::min(poll_at, until)};
        return AskConversation{facts_.conversation_id};
    }

    // Only ElevenLabs told us of the end of a call that runs through Twilio: Twilio gets time to
    // give its own word.
    std::optional<SettleStep> plan_grace() const {
        if (facts_.terminal->authority != Authority::elevenlabs) return std::nullopt;
        if (facts_.line == PhoneLine::sip && !facts_.has_twilio_word) return std::nullopt;
        UtcTime from = facts_.elevenlabs_ended_at.value_or(now_);
        if (progress_.twilio_running_at) from = std::max(from, *progress_.twilio_running_at);
        UtcTime grace_until = from + policy_.twilio_grace;
        grace_until = std::max(grace_until, able_until(policy_.twilio_grace, policy_));
        if (is_only_named() && !progress_.was_twilio_answered) {
            const UtcTime doubted_from = std::max(from, policy_.process_started_at);
            grace_until = std::max<UtcTime>(grace_until, doubted_from + doubt_max);
        }
        if (now_ >= grace_until) return std::nullopt;
        const bool can_ask = can_ask_twilio() && !question_.twilio_asked_at;
        if (!can_ask || progress_.was_twilio_answered) return WaitUntil{grace_until};
        const UtcTime ask_at = next_twilio_ask();
        if (now_ >= ask_at) return AskTwilio{};
        return WaitUntil{std::min(ask_at, grace_until)};
    }

    UtcTime next_twilio_ask() const {
        if (!progress_.twilio_asked_at) return now_;
        const bool is_running = progress_.twilio_running_at &&
                                *progress_.twilio_running_at >= *progress_.twilio_asked_at;
        if (!is_running && is_only_named()) return next_ask_after_failure();
        const milliseconds gap = is_running ? running_ask_again : failed_ask_again;
        // A short grace has to fit a second question before its end.
        return *progress_.twilio_asked_at + std::min(gap, policy_.twilio_grace * 2 / 3);
    }

    std::optional<SettleStep> plan_metadata() const {
        if (progress_.metadata_resolved_at) return std::nullopt;
        const UtcTime ask_at = progress_.metadata_next_at.value_or(now_);
        if (now_ >= ask_at) return AskMetadata{};
        return WaitUntil{ask_at};
    }

    bool needs_twilio() const {
        if (facts_.terminal->status != CallStatus::completed || !can_ask_twilio()) return false;
        if (is_duration_missing(facts_)) return true;
        return *facts_.duration_s > 0 && !is_word(facts_.answered_by) &&
               !is_word(metadata_.answered_by);
    }

    bool may_twilio_tell() const { return needs_twilio() && !progress_.was_twilio_answered; }

    // An answer that failed is asked for again after 2, 4, 8 … 30 s.
    UtcTime next_ask_after_failure() const {
        const auto doublings = std::clamp<std::int64_t>(progress_.twilio_asks_count - 1, 0, 4);
        const seconds gap = failed_ask_again * (1 << doublings);
        return *progress_.twilio_asked_at + std::min(gap, failed_ask_again_max);
    }

    // Machine detection that only the dialler's TwiML was told, or a missing duration: asked by
    // REST, beside the conversation. Only the duration is worth asking again.
    std::optional<SettleStep> plan_twilio() const {
        if (!may_twilio_tell() || question_.twilio_asked_at) return std::nullopt;
        // While it was open does not count; a clock that was set back makes nobody ask for ever.
        const bool was_asked =
            progress_.twilio_asked_at && (*progress_.twilio_asked_at >= *facts_.end_heard_at ||
                                          progress_.twilio_asks_count > twilio_asks_max);
        if (!was_asked) return AskTwilio{};
        if (!is_duration_missing(facts_)) return std::nullopt;
        if (now_ >= summary_deadline(facts_, progress_, policy_)) return std::nullopt;
        if (now_ < next_ask_after_failure()) return std::nullopt;
        return AskTwilio{};
    }

    // The record waits for Twilio's word while it may come: a moment, or, when nobody else told the
    // duration, until the deadline.
    SettleStep hold_for_twilio(SettleStep step) const {
        const bool is_asking = question_.twilio_asked_at.has_value();
        const bool is_missing = is_duration_missing(facts_);
        if (!may_twilio_tell() || (!is_asking && !is_missing)) return step;
        UtcTime until = summary_deadline(facts_, progress_, policy_);
        if (now_ >= until) return step;
        if (is_asking && !is_missing)
            until = std::min(until, *question_.twilio_asked_at + twilio_patience);
        if (!is_asking) until = std::min(until, next_ask_after_failure());
        if (now_ >= until) return step;
        if (std::holds_alternative<FixRecord>(step)) return WaitUntil{until};
        if (auto* wait = std::get_if<WaitUntil>(&step))
            wait->due_at = std::min(wait->due_at, until);
        return step;
    }

    SettleStep plan_summary() const {
        // Without a duration, only the conversation can tell whether anybody talked.
        const bool may_be_held = is_duration_missing(facts_);
        if (!may_be_held && !deserves_summary(outcome_of_facts(facts_, metadata_))) {
            return FixRecord{"nobody to talk to: no summary to wait for"};
        }
        if (!facts_.no_agent.empty()) {
            return FixRecord{"answered without an agent: no summary to wait for"};
        }
        if (!facts_.summary.empty()) return FixRecord{"summary from ElevenLabs"};
        if (facts_.is_conversation_over) return FixRecord{"ElevenLabs made no summary"};
        const bool can_ask = can_ask_elevenlabs(progress_, policy_);
        if (!can_ask && !policy_.awaits_webhook) {
            return FixRecord{policy_.can_ask_elevenlabs ? "ElevenLabs refused our API key"
                                                        : "no way to ask for a summary"};
        }
        const UtcTime deadline = summary_deadline(facts_, progress_, policy_);
        if (now_ >= deadline) return FixRecord{"no summary by its deadline"};
        if (question_.is_conversation_asked || !policy_.can_ask_elevenlabs) {
            return WaitUntil{deadline};
        }
        // A start with another key may come meanwhile.
        if (!can_ask) return WaitUntil{std::min(deadline, now_ + refused_look_again)};
        const UtcTime poll_at = next_poll_at(workable_at(facts_, progress_, policy_), progress_);
        if (now_ < poll_at) return WaitUntil{std::min(poll_at, deadline)};
        return AskConversation{conversation_id()};
    }

    const Facts& facts_;
    const SettleProgress& progress_;
    const CallMetadata& metadata_;
    const SettleQuestion& question_;
    const SettlePolicy& policy_;
    UtcTime now_;
};

// The first that is a value at all.
std::string first_value(std::initializer_list<std::string_view> choices) {
    for (const std::string_view choice : choices) {
        std::string value = value_or_empty(choice);
        if (!value.empty()) return value;
    }
    return {};
}

}  // namespace

SettleStep plan_settle(const SettleQuestion& question, const SettlePolicy& policy, UtcTime now) {
    return Planner(question, policy, now).plan();
}

// The first instant of the schedule after the last time we asked.
UtcTime next_poll_at(UtcTime workable_at, const SettleProgress& progress) {
    UtcTime next = workable_at + seconds{poll_offsets_s.front()};
    if (progress.conversation_asked_at && *progress.conversation_asked_at >= next) {
        const auto asked_after = *progress.conversation_asked_at - workable_at;
        const auto later = std::ranges::find_if(
            poll_offsets_s, [&](int offset_s) { return seconds{offset_s} > asked_after; });
        next = later != poll_offsets_s.end()
                   ? workable_at + seconds{*later}
                   : workable_at + poll_every * (asked_after / poll_every + 1);
    }
    return progress.conversation_not_before ? std::max(next, *progress.conversation_not_before)
                                            : next;
}

std::optional<ConversationPolls> polls_of(const SettleQuestion& question,
                                          const SettlePolicy& policy, UtcTime now) {
    return Planner(question, policy, now).polls();
}

bool is_over(const Facts& facts) { return facts.terminal.has_value(); }

Record make_record(const Facts& facts, const CallMetadata& metadata) {
    WRAPUP_ASSERT(is_over(facts));
    const bool is_inbound = facts.direction == Direction::inbound;
    Record record;
    record.subject = first_value({metadata.campaign_name, metadata.campaign_description,
                                  is_inbound ? "Inbound Call" : "Outbound Call"});
    record.to = plain_text(other_party(facts));
    // In the metadata of an inbound call, the number called is ours.
    if (record.to.empty() && !is_inbound) record.to = value_or_empty(metadata.to);
    const std::string name =
        first_value({metadata.name, metadata.contact_name, facts.dynamic_name});
    record.name = name.empty() ? "Unknown" : name;
    record.status = outcome_of_facts(facts, metadata);
    record.duration_s = facts.duration_s.value_or(0);
    const std::string summary = plain_text(facts.summary);
    record.summary =
        deserves_summary(record.status) && !summary.empty()
            ? summary
            : fallback_summary(record.status, facts.direction, record.duration_s, name);
    const bool was_answered =
        facts.terminal->status == CallStatus::completed || record.status == Outcome::voicemail;
    if (was_answered && !facts.no_agent.empty()) {
        record.summary = no_agent_summary(record.status, name, facts.no_agent);
    }
    if (is_sample_call(facts.call_sid)) {
        record.subject = sample_subject;
        record.name = sample_subject;
        record.summary = sample_summary;
    }
    return record;
}

UtcTime ended_at(const Facts& facts) {
    WRAPUP_ASSERT(facts.end_heard_at.has_value());
    return std::min(facts.ended_at.value_or(*facts.end_heard_at), *facts.end_heard_at);
}

UtcTime summary_deadline(const Facts& facts, const SettleProgress& progress,
                         const SettlePolicy& policy) {
    const milliseconds at_least = std::min<milliseconds>(workable_min, policy.summary_wait);
    const UtcTime workable = workable_at(facts, progress, policy);
    return std::max(std::min(ended_at(facts), workable) + policy.summary_wait, workable + at_least);
}

void note_absence(SettleProgress& progress, const Facts& facts, std::optional<UtcTime> due_at,
                  const SettlePolicy& policy, UtcTime now) {
    if (!is_over(facts) || !progress.metadata_resolved_at) return;
    if (!due_at || now - *due_at < absence_min) return;
    const UtcTime deadline = summary_deadline(facts, progress, policy);
    // Who waits for his turn to be asked about is due at the deadline, and his turn may have come
    // before it.
    const bool can_ask = can_ask_elevenlabs(progress, policy);
    const bool was_asked = progress.conversation_asked_at &&
                           *progress.conversation_asked_at >= workable_at(facts, progress, policy);
    const bool had_no_turn = *due_at == deadline && can_ask && !was_asked;
    const bool was_left_alone = *due_at < deadline || had_no_turn;
    if (was_left_alone && now >= deadline) progress.workable_again_at = now;
}

bool contradicts(const Record& today, const Call& fixed) {
    return fixed.outcome != today.status || fixed.duration_s != today.duration_s ||
           fixed.to != today.to;
}

void note_metadata(SettleProgress& progress, MetadataReply reply, const SettlePolicy& policy,
                   UtcTime now) {
    if (!progress.metadata_first_asked_at) progress.metadata_first_asked_at = now;
    progress.metadata_next_at.reset();
    progress.was_metadata_away = reply == MetadataReply::away;
    switch (reply) {
        case MetadataReply::found:
        case MetadataReply::absent: progress.metadata_resolved_at = now; return;
        case MetadataReply::not_yet: {
            const auto gap = static_cast<std::size_t>(progress.metadata_asks_count++);
            if (gap >= metadata_gaps_ms.size()) {
                progress.metadata_resolved_at = now;
            } else {
                progress.metadata_next_at = now + milliseconds{metadata_gaps_ms.at(gap)};
            }
            return;
        }
        case MetadataReply::away: {
            const UtcTime give_up_at =
                std::max(*progress.metadata_first_asked_at + policy.metadata_wait,
                         able_until(policy.metadata_wait, policy));
            if (now >= give_up_at) {
                progress.metadata_resolved_at = now;
                return;
            }
            // Half of what has passed: a long outage is asked about seldom, a short one often.
            const milliseconds passed = now - *progress.metadata_first_asked_at;
            const milliseconds gap = std::clamp<milliseconds>(passed / 2, seconds{1}, seconds{15});
            progress.metadata_next_at = std::min(now + gap, give_up_at);
            return;
        }
    }
}

void note_twilio(SettleProgress& progress, TwilioReply reply, std::string said, UtcTime now) {
    progress.twilio_asks_count += 1;
    progress.twilio_asked_at = now;
    progress.twilio_said = std::move(said);
    progress.was_twilio_answered = reply != TwilioReply::running && reply != TwilioReply::failed;
    progress.is_unknown_to_twilio = reply == TwilioReply::unknown;
    if (reply == TwilioReply::running) progress.twilio_running_at = now;
}

void note_conversation(SettleProgress& progress, ConversationReply reply, std::string said,
                       std::optional<UtcTime> not_before, UtcTime now) {
    progress.conversation_asks_count += 1;
    progress.conversation_asked_at = now;
    progress.conversation_said = std::move(said);
    progress.conversation_not_before = not_before;
    progress.was_conversation_refused = reply == ConversationReply::refused;
}

void keep_polls(SettleProgress& progress, const SettleProgress& noted) {
    if (noted.conversation_asks_count <= progress.conversation_asks_count) return;
    progress.conversation_asks_count = noted.conversation_asks_count;
    progress.conversation_asked_at = noted.conversation_asked_at;
    progress.conversation_not_before = noted.conversation_not_before;
    progress.conversation_said = noted.conversation_said;
    progress.was_variable_asked = noted.was_variable_asked;
}

}  // namespace wrapup
