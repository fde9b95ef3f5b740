// What goes over the wire: few reads, and nothing but reads.

#include <gmock/gmock.h>

#include <fstream>
#include <map>
#include <sstream>

#include "adapters/mongo/diagnosis.hpp"
#include "adapters/mongo/metadata.hpp"
#include "test/metadata_find.hpp"
#include "test/mongo/proxy.hpp"

namespace wrapup {
namespace {

using namespace std::chrono_literals;
using test::Command;
using test::Dialler;
using test::NxServer;
using test::Proxy;
using test::settings_of;
using Kind = MetadataAnswer::Kind;

class MongoTraffic : public testing::Test {
protected:
    static constexpr int calls_count = 100;

    MongoTraffic() {
        std::string calls;
        std::string contacts;
        for (int i = 0; i < calls_count; ++i) {
            const std::string number = std::to_string(100 + i);
            calls += (i == 0 ? "" : ",") + (R"({"callSid":"CA)" + number) + R"(","campaignId":"k)" +
                     std::to_string(i % 5) + R"("})";
            contacts += (i == 0 ? "" : ",") + (R"({"phoneNumber":"+61400000)" + number) +
                        R"(","name":"n)" + number + R"("})";
        }
        Dialler dialler{server.uri() + "/admin"};
        dialler.write("d", "calls", "[" + calls + "]");
        dialler.write("d", "contacts", "[" + contacts + "]");
        dialler.write("d", "campaigns", R"([{"_id":"k0","name":"zero"},{"_id":"k1","name":"one"},
            {"_id":"k2","name":"two"},{"_id":"k3","name":"three"}])");
    }

    static MetadataQuery query(int i) {
        const std::string number = std::to_string(100 + i);
        return {"CA" + number, "", "+61400000" + number};
    }
    static std::vector<MetadataQuery> all_queries() {
        std::vector<MetadataQuery> queries;
        for (int i = 0; i < calls_count; ++i) queries.push_back(query(i));
        return queries;
    }
    MongoSettings settings() const { return settings_of(proxy.uri() + "/d"); }

    NxServer server;
    Proxy proxy{server.port()};
    test::TestClock clock;
};

TEST_F(MongoTraffic, a_hundred_lookups_are_three_reads) {
    MongoMetadata metadata{settings(), {}, clock};

    const auto answers = find_now(metadata, all_queries());

    EXPECT_EQ(proxy.count("find"), 3U);
    EXPECT_EQ(answers.at(42).metadata.contact_name, "n142");
    EXPECT_EQ(answers.at(42).metadata.campaign_name, "two");
    for (const Command& command : proxy.commands()) {
        if (command.name != "find") continue;
        EXPECT_NE(command.json.find("\"$in\""), std::string::npos) << command.json;
        EXPECT_NE(command.json.find("\"maxTimeMS\""), std::string::npos) << command.json;
        EXPECT_NE(command.json.find("\"projection\""), std::string::npos) << command.json;
    }
}

TEST_F(MongoTraffic, campaigns_come_from_the_cache_for_a_minute) {
    MongoMetadata metadata{settings(), {}, clock};
    find_now(metadata, all_queries());
    proxy.forget();

    find_now(metadata, all_queries());
    EXPECT_EQ(proxy.count("find"), 2U);  // Calls and contacts; also k4, which is not there.

    clock.move(61s);
    EXPECT_EQ(find_one(metadata, query(3)).metadata.campaign_name, "three");
    EXPECT_EQ(proxy.count("find"), 5U);
}

TEST_F(MongoTraffic, lookups_that_arrive_while_one_is_under_way_travel_together) {
    MongoMetadata metadata{settings(), {}, clock};
    find_one(metadata, query(0));
    proxy.forget();
    proxy.delay(50ms);

    boost::asio::io_context io;
    int found_count = 0;
    const auto look_up = [&](int i) -> Task<void> {
        std::vector<MetadataQuery> queries{query(i)};
        const auto answers = co_await metadata.find(std::move(queries));
        EXPECT_EQ(answers.at(0).metadata.contact_name, "n" + std::to_string(100 + i));
        found_count += answers.at(0).kind == Kind::found ? 1 : 0;
    };
    for (int i = 0; i < calls_count; ++i) {
        boost::asio::co_spawn(io, look_up(i), [](const std::exception_ptr&) {});
    }
    io.run();

    EXPECT_EQ(found_count, calls_count);
    EXPECT_LE(proxy.count("find"), 12U);  // Two that left at once, the rest in two batches at most.
}

std::map<std::string, std::string> contents_of(const std::filesystem::path& folder) {
    std::map<std::string, std::string> contents;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (!entry.is_regular_file()) continue;
        std::ostringstream bytes;
        bytes << std::ifstream(entry.path(), std::ios::binary).rdbuf();
        contents[entry.path().filename().string()] = bytes.str();
    }
    return contents;
}

TEST_F(MongoTraffic, the_diallers_database_is_the_same_byte_for_byte) {
    const auto before = contents_of(server.data());
    ASSERT_GT(before.at("d.db").size(), 4096U);
    {
        MongoMetadata metadata{settings(), {}, clock};
        find_now(metadata, all_queries());
        find_one(metadata, {"CA-unknown", "", "+61"});
        find_one(metadata, {"", "conv_unknown", ""});
        EXPECT_TRUE(diagnose(settings(), {}).is_answering);
    }
    EXPECT_EQ(contents_of(server.data()).at("d.db"), before.at("d.db"));
    for (const Command& command : proxy.commands()) {
        EXPECT_THAT(command.name,
                    testing::AnyOf("legacy hello", "hello", "isMaster", "ismaster", "find", "ping",
                                   "listCollections", "listIndexes", "endSessions"));
    }
}

}  // namespace
}  // namespace wrapup
