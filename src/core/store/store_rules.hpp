#pragma once

// What the operations of a store mean (domain/operations.hpp), decided on the rows of a working
// set. Every store runs these rules: its adapter opens a transaction, calls apply(), and saves what
// the working set then holds. An operation that is refused leaves no trace in the rows.

#include <span>

#include "core/store/working_set.hpp"

namespace wrapup {

// The outcomes, one per operation in their order; fewer when the source of the rows failed, and
// then the batch as a whole fails. Between two operations the rows are consistent: whatever is to
// be decided inside an append's own transaction is decided there, on the same rows.
std::vector<StoreOutcome> apply(WorkingSet& rows, std::span<const StoreOp> ops, UtcTime now);

StoreOutcome apply(WorkingSet& rows, const AppendEvent& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const SettleCall& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const FinishAttempt& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const ReleaseCall& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const PutMetadata& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const PutCampaign& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const PutContact& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const PutDoNotCall& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const DropDoNotCall& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const SetDestination& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const SweepDestination& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const PutBreaker& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const Unpark& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const NoteCallCreated& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const PutTwilioDay& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const SealDay& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const NoteReconciliation& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const StartReplay& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const AdvanceReplay& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const CancelReplay& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const PutIntent& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const AdvanceIntent& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const PutListRows& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const SetDialList& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const WorkList& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const NoteAction& op, UtcTime now);
StoreOutcome apply(WorkingSet& rows, const Probe& op, UtcTime now);

// Puts the number onto the do-not-call list. A call to it that nobody has answered is cancelled.
void list_number(WorkingSet& rows, DoNotCall entry, UtcTime now);
// The intent of a call that is over by this answer ends with it.
void end_intent_of_call(WorkingSet& rows, const Call& call, const SettleCall& op, UtcTime now);

}  // namespace wrapup
