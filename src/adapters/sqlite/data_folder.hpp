#pragma once

// The folder that holds an installation's state, and the lock that keeps a second process out.

#include <cstdint>
#include <string>

#include "base/result.hpp"

namespace wrapup {

// Held for as long as the process uses the folder. The system releases it when the process dies,
// however it dies.
class DataFolderLock {
public:
    // Makes the folder (mode 0700) when it is missing. conflict, naming the folder, when another
    // process has it; unavailable when it cannot be made or written.
    static Result<DataFolderLock> acquire(const std::string& folder);

    DataFolderLock(DataFolderLock&& other) noexcept;
    DataFolderLock& operator=(DataFolderLock&& other) noexcept;
    ~DataFolderLock();

    // Whether the folder is still the one that was locked: not removed, moved or made anew.
    bool is_in_place() const;

private:
    DataFolderLock(std::string path, int descriptor)
        : path_(std::move(path)), descriptor_(descriptor) {}

    std::string path_;
    int descriptor_ = -1;
};

// Makes the folder and what leads to it; what is made has mode 0700.
Result<void> make_data_folder(const std::string& folder);

// unavailable when the disk of the folder has less room than that for this process, in words that
// say how much.
Result<void> check_room(const std::string& folder, std::uint64_t bytes_min);

}  // namespace wrapup
