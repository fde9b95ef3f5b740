#include "adapters/sqlite/log_file.hpp"

#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstdint>
#include <memory>
#include <string>

#include "base/assert.hpp"

namespace wrapup::sqlite {
namespace {

constexpr const char* vfs_name = "wrapup-log";
// SQLite's own VFS writes no more at a time, and takes a larger size for a smaller one.
constexpr std::size_t kept_bytes_max = 0x1ffff;

// As SQLite allocates it: the file of the default VFS lies behind it.
struct LogFile {
    sqlite3_file as_file;
    std::string* kept;  // Not yet written.
    sqlite3_int64 kept_at;
    bool gathers;
};

LogFile& log_of(sqlite3_file* file) { return *static_cast<LogFile*>(static_cast<void*>(file)); }

sqlite3_file* real_of(LogFile& log) {
    return static_cast<sqlite3_file*>(static_cast<void*>(&log + 1));
}

// A log is written from its beginning to its end. What lies behind the end of the file shows that
// somebody has cut it: nothing behind the hole would ever be read again.
int write_through(LogFile& log, const void* bytes, int size, sqlite3_int64 at) {
    sqlite3_file* const real = real_of(log);
    sqlite3_int64 end = 0;
    const int code = real->pMethods->xFileSize(real, &end);
    if (code != SQLITE_OK) return code;
    if (at > end) return SQLITE_CORRUPT;
    return real->pMethods->xWrite(real, bytes, size, at);
}

int write_kept(LogFile& log) {
    if (log.kept->empty()) return SQLITE_OK;
    const int code =
        write_through(log, log.kept->data(), static_cast<int>(log.kept->size()), log.kept_at);
    // What failed is not tried again: SQLite undoes the transaction.
    log.kept->clear();
    return code;
}

// For everything that looks at the file or changes it in another way.
template <class Act>
int after_kept(sqlite3_file* file, Act act) {
    LogFile& log = log_of(file);
    const int code = write_kept(log);
    return code == SQLITE_OK ? act(real_of(log)) : code;
}

int write(sqlite3_file* file, const void* bytes, int size, sqlite3_int64 at) {
    LogFile& log = log_of(file);
    const auto length = static_cast<std::size_t>(size);
    const bool follows = at == log.kept_at + static_cast<sqlite3_int64>(log.kept->size());
    if (!follows || !log.gathers || log.kept->size() + length > kept_bytes_max) {
        const int code = write_kept(log);
        if (code != SQLITE_OK) return code;
    }
    if (!log.gathers) return write_through(log, bytes, size, at);
    if (log.kept->empty()) log.kept_at = at;
    log.kept->append(static_cast<const char*>(bytes), length);
    return SQLITE_OK;
}

int close(sqlite3_file* file) {
    const int code = after_kept(file, [](auto* real) { return real->pMethods->xClose(real); });
    delete log_of(file).kept;
    return code;
}

constexpr sqlite3_io_methods log_methods{
    1,
    close,
    [](sqlite3_file* file, void* into, int size, sqlite3_int64 at) {
        return after_kept(file,
                          [=](auto* real) { return real->pMethods->xRead(real, into, size, at); });
    },
    write,
    [](sqlite3_file* file, sqlite3_int64 size) {
        return after_kept(file, [=](auto* real) { return real->pMethods->xTruncate(real, size); });
    },
    [](sqlite3_file* file, int flags) {
        return after_kept(file, [=](auto* real) { return real->pMethods->xSync(real, flags); });
    },
    [](sqlite3_file* file, sqlite3_int64* size) {
        return after_kept(file, [=](auto* real) { return real->pMethods->xFileSize(real, size); });
    },
    [](sqlite3_file* file, int level) {
        return after_kept(file, [=](auto* real) { return real->pMethods->xLock(real, level); });
    },
    [](sqlite3_file* file, int level) {
        return after_kept(file, [=](auto* real) { return real->pMethods->xUnlock(real, level); });
    },
    [](sqlite3_file* file, int* is_reserved) {
        return after_kept(file, [=](auto* real) {
            return real->pMethods->xCheckReservedLock(real, is_reserved);
        });
    },
    [](sqlite3_file* file, int op, void* value) {
        return after_kept(
            file, [=](auto* real) { return real->pMethods->xFileControl(real, op, value); });
    },
    [](sqlite3_file* file) {
        sqlite3_file* const real = real_of(log_of(file));
        return real->pMethods->xSectorSize(real);
    },
    [](sqlite3_file* file) {
        sqlite3_file* const real = real_of(log_of(file));
        return real->pMethods->xDeviceCharacteristics(real);
    },
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
    nullptr,
};

sqlite3_vfs* default_vfs() {
    static sqlite3_vfs* const found = sqlite3_vfs_find(nullptr);
    return found;
}

// Whether all of it can be written, which is seen without writing. SQLite makes the index long by
// one byte for each 4 KiB: on blocks that are smaller most of it is holes, and on a full disk
// whoever writes into one dies of SIGBUS. Before Linux 5.14 nobody can tell.
bool is_backed(volatile void* region, int size) {
    const auto page_size = static_cast<std::uintptr_t>(::sysconf(_SC_PAGESIZE));
    auto* const begin = static_cast<char*>(const_cast<void*>(region));
    const std::uintptr_t before = reinterpret_cast<std::uintptr_t>(begin) % page_size;
    const std::size_t length = static_cast<std::size_t>(size) + before;
    return ::madvise(begin - before, length, MADV_POPULATE_WRITE) == 0 || errno != EFAULT;
}

// The default VFS's, whose files all have the same.
const sqlite3_io_methods* database_methods = nullptr;

int map_index(sqlite3_file* file, int number, int size, int extends, void volatile** region) {
    const int code = database_methods->xShmMap(file, number, size, extends, region);
    if (code != SQLITE_OK || *region == nullptr || is_backed(*region, size)) return code;
    *region = nullptr;
    return SQLITE_FULL;
}

void guard_index(sqlite3_file* database) {
    static const sqlite3_io_methods guarded = [database] {
        database_methods = database->pMethods;
        sqlite3_io_methods methods = *database_methods;
        methods.xShmMap = map_index;
        return methods;
    }();
    if (database->pMethods == database_methods) database->pMethods = &guarded;
}

int open(sqlite3_vfs*, const char* name, sqlite3_file* file, int flags, int* flags_out) {
    sqlite3_vfs* const real = default_vfs();
    if ((flags & SQLITE_OPEN_WAL) == 0) {
        const int opened = real->xOpen(real, name, file, flags, flags_out);
        const bool is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0;
        if (opened == SQLITE_OK && is_database) guard_index(file);
        return opened;
    }
    LogFile& log = log_of(file);
    log = LogFile{};
    const int code = real->xOpen(real, name, real_of(log), flags, flags_out);
    if (code != SQLITE_OK) return code;
    log.kept = new std::string;
    log.as_file.pMethods = &log_methods;
    return SQLITE_OK;
}

}  // namespace

const char* log_vfs() {
    static const int registered = [] {
        static sqlite3_vfs vfs = *default_vfs();
        vfs.zName = vfs_name;
        vfs.szOsFile += static_cast<int>(sizeof(LogFile));
        vfs.xOpen = open;
        return sqlite3_vfs_register(&vfs, 0);
    }();
    WRAPUP_ASSERT(registered == SQLITE_OK);
    return vfs_name;
}

void gather_log(Connection& writer, bool gathers) {
    sqlite3_file* file = nullptr;
    sqlite3_file_control(writer.handle(), "main", SQLITE_FCNTL_JOURNAL_POINTER, &file);
    if (file != nullptr && file->pMethods == &log_methods) log_of(file).gathers = gathers;
}

}  // namespace wrapup::sqlite
