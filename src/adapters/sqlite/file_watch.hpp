#pragma once

// What SQLite does not notice about its own files: that somebody moved, replaced, removed or cut
// them while they are open. It goes on writing into files that nobody will find again.

#include <sys/types.h>

#include <array>
#include <mutex>
#include <string>

#include "base/result.hpp"

namespace wrapup::sqlite {

class FileWatch {
public:
    // Locks the database itself, for a lock file can be deleted: conflict when another process has
    // it. The file is there. To be closed after SQLite has closed it: the end of any descriptor
    // ends SQLite's own locks.
    static Result<FileWatch> lock(const std::string& path);
    FileWatch() = default;
    FileWatch(FileWatch&& other) noexcept;
    FileWatch& operator=(FileWatch&& other) noexcept;
    ~FileWatch();

    // Once SQLite has opened the database, its log and its index: these are the ones to keep.
    Result<void> start();
    // From any thread. corrupt: a file is not where it was, or shorter than it was. unavailable:
    // cannot be seen now.
    Result<void> check();
    // Before a write. corrupt: the log was cut since the last check(). The write would make it long
    // again, with a hole where acknowledged events were.
    Result<void> check_before_write();

private:
    struct File {
        std::string path;
        dev_t device = 0;
        ino_t inode = 0;
    };
    Result<void> check_log() const;

    std::array<File, 3> files_;  // The database, its log, the log's index.
    off_t size_seen_ = 0;        // Of the database.
    off_t log_size_seen_ = 0;
    int database_ = -1;
    int log_ = -1;
    std::mutex mutex_;
};

}  // namespace wrapup::sqlite
