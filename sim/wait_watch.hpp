#pragma once

// Holds the program to its word about a clock that is set: what waits keeps the wait that it had
// left, by true time.

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "ports/clock.hpp"
#include "sim/memory_store.hpp"

namespace wrapup {

class WaitWatch {
public:
    using Wait = MemoryStore::Wait;

    explicit WaitWatch(MemoryStore& store) : store_(store) {}

    // The wall clock is about to be set under a process that goes by `clock`.
    void begin(const Clock& clock);
    // From then on: something was written, or the store has moved its times.
    void written();
    void moved();
    // All has followed.
    void end(milliseconds by);

    // A process begins at `now`, and the clock was set by `by` while none was there. How long that
    // was it cannot know: waits may be longer by that.
    void start(UtcTime now, milliseconds by, const std::function<void()>& take_over);

    int kept_count() const { return kept_count_; }
    const std::vector<std::string>& violations() const { return violations_; }

private:
    struct Known {
        UtcTime at{};
        UtcTime true_at{};
    };
    void expect(const Wait& wait, milliseconds longer, milliseconds allowed, milliseconds by);

    MemoryStore& store_;
    const Clock* clock_ = nullptr;  // Null: all has followed.
    std::map<Wait, Known> known_;
    int kept_count_ = 0;
    std::vector<std::string> violations_;
};

}  // namespace wrapup
