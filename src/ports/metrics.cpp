#include "ports/metrics.hpp"

#include <algorithm>

#include "domain/call.hpp"
#include "domain/event.hpp"
#include "domain/outcome.hpp"

namespace wrapup {

namespace {

using Labels = std::vector<std::string_view>;

// The names of an enumeration up to and with its last.
template <class Enum>
Labels names_until(Enum last) {
    Labels names;
    for (int i = 0; i <= static_cast<int>(last); ++i) names.push_back(to_string(Enum(i)));
    return names;
}

Labels rejection_causes() {
    return {// A sender's request, which may be a call that is lost.
            "no_signature", "bad_signature", "malformed_signature", "stale", "wrong_server_url",
            "wrong_account", "wrong_path", "wrong_address", "method", "closed", "media_type",
            "malformed", "too_large", "not_stored", "unknown_token",
            // The server's own bounds.
            "header_too_large", "too_slow", "overloaded", "connections",
            // The API.
            "no_token", "bad_token", "token_rate", "session_over", "other_site"};
}

}  // namespace

std::vector<std::string_view> known_labels(Counter counter) {
    switch (counter) {
        case Counter::events:
        case Counter::events_repeated:
        case Counter::events_late: return names_until(EventKind::operator_action);
        case Counter::rejected: return rejection_causes();
        case Counter::calls_settled: return names_until(Outcome::voicemail);
        case Counter::summaries: return {"elevenlabs", "own"};
        case Counter::calls_parked: return names_until(ParkReason::given_up);
        case Counter::attempts: return names_until(AttemptOutcome::unknown);
        case Counter::alerts: return {"crm", "elevenlabs", "store", "twilio", "webhook"};
        case Counter::store_errors:
            return {"commit",   "claim",     "destination", "settle",
                    "next_due", "reconcile", "shift_times", "beat"};
        case Counter::elevenlabs_requests:
            return {"ok",
                    "404",
                    "429",
                    "our API key is refused",
                    "no useful answer",
                    "time-out",
                    "an answer we cannot read",
                    "an odd answer"};
        case Counter::twilio_requests: return {"ok", "failed"};
        case Counter::reconcile_runs: return {"ok", "trouble"};
        case Counter::reconciled_calls: return {"appended", "refused", "conversation"};
        case Counter::placings: return {"created", "refused", "deferred", "unknown"};
        case Counter::answered_calls: return {"connected", "abandoned", "hung_up"};
        case Counter::database_connects: return {"ok", "failed"};
        case Counter::database_commits: return {"done", "failed", "unknown"};
        case Counter::metadata_lookups: return {"found", "not_yet", "absent", "away"};
        case Counter::calls_out_of_scope:
        case Counter::late_conflicts:
        case Counter::log_lines_dropped: break;
    }
    return {};
}

bool is_known_label(Counter counter, std::string_view label) {
    const Labels known = known_labels(counter);
    return known.empty() || std::find(known.begin(), known.end(), label) != known.end();
}

}  // namespace wrapup
