#pragma once

// The server that holds the dialler's documents, and the dialler that writes them.

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "adapters/mongo/settings.hpp"
#include "base/time.hpp"
#include "ports/clock.hpp"
#include "test/mongo/child.hpp"

namespace wrapup::test {

// A clock that may be moved.
class TestClock final : public Clock {
public:
    UtcTime now() const override {
        return std::chrono::floor<milliseconds>(std::chrono::system_clock::now()) +
               milliseconds{skew_ms_.load()};
    }
    Task<void> sleep_until(UtcTime, Alarm*) override { co_return; }
    void move(milliseconds by) { skew_ms_ += by.count(); }

private:
    std::atomic<std::int64_t> skew_ms_ = 0;
};

inline sockaddr_in loopback(std::uint16_t port) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

inline std::uint16_t free_port() {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    EXPECT_EQ(bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
    close(fd);
    return ntohs(address.sin_port);
}

inline bool accepts(std::uint16_t port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address = loopback(port);
    const bool is_up = connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0;
    close(fd);
    return is_up;
}

inline void wait_until_accepting(std::uint16_t port) {
    const auto give_up_at = std::chrono::steady_clock::now() + std::chrono::seconds{30};
    while (!accepts(port)) {
        ASSERT_LT(std::chrono::steady_clock::now(), give_up_at) << "nothing listens there";
        std::this_thread::sleep_for(milliseconds{20});
    }
}

// A folder that goes with the test.
class ScratchFolder {
public:
    ScratchFolder() {
        std::string pattern = (std::filesystem::temp_directory_path() / "wrapup-XXXXXX").string();
        EXPECT_NE(mkdtemp(pattern.data()), nullptr);
        path_ = pattern;
    }
    ~ScratchFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    ScratchFolder(const ScratchFolder&) = delete;
    ScratchFolder& operator=(const ScratchFolder&) = delete;

    std::filesystem::path path() const { return path_; }

private:
    std::filesystem::path path_;
};

// nx-27017 as a process of its own. The same port and files over restarts.
class NxServer {
public:
    NxServer() { start(); }

    void start() {
        const std::string program = "build/nx-27017/bin/nx-27017";
        ASSERT_TRUE(std::filesystem::exists(program)) << "run test/mongo/setup-nx";
        const std::string folder = scratch_.path().string();
        std::filesystem::create_directories(folder + "/data");
        process_.start({program, "--data-dir", folder + "/data", "--host", "127.0.0.1", "-p",
                        std::to_string(port_), "--log-file", folder + "/log", "--pid-file",
                        folder + "/pid", "--journal-mode", "DELETE"});
        wait_until_accepting(port_);
    }

    void kill_9() { process_.end(SIGKILL); }
    void freeze() const { process_.signal(SIGSTOP); }
    void thaw() const { process_.signal(SIGCONT); }

    std::uint16_t port() const { return port_; }
    std::string uri() const { return "mongodb://127.0.0.1:" + std::to_string(port_); }
    std::filesystem::path data() const { return scratch_.path() / "data"; }

private:
    ScratchFolder scratch_;
    std::uint16_t port_ = free_port();
    Child process_;
};

// seed.mjs: mongoose, as a Node dialler uses it.
class Dialler {
public:
    explicit Dialler(const std::string& uri) {
        process_.start({"node", "test/mongo/seed.mjs", uri});
        EXPECT_EQ(process_.read_line(), R"({"ready":true})")
            << "run script/setup: the dialler needs Node and mongoose";
    }

    // `docs` is a JSON array; see seed.mjs.
    void write(const std::string& database, const std::string& model, const std::string& docs) {
        send(R"({"db":")" + database + R"(","model":")" + model + R"(","docs":)" + docs + "}");
    }
    void index(const std::string& database, const std::string& collection,
               const std::string& field) {
        send(R"({"db":")" + database + R"(","index":")" + collection + R"(","field":")" + field +
             R"("})");
    }
    void drop(const std::string& database) { send(R"({"db":")" + database + R"(","drop":true})"); }

private:
    void send(std::string request) {
        std::replace(request.begin(), request.end(), '\n', ' ');
        process_.write_line(request);
        const std::string answer = process_.read_line();
        ASSERT_FALSE(answer.empty()) << "the dialler is gone";
        ASSERT_EQ(answer.find(R"({"error")"), std::string::npos) << answer;
    }

    Child process_;
};

inline std::string new_database_name() {
    static int count = 0;
    return "wrapup_test_" + std::to_string(getpid()) + "_" + std::to_string(++count);
}

inline MongoSettings settings_of(const std::string& uri) {
    const Result<MongoSettings> settings = parse_mongo_uri(uri);
    EXPECT_TRUE(settings) << settings.error().detail;
    return settings ? *settings : MongoSettings{};
}

// One server and one dialler for all tests that do not break them: the user's own server when
// WRAPUP_TEST_MONGODB_URI names one, else nx-27017.
class World {
public:
    static World& get() {
        static World world;
        return world;
    }

    // With the database in the place of the one that the URI may name.
    std::string uri(const std::string& database) const {
        const std::size_t host = uri_.find("://") + 3;
        const std::size_t path = uri_.find('/', host);
        const std::size_t options = uri_.find('?', host);
        const std::string base = uri_.substr(0, std::min(path, options));
        return base + "/" + database + (options == std::string::npos ? "" : uri_.substr(options));
    }
    bool is_nx() const { return nx_ != nullptr; }
    const NxServer& nx() const { return *nx_; }
    Dialler& dialler() { return *dialler_; }

private:
    World() {
        const char* own = std::getenv("WRAPUP_TEST_MONGODB_URI");
        if (own == nullptr) {
            nx_ = std::make_unique<NxServer>();
            uri_ = nx_->uri();
        } else {
            uri_ = own;
        }
        dialler_ = std::make_unique<Dialler>(uri("admin"));
    }

    std::string uri_;
    std::unique_ptr<NxServer> nx_;
    std::unique_ptr<Dialler> dialler_;
};

// A database of its own, dropped at the end.
class MongoTest : public testing::Test {
protected:
    ~MongoTest() override { World::get().dialler().drop(database); }

    void write(const std::string& model, const std::string& docs) {
        World::get().dialler().write(database, model, docs);
    }
    MongoSettings settings() const { return settings_of(World::get().uri(database)); }

    std::string database = new_database_name();
    TestClock clock;
};

}  // namespace wrapup::test
