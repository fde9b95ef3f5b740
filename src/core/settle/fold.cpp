#include "core/settle/fold.hpp"

#include <algorithm>
#include <tuple>

namespace wrapup {
namespace {

// Everything here is a choice of the best candidate under a total order, or a minimum or maximum:
// that is what makes the result independent of order and repetition.

int rank(CallStatus status) {
    switch (status) {  // Of contradicting words of equal weight, the one that says most happened.
        case CallStatus::completed: return 5;
        case CallStatus::busy: return 4;
        case CallStatus::no_answer: return 3;
        case CallStatus::failed: return 2;
        case CallStatus::canceled: return 1;
        case CallStatus::queued:
        case CallStatus::initiated:
        case CallStatus::ringing:
        case CallStatus::in_progress: return 0;
    }
    return 0;
}

// Greater is better.
auto weight(const Terminal& terminal) {
    const int authority = terminal.authority == Authority::callback ? 2
                          : terminal.authority == Authority::rest   ? 1
                                                                    : 0;
    return std::tuple(authority, terminal.sequence_number.value_or(-1), rank(terminal.status),
                      terminal.duration_s.value_or(-1));
}

// Machine detection that gave up says "unknown", which is no word at all.
int weight_of_answer(std::string_view answered_by) {
    if (answered_by.empty()) return 0;
    if (is_machine(answered_by)) return 3;
    return answered_by == "unknown" ? 1 : 2;
}

struct Candidate {
    int authority = -1;
    std::int64_t order = 0;
    std::string text;

    auto weight() const { return std::tie(authority, order, text); }
};

void offer(Candidate& best, Candidate candidate) {
    if (candidate.text.empty()) return;
    if (best.weight() < candidate.weight()) best = std::move(candidate);
}

void offer(std::optional<UtcTime>& earliest, std::optional<UtcTime> candidate) {
    if (candidate && (!earliest || *candidate < *earliest)) earliest = candidate;
}

// A sender may say any number.
seconds length_of(std::int64_t duration_s) {
    constexpr std::int64_t a_year = 366LL * 24 * 60 * 60;
    return seconds{std::min(duration_s, a_year)};
}

struct Times {
    std::optional<UtcTime> callback;
    std::optional<UtcTime> rest;
    std::optional<UtcTime> elevenlabs;
    std::optional<UtcTime> heard;

    std::optional<UtcTime> best() const {
        for (const auto& time : {callback, rest, elevenlabs}) {
            if (time) return time;
        }
        return heard;
    }
};

class Folder {
public:
    void take(const ObservedEvent& event) {
        heard_at_ = event.received_at;
        std::visit([this](const auto& said) { take(said); }, event.said);
    }

    Facts facts() {
        facts_.terminal = terminal_;
        facts_.answered_by = answered_by_.text;
        facts_.call_result = call_result_.text;
        facts_.to = to_.text;
        facts_.from = from_.text;
        facts_.call_sid = call_sid_.text;
        facts_.account_sid = account_sid_.text;
        facts_.conversation_id = conversation_id_.text;
        facts_.agent_id = agent_id_.text;
        facts_.summary = summary_.text;
        facts_.dynamic_name = dynamic_name_.text;
        facts_.has_agent_voicemail = agents_ears_.second;
        // A conversation shows that there was an agent after all.
        if (!facts_.had_conversation) facts_.no_agent = no_agent_.text;
        facts_.direction = direction_.text == "inbound"    ? Direction::inbound
                           : direction_.text == "outbound" ? Direction::outbound
                                                           : Direction::unknown;
        facts_.started_at = started_.best();
        facts_.ended_at = ended_.best();
        facts_.duration_s = duration();
        if (!facts_.terminal) facts_.ended_at.reset();
        return facts_;
    }

private:
    static constexpr int by_elevenlabs = 0;
    static constexpr int by_rest = 1;
    static constexpr int by_amd = 2;
    static constexpr int by_callback = 3;

    void take(const Remark&) { heard_word(); }
    void take(const ChildLegReport&) { facts_.is_phone_call = true; }

