#include "http/web/web_routes.hpp"

#include <gtest/gtest.h>

#include <array>

namespace wrapup {
namespace {

constexpr std::array assets{
    WebAsset{"index.html", "text/html; charset=utf-8", "\"1111\"", "<page>", "page.gz", "page.br"},
    WebAsset{"app-22.js", "text/javascript; charset=utf-8", "\"2222\"", "code", "code.gz",
             "code.br"},
};

class WebRoutesTest : public testing::Test {
protected:
    explicit WebRoutesTest(std::span<const WebAsset> files = assets) : web_(files, "1.2.3") {
        web_.add_to(routes_);
    }

    Response ask(std::string_view target, std::string_view header = {},
                 std::string_view value = {}) {
        Request request;
        request.set_line(Method::get, target, true);
        if (!header.empty()) request.add_header(header, value);
        auto found = routes_.find(request);
        if (auto* refusal = std::get_if<Response>(&found)) return std::move(*refusal);
        return std::get<InstantHandler>(std::get<const Route*>(found)->handler)(request);
    }
    static bool has(const Response& response, std::string_view line) {
        return response.headers.find(line) != std::string::npos;
    }

private:
    WebRoutes web_;
    RouteSet routes_;
};

class WithoutDashboard : public WebRoutesTest {
protected:
    WithoutDashboard() : WebRoutesTest(std::span<const WebAsset>()) {}
};

TEST_F(WebRoutesTest, the_page_is_asked_for_anew_and_its_files_are_kept) {
    const Response page = ask("/");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.body, "<page>");
    EXPECT_EQ(page.content_type, "text/html; charset=utf-8");
    EXPECT_TRUE(has(page, "Cache-Control: no-cache\r\n"));
    const Response file = ask("/assets/app-22.js");
    EXPECT_EQ(file.body, "code");
    EXPECT_TRUE(has(file, "Cache-Control: public, max-age=31536000, immutable\r\n"));
    EXPECT_EQ(ask("/?x=1").body, "<page>");
}

TEST_F(WebRoutesTest, nothing_but_our_own_files_may_run) {
    for (const char* target : {"/", "/assets/app-22.js"}) {
        const Response response = ask(target);
        EXPECT_TRUE(
            has(response,
                "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
                "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
                "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types "
                "'none'\r\n"));
        EXPECT_TRUE(has(response, "X-Content-Type-Options: nosniff\r\n"));
        EXPECT_TRUE(has(response, "Referrer-Policy: no-referrer\r\n"));
        EXPECT_TRUE(has(response, "Cross-Origin-Opener-Policy: same-origin\r\n"));
        EXPECT_TRUE(has(response, "Cross-Origin-Resource-Policy: same-origin\r\n"));
        EXPECT_TRUE(
            has(response, "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n"));
        EXPECT_TRUE(has(response, "X-Robots-Tag: noindex\r\n"));
    }
}

TEST_F(WebRoutesTest, the_best_coding_that_is_taken_is_sent) {
    const Response brotli = ask("/", "Accept-Encoding", "gzip, deflate, br");
    EXPECT_EQ(brotli.body, "page.br");
    EXPECT_TRUE(has(brotli, "Content-Encoding: br\r\n"));
    EXPECT_TRUE(has(brotli, "Vary: Accept-Encoding\r\n"));
    const Response gzip = ask("/", "Accept-Encoding", "gzip;q=0.5");
    EXPECT_EQ(gzip.body, "page.gz");
    EXPECT_TRUE(has(gzip, "Content-Encoding: gzip\r\n"));
    const Response plain = ask("/", "Accept-Encoding", "identity");
    EXPECT_EQ(plain.body, "<page>");
    EXPECT_FALSE(has(plain, "Content-Encoding"));
}

TEST(WebCoding, is_taken_from_what_is_accepted) {
    EXPECT_EQ(coding_for(""), WebCoding::identity);
    EXPECT_EQ(coding_for("BR"), WebCoding::brotli);
    EXPECT_EQ(coding_for("br;q=1.0, gzip;q=0.8, *;q=0.1"), WebCoding::brotli);
    EXPECT_EQ(coding_for("gzip, br ; q=0"), WebCoding::gzip);
    EXPECT_EQ(coding_for("br; q=0.000, gzip;q=0"), WebCoding::identity);
    EXPECT_EQ(coding_for("gzip;level=9"), WebCoding::gzip);
    EXPECT_EQ(coding_for(",,;;q=,brr,gzi"), WebCoding::identity);
    EXPECT_EQ(coding_for("*"), WebCoding::identity);
}

TEST_F(WebRoutesTest, who_has_it_is_told_so) {
    for (const char* known : {"\"1111\"", "W/\"1111\"", "\"0\", \"1111\"", "*"}) {
        const Response response = ask("/", "If-None-Match", known);
        EXPECT_EQ(response.status, 304) << known;
        EXPECT_EQ(response.body, "");
        EXPECT_TRUE(has(response, "ETag: \"1111\"\r\n"));
    }
    EXPECT_EQ(ask("/", "If-None-Match", "\"2222\"").status, 200);
}

TEST_F(WebRoutesTest, a_file_that_is_gone_is_never_the_page) {
    for (const char* target : {"/assets/app-21.js", "/assets/index.html", "/assets/", "/assets/a/b",
                               "/index.html", "/calls"}) {
        EXPECT_EQ(ask(target).status, 404) << target;
    }
}

TEST_F(WithoutDashboard, the_front_page_says_so) {
    const Response page = ask("/");
    EXPECT_EQ(page.status, 200);
    EXPECT_EQ(page.content_type, "text/plain; charset=utf-8");
    EXPECT_EQ(page.body.find("wrapup 1.2.3"), 0U);
    EXPECT_NE(page.body.find("This build has no dashboard"), std::string::npos);
    EXPECT_EQ(ask("/assets/app-22.js").status, 404);
}

}  // namespace
}  // namespace wrapup
