// Bytes in, bytes out, and who is waited for how long.

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <utility>

#include "http/server/connection.hpp"

namespace wrapup {

namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr auto as_result = asio::as_tuple(asio::use_awaitable);
constexpr std::size_t linger_read_bytes = 16 * 1024;
constexpr std::size_t ignored_read_bytes = 4 * 1024;
constexpr std::size_t output_kept_max = 8 * 1024;
// Up to here a connection's buffers are not worth counting.
constexpr std::size_t buffers_free_bytes = 8 * 1024;
constexpr milliseconds rest_after{1'000};

bool would_block(const error_code& error) {
    return error == asio::error::would_block || error == asio::error::try_again;
}

SteadyTime steady_now() { return std::chrono::steady_clock::now(); }

}  // namespace

Task<bool> Connection::fill(Wait wait, SteadyTime deadline, std::size_t bytes_max) {
    if (!output_.empty()) {
        const bool is_sent = co_await flush();
        if (!is_sent) co_return false;
    }
    // A buffer stands ready only when there is something to read: most connections wait most of the
    // time. Between two waits there is one read ahead at most: others have their turn.
    bool is_readable = wait != Wait::idle && may_read_ahead_;
    may_read_ahead_ = false;
    error_code error;
    while (!is_cut_off_) {
        if (is_readable) {
            const auto room = asio::buffer(input_.prepare(bytes_max), bytes_max);
            const std::size_t count = socket_.read_some(room, error);
            if (!error) {
                input_.commit(count);
                co_return true;
            }
            input_.shrink();
            if (!would_block(error)) co_return false;
            if (wait == Wait::idle && shared_->is_stopping) co_return false;
        }
        count_buffers();
        begin_wait(wait, deadline);
        auto [failure] = co_await socket_.async_wait(tcp::socket::wait_read, as_result);
        wait_ = Wait::none;
        is_resting_ = false;
        may_read_ahead_ = true;
        if (is_expired_ || is_evicted_) co_return false;
        // Cancelled by a stop: a request that has arrived meanwhile is still answered.
        if (failure && failure != asio::error::operation_aborted) co_return false;
        is_readable = true;
    }
    co_return false;
}

Task<bool> Connection::flush() {
    if (output_.empty()) co_return true;
    const auto earned_ms =
        static_cast<std::int64_t>(output_.size() * 1000 / shared_->limits.write_bytes_per_s_min);
    const SteadyTime deadline = steady_now() + shared_->limits.write_max + milliseconds{earned_ms};
    std::size_t sent = 0;
    error_code error;
    bool has_waited = false;
    while (!error && sent < output_.size() && !is_cut_off_) {
        sent += socket_.write_some(asio::buffer(output_) + sent, error);
        if (!would_block(error)) {
            if (has_waited) progress();
            continue;
        }
        count_buffers();
        begin_wait(Wait::write, deadline);
        auto [failure] = co_await socket_.async_wait(tcp::socket::wait_write, as_result);
        wait_ = Wait::none;
        has_waited = true;
        error = failure;
    }
    output_.clear();
    if (output_.capacity() > output_kept_max) std::string().swap(output_);
    const bool is_sent = !error && !is_cut_off_;
    if (!is_sent) is_closing_ = true;
    co_return is_sent;
}

Task<void> Connection::linger() {
    error_code ignored;
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
    if (!needs_linger_) co_return;
    // To close while bytes are on their way would reset the connection, and the peer might never
    // see our answer.
    const SteadyTime deadline = steady_now() + shared_->limits.linger_max;
    is_evicted_ = false;
    input_.consume(input_.size());
    while (steady_now() < deadline) {
        const bool is_filled = co_await fill(Wait::linger, deadline, linger_read_bytes);
        if (!is_filled) co_return;
        input_.consume(input_.size());
    }
}

// ---- An answer that goes on ----

Task<void> Connection::push() {
    give_place_away();
    source_->on_news([this] {
        has_source_news_ = true;
        error_code ignored;
        if (wait_ == Wait::push) socket_.cancel(ignored);
    });
    while (!shared_->is_stopping) {
        const std::optional<std::string> piece = source_->take();
        if (!piece) break;
        output_ += *piece;
        const bool is_sent = co_await flush();
        if (!is_sent) break;
        const bool goes_on = co_await wait_for_news();
        if (!goes_on) break;
    }
    source_.reset();
}

// Also returns when it is time to look without news. false: the peer has left.
Task<bool> Connection::wait_for_news() {
    if (shared_->is_stopping) co_return false;
    if (std::exchange(has_source_news_, false)) co_return true;
    begin_wait(Wait::push, steady_now() + shared_->limits.push_look);
    auto [failure] = co_await socket_.async_wait(tcp::socket::wait_read, as_result);
    wait_ = Wait::none;
    has_source_news_ = false;
    if (failure == asio::error::operation_aborted) co_return !is_cut_off_;
    if (failure) co_return false;
    // Nothing that it says is listened to, but its end is.
    error_code error;
    const auto room = asio::buffer(input_.prepare(ignored_read_bytes), ignored_read_bytes);
    socket_.read_some(room, error);
    input_.shrink(0);
    co_return !error || would_block(error);
}

// Whoever bounds what is pushed counts it: it may go on for days, and others need the place.
void Connection::give_place_away() {
    place_.leave();
    peer_place_.leave();
    peer_body_.release();
    peer_ = nullptr;  // It may be forgotten before this connection has ended.
}

void Connection::begin_wait(Wait wait, SteadyTime deadline) {
    wait_ = wait;
    deadline_ = deadline;
    is_expired_ = false;
}

void Connection::count_buffers() {
    const std::size_t bytes = input_.capacity() + output_.capacity() + request_.head_memory();
    if (bytes <= buffers_free_bytes) {
        buffers_.release();
    } else {
        // Refused only when this one needs more than all may: answers that the token's bearer
        // wants.
        (void)shared_->buffers.resize(buffers_, shared_->buffers_share, bytes);
    }
}

void Connection::progress() {
    progressed_at_ = steady_now();
    progress_bytes_ = body_bytes_;
    Places::touch(place_);
    Places::touch(peer_place_);
    body_.touch();
    peer_body_.touch();
    buffers_.touch();
}

void Connection::work() {
    Places::hold(place_);
    Places::hold(peer_place_);
    body_.hold();
    peer_body_.hold();
    buffers_.hold();
}

void Connection::expire_if_past(SteadyTime now) {
    if (wait_ == Wait::none || now < deadline_) return;
    is_expired_ = true;
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::rest_if_idle(SteadyTime now) {
    if (wait_ != Wait::idle || is_resting_ || now - progressed_at_ < rest_after) return;
    is_resting_ = true;
    input_.shrink(0);
    std::string().swap(output_);
    std::string().swap(piece_);
    request_.free_memory();
    buffers_.release();
}

bool Connection::has_news() {
    error_code ignored;
    return wait_ == Wait::idle && socket_.available(ignored) > 0;
}

void Connection::give_way() {
    give_place_away();
    note("connections", wait_ == Wait::idle ? "the longest idle connection gave way to a new one"
                                            : "it was waited for longest when a place was needed");
    cut_off();
}

void Connection::begin_stop() {
    if (wait_ != Wait::idle && wait_ != Wait::push) return;
    error_code ignored;
    socket_.cancel(ignored);
}

void Connection::cut_off() {
    is_cut_off_ = true;
    error_code ignored;
    socket_.close(ignored);
}

}  // namespace wrapup
