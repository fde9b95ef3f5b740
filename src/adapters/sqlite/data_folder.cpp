#include "adapters/sqlite/data_folder.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/text.hpp"

namespace wrapup {
namespace {

Error system_error(const std::string& path, int code) {
    return {Errc::unavailable, path + ": " + std::generic_category().message(code)};
}

// " (process 123)", when the holder wrote who it is.
std::string holder_of(int descriptor) {
    std::array<char, 32> text{};
    const ssize_t size = ::pread(descriptor, text.data(), text.size(), 0);
    if (size <= 0) return {};
    const auto pid = parse_int(trim({text.data(), static_cast<std::size_t>(size)}));
    return pid ? " (process " + std::to_string(*pid) + ")" : std::string{};
}

}  // namespace

Result<void> make_data_folder(const std::string& folder) {
    for (std::size_t at = folder.find('/', 1);; at = folder.find('/', at + 1)) {
        const std::string path = folder.substr(0, at);
        if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST) return system_error(path, errno);
        if (at == std::string::npos) break;
    }
    struct stat status {};
    if (::stat(folder.c_str(), &status) != 0) return system_error(folder, errno);
    if (!S_ISDIR(status.st_mode)) return system_error(folder, ENOTDIR);
    return {};
}

Result<void> check_room(const std::string& folder, std::uint64_t bytes_min) {
    struct statvfs disk {};
    // A file system without blocks does not tell.
    if (::statvfs(folder.c_str(), &disk) != 0 || disk.f_blocks == 0) return {};
    const std::uint64_t blocks = ::geteuid() == 0 ? disk.f_bfree : disk.f_bavail;
    const std::uint64_t bytes = blocks * disk.f_frsize;
    if (bytes >= bytes_min) return {};
    return Error{Errc::unavailable, folder + ": its disk is full: " + std::to_string(bytes >> 10) +
                                        " KiB are free, and the store needs " +
                                        std::to_string(bytes_min >> 10) +
                                        " KiB to be opened: make room there"};
}

Result<DataFolderLock> DataFolderLock::acquire(const std::string& folder) {
    WRAPUP_CHECK(make_data_folder(folder));
    const std::string path = folder + "/wrapup.lock";
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (descriptor < 0) return system_error(path, errno);
    DataFolderLock lock{path, descriptor};
    if (::flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
        if (errno != EWOULDBLOCK) return system_error(path, errno);
        return Error{Errc::conflict, folder + ": another wrapup" + holder_of(descriptor) +
                                         " is using this data folder: stop it first, or name "
                                         "another folder (WRAPUP_DATA_DIR)"};
    }
    // Who holds it is a courtesy to the reader: a full disk must not keep us from starting.
    const std::string pid = std::to_string(::getpid()) + "\n";
    if (::ftruncate(descriptor, 0) == 0) {
        [[maybe_unused]] const auto written = ::pwrite(descriptor, pid.data(), pid.size(), 0);
    }
    return lock;
}

DataFolderLock::DataFolderLock(DataFolderLock&& other) noexcept
    : path_(std::move(other.path_)), descriptor_(std::exchange(other.descriptor_, -1)) {}

DataFolderLock& DataFolderLock::operator=(DataFolderLock&& other) noexcept {
    std::swap(path_, other.path_);
    std::swap(descriptor_, other.descriptor_);
    return *this;
}

DataFolderLock::~DataFolderLock() {
    if (descriptor_ >= 0) ::close(descriptor_);
}

bool DataFolderLock::is_in_place() const {
    struct stat held {};
    struct stat found {};
    return ::fstat(descriptor_, &held) == 0 && ::stat(path_.c_str(), &found) == 0 &&
           held.st_dev == found.st_dev && held.st_ino == found.st_ino;
}

}  // namespace wrapup
