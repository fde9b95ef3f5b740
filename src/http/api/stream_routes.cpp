#include "http/api/stream_routes.hpp"

#include <algorithm>
#include <atomic>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "base/json_string.hpp"
#include "core/watch/change_ring.hpp"

namespace wrapup {
namespace {

namespace asio = boost::asio;
using std::chrono::steady_clock;

constexpr std::string_view path = "/api/stream";

// After a restart not all come back in the same moment.
std::string retry_line(std::uint64_t number) {
    return "retry: " + std::to_string(1'500 + number * 367 % 1'000) + "\n";
}

std::string json_of(const ChangeRing::News& news) {
    std::string out = R"({"seq":)" + std::to_string(news.last) + R"(,"calls":[)";
    for (const CallChange& call : news.calls) {
        if (out.back() == '}') out += ',';
        out += R"({"call":)";
        append_json_string(out, call.call_id);
        out += R"(,"state":")";
        out += to_string(call.state);
        out += "\"}";
    }
    return out += "]}";
}

}  // namespace

// What all streams share. On the executor's thread, but for calls_changed().
class CallStreams : public std::enable_shared_from_this<CallStreams> {
public:
    class Stream;

    CallStreams(asio::any_io_executor executor, const StreamSettings& settings)
        : settings_(settings),
          executor_(std::move(executor)),
          ring_(settings.epoch),
          timer_(executor_) {}

    const StreamSettings& settings() const { return settings_; }
    std::size_t count() const { return open_.size(); }
    std::uint64_t tick() const { return tick_; }

    void calls_changed(std::vector<CallChange> changes) {
        {
            const std::lock_guard lock(mutex_);
            for (CallChange& change : changes) ring_.add(std::move(change));
        }
        if (!is_awaited_.exchange(false)) return;
        asio::post(executor_, [self = shared_from_this()] { self->tick_soon(); });
    }
    // Reads the ring, which has its own lock.
    template <class Read>
    auto read(Read read) const {
        const std::lock_guard lock(mutex_);
        return read(ring_);
    }

    std::uint64_t enter(Stream& stream) {
        open_.push_back(&stream);
        is_awaited_ = !is_stopped_;
        return ++opened_count_;
    }
    void leave(Stream& stream) { std::erase(open_, &stream); }

    // One timer for all: whatever came since the last tick is told at the next one.
    void tick_soon() {
        if (is_armed_ || is_stopped_ || open_.empty()) return;
        is_armed_ = true;
        timer_.expires_at(std::max(ticked_at_ + settings_.pace, steady_clock::now()));
        timer_.async_wait([self = shared_from_this()](const boost::system::error_code& error) {
            self->is_armed_ = false;
            if (!error) self->tell();
        });
    }
    void stop() {
        is_stopped_ = true;
        is_awaited_ = false;
        timer_.cancel();
    }

private:
    void tell();

    const StreamSettings settings_;
    asio::any_io_executor executor_;
    mutable std::mutex mutex_;
    ChangeRing ring_;
    std::atomic<bool> is_awaited_{false};  // The next change is to be told, and nobody knows yet.

    std::vector<Stream*> open_;
    std::uint64_t opened_count_ = 0;
    asio::steady_timer timer_;
    steady_clock::time_point ticked_at_{};
    std::uint64_t tick_ = 1;
    bool is_armed_ = false;
    bool is_stopped_ = false;
};

// One client's place in the ring.
class CallStreams::Stream final : public PushSource {
public:
    Stream(std::shared_ptr<CallStreams> all, std::function<bool()> is_allowed,
           std::string_view last_id)
        : all_(std::move(all)), is_allowed_(std::move(is_allowed)), number_(all_->enter(*this)) {
        const auto start = all_->read([&](const ChangeRing& ring) {
            return std::pair(ring.last(), ring.number_of(last_id));
        });
        seen_ = start.second.value_or(start.first);
        is_lost_ = !last_id.empty() && !start.second;
    }
    ~Stream() override { all_->leave(*this); }
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;