    void take(const StatusReport& report) {
        heard_word();
        twilio_told();
        const std::int64_t order = report.sequence_number.value_or(-1);
        offer_answer(by_callback, report.answered_by);
        offer(to_, {by_callback, order, report.to});
        offer(from_, {by_callback, order, report.from});
        offer(account_sid_, {by_callback, 0, report.account_sid});
        offer_direction(by_callback, report.direction);
        if (!is_terminal(report.status)) {
            offer(started_.callback, report.at);
            offer(facts_.twilio_began_at, report.at);
            return;
        }
        note_end(report.at, report.duration_s);
        offer_terminal(
            {report.status, Authority::callback, report.sequence_number, report.duration_s});
        if (report.duration_s) {
            callback_duration_ =
                std::max(callback_duration_,
                         std::pair(report.sequence_number.value_or(-1), *report.duration_s));
        }
        end_heard();
        offer(ended_.callback, report.at);
    }

    void take(const MachineReport& report) {
        heard_word();
        twilio_told();
        offer_answer(by_amd, report.answered_by);
        offer(account_sid_, {by_callback, 0, report.account_sid});
    }

    void take(const TwilioCall& call) {
        heard_word();
        twilio_told();
        offer_answer(by_rest, call.answered_by);
        offer(to_, {by_rest, 0, call.to});
        offer(from_, {by_rest, 0, call.from});
        offer(account_sid_, {by_rest, 0, call.account_sid});
        offer_direction(by_rest, call.direction);
        offer(started_.rest, call.started_at ? call.started_at : call.created_at);
        offer(facts_.twilio_began_at, call.started_at);
        offer(facts_.twilio_began_at, call.created_at);
        if (call.duration_s) rest_duration_ = std::max(rest_duration_, call.duration_s);
        if (!call.status || !is_terminal(*call.status)) return;
        offer_terminal({*call.status, Authority::rest, std::nullopt, call.duration_s});
        end_heard();
        offer(ended_.rest, call.ended_at);
        note_end(call.ended_at, call.duration_s);
    }

    // A phone call's own conversation counts before one that only names the call.
    void take(const Conversation& conversation) {
        const int strength = conversation.is_phone_call ? 1 : 0;
        heard_word();
        facts_.is_phone_call |= conversation.is_phone_call;
        take_link(conversation.conversation_id, conversation.call_sid, conversation.agent_id,
                  conversation.line);
        offer(call_result_, {by_elevenlabs, strength, conversation.call_result});
        agents_ears_ =
            std::max(agents_ears_, std::pair(strength, conversation.has_agent_voicemail));
        const bool is_inbound = conversation.direction == Direction::inbound;
        offer(to_, {by_elevenlabs, strength,
                    is_inbound ? conversation.agent_number : conversation.external_number});
        offer(from_, {by_elevenlabs, strength,
                      is_inbound ? conversation.external_number : conversation.agent_number});
        offer_direction(by_elevenlabs, conversation.direction);
        // The name is that of whose summary counts.
        const bool has_summary = !conversation.summary.empty();
        offer(dynamic_name_,
              {2 * strength + has_summary, to_unix_order(conversation), conversation.contact_name});
        offer(started_.elevenlabs, conversation.started_at);
        facts_.had_conversation = true;
        const bool is_over = conversation.status == ConversationStatus::done ||
                             conversation.status == ConversationStatus::failed ||
                             conversation.status == ConversationStatus::unknown;
        if (!is_over) return;
        facts_.is_conversation_over = true;
        offer(summary_, {strength, to_unix_order(conversation), conversation.summary});
        if (conversation.duration_s) {
            conversation_duration_ =
                std::max(conversation_duration_, std::pair(strength, *conversation.duration_s));
        }
        offer_terminal({implied_status(conversation), Authority::elevenlabs, std::nullopt,
                        conversation.duration_s});
        elevenlabs_end_heard();
        if (conversation.started_at && conversation.duration_s) {
            offer(ended_.elevenlabs,
                  *conversation.started_at + length_of(*conversation.duration_s));
        }
    }

    void take(const InitiationFailure& failure) {
        heard_word();
        facts_.is_phone_call = true;
        take_link(failure.conversation_id, failure.call_sid, failure.agent_id, failure.line);
        offer(to_, {by_elevenlabs, 0, failure.to});
        offer(from_, {by_elevenlabs, 0, failure.from});
        offer(account_sid_, {by_elevenlabs, 0, failure.account_sid});
        offer_direction(by_elevenlabs, failure.direction);
        offer_terminal({failure.status, Authority::elevenlabs, std::nullopt, std::nullopt});
        elevenlabs_end_heard();
        offer(ended_.elevenlabs, failure.at);
    }

