#pragma once

// Several nodes on one database.

#include "test/postgres/fixture.hpp"
#include "test/store/operations.hpp"

namespace wrapup {

// The database's time in its own words, as its rows have it.
inline const std::string now_ms = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint";

class PostgresFleet : public PostgresTest {
protected:
    std::unique_ptr<PostgresStore> open(const std::string& id, const std::string& host = "here") {
        return open_postgres({.url = url, .node = {id, host, 1, "1.0"}});
    }
    static void append(PostgresStore& to, const std::string& sid) {
        const StoreOp op = AppendEvent{event_of(sid, "a")};
        ASSERT_TRUE(to.commit(std::span(&op, 1), wall_now()));
    }
    static std::set<std::string, std::less<>> duties_of(PostgresStore& node) {
        const auto news = node.beat({});
        EXPECT_TRUE(news) << news.error().detail;
        return news->nodes.front().duties;
    }
};

}  // namespace wrapup
