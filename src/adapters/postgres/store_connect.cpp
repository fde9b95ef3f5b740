// How the store's connections come to be, and what is known of a server that is away.

#include <random>
#include <thread>
#include <utility>

#include "adapters/postgres/store.hpp"

namespace wrapup {
namespace {

using postgres::Connection;

using SteadyClock = std::chrono::steady_clock;

constexpr milliseconds nap{20};
// Each before the deadline of what waits for the lock, so that the connection lives on, and before
// the beat takes the server for silent.
constexpr milliseconds beat_lock_deadline{3'000};
constexpr milliseconds write_lock_deadline{4'000};
// Only who changes the schema keeps readers out.
constexpr milliseconds read_lock_deadline{2'000};
// Somebody waits for what is read; who writes finds the primary behind hosts that are frozen.
constexpr milliseconds read_hosts_deadline{4'000};

milliseconds pause_between_connects() {
    thread_local std::mt19937 random{std::random_device{}()};
    return milliseconds{std::uniform_int_distribution{200, 400}(random)};
}

}  // namespace

// While there is no primary, all of a node's lines together look for it in turns with a pause, so
// that a server which comes back is not met by everybody's tries at once.
Result<void> PostgresStore::connect(Line& line) {
    const auto begun = SteadyClock::now();
    if (begun >= pulse_.end()) return Error{Errc::unavailable, "PostgreSQL: the process ends"};
    const bool is_beating = &line == &beating_;
    // Only the beats ask one that is silent: who else waits for it, waits for nothing.
    if (pulse_.is_silent() && !is_beating && !is_hurried_) return note_silence();
    if (line.connection && !line.connection->is_lost()) return {};
    line.connection.reset();
    const bool may_wait = is_beating || &line == &writer_;
    std::unique_lock lock{connect_mutex_, std::try_to_lock};
    while (!lock.owns_lock()) {
        if (auto absence = known_absence(SteadyTime::min())) return *std::move(absence);
        if (!may_wait && SteadyClock::now() - begun >= read_hosts_deadline) {
            return Error{Errc::unavailable, "PostgreSQL: no connection in time"};
        }
        std::this_thread::sleep_for(nap);
        (void)lock.try_lock();
    }
    if (auto absence = known_absence(SteadyClock::now())) return *std::move(absence);
    if (auto opened = open_connection(line); !opened) {
        note_away(opened.error());
        meter_.connect_failed();
        return opened;
    }
    meter_.connected(timeline_);
    note_back();
    return {};
}

// Of which no try is due at that time.
std::optional<Error> PostgresStore::known_absence(SteadyTime at) {
    const std::lock_guard lock{absence_mutex_};
    if (!absence_ || at >= absence_->next_try_at) return std::nullopt;
    return absence_->error;
}

Result<void> PostgresStore::open_connection(Line& line) {
    const bool is_beating = &line == &beating_;
    const bool is_writer = &line == &writer_ || is_beating;
    const bool beats = is_beating && number_.now != 0;
    const milliseconds lock_deadline = is_beating  ? beat_lock_deadline
                                       : is_writer ? write_lock_deadline
                                                   : read_lock_deadline;
    WRAPUP_TRY(line.connection,
               Connection::open(
                   {.url = options_.url,
                    .answer_deadline = is_writer ? options_.write_deadline : options_.read_deadline,
                    .commit_deadline = options_.commit_deadline,
                    .timeline_min = timeline_,
                    .slot = slot(),
                    .host = host_,
                    .hosts_deadline = is_writer ? milliseconds{0} : read_hosts_deadline,
                    .looks_at_all = timeline_ == postgres::Timeline{},
                    .pulse = &pulse_,
                    .silence_min = beats ? options_.silence_min : milliseconds{0},
                    .lock_deadline = lock_deadline}));
    if (&line == &writer_) is_compared_ = false;
    host_ = line.connection->host();
    const postgres::Timeline& seen = line.connection->timeline();
    if (seen == timeline_) return {};
    timeline_ = seen;
    if (options_.timeline_file.empty()) return {};
    auto written = postgres::write_timeline(options_.timeline_file, seen);
    if (!written && timeline_trouble_.empty()) {
        timeline_trouble_ = std::move(written).error().detail;
    }
    return {};
}

// Nobody asks again before the next try.
void PostgresStore::note_away(const Error& error) {
    const std::lock_guard lock{absence_mutex_};
    const bool is_new = !absence_;
    const auto now = SteadyClock::now();
    if (is_new) absence_ = Absence{error, now, now};
    absence_->error = error;
    absence_->next_try_at = now + pause_between_connects();
    if (is_new && tell_away_) tell_away_(&error);
}

Error PostgresStore::note_silence() {
    Error error{Errc::unavailable, "PostgreSQL: the server is silent"};
    const std::lock_guard lock{absence_mutex_};
    if (!absence_) {
        const auto now = SteadyClock::now();
        absence_ = Absence{error, now - options_.silence_min, now};
        if (tell_away_) tell_away_(&error);
        is_silence_noted_ = true;
    }
    return absence_->error;
}

void PostgresStore::note_back() {
    const std::lock_guard lock{absence_mutex_};
    is_silence_noted_ = false;
    if (std::exchange(absence_, {}) && tell_away_) tell_away_(nullptr);
}

// False: it has been away for too long, nobody waits any more.
bool PostgresStore::wait_for_server() {
    SteadyTime until;
    {
        const std::lock_guard lock{absence_mutex_};
        if (SteadyClock::now() >= pulse_.end()) return false;
        if (!absence_) return true;
        if (SteadyClock::now() >= absence_->since + options_.patience) return false;
        until = absence_->next_try_at;
    }
    do std::this_thread::sleep_for(nap);
    while (!is_hurried_ && SteadyClock::now() < until);
    return !is_hurried_;
}

}  // namespace wrapup
