#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

namespace wrapup {

// A folder that goes away with its owner.
class DemoFolder {
public:
    // `name`: what it is for. The path is empty when it could not be made.
    explicit DemoFolder(const std::string& name) {
        std::error_code error;
        const auto parent = std::filesystem::temp_directory_path(error);
        std::string pattern = (parent / (name + "-XXXXXX")).string();
        if (!error && ::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
    }
    ~DemoFolder() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }
    DemoFolder(const DemoFolder&) = delete;
    DemoFolder& operator=(const DemoFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

}  // namespace wrapup
