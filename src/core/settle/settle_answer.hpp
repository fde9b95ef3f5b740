#pragma once

// What is known about a claimed call, and the answers to its claim that follow from it. The same
// for whoever answers: the settler, which can ask, and the append that made the call due.

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/settle/record_routes.hpp"
#include "core/settle/settle_plan.hpp"
#include "domain/operations.hpp"

namespace wrapup {

struct KnownCall {
    // `now` brings in times that were written before the clock was set back.
    KnownCall(ClaimedCall claimed, std::vector<ObservedEvent> events, UtcTime now);

    // An event that was found out by asking and is not stored yet; it is stored with the answer.
    void take(NewEvent event, std::optional<Observation> said);
    // What was found goes before what is known.
    void take_metadata(const CallMetadata& found);
    // Its events have moved in the store since it was claimed (EmbeddedStore::shift_times): what is
    // still noted before it is put back goes with them.
    void clock_was_set(milliseconds by, UtcTime now);
    // What is asked of the plan; it refers to this.
    SettleQuestion question() const;
    MetadataKey metadata_key() const;
    // The other party's number as metadata has it, however it was told.
    std::string contact_number() const;
    // At an end that goes by its metadata: that was resolved by an earlier claim, and more may have
    // come since.
    bool wants_fresh_metadata(const SettleStep& step) const {
        const bool is_end =
            std::holds_alternative<FixRecord>(step) || std::holds_alternative<ParkCall>(step);
        return is_end && !is_metadata_fresh && claim.call.progress.metadata_resolved_at.has_value();
    }

    ClaimedCall claim;
    std::vector<ObservedEvent> observed;
    std::vector<NewEvent> found_events;
    Facts facts;
    SettleProgress progress;
    CallMetadata metadata;
    std::string conversation_id;  // Found by searching, conversation not over yet.
    bool is_metadata_fresh = false;
    bool has_strangers = false;  // Some of `observed` is about another call, and no fact.
};

// What was written before the clock was set, in either direction, is brought in, so that what was
// waited for is as far away as it was: by as much as the call's first event was moved, and where
// that lies so far back that it was not, by what lies ahead.
void bring_in(SettleProgress& progress, std::span<const ObservedEvent> observed, UtcTime now);

// The answer that ends the claim with this step, which is not one to ask somebody.
SettleCall answer_of(const KnownCall& known, const SettleStep& step, const RecordRoutes& routes);
// What was learned is kept, and the call is due again at `due_at`.
SettleCall put_back(const KnownCall& known, UtcTime due_at);
// For a call that has its record: whether what came since contradicts it.
SettleCall late_answer_of(const KnownCall& known);

}  // namespace wrapup
