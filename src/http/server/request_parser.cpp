#include "http/server/request_parser.hpp"

#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>

#include "base/text.hpp"

namespace wrapup {

namespace {

namespace http = boost::beast::http;
using boost::beast::error_code;
using BeastView = boost::beast::string_view;

std::string_view view(BeastView text) { return {text.data(), text.size()}; }

Method method_of(http::verb verb) {
    // Beast knows three dozen verbs; whatever is not one of ours is answered 405.
    if (verb == http::verb::get) return Method::get;
    if (verb == http::verb::post) return Method::post;
    if (verb == http::verb::put) return Method::put;
    if (verb == http::verb::delete_) return Method::del;
    if (verb == http::verb::head) return Method::head;
    return Method::other;
}

class Message final : public http::basic_parser<true> {
public:
    explicit Message(Request& request) : request_(request) {}

    void collect_into(std::string* body) { body_ = body; }

private:
    void on_request_impl(http::verb verb, BeastView, BeastView target, int version,
                         error_code&) override {
        request_.set_line(method_of(verb), view(target), version == 11);
    }
    void on_response_impl(int, BeastView, int, error_code&) override {}
    void on_field_impl(http::field, BeastView name, BeastView value, error_code& error) override {
        if (is_header_done()) return;  // A trailer.
        if (request_.headers_count() == RequestParser::header_fields_max) {
            error = http::error::header_limit;
        } else {
            request_.add_header(view(name), view(value));
        }
    }
    void on_header_impl(error_code&) override {}
    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}
    std::size_t on_body_impl(BeastView piece, error_code&) override {
        body_->append(piece.data(), piece.size());
        return piece.size();
    }
    void on_chunk_header_impl(std::uint64_t, BeastView, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, BeastView piece, error_code&) override {
        body_->append(piece.data(), piece.size());
        return piece.size();
    }
    void on_finish_impl(error_code&) override {}

    Request& request_;
    std::string* body_ = nullptr;
};

// The empty lines at the beginning: some clients send one behind a body.
std::size_t empty_lines_size(std::string_view bytes) {
    std::size_t size = 0;
    while (bytes.substr(size).starts_with("\r\n")) size += 2;
    return size;
}

}  // namespace

struct RequestParser::Impl {
    std::size_t header_bytes_max;
    Request* request = nullptr;
    std::optional<Message> message;
    std::size_t head_bytes = 0;
    bool has_begun = false;
    bool has_body_begun = false;
};

RequestParser::RequestParser(std::size_t header_bytes_max) : impl_(std::make_unique<Impl>()) {
    impl_->header_bytes_max = header_bytes_max;
}
RequestParser::~RequestParser() = default;

void RequestParser::begin(Request& request) {
    request.clear();
    impl_->request = &request;
    impl_->message.emplace(request);
    impl_->message->header_limit(static_cast<std::uint32_t>(impl_->header_bytes_max));
    impl_->message->body_limit(boost::none);  // Limits are the route's, kept by the connection.
    impl_->head_bytes = 0;
    impl_->has_begun = false;
    impl_->has_body_begun = false;
}

bool RequestParser::has_begun() const { return impl_->has_begun; }

RequestParser::Step RequestParser::feed_head(std::string_view bytes) {
    Message& message = *impl_->message;
    Step step;
    std::size_t skipped = 0;
    if (!impl_->has_begun) {
        skipped = empty_lines_size(bytes);
        bytes.remove_prefix(skipped);
        impl_->has_begun = !bytes.empty() && bytes != "\r";
    }
    error_code error = http::error::need_more;
    if (impl_->has_begun) {
        error.clear();
        step.consumed = message.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    }
    const std::size_t waiting = message.is_header_done() ? 0 : bytes.size() - step.consumed;
    step.consumed += skipped;
    impl_->head_bytes += step.consumed;
    if (error == http::error::header_limit ||
        impl_->head_bytes + waiting > impl_->header_bytes_max) {
        step.outcome = Outcome::too_large;
    } else if (error == http::error::need_more) {
        step.outcome = Outcome::need_more;
    } else if (error) {
        step.outcome = Outcome::malformed;
    } else if (!message.is_header_done()) {
        step.outcome = Outcome::need_more;
    } else {
        message.eager(true);
        const std::string_view coding = impl_->request->header("Transfer-Encoding");
        const bool is_odd = !coding.empty() && !equals_ignoring_case(coding, "chunked");
        step.outcome = is_odd ? Outcome::unsupported : Outcome::ready;
        // HTTP/1.0 knows no chunks: a proxy that sends them may not mean them (RFC 9112, 6.1).
        if (!coding.empty() && !impl_->request->is_http_1_1()) step.outcome = Outcome::malformed;
    }
    return step;
}

bool RequestParser::is_complete() const { return impl_->message->is_done(); }

bool RequestParser::keeps_alive() const { return impl_->message->keep_alive(); }

std::optional<std::uint64_t> RequestParser::content_length() const {
    const auto length = impl_->message->content_length();
    if (length) return *length;
    if (impl_->message->chunked()) return std::nullopt;
    return 0;
}

RequestParser::Step RequestParser::feed_body(std::string_view bytes, std::string& into) {
    Message& message = *impl_->message;
    Step step;
    error_code error;
    // Beast 1.81 asserts, and ends the process, when the chunk that ends an empty body comes in
    // pieces. No chunked body is shorter than this one.
    constexpr std::size_t shortest = std::string_view("0\r\n\r\n").size();
    if (message.chunked() && !impl_->has_body_begun && bytes.size() < shortest) return step;
    impl_->has_body_begun = true;
    message.collect_into(&into);
    step.consumed = message.put(boost::asio::buffer(bytes.data(), bytes.size()), error);
    if (message.is_done()) {
        step.outcome = Outcome::ready;
    } else if (error && error != http::error::need_more) {
        step.outcome = Outcome::malformed;
    }
    return step;
}

}  // namespace wrapup
