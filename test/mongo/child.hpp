#pragma once

// A child process with its standard input and output as pipes. It dies with the test.

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <string>
#include <vector>

namespace wrapup::test {

class Child {
public:
    Child() = default;
    ~Child() { end(SIGKILL); }
    Child(const Child&) = delete;
    Child& operator=(const Child&) = delete;

    void start(const std::vector<std::string>& command) {
        int in[2];
        int out[2];
        ASSERT_EQ(pipe2(in, O_CLOEXEC), 0);
        ASSERT_EQ(pipe2(out, O_CLOEXEC), 0);
        std::vector<char*> arguments;
        for (const std::string& part : command) {
            arguments.push_back(const_cast<char*>(part.c_str()));
        }
        arguments.push_back(nullptr);
        pid_ = fork();
        if (pid_ == 0) {
            prctl(PR_SET_PDEATHSIG, SIGKILL);
            dup2(in[0], STDIN_FILENO);
            dup2(out[1], STDOUT_FILENO);
            execvp(arguments[0], arguments.data());
            _exit(127);
        }
        close(in[0]);
        close(out[1]);
        input_ = in[1];
        output_ = out[0];
    }

    void signal(int number) const {
        if (pid_ > 0) kill(pid_, number);
    }

    void end(int number) {
        if (pid_ <= 0) return;
        kill(pid_, number);
        kill(pid_, SIGCONT);
        waitpid(pid_, nullptr, 0);
        close(input_);
        close(output_);
        pid_ = -1;
    }

    bool is_running() const { return pid_ > 0 && waitpid(pid_, nullptr, WNOHANG) == 0; }

    void write_line(const std::string& line) const {
        const std::string text = line + "\n";
        for (std::size_t written = 0; written < text.size();) {
            const ssize_t count = write(input_, text.data() + written, text.size() - written);
            if (count <= 0) break;
            written += static_cast<std::size_t>(count);
        }
    }

    // Without its end; empty when the child is gone.
    std::string read_line() {
        while (true) {
            const std::size_t end = buffer_.find('\n');
            if (end != std::string::npos) {
                std::string line = buffer_.substr(0, end);
                buffer_.erase(0, end + 1);
                return line;
            }
            char bytes[4096];
            const ssize_t count = read(output_, bytes, sizeof bytes);
            if (count <= 0) return {};
            buffer_.append(bytes, static_cast<std::size_t>(count));
        }
    }

private:
    pid_t pid_ = -1;
    int input_ = -1;
    int output_ = -1;
    std::string buffer_;
};

}  // namespace wrapup::test
