#pragma once

// Tells what happens in the demo's sandbox: the records as the CRM files them, and in words what
// was wrong with them on the way.

#include <string>

#include "app/demo/demo_screen.hpp"
#include "sandbox/sandbox.hpp"

namespace wrapup {

class DemoNarrator {
public:
    // Listens to the sandbox from now on; outlives its last event. `speed`: of the clock shown.
    DemoNarrator(DemoScreen& screen, Sandbox& sandbox, int speed, std::size_t calls_count);
    DemoNarrator(const DemoNarrator&) = delete;
    DemoNarrator& operator=(const DemoNarrator&) = delete;

    void begin(UtcTime now) { started_at_ = now; }
    void end() { is_over_ = true; }  // Nothing is told any more.
    void set_up(bool is_up) { is_up_ = is_up; }

    UtcTime started_at() const { return started_at_; }
    bool is_over() const { return is_over_; }
    std::size_t refused_count() const { return refused_count_; }
    std::string status_text() const;

private:
    void hear_crm(const CrmEvent& event);
    void hear_player(const PlayerEvent& event);
    void show_record(const CrmEvent& event, const PlayedCall& call);
    void explain_fault(const PlayedCall& call);
    std::string clock_text() const;

    DemoScreen& screen_;
    Sandbox& sandbox_;
    int speed_;
    std::size_t calls_count_;
    UtcTime started_at_{};
    std::size_t refused_count_ = 0;  // Attempts that the CRM refused.
    bool is_up_ = false;
    bool is_over_ = false;
};

}  // namespace wrapup
