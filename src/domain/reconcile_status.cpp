#include "domain/reconcile_status.hpp"

namespace wrapup {

std::string_view to_string(ReconcileRun::State state) {
    switch (state) {
        case ReconcileRun::State::waiting: return "waiting";
        case ReconcileRun::State::running: return "running";
        case ReconcileRun::State::done: return "done";
        case ReconcileRun::State::failed: break;
    }
    return "failed";
}

std::optional<ReconcileRun::State> parse_run_state(std::string_view name) {
    using State = ReconcileRun::State;
    for (const State state : {State::waiting, State::running, State::done, State::failed}) {
        if (to_string(state) == name) return state;
    }
    return std::nullopt;
}

}  // namespace wrapup
