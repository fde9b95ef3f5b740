#pragma once

#include <string_view>
#include <vector>

namespace wrapup {

enum class Counter {
    events,           // label: kind
    events_repeated,  // label: kind
    events_late,      // label: kind
    rejected,         // label: cause
    calls_settled,    // label: outcome
    summaries,        // label: elevenlabs, own
    calls_parked,     // label: reason
    calls_out_of_scope,
    late_conflicts,
    attempts,             // label: accepted, refused, failed, unknown; see count_attempt()
    alerts,               // label: cause; a person has to act
    store_errors,         // label: code
    elevenlabs_requests,  // label: outcome
    twilio_requests,      // label: outcome
    reconcile_runs,       // label: ok, trouble
    reconciled_calls,     // label: appended, refused, conversation
    metadata_lookups,     // label: found, not_yet, absent, away
    placings,             // label: created, refused, deferred, unknown
    answered_calls,       // label: connected, abandoned, hung_up; of calls that we placed
    database_connects,    // label: ok, failed
    database_commits,     // label: done, failed, unknown; durable transactions
    log_lines_dropped,    // Nobody read them in time, or they could not be written.
};
enum class Histogram {
    append_seconds,           // From handing an event to the store to durable.
    delivery_seconds,         // One attempt.
    end_to_crm_seconds,       // From the call's end to accepted.
    commit_batch_ops,         // Operations per transaction.
    database_commit_seconds,  // From COMMIT until its answer.
    database_round_trips,     // Of a durable transaction, that of its COMMIT included.
};

// Every value that the counter's label can have; empty when it has no label. Each is shown as 0
// from the start: increase() of what appears as 1 is 0, and the first event would go unseen.
std::vector<std::string_view> known_labels(Counter counter);
// Also of a counter without label, where none counts.
bool is_known_label(Counter counter, std::string_view label);

class Metrics {
public:
    virtual ~Metrics() = default;
    virtual void count(Counter counter, std::string_view label = {}) = 0;  // From any thread.
    // One of Counter::attempts. Who does not tell destinations apart counts it as any other.
    virtual void count_attempt(std::string_view /*destination*/, std::string_view outcome) {
        count(Counter::attempts, outcome);
    }
    virtual void observe(Histogram histogram, double value) = 0;
};

}  // namespace wrapup
