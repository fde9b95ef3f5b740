#include "http/web/web_routes.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace wrapup {
namespace {

// Nothing but our own files, no inline script or style, in nobody's frame.
constexpr std::string_view security_headers =
    "Content-Security-Policy: default-src 'none'; script-src 'self'; style-src 'self'; "
    "img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'\r\n"
    "X-Content-Type-Options: nosniff\r\n"
    "Referrer-Policy: no-referrer\r\n"
    "Cross-Origin-Opener-Policy: same-origin\r\n"
    "Cross-Origin-Resource-Policy: same-origin\r\n"
    "Permissions-Policy: camera=(), microphone=(), geolocation=()\r\n"
    "X-Robots-Tag: noindex\r\n";
constexpr std::string_view revalidated = "no-cache";
// A file whose name holds its hash never changes.
constexpr std::string_view kept = "public, max-age=31536000, immutable";

// "gzip;q=0" -> nothing.
std::string_view accepted_coding(std::string_view item) {
    const std::size_t mark = item.find(';');
    if (mark == std::string_view::npos) return trim(item);
    std::string_view quality = trim(item.substr(mark + 1));
    if (!starts_with_ignoring_case(quality, "q=")) return trim(item.substr(0, mark));
    quality.remove_prefix(2);
    const bool is_zero = quality.find_first_not_of("0.") == std::string_view::npos;
    return is_zero ? std::string_view() : trim(item.substr(0, mark));
}

bool names_etag(std::string_view if_none_match, std::string_view etag) {
    return trim(if_none_match) == "*" || if_none_match.find(etag) != std::string_view::npos;
}

Response answer(const WebAsset& asset, const Request& request, std::string_view cache_control) {
    Response response;
    response.headers = security_headers;
    response.headers += "Cache-Control: ";
    response.headers += cache_control;
    response.headers += "\r\nVary: Accept-Encoding\r\nETag: ";
    response.headers += asset.etag;
    response.headers += "\r\n";
    if (names_etag(request.header("If-None-Match"), asset.etag)) {
        response.status = 304;
        return response;
    }
    response.content_type = asset.type;
    switch (coding_for(request.header("Accept-Encoding"))) {
        case WebCoding::brotli:
            response.headers += "Content-Encoding: br\r\n";
            response.body = asset.brotli;
            break;
        case WebCoding::gzip:
            response.headers += "Content-Encoding: gzip\r\n";
            response.body = asset.gzip;
            break;
        case WebCoding::identity: response.body = asset.identity; break;
    }
    return response;
}

Response text_page(const std::string& version) {
    Response response = text_response(
        200, "wrapup " + version +
                 ": one CRM record for every finished call.\n\n"
                 "This build has no dashboard: Node.js was not there when it was built.\n"
                 "The API is under /api and wants `Authorization: Bearer <token>`:\n"
                 "  GET /api/calls        the calls, newest first\n"
                 "  GET /api/calls/{sid}  one call's whole story\n"
                 "Described by /openapi.json. State: /readyz, /metrics.\n");
    response.headers = security_headers;
    return response;
}

}  // namespace

WebCoding coding_for(std::string_view accept_encoding) {
    WebCoding best = WebCoding::identity;
    while (!accept_encoding.empty()) {
        const std::size_t end = std::min(accept_encoding.find(','), accept_encoding.size());
        const std::string_view coding = accepted_coding(accept_encoding.substr(0, end));
        accept_encoding.remove_prefix(std::min(end + 1, accept_encoding.size()));
        if (equals_ignoring_case(coding, "br")) best = WebCoding::brotli;
        if (equals_ignoring_case(coding, "gzip")) best = std::max(best, WebCoding::gzip);
    }
    return best;
}

void WebRoutes::add_to(RouteSet& routes) const {
    routes.add_instant(Method::get, "/", [this](const Request& request) {
        const WebAsset* const index = find("index.html");
        return index == nullptr ? text_page(version_) : answer(*index, request, revalidated);
    });
    // Never the page in place of a file that is gone: after an upgrade an old page would take it
    // for a script.
    routes.add_instant(Method::get, "/assets/{}", [this](const Request& request) {
        const WebAsset* const asset = find(request.parameter());
        if (asset == nullptr || asset->name == "index.html") {
            return problem(404, "there is no such file");
        }
        return answer(*asset, request, kept);
    });
}

const WebAsset* WebRoutes::find(std::string_view name) const {
    const auto found = std::ranges::find(assets_, name, &WebAsset::name);
    return found == assets_.end() ? nullptr : &*found;
}

}  // namespace wrapup
