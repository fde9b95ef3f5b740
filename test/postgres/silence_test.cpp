// A server that has connections, and answers on none of them.

#include <csignal>
#include <optional>
#include <sstream>
#include <thread>
#include <vector>

#include "test/postgres/fixture.hpp"
#include "test/store/operations.hpp"

namespace wrapup {
namespace {

// Its sessions, while it is there. The server refuses nobody meanwhile, and answers nobody.
class FrozenSessions {
public:
    explicit FrozenSessions(const std::string& pids) {
        std::istringstream words(pids);
        for (pid_t pid = 0; words >> pid;) {
            EXPECT_EQ(::kill(pid, SIGSTOP), 0);
            pids_.push_back(pid);
        }
        EXPECT_FALSE(pids_.empty());
    }
    ~FrozenSessions() {
        for (const pid_t pid : pids_) ::kill(pid, SIGCONT);
    }
    FrozenSessions(const FrozenSessions&) = delete;
    FrozenSessions& operator=(const FrozenSessions&) = delete;

private:
    std::vector<pid_t> pids_;
};

class PostgresSilence : public PostgresTest {
protected:
    static void append(PostgresStore& to, const std::string& sid) {
        const StoreOp op = AppendEvent{event_of(sid, "a")};
        EXPECT_TRUE(to.commit(std::span(&op, 1), wall_now()));
    }
    std::string sessions() const {
        return ask(
            "SELECT string_agg(pid::text, ' ') FROM pg_stat_activity"
            " WHERE application_name = 'wrapup' AND datname = current_database()");
    }
};

TEST_F(PostgresSilence, a_server_that_answers_no_beat_is_silent_for_all_until_it_says_something) {
    const auto a = open_postgres({.url = url,
                                  .read_deadline = seconds{300},
                                  .write_deadline = seconds{300},
                                  .silence_min = milliseconds{50},
                                  .node = {"a", "here", 1, "1.0"}});
    append(*a, "CA1");
    ASSERT_TRUE(a->beat({}));
    ASSERT_TRUE(a->find_story("CA1"));
    std::optional<FrozenSessions> frozen{sessions()};
    std::thread beats([&] { EXPECT_TRUE(a->beat({})); });
    const auto story = a->find_story("CA1");
    ASSERT_FALSE(story);
    EXPECT_EQ(story.error().code, Errc::unavailable);
    const StoreOp op = AppendEvent{event_of("CA2", "a")};
    const auto refused = a->commit(std::span(&op, 1), wall_now());
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::unavailable);
    frozen.reset();
    beats.join();
    EXPECT_TRUE(a->find_story("CA1"));
    append(*a, "CA2");
}

TEST_F(PostgresSilence, a_lock_that_one_read_waited_for_in_vain_costs_the_next_no_wait) {
    const auto a = open_postgres({.url = url});
    append(*a, "CA1");
    const std::unique_ptr<PGconn, decltype(&PQfinish)> other{PQconnectdb(url.c_str()), &PQfinish};
    PQclear(PQexec(other.get(), "BEGIN; LOCK TABLE wrapup.calls IN ACCESS EXCLUSIVE MODE"));
    const auto first = a->find_story("CA1");
    ASSERT_FALSE(first);
    EXPECT_NE(first.error().detail.find("55P03"), std::string::npos) << first.error().detail;
    const auto second = a->find_story("CA1");
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().detail, "PostgreSQL: somebody has locked a table");
    PQclear(PQexec(other.get(), "ROLLBACK"));
    while (!a->find_story("CA1")) {
    }
}

TEST_F(PostgresSilence, a_process_that_ends_waits_for_no_answer) {
    const auto a = open_postgres({.url = url,
                                  .read_deadline = seconds{300},
                                  .write_deadline = seconds{300},
                                  .patience = seconds{300},
                                  .node = {"a", "here", 1, "1.0"}});
    append(*a, "CA1");
    ASSERT_TRUE(a->beat({}));
    ASSERT_TRUE(a->find_story("CA1"));
    const FrozenSessions frozen{sessions()};
    std::thread writes([&] {
        const StoreOp op = AppendEvent{event_of("CA2", "a")};
        EXPECT_FALSE(a->commit(std::span(&op, 1), wall_now()));
    });
    std::thread beats([&] { EXPECT_FALSE(a->beat({})); });
    std::thread ends([&] { a->stop_waiting(std::chrono::steady_clock::now()); });
    EXPECT_FALSE(a->find_story("CA1"));
    for (std::thread* const one : {&writes, &beats, &ends}) one->join();
    EXPECT_FALSE(a->find_story("CA1"));
    a->leave();
}

}  // namespace
}  // namespace wrapup
