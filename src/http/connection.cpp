#include "http/connection.hpp"

#include <algorithm>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <exception>
#include <typeinfo>

#include "base/text.hpp"

namespace wrapup {

namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t head_read_bytes = 4 * 1024;
constexpr std::size_t body_read_bytes = 64 * 1024;
// Answers to pipelined requests are gathered up to this size before they are sent.
constexpr std::size_t output_bytes_max = 64 * 1024;
constexpr std::size_t memory_kept_max = 64 * 1024;  // By an idle connection, per buffer.

// One person has a whole /64 of IPv6.
std::string peer_of(const asio::ip::tcp::socket& socket) {
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

Connection::Connection(std::shared_ptr<ServerShared> shared, const RouteSet& routes,
                       asio::ip::tcp::socket socket)
    : shared_(std::move(shared)),
      routes_(routes),
      socket_(std::move(socket)),
      peer_(peer_of(socket_)),
      parser_(shared_->limits.header_bytes_max) {
    error_code ignored;
    socket_.non_blocking(true, ignored);
    socket_.set_option(asio::ip::tcp::no_delay(true), ignored);
    shared_->enter(*this);
}

Connection::~Connection() {
    drop_kept();
    shared_->leave(*this);
}

Task<void> Connection::run() {
    while (!is_closing_) {
        const bool has_request = co_await read_head();
        if (!has_request) break;
        co_await answer();
        is_fresh_ = false;
    }
    const bool is_sent = co_await flush();
    if (is_sent) co_await linger();
}

// ---- A request's head ----

Task<bool> Connection::read_head() {
    parser_.begin(request_);
    Wait wait = Wait::idle;
    SteadyTime deadline{};
    for (;;) {
        if (!input_.is_empty()) {
            const RequestParser::Step step = parser_.feed_head(input_.view());
            input_.consume(step.consumed);
            if (step.outcome == RequestParser::Outcome::ready) co_return true;
            if (step.outcome != RequestParser::Outcome::need_more) {
                refuse_head(step.outcome);
                co_return false;
            }
            if (wait == Wait::idle) deadline = steady_now() + shared_->limits.header_max;
            wait = Wait::head;
        } else if (wait == Wait::idle) {
            if (shared_->is_stopping) co_return false;
            deadline =
                steady_now() + (is_fresh_ ? shared_->limits.header_max : shared_->limits.idle_max);
        }
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
        shared_->metrics.count(Counter::rejected, "header_too_large");
        queue(problem(431, "the request's header is too large"), true);
    } else if (outcome == RequestParser::Outcome::unsupported) {
        shared_->metrics.count(Counter::rejected, "malformed");
        queue(problem(501, "of transfer codings only chunked is understood"), true);
    } else {
        shared_->metrics.count(Counter::rejected, "malformed");
        queue(problem(400, "this is not HTTP/1.1"), true);
    }
}

// ---- The answer ----

Task<void> Connection::answer() {
    failure_ = Failure::none;
    body_bytes_ = 0;
    body_began_at_ = {};
    const Route* route = nullptr;
    std::optional<Response> response = respond_at_once(route);
    if (!response) {
        Response later = co_await respond_by(*route);
        response = std::move(later);
    }
    drop_kept();
    is_closing_ = is_last(*response);
    if (failure_ == Failure::gone) co_return;
    queue(failure_ == Failure::none ? *response : explain_failure(), is_closing_);
    needs_linger_ = is_closing_ && (!parser_.is_complete() || !input_.is_empty());
    if (!is_closing_ && !parser_.is_complete()) co_await drain();
    if (output_.size() > output_bytes_max) co_await flush();

    std::string& body = request_.body_buffer();
    if (body.capacity() > memory_kept_max) std::string().swap(body);
    if (piece_.capacity() > memory_kept_max) std::string().swap(piece_);
    input_.shrink();
}

bool Connection::is_last(const Response& response) const {
    if (response.closes || failure_ != Failure::none || shared_->is_stopping) return true;
    return !parser_.keeps_alive() || !(parser_.is_complete() || may_drain());
}

std::optional<Response> Connection::respond_at_once(const Route*& route) {
    const std::string_view expectation = request_.header("Expect");
    wants_continue_ = !expectation.empty() && !parser_.is_complete();
    if (request_.is_http_1_1() && request_.header_count("Host") != 1) {
        return problem(400, "a request has exactly one Host header");
    }
    if (!expectation.empty() && !equals_ignoring_case(expectation, "100-continue")) {
        return problem(417, "of expectations only 100-continue is understood");
    }
    request_.set_peer(peer_);
    auto found = routes_.find(request_);
    if (auto* refusal = std::get_if<Response>(&found)) return std::move(*refusal);
    route = std::get<const Route*>(found);
    if (auto refusal = check_head(*route)) return refusal;
    if (const auto* instant = std::get_if<InstantHandler>(&route->handler)) {
        try {
            return (*instant)(request_);
        } catch (const std::exception& error) {
            return explain_exception(error, *route);
        }
    }
    return std::nullopt;
}

std::optional<Response> Connection::check_head(const Route& route) {
    if (route.guard) {
        if (auto refusal = route.guard(request_)) return refusal;
    }
    if (route.body_bytes_max == 0) return std::nullopt;  // A body is not looked at.
    const std::string_view coding = request_.header("Content-Encoding");
    if (!coding.empty() && !equals_ignoring_case(coding, "identity")) {
        return problem(415, "compressed bodies are not understood");
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
        auto handled = std::get<Handler>(route.handler)(request_);
        Response response = co_await std::move(handled);
        co_return response;
    } catch (const std::exception& error) {
        co_return explain_exception(error, route);
    }
}

Response Connection::explain_exception(const std::exception& error, const Route& route) {
    // Never what(): nobody knows whose data it quotes.
    LogLine line;
    line.level = LogLevel::error;
    line.message = "a request failed inside";
    line.fields.emplace_back("route", route.pattern);
    line.fields.emplace_back("exception", typeid(error).name());
    shared_->log.write(line);
    return problem(500, "the server failed; its log says where");
}

Response Connection::explain_failure() const {
    const auto count = [this](std::string_view cause) {
        shared_->metrics.count(Counter::rejected, cause);
    };
    switch (failure_) {
        case Failure::too_slow:
            count("too_slow");
            return problem(408, "the request did not arrive in time");
        case Failure::too_large: count("too_large"); return problem(413, "the body is too large");
        case Failure::overloaded:
            count("overloaded");
            return unavailable("too many requests are being received");
        case Failure::malformed:
            count("malformed");
            return problem(400, "the body's framing is broken");
        case Failure::none:
        case Failure::gone: break;
    }
    return Response();
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
    if (response.status != 204) {
        output_ += "Content-Length: ";
        output_ += std::to_string(response.body.size());
        output_ += "\r\n";
    }
    output_ += response.headers;
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
        if (!input_.is_empty()) {
            const std::size_t before = into.size();
            const RequestParser::Step step = parser_.feed_body(input_.view(), into);
            input_.consume(step.consumed);
            const std::size_t grown = into.size() - before;
            body_bytes_ += grown;
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
        if (!is_filled) {
            failure_ = is_expired_ ? Failure::too_slow : Failure::gone;
            co_return false;
        }
    }
}

SteadyTime Connection::body_deadline() {
    if (body_began_at_ == SteadyTime{}) body_began_at_ = steady_now();
    const auto earned_ms =
        static_cast<std::int64_t>(body_bytes_ * 1000 / shared_->limits.body_bytes_per_s_min);
    return body_began_at_ + shared_->limits.body_max + milliseconds{earned_ms};
}

std::size_t Connection::body_room() const {
    const auto length = parser_.content_length();
    if (!length) return body_read_bytes;
    const std::uint64_t left = *length > body_bytes_ ? *length - body_bytes_ : 0;
    return std::clamp<std::uint64_t>(left, head_read_bytes, body_read_bytes);
}

Task<std::optional<std::string_view>> Connection::next() {
    piece_.clear();
    if (parser_.is_complete()) co_return std::string_view();
    const bool is_read = co_await read_body_piece(piece_);
    if (!is_read) co_return std::nullopt;
    co_return std::string_view(piece_);
}

bool Connection::keep(std::size_t bytes) {
    if (!shared_->take_body_bytes(bytes)) return false;
    kept_bytes_ += bytes;
    return true;
}

void Connection::drop_kept() {
    shared_->give_body_bytes(kept_bytes_);
    kept_bytes_ = 0;
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

// ---- The wire ----

Task<bool> Connection::fill(Wait wait, SteadyTime deadline, std::size_t bytes_max) {
    if (!output_.empty()) {
        const bool is_sent = co_await flush();
        if (!is_sent) co_return false;
    }
    if (is_cut_off_) co_return false;
    const auto room = asio::buffer(input_.prepare(bytes_max), bytes_max);
    begin_wait(wait, deadline);
    auto [error, count] = co_await socket_.async_read_some(room, as_result);
    wait_ = Wait::none;
    if (error == asio::error::operation_aborted && !is_expired_ && !is_cut_off_) {
        // Woken by a stop: a request that has arrived meanwhile is still answered.
        error.clear();
        count = socket_.read_some(room, error);
    }
    if (error) co_return false;
    input_.commit(count);
    co_return true;
}

Task<bool> Connection::flush() {
    if (output_.empty()) co_return true;
    error_code error;
    std::size_t sent = socket_.write_some(asio::buffer(output_), error);
    if (error == asio::error::would_block || error == asio::error::try_again) {
        error.clear();
        sent = 0;
    }
    if (!error && sent < output_.size() && !is_cut_off_) {
        const auto rest = asio::buffer(output_) + sent;
        const auto earned_ms =
            static_cast<std::int64_t>(rest.size() * 1000 / shared_->limits.body_bytes_per_s_min);
        begin_wait(Wait::write, steady_now() + shared_->limits.write_max + milliseconds{earned_ms});
        auto [failure, count] = co_await asio::async_write(socket_, rest, as_result);
        wait_ = Wait::none;
        error = failure;
    }
    output_.clear();
    if (output_.capacity() > memory_kept_max) std::string().swap(output_);
    const bool is_sent = !error && !is_cut_off_;
    if (!is_sent) is_closing_ = true;
    co_return is_sent;
}

Task<void> Connection::linger() {
    error_code ignored;
    socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
    if (!needs_linger_) co_return;
    // To close while bytes are on their way would reset the connection, and the peer might never
    // see our answer.
    const SteadyTime deadline = steady_now() + shared_->limits.linger_max;
    input_.consume(input_.size());
    while (steady_now() < deadline) {
        const bool is_filled = co_await fill(Wait::linger, deadline, body_read_bytes);
        if (!is_filled) co_return;
        input_.consume(input_.size());
    }
}

void Connection::begin_wait(Wait wait, SteadyTime deadline) {
    wait_ = wait;
    deadline_ = deadline;
    is_expired_ = false;
}

void Connection::expire_if_past(SteadyTime now) {
    if (wait_ == Wait::none || now < deadline_) return;
    is_expired_ = true;
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::begin_stop() {
    if (wait_ != Wait::idle) return;
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::cut_off() {
    is_cut_off_ = true;
    error_code ignored;
    socket_.close(ignored);
}

}  // namespace wrapup
