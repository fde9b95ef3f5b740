#pragma once

#include <list>

#include "ports/clock.hpp"

namespace wrapup {

// A bounded number of permits, given out in the order in which they are asked for. One executor.
class Slots {
public:
    Slots(Clock& clock, int count) : clock_(clock), free_(count) {}

    // False when no permit came free within `patience`, or `waiting_max` others wait already.
    Task<bool> acquire(milliseconds patience, std::size_t waiting_max);
    void release();

private:
    // Takes itself off the list, also when its coroutine is destroyed instead of resumed.
    struct Waiting {
        explicit Waiting(std::list<Waiting*>& waiting) : all(waiting) { all.push_back(this); }
        ~Waiting() { all.remove(this); }
        Waiting(const Waiting&) = delete;
        Waiting& operator=(const Waiting&) = delete;

        std::list<Waiting*>& all;
        Alarm alarm;
        bool has_permit = false;
    };

    Clock& clock_;
    int free_;
    std::list<Waiting*> waiting_;
};

// Gives the permit back at the end of its scope.
class SlotGuard {
public:
    explicit SlotGuard(Slots& slots) : slots_(slots) {}
    ~SlotGuard() { slots_.release(); }
    SlotGuard(const SlotGuard&) = delete;
    SlotGuard& operator=(const SlotGuard&) = delete;

private:
    Slots& slots_;
};

}  // namespace wrapup
