#include "adapters/sqlite/file_watch.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace wrapup::sqlite {
namespace {

Error system_error(const std::string& path) {
    return {Errc::unavailable, path + ": " + std::generic_category().message(errno)};
}

Error changed(const std::string& path, std::string_view what) {
    return {Errc::corrupt, path + ": " + std::string(what) + " while wrapup was using it"};
}

}  // namespace

Result<FileWatch> FileWatch::lock(const std::string& path) {
    FileWatch watch;
    watch.files_[0].path = path;
    watch.files_[1].path = path + "-wal";
    watch.files_[2].path = path + "-shm";
    watch.database_ = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (watch.database_ < 0) return system_error(path);
    if (::flock(watch.database_, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return system_error(path);
        return Error{Errc::conflict, path + ": another wrapup is using this database"};
    }
    return watch;
}

FileWatch::FileWatch(FileWatch&& other) noexcept
    : files_(std::move(other.files_)),
      size_seen_(other.size_seen_),
      log_size_seen_(other.log_size_seen_),
      database_(std::exchange(other.database_, -1)),
      log_(std::exchange(other.log_, -1)) {}

FileWatch& FileWatch::operator=(FileWatch&& other) noexcept {
    std::swap(files_, other.files_);
    std::swap(size_seen_, other.size_seen_);
    std::swap(log_size_seen_, other.log_size_seen_);
    std::swap(database_, other.database_);
    std::swap(log_, other.log_);
    return *this;
}

FileWatch::~FileWatch() {
    if (log_ >= 0) ::close(log_);
    if (database_ >= 0) ::close(database_);
}

Result<void> FileWatch::start() {
    log_ = ::open(files_[1].path.c_str(), O_RDONLY | O_CLOEXEC);
    if (log_ < 0) return system_error(files_[1].path);
    for (File& file : files_) {
        struct stat status {};
        if (::stat(file.path.c_str(), &status) != 0) return system_error(file.path);
        file.device = status.st_dev;
        file.inode = status.st_ino;
        if (&file == &files_.front()) size_seen_ = status.st_size;
    }
    return {};
}

Result<void> FileWatch::check() {
    const std::lock_guard lock{mutex_};
    off_t size = 0;
    for (const File& file : files_) {
        struct stat status {};
        if (::stat(file.path.c_str(), &status) != 0) {
            if (errno == ENOENT || errno == ENOTDIR) return changed(file.path, "was moved away");
            return system_error(file.path);
        }
        if (status.st_dev != file.device || status.st_ino != file.inode) {
            return changed(file.path, "was replaced by another file");
        }
        if (&file == &files_.front()) size = status.st_size;
        if (&file == &files_[1]) log_size_seen_ = status.st_size;
    }
    // The log may be cut back by anybody's checkpoint; the database never is.
    if (size < size_seen_) return changed(files_.front().path, "became shorter");
    size_seen_ = size;
    return check_log();
}

Result<void> FileWatch::check_before_write() {
    const std::lock_guard lock{mutex_};
    struct stat status {};
    if (log_ < 0 || ::fstat(log_, &status) != 0) return {};
    // A checkpoint of somebody else's may empty it, and never cuts it elsewhere.
    if (status.st_size == 0 || status.st_size >= log_size_seen_) return {};
    return changed(files_[1].path, "was cut");
}

// A log that was emptied grows again behind a hole, and nothing in it will ever be read.
Result<void> FileWatch::check_log() const {
    std::array<unsigned char, 4> magic{};
    const ssize_t size = ::pread(log_, magic.data(), magic.size(), 0);
    if (size <= 0) return {};
    const bool is_log = magic[0] == 0x37 && magic[1] == 0x7F && magic[2] == 0x06;
    if (!is_log) return changed(files_[1].path, "was overwritten");
    return {};
}

}  // namespace wrapup::sqlite
