#include "http/server/connection.hpp"

#include <algorithm>
#include <exception>
#include <new>
#include <typeinfo>

#include "base/text.hpp"

namespace wrapup {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t head_read_bytes = 4 * 1024;
constexpr std::size_t body_read_bytes = 64 * 1024;
// Answers to pipelined requests are gathered up to this size before they are sent.
constexpr std::size_t output_bytes_max = 16 * 1024;
constexpr std::size_t memory_kept_max = 8 * 1024;  // Between requests, per buffer.

// One person has a whole /64 of IPv6.
std::string address_of(const asio::ip::tcp::socket& socket) {
    error_code error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return {};
    if (endpoint.address().is_v4()) return endpoint.address().to_string();
    const asio::ip::address_v6 address = endpoint.address().to_v6();
    if (address.is_v4_mapped()) return make_address_v4(asio::ip::v4_mapped, address).to_string();
    if (address.is_loopback()) return address.to_string();
    auto bytes = address.to_bytes();
    std::fill(bytes.begin() + 8, bytes.end(), std::uint8_t{0});
    return asio::ip::address_v6(bytes).to_string();
}

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

}  // namespace

Connection::Connection(std::shared_ptr<ServerShared> shared, Listener& listener, Peer* peer,
                       asio::ip::tcp::socket socket)
    : shared_(std::move(shared)),
      routes_(listener.routes),
      socket_(std::move(socket)),
      address_(address_of(socket_)),
      parser_(shared_->limits.header_bytes_max),
      peer_(peer) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    progressed_at_ = steady_now();
    shared_->enter(*this);
    listener.places.enter(place_);
    if (peer_ != nullptr) peer_->places.enter(peer_place_);
}

Connection::~Connection() { shared_->leave(*this); }

Task<void> Connection::run() {
    while (!is_closing_) {
        const bool has_request = co_await read_head();
        if (!has_request) break;
        co_await answer();
    }
    const bool is_sent = co_await flush();
    if (is_sent) co_await linger();
}

// ---- A request's head ----

Task<bool> Connection::read_head() {
    parser_.begin(request_);
    route_ = nullptr;
    Wait wait = Wait::idle;
    SteadyTime deadline = progressed_at_ + shared_->limits.idle_max;
    for (;;) {
        if (!input_.is_empty()) {
            const RequestParser::Step step = parser_.feed_head(input_.view());
            input_.consume(step.consumed);
            if (step.outcome == RequestParser::Outcome::ready) co_return true;
            if (step.outcome != RequestParser::Outcome::need_more) {
                refuse_head(step.outcome);
                co_return false;
            }
            if (wait == Wait::idle && parser_.has_begun()) {
                progress();
                wait = Wait::head;
                deadline = progressed_at_ + shared_->limits.header_max;
            }
        }
        if (wait == Wait::idle && shared_->is_stopping) co_return false;
        const bool is_filled = co_await fill(wait, deadline, head_read_bytes);
        if (is_filled) continue;
        if (is_expired_ && wait == Wait::head) {
            failure_ = Failure::too_slow;
            queue(explain_failure(), true);
        }
        co_return false;
    }
}

void Connection::refuse_head(RequestParser::Outcome outcome) {
    needs_linger_ = true;
    if (outcome == RequestParser::Outcome::too_large) {
        queue(refuse(431, "header_too_large", "the request's header is too large"), true);
    } else if (outcome == RequestParser::Outcome::unsupported) {
        queue(refuse(501, "malformed", "of transfer codings only chunked is understood"), true);
    } else {
        queue(refuse(400, "malformed", "this is not HTTP/1.1"), true);
    }
}

// ---- The answer ----

Task<void> Connection::answer() {
    failure_ = Failure::none;
    is_evicted_ = false;
    body_bytes_ = 0;
    body_began_at_ = {};
    progress();
    std::optional<Response> response = respond_at_once();
    if (!response) {
        Response later = co_await respond_by(*route_);
        response = std::move(later);
    }
    drop_kept();
    progress();
    is_closing_ = is_last(*response);
    if (failure_ == Failure::gone) co_return;
    queue(failure_ == Failure::none ? *response : explain_failure(), is_closing_);
    if (source_) co_await push();
    needs_linger_ = is_closing_ && (!parser_.is_complete() || !input_.is_empty());
    if (!is_closing_ && !parser_.is_complete()) co_await drain();

    std::string& body = request_.body_buffer();
    if (body.capacity() > memory_kept_max) std::string().swap(body);
    if (piece_.capacity() > memory_kept_max) std::string().swap(piece_);
    input_.shrink();
    if (output_.size() > output_bytes_max) co_await flush();
}

