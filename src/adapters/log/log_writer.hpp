#pragma once

// Writes text to a descriptor on a thread of its own. Whoever hands text over never waits for the
// reader of the descriptor: while it does not read, text is kept up to a bound, and dropped and
// counted beyond it.

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/time.hpp"

namespace wrapup {

struct LogWriterLimits {
    std::size_t kept_bytes_max = std::size_t{1} << 20;  // Not yet written.
    std::size_t write_bytes_min = 64 * 1024;            // So much is written out at once.
    milliseconds gathering{10};                         // And less after this time.
    milliseconds end_patience{500};                     // For the last lines, at the end.
};

class LogWriter {
public:
    // `descriptor` stays the caller's and open; it is never made non-blocking, because it is shared
    // with whoever started us.
    explicit LogWriter(int descriptor, LogWriterLimits limits = {});
    // Writes what is left. When the reader takes nothing for `end_patience`, the rest is lost.
    ~LogWriter();
    LogWriter(const LogWriter&) = delete;
    LogWriter& operator=(const LogWriter&) = delete;

    // Takes one line without its end, from any thread. `is_urgent` skips the gathering. False: it
    // is dropped, because too much waits already.
    bool put(std::string_view line, bool is_urgent);

    // Lines that were taken and then lost by a failing write (full disk, closed pipe), since the
    // last call.
    std::uint64_t take_lost_count();

private:
    struct State;
    static void write_until_end(const std::shared_ptr<State>& state);

    // Shared with the thread, which may outlive us while a write of it hangs.
    std::shared_ptr<State> state_;
};

}  // namespace wrapup
