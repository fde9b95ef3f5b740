#pragma once

// A person at work in the simulated world: sends records by hand, pauses destinations and resumes
// them, replays, and thinks better of it. All of it through what the API calls.

#include <boost/asio/any_io_executor.hpp>

#include "service/call_actions.hpp"
#include "service/replay/replay_actions.hpp"
#include "sim/peers.hpp"

namespace wrapup {

// Of one life of the process; what was ordered outlives it in the truth. The person repeats what
// has to be so (a pause, a replay), until somebody says that it is; what the process died of is
// otherwise forgotten.
class SimOperator {
public:
    SimOperator(SimWorld& world, SimCrm& crm, CallActions& calls, ReplayActions& replays)
        : world_(world), crm_(crm), calls_(calls), replays_(replays) {}

    // Begins whatever is left to do.
    void start(const boost::asio::any_io_executor& executor);

private:
    Task<void> replay(TrueReplay& replay);
    Task<void> begin(TrueReplay& replay);
    Task<void> cancel(TrueReplay& replay);
    Task<void> pause(TruePause& pause);
    // Refused: the settings do not name it, or switch it off.
    enum class Answer { done, refused, failed };
    Task<Answer> set(std::string destination, DestinationState state);
    Task<void> send(TrueSend& send);
    Task<void> sleep_until(UtcTime true_time);

    SimWorld& world_;
    SimCrm& crm_;
    CallActions& calls_;
    ReplayActions& replays_;
};

}  // namespace wrapup
