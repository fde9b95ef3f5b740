#pragma once

// The last changes of calls, numbered from 1, for those who follow them and may have been away for
// a while. Bounded: who was away for longer is told so, and looks at everything anew.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/call_change.hpp"

namespace wrapup {

class ChangeRing {
public:
    // `epoch` tells this ring's numbers from those of every other one.
    explicit ChangeRing(std::uint64_t epoch, std::size_t count_max = 1'024)
        : epoch_(epoch), count_max_(count_max) {}

    void add(CallChange change);
    // The number of the last change; 0: there was none.
    std::uint64_t last() const { return last_; }

    struct News {
        std::vector<CallChange> calls;  // Each once, in the state that it had last.
        std::uint64_t last = 0;         // Whoever has read this has seen so far.
    };
    // What came after number `seen`, of at most so many calls: there may be more. Nothing: not all
    // of it is known any more.
    std::optional<News> after(std::uint64_t seen, std::size_t calls_max) const;

    // "<epoch>-<number>", and back. Nothing: it is not of this ring.
    std::string id_of(std::uint64_t number) const;
    std::optional<std::uint64_t> number_of(std::string_view id) const;

private:
    std::uint64_t epoch_;
    std::size_t count_max_;
    std::uint64_t last_ = 0;
    std::deque<CallChange> changes_;  // The last one is number last_.
};

}  // namespace wrapup
