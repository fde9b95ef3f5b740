#include <gtest/gtest.h>

#include <csignal>

#include "adapters/curl/curl_transport.hpp"
#include "test/adapters/http_test_server.hpp"
#include "test/adapters/run_task.hpp"
#include "test/adapters/test_certificate.hpp"

namespace wrapup {
namespace {

using Kind = HttpAnswer::Kind;
using Seen = HttpTestServer::Seen;

HttpRequest post(std::string url) {
    HttpRequest request;
    request.method = "POST";
    request.url = std::move(url);
    request.body = "x";
    return request;
}

HttpTestServer::Reply ok(const Seen&) { return HttpTestServer::answer(200, "ok"); }

struct CurlTls : testing::Test {
    // The scripted server's own writes may meet a connection that the client gave up.
    CurlTls() { std::signal(SIGPIPE, SIG_IGN); }

    static CurlOptions trusting(const TestCertificate& certificate) {
        CurlOptions options;
        options.ca_file = testing::TempDir() + "wrapup_test_ca.pem";
        certificate.write_to(options.ca_file);
        return options;
    }
    static HttpAnswer send(CurlTransport& transport, HttpRequest request) {
        return run_task(transport.send(std::move(request)));
    }
};

TEST_F(CurlTls, a_certificate_that_nobody_vouches_for_is_not_sent) {
    const TestCertificate certificate("IP:127.0.0.1");
    HttpTestServer server(ok, certificate.context());
    CurlTransport transport{CurlOptions{}};

    const HttpAnswer answer = send(transport, post(server.url("/")));

    EXPECT_EQ(answer.kind, Kind::not_sent);
    EXPECT_EQ(answer.error, "certificate not accepted: self-signed certificate");
    EXPECT_EQ(server.requests().size(), 0U);
}

TEST_F(CurlTls, a_trusted_certificate_is_answered_over_one_connection) {
    const TestCertificate certificate("IP:127.0.0.1");
    HttpTestServer server(ok, certificate.context());
    CurlTransport transport{trusting(certificate)};
    for (int i = 0; i < 3; ++i) {
        EXPECT_EQ(send(transport, post(server.url("/"))).kind, Kind::answered);
    }
    EXPECT_EQ(server.connections_count(), 1);
}

TEST_F(CurlTls, a_certificate_for_another_name_is_not_sent) {
    const TestCertificate certificate("DNS:other.test");
    HttpTestServer server(ok, certificate.context());
    CurlTransport transport{trusting(certificate)};

    const HttpAnswer answer = send(transport, post(server.url("/")));

    EXPECT_EQ(answer.kind, Kind::not_sent);
    EXPECT_EQ(answer.error, "certificate not accepted: issued for another name");
    EXPECT_EQ(server.requests().size(), 0U);
}

TEST_F(CurlTls, an_old_protocol_version_is_not_sent) {
    const TestCertificate certificate("IP:127.0.0.1");
    SSL_CTX_set_max_proto_version(certificate.context(), TLS1_1_VERSION);
    SSL_CTX_set_security_level(certificate.context(), 0);
    HttpTestServer server(ok, certificate.context());
    CurlTransport transport{trusting(certificate)};
    EXPECT_EQ(send(transport, post(server.url("/"))).kind, Kind::not_sent);
    EXPECT_EQ(server.requests().size(), 0U);
}

TEST_F(CurlTls, a_handshake_that_hangs_is_not_sent) {
    HttpTestServer server(ok);  // Waits for the end of an HTTP request that never comes.
    CurlTransport transport{CurlOptions{}};
    HttpRequest request = post("https://127.0.0.1:" + std::to_string(server.port()) + "/");
    request.connect_timeout = milliseconds{150};

    const HttpAnswer answer = send(transport, request);

    EXPECT_EQ(answer.kind, Kind::not_sent);
    EXPECT_EQ(answer.error, "connecting timed out");
}

TEST_F(CurlTls, a_kept_connection_that_is_cut_is_unknown_and_asked_once) {
    const TestCertificate certificate("IP:127.0.0.1");
    HttpTestServer server(
        [](const Seen& seen) {
            return seen.number == 1 ? HttpTestServer::cut() : HttpTestServer::answer(200, "ok");
        },
        certificate.context());
    CurlTransport transport{trusting(certificate)};
    ASSERT_EQ(send(transport, post(server.url("/"))).kind, Kind::answered);
    EXPECT_EQ(send(transport, post(server.url("/"))).kind, Kind::unknown);
    EXPECT_EQ(server.requests().size(), 2U);
}

}  // namespace
}  // namespace wrapup
