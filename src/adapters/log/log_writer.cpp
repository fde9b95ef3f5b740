#include "adapters/log/log_writer.hpp"

#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <condition_variable>
#include <mutex>
#include <thread>
#include <utility>

namespace wrapup {

struct LogWriter::State {
    State(int to, LogWriterLimits chosen) : descriptor(to), limits(chosen) {}

    const int descriptor;
    const LogWriterLimits limits;

    std::mutex mutex;
    std::condition_variable has_work;
    std::condition_variable has_ended;
    std::string kept;
    std::atomic<std::uint64_t> lost_count = 0;
    bool is_urgent = false;
    bool is_stopping = false;
    bool is_ended = false;

    std::thread thread;
};

namespace {

// Returns how much was written; less than all only when the descriptor fails for good.
std::size_t write_all(int descriptor, std::string_view text) {
    std::size_t done = 0;
    while (done < text.size()) {
        const ssize_t count = ::write(descriptor, text.data() + done, text.size() - done);
        if (count > 0) done += static_cast<std::size_t>(count);
        if (count < 0 && errno == EAGAIN) {
            // Somebody else made it non-blocking; this thread may wait.
            std::this_thread::sleep_for(milliseconds{10});
        } else if (count < 0 && errno != EINTR) {
            return done;
        }
    }
    return done;
}

}  // namespace

LogWriter::LogWriter(int descriptor, LogWriterLimits limits)
    : state_(std::make_shared<State>(descriptor, limits)) {
    state_->thread = std::thread([state = state_] { write_until_end(state); });
}

LogWriter::~LogWriter() {
    std::unique_lock lock(state_->mutex);
    state_->is_stopping = true;
    state_->has_work.notify_one();
    const bool is_ended = state_->has_ended.wait_for(lock, state_->limits.end_patience,
                                                     [this] { return state_->is_ended; });
    lock.unlock();
    if (is_ended) {
        state_->thread.join();
    } else {
        state_->thread.detach();  // It hangs in a write, and ends with the process.
    }
}

bool LogWriter::put(std::string_view line, bool is_urgent) {
    const std::lock_guard lock(state_->mutex);
    if (state_->kept.size() + line.size() >= state_->limits.kept_bytes_max) return false;
    const bool was_empty = state_->kept.empty();
    state_->kept += line;
    state_->kept += '\n';
    const bool is_much = state_->kept.size() >= state_->limits.write_bytes_min;
    const bool is_news = is_urgent && !state_->is_urgent;
    state_->is_urgent = state_->is_urgent || is_urgent;
    if (was_empty || is_much || is_news) state_->has_work.notify_one();
    return true;
}

std::uint64_t LogWriter::take_lost_count() {
    if (state_->lost_count.load(std::memory_order_relaxed) == 0) return 0;
    return state_->lost_count.exchange(0);
}

void LogWriter::write_until_end(const std::shared_ptr<State>& state) {
    State& s = *state;
    std::string text;
    bool is_mid_line = false;  // A failing write broke off within a line.
    std::unique_lock lock(s.mutex);
    while (!s.is_stopping || !s.kept.empty()) {
        s.has_work.wait(lock, [&s] { return !s.kept.empty() || s.is_stopping; });
        s.has_work.wait_for(lock, s.limits.gathering, [&s] {
            return s.is_urgent || s.is_stopping || s.kept.size() >= s.limits.write_bytes_min;
        });
        text.clear();
        if (is_mid_line) text += '\n';
        text += s.kept;
        s.kept.clear();
        s.is_urgent = false;
        lock.unlock();
        const std::size_t written = write_all(s.descriptor, text);
        const std::string_view lost = std::string_view(text).substr(written);
        is_mid_line = written > 0 ? text[written - 1] != '\n' : is_mid_line;
        s.lost_count += static_cast<std::uint64_t>(std::ranges::count(lost, '\n'));
        lock.lock();
    }
    s.is_ended = true;
    s.has_ended.notify_one();
}

}  // namespace wrapup
