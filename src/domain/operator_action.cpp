#include "domain/operator_action.hpp"

#include <algorithm>
#include <array>

namespace wrapup {
namespace {

struct Word {
    OperatorAct act;
    std::string_view name;
    std::string_view subject_kind;
};
constexpr std::array words{
    Word{OperatorAct::destination_paused, "destination_paused", "destination"},
    Word{OperatorAct::destination_resumed, "destination_resumed", "destination"},
    Word{OperatorAct::replay_started, "replay_started", "replay"},
    Word{OperatorAct::replay_cancelled, "replay_cancelled", "replay"},
    Word{OperatorAct::give_up_started, "give_up_started", "replay"},
    Word{OperatorAct::record_sent, "record_sent", "call"},
    Word{OperatorAct::record_parked, "record_parked", "call"},
    Word{OperatorAct::campaign_paused, "campaign_paused", "campaign"},
    Word{OperatorAct::campaign_resumed, "campaign_resumed", "campaign"},
    Word{OperatorAct::campaign_cancelled, "campaign_cancelled", "campaign"},
    Word{OperatorAct::campaign_changed, "campaign_changed", "campaign"},
    Word{OperatorAct::intent_cancelled, "intent_cancelled", "intent"},
    Word{OperatorAct::do_not_call_added, "do_not_call_added", ""},
    Word{OperatorAct::do_not_call_removed, "do_not_call_removed", "number"},
    Word{OperatorAct::reconciliation_ordered, "reconciliation_ordered", ""},
    Word{OperatorAct::signed_in, "signed_in", ""},
    Word{OperatorAct::signed_out, "signed_out", ""},
};

const Word& word_of(OperatorAct act) { return *std::ranges::find(words, act, &Word::act); }

}  // namespace

std::string_view to_string(OperatorAct act) { return word_of(act).name; }

std::string_view subject_kind_of(OperatorAct act) { return word_of(act).subject_kind; }

std::optional<OperatorAct> parse_operator_act(std::string_view name) {
    const auto found = std::ranges::find(words, name, &Word::name);
    if (found == words.end()) return std::nullopt;
    return found->act;
}

}  // namespace wrapup
