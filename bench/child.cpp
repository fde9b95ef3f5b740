#include "bench/child.hpp"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>
#include <iterator>

#include "bench/wire.hpp"

namespace wrapup::bench {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& texts) {
    std::vector<char*> pointers;
    for (std::string& text : texts) pointers.push_back(text.data());
    pointers.push_back(nullptr);
    return pointers;
}

}  // namespace

Child::Child(std::vector<std::string> command, std::vector<std::string> environment,
             const std::filesystem::path& folder, const std::filesystem::path& log) {
    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addchdir_np(&actions, folder.c_str());
    ::posix_spawn_file_actions_addopen(&actions, 1, log.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                       0600);
    ::posix_spawn_file_actions_adddup2(&actions, 1, 2);
    const int error = ::posix_spawnp(&pid_, command.front().c_str(), &actions, nullptr,
                                     pointers_to(command).data(), pointers_to(environment).data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) die("cannot start " + command.front());
}

Child::~Child() {
    signal(SIGTERM);
    signal(SIGCONT);
    wait();
}

bool Child::has_ended() {
    if (!is_reaped_) is_reaped_ = ::waitpid(pid_, &status_, WNOHANG) == pid_;
    return is_reaped_;
}

int Child::wait() {
    if (!is_reaped_) is_reaped_ = ::waitpid(pid_, &status_, 0) == pid_;
    return WIFEXITED(status_) ? WEXITSTATUS(status_) : -1;
}

void Child::signal(int number) const {
    if (!is_reaped_) ::kill(pid_, number);
}

std::string text_of(const std::filesystem::path& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

}  // namespace wrapup::bench
