#include "app/cli/terminal_input.hpp"

#include <termios.h>
#include <unistd.h>

#include <csignal>
#include <iostream>

namespace wrapup {
namespace {

constexpr char end_of_input = '\x04';
constexpr char interrupt = '\x03';
constexpr char erase_line = '\x15';
constexpr char backspace = '\b';
constexpr char erase = '\x7f';

// Characters come one by one, unseen, Ctrl-C among them: who is killed cannot bring back the echo.
class UnseenTyping {
public:
    UnseenTyping() {
        is_terminal_ = ::tcgetattr(STDIN_FILENO, &before_) == 0;
        if (!is_terminal_) return;
        termios unseen = before_;
        unseen.c_lflag &= static_cast<tcflag_t>(~(ECHO | ICANON | ISIG));
        unseen.c_cc[VMIN] = 1;
        unseen.c_cc[VTIME] = 0;
        ::tcsetattr(STDIN_FILENO, TCSADRAIN, &unseen);
    }
    ~UnseenTyping() {
        if (is_terminal_) ::tcsetattr(STDIN_FILENO, TCSADRAIN, &before_);
    }
    UnseenTyping(const UnseenTyping&) = delete;
    UnseenTyping& operator=(const UnseenTyping&) = delete;

private:
    bool is_terminal_ = false;
    termios before_{};
};

struct Typed {
    std::optional<std::string> line;
    bool is_interrupted = false;
};

Typed ask_unseen(const std::string& question) {
    // Before the question: somebody may have begun to type once it is there.
    const UnseenTyping unseen;
    std::cerr << question << std::flush;
    std::string line;
    for (;;) {
        char typed = 0;
        if (::read(STDIN_FILENO, &typed, 1) != 1) return {};
        if (typed == interrupt) return {{}, true};
        if (typed == end_of_input && line.empty()) return {};
        if (typed == '\n' || typed == '\r') return {line, false};
        if (typed == erase_line) {
            line.clear();
        } else if (typed == backspace || typed == erase) {
            if (!line.empty()) line.pop_back();
        } else {
            line += typed;
        }
    }
}

}  // namespace

std::optional<std::string> ask_at_terminal(const std::string& question, bool is_secret) {
    if (!is_secret) {
        std::cerr << question << std::flush;
        std::string line;
        if (!std::getline(std::cin, line)) return std::nullopt;
        return line;
    }
    Typed typed = ask_unseen(question);
    std::cerr << std::endl;
    if (typed.is_interrupted) (void)std::raise(SIGINT);
    return std::move(typed.line);
}

}  // namespace wrapup
