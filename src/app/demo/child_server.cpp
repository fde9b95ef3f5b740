#include "app/demo/child_server.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <thread>

#include "service/tasks/root_task.hpp"

namespace wrapup {
namespace asio = boost::asio;
namespace {

constexpr std::size_t line_bytes_max = 64U << 10U;
constexpr milliseconds look_interval{10};

using LineListener = std::function<void(const std::string&)>;

Error no_process(const char* what) {
    return {Errc::unavailable, std::string(what) + ": " + std::strerror(errno)};
}

// Only what may be called between fork and exec in a process with threads.
[[noreturn]] void become(const char* program, const char* folder, char* const* variables,
                         int output) {
    char name[] = "wrapup";
    char command[] = "serve";
    char* const arguments[] = {name, command, nullptr};
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    // Ctrl-C is ours to handle.
    ::setpgid(0, 0);
    const int input = ::open("/dev/null", O_RDONLY);
    const bool is_set = input >= 0 && ::dup2(input, STDIN_FILENO) >= 0 &&
                        ::dup2(output, STDOUT_FILENO) >= 0 && ::dup2(output, STDERR_FILENO) >= 0 &&
                        ::chdir(folder) == 0;
    if (is_set) ::execve(program, arguments, variables);
    ::_exit(127);
}

Task<void> read_lines(asio::posix::stream_descriptor pipe, std::shared_ptr<LineListener> listener) {
    std::string buffer;
    auto target = asio::dynamic_buffer(buffer, line_bytes_max);
    constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
    for (;;) {
        auto [error, size] = co_await asio::async_read_until(pipe, target, '\n', as_result);
        if (error) co_return;
        const std::string line = buffer.substr(0, size - 1);
        buffer.erase(0, size);
        if (*listener) (*listener)(line);
    }
}

}  // namespace

ChildServer::ChildServer(asio::any_io_executor executor, ChildSettings settings,
                         LineListener on_line)
    : executor_(std::move(executor)),
      settings_(std::move(settings)),
      on_line_(std::make_shared<LineListener>(std::move(on_line))) {}

ChildServer::~ChildServer() {
    *on_line_ = nullptr;
    kill();
}

Result<void> ChildServer::start() {
    WRAPUP_ASSERT(pid_ == 0);
    std::vector<std::string> lines;
    for (const auto& [name, value] : settings_.environment) lines.push_back(name + "=" + value);
    std::vector<char*> variables;
    for (std::string& line : lines) variables.push_back(line.data());
    variables.push_back(nullptr);
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) return no_process("no pipe for the server");
    const pid_t pid = ::fork();
    if (pid == 0) {
        become(settings_.program.c_str(), settings_.folder.c_str(), variables.data(), ends[1]);
    }
    ::close(ends[1]);
    if (pid < 0) {
        ::close(ends[0]);
        return no_process("no process for the server");
    }
    pid_ = pid;
    asio::posix::stream_descriptor pipe(executor_, ends[0]);
    spawn_root(executor_, read_lines(std::move(pipe), on_line_));
    return {};
}

bool ChildServer::is_running() {
    if (pid_ == 0) return false;
    if (::waitpid(pid_, nullptr, WNOHANG) != pid_) return true;
    pid_ = 0;
    return false;
}

void ChildServer::kill() {
    if (pid_ == 0) return;
    ::kill(pid_, SIGKILL);
    reap();
}

void ChildServer::stop(milliseconds patience) {
    if (pid_ == 0) return;
    ::kill(pid_, SIGTERM);
    for (milliseconds waited{}; waited < patience && is_running(); waited += look_interval) {
        std::this_thread::sleep_for(look_interval);
    }
    kill();
}

void ChildServer::reap() {
    while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
    }
    pid_ = 0;
}

Result<std::uint16_t> find_free_port() {
    const int handle = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (handle < 0) return no_process("no socket");
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    auto* const generic = reinterpret_cast<sockaddr*>(&address);
    socklen_t size = sizeof address;
    const bool is_bound =
        ::bind(handle, generic, size) == 0 && ::getsockname(handle, generic, &size) == 0;
    Result<std::uint16_t> port = no_process("no port on 127.0.0.1");
    if (is_bound) port = static_cast<std::uint16_t>(ntohs(address.sin_port));
    ::close(handle);
    return port;
}

}  // namespace wrapup