bool Connection::is_last(const Response& response) const {
    if (response.closes || response.is_endless || failure_ != Failure::none || shared_->is_stopping)
        return true;
    return !parser_.keeps_alive() || !(parser_.is_complete() || may_drain());
}

std::optional<Response> Connection::respond_at_once() {
    try {
        if (auto refusal = check_request()) return refusal;
        if (const auto* instant = std::get_if<InstantHandler>(&route_->handler)) {
            return (*instant)(request_);
        }
        if (const auto* push = std::get_if<PushHandler>(&route_->handler)) {
            PushedResponse pushed = (*push)(request_);
            if (request_.method() != Method::head) source_ = std::move(pushed.source);
            return std::move(pushed.head);
        }
    } catch (...) {
        return explain_exception();
    }
    return std::nullopt;
}

std::optional<Response> Connection::check_request() {
    const std::string_view expectation = request_.header("Expect");
    wants_continue_ = !expectation.empty() && !parser_.is_complete();
    if (request_.is_http_1_1() && request_.header_count("Host") != 1) {
        return refuse(400, "malformed", "a request has exactly one Host header");
    }
    if (!expectation.empty() && !equals_ignoring_case(expectation, "100-continue")) {
        return refuse(417, "malformed", "of expectations only 100-continue is understood");
    }
    request_.set_peer(address_);
    auto found = routes_.find(request_);
    if (auto* refusal = std::get_if<Response>(&found)) return std::move(*refusal);
    route_ = std::get<const Route*>(found);
    return check_head(*route_);
}

std::optional<Response> Connection::check_head(const Route& route) {
    if (route.guard) {
        if (auto refusal = route.guard(request_)) return refusal;
    }
    if (route.body_bytes_max == 0) return std::nullopt;  // A body is not looked at.
    const std::string_view coding = request_.header("Content-Encoding");
    if (!coding.empty() && !equals_ignoring_case(coding, "identity")) {
        return refuse(415, "media_type", "compressed bodies are not understood");
    }
    if (parser_.content_length().value_or(0) > route.body_bytes_max) {
        failure_ = Failure::too_large;  // Which answers instead.
        return Response();
    }
    return std::nullopt;
}

Task<Response> Connection::respond_by(const Route& route) {
    body_bytes_max_ = route.body_bytes_max;
    try {
        if (const auto* stream = std::get_if<StreamHandler>(&route.handler)) {
            auto streamed = (*stream)(request_, *this);
            Response response = co_await std::move(streamed);
            co_return response;
        }
        if (route.body_bytes_max > 0) co_await read_whole_body();
        if (failure_ != Failure::none) co_return Response();
        // What was asked before must not wait for this one.
        if (!output_.empty()) co_await flush();
        work();
        auto handled = std::get<Handler>(route.handler)(request_);
        Response response = co_await std::move(handled);
        co_return response;
    } catch (...) {
        co_return explain_exception();
    }
}

Response Connection::explain_exception() {
    // Never what(): nobody knows whose data it quotes.
    const char* type = "unknown";
    bool is_memory = false;
    try {
        throw;
    } catch (const std::exception& error) {
        type = typeid(error).name();
        is_memory = dynamic_cast<const std::bad_alloc*>(&error) != nullptr;
    } catch (...) {
    }
    LogLine line;
    line.level = LogLevel::error;
    line.message = "a request failed inside";
    line.fields.emplace_back("route", route_ == nullptr ? "none" : route_->pattern);
    line.fields.emplace_back("exception", type);
    shared_->log.write(line);
    if (is_memory) return unavailable("the server is out of memory; come again");
    return problem(500, "the server failed; its log says where");
}

Response Connection::explain_failure() {
    switch (failure_) {
        case Failure::too_slow:
            return refuse(408, "too_slow", "the request did not arrive in time");
        case Failure::too_large: return refuse(413, "too_large", "the body is too large");
        case Failure::overloaded: {
            note("overloaded", is_evicted_ ? "it made the least progress when room was needed"
                                           : "there is no room for its body");
            return unavailable("too many requests are being received");
        }
        case Failure::malformed: return refuse(400, "malformed", "the body's framing is broken");
        case Failure::none:
        case Failure::gone: break;
    }
    return Response();
}

Response Connection::refuse(int status, std::string_view cause, std::string_view detail) {
    note(cause, detail);
    return problem(status, detail);
}

void Connection::note(std::string_view cause, std::string_view reason) {
    const std::string_view path = route_ == nullptr ? std::string_view() : route_->pattern;
    shared_->rejections.note({LogTag::none, path, cause, std::string(reason)});
}

