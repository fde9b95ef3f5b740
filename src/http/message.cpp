#include "http/message.hpp"

#include <array>
#include <chrono>
#include <utility>

#include "base/text.hpp"

namespace wrapup {

namespace {

constexpr std::string_view hex_digits = "0123456789abcdef";

int hex_value(char digit) {
    if (digit >= '0' && digit <= '9') return digit - '0';
    if (digit >= 'a' && digit <= 'f') return digit - 'a' + 10;
    if (digit >= 'A' && digit <= 'F') return digit - 'A' + 10;
    return -1;
}

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

void append_padded(std::string& out, unsigned number) {
    out += static_cast<char>('0' + number / 10 % 10);
    out += static_cast<char>('0' + number % 10);
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

std::string json_quoted(std::string_view text) {
    const std::string valid = to_valid_utf8(text);
    std::string out = "\"";
    for (const char byte : valid) {
        const auto code = static_cast<unsigned char>(byte);
        if (byte == '"' || byte == '\\') {
            out += '\\';
            out += byte;
        } else if (code < 0x20) {
            out += "\\u00";
            out += hex_digits[code >> 4U];
            out += hex_digits[code & 15U];
        } else {
            out += byte;
        }
    }
    out += '"';
    return out;
}

std::string_view status_text(int status) {
    switch (status) {
        case 100: return "Continue";
        case 200: return "OK";
        case 201: return "Created";
        case 204: return "No Content";
        case 400: return "Bad Request";
        case 401: return "Unauthorized";
        case 403: return "Forbidden";
        case 404: return "Not Found";
        case 405: return "Method Not Allowed";
        case 408: return "Request Timeout";
        case 409: return "Conflict";
        case 413: return "Content Too Large";
        case 415: return "Unsupported Media Type";
        case 417: return "Expectation Failed";
        case 429: return "Too Many Requests";
        case 431: return "Request Header Fields Too Large";
        case 500: return "Internal Server Error";
        case 501: return "Not Implemented";
        case 502: return "Bad Gateway";
        case 503: return "Service Unavailable";
        case 504: return "Gateway Timeout";
        default: return "Unknown";
    }
}

std::string http_date(std::int64_t unix_s) {
    static constexpr std::array<std::string_view, 7> weekdays{"Sun", "Mon", "Tue", "Wed",
                                                              "Thu", "Fri", "Sat"};
    static constexpr std::array<std::string_view, 12> months{
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::chrono::sys_seconds time{std::chrono::seconds{unix_s}};
    const auto day = std::chrono::floor<std::chrono::days>(time);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss clock{time - day};
    std::string out(weekdays[std::chrono::weekday{day}.c_encoding()]);
    out += ", ";
    append_padded(out, static_cast<unsigned>(date.day()));
    out += ' ';
    out += months[static_cast<unsigned>(date.month()) - 1];
    out += ' ' + std::to_string(static_cast<int>(date.year())) + ' ';
    append_padded(out, static_cast<unsigned>(clock.hours().count()));
    out += ':';
    append_padded(out, static_cast<unsigned>(clock.minutes().count()));
    out += ':';
    append_padded(out, static_cast<unsigned>(clock.seconds().count()));
    return out + " GMT";
}

std::optional<std::string> percent_decoded(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '%') {
            out += text[i];
            continue;
        }
        if (i + 2 >= text.size()) return std::nullopt;
        const int high = hex_value(text[i + 1]);
        const int low = hex_value(text[i + 2]);
        if (high < 0 || low < 0) return std::nullopt;
        out += static_cast<char>(high * 16 + low);
        i += 2;
    }
    return out;
}

}  // namespace wrapup
