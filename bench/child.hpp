#pragma once

// A program of ours or of others as a child process, its output in a file.

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <vector>

namespace wrapup::bench {

class Child {
public:
    // Runs `command` in `folder` with nothing else in its environment; ends the program when it
    // cannot be started. Standard output and error go to `log`.
    Child(std::vector<std::string> command, std::vector<std::string> environment,
          const std::filesystem::path& folder, const std::filesystem::path& log);
    ~Child();  // SIGTERM, and waits.
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    pid_t pid() const { return pid_; }
    bool has_ended();
    int wait();  // For its exit code.
    void signal(int number) const;

private:
    pid_t pid_ = -1;
    bool is_reaped_ = false;
    int status_ = 0;
};

std::string text_of(const std::filesystem::path& path);  // Empty when it cannot be read.

}  // namespace wrapup::bench