    void on_news(std::function<void()> wake) override { wake_ = std::move(wake); }
    void wake() const {
        if (wake_) wake_();
    }

    std::optional<std::string> take() override {
        if (!is_allowed_()) return std::nullopt;
        std::string piece = greeting();
        if (told_at_tick_ != all_->tick()) piece += news();
        const auto now = steady_clock::now();
        const bool is_silent = now - sent_at_ >= all_->settings().heartbeat;
        if (piece.empty() && is_silent) piece = ":\n\n";
        if (!piece.empty()) sent_at_ = now;
        return piece;
    }

private:
    // An id without data is no event, but from where the client goes on.
    std::string greeting() {
        if (std::exchange(is_greeted_, true)) return {};
        return retry_line(number_) + (is_lost_ ? "" : id_line()) + "\n";
    }
    std::string id_line() const {
        const auto id = all_->read([&](const ChangeRing& ring) { return ring.id_of(seen_); });
        return "id: " + id + "\n";
    }
    std::string news() {
        struct Found {
            std::optional<ChangeRing::News> news;
            std::uint64_t last;
        };
        auto [news, last] = all_->read([&](const ChangeRing& ring) {
            return Found{ring.after(seen_, all_->settings().calls_max), ring.last()};
        });
        if (is_lost_ || !news) {
            is_lost_ = false;
            seen_ = last;
            told_at_tick_ = all_->tick();
            return id_line() + "event: reset\ndata: {\"seq\":" + std::to_string(seen_) + "}\n\n";
        }
        if (news->calls.empty()) return {};
        seen_ = news->last;
        told_at_tick_ = all_->tick();
        if (seen_ < last) all_->tick_soon();
        return id_line() + "data: " + json_of(*news) + "\n\n";
    }

    std::shared_ptr<CallStreams> all_;
    std::function<bool()> is_allowed_;
    std::function<void()> wake_;
    const std::uint64_t number_;
    std::uint64_t seen_ = 0;
    std::uint64_t told_at_tick_ = 0;  // Each tick tells once.
    steady_clock::time_point sent_at_{};
    bool is_lost_ = false;  // What it has seen is not known here.
    bool is_greeted_ = false;
};

void CallStreams::tell() {
    ticked_at_ = steady_clock::now();
    tick_ += 1;
    is_awaited_ = true;  // Before the ring is read.
    for (const Stream* stream : open_) stream->wake();
}

// ---- The endpoint ----

StreamRoutes::StreamRoutes(asio::any_io_executor executor, const StreamSettings& settings,
                           std::size_t streams_max, const TokenGuard& guard, Ports ports)
    : guard_(guard),
      rejections_(ports.clock, ports.log, ports.metrics),
      streams_max_(streams_max),
      streams_(std::make_shared<CallStreams>(std::move(executor), settings)) {}

StreamRoutes::~StreamRoutes() = default;

void StreamRoutes::add_to(RouteSet& routes) {
    routes.add_push(Method::get, std::string(path), [this](const Request& r) { return open(r); });
}

PushedResponse StreamRoutes::open(const Request& request) {
    if (streams_->count() >= streams_max_) {
        const std::string told = std::to_string(streams_max_) + " streams are open";
        rejections_.note({LogTag::none, path, "connections", told});
        return {unavailable(told + ", and there may not be more; ask for what you need instead"),
                nullptr};
    }
    PushedResponse pushed;
    pushed.head.content_type = "text/event-stream";
    pushed.head.headers = "Cache-Control: no-store, no-transform\r\nX-Accel-Buffering: no\r\n";
    pushed.head.is_endless = true;
    pushed.source = std::make_unique<CallStreams::Stream>(streams_, guard_.standing_of(request),
                                                          request.header("Last-Event-ID"));
    return pushed;
}

void StreamRoutes::calls_changed(std::vector<CallChange> changes) {
    streams_->calls_changed(std::move(changes));
}

void StreamRoutes::stop() { streams_->stop(); }

}  // namespace wrapup
