#pragma once

// What every test on PostgreSQL has: a database of its own, on a server that those of one program
// share.

#include <gtest/gtest.h>

#include <chrono>
#include <memory>
#include <string>

#include "adapters/postgres/store.hpp"
#include "test/postgres/server.hpp"

namespace wrapup {

class PostgresTest : public testing::Test {
public:
    static PostgresServer& server() {
        static PostgresServer one;
        return one;
    }

protected:
    void SetUp() override {
        ASSERT_TRUE(server().is_started()) << "PostgreSQL cannot be started: is it installed?";
        url = server().make_database();
        database = url.substr(url.rfind('/') + 1);
    }
    static std::unique_ptr<PostgresStore> open_postgres(const PostgresStore::OpenOptions& options) {
        auto opened = PostgresStore::open(options);
        EXPECT_TRUE(opened) << opened.error().detail;
        return opened ? *std::move(opened) : nullptr;
    }
    void execute(const std::string& sql) const { server().execute(sql, database); }
    std::string ask(const std::string& sql) const { return server().ask(sql, database); }
    static UtcTime wall_now() {
        return std::chrono::floor<milliseconds>(std::chrono::system_clock::now());
    }

    std::string url;
    std::string database;
};

}  // namespace wrapup
