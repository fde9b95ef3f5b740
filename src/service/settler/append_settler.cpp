#include "service/settler/append_settler.hpp"

#include <algorithm>
#include <utility>

#include "codec/observation.hpp"
#include "service/settler/settler.hpp"

namespace wrapup {

std::optional<SettleCall> AppendSettler::settle(ClaimedCall due,
                                                const std::function<CallMetadata(MetadataKey)>& own,
                                                UtcTime now) {
    asks_.reset();
    settings_.policy.process_started_at = ports_.settler.able_since();
    // The clock is just being set back: the settler will know what its waits count from.
    if (now < settings_.policy.process_started_at) return std::nullopt;
    auto observed = decode_events(due.events);
    KnownCall known({std::move(due.call), due.fence, {}}, std::move(observed), now);
    std::optional<SettleCall> answer;
    note_absence(known.progress, known.facts, known.claim.call.due_at, settings_.policy, now);
    if (known.claim.call.settled_at) {
        answer = late_answer_of(known);
    } else if (const auto step = decide(known, own, now)) {
        answer = answer_of(known, *step, settings_.routes);
        if (const auto* wait = std::get_if<WaitUntil>(&*step)) {
            wake_at_ = std::min(wake_at_.value_or(wait->due_at), wait->due_at);
        }
    }
    if (!answer) {
        asks_ = std::move(known);
        return std::nullopt;
    }
    // A record leaves at once where the courier has room for it.
    auto* const fixing = std::get_if<SettleCall::Fix>(&answer->then);
    if (fixing != nullptr) ports_.couriers.reserve(fixing->deliveries, places_);
    tales_.emplace_back(known, *answer, ports_.log);
    return answer;
}

// The next step that ends a claim; nothing when somebody has to be asked before.
std::optional<SettleStep> AppendSettler::decide(KnownCall& known,
                                                const std::function<CallMetadata(MetadataKey)>& own,
                                                UtcTime now) {
    for (;;) {
        SettleStep step = plan_settle(known.question(), settings_.policy, now);
        const bool is_first_look = std::holds_alternative<AskMetadata>(step);
        if (is_first_look || known.wants_fresh_metadata(step)) {
            if (!settings_.is_metadata_ours) return std::nullopt;
            const CallMetadata found = own(known.metadata_key());
            const bool is_known = found != CallMetadata{};
            known.take_metadata(found);
            known.is_metadata_fresh = true;
            if (is_first_look) {
                note_metadata(known.progress,
                              is_known ? MetadataReply::found : MetadataReply::absent,
                              settings_.policy, now);
                ports_.metrics.count(Counter::metadata_lookups, is_known ? "found" : "absent");
            }
            continue;
        }
        const bool asks = std::holds_alternative<AskTwilio>(step) ||
                          std::holds_alternative<AskConversation>(step);
        if (asks) return std::nullopt;
        return step;
    }
}

std::optional<milliseconds> AppendSettler::keep_claim() {
    if (!asks_ || !ports_.settler.try_reserve()) return std::nullopt;
    kept_.push_back(*std::move(asks_));
    asks_.reset();
    return Settler::lease;
}

void AppendSettler::take_claims(std::vector<StoreOutcome>* outcomes, Settlements& settlements) {
    auto kept = kept_.begin();
    for (std::size_t i = 0; outcomes != nullptr && kept != kept_.end() && i < outcomes->size();
         ++i) {
        const StoreOutcome& outcome = (*outcomes)[i];
        const auto* const appended = outcome ? std::get_if<Appended>(&*outcome) : nullptr;
        if (appended == nullptr || !appended->is_claimed) continue;
        const auto is_its = [&](const KnownCall& one) {
            return one.claim.call.id == appended->call_id;
        };
        kept = std::find_if(kept, kept_.end(), is_its);
        WRAPUP_ASSERT(kept != kept_.end());
        settlements.to_ask.push_back(std::move(*kept));
        ++kept;
    }
    settlements.unused_count = static_cast<int>(kept_.size() - settlements.to_ask.size());
    kept_.clear();
}

void AppendSettler::batch_ended(std::vector<StoreOutcome>* outcomes) {
    Settlements settlements;
    auto tale = tales_.cbegin();
    // Tales are in the order of their operations; what was refused has none that is told.
    for (std::size_t i = 0; outcomes != nullptr && i < outcomes->size(); ++i) {
        StoreOutcome& outcome = (*outcomes)[i];
        auto* const appended = outcome ? std::get_if<Appended>(&*outcome) : nullptr;
        if (appended == nullptr || !appended->settled) continue;
        const auto is_its = [&](const SettleTale& one) { return one.call_id == appended->call_id; };
        tale = std::find_if(tale, tales_.cend(), is_its);
        WRAPUP_ASSERT(tale != tales_.cend());
        if (!appended->settled->is_joined) {
            tale->tell(ports_.log, ports_.metrics);
            if (tale->is_fix) settlements.settled_calls.push_back(tale->call_id);
        }
        ++tale;
        std::ranges::move(appended->settled->claimed, std::back_inserter(settlements.claimed));
    }
    const bool is_nothing = tales_.empty() && kept_.empty();
    take_claims(outcomes, settlements);
    asks_.reset();
    settlements.places = std::exchange(places_, {});
    settlements.wake_at = wake_at_;
    tales_.clear();
    wake_at_.reset();
    if (!is_nothing) hand_over_(std::move(settlements));
}

}  // namespace wrapup
