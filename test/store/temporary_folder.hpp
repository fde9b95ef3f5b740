#pragma once

#include <stdlib.h>

#include <filesystem>
#include <string>

#include "base/assert.hpp"

namespace wrapup {

// A folder of its own, gone with its owner. In memory where the system has such a place: what is
// tested here is what was written, not how long the disk takes.
class TemporaryFolder {
public:
    TemporaryFolder() {
        std::error_code ignored;
        const bool has_shm = std::filesystem::is_directory("/dev/shm", ignored);
        path_ = has_shm ? "/dev/shm/wrapup-XXXXXX"
                        : (std::filesystem::temp_directory_path() / "wrapup-XXXXXX").string();
        WRAPUP_ASSERT(::mkdtemp(path_.data()) != nullptr);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    std::string file(const std::string& name) const { return path_ + "/" + name; }
    const std::string& path() const { return path_; }

private:
    std::string path_;
};

}  // namespace wrapup