void Connection::queue(const Response& response, bool is_last) {
    output_ += "HTTP/1.1 ";
    output_ += std::to_string(response.status);
    output_ += ' ';
    output_ += status_text(response.status);
    output_ += shared_->date_line();
    if (!response.content_type.empty()) {
        output_ += "Content-Type: ";
        output_ += response.content_type;
        output_ += "\r\n";
    }
    if (response.status != 204 && response.status != 304 && !response.is_endless) {
        output_ += "Content-Length: ";
        output_ += std::to_string(response.body.size());
        output_ += "\r\n";
    }
    output_ += response.headers;
    output_ += routes_.mark_of(request_.path());
    if (is_last) {
        output_ += "Connection: close\r\n";
    } else if (!request_.is_http_1_1()) {
        output_ += "Connection: keep-alive\r\n";
    }
    output_ += "\r\n";
    if (request_.method() != Method::head) output_ += response.body;
}

// ---- A request's body ----

Task<void> Connection::read_whole_body() {
    std::string& body = request_.body_buffer();
    while (!parser_.is_complete()) {
        const std::size_t before = body.size();
        const bool is_read = co_await read_body_piece(body);
        if (!is_read) co_return;
        if (!keep(body.size() - before)) {
            failure_ = Failure::overloaded;
            co_return;
        }
    }
}

Task<bool> Connection::read_body_piece(std::string& into) {
    for (;;) {
        if (is_evicted_) {
            failure_ = Failure::overloaded;
            co_return false;
        }
        if (!input_.is_empty()) {
            const std::size_t before = into.size();
            const RequestParser::Step step = parser_.feed_body(input_.view(), into);
            input_.consume(step.consumed);
            const std::size_t grown = into.size() - before;
            body_bytes_ += grown;
            if (body_bytes_ - progress_bytes_ >= shared_->limits.progress_bytes) progress();
            const bool is_stuck =
                step.consumed == 0 && input_.size() >= shared_->limits.header_bytes_max;
            if (step.outcome == RequestParser::Outcome::malformed || is_stuck) {
                failure_ = Failure::malformed;
            } else if (body_bytes_ > body_bytes_max_) {
                failure_ = Failure::too_large;
            }
            if (failure_ != Failure::none) co_return false;
            if (grown > 0 || parser_.is_complete()) co_return true;
        }
        if (wants_continue_) {
            wants_continue_ = false;
            output_ += "HTTP/1.1 100 Continue\r\n\r\n";
        }
        const SteadyTime deadline = body_deadline();
        const bool is_filled = co_await fill(Wait::body, deadline, body_room());
        if (!is_filled && !is_evicted_) {
            failure_ = is_expired_ ? Failure::too_slow : Failure::gone;
            co_return false;
        }
    }
}

SteadyTime Connection::body_deadline() {
    if (body_began_at_ == SteadyTime{}) body_began_at_ = steady_now();
    const auto earned_ms =
        static_cast<std::int64_t>(body_bytes_ * 1000 / shared_->limits.body_bytes_per_s_min);
    return std::min(body_began_at_ + shared_->limits.body_max + milliseconds{earned_ms},
                    progressed_at_ + shared_->limits.stall_max);
}

std::size_t Connection::body_room() const {
    const auto length = parser_.content_length();
    if (!length) return body_read_bytes;
    const std::uint64_t left = *length > body_bytes_ ? *length - body_bytes_ : 0;
    return std::clamp<std::uint64_t>(left, head_read_bytes, body_read_bytes);
}

Task<std::optional<std::string_view>> Connection::next() {
    piece_.clear();
    if (parser_.is_complete()) {
        work();
        co_return std::string_view();
    }
    const bool is_read = co_await read_body_piece(piece_);
    if (!is_read) co_return std::nullopt;
    co_return std::string_view(piece_);
}

bool Connection::keep(std::size_t bytes) {
    if (is_evicted_) return false;
    const std::size_t held = body_.bytes() + bytes;
    if (peer_ != nullptr && !peer_->bodies.resize(peer_body_, peer_->bodies_share, held)) {
        return false;
    }
    return shared_->hold_body(body_, *route_, held);
}

void Connection::drop_kept() {
    body_.release();
    peer_body_.release();
}

void Connection::lose(MemoryHolding& holding) {
    if (&holding == &buffers_) {
        note("overloaded", "it was waited for longest when room was needed");
        cut_off();
        return;
    }
    drop_kept();
    is_evicted_ = true;
    error_code ignored;
    socket_.cancel(ignored);
}

bool Connection::may_drain() const {
    const auto length = parser_.content_length();
    return length && !wants_continue_ && *length <= body_bytes_ + shared_->limits.drain_bytes_max;
}

Task<void> Connection::drain() {
    body_bytes_max_ = static_cast<std::size_t>(-1);
    while (!parser_.is_complete()) {
        piece_.clear();
        const bool is_read = co_await read_body_piece(piece_);
        if (is_read) continue;
        is_closing_ = true;
        co_return;
    }
}

}  // namespace wrapup
