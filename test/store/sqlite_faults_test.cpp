// Crashes, full disks, and reading beside writing.

#include <gtest/gtest.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <filesystem>
#include <limits>
#include <thread>

#include "adapters/sqlite/store.hpp"
#include "test/store/operations.hpp"
#include "test/store/temporary_folder.hpp"

namespace wrapup {
namespace {

std::string sid_of(int number) { return "CA" + std::to_string(number); }

// One call from its first event to its delivery, told number by number to `acknowledge`.
void work_until_killed(const std::string& path, int first, int acknowledge) {
    const auto store = SqliteStore::open({path, 0});
    if (!store) ::_exit(3);
    for (int number = first;; ++number) {
        const std::vector<StoreOp> ops{AppendEvent{event_of(sid_of(number), "a")},
                                       AppendEvent{event_of(sid_of(number), "b")}};
        if (!(*store)->commit(ops, t0)) ::_exit(4);
        const auto claimed = (*store)->claim_call(sid_of(number), t0, lease);
        if (!claimed) ::_exit(5);
        SettleCall op = answer_to(*claimed);
        op.then = fix_of();
        const auto settled = (*store)->commit(std::vector<StoreOp>{op}, t0);
        if (!settled || !settled->front()) ::_exit(6);
        if (::write(acknowledge, &number, sizeof number) != sizeof number) ::_exit(7);
    }
}

// Returns the last number that was acknowledged before the child was killed.
int kill_in_the_middle(const std::string& path, int first, int acknowledged_min) {
    std::array<int, 2> ends{};
    EXPECT_EQ(::pipe(ends.data()), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        ::close(ends[0]);
        work_until_killed(path, first, ends[1]);
    }
    ::close(ends[1]);
    int last = first - 1;
    int number = 0;
    while (::read(ends[0], &number, sizeof number) == sizeof number) {
        last = number;
        if (last == first + acknowledged_min) ::kill(child, SIGKILL);
    }
    ::close(ends[0]);
    int status = 0;
    ::waitpid(child, &status, 0);
    EXPECT_TRUE(WIFSIGNALED(status)) << "exit code " << WEXITSTATUS(status);
    return last;
}

TEST(SqliteCrash, loses_nothing_that_was_acknowledged) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    int next = 0;
    for (int round = 0; round < 10; ++round) {
        const int last = kill_in_the_middle(path, next, 20 + 7 * round);
        ASSERT_GE(last, next);
        const auto store = SqliteStore::open({path, 0});
        ASSERT_TRUE(store) << store.error().detail;
        EXPECT_EQ(*(*store)->check_integrity(), std::vector<std::string>{});
        for (int number = next; number <= last; ++number) {
            const auto story = (*store)->find_story(sid_of(number));
            ASSERT_TRUE(story) << sid_of(number) << " was acknowledged and is gone";
            EXPECT_EQ(story->events.size(), 2U);
            EXPECT_EQ(story->call.record, fix_of().body);
            EXPECT_EQ(story->deliveries.size(), 1U);
        }
        // At most the one in progress is there beyond what was acknowledged.
        EXPECT_FALSE((*store)->find_story(sid_of(last + 2)));
        next = last + 2;
    }
}

NewEvent big_event(int number) {
    NewEvent event = event_of(sid_of(number), "a");
    event.payload = "{\"x\":\"" + std::string(4000, 'x') + "\"}";
    return event;
}

// Appends until the disk is full; every call that was acknowledged is counted.
int fill_up(Store& store) {
    for (int number = 0; number < 100'000; ++number) {
        const auto outcomes =
            store.commit(std::vector<StoreOp>{AppendEvent{big_event(number)}}, t0);
        if (outcomes) continue;
        EXPECT_EQ(outcomes.error().code, Errc::unavailable) << outcomes.error().detail;
        return number;
    }
    ADD_FAILURE() << "the disk never became full";
    return 0;
}

TEST(SqliteFullDisk, is_not_opened_without_room) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    ASSERT_TRUE(SqliteStore::open({.path = path}));
    std::filesystem::remove(path + "-shm");
    constexpr auto more_than_any = std::numeric_limits<std::uint64_t>::max();
    const auto store = SqliteStore::open({.path = path, .free_bytes_min = more_than_any});
    ASSERT_FALSE(store);
    EXPECT_EQ(store.error().code, Errc::unavailable);
    EXPECT_EQ(store.error().detail.rfind(folder.path() + ": its disk is full: ", 0), 0U)
        << store.error().detail;
    EXPECT_FALSE(std::filesystem::exists(path + "-shm")) << "nothing is mapped";
}

// Maps what has no block behind it, as a full disk would: whoever touches it dies of SIGBUS.
struct Mapping {
    using Map = void* (*)(void*, std::size_t, int, int, int, off_t);

    static void* map(void* at, std::size_t size, int access, int flags, int file, off_t offset) {
        const bool is_hole = regions_left == 0;
        if (regions_left > 0) regions_left -= 1;
        static const int empty = ::memfd_create("empty", MFD_CLOEXEC);
        return ::mmap(at, size, access, flags, is_hole ? empty : file, is_hole ? 0 : offset);
    }
    Mapping() { set(reinterpret_cast<sqlite3_syscall_ptr>(static_cast<Map>(map))); }
    ~Mapping() { set(nullptr); }
    static void set(sqlite3_syscall_ptr call) {
        sqlite3_vfs* const vfs = sqlite3_vfs_find(nullptr);
        EXPECT_EQ(vfs->xSetSystemCall(vfs, "mmap", call), SQLITE_OK);
    }
    static inline int regions_left = 0;  // That have blocks.
};

