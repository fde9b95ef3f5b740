#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace wrapup {

// A folder that goes away with its owner.
class TemporaryFolder {
public:
    // `name`: what it is for. The path is empty when it could not be made.
    explicit TemporaryFolder(const std::string& name) {
        std::error_code error;
        const auto parent = std::filesystem::temp_directory_path(error);
        std::string pattern = (parent / (name + "-XXXXXX")).string();
        if (!error && ::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace wrapup
