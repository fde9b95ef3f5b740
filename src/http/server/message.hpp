#pragma once

// Requests and responses as our handlers see them: no Beast here, so that few files pay for it.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ports/task.hpp"

namespace wrapup {

enum class Method { get, post, put, del, head, other };

// A request's head, and its body where the route wants it whole. Views live as long as the request.
class Request {
public:
    Method method() const { return method_; }
    // Path and query as received, undecoded; of an absolute target without scheme and host.
    std::string_view target() const { return text(target_); }
    std::string_view path() const { return target().substr(0, target().find('?')); }
    std::string_view query() const;
    bool is_http_1_1() const { return is_http_1_1_; }
    // The first field of that name in any case; empty when there is none.
    std::string_view header(std::string_view name) const;
    std::size_t header_count(std::string_view name) const;
    // What stands for the {} of the route, decoded.
    const std::string& parameter() const { return parameter_; }
    const std::string& body() const { return body_; }
    // The other end's address, of IPv6 its network (/64); empty when nobody knows.
    std::string_view peer() const { return peer_; }

    // For the server.
    void clear();
    void set_line(Method method, std::string_view target, bool is_http_1_1);
    void add_header(std::string_view name, std::string_view value);
    void set_parameter(std::string value) { parameter_ = std::move(value); }
    void set_peer(std::string_view address) { peer_ = address; }
    std::string& body_buffer() { return body_; }
    std::size_t headers_count() const { return headers_.size(); }
    // What the head takes up; the body is counted where it is read.
    std::size_t head_memory() const {
        return text_.capacity() + headers_.capacity() * sizeof(Header) + parameter_.capacity();
    }
    void free_memory() { *this = Request(); }

private:
    struct Span {
        std::uint32_t begin = 0;
        std::uint32_t size = 0;
    };
    struct Header {
        Span name;
        Span value;
    };
    std::string_view text(Span span) const {
        return std::string_view(text_).substr(span.begin, span.size);
    }
    Span keep(std::string_view text);

    Method method_ = Method::other;
    bool is_http_1_1_ = true;
    std::string text_;  // Everything the spans point to, so that a request costs no allocations.
    Span target_;
    std::vector<Header> headers_;
    std::string parameter_;
    std::string body_;
    std::string peer_;
};

struct Response {
    int status = 200;
    std::string_view content_type;  // A constant; empty: none.
    std::string body;
    std::string headers;      // Further ones, as whole lines with their ends.
    bool closes = false;      // Ends the connection.
    bool is_endless = false;  // Has no length: a PushSource goes on where `body` ends.
};

// A body that is read in pieces.
class BodyStream {
public:
    virtual ~BodyStream() = default;
    // The next piece, valid until the next call; empty at the end. Nothing when the sender broke
    // off, was too slow or wrote nonsense: what the handler answers then is not sent.
    virtual Task<std::optional<std::string_view>> next() = 0;
    // Counts bytes that the handler keeps against what all bodies may use; false when there is no
    // room. Given back when the request is over.
    virtual bool keep(std::size_t bytes) = 0;
    virtual void drop_kept() = 0;
};

// An answer that goes on until one of the two ends it.
class PushSource {
public:
    virtual ~PushSource() = default;
    // What is to be sent now, if anything; nothing: it is over. Asked at the beginning, after
    // `wake`, and every ServerLimits::push_look; not while the peer does not take what it was sent.
    virtual std::optional<std::string> take() = 0;
    // Once, before the first take(). `wake` is for the server's thread, as long as this lives.
    virtual void on_news(std::function<void()> wake) = 0;
};

Response text_response(int status, std::string body);
Response json_response(int status, std::string body);
// RFC 9457. `detail` is for people and holds no personal data; `field` names the one to blame.
Response problem(int status, std::string_view detail, std::string_view field = {});
// A 503 that asks to come again soon.
Response unavailable(std::string_view detail);

std::string_view status_text(int status);

}  // namespace wrapup
