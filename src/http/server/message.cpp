#include "http/server/message.hpp"

#include <utility>

#include "base/json_string.hpp"
#include "base/text.hpp"

namespace wrapup {

namespace {

// "http://host/path" -> "/path". A proxy may ask in this form, and RFC 9112 wants it understood.
std::string_view without_authority(std::string_view target) {
    const std::size_t scheme_size = target.find("://");
    if (target.empty() || target.front() == '/' || scheme_size == std::string_view::npos ||
        scheme_size > 5) {
        return target;
    }
    const std::size_t path = target.find('/', scheme_size + 3);
    return path == std::string_view::npos ? std::string_view("/") : target.substr(path);
}

}  // namespace

std::string_view Request::query() const {
    const std::size_t mark = target().find('?');
    return mark == std::string_view::npos ? std::string_view() : target().substr(mark + 1);
}

std::string_view Request::header(std::string_view name) const {
    for (const Header& header : headers_) {
        if (header.name.size == name.size() && equals_ignoring_case(text(header.name), name)) {
            return text(header.value);
        }
    }
    return {};
}

std::size_t Request::header_count(std::string_view name) const {
    std::size_t count = 0;
    for (const Header& header : headers_) {
        if (equals_ignoring_case(text(header.name), name)) count += 1;
    }
    return count;
}

void Request::clear() {
    text_.clear();
    target_ = {};
    headers_.clear();
    parameter_.clear();
    body_.clear();
}

void Request::set_line(Method method, std::string_view target, bool is_http_1_1) {
    method_ = method;
    is_http_1_1_ = is_http_1_1;
    target_ = keep(without_authority(target));
}

void Request::add_header(std::string_view name, std::string_view value) {
    Header header;
    header.name = keep(name);
    header.value = keep(value);
    headers_.push_back(header);
}

Request::Span Request::keep(std::string_view text) {
    const Span span{static_cast<std::uint32_t>(text_.size()),
                    static_cast<std::uint32_t>(text.size())};
    text_.append(text);
    return span;
}

Response text_response(int status, std::string body) {
    Response response;
    response.status = status;
    response.content_type = "text/plain; charset=utf-8";
    response.body = std::move(body);
    return response;
}

Response json_response(int status, std::string body) {
    Response response;
    response.status = status;
    response.content_type = "application/json";
    response.body = std::move(body);
    response.headers = "Cache-Control: no-store\r\n";
    return response;
}

Response problem(int status, std::string_view detail, std::string_view field) {
    std::string body = R"({"type":"about:blank","title":)" + json_quoted(status_text(status)) +
                       R"(,"status":)" + std::to_string(status) + R"(,"detail":)" +
                       json_quoted(detail);
    if (!field.empty()) body += R"(,"field":)" + json_quoted(field);
    body += '}';
    Response response;
    response.status = status;
    response.content_type = "application/problem+json";
    response.body = std::move(body);
    return response;
}

Response unavailable(std::string_view detail) {
    Response response = problem(503, detail);
    response.headers = "Retry-After: 1\r\n";
    return response;
}

std::string_view status_text(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 201: return "Created";
        case 202: return "Accepted";
        case 204: return "No Content";
        case 304: return "Not Modified";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 406: return "Not Acceptable";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 410: return "Gone";
        case 411: return "Length Required";
        case 412: return "Precondition Failed";
        case 413: return "Content Too Large";
        case 414: return "URI Too Long";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 422: return "Unprocessable Content";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        case 505: return "HTTP Version Not Supported";
        default: return "Unknown";
    }
}

}  // namespace wrapup