    void take(const AgentAbsence& absence) {
        heard_word();
        facts_.is_phone_call = true;
        offer(no_agent_, {0, 0, absence.why});
    }

    void take_link(const std::string& conversation_id, const std::string& call_sid,
                   const std::string& agent_id, PhoneLine line) {
        offer(conversation_id_, {by_elevenlabs, 0, conversation_id});
        offer(call_sid_, {by_elevenlabs, 0, call_sid});
        offer(agent_id_, {by_elevenlabs, 0, agent_id});
        const auto line_rank = [](PhoneLine l) {
            return l == PhoneLine::twilio ? 3 : l == PhoneLine::sip ? 2 : l == PhoneLine::other;
        };
        if (line_rank(line) > line_rank(facts_.line)) facts_.line = line;
    }

    // A longer conversation is the fuller one; the text itself breaks ties.
    static std::int64_t to_unix_order(const Conversation& conversation) {
        return conversation.duration_s.value_or(-1);
    }

    static CallStatus implied_status(const Conversation& conversation) {
        const auto word = parse_call_status(conversation.call_result);
        return word && is_terminal(*word) ? *word : CallStatus::completed;
    }

    void offer_terminal(Terminal candidate) {
        if (!terminal_ || weight(*terminal_) < weight(candidate)) terminal_ = candidate;
    }

    void offer_answer(int authority, const std::string& answered_by) {
        const int said = weight_of_answer(answered_by);
        // "unknown" from anybody gives way to a real word from anybody else.
        const int effective = said == 1 ? -1 : authority;
        offer(answered_by_, {effective, said, answered_by});
    }

    void offer_direction(int authority, Direction direction) {
        if (direction == Direction::unknown) return;
        offer(direction_, {authority, 0, direction == Direction::inbound ? "inbound" : "outbound"});
    }

    void twilio_told() {
        facts_.has_twilio_word = true;
        facts_.is_phone_call = true;
    }
    // By Twilio's clock. Without a duration it may have begun any time before.
    void note_end(std::optional<UtcTime> at, std::optional<std::int64_t> duration_s) {
        if (!at) return;
        facts_.twilio_ended_at = std::max(facts_.twilio_ended_at, at);
        if (duration_s) offer(facts_.twilio_began_at, *at - length_of(*duration_s));
    }
    void heard_word() {
        offer(facts_.first_word_at, heard_at_);
        if (!facts_.last_word_at || *facts_.last_word_at < heard_at_) {
            facts_.last_word_at = heard_at_;
        }
    }
    void end_heard() {
        offer(facts_.end_heard_at, heard_at_);
        offer(ended_.heard, heard_at_);
    }
    void elevenlabs_end_heard() {
        end_heard();
        offer(facts_.elevenlabs_ended_at, heard_at_);
    }

    // A conversation that hung on a call which Twilio calls busy lasted no time.
    std::optional<std::int64_t> duration() const {
        if (!terminal_) return std::nullopt;
        if (terminal_->authority == Authority::callback && terminal_->duration_s) {
            return terminal_->duration_s;
        }
        if (callback_duration_.second >= 0) return callback_duration_.second;
        if (rest_duration_) return rest_duration_;
        const bool is_known = conversation_duration_.first >= 0;
        if (terminal_->status != CallStatus::completed || !is_known) return std::nullopt;
        return conversation_duration_.second;
    }

    Facts facts_;
    UtcTime heard_at_{};
    std::optional<Terminal> terminal_;
    std::pair<std::int64_t, std::int64_t> callback_duration_{-2, -1};
    std::optional<std::int64_t> rest_duration_;
    std::pair<int, std::int64_t> conversation_duration_{-1, 0};  // Its conversation's strength.
    std::pair<int, bool> agents_ears_{-1, false};
    Candidate answered_by_, call_result_, to_, from_, direction_, call_sid_, account_sid_,
        conversation_id_, agent_id_, summary_, dynamic_name_, no_agent_;
    Times started_, ended_;
};

}  // namespace

Facts fold(std::span<const ObservedEvent> events) {
    Folder folder;
    for (const ObservedEvent& event : events) folder.take(event);
    return folder.facts();
}

}  // namespace wrapup