TEST(SqliteFullDisk, a_start_without_room_for_the_index_of_the_log_fails) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    ASSERT_TRUE(SqliteStore::open({.path = path}));
    {
        const Mapping full;
        Mapping::regions_left = 0;
        const auto store = SqliteStore::open({.path = path});
        ASSERT_FALSE(store);
        EXPECT_EQ(store.error().code, Errc::unavailable) << store.error().detail;
    }
    EXPECT_TRUE(SqliteStore::open({.path = path}));
}

// The index has a region for the first 4,062 pages of the log, and then one for each 4,096.
TEST(SqliteFullDisk, an_index_that_cannot_grow_is_unavailable_until_it_can) {
    const TemporaryFolder folder;
    const std::string path = folder.file("wrapup.db");
    int stored = 0;
    {
        const Mapping full;
        Mapping::regions_left = 1;
        const auto store = SqliteStore::open({.path = path});
        ASSERT_TRUE(store) << store.error().detail;
        stored = fill_up(**store);
        EXPECT_GT(stored, 100);
        EXPECT_TRUE((*store)->find_story(sid_of(stored - 1)));
        EXPECT_FALSE((*store)->resolve(sid_of(stored)));
    }
    const auto store = SqliteStore::open({.path = path});
    ASSERT_TRUE(store) << store.error().detail;
    EXPECT_TRUE((*store)->find_story(sid_of(stored - 1)));
    EXPECT_EQ(*(*store)->check_integrity(), std::vector<std::string>{});
}

TEST(SqliteFullDisk, is_unavailable_until_there_is_space) {
    const TemporaryFolder folder;
    const auto store = SqliteStore::open({folder.file("wrapup.db"), 200});
    ASSERT_TRUE(store);
    const int stored = fill_up(**store);
    EXPECT_GT(stored, 10);
    // Part of a batch is nothing of it.
    const std::vector<StoreOp> ops{AppendEvent{big_event(stored)},
                                   AppendEvent{big_event(stored + 1)}};
    EXPECT_FALSE((*store)->commit(ops, t0));
    EXPECT_FALSE((*store)->resolve(sid_of(stored)));
    EXPECT_TRUE((*store)->find_story(sid_of(stored - 1)));

    (*store)->limit_pages(100'000);
    const auto outcomes = (*store)->commit(ops, t0);
    ASSERT_TRUE(outcomes) << outcomes.error().detail;
    EXPECT_TRUE(std::get<Appended>(*outcomes->front()).is_new_call);
    EXPECT_EQ((*store)->counts()->calls.front().second, stored + 2);
    EXPECT_EQ(*(*store)->check_integrity(), std::vector<std::string>{});
}

// The same with a limit of the operating system, met in the middle of writing the log. Runs in a
// child, because the limit is the process's.
int meet_the_limit(const std::string& path) {
    ::signal(SIGXFSZ, SIG_IGN);
    const auto store = SqliteStore::open({path, 0});
    if (!store) return 2;
    rlimit limit{};
    ::getrlimit(RLIMIT_FSIZE, &limit);
    limit.rlim_cur = 2 << 20;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    const int stored = fill_up(**store);
    if (stored < 10 || testing::Test::HasFailure()) return 3;
    // A claim writes less than an event: there may be room for a few.
    UtcTime now = t0;
    while ((*store)->claim_calls(now, lease, 50)) {
        now += 2 * lease;
        if (now > t0 + 1000 * lease) return 4;
    }
    limit.rlim_cur = limit.rlim_max;
    ::setrlimit(RLIMIT_FSIZE, &limit);
    if (!(*store)->commit(std::vector<StoreOp>{AppendEvent{big_event(stored)}}, t0)) return 5;
    if ((*store)->counts()->calls.front().second != stored + 1) return 6;
    return (*store)->check_integrity()->empty() ? 0 : 7;
}

TEST(SqliteFullDisk, a_failed_write_leaves_the_store_usable) {
    const TemporaryFolder folder;
    const pid_t child = ::fork();
    if (child == 0) ::_exit(meet_the_limit(folder.file("wrapup.db")));
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST(SqliteThreads, read_beside_the_writer) {
    const TemporaryFolder folder;
    const auto opened = SqliteStore::open({folder.file("wrapup.db"), 0});
    ASSERT_TRUE(opened);
    SqliteStore& store = **opened;
    std::atomic<bool> is_done{false};
    std::atomic<int> failures_count{0};
    const auto read = [&] {
        std::size_t seen = 0;
        while (!is_done) {
            const auto page = store.list_calls({});
            const auto due = store.next_call_due();
            const auto story = store.find_story(sid_of(0));
            if (!page || !due || (!story && seen > 0)) failures_count += 1;
            // What was once seen stays.
            if (page && page->calls.size() < std::min<std::size_t>(seen, 50)) failures_count += 1;
            if (page) seen = page->calls.size();
        }
    };
    std::vector<std::thread> readers;
    for (int i = 0; i < 3; ++i) readers.emplace_back(read);
    for (int number = 0; number < 300; ++number) {
        if (!store.commit(std::vector<StoreOp>{AppendEvent{event_of(sid_of(number), "a")}}, t0)) {
            failures_count += 1;
        }
        if (!store.claim_calls(t0, lease, 3)) failures_count += 1;
    }
    is_done = true;
    for (std::thread& reader : readers) reader.join();
    EXPECT_EQ(failures_count, 0);
    EXPECT_EQ(store.counts()->calls.front().second, 300);
}

}  // namespace
}  // namespace wrapup
