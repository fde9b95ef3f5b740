#include "app/config/env_writer.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>

#include "app/config/env_file.hpp"

namespace wrapup {
namespace {

bool is_plain(char c) {
    const bool is_alphanumeric =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return is_alphanumeric || std::string_view("_-./:@%+,=?").find(c) != std::string_view::npos;
}

std::string quoted(const std::string& value) {
    if (std::ranges::all_of(value, is_plain)) return value;
    if (value.find_first_of("'\n\r") == std::string::npos) return "'" + value + "'";
    std::string text = "\"";
    for (const char c : value) {
        if (c == '\n' || c == '\r') {
            text += c == '\n' ? "\\n" : "\\r";
            continue;
        }
        if (c == '"' || c == '\\' || c == '$') text += '\\';
        text += c;
    }
    return text + "\"";
}

std::vector<std::string> lines_of(std::string_view text) {
    std::vector<std::string> lines;
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size() - 1);
        lines.emplace_back(text.substr(0, end + 1));
        text.remove_prefix(end + 1);
    }
    return lines;
}

// Where an entry stands among the lines; a value may go on over several.
struct EntryLines {
    std::size_t first = 0;
    std::size_t count = 0;
    std::string text;
};

bool holds(const std::string& text, const EnvEntry& entry) {
    const EnvFile alone = parse_env_file(text);
    return alone.faults.empty() && alone.entries.size() == 1 &&
           alone.entries.front().name == entry.name && alone.entries.front().value == entry.value;
}

std::optional<EntryLines> lines_of(const EnvEntry& entry, const std::vector<std::string>& lines) {
    EntryLines found{static_cast<std::size_t>(entry.line - 1), 0, ""};
    while (found.first + found.count < lines.size()) {
        found.text += lines[found.first + found.count];
        found.count += 1;
        if (holds(found.text, entry)) return found;
    }
    return std::nullopt;
}

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

// Where the entry's value ends: what follows is blank, or a comment.
std::size_t end_of_value(const std::string& text, std::size_t begin, const EnvEntry& entry) {
    for (std::size_t next = begin; next < text.size(); ++next) {
        if (text[next] != '#') continue;
        std::size_t end = next;
        while (end > begin && is_blank(text[end - 1])) --end;
        if (holds(text.substr(0, end), entry)) return end;
    }
    std::size_t end = text.size();
    while (end > begin && is_blank(text[end - 1])) --end;
    return end;
}

// The entry with another value: its `export`, its comment and its line end stay.
std::string changed(const std::string& text, const EnvEntry& entry, const std::string& value) {
    const std::size_t equals = text.find('=');
    std::size_t begin = equals + 1;
    while (begin < text.size() && (text[begin] == ' ' || text[begin] == '\t')) ++begin;
    // Without a value, the blanks belong to the comment.
    if (begin == text.size() || text[begin] == '#') begin = equals + 1;
    const std::string tail = text.substr(end_of_value(text, begin, entry));
    return text.substr(0, begin) + quoted(value) + (tail.starts_with('#') ? " " : "") + tail;
}

Error failure(const std::filesystem::path& path, const char* what) {
    return Error{Errc::unavailable, path.string() + ": " + what + ": " + std::strerror(errno)};
}

// Ctrl-C waits until the file is whole.
class SignalsHeld {
public:
    SignalsHeld() {
        sigset_t held;
        sigemptyset(&held);
        for (const int signal : {SIGINT, SIGTERM, SIGHUP}) sigaddset(&held, signal);
        pthread_sigmask(SIG_BLOCK, &held, &before_);
    }
    ~SignalsHeld() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
    SignalsHeld(const SignalsHeld&) = delete;
    SignalsHeld& operator=(const SignalsHeld&) = delete;

private:
    sigset_t before_{};
};

Result<void> write_all(int file, std::string_view text, const std::filesystem::path& path) {
    while (!text.empty()) {
        const ssize_t size = ::write(file, text.data(), text.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return failure(path, "cannot be written");
        text.remove_prefix(static_cast<std::size_t>(size));
    }
    if (::fsync(file) != 0) return failure(path, "cannot be written");
    return {};
}

// A package's folder of settings is closed to all but root and the service, which has its group:
// what root makes there is for the service.
bool is_of_service(const struct stat& folder) {
    return ::geteuid() == 0 && folder.st_gid != 0 && (folder.st_mode & S_IRWXO) == 0;
}

Result<void> take_owner(int file, const std::filesystem::path& path) {
    struct stat before {};
    struct stat folder {};
    const bool is_new = ::stat(path.c_str(), &before) != 0;
    const std::string parent = path.has_parent_path() ? path.parent_path().string() : ".";
    const bool is_for_service = ::stat(parent.c_str(), &folder) == 0 && is_of_service(folder);
    if (is_new && !is_for_service) return {};
    if (is_new) {
        before.st_gid = folder.st_gid;
        before.st_mode = S_IRGRP;
    }
    // Another owner's file, and we are not root: the group would be ours, who is not meant.
    if (::fchown(file, before.st_uid, before.st_gid) != 0) return {};
    // Where everybody could read it, nobody had chosen the group.
    const bool is_chosen = is_for_service || (before.st_mode & S_IROTH) == 0;
    const mode_t group = is_chosen ? before.st_mode & S_IRGRP : 0;
    if (::fchmod(file, group | S_IRUSR | S_IWUSR) != 0) {
        return failure(path, "cannot be closed to others");
    }
    return {};
}

std::string with_env_value(const std::string& text, const std::string& name,
                           const std::string& value) {
    const EnvFile file = parse_env_file(text);
    const auto last = std::find_if(file.entries.rbegin(), file.entries.rend(),
                                   [&](const EnvEntry& entry) { return entry.name == name; });
    if (last != file.entries.rend() && last->value == value) return text;
    std::vector<std::string> lines = lines_of(text);
    const auto old = last == file.entries.rend() ? std::nullopt : lines_of(*last, lines);
    std::string whole;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (!old || i < old->first || i >= old->first + old->count) whole += lines[i];
        if (old && i == old->first) whole += changed(old->text, *last, value);
    }
    if (old) return whole;
    const bool is_windows = !lines.empty() && lines.front().ends_with("\r\n");
    const std::string line_end = is_windows ? "\r\n" : "\n";
    if (!whole.empty() && !whole.ends_with('\n')) whole += line_end;
    return whole + name + "=" + quoted(value) + line_end;
}

}  // namespace

std::string with_env_values(std::string_view text, const EnvValues& values) {
    std::string whole(text);
    for (const auto& [name, value] : values) whole = with_env_value(whole, name, value);
    return whole;
}

Result<void> write_private_file(const std::filesystem::path& path, std::string_view text) {
    const SignalsHeld held;
    std::error_code error;
    const bool is_link = std::filesystem::is_symlink(path, error);
    const std::filesystem::path target = is_link ? std::filesystem::canonical(path, error) : path;
    if (error && is_link) return Error{Errc::unavailable, path.string() + ": leads nowhere"};
    const std::filesystem::path fresh = target.string() + "." + std::to_string(::getpid());
    const int file = ::open(fresh.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (file < 0) return failure(fresh, "cannot be made");
    auto done = write_all(file, text, fresh);
    if (done) done = take_owner(file, target);
    ::close(file);
    if (done && ::rename(fresh.c_str(), target.c_str()) != 0) {
        done = failure(target, "cannot be written");
    }
    if (!done) ::unlink(fresh.c_str());
    return done;
}

}  // namespace wrapup
