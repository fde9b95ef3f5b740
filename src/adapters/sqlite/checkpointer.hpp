#pragma once

// Moves what the log holds into the database on a thread of its own, so that no commit, and so no
// acknowledgement, waits for it.

#include <condition_variable>
#include <functional>
#include <mutex>
#include <thread>

#include "adapters/sqlite/handle.hpp"

namespace wrapup::sqlite {

class Checkpointer {
public:
    // Watches the commits of `writer`, which must outlive it. `tell_damage` is called on either
    // thread when a checkpoint meets damage; what else it meets is left to the next one.
    static Result<std::unique_ptr<Checkpointer>> start(Connection& writer,
                                                       std::function<void()> tell_damage);
    ~Checkpointer();

private:
    Checkpointer(Connection& writer, std::unique_ptr<Connection> own,
                 std::function<void()> tell_damage);
    void checkpoint(sqlite3* connection, const char* schema);
    static int on_commit(void* self, sqlite3* writer, const char* schema, int frames_count);
    void note_commit(int frames_count);
    void run();

    Connection& writer_;
    std::unique_ptr<Connection> own_;
    std::function<void()> tell_damage_;
    std::mutex mutex_;
    std::condition_variable is_wanted_;
    bool wants_one_ = false;
    bool is_stopping_ = false;
    int frames_done_ = 0;  // Of the log, when the last checkpoint was asked for.
    std::thread thread_;
};

}  // namespace wrapup::sqlite
