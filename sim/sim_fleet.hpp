#pragma once

// The other processes on the same store. They settle and deliver; they freeze, go on, die and begin
// anew at moments that the run's faults say, whatever they are at.

#include <memory>
#include <vector>

#include "sim/sim_node.hpp"

namespace wrapup {

class SimFleet final : public SimClock::Company {
public:
    explicit SimFleet(Lasting& lasting);

    bool step() override;
    std::optional<UtcTime> next() const override;
    void pass_to(UtcTime now) override;

    int crashes_count() const { return crashes_count_; }
    int pauses_count() const { return pauses_count_; }

private:
    struct Place {
        int number = 0;
        std::unique_ptr<SimNode> node;  // Null: dead.
        std::vector<NodeFault> faults;  // To come, the next one last.
        UtcTime back_at{};              // Frozen or dead until then.
        bool is_frozen = false;
    };
    void begin(Place& place, UtcTime now);
    void strike(Place& place, UtcTime now);

    Lasting& lasting_;
    std::vector<Place> places_;
    int crashes_count_ = 0;
    int pauses_count_ = 0;
};

}  // namespace wrapup
