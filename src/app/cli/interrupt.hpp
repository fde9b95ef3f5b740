#pragma once

// Ctrl-C while something is done piece by piece: it ends after the piece, and can say how far it
// is.

#include <csignal>

namespace wrapup {

class InterruptNoted {
public:
    InterruptNoted() {
        is_interrupted_ = 0;
        before_ = std::signal(SIGINT, [](int) { is_interrupted_ = 1; });
    }
    ~InterruptNoted() { std::signal(SIGINT, before_); }
    InterruptNoted(const InterruptNoted&) = delete;
    InterruptNoted& operator=(const InterruptNoted&) = delete;

    static bool was_interrupted() { return is_interrupted_ != 0; }

private:
    static inline volatile std::sig_atomic_t is_interrupted_ = 0;
    void (*before_)(int) = SIG_DFL;
};

}  // namespace wrapup
