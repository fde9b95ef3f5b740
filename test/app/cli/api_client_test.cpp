#include "app/cli/api_client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "test/app/cli/run_command.hpp"

namespace wrapup {
namespace {

using testing::HasSubstr;

// Whoever connects is taken by the system and never answered.
class DeafServer {
public:
    DeafServer() : listener_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof address;
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        EXPECT_EQ(::bind(listener_, generic, size), 0);
        EXPECT_EQ(::listen(listener_, 8), 0);
        EXPECT_EQ(::getsockname(listener_, generic, &size), 0);
        port_ = ntohs(address.sin_port);
    }
    ~DeafServer() { ::close(listener_); }
    DeafServer(const DeafServer&) = delete;
    DeafServer& operator=(const DeafServer&) = delete;

    std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
    int listener_;
    int port_ = 0;
};

constexpr ApiPatience little{std::chrono::milliseconds{50}, std::chrono::milliseconds{50}};

TEST(ApiClient, who_does_not_answer_is_not_waited_for_without_end) {
    const DeafServer server;
    const ApiClient client(server.url(), test_api_token, little);
    for (const auto& answer : {client.get("/api/calls"), client.post("/api/calls/search", "{}")}) {
        ASSERT_FALSE(answer);
        EXPECT_EQ(answer.error().code, Errc::unavailable);
        EXPECT_THAT(answer.error().detail, HasSubstr("no answer from " + server.url()));
    }
}

TEST(ApiClient, a_stream_that_says_nothing_is_left) {
    const DeafServer server;
    const ApiClient client(server.url(), test_api_token, little);
    const auto left = client.listen(
        "/api/stream", [] { return true; }, [](std::string_view) {});
    EXPECT_FALSE(left);
}

TEST(ApiClient, a_stranger_is_no_empty_wrapup) {
    for (const int status : {200, 204, 401, 403, 404, 500}) {
        TestServer server([&](auto&, auto&) {
            return CannedAnswer{status, R"({"calls":[]})", false};
        });
        const CliOutcome outcome = run_at(server, {"calls"});
        EXPECT_EQ(outcome.code, exit_unusable) << status;
        EXPECT_EQ(outcome.out, "");
        EXPECT_THAT(outcome.err, HasSubstr("what answers at " + server.url() +
                                           " is not wrapup, or an older version of it (HTTP " +
                                           std::to_string(status)));
        EXPECT_THAT(outcome.err, HasSubstr("--url or WRAPUP_URL"));
    }
    TestServer proxy([](auto&, auto&) { return CannedAnswer{502, "<html>", false}; });
    EXPECT_THAT(run_at(proxy, {"calls"}).err, HasSubstr("does not reach wrapup (HTTP 502)"));
}

}  // namespace
}  // namespace wrapup
